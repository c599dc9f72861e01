import { defineStrategy, int, number } from "onetape/strategy";

/**
 * A pair: one symbol against a fixed share of another. When their distance is far from its recent mean, measured in standard deviations,
 * the dear side is sold and the cheap one bought; near the mean both are closed. Both legs are decided on one slice, and where one of the
 * two has no bar nothing is decided.
 */
export default defineStrategy({
  meta: {
    name: "pairs",
    version: "1.0.0",
    universe: ["DEMO", "MATE"],
    timeframe: "1d",
    required_fields: ["close"],
    session: "regular",
  },

  params: {
    hedge: number({ default: 0.6, min: 0, description: "DEMO that stands against one MATE" }),
    days: int({ default: 40, min: 2, max: 1000, description: "days of the mean and the deviation" }),
    enter: number({ default: 1.5, min: 0, description: "deviations from the mean at which the pair is opened" }),
    exit: number({ default: 0.25, min: 0, description: "deviations from the mean within which it is closed" }),
    size: int({ default: 400, min: 1, description: "shares of MATE" }),
  },

  state: (): { distances: number[] } => ({ distances: [] }),

  onBars(slice, ctx) {
    const demo = slice.bar("DEMO");
    const mate = slice.bar("MATE");
    if (demo === undefined || mate === undefined) return;

    const { distances } = ctx.state;
    const { hedge, days, size, enter, exit } = ctx.params;
    const distance = mate.close - hedge * demo.close;
    distances.push(distance);
    if (distances.length > days) distances.shift();
    if (distances.length < days) return;

    const mean = distances.reduce((sum, d) => sum + d, 0) / days;
    const deviation = Math.sqrt(distances.reduce((sum, d) => sum + (d - mean) * (d - mean), 0) / (days - 1));
    const z = (distance - mean) / deviation;

    const held = ctx.position("MATE").qty;
    const other = Math.round(hedge * size);
    if (held === 0 && z < -enter) {
      ctx.enterLong({ symbol: "MATE", qty: size, metadata: { z } });
      ctx.enterShort({ symbol: "DEMO", qty: other, metadata: { z } });
    } else if (held === 0 && z > enter) {
      ctx.enterShort({ symbol: "MATE", qty: size, metadata: { z } });
      ctx.enterLong({ symbol: "DEMO", qty: other, metadata: { z } });
    } else if (held > 0 && z > -exit) {
      ctx.exitLong({ symbol: "MATE" });
      ctx.exitShort({ symbol: "DEMO" });
    } else if (held < 0 && z < exit) {
      ctx.exitShort({ symbol: "MATE" });
      ctx.exitLong({ symbol: "DEMO" });
    }
  },
});
