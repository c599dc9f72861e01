import type { StateReader } from "./saved-state.js";

/** The last `size` numbers, oldest first, in memory that is reserved once. */
export class SlidingWindow {
  readonly #values: Float64Array;
  #start = 0;
  #count = 0;

  constructor(size: number) {
    this.#values = new Float64Array(size);
  }

  get size(): number {
    return this.#values.length;
  }

  get count(): number {
    return this.#count;
  }

  get full(): boolean {
    return this.#count === this.#values.length;
  }

  /** Appends a value. @returns the value that left the window, NaN while it fills. */
  push(value: number): number {
    const values = this.#values;
    if (this.#count < values.length) {
      values[this.#count] = value;
      this.#count += 1;
      return Number.NaN;
    }
    const dropped = values[this.#start] ?? Number.NaN;
    values[this.#start] = value;
    this.#start = this.#start + 1 === values.length ? 0 : this.#start + 1;
    return dropped;
  }

  /** @param index 0 is the oldest; NaN outside the window */
  at(index: number): number {
    if (index < 0 || index >= this.#count) return Number.NaN;
    return this.#values[(this.#start + index) % this.#values.length] ?? Number.NaN;
  }

  /** The number of values, then the values, oldest first. */
  *numbers(): Iterable<number> {
    yield this.#count;
    for (let i = 0; i < this.#count; i++) yield this.at(i);
  }

  adopt(state: StateReader): void {
    const count = state.takeCount(this.#values.length);
    this.#start = 0;
    this.#count = count;
    for (let i = 0; i < count; i++) this.#values[i] = state.take();
  }
}
