/** The account as it stands at the newest closes: equity, exposure and means. Reads the folded state, changes nothing. */
import { type Amount, notionalAmount } from "../money/amount.js";
import { notional } from "../money/units.js";
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

/** The value of a holding, and what it was worked out from. */
interface KnownValue {
  qty: number;
  mark: number;
  rate: string | null;
  value: Amount;
}

export class Account {
  readonly #state: TradingState;
  /** Newest close per instrument in its units; NaN before the first bar. */
  readonly marks: Float64Array;
  /** Close time of each mark; NaN before the first bar. */
  readonly marked_at: Float64Array;
  readonly #values: readonly KnownValue[];

  constructor(state: TradingState) {
    this.#state = state;
    this.marks = new Float64Array(state.units.length).fill(Number.NaN);
    this.marked_at = new Float64Array(state.units.length).fill(Number.NaN);
    this.#values = state.units.map(() => ({ qty: 0, mark: Number.NaN, rate: null, value: 0 }));
  }

  mark(instrument: number): number | null {
    const price = this.marks[instrument] as number;
    return Number.isNaN(price) ? null : price;
  }

  equity(): bigint {
    const { cash, positions } = this.#state.portfolio;
    let whole = cash;
    let sum = 0;
    for (let i = 0; i < positions.length; i++) {
      const position = positions[i] as Position;
      if (position.qty === 0) continue;
      const value = this.#valueOf(i, position);
      const next = typeof value === "number" ? sum + value : Number.NaN;
      if (Number.isSafeInteger(next)) sum = next;
      else whole += BigInt(value);
    }
    return whole + BigInt(sum);
  }

  /** What a position adds to equity. Under full payment it is worked out again only where holding, price or rate have changed. */
  #valueOf(instrument: number, position: Position): Amount {
    const { qty, units } = position;
    const mark = this.marks[instrument] as number;
    if (units.settlement !== "cash") return this.#contribution(instrument, mark);
    const known = this.#values[instrument] as KnownValue;
    if (known.qty === qty && known.mark === mark && known.rate === units.fx.text) return known.value;
    known.qty = qty;
    known.mark = mark;
    known.rate = units.fx.text;
    known.value = notionalAmount(units, mark, qty);
    return known.value;
  }

  /**
   * By how much means fall short once every open order, and the prospect, has filled; 0 where they do not. Means are equity less costs
   * less the gross value of the projected positions: at a leverage of one cash for a long-only account; a short needs its full value as
   * well.
   */
  shortfall(prospect: Prospect): bigint {
    if (this.#surelyFree(prospect)) return 0n;
    const free = this.#freeAfter(prospect);
    return free < 0n ? -free : 0n;
  }

  #freeAfter(prospect: Prospect): bigint {
    let free = this.equity() - prospect.commission;
    for (let i = 0; i < this.marks.length; i++) {
      const position = this.#state.position(i);
      if (position.units.settlement !== "cash") continue;
      let net = position.qty + this.#state.pending.net(i);
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

  /** {@link #freeAfter} in doubles, from below: true only where the exact sum cannot be negative. */
  #surelyFree(prospect: Prospect): boolean {
    const { cash, positions } = this.#state.portfolio;
    const { buys, sells } = this.#state.pending;
    let free = Number(cash) - Number(prospect.commission);
    let gross = Math.abs(free);
    for (let i = 0; i < positions.length; i++) {
      const { units, qty } = positions[i] as Position;
      let net = qty + (buys[i] as number) - (sells[i] as number);
      if (qty === 0 && net === 0 && i !== prospect.instrument) continue;
      if (units.settlement !== "cash") return false;
      const mark = this.marks[i] as number;
      let price = mark;
      if (i === prospect.instrument) {
        net += prospect.side === "buy" ? prospect.qty : -prospect.qty;
        price = Number.isNaN(price) ? prospect.price : Math.max(price, prospect.price);
      }
      if (Number.isNaN(price)) continue;
      const value = units.up / units.down;
      const held = Number.isNaN(mark) ? 0 : qty * mark * value;
      const claim = Math.abs(net) * price * value;
      free += held - claim;
      gross += Math.abs(held) + claim;
    }
    return free > gross * DOUBT + this.marks.length + 1;
  }

  /** Whether means would be left if this fill were booked now, its own price being the instrument's mark. */
  carries(instrument: number, fill: FillUnits): boolean {
    return this.#surelyCarries(instrument, fill) || this.freeAfterFill(instrument, fill) >= 0n;
  }

  /** Means left if this fill were booked now, to the last unit. */
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

  /** {@link freeAfterFill} in doubles, from below. */
  #surelyCarries(instrument: number, fill: FillUnits): boolean {
    const { cash, positions } = this.#state.portfolio;
    let free = Number(cash) - Number(fill.commission);
    let gross = Math.abs(free);
    for (let i = 0; i < positions.length; i++) {
      const { units, qty } = positions[i] as Position;
      const own = i === instrument;
      if (qty === 0 && !own) continue;
      if (units.settlement !== "cash") return false;
      const delta = own ? (fill.side === "buy" ? fill.qty : -fill.qty) : 0;
      const price = own ? fill.price : (this.marks[i] as number);
      const value = units.up / units.down;
      const paid = delta * fill.price * value;
      const after = (qty + delta) * price * value;
      // A long costs what it is worth, so that only what shorts are worth counts twice.
      free += after - Math.abs(after) - paid;
      gross += Math.abs(paid) + 2 * Math.abs(after);
    }
    return free > gross * DOUBT + 2 * positions.length + 2;
  }

  #contribution(instrument: number, price: number): bigint {
    const position = this.#state.position(instrument);
    return position.qty === 0 ? 0n : equityContribution(position, price);
  }
}

/** Far more than what sums of doubles can be wrong by, as a fraction of what was summed. */
const DOUBT = 1e-9;

/** Books the fill on copies: what is checked is what will be booked, rounding included. */
function afterFill(portfolio: Portfolio, position: Position, fill: FillUnits): { cash: bigint; contribution: bigint; gross: bigint } {
  const after: Position = { ...position };
  const trial: Portfolio = { cash: portfolio.cash, interest: 0n, positions: [after] };
  applyFill(trial, after, fill);
  const contribution = after.qty === 0 ? 0n : equityContribution(after, fill.price);
  const owned = position.units.settlement === "cash" ? contribution : 0n;
  return { cash: trial.cash, contribution, gross: owned < 0n ? -owned : owned };
}
