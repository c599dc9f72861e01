/** Periods and sources by name. A new one is registered beside the others; nothing that uses them changes. */
import { type CivilDay, civilDate, civilDay } from "../../market/civil-date.js";
import type { Violation } from "../../quality/violation.js";
import { weekEndingBefore } from "./weeks.js";

/** How the period that a publication reports on follows from its date. */
export interface Period {
  readonly name: string;
  /** Last day of the period published on that day. */
  endBefore(publication: CivilDay): CivilDay;
}

/** Where content comes from. `api` serves handed-in content only: no network is asked. */
export interface SourceKind {
  readonly name: string;
  readonly needs: "path" | "content";
}

/** Things by name; asking for an unknown one is answered with the known ones. */
export class NamedThings<T extends { readonly name: string }> {
  readonly #what: string;
  readonly #things: ReadonlyMap<string, T>;

  /** @throws {RangeError} for a name that stands twice. */
  constructor(what: string, things: readonly T[]) {
    this.#what = what;
    this.#things = new Map(things.map((thing) => [thing.name, thing]));
    if (this.#things.size !== things.length) throw new RangeError(`a ${what} is registered twice`);
  }

  get names(): readonly string[] {
    return [...this.#things.keys()].sort();
  }

  get(name: string): { readonly kind: "found"; readonly value: T } | { readonly kind: "unknown"; readonly violation: Violation } {
    const value = this.#things.get(name);
    if (value !== undefined) return { kind: "found", value };
    const code = `UNKNOWN_${this.#what.toUpperCase()}`;
    const expected = `one of ${this.names.join(", ")}`;
    return { kind: "unknown", violation: { code, message: `Unknown ${this.#what} "${name}"`, field: this.#what, value: name, expected } };
  }

  /** These things and one more. @throws {RangeError} for a name that is taken. */
  with(thing: T): NamedThings<T> {
    return new NamedThings(this.#what, [...this.#things.values(), thing]);
  }
}

export const weekly: Period = { name: "weekly", endBefore: weekEndingBefore };

export const monthly: Period = {
  name: "monthly",
  endBefore: (publication) => {
    const { year, month } = civilDate(publication);
    return civilDay(year, month, 1) - 1;
  },
};

export const quarterly: Period = {
  name: "quarterly",
  endBefore: (publication) => {
    const { year, month } = civilDate(publication);
    return civilDay(year, month - ((month - 1) % 3), 1) - 1;
  },
};

export const annual: Period = { name: "annual", endBefore: (publication) => civilDay(civilDate(publication).year, 1, 1) - 1 };

export const PERIODS: NamedThings<Period> = new NamedThings("period", [weekly, monthly, quarterly, annual]);

export const SOURCES: NamedThings<SourceKind> = new NamedThings("source", [
  { name: "file", needs: "path" },
  { name: "api", needs: "content" },
]);
