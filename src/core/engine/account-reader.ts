/** The account as strategies read it, in floating point. */
import { pow10Big } from "../money/decimal.js";
import { safeNotional } from "../money/units.js";
import type { Order } from "../orders/order.js";
import { type Position, unrealized } from "../portfolio/portfolio.js";
import type { OpenOrderView, PositionView } from "../strategy/strategy.js";
import type { Account } from "./account.js";
import type { AccountReader } from "./strategy-runner.js";
import type { TradingState } from "./trading-state.js";

export function accountReader(state: TradingState, account: Account, moneyScale: number): AccountReader {
  const unit = Number(pow10Big(moneyScale));
  const views = state.portfolio.positions.map((position) => new PositionReader(position, unit));
  return {
    get cash(): number {
      return Number(state.portfolio.cash) / unit;
    },
    get equity(): number {
      return Number(account.equity()) / unit;
    },
    position: (instrument) => (views[instrument] as PositionReader).at(account.marks[instrument] as number),
    openOrders: (instrument) => {
      const orders = instrument === null ? state.working.flat().sort((a, b) => a.seq - b.seq) : state.workingAt(instrument);
      return orders.map((order) => orderView(state, order));
    },
    instrumentOf: (orderId) => state.open.get(orderId)?.instrument ?? null,
  };
}

/** Reads one position. What fills alone change is converted once a fill: strategies look at their position on every bar. */
class PositionReader {
  readonly #position: Position;
  readonly #unit: number;
  #basis: bigint = 0n;
  #realized: bigint = 0n;
  #basisNumber = 0;
  #realizedNumber = 0;

  constructor(position: Position, unit: number) {
    this.#position = position;
    this.#unit = unit;
  }

  at(mark: number): PositionView {
    const position = this.#position;
    if (position.basis !== this.#basis) {
      this.#basis = position.basis;
      this.#basisNumber = Number(position.basis);
    }
    if (position.realized !== this.#realized) {
      this.#realized = position.realized;
      this.#realizedNumber = Number(position.realized);
    }
    const qty = position.qty / position.units.qty_unit;
    return {
      qty,
      avg_price: qty === 0 ? 0 : this.#basisNumber / this.#unit / Math.abs(qty),
      realized_pnl: this.#realizedNumber / this.#unit,
      unrealized_pnl: qty === 0 || Number.isNaN(mark) ? 0 : this.#unrealized(mark) / this.#unit,
    };
  }

  #unrealized(mark: number): number {
    const { units, qty } = this.#position;
    if (units.settlement === "cash") {
      const profit = safeNotional(units, mark, qty) + (qty > 0 ? -this.#basisNumber : this.#basisNumber);
      if (Math.abs(profit) <= Number.MAX_SAFE_INTEGER && this.#basisNumber <= Number.MAX_SAFE_INTEGER) return profit;
    }
    return Number(unrealized(this.#position, mark));
  }
}

function orderView(state: TradingState, order: Order): OpenOrderView {
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
