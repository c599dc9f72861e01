import type { IndicatorFactory } from "../indicator.js";
import type { Bar } from "../strategy.js";
import { BaseIndicator, checkPeriod, factory, type IndicatorField } from "./base-indicator.js";
import { WilderAverage } from "./moving-averages.js";
import type { StateReader } from "./saved-state.js";

/**
 * Wilder's relative strength index, 0 to 100: `100 * gain / (gain + loss)`, where gain and loss are Wilder averages
 * of the rises and falls, seeded with the simple average of the first `period` changes. Ready after `period + 1` bars.
 * 50 where the window has neither rise nor fall.
 *
 * @see J. W. Wilder, New Concepts in Technical Trading Systems (1978)
 */
export function rsiWilder(period: number = 14, field: IndicatorField = "close"): IndicatorFactory {
  checkPeriod("rsiWilder", period);
  return factory(`rsi_wilder(${period},${field})`, (name) => new RelativeStrength(name, period, field));
}

class RelativeStrength extends BaseIndicator {
  readonly #gain: WilderAverage;
  readonly #loss: WilderAverage;
  readonly #field: IndicatorField;
  #last = Number.NaN;

  constructor(name: string, period: number, field: IndicatorField) {
    super(name);
    this.#gain = new WilderAverage(period);
    this.#loss = new WilderAverage(period);
    this.#field = field;
  }

  get value(): number {
    const gain = this.#gain.value;
    const loss = this.#loss.value;
    return gain === 0 && loss === 0 ? 50 : (100 * gain) / (gain + loss);
  }

  get ready(): boolean {
    return this.#gain.ready;
  }

  update(bar: Bar): void {
    const input = bar[this.#field];
    if (!Number.isNaN(this.#last)) {
      const change = input - this.#last;
      this.#gain.push(Math.max(change, 0));
      this.#loss.push(Math.max(-change, 0));
    }
    this.#last = input;
  }

  protected *numbers(): Iterable<number> {
    yield this.#last;
    yield* this.#gain.numbers();
    yield* this.#loss.numbers();
  }

  protected adopt(state: StateReader): void {
    this.#last = state.take();
    this.#gain.adopt(state);
    this.#loss.adopt(state);
  }
}
