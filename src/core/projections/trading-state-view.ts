import type { TradingState } from "../engine/trading-state.js";
import { formatBig, formatScaled } from "../money/decimal.js";
import type { JsonObject } from "../tape/event.js";

/**
 * Cash, positions and open orders as JSON with decimal texts: what people compare, where {@link TradingState.text} is what is hashed.
 * Positions are keyed by symbol and open orders by id, so that two states differ at pointers that name what differs.
 */
export function tradingStateView(state: TradingState): JsonObject {
  const money = (value: bigint, scale: number): string => formatBig(value, scale);
  const positions = state.portfolio.positions.map(({ units, qty, basis, realized, commission, settled, dividends, borrow }) => [
    units.symbol,
    {
      qty: formatScaled(qty, units.qty_scale),
      basis: money(basis, units.money_scale),
      realized: money(realized, units.money_scale),
      commission: money(commission, units.money_scale),
      ...(settled === 0n ? {} : { settled: money(settled, units.money_scale) }),
      ...(dividends === 0n ? {} : { dividends: money(dividends, units.money_scale) }),
      ...(borrow === 0n ? {} : { borrow_cost: money(borrow, units.money_scale) }),
    },
  ]);
  const orders = [...state.open.values()].map((order) => {
    const { symbol, qty_scale, price_scale } = state.unitsAt(order.instrument);
    const price = (value: number | null): string | null => (value === null ? null : formatScaled(value, price_scale));
    return [
      order.id,
      {
        symbol,
        side: order.side,
        order_type: order.type,
        time_in_force: order.tif,
        qty: formatScaled(order.qty, qty_scale),
        filled_qty: formatScaled(order.filled, qty_scale),
        limit_price: price(order.limit),
        stop_price: price(order.stop),
        expire_at: order.expire_at,
        oco_group: order.oco,
        parent_order_id: order.parent,
        status: order.status,
        triggered: order.triggered,
        cancel_requested: order.cancel_requested,
      },
    ];
  });
  const scale = state.portfolio.positions[0]?.units.money_scale ?? 0;
  return {
    brackets: state.brackets
      .list()
      .map(({ parent, entry, entered, exited }) => ({ parent, entry: entry === null ? null : { ...entry }, entered, exited })),
    cash: money(state.portfolio.cash, scale),
    ...(state.portfolio.interest === 0n ? {} : { interest: money(state.portfolio.interest, scale) }),
    counts: { ...state.counts },
    open_orders: Object.fromEntries(orders) as JsonObject,
    positions: Object.fromEntries(positions) as JsonObject,
  };
}
