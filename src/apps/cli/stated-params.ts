import type { Violation } from "../../core/quality/violation.js";
import type { FlagName } from "./flag-names.js";

/** Pairs of a flag such as `--param fast=7`. */
export interface StatedPairs {
  readonly pairs: readonly { readonly name: string; readonly text: string }[];
  readonly violations: readonly Violation[];
}

/** Splits each text at its first equals sign. */
export function statedPairs(flag: FlagName, texts: readonly string[]): StatedPairs {
  const violations: Violation[] = [];
  const pairs = texts.flatMap((text) => {
    const at = text.indexOf("=");
    if (at > 0) return [{ name: text.slice(0, at), text: text.slice(at + 1) }];
    const message = at === -1 ? `${JSON.stringify(text)} has no value` : `${JSON.stringify(text)} names no parameter`;
    violations.push({ code: "USAGE", message, field: `--${flag}`, value: text, expected: "NAME=VALUE" });
    return [];
  });
  return { pairs, violations };
}
