import type { StateReader } from "./saved-state.js";
import { SlidingWindow } from "./sliding-window.js";

/**
 * The largest (or smallest) of the last `size` numbers. Keeps only the candidates that a later number has not
 * outdone, so a number enters and leaves once: constant work on average, never more than the window.
 */
export class ExtremeWindow {
  readonly #window: SlidingWindow;
  readonly #sign: 1 | -1;
  /** Candidates in a ring, best first: their value (times sign) and the sequence number of their bar. */
  readonly #candidates: Float64Array;
  readonly #sequence: Float64Array;
  #first = 0;
  #length = 0;
  #next = 0;

  constructor(size: number, which: "largest" | "smallest") {
    this.#window = new SlidingWindow(size);
    this.#sign = which === "largest" ? 1 : -1;
    this.#candidates = new Float64Array(size);
    this.#sequence = new Float64Array(size);
  }

  get full(): boolean {
    return this.#window.full;
  }

  /** NaN until the window is full. */
  get extreme(): number {
    return this.full ? this.#sign * (this.#candidates[this.#first] ?? Number.NaN) : Number.NaN;
  }

  push(value: number): void {
    this.#window.push(value);
    this.#offer(value);
  }

  numbers(): Iterable<number> {
    return this.#window.numbers();
  }

  adopt(state: StateReader): void {
    this.#window.adopt(state);
    this.#first = 0;
    this.#length = 0;
    this.#next = 0;
    for (let i = 0; i < this.#window.count; i++) this.#offer(this.#window.at(i));
  }

  #offer(value: number): void {
    const size = this.#candidates.length;
    const signed = this.#sign * value;
    if (this.#length > 0 && (this.#sequence[this.#first] ?? 0) <= this.#next - size) {
      this.#first = (this.#first + 1) % size;
      this.#length -= 1;
    }
    while (this.#length > 0 && (this.#candidates[(this.#first + this.#length - 1) % size] ?? 0) <= signed) this.#length -= 1;
    const slot = (this.#first + this.#length) % size;
    this.#candidates[slot] = signed;
    this.#sequence[slot] = this.#next;
    this.#length += 1;
    this.#next += 1;
  }
}
