/** One order per symbol every `every` slices, in and out by turns: what is measured is the engine, not a signal. */
import { defineStrategy, int } from "onetape/strategy";

const symbols = ["DEMO"];

export default defineStrategy({
  meta: { name: "on-schedule", version: "1.0.0", universe: symbols, timeframe: "1m", required_fields: ["close"], session: "all" },
  params: { every: int({ default: 1, min: 1 }) },
  state: () => ({ slices: 0, enter: true }),
  onBars(slice, ctx) {
    ctx.state.slices += 1;
    if (ctx.state.slices % ctx.params.every !== 0) return;
    for (const { symbol } of slice.bars) {
      if (ctx.state.enter) ctx.enterLong({ symbol });
      else ctx.exitLong({ symbol });
    }
    ctx.state.enter = !ctx.state.enter;
  },
});
