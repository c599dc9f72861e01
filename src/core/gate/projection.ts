/**
 * The portfolio as it would be after every open order filled in the worst order, kept up instrument by instrument.
 *
 * Invariant: the totals are the exact sums of the parts. An instrument's part is worked out again when what it is made of has changed
 * (holding, open orders, price, rate of exchange), and never otherwise. An instrument is worth what it is at its newest close or at the dearest price at
 * which an open order may add to it, whichever is more: when that one fills, the market is there.
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
  /** What one unit is valued at; NaN where no price is known. */
  price: number;
}

type Seen = Pick<RiskView, "now" | "positions" | "marks" | "pending" | "working" | "knowsRate">;

interface Part extends WorstCase {
  /** What it was worked out from. */
  held: number;
  mark: number;
  rate: string | null;
}

/** Some instruments, one for each that belongs, and the sum of their worth. */
interface Group {
  readonly member: Uint8Array;
  gross: Amount;
}

export class Projection {
  readonly #parts: readonly Part[];
  readonly #view: Seen;
  #gross: Amount = 0;
  #highest: Amount = 0;
  #lowest: Amount = 0;
  #open = 0;
  /** Time of the last look at every part. */
  #now = Number.NaN;
  /** Instruments with a position or open orders whose worth nobody can tell. */
  readonly #unpriced = new Set<number>();
  readonly #groups = new Map<Uint8Array, Group>();
  readonly #foreign: readonly number[];
  /** Instruments that changed since somebody took the list, each once. */
  readonly #changed: number[] = [];
  readonly #isChanged: Uint8Array;
  /** What the order in hand makes of its instrument. */
  readonly #own: WorstCase = flat();
  #instrument = -1;

  /** @param foreign instruments in another currency than the account's. */
  constructor(view: Seen, foreign: readonly number[]) {
    this.#view = view;
    this.#foreign = foreign;
    this.#parts = view.positions.map(() => ({ ...flat(), held: 0, mark: Number.NaN, rate: null }));
    this.#isChanged = new Uint8Array(view.positions.length);
  }

  /**
   * Brings every part up to date and adds an order.
   * @param ownPrice what it may trade at, no less than the newest close.
   */
  judge(order: GateOrder, ownPrice: number): void {
    this.refresh();
    const { instrument, added, side } = order;
    const part = this.#parts[instrument] as Part;
    const price = ownPrice < part.price ? part.price : ownPrice;
    this.#instrument = instrument;
    const highest = part.highest + (side === "buy" && !order.reduce_only ? added : 0);
    const lowest = part.lowest - (side === "sell" && !order.reduce_only ? added : 0);
    if (highest === part.highest && lowest === part.lowest && price === part.price) copy(part, this.#own);
    else fill(this.#own, (this.#view.positions[instrument] as { units: Units }).units, highest, lowest, price);
  }

  /** Brings every part up to date: those that are known to have changed, and at a new time, when rates change as well, each that has. */
  refresh(): void {
    const { now, positions, marks, pending } = this.#view;
    pending.takeChanged(this.#renew);
    if (now === this.#now) return;
    this.#now = now;
    for (let i = 0; i < positions.length; i++) {
      const part = this.#parts[i] as Part;
      const { qty, units } = positions[i] as (typeof positions)[number];
      // A price that is not known is not equal to itself, and makes the part anew.
      if (part.held !== qty || part.mark !== marks[i] || part.rate !== units.fx.text) this.#renew(i);
    }
  }

  /** Instruments that changed since the last call. The list is good until the next refresh. */
  takeChanged(into: (instrument: number) => void): void {
    for (let i = this.#changed.pop(); i !== undefined; i = this.#changed.pop()) {
      this.#isChanged[i] = 0;
      into(i);
    }
  }

  /** The order's instrument, the order filled as well. */
  get own(): Readonly<WorstCase> {
    return this.#own;
  }

  /** An instrument's worst positions without the order in hand. */
  worstOf(instrument: number): Readonly<WorstCase> {
    return this.#parts[instrument] as Part;
  }

  /** Sum of the magnitudes of all positions. */
  get gross(): Amount {
    return moved(this.#gross, (this.#parts[this.#instrument] as Part).worth, this.#own.worth);
  }

  /** Magnitude of the net position, all buys filled or all sells, whichever is larger. */
  get net(): Amount {
    const part = this.#parts[this.#instrument] as Part;
    const highest = moved(this.#highest, part.highest_value, this.#own.highest_value);
    const lowest = moved(this.#lowest, part.lowest_value, this.#own.lowest_value);
    return largerOf(magnitude(highest), magnitude(lowest));
  }

  /** The same of some instruments. @param member one for each that belongs; kept up to date from the first call on. */
  grossOf(member: Uint8Array): Amount {
    let group = this.#groups.get(member);
    if (group === undefined) {
      group = { member, gross: 0 };
      for (let i = 0; i < this.#parts.length; i++) {
        if (member[i] === 1) group.gross = addAmounts(group.gross, (this.#parts[i] as Part).worth);
      }
      this.#groups.set(member, group);
    }
    if (member[this.#instrument] !== 1) return group.gross;
    return moved(group.gross, (this.#parts[this.#instrument] as Part).worth, this.#own.worth);
  }

  /** Instruments with a position. */
  get open(): number {
    return this.#open - (isFlat(this.#parts[this.#instrument] as Part) ? 0 : 1) + (isFlat(this.#own) ? 0 : 1);
  }

  /** The first other instrument in which the account is engaged and whose price nobody knows, or null. */
  unpriced(): number | null {
    if (this.#unpriced.size > 0) for (const i of this.#unpriced) if (i !== this.#instrument) return i;
    return null;
  }

  /** The first other instrument in which the account is engaged and whose rate of exchange nobody knows, or null. */
  unrated(): number | null {
    for (const i of this.#foreign) {
      if (i !== this.#instrument && !isFlat(this.#parts[i] as Part) && !this.#view.knowsRate(i)) return i;
    }
    return null;
  }

  readonly #renew = (i: number): void => {
    const { marks, pending, positions } = this.#view;
    const part = this.#parts[i] as Part;
    const { qty: held, units } = positions[i] as (typeof positions)[number];
    const { highest_value, lowest_value, worth } = part;
    const wasFlat = isFlat(part);
    part.held = held;
    part.mark = marks[i] as number;
    part.rate = units.fx.text;
    const dearest = pending.buys[i] === 0 && pending.sells[i] === 0 ? 0 : pending.dearest(i, this.#view.working(i));
    const price = dearest > part.mark ? dearest : part.mark;
    fill(part, units, pending.highest(i, held), pending.lowest(i, held), price);
    if (this.#isChanged[i] === 0) this.#changed.push(i);
    this.#isChanged[i] = 1;
    this.#gross = moved(this.#gross, worth, part.worth);
    this.#highest = moved(this.#highest, highest_value, part.highest_value);
    this.#lowest = moved(this.#lowest, lowest_value, part.lowest_value);
    for (const group of this.#groups.values()) if (group.member[i] === 1) group.gross = moved(group.gross, worth, part.worth);
    const isOpen = !isFlat(part);
    if (isOpen === wasFlat) this.#open += isOpen ? 1 : -1;
    if (isOpen && Number.isNaN(part.mark)) this.#unpriced.add(i);
    else if (this.#unpriced.size > 0) this.#unpriced.delete(i);
  };
}

/** A sum of which one part changed. */
function moved(sum: Amount, from: Amount, to: Amount): Amount {
  return addAmounts(subtractAmounts(sum, from), to);
}

function flat(): WorstCase {
  return { highest: 0, lowest: 0, highest_value: 0, lowest_value: 0, worth: 0, price: Number.NaN };
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
  to.price = from.price;
}

/** Values worst positions; without a price they count as nothing here, and {@link Projection.unpriced} tells. */
function fill(worst: WorstCase, units: Units, highest: number, lowest: number, price: number): void {
  worst.highest = highest;
  worst.lowest = lowest;
  worst.price = price;
  const priced = !Number.isNaN(price);
  worst.highest_value = priced && highest !== 0 ? notionalAmount(units, price, highest) : 0;
  worst.lowest_value = priced && lowest !== 0 ? notionalAmount(units, price, lowest) : 0;
  worst.worth = largerOf(magnitude(worst.highest_value), magnitude(worst.lowest_value));
}
