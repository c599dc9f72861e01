import type { IndicatorFactory } from "../indicator.js";
import type { Bar } from "../strategy.js";
import { BaseIndicator, checkPeriod, factory } from "./base-indicator.js";
import { MeanOfWindow, type Smoother, WilderAverage } from "./moving-averages.js";
import type { StateReader } from "./saved-state.js";

/**
 * Average true range with Wilder's smoothing, seeded with the simple average of the first `period` true ranges.
 * True range: the largest of high - low, |high - previous close|, |low - previous close|; high - low on the first bar.
 * Ready after `period` bars. Output: `true_range` of the newest bar.
 */
export function atrWilder(period: number = 14): IndicatorFactory {
  checkPeriod("atrWilder", period);
  return factory(`atr_wilder(${period})`, (name) => new AverageTrueRange(name, new WilderAverage(period)));
}

/** Average true range as the simple average of the last `period` true ranges, see {@link atrWilder}. */
export function atrSma(period: number = 14): IndicatorFactory {
  checkPeriod("atrSma", period);
  return factory(`atr_sma(${period})`, (name) => new AverageTrueRange(name, new MeanOfWindow(period)));
}

class AverageTrueRange extends BaseIndicator {
  readonly #average: Smoother;
  #lastClose = Number.NaN;
  #range = Number.NaN;
  protected override readonly outputs: Readonly<Record<string, () => number>> = { true_range: () => this.#range };

  constructor(name: string, average: Smoother) {
    super(name);
    this.#average = average;
  }

  get value(): number {
    return this.#average.value;
  }

  get ready(): boolean {
    return this.#average.ready;
  }

  update(bar: Bar): void {
    const first = Number.isNaN(this.#lastClose);
    // The largest of the three differences is the span of the bar with the previous close in it.
    this.#range = first ? bar.high - bar.low : Math.max(bar.high, this.#lastClose) - Math.min(bar.low, this.#lastClose);
    this.#lastClose = bar.close;
    this.#average.push(this.#range);
  }

  protected *numbers(): Iterable<number> {
    yield this.#lastClose;
    yield this.#range;
    yield* this.#average.numbers();
  }

  protected adopt(state: StateReader): void {
    this.#lastClose = state.take();
    this.#range = state.take();
    this.#average.adopt(state);
  }
}
