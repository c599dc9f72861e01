/**
 * The portfolio as it would be after every open order filled in the worst order, kept up instrument by instrument.
 *
 * Invariant: the totals are the exact sums of the parts. An instrument's part is worked out again when what it is made of has changed
 * (holding, open orders, price, rate of exchange), and never otherwise. Values are at the newest closes.
 */
import { type Amount, addAmounts, largerOf, magnitude, notionalAmount, subtractAmounts } from "../money/amount.js";
import type { Units } from "../money/units.js";
import type { GateOrder, RiskView } from "./risk-view.js";

/** One instrument's worst positions. */
export interface WorstCase {
  /** Largest and smallest position, signed. */
  highest: number;
  lowest: number;
  /** Their values, signed. */
  highest_value: Amount;
  lowest_value: Amount;
  /** The larger of their magnitudes. */
  worth: Amount;
}

type Seen = Pick<RiskView, "positions" | "marks" | "pending" | "knowsRate">;

interface Part extends WorstCase {
  /** What it was worked out from. */
  mark: number;
  rate: string | null;
}

export class Projection {
  readonly #parts: readonly Part[];
  readonly #view: Seen;
  #gross: Amount = 0;
  #highest: Amount = 0;
  #lowest: Amount = 0;
  #open = 0;
  /** Instruments with a position or open orders whose worth nobody can tell. */
  readonly #unpriced = new Set<number>();
  /** What the order in hand makes of its instrument. */
  readonly #own: WorstCase = flat();
  #instrument = -1;

  constructor(view: Seen) {
    this.#view = view;
    this.#parts = view.positions.map(() => ({ ...flat(), mark: Number.NaN, rate: null }));
  }

  /**
   * Brings every part up to date and adds an order.
   * @param price what its instrument is valued at: no less than the newest close.
   */
  judge(order: GateOrder, price: number): void {
    this.refresh();
    const { instrument, added, side } = order;
    const part = this.#parts[instrument] as Part;
    this.#instrument = instrument;
    const highest = part.highest + (side === "buy" && !order.reduce_only ? added : 0);
    const lowest = part.lowest - (side === "sell" && !order.reduce_only ? added : 0);
    if (highest === part.highest && lowest === part.lowest && price === part.mark) copy(part, this.#own);
    else fill(this.#own, (this.#view.positions[instrument] as { units: Units }).units, highest, lowest, price);
  }

  /** Brings every part up to date. */
  refresh(): void {
    const { positions, marks, pending } = this.#view;
    for (let i = 0; i < positions.length; i++) {
      const part = this.#parts[i] as Part;
      const { qty, units } = positions[i] as (typeof positions)[number];
      const highest = pending.highest(i, qty);
      const lowest = pending.lowest(i, qty);
      const mark = marks[i] as number;
      const rate = units.fx.text;
      // A price that is not known is not equal to itself, and makes the part anew.
      if (highest === part.highest && lowest === part.lowest && mark === part.mark && rate === part.rate) continue;
      this.#renew(i, part, { highest, lowest, mark, rate, units });
    }
  }

  /** The order's instrument, the order filled as well. */
  get own(): Readonly<WorstCase> {
    return this.#own;
  }

  worthOf(instrument: number): Amount {
    return instrument === this.#instrument ? this.#own.worth : (this.#parts[instrument] as Part).worth;
  }

  /** An instrument's worst positions, the order in hand included. */
  worstOf(instrument: number): Readonly<WorstCase> {
    return instrument === this.#instrument ? this.#own : (this.#parts[instrument] as Part);
  }

  /** Sum of the magnitudes of all positions. */
  get gross(): Amount {
    return addAmounts(subtractAmounts(this.#gross, (this.#parts[this.#instrument] as Part).worth), this.#own.worth);
  }

  /** Magnitude of the net position, all buys filled or all sells, whichever is larger. */
  get net(): Amount {
    const part = this.#parts[this.#instrument] as Part;
    const highest = addAmounts(subtractAmounts(this.#highest, part.highest_value), this.#own.highest_value);
    const lowest = addAmounts(subtractAmounts(this.#lowest, part.lowest_value), this.#own.lowest_value);
    return largerOf(magnitude(highest), magnitude(lowest));
  }

  grossOf(instruments: readonly number[]): Amount {
    let sum: Amount = 0;
    for (const i of instruments) sum = addAmounts(sum, this.worthOf(i));
    return sum;
  }

  /** Instruments with a position. */
  get open(): number {
    return this.#open - (isFlat(this.#parts[this.#instrument] as Part) ? 0 : 1) + (isFlat(this.#own) ? 0 : 1);
  }

  /** The first other instrument in which the account is engaged and whose price nobody knows, or null. */
  unpriced(): number | null {
    for (const i of this.#unpriced) if (i !== this.#instrument) return i;
    return null;
  }

  /** The first other instrument in which the account is engaged and whose rate of exchange nobody knows, or null. */
  unrated(): number | null {
    for (let i = 0; i < this.#parts.length; i++) {
      if (i !== this.#instrument && !isFlat(this.#parts[i] as Part) && !this.#view.knowsRate(i)) return i;
    }
    return null;
  }

  #renew(
    i: number,
    part: Part,
    now: { readonly highest: number; readonly lowest: number; readonly mark: number; readonly rate: string | null; readonly units: Units },
  ): void {
    this.#gross = subtractAmounts(this.#gross, part.worth);
    this.#highest = subtractAmounts(this.#highest, part.highest_value);
    this.#lowest = subtractAmounts(this.#lowest, part.lowest_value);
    if (!isFlat(part)) this.#open -= 1;
    part.mark = now.mark;
    part.rate = now.rate;
    fill(part, now.units, now.highest, now.lowest, now.mark);
    this.#gross = addAmounts(this.#gross, part.worth);
    this.#highest = addAmounts(this.#highest, part.highest_value);
    this.#lowest = addAmounts(this.#lowest, part.lowest_value);
    if (!isFlat(part)) this.#open += 1;
    if (!isFlat(part) && Number.isNaN(part.mark)) this.#unpriced.add(i);
    else this.#unpriced.delete(i);
  }
}

function flat(): WorstCase {
  return { highest: 0, lowest: 0, highest_value: 0, lowest_value: 0, worth: 0 };
}

function isFlat({ highest, lowest }: WorstCase): boolean {
  return highest === 0 && lowest === 0;
}

function copy(from: WorstCase, to: WorstCase): void {
  to.highest = from.highest;
  to.lowest = from.lowest;
  to.highest_value = from.highest_value;
  to.lowest_value = from.lowest_value;
  to.worth = from.worth;
}

/** Values worst positions; without a price they count as nothing here, and {@link Projection.unpriced} tells. */
function fill(worst: WorstCase, units: Units, highest: number, lowest: number, price: number): void {
  worst.highest = highest;
  worst.lowest = lowest;
  const priced = !Number.isNaN(price);
  worst.highest_value = priced && highest !== 0 ? notionalAmount(units, price, highest) : 0;
  worst.lowest_value = priced && lowest !== 0 ? notionalAmount(units, price, lowest) : 0;
  worst.worth = largerOf(magnitude(worst.highest_value), magnitude(worst.lowest_value));
}
