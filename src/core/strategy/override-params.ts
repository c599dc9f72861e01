import type { Violation } from "../quality/violation.js";
import type { Json } from "../tape/event.js";
import { paramFromText } from "./param-text.js";
import type { ParamSchemas } from "./params.js";
import { type ResolvedParams, resolveParams } from "./resolve-params.js";

/** A parameter as a flag states it. */
export interface StatedParam {
  readonly name: string;
  readonly text: string;
}

/** Where faults of overrides are told to lie. */
const FIELD = "--param";

/**
 * Fills a strategy's parameters like {@link resolveParams}, with values from flags over those of the config.
 *
 * @returns faults of an override carry the field `--param`, all others their JSON pointer.
 */
export function overrideParams<P extends ParamSchemas>(
  schemas: P,
  given: { readonly [name: string]: Json },
  overrides: readonly StatedParam[],
): ResolvedParams<P> {
  const merged = new Map(Object.entries(given));
  const repeated: Violation[] = [];
  for (const [i, { name, text }] of overrides.entries()) {
    const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
    merged.set(name, schema === undefined ? text : paramFromText(schema, text));
    if (overrides.findIndex((other) => other.name === name) < i)
      repeated.push({
        code: "PARAM_REPEATED",
        message: `the parameter "${name}" is stated twice`,
        field: FIELD,
        value: text,
        expected: "each parameter once",
      });
  }
  const resolved = resolveParams(schemas, Object.fromEntries(merged));
  const stated = new Set(overrides.map(({ name }) => `/params/${name}`));
  const faults =
    resolved.kind === "resolved" ? [] : resolved.violations.map((v) => (stated.has(v.field ?? "") ? { ...v, field: FIELD } : v));
  if (resolved.kind === "resolved" && repeated.length === 0) return resolved;
  return { kind: "invalid", violations: [...repeated, ...faults] };
}
