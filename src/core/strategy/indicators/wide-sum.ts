import type { StateReader } from "./saved-state.js";

const SPLITTER = 134_217_729; // 2^27 + 1

/**
 * A running sum in double-double (about 106 bits): a value that is added and later taken away leaves no trace
 * that a float64 could show. Allocates nothing after construction.
 */
export class WideSum {
  /** High and low part; a typed array, so that V8 keeps them unboxed. */
  readonly #parts: Float64Array = new Float64Array(2);

  get hi(): number {
    return this.#parts[0] ?? Number.NaN;
  }

  get lo(): number {
    return this.#parts[1] ?? Number.NaN;
  }

  get value(): number {
    return this.hi + this.lo;
  }

  clear(): void {
    this.#parts.fill(0);
  }

  add(value: number): void {
    this.#addParts(value, 0);
  }

  /** Adds `sign * a * b`, the product taken exactly. */
  addProduct(a: number, b: number, sign: 1 | -1 = 1): void {
    const hi = a * b;
    const aWide = SPLITTER * a;
    const aHigh = aWide - (aWide - a);
    const aLow = a - aHigh;
    const bWide = SPLITTER * b;
    const bHigh = bWide - (bWide - b);
    const bLow = b - bHigh;
    const lo = aLow * bLow - (hi - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
    this.#addParts(sign * hi, sign * lo);
  }

  /** Takes another sum away. */
  subtract(other: WideSum): void {
    this.#addParts(-other.hi, -other.lo);
  }

  *numbers(): Iterable<number> {
    yield this.hi;
    yield this.lo;
  }

  adopt(state: StateReader): void {
    this.#parts[0] = state.take();
    this.#parts[1] = state.take();
  }

  #addParts(hi: number, lo: number): void {
    const before = this.hi;
    const sum = before + hi;
    const shadow = sum - before;
    const rest = before - (sum - shadow) + (hi - shadow) + (this.lo + lo);
    const high = sum + rest;
    this.#parts[0] = high;
    this.#parts[1] = rest - (high - sum);
  }
}
