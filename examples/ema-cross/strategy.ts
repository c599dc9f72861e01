import { defineStrategy, emaFirst, int } from "onetape/strategy";

/** Always in the market once the averages are ready: long while the fast one is not below the slow one, else short. */
export default defineStrategy({
  meta: {
    name: "ema-cross",
    version: "1.0.0",
    universe: ["DEMO"],
    timeframe: "1m",
    required_fields: ["open", "high", "low", "close"],
    session: "all",
  },

  params: {
    fast: int({ default: 10, min: 1, max: 1000, description: "bars of the fast average" }),
    slow: int({ default: 20, min: 2, max: 1000, description: "bars of the slow average" }),
  },

  indicators: ({ fast, slow }) => ({ fast: emaFirst(fast), slow: emaFirst(slow) }),

  onBar(bar, ctx) {
    const { fast, slow } = ctx.indicators();
    // A bar without movement has already updated the averages, but is no reason to trade.
    const flat = bar.open === bar.high && bar.high === bar.low && bar.low === bar.close;
    if (flat || !fast.ready || !slow.ready) return;

    const { qty } = ctx.position();
    if (fast.value >= slow.value) {
      if (qty > 0) return;
      if (qty < 0) ctx.exitShort();
      ctx.enterLong();
    } else {
      if (qty < 0) return;
      if (qty > 0) ctx.exitLong();
      ctx.enterShort();
    }
  },
});
