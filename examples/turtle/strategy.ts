import { choice, defineStrategy, donchianPrevious, int } from "onetape/strategy";

/**
 * Turtle breakout: a close beyond the channel of the 20 bars before it opens a position, a close beyond the opposite side of
 * the 10-bar channel closes it. Both channels leave the newest bar out, so a close can lie outside them.
 * Orders are market orders: with fills at the next open, what is decided on a close trades at the first price after it.
 */
export default defineStrategy({
  meta: {
    name: "turtle",
    version: "1.0.0",
    universe: ["DEMO"],
    timeframe: "1m",
    required_fields: ["high", "low", "close"],
    session: "all",
  },

  params: {
    entry: int({ default: 20, min: 2, max: 1000, description: "bars of the channel that opens a position" }),
    exit: int({ default: 10, min: 1, max: 1000, description: "bars of the channel that closes it" }),
    side: choice({ options: ["both", "long", "short"], default: "both", description: "which breakouts to follow" }),
  },

  indicators: ({ entry, exit }) => ({ entry: donchianPrevious(entry), exit: donchianPrevious(exit) }),

  onBar(bar, ctx) {
    const { entry, exit } = ctx.indicators();
    if (!entry.ready || !exit.ready) return;

    const { side } = ctx.params;
    const { qty } = ctx.position();
    if (qty > 0 && bar.close < exit.output("lower")) ctx.exitLong();
    else if (qty < 0 && bar.close > exit.output("upper")) ctx.exitShort();
    else if (qty === 0 && side !== "short" && bar.close > entry.output("upper")) ctx.enterLong();
    else if (qty === 0 && side !== "long" && bar.close < entry.output("lower")) ctx.enterShort();
  },
});
