/** Plays a given list of orders, each on the bar that closes at its time. */
import { defineStrategy, text } from "onetape/strategy";

const symbols = ["DEMO"];

export default defineStrategy({
  meta: { name: "target-list", version: "1.0.0", universe: symbols, timeframe: "1m", required_fields: ["close"], session: "regular" },
  // `ts symbol qty` separated by semicolons, ascending by time; a negative quantity sells.
  params: { orders: text({ default: "" }) },
  state: (p) => ({
    next: 0,
    orders: p.orders.split(";").map((line) => {
      const [ts = "0", symbol = "", qty = "0"] = line.split(" ");
      return { ts: Number(ts), symbol, qty: Number(qty) };
    }),
  }),
  onBars(slice, ctx) {
    const { state } = ctx;
    for (let order = state.orders[state.next]; order !== undefined && order.ts === slice.ts; order = state.orders[state.next]) {
      if (order.qty > 0) ctx.enterLong({ symbol: order.symbol, qty: order.qty });
      else ctx.exitLong({ symbol: order.symbol, qty: -order.qty });
      state.next += 1;
    }
  },
});
