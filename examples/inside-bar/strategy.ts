import { defineStrategy, int, number } from "onetape/strategy";

const MINUTE = 60_000;

/**
 * Inside bar: a bar that stays within the one before it is a pause, and its break either way is followed. Two stop orders wait beyond
 * its ends; the first to fill cancels the other and brings its own exits along: a stop at the bar's other end, and a target. What is
 * still held shortly before the close is sold, or bought back, at the close.
 */
export default defineStrategy({
  meta: {
    name: "inside-bar",
    version: "1.0.0",
    universe: ["DEMO"],
    timeframe: "5m",
    required_fields: ["high", "low"],
    session: "regular",
  },

  params: {
    reward: number({ default: 3, min: 0, description: "distance of the target, in distances of the stop" }),
    smallest: number({ default: 0.15, min: 0, description: "least range of an inside bar, as a price distance" }),
    flat_by: int({ default: 10, min: 5, max: 360, description: "minutes before the close from which on nothing is opened" }),
  },

  state: () => ({ high: 0, low: 0, close: 0, ending: false }),

  onSession(session, ctx) {
    // The day before says nothing about this one.
    if (session.kind === "open") Object.assign(ctx.state, { high: 0, low: 0, close: session.close, ending: false });
  },

  onBar(bar, ctx) {
    const { state, params } = ctx;
    const inside = bar.high <= state.high && bar.low >= state.low;
    state.high = bar.high;
    state.low = bar.low;
    if (state.ending) return;

    const { qty } = ctx.position();
    if (bar.ts >= state.close - params.flat_by * MINUTE) {
      state.ending = true;
      // Entries that still wait go. Exits stay: they end with the position, by themselves.
      for (const order of ctx.openOrders()) if (order.parent_id === null) ctx.cancel(order.order_id);
      if (qty > 0) ctx.exitLong({ type: "market_on_close" });
      else if (qty < 0) ctx.exitShort({ type: "market_on_close" });
      return;
    }

    const range = bar.high - bar.low;
    if (qty !== 0 || ctx.openOrders().length > 0 || !inside || range < params.smallest) return;
    const reward = params.reward * range;
    const oco = `inside:${bar.ts}`;
    ctx.enterLong({ type: "stop", stop: bar.high, stop_loss: bar.low, take_profit: bar.high + reward, oco });
    ctx.enterShort({ type: "stop", stop: bar.low, stop_loss: bar.high, take_profit: bar.low - reward, oco });
  },
});
