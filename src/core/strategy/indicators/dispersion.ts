import type { IndicatorFactory } from "../indicator.js";
import type { Bar } from "../strategy.js";
import { BaseIndicator, checkPeriod, factory, type IndicatorField } from "./base-indicator.js";
import { RollingMoments } from "./rolling-moments.js";
import type { StateReader } from "./saved-state.js";

/** Standard deviation of the last `period` bars, squared deviations divided by `period - 1`. At least 2 bars. Ready after `period` bars. */
export function stddevSample(period: number, field: IndicatorField = "close"): IndicatorFactory {
  checkPeriod("stddevSample", period, 2);
  return factory(`stddev_sample(${period},${field})`, (name) => new Deviation(name, { period, divisor: period - 1, field }));
}

/** Standard deviation of the last `period` bars, squared deviations divided by `period`. Ready after `period` bars. */
export function stddevPopulation(period: number, field: IndicatorField = "close"): IndicatorFactory {
  checkPeriod("stddevPopulation", period);
  return factory(`stddev_population(${period},${field})`, (name) => new Deviation(name, { period, divisor: period, field }));
}

/**
 * How many sample standard deviations the newest bar lies above the mean of the last `period` bars, itself included.
 * NaN and not ready while the window is flat, because there is no deviation to measure in.
 */
export function zscoreSample(period: number, field: IndicatorField = "close"): IndicatorFactory {
  checkPeriod("zscoreSample", period, 2);
  return factory(`zscore_sample(${period},${field})`, (name) => new StandardScore(name, { period, divisor: period - 1, field }));
}

/** As {@link zscoreSample}, in population standard deviations. */
export function zscorePopulation(period: number, field: IndicatorField = "close"): IndicatorFactory {
  checkPeriod("zscorePopulation", period, 2);
  return factory(`zscore_population(${period},${field})`, (name) => new StandardScore(name, { period, divisor: period, field }));
}

/**
 * Bollinger bands: value is the simple average of the last `period` bars, outputs `upper` and `lower` lie `width`
 * population standard deviations away, `deviation` is one of them. Ready after `period` bars.
 *
 * @see J. Bollinger, Bollinger on Bollinger Bands (2001)
 */
export function bollinger(period: number = 20, width: number = 2, field: IndicatorField = "close"): IndicatorFactory {
  checkPeriod("bollinger", period);
  if (!(Number.isFinite(width) && width > 0)) throw new RangeError(`bollinger: the width must be a positive number, got ${width}`);
  return factory(`bollinger_population(${period},${width},${field})`, (name) => new Bands(name, { period, divisor: period, field }, width));
}

interface Sampling {
  readonly period: number;
  /** What the squared deviations are divided by. */
  readonly divisor: number;
  readonly field: IndicatorField;
}

abstract class MomentsIndicator extends BaseIndicator {
  protected readonly moments: RollingMoments;
  readonly #sampling: Sampling;
  #deviation = Number.NaN;

  constructor(name: string, sampling: Sampling) {
    super(name);
    this.#sampling = sampling;
    this.moments = new RollingMoments(sampling.period);
  }

  abstract override readonly value: number;

  get ready(): boolean {
    return this.moments.full;
  }

  /** Standard deviation, NaN until ready. */
  protected get deviation(): number {
    return this.#deviation;
  }

  update(bar: Bar): void {
    this.moments.push(bar[this.#sampling.field]);
    this.#measure();
  }

  protected numbers(): Iterable<number> {
    return this.moments.numbers();
  }

  protected adopt(state: StateReader): void {
    this.moments.adopt(state);
    this.#measure();
  }

  #measure(): void {
    this.#deviation = Math.sqrt(this.moments.squaredDeviations / this.#sampling.divisor);
  }
}

class Deviation extends MomentsIndicator {
  get value(): number {
    return this.deviation;
  }
}

class StandardScore extends MomentsIndicator {
  get value(): number {
    return this.deviation === 0 ? Number.NaN : (this.moments.newest - this.moments.mean) / this.deviation;
  }

  override get ready(): boolean {
    return this.deviation > 0;
  }
}

class Bands extends MomentsIndicator {
  readonly #width: number;
  protected override readonly outputs: Readonly<Record<string, () => number>> = {
    upper: () => this.value + this.#width * this.deviation,
    lower: () => this.value - this.#width * this.deviation,
    deviation: () => this.deviation,
  };

  constructor(name: string, sampling: Sampling, width: number) {
    super(name, sampling);
    this.#width = width;
  }

  get value(): number {
    return this.moments.mean;
  }
}
