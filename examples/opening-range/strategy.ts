import { defineStrategy, int, number } from "onetape/strategy";

const MINUTE = 60_000;

/**
 * Opening-range breakout: the first half hour sets a range; the first close beyond it is followed, once a day. The stop lies inside the
 * range, and its distance decides the size: every trade risks the same share of equity. What is left shortly before the close is closed.
 */
export default defineStrategy({
  meta: {
    name: "opening-range",
    version: "1.0.0",
    universe: ["DEMO"],
    timeframe: "5m",
    required_fields: ["high", "low", "close"],
    session: "regular",
  },

  params: {
    minutes: int({ default: 30, min: 5, max: 240, description: "length of the opening range" }),
    depth: number({ default: 0.5, min: 0, max: 1, description: "how deep in the range the stop lies: 1 is its other end" }),
    exit: int({ default: 10, min: 5, max: 240, description: "minutes before the close at which the position is closed" }),
  },

  state: () => ({ open: 0, close: 0, high: 0, low: 0, done: false }),

  onSession(session, ctx) {
    if (session.kind === "open") Object.assign(ctx.state, { open: session.open, close: session.close, high: 0, low: 0, done: false });
  },

  onBar(bar, ctx) {
    const { state, params } = ctx;
    if (bar.ts <= state.open + params.minutes * MINUTE) {
      state.high = state.high === 0 ? bar.high : Math.max(state.high, bar.high);
      state.low = state.low === 0 ? bar.low : Math.min(state.low, bar.low);
      return;
    }

    const { qty } = ctx.position();
    if (bar.ts >= state.close - params.exit * MINUTE) {
      state.done = true;
      if (qty > 0) ctx.exitLong();
      else if (qty < 0) ctx.exitShort();
      return;
    }

    if (state.done) return;
    const depth = params.depth * (state.high - state.low);
    if (bar.close > state.high) ctx.enterLong({ stop_loss: state.high - depth });
    else if (bar.close < state.low) ctx.enterShort({ stop_loss: state.low + depth });
    else return;
    state.done = true;
  },
});
