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
  const views = state.portfolio.positions.map((position, i) => new PositionReader(position, account.marks, i, unit));
  return {
    get cash(): number {
      return Number(state.portfolio.cash) / unit;
    },
    get equity(): number {
      return Number(account.equity()) / unit;
    },
    position: (instrument) => views[instrument] as PositionReader,
    openOrders: (instrument) => {
      const orders = instrument === null ? state.working.flat().sort((a, b) => a.seq - b.seq) : state.workingAt(instrument);
      return orders.map((order) => orderView(state, order));
    },
    instrumentOf: (orderId) => state.open.get(orderId)?.instrument ?? null,
  };
}

/**
 * One position as it is now, read when asked: strategies look at theirs on every bar, and what nobody looks at costs nothing.
 * What fills alone change is converted once a fill.
 */
class PositionReader implements PositionView {
  readonly #position: Position;
  readonly #marks: Float64Array;
  readonly #instrument: number;
  readonly #unit: number;
  #basis: bigint = 0n;
  #basisNumber = 0;

  constructor(position: Position, marks: Float64Array, instrument: number, unit: number) {
    this.#position = position;
    this.#marks = marks;
    this.#instrument = instrument;
    this.#unit = unit;
  }

  get qty(): number {
    return this.#position.qty / this.#position.units.qty_unit;
  }

  get avg_price(): number {
    const { qty } = this;
    return qty === 0 ? 0 : this.#basisInUnits() / this.#unit / Math.abs(qty);
  }

  get realized_pnl(): number {
    return Number(this.#position.realized) / this.#unit;
  }

  get unrealized_pnl(): number {
    const mark = this.#marks[this.#instrument] as number;
    return this.#position.qty === 0 || Number.isNaN(mark) ? 0 : this.#unrealized(mark) / this.#unit;
  }

  toJSON(): PositionView {
    return { qty: this.qty, avg_price: this.avg_price, realized_pnl: this.realized_pnl, unrealized_pnl: this.unrealized_pnl };
  }

  #basisInUnits(): number {
    if (this.#position.basis !== this.#basis) {
      this.#basis = this.#position.basis;
      this.#basisNumber = Number(this.#position.basis);
    }
    return this.#basisNumber;
  }

  #unrealized(mark: number): number {
    const { units, qty } = this.#position;
    if (units.settlement === "cash") {
      const basis = this.#basisInUnits();
      const profit = safeNotional(units, mark, qty) + (qty > 0 ? -basis : basis);
      if (Math.abs(profit) <= Number.MAX_SAFE_INTEGER && basis <= Number.MAX_SAFE_INTEGER) return profit;
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

// A handler that replaced a getter would change what the next one sees.
Object.freeze(PositionReader.prototype);
