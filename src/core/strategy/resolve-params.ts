import { nearestName } from "../quality/nearest-name.js";
import type { Violation } from "../quality/violation.js";
import type { Json } from "../tape/event.js";
import type { ParamSchemas, ParamValues } from "./params.js";

export type ResolvedParams<P extends ParamSchemas> =
  | { readonly kind: "resolved"; readonly values: ParamValues<P> }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

/**
 * Fills a strategy's parameters: given values over defaults, every value checked, every fault reported.
 *
 * @param given by parameter name, as the run's config states them
 * @returns all parameters in the order of their names, frozen; or one violation per fault, with the field as JSON pointer `/params/NAME`
 */
export function resolveParams<P extends ParamSchemas>(schemas: P, given: { readonly [name: string]: Json }): ResolvedParams<P> {
  const violations: Violation[] = [];
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(schemas, name)) violations.push(unknownParameter(name, given[name], Object.keys(schemas)));
  }
  const values: Record<string, Json> = {};
  for (const name of Object.keys(schemas).sort()) {
    const schema = schemas[name];
    if (schema === undefined) continue;
    const value = Object.hasOwn(given, name) ? given[name] : schema.default;
    const expected = schema.check(value);
    if (expected === null && value !== undefined) values[name] = value;
    else violations.push(badValue(name, value, expected ?? "a value"));
  }
  if (violations.length > 0) return { kind: "invalid", violations };
  // Every value has passed the check of its schema.
  return { kind: "resolved", values: Object.freeze(values) as ParamValues<P> };
}

function unknownParameter(name: string, value: Json | undefined, known: readonly string[]): Violation {
  const nearest = nearestName(name, known);
  const hint =
    nearest === null ? `the strategy has ${known.length === 0 ? "no parameters" : known.join(", ")}` : `did you mean ${nearest}?`;
  return {
    code: "PARAM_UNKNOWN",
    message: `the strategy has no parameter "${name}"; ${hint}`,
    field: pointer(name),
    value: JSON.stringify(value),
    expected: nearest ?? known.join(", "),
  };
}

function badValue(name: string, value: unknown, expected: string): Violation {
  const shown = JSON.stringify(value) ?? String(value);
  return {
    code: "PARAM_INVALID",
    message: `parameter "${name}" is ${shown}, expected ${expected}`,
    field: pointer(name),
    value: shown,
    expected,
  };
}

function pointer(name: string): string {
  return `/params/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}
