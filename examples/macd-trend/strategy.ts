import { defineStrategy, int, macdEmaSma, number } from "onetape/strategy";

/**
 * Trend following on daily closes: all in while the MACD stands clearly above its signal line, out once it stands clearly below.
 * The distance is measured against the fast average, so that the same threshold fits any price. Long or flat, never short.
 */
export default defineStrategy({
  meta: {
    name: "macd-trend",
    version: "1.0.0",
    universe: ["DEMO"],
    timeframe: "1d",
    required_fields: ["close"],
    session: "regular",
  },

  params: {
    fast: int({ default: 12, min: 1, max: 1000, description: "bars of the fast average" }),
    slow: int({ default: 26, min: 2, max: 1000, description: "bars of the slow average" }),
    signal: int({ default: 9, min: 1, max: 1000, description: "bars of the signal line" }),
    threshold: number({ default: 0.0025, min: 0, description: "distance from the signal line, as a fraction of the fast average" }),
    weight: number({ default: 100, min: 0, max: 100, description: "percentage of equity to hold while the trend lasts" }),
  },

  indicators: ({ fast, slow, signal }) => ({ macd: macdEmaSma(fast, slow, signal) }),

  onBar(_bar, ctx) {
    const { macd } = ctx.indicators();
    if (!macd.ready) return;

    const distance = macd.output("histogram") / macd.output("fast");
    const { threshold, weight } = ctx.params;
    const { qty } = ctx.position();
    if (distance > threshold && qty <= 0) ctx.targetPercent(weight);
    else if (distance < -threshold && qty > 0) ctx.targetPercent(0);
  },
});
