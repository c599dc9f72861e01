import type { Bar } from "./strategy.js";

/** What a strategy may read of an indicator. */
export interface IndicatorReading {
  /** NaN until the first value exists. */
  readonly value: number;
  /** True once enough bars were seen for the value to be used. */
  readonly ready: boolean;
  /** Further named outputs, for example `signal` and `histogram` of a MACD; NaN until they exist. */
  output(name: string): number;
}

/** An incremental indicator. Constant work and no allocation per bar. */
export interface Indicator extends IndicatorReading {
  update(bar: Bar): void;
  /** The whole inner state as numbers (NaN is written as null), so that it can be hashed, snapshotted and restored. */
  save(): readonly (number | null)[];
  restore(state: readonly (number | null)[]): void;
}

/** Describes an indicator; the engine makes one instance per symbol. */
export interface IndicatorFactory {
  /** Name with parameters and seeding rule, for example `ema_first(10,close)`. */
  readonly name: string;
  create(): Indicator;
}
