import type { IndicatorFactory } from "../indicator.js";
import type { Bar } from "../strategy.js";
import { BaseIndicator, checkPeriod, factory, type IndicatorField } from "./base-indicator.js";
import { RollingMoments } from "./rolling-moments.js";
import type { StateReader } from "./saved-state.js";

/**
 * Simple moving average of the last `period` bars, the newest included. Ready after `period` bars.
 *
 * @param field what to read of a bar; default `close`
 */
export function sma(period: number, field: IndicatorField = "close"): IndicatorFactory {
  checkPeriod("sma", period);
  return factory(`sma(${period},${field})`, (name) => new BarAverage(name, new MeanOfWindow(period), field));
}

/**
 * Exponential moving average that starts at the first bar: the value is set to the first input, then
 * `value = a * input + (1 - a) * value` on every bar, the first included, with `a = 2 / (period + 1)`.
 * It has a value from the first bar on and is ready after `period` bars.
 */
export function emaFirst(period: number, field: IndicatorField = "close"): IndicatorFactory {
  checkPeriod("emaFirst", period);
  return factory(`ema_first(${period},${field})`, (name) => new BarAverage(name, new EmaFromFirst(period), field));
}

/**
 * Exponential moving average seeded with the simple average of its first `period` inputs, then
 * `value = input * k + value * (1 - k)` with `k = 2 / (period + 1)`. No value before bar `period`, ready from there.
 */
export function emaSma(period: number, field: IndicatorField = "close"): IndicatorFactory {
  checkPeriod("emaSma", period);
  return factory(`ema_sma(${period},${field})`, (name) => new BarAverage(name, new EmaFromAverage(period), field));
}

/** An average of plain numbers, the building block of the indicators that smooth something else than a bar's field. */
export interface Smoother {
  /** NaN until the first value exists. */
  readonly value: number;
  readonly ready: boolean;
  push(input: number): void;
  numbers(): Iterable<number>;
  adopt(state: StateReader): void;
}

export class EmaFromFirst implements Smoother {
  readonly #period: number;
  readonly #weight: number;
  #value = Number.NaN;
  #count = 0;

  constructor(period: number) {
    this.#period = period;
    this.#weight = 2 / (period + 1);
  }

  get value(): number {
    return this.#value;
  }

  get ready(): boolean {
    return this.#count === this.#period;
  }

  push(input: number): void {
    const before = this.#count === 0 ? input : this.#value;
    this.#value = this.#weight * input + (1 - this.#weight) * before;
    if (this.#count < this.#period) this.#count += 1;
  }

  *numbers(): Iterable<number> {
    yield this.#count;
    yield this.#value;
  }

  adopt(state: StateReader): void {
    this.#count = state.takeCount(this.#period);
    this.#value = state.take();
  }
}

/** Starts with the mean of the first `period` inputs, then moves by a fixed weight towards each input. */
class SeededAverage implements Smoother {
  readonly #period: number;
  readonly #next: (before: number, input: number) => number;
  #seed = 0;
  #value = Number.NaN;
  #count = 0;

  constructor(period: number, next: (before: number, input: number) => number) {
    this.#period = period;
    this.#next = next;
  }

  get value(): number {
    return this.#value;
  }

  get ready(): boolean {
    return this.#count === this.#period;
  }

  push(input: number): void {
    if (this.#count === this.#period) {
      this.#value = this.#next(this.#value, input);
      return;
    }
    this.#count += 1;
    this.#seed += input;
    if (this.#count === this.#period) this.#value = this.#seed / this.#period;
  }

  *numbers(): Iterable<number> {
    yield this.#count;
    yield this.ready ? this.#value : this.#seed;
  }

  adopt(state: StateReader): void {
    this.#count = state.takeCount(this.#period);
    const number = state.take();
    this.#value = this.ready ? number : Number.NaN;
    this.#seed = this.ready ? 0 : number;
  }
}

export class EmaFromAverage extends SeededAverage {
  constructor(period: number) {
    const weight = 2 / (period + 1);
    super(period, (before, input) => input * weight + before * (1 - weight));
  }
}

/** Wilder's smoothing: seeded with the simple average, then `value = (value * (period - 1) + input) / period`. */
export class WilderAverage extends SeededAverage {
  constructor(period: number) {
    super(period, (before, input) => (before * (period - 1) + input) / period);
  }
}

/** The plain mean of the last `period` inputs. */
export class MeanOfWindow implements Smoother {
  readonly #moments: RollingMoments;

  constructor(period: number) {
    this.#moments = new RollingMoments(period);
  }

  get value(): number {
    return this.#moments.mean;
  }

  get ready(): boolean {
    return this.#moments.full;
  }

  push(input: number): void {
    this.#moments.push(input);
  }

  numbers(): Iterable<number> {
    return this.#moments.numbers();
  }

  adopt(state: StateReader): void {
    this.#moments.adopt(state);
  }
}

class BarAverage extends BaseIndicator {
  readonly #smoother: Smoother;
  readonly #field: IndicatorField;

  constructor(name: string, smoother: Smoother, field: IndicatorField) {
    super(name);
    this.#smoother = smoother;
    this.#field = field;
  }

  get value(): number {
    return this.#smoother.value;
  }

  get ready(): boolean {
    return this.#smoother.ready;
  }

  update(bar: Bar): void {
    this.#smoother.push(bar[this.#field]);
  }

  protected numbers(): Iterable<number> {
    return this.#smoother.numbers();
  }

  protected adopt(state: StateReader): void {
    this.#smoother.adopt(state);
  }
}
