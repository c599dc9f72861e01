import { nearestName } from "../../quality/nearest-name.js";
import type { Indicator, IndicatorFactory } from "../indicator.js";
import type { Bar } from "../strategy.js";
import { encodeState, StateReader } from "./saved-state.js";

/** The price or volume that an indicator reads of a bar. */
export type IndicatorField = "open" | "high" | "low" | "close" | "volume";

const LONGEST_PERIOD = 1_000_000;

/** What all indicators share: names of outputs, and saving through a list of numbers. */
export abstract class BaseIndicator implements Indicator {
  readonly name: string;
  /** Further outputs by name. */
  protected readonly outputs: Readonly<Record<string, () => number>> = {};

  constructor(name: string) {
    this.name = name;
  }

  abstract readonly value: number;
  abstract readonly ready: boolean;
  abstract update(bar: Bar): void;
  /** Every number that the future depends on, in a fixed order. */
  protected abstract numbers(): Iterable<number>;
  /** Takes back what {@link numbers} gave. */
  protected abstract adopt(state: StateReader): void;

  /** @throws {RangeError} for a name that this indicator does not have. */
  output(name: string): number {
    const read = Object.hasOwn(this.outputs, name) ? this.outputs[name] : undefined;
    if (read !== undefined) return read();
    const known = Object.keys(this.outputs);
    const nearest = nearestName(name, known);
    const hint = nearest === null ? `it has ${known.length === 0 ? "only its value" : known.join(", ")}` : `did you mean "${nearest}"?`;
    throw new RangeError(`${this.name} has no output "${name}"; ${hint}`);
  }

  save(): readonly (number | null)[] {
    return encodeState(this.numbers());
  }

  restore(state: readonly (number | null)[]): void {
    const reader = new StateReader(state, this.name);
    this.adopt(reader);
    reader.finish();
  }
}

/** The factory of an indicator whose instances carry its name. */
export function factory(name: string, create: (name: string) => Indicator): IndicatorFactory {
  return Object.freeze({ name, create: () => create(name) });
}

/** @throws {RangeError} unless the period is a whole number from `min` to a million. */
export function checkPeriod(indicator: string, period: number, min: number = 1): void {
  if (Number.isInteger(period) && period >= min && period <= LONGEST_PERIOD) return;
  throw new RangeError(`${indicator}: the period must be a whole number from ${min} to ${LONGEST_PERIOD}, got ${period}`);
}
