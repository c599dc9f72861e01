import type { IndicatorFactory } from "../indicator.js";
import type { Bar } from "../strategy.js";
import { BaseIndicator, checkPeriod, factory, type IndicatorField } from "./base-indicator.js";
import type { StateReader } from "./saved-state.js";
import { SlidingWindow } from "./sliding-window.js";
import { WideSum } from "./wide-sum.js";

/**
 * Rate of change as a fraction: `(x - before) / before`, where `before` is the value `period` bars ago; 0.01 is one percent.
 * Ready after `period + 1` bars; NaN and not ready where `before` is zero.
 */
export function roc(period: number, field: IndicatorField = "close"): IndicatorFactory {
  checkPeriod("roc", period);
  return factory(`roc(${period},${field})`, (name) => new RateOfChange(name, period, field));
}

/** Slope of the least-squares line through the last `period` bars, per bar, in the field's unit. At least 2 bars. Ready after `period` bars. */
export function linregSlope(period: number, field: IndicatorField = "close"): IndicatorFactory {
  checkPeriod("linregSlope", period, 2);
  return factory(`linreg_slope(${period},${field})`, (name) => new RegressionSlope(name, period, field));
}

class RateOfChange extends BaseIndicator {
  readonly #window: SlidingWindow;
  readonly #field: IndicatorField;
  #value = Number.NaN;

  constructor(name: string, period: number, field: IndicatorField) {
    super(name);
    this.#window = new SlidingWindow(period);
    this.#field = field;
  }

  get value(): number {
    return this.#value;
  }

  get ready(): boolean {
    return !Number.isNaN(this.#value);
  }

  update(bar: Bar): void {
    const input = bar[this.#field];
    const before = this.#window.push(input);
    this.#value = before === 0 ? Number.NaN : (input - before) / before;
  }

  protected *numbers(): Iterable<number> {
    yield this.#value;
    yield* this.#window.numbers();
  }

  protected adopt(state: StateReader): void {
    this.#value = state.take();
    this.#window.adopt(state);
  }
}

class RegressionSlope extends BaseIndicator {
  readonly #period: number;
  readonly #field: IndicatorField;
  readonly #window: SlidingWindow;
  readonly #sum: WideSum = new WideSum();
  /** Sum of index times input, the oldest bar of the window having index 0. */
  readonly #weighted: WideSum = new WideSum();
  readonly #work: WideSum = new WideSum();
  #equal = 0;
  #last = Number.NaN;

  constructor(name: string, period: number, field: IndicatorField) {
    super(name);
    this.#period = period;
    this.#field = field;
    this.#window = new SlidingWindow(period);
  }

  get value(): number {
    if (!this.ready) return Number.NaN;
    if (this.#equal === this.#period) return 0;
    const n = this.#period;
    const middle = (n - 1) / 2;
    this.#work.clear();
    this.#work.add(this.#weighted.hi);
    this.#work.add(this.#weighted.lo);
    this.#work.addProduct(middle, this.#sum.hi, -1);
    this.#work.addProduct(middle, this.#sum.lo, -1);
    return this.#work.value / ((n * (n * n - 1)) / 12);
  }

  get ready(): boolean {
    return this.#window.full;
  }

  update(bar: Bar): void {
    const input = bar[this.#field];
    const index = Math.min(this.#window.count, this.#period - 1);
    const dropped = this.#window.push(input);
    if (!Number.isNaN(dropped)) {
      this.#sum.add(-dropped);
      this.#weighted.subtract(this.#sum);
    }
    this.#sum.add(input);
    this.#weighted.addProduct(index, input);
    this.#note(input);
  }

  protected *numbers(): Iterable<number> {
    yield* this.#window.numbers();
    yield* this.#sum.numbers();
    yield* this.#weighted.numbers();
  }

  protected adopt(state: StateReader): void {
    this.#window.adopt(state);
    this.#sum.adopt(state);
    this.#weighted.adopt(state);
    this.#equal = 0;
    this.#last = Number.NaN;
    for (let i = 0; i < this.#window.count; i++) this.#note(this.#window.at(i));
  }

  #note(value: number): void {
    this.#equal = value === this.#last ? Math.min(this.#equal + 1, this.#period) : 1;
    this.#last = value;
  }
}
