import type { IndicatorFactory } from "../indicator.js";
import type { Bar } from "../strategy.js";
import { BaseIndicator, checkPeriod, factory, type IndicatorField } from "./base-indicator.js";
import { EmaFromAverage, EmaFromFirst, type Smoother } from "./moving-averages.js";
import type { StateReader } from "./saved-state.js";

/**
 * Moving average convergence divergence over averages seeded with a simple average, see `emaSma`.
 *
 * Value: fast minus slow. Outputs: `signal` (the average of the value over `signal` bars), `histogram` (value minus
 * signal), `fast`, `slow`. The signal is fed only once both averages are ready; ready when the signal is, after
 * `slow + signal - 1` bars.
 */
export function macdEmaSma(fast: number = 12, slow: number = 26, signal: number = 9, field: IndicatorField = "close"): IndicatorFactory {
  checkPeriods("macdEmaSma", fast, slow, signal);
  return factory(
    `macd_ema_sma(${fast},${slow},${signal},${field})`,
    (name) => new Macd(name, new EmaFromAverage(fast), new EmaFromAverage(slow), new EmaFromAverage(signal), field),
  );
}

/** As {@link macdEmaSma}, over averages that start at their first input, see `emaFirst`. Its value exists from the first bar on. */
export function macdEmaFirst(fast: number = 12, slow: number = 26, signal: number = 9, field: IndicatorField = "close"): IndicatorFactory {
  checkPeriods("macdEmaFirst", fast, slow, signal);
  return factory(
    `macd_ema_first(${fast},${slow},${signal},${field})`,
    (name) => new Macd(name, new EmaFromFirst(fast), new EmaFromFirst(slow), new EmaFromFirst(signal), field),
  );
}

function checkPeriods(indicator: string, fast: number, slow: number, signal: number): void {
  for (const period of [fast, slow, signal]) checkPeriod(indicator, period);
  if (fast >= slow) throw new RangeError(`${indicator}: the fast period must be shorter than the slow one, got ${fast} and ${slow}`);
}

class Macd extends BaseIndicator {
  readonly #fast: Smoother;
  readonly #slow: Smoother;
  readonly #signal: Smoother;
  readonly #field: IndicatorField;
  protected override readonly outputs: Readonly<Record<string, () => number>> = {
    signal: () => this.#signal.value,
    histogram: () => this.value - this.#signal.value,
    fast: () => this.#fast.value,
    slow: () => this.#slow.value,
  };

  constructor(name: string, fast: Smoother, slow: Smoother, signal: Smoother, field: IndicatorField) {
    super(name);
    this.#fast = fast;
    this.#slow = slow;
    this.#signal = signal;
    this.#field = field;
  }

  get value(): number {
    return this.#fast.value - this.#slow.value;
  }

  get ready(): boolean {
    return this.#signal.ready;
  }

  update(bar: Bar): void {
    const input = bar[this.#field];
    this.#fast.push(input);
    this.#slow.push(input);
    if (this.#fast.ready && this.#slow.ready) this.#signal.push(this.value);
  }

  protected *numbers(): Iterable<number> {
    yield* this.#fast.numbers();
    yield* this.#slow.numbers();
    yield* this.#signal.numbers();
  }

  protected adopt(state: StateReader): void {
    this.#fast.adopt(state);
    this.#slow.adopt(state);
    this.#signal.adopt(state);
  }
}
