/** Brings exits along, changes what works, turns positions over, and asks for more than it may. */
export const ASKING_STRATEGY: string = `import { defineStrategy } from "onetape/strategy";

export default defineStrategy({
  meta: { name: "asks", version: "1.0.0", universe: ["DEMO"], timeframe: "1m", required_fields: ["close"], session: "all" },
  params: {},
  state: () => ({ bars: 0 }),
  onBar(bar, ctx) {
    ctx.state.bars += 1;
    const n = ctx.state.bars % 60;
    const price = Math.round(bar.close * 0.9 * 100) / 100;
    if (n === 1) ctx.enterLong({ qty: 20, stop_loss: price });
    if (n === 5) ctx.enterLong({ type: "limit", limit: price, qty: 5, tif: "GTC" });
    if (n === 6 || n === 7) for (const order of ctx.openOrders()) if (order.order_type === "limit") ctx.modify(order.order_id, { qty: n === 6 ? 8 : 5000 });
    if (n === 8) ctx.enterLong({ qty: 5000 });
    if (n === 9) ctx.enterShort({ qty: 30 });
    if (n === 20) for (const order of ctx.openOrders()) ctx.cancel(order.order_id);
    if (n === 22) { ctx.exitLong(); ctx.exitShort(); }
  },
});
`;
