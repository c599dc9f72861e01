import { parseMoment } from "../../adapters/config/moment.js";
import { nearestName } from "../../core/quality/nearest-name.js";
import type { Violation } from "../../core/quality/violation.js";
import type { FlagValues } from "./command.js";
import type { FlagName } from "./flag-names.js";
import { flagSpec, flags } from "./flags.js";

export interface ReadFlags {
  readonly values: FlagValues;
  readonly violations: readonly Violation[];
}

/** Converts what the parser found, and reports every value that does not fit its flag. */
export function readFlags(given: { readonly [name: string]: unknown }): ReadFlags {
  const violations: Violation[] = [];
  const values = new Map<string, string | number | true | readonly string[]>();
  for (const name of flagNames()) {
    const raw = given[name];
    if (raw === undefined || raw === false) continue;
    const read = raw === true ? true : Array.isArray(raw) ? raw.map(String) : convert(name, String(raw), violations);
    if (read !== undefined) values.set(name, read);
  }
  return { violations, values: access(values) };
}

function access(values: ReadonlyMap<string, string | number | true | readonly string[]>): FlagValues {
  return {
    text(name) {
      const value = values.get(name);
      return typeof value === "string" ? value : undefined;
    },
    list(name) {
      const value = values.get(name);
      return Array.isArray(value) ? value : [];
    },
    number(name) {
      const value = values.get(name);
      return typeof value === "number" ? value : undefined;
    },
    on: (name) => values.get(name) === true,
  };
}

export function flagNames(): readonly FlagName[] {
  return Object.keys(flags) as FlagName[];
}

function convert(name: FlagName, text: string, violations: Violation[]): string | number | undefined {
  const { kind, choices } = flagSpec(name);
  const refuse = (message: string, expected: string): undefined => {
    violations.push({ code: "USAGE", message, field: `--${name}`, value: text, expected });
    return undefined;
  };
  switch (kind) {
    case "count": {
      const count = /^[0-9]{1,15}$/.test(text) ? Number(text) : 0;
      return count > 0 ? count : refuse(`${JSON.stringify(text)} is not a count`, "a whole number from 1");
    }
    case "number":
      return /^-?[0-9]{1,15}$/.test(text) ? Number(text) : refuse(`${JSON.stringify(text)} is not a whole number`, "a whole number");
    case "from":
    case "to":
      return (
        parseMoment(text, kind) ??
        refuse(`${JSON.stringify(text)} is no moment`, "a date such as 2024-01-31, or a time with its zone such as 2024-01-31T14:30:00Z")
      );
    case "choice": {
      if (choices?.includes(text) === true) return text;
      // Levels are counted as often as they are named.
      if (name === "level" && choices?.includes(`L${text}`) === true) return `L${text}`;
      const near = nearestName(text, choices ?? []);
      return refuse(
        `${JSON.stringify(text)} is not one of ${choices?.join(", ")}${near === null ? "" : `; did you mean ${near}?`}`,
        `one of ${choices?.join(", ")}`,
      );
    }
    default:
      return text === "" ? refuse("the value is empty", "text") : text;
  }
}
