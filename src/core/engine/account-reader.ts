/** The account as strategies read it, in floating point. */
import { pow10Big } from "../money/decimal.js";
import type { OrderState } from "../orders/order.js";
import { unrealized } from "../portfolio/portfolio.js";
import type { OpenOrderView, PositionView } from "../strategy/strategy.js";
import type { Account } from "./account.js";
import type { AccountReader } from "./strategy-runner.js";
import type { TradingState } from "./trading-state.js";

export function accountReader(state: TradingState, account: Account, moneyScale: number): AccountReader {
  const unit = Number(pow10Big(moneyScale));
  return {
    get cash(): number {
      return Number(state.portfolio.cash) / unit;
    },
    get equity(): number {
      return Number(account.equity()) / unit;
    },
    position: (instrument) => positionView(state, account, instrument, unit),
    openOrders: (instrument) => {
      const orders = instrument === null ? state.working.flat().sort((a, b) => a.seq - b.seq) : state.workingAt(instrument);
      return orders.map((order) => orderView(state, order));
    },
    instrumentOf: (orderId) => state.open.get(orderId)?.instrument ?? null,
  };
}

function positionView(state: TradingState, account: Account, instrument: number, unit: number): PositionView {
  const position = state.position(instrument);
  const mark = account.mark(instrument);
  const qty = position.qty / position.units.qty_unit;
  return {
    qty,
    avg_price: position.qty === 0 ? 0 : Number(position.basis) / unit / Math.abs(qty),
    realized_pnl: Number(position.realized) / unit,
    unrealized_pnl: mark === null ? 0 : Number(unrealized(position, mark)) / unit,
  };
}

function orderView(state: TradingState, order: OrderState): OpenOrderView {
  const units = state.unitsAt(order.instrument);
  return {
    order_id: order.id,
    symbol: units.symbol,
    side: order.side,
    order_type: order.type,
    qty: order.qty / units.qty_unit,
    filled_qty: order.filled / units.qty_unit,
    limit_price: order.limit === null ? null : order.limit / units.price_unit,
    stop_price: order.stop === null ? null : order.stop / units.price_unit,
    oco: order.oco,
    parent_id: order.parent,
  };
}
