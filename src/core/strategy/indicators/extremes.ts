import type { IndicatorFactory } from "../indicator.js";
import type { Bar } from "../strategy.js";
import { BaseIndicator, checkPeriod, factory, type IndicatorField } from "./base-indicator.js";
import { ExtremeWindow } from "./extreme-window.js";
import type { StateReader } from "./saved-state.js";

/** Largest `field` of the last `period` bars, the newest included. Ready after `period` bars. */
export function highest(period: number, field: IndicatorField = "high"): IndicatorFactory {
  checkPeriod("highest", period);
  return factory(`highest(${period},${field})`, (name) => new Extreme(name, new ExtremeWindow(period, "largest"), field, false));
}

/** Smallest `field` of the last `period` bars, the newest included. Ready after `period` bars. */
export function lowest(period: number, field: IndicatorField = "low"): IndicatorFactory {
  checkPeriod("lowest", period);
  return factory(`lowest(${period},${field})`, (name) => new Extreme(name, new ExtremeWindow(period, "smallest"), field, false));
}

/** Largest `field` of the `period` bars before the newest, which is not included: what a breakout compares with. Ready after `period + 1` bars. */
export function highestPrevious(period: number, field: IndicatorField = "high"): IndicatorFactory {
  checkPeriod("highestPrevious", period);
  return factory(`highest_previous(${period},${field})`, (name) => new Extreme(name, new ExtremeWindow(period, "largest"), field, true));
}

/** Smallest `field` of the `period` bars before the newest, which is not included. Ready after `period + 1` bars. */
export function lowestPrevious(period: number, field: IndicatorField = "low"): IndicatorFactory {
  checkPeriod("lowestPrevious", period);
  return factory(`lowest_previous(${period},${field})`, (name) => new Extreme(name, new ExtremeWindow(period, "smallest"), field, true));
}

/**
 * Donchian channel of the last `period` bars, the newest included: outputs `upper` (highest high) and `lower` (lowest low),
 * value halfway between. Ready after `period` bars.
 */
export function donchian(period: number = 20): IndicatorFactory {
  checkPeriod("donchian", period);
  return factory(`donchian(${period})`, (name) => new Channel(name, period, false));
}

/** Donchian channel of the `period` bars before the newest, which is not included, see {@link donchian}. Ready after `period + 1` bars. */
export function donchianPrevious(period: number = 20): IndicatorFactory {
  checkPeriod("donchianPrevious", period);
  return factory(`donchian_previous(${period})`, (name) => new Channel(name, period, true));
}

class Extreme extends BaseIndicator {
  readonly #window: ExtremeWindow;
  readonly #field: IndicatorField;
  readonly #previousOnly: boolean;
  #value = Number.NaN;

  constructor(name: string, window: ExtremeWindow, field: IndicatorField, previousOnly: boolean) {
    super(name);
    this.#window = window;
    this.#field = field;
    this.#previousOnly = previousOnly;
  }

  get value(): number {
    return this.#value;
  }

  get ready(): boolean {
    return !Number.isNaN(this.#value);
  }

  update(bar: Bar): void {
    if (this.#previousOnly) this.#value = this.#window.extreme;
    this.#window.push(bar[this.#field]);
    if (!this.#previousOnly) this.#value = this.#window.extreme;
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

class Channel extends BaseIndicator {
  readonly #highs: ExtremeWindow;
  readonly #lows: ExtremeWindow;
  readonly #previousOnly: boolean;
  #upper = Number.NaN;
  #lower = Number.NaN;
  protected override readonly outputs: Readonly<Record<string, () => number>> = { upper: () => this.#upper, lower: () => this.#lower };

  constructor(name: string, period: number, previousOnly: boolean) {
    super(name);
    this.#highs = new ExtremeWindow(period, "largest");
    this.#lows = new ExtremeWindow(period, "smallest");
    this.#previousOnly = previousOnly;
  }

  get value(): number {
    return (this.#upper + this.#lower) / 2;
  }

  get ready(): boolean {
    return !Number.isNaN(this.#upper);
  }

  update(bar: Bar): void {
    if (this.#previousOnly) this.#read();
    this.#highs.push(bar.high);
    this.#lows.push(bar.low);
    if (!this.#previousOnly) this.#read();
  }

  #read(): void {
    this.#upper = this.#highs.extreme;
    this.#lower = this.#lows.extreme;
  }

  protected *numbers(): Iterable<number> {
    yield this.#upper;
    yield this.#lower;
    yield* this.#highs.numbers();
    yield* this.#lows.numbers();
  }

  protected adopt(state: StateReader): void {
    this.#upper = state.take();
    this.#lower = state.take();
    this.#highs.adopt(state);
    this.#lows.adopt(state);
  }
}
