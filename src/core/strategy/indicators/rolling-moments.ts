import type { StateReader } from "./saved-state.js";
import { SlidingWindow } from "./sliding-window.js";
import { WideSum } from "./wide-sum.js";

/** Mean and squared deviations of the last `size` numbers, each in constant work per number. */
export class RollingMoments {
  readonly #window: SlidingWindow;
  readonly #sum: WideSum = new WideSum();
  readonly #squares: WideSum = new WideSum();
  readonly #work: WideSum = new WideSum();
  #last = Number.NaN;
  /** How many of the newest numbers are equal, at most `size`: a flat window has no deviation, not a rounding error. */
  #equal = 0;

  constructor(size: number) {
    this.#window = new SlidingWindow(size);
  }

  get full(): boolean {
    return this.#window.full;
  }

  /** The last number pushed, NaN before the first. */
  get newest(): number {
    return this.#last;
  }

  push(value: number): void {
    const dropped = this.#window.push(value);
    this.#sum.add(value);
    this.#squares.addProduct(value, value);
    if (!Number.isNaN(dropped)) {
      this.#sum.add(-dropped);
      this.#squares.addProduct(dropped, dropped, -1);
    }
    this.#note(value);
  }

  /** NaN until the window is full. */
  get mean(): number {
    if (!this.full) return Number.NaN;
    if (this.#equal === this.#window.size) return this.#last;
    return this.#sum.value / this.#window.size;
  }

  /** Sum of (x - mean)², at least zero; NaN until the window is full. */
  get squaredDeviations(): number {
    if (!this.full) return Number.NaN;
    if (this.#equal === this.#window.size) return 0;
    const n = this.#window.size;
    // n Σx² - (Σx)² in double-double; the division by n comes last and loses nothing to cancellation.
    const { hi, lo } = this.#sum;
    const work = this.#work;
    work.clear();
    work.addProduct(n, this.#squares.hi);
    work.addProduct(n, this.#squares.lo);
    work.addProduct(hi, hi, -1);
    work.addProduct(2 * hi, lo, -1);
    return Math.max(0, work.value / n);
  }

  *numbers(): Iterable<number> {
    yield* this.#window.numbers();
    yield* this.#sum.numbers();
    yield* this.#squares.numbers();
  }

  adopt(state: StateReader): void {
    this.#window.adopt(state);
    this.#sum.adopt(state);
    this.#squares.adopt(state);
    this.#last = Number.NaN;
    this.#equal = 0;
    for (let i = 0; i < this.#window.count; i++) this.#note(this.#window.at(i));
  }

  #note(value: number): void {
    this.#equal = value === this.#last ? Math.min(this.#equal + 1, this.#window.size) : 1;
    this.#last = value;
  }
}
