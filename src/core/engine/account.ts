/** The account as it stands at the newest closes: equity, exposure and means. Reads the folded state, changes nothing. */
import { notional } from "../money/units.js";
import type { OrderState } from "../orders/order.js";
import { leaves } from "../orders/order.js";
import { applyFill, equityContribution, type FillUnits, type Portfolio, type Position } from "../portfolio/portfolio.js";
import type { TradingState } from "./trading-state.js";

/** An order that would be added to the open ones. Prices and quantity in the instrument's units. */
export interface Prospect {
  readonly instrument: number;
  readonly side: "buy" | "sell";
  readonly qty: number;
  /** Price it may trade at, for valuing it. */
  readonly price: number;
  readonly commission: bigint;
}

export class Account {
  readonly #state: TradingState;
  /** Newest close per instrument in its units; NaN before the first bar. */
  readonly marks: Float64Array;
  /** Close time of each mark; NaN before the first bar. */
  readonly marked_at: Float64Array;

  constructor(state: TradingState) {
    this.#state = state;
    this.marks = new Float64Array(state.units.length).fill(Number.NaN);
    this.marked_at = new Float64Array(state.units.length).fill(Number.NaN);
  }

  mark(instrument: number): number | null {
    const price = this.marks[instrument] as number;
    return Number.isNaN(price) ? null : price;
  }

  equity(): bigint {
    let sum = this.#state.portfolio.cash;
    for (let i = 0; i < this.marks.length; i++) sum += this.#contribution(i, this.marks[i] as number);
    return sum;
  }

  /**
   * Means left once every open order, and the prospect, has filled: equity less costs less the gross value of the projected
   * positions. At a leverage of one this is cash for a long-only account; a short needs its full value as well.
   */
  freeAfter(prospect: Prospect): bigint {
    let free = this.equity() - prospect.commission;
    for (let i = 0; i < this.marks.length; i++) {
      const position = this.#state.position(i);
      if (position.units.settlement !== "cash") continue;
      let net = position.qty + pending(this.#state.workingAt(i));
      let price = this.marks[i] as number;
      if (i === prospect.instrument) {
        net += prospect.side === "buy" ? prospect.qty : -prospect.qty;
        price = Number.isNaN(price) ? prospect.price : Math.max(price, prospect.price);
      }
      // Without a price the order that makes this net is refused by itself.
      if (net !== 0 && !Number.isNaN(price)) free -= notional(position.units, price, Math.abs(net));
    }
    return free;
  }

  /** Means left if this fill were booked now, its own price being the instrument's mark. */
  freeAfterFill(instrument: number, fill: FillUnits): bigint {
    const { cash, contribution, gross } = afterFill(this.#state.portfolio, this.#state.position(instrument), fill);
    let free = cash + contribution - gross;
    for (let i = 0; i < this.marks.length; i++) {
      if (i === instrument) continue;
      const position = this.#state.position(i);
      free += this.#contribution(i, this.marks[i] as number);
      if (position.units.settlement === "cash" && position.qty !== 0)
        free -= notional(position.units, this.marks[i] as number, Math.abs(position.qty));
    }
    return free;
  }

  #contribution(instrument: number, price: number): bigint {
    const position = this.#state.position(instrument);
    return position.qty === 0 ? 0n : equityContribution(position, price);
  }
}

/** Signed quantity that open orders may still add; those that only reduce are left out, being no claim on means. */
function pending(orders: readonly OrderState[]): number {
  let sum = 0;
  for (const order of orders) {
    if (order.reduce_only) continue;
    sum += order.side === "buy" ? leaves(order) : -leaves(order);
  }
  return sum;
}

/** Books the fill on copies: what is checked is what will be booked, rounding included. */
function afterFill(portfolio: Portfolio, position: Position, fill: FillUnits): { cash: bigint; contribution: bigint; gross: bigint } {
  const after: Position = { ...position };
  const trial: Portfolio = { cash: portfolio.cash, interest: 0n, positions: [after] };
  applyFill(trial, after, fill);
  const contribution = after.qty === 0 ? 0n : equityContribution(after, fill.price);
  const owned = position.units.settlement === "cash" ? contribution : 0n;
  return { cash: trial.cash, contribution, gross: owned < 0n ? -owned : owned };
}
