/**
 * Profits and losses of books, scenario by scenario: the sum that `bookPnl` makes, over columns.
 *
 * Holdings are added in the order of their names, one after another in leaves of 128, and leaves in pairs. A scenario's sum depends on nothing
 * but its own column, so that any number of threads may take any ranges of scenarios and get the same bits.
 */
import type { BookColumns } from "./pnl-books.js";

/** Holdings added one after another before partial sums are paired. */
const LEAF = 128;
/** Holdings per pass over the sums of a leaf: the loop that reads memory as fast as it comes. */
const ABREAST = 8;
/** Scenarios at a time: their sums stay in the fastest cache. Shorter blocks keep cells for the next book, and lose more by short reads. */
const BLOCK = 5_120;

/**
 * Adds up all books for the scenarios from `from` to before `until`.
 *
 * @param totals book after book, one entry per scenario
 */
export function addUpBooks(books: BookColumns, from: number, until: number, totals: Float64Array): void {
  const { scenarios, starts } = books;
  const count = starts.length - 1;
  const adder = new LeafAdder(books, Math.min(BLOCK, until - from));
  for (let at = from; at < until; at += BLOCK) {
    const length = Math.min(BLOCK, until - at);
    for (let b = 0; b < count; b++)
      totals.set(adder.sum(starts[b] as number, starts[b + 1] as number, at, length).subarray(0, length), b * scenarios + at);
  }
}

/** Adds leaves as a binary counter does: two sums of equally many leaves become one. */
class LeafAdder {
  readonly #books: BookColumns;
  readonly #block: number;
  readonly #sums: Float64Array[] = [];
  /** Leaves in each of the sums on the stack. */
  readonly #sizes: number[] = [];

  constructor(books: BookColumns, block: number) {
    this.#books = books;
    this.#block = block;
  }

  /** The sum of holdings over a block of scenarios; it is overwritten by the next. */
  sum(first: number, last: number, at: number, length: number): Float64Array {
    const sizes = this.#sizes;
    sizes.length = 0;
    for (let leaf = first; leaf < last; leaf += LEAF) {
      const sum = this.#level(sizes.length);
      sum.fill(0, 0, length);
      addRows(this.#books, leaf, Math.min(leaf + LEAF, last), at, sum, length);
      sizes.push(1);
      while (sizes.length > 1 && sizes.at(-1) === sizes.at(-2)) this.#merge(length);
    }
    while (sizes.length > 1) this.#merge(length);
    return this.#level(0);
  }

  #merge(length: number): void {
    const right = this.#sizes.pop() ?? 0;
    const top = this.#sizes.length - 1;
    this.#sizes[top] = (this.#sizes[top] as number) + right;
    addInto(this.#level(top), this.#level(top + 1), length);
  }

  #level(n: number): Float64Array {
    let sum = this.#sums[n];
    if (sum === undefined) {
      sum = new Float64Array(this.#block);
      this.#sums[n] = sum;
    }
    return sum;
  }
}

function addInto(left: Float64Array, right: Float64Array, length: number): void {
  for (let s = 0; s < length; s++) left[s] = (left[s] as number) + (right[s] as number);
}

function addRows(books: BookColumns, first: number, last: number, at: number, sum: Float64Array, length: number): void {
  let holding = first;
  for (; holding + ABREAST <= last; holding += ABREAST) addEight(books, holding, at, sum, length);
  for (; holding < last; holding++) addOne(books, holding, at, sum, length);
}

function addOne({ pnl, rows, factors, scenarios }: BookColumns, holding: number, at: number, sum: Float64Array, length: number): void {
  const row = (rows[holding] as number) * scenarios + at;
  const factor = factors[holding] as number;
  for (let s = 0; s < length; s++) sum[s] = (sum[s] as number) + factor * (pnl[row + s] as number);
}

/** As eight calls of {@link addOne}, in their order. */
function addEight({ pnl, rows, factors, scenarios }: BookColumns, holding: number, at: number, sum: Float64Array, length: number): void {
  const a = (rows[holding] as number) * scenarios + at;
  const b = (rows[holding + 1] as number) * scenarios + at;
  const c = (rows[holding + 2] as number) * scenarios + at;
  const d = (rows[holding + 3] as number) * scenarios + at;
  const e = (rows[holding + 4] as number) * scenarios + at;
  const f = (rows[holding + 5] as number) * scenarios + at;
  const g = (rows[holding + 6] as number) * scenarios + at;
  const h = (rows[holding + 7] as number) * scenarios + at;
  const fa = factors[holding] as number;
  const fb = factors[holding + 1] as number;
  const fc = factors[holding + 2] as number;
  const fd = factors[holding + 3] as number;
  const fe = factors[holding + 4] as number;
  const ff = factors[holding + 5] as number;
  const fg = factors[holding + 6] as number;
  const fh = factors[holding + 7] as number;
  for (let s = 0; s < length; s++) {
    sum[s] =
      (sum[s] as number) +
      fa * (pnl[a + s] as number) +
      fb * (pnl[b + s] as number) +
      fc * (pnl[c + s] as number) +
      fd * (pnl[d + s] as number) +
      fe * (pnl[e + s] as number) +
      ff * (pnl[f + s] as number) +
      fg * (pnl[g + s] as number) +
      fh * (pnl[h + s] as number);
  }
}
