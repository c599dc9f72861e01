/** Every other bar: long the `side` symbols that rose most on it, short the `side` that fell most; out again on the bar after. */
import { defineStrategy, int } from "onetape/strategy";

const symbols = ["DEMO"];

export default defineStrategy({
  meta: { name: "long-short", version: "1.0.0", universe: symbols, timeframe: "1d", required_fields: ["open", "close"], session: "all" },
  params: { side: int({ default: 25, min: 1 }) },
  state: () => ({ longs: [] as string[], shorts: [] as string[] }),
  onBars(slice, ctx) {
    const { state, params } = ctx;
    if (state.longs.length > 0) {
      for (const symbol of state.longs) ctx.exitLong({ symbol });
      for (const symbol of state.shorts) ctx.exitShort({ symbol });
      state.longs = [];
      state.shorts = [];
      return;
    }
    const ranked = slice.bars.map(({ symbol, open, close }, index) => ({ symbol, index, rise: close / open }));
    ranked.sort((a, b) => b.rise - a.rise || a.index - b.index);
    state.longs = ranked.slice(0, params.side).map(({ symbol }) => symbol);
    state.shorts = ranked.slice(-params.side).map(({ symbol }) => symbol);
    for (const symbol of state.longs) ctx.enterLong({ symbol });
    for (const symbol of state.shorts) ctx.enterShort({ symbol });
  },
});
