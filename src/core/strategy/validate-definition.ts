import type { BarField, Timeframe } from "../market/bars.js";
import { TIMEFRAME_MS } from "../market/bars.js";
import { nearestName } from "../quality/nearest-name.js";
import type { Violation } from "../quality/violation.js";
import type { ParamSchema, ParamSchemas } from "./params.js";
import { findNonJson } from "./plain-json.js";
import { resolveParams } from "./resolve-params.js";
import type { AnyStrategy, StrategyDefinition, StrategyMeta } from "./strategy.js";

const NAME = /^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$/;
const LONGEST_NAME = 64;
const VERSION = /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)$/;
/** No spaces, no control characters, no colon: a symbol stands in keys such as `strategy:symbol:side`. */
const SYMBOL = /^[^\s:\p{C}]{1,64}$/u;

const FIELDS: Record<BarField, true> = { open: true, high: true, low: true, close: true, volume: true };
const SESSIONS: Record<StrategyMeta["session"], true> = { regular: true, all: true };
const META_KEYS: Record<keyof StrategyMeta, true> = {
  name: true,
  version: true,
  universe: true,
  timeframe: true,
  required_fields: true,
  session: true,
};
const HANDLERS = ["onBar", "onBars", "onFill", "onSession", "onEnd"] as const;
const FUNCTIONS = ["state", "indicators", "warmup", ...HANDLERS] as const;
const KEYS: Record<keyof StrategyDefinition, true> = {
  meta: true,
  params: true,
  defaults: true,
  state: true,
  indicators: true,
  warmup: true,
  onBar: true,
  onBars: true,
  onFill: true,
  onSession: true,
  onEnd: true,
};
const PARAM_KINDS: Record<ParamSchema<boolean>["kind"], true> = {
  int: true,
  number: true,
  decimal: true,
  boolean: true,
  choice: true,
  text: true,
};

export type CheckedDefinition =
  | { readonly kind: "valid"; readonly definition: AnyStrategy }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

/** Checks what a strategy file exports and gives it its type; see {@link validateDefinition}. */
export function checkDefinition(value: unknown): CheckedDefinition {
  const violations = validateDefinition(value);
  // Every property that the type names has been checked.
  return violations.length === 0 ? { kind: "valid", definition: value as AnyStrategy } : { kind: "invalid", violations };
}

/**
 * Everything wrong with a strategy's definition, in the order of its parts; empty when it can run.
 *
 * Once the parts are sound, `state`, `indicators` and `warmup` are called with the default parameters, so that a fault in
 * them shows before a run.
 */
export function validateDefinition(definition: unknown): readonly Violation[] {
  if (!isRecord(definition)) {
    return [
      violation("STRATEGY_NOT_A_DEFINITION", "", definition, "the result of defineStrategy({ meta, params, ... }) as default export"),
    ];
  }
  const violations = [
    ...unknownKeys(definition, "", KEYS),
    ...checkMeta(definition["meta"]),
    ...checkParams(definition["params"]),
    ...checkDefaults(definition["defaults"]),
    ...checkHandlers(definition),
  ];
  if (violations.length > 0) return violations;
  return tryFactories(definition as unknown as AnyStrategy);
}

function checkMeta(meta: unknown): Violation[] {
  if (!isRecord(meta))
    return [violation("STRATEGY_META", "/meta", meta, "an object with name, version, universe, timeframe, required_fields, session")];
  const found = unknownKeys(meta, "/meta", META_KEYS);
  const { name, version, timeframe, session } = meta;
  if (typeof name !== "string" || name.length > LONGEST_NAME || !NAME.test(name)) {
    found.push(
      violation(
        "STRATEGY_NAME",
        "/meta/name",
        name,
        `at most ${LONGEST_NAME} lower-case letters and digits in words joined by - or _, such as "ema-cross"`,
      ),
    );
  }
  if (typeof version !== "string" || !VERSION.test(version)) {
    found.push(violation("STRATEGY_VERSION", "/meta/version", version, 'a semantic version major.minor.patch, such as "1.0.0"'));
  }
  found.push(...checkUniverse(meta["universe"]), ...checkFields(meta["required_fields"]));
  found.push(
    ...checkWord("STRATEGY_TIMEFRAME", "/meta/timeframe", timeframe, Object.keys(TIMEFRAME_MS satisfies Record<Timeframe, number>)),
  );
  found.push(...checkWord("STRATEGY_SESSION", "/meta/session", session, Object.keys(SESSIONS)));
  return found;
}

function checkUniverse(universe: unknown): Violation[] {
  if (!Array.isArray(universe) || universe.length === 0) {
    return [violation("STRATEGY_EMPTY_UNIVERSE", "/meta/universe", universe, "a list of at least one symbol")];
  }
  return universe.flatMap((symbol: unknown, index) => {
    const field = `/meta/universe/${index}`;
    if (typeof symbol !== "string" || !SYMBOL.test(symbol)) {
      return [violation("STRATEGY_SYMBOL", field, symbol, "text of 1 to 64 characters without spaces and colons")];
    }
    return universe.indexOf(symbol) === index ? [] : [violation("STRATEGY_DUPLICATE_SYMBOL", field, symbol, "each symbol once")];
  });
}

function checkFields(fields: unknown): Violation[] {
  if (!Array.isArray(fields) || fields.length === 0) {
    return [
      violation(
        "STRATEGY_EMPTY_REQUIRED_FIELDS",
        "/meta/required_fields",
        fields,
        "a list of at least one of open, high, low, close, volume",
      ),
    ];
  }
  return fields.flatMap((field: unknown, index) => {
    const place = `/meta/required_fields/${index}`;
    const unknown = checkWord("STRATEGY_UNKNOWN_FIELD", place, field, Object.keys(FIELDS));
    if (unknown.length > 0) return unknown;
    return fields.indexOf(field) === index ? [] : [violation("STRATEGY_DUPLICATE_FIELD", place, field, "each field once")];
  });
}

function checkParams(params: unknown): Violation[] {
  if (!isRecord(params))
    return [
      violation(
        "STRATEGY_PARAMS",
        "/params",
        params,
        "an object of parameters made by int, number, decimal, boolean, choice or text; {} for none",
      ),
    ];
  return Object.entries(params).flatMap(([name, schema]) => {
    const field = `/params/${name}`;
    if (!isParamSchema(schema))
      return [violation("STRATEGY_PARAM_SCHEMA", field, schema, "a parameter made by int, number, decimal, boolean, choice or text")];
    const expected = schema.check(schema.default);
    return expected === null ? [] : [violation("STRATEGY_PARAM_DEFAULT", `${field}/default`, schema.default, expected)];
  });
}

function isParamSchema(value: unknown): value is ParamSchema<boolean> {
  return (
    isRecord(value) &&
    typeof value["check"] === "function" &&
    typeof value["kind"] === "string" &&
    Object.hasOwn(PARAM_KINDS, value["kind"])
  );
}

function checkDefaults(defaults: unknown): Violation[] {
  if (defaults === undefined) return [];
  if (!isRecord(defaults)) return [violation("STRATEGY_DEFAULTS", "/defaults", defaults, "an object with execution and sizing")];
  const found = unknownKeys(defaults, "/defaults", { execution: true, sizing: true });
  for (const key of ["execution", "sizing"]) {
    const part = defaults[key];
    if (part !== undefined && !isRecord(part)) found.push(violation("STRATEGY_DEFAULTS", `/defaults/${key}`, part, "an object"));
  }
  const alien = findNonJson(defaults);
  if (alien !== null) found.push(violation("STRATEGY_DEFAULTS", `/defaults${alien.pointer}`, alien.value, "plain JSON"));
  return found;
}

function checkHandlers(definition: Readonly<Record<string, unknown>>): Violation[] {
  const found: Violation[] = [];
  for (const name of FUNCTIONS) {
    const value = definition[name];
    if (value === undefined) continue;
    if (typeof value !== "function") found.push(violation("STRATEGY_HANDLER", `/${name}`, value, "a function"));
    else if (!isSynchronous(value))
      found.push(
        violation("STRATEGY_ASYNC_HANDLER", `/${name}`, value, "a plain function: handlers are synchronous, neither async nor generators"),
      );
  }
  const { onBar, onBars } = definition;
  if (onBar === undefined && onBars === undefined)
    found.push(
      violation("STRATEGY_NO_BAR_HANDLER", "/onBar", undefined, "onBar (one bar at a time) or onBars (all bars of one close time)"),
    );
  if (onBar !== undefined && onBars !== undefined)
    found.push(violation("STRATEGY_TWO_BAR_HANDLERS", "/onBars", onBars, "either onBar or onBars, not both"));
  return found;
}

function isSynchronous(value: object): boolean {
  return Object.prototype.toString.call(value) === "[object Function]";
}

function tryFactories(definition: AnyStrategy): Violation[] {
  const params = resolveParams<ParamSchemas>(definition.params, {});
  if (params.kind === "invalid") return [...params.violations];
  const { values } = params;
  return [
    ...attempt(
      "/state",
      () => definition.state?.(values) ?? {},
      (state) => {
        const alien = findNonJson(state);
        if (alien === null) return isRecord(state) ? [] : [violation("STRATEGY_STATE", "/state", state, "an object, mutated in place")];
        return [
          violation(
            "STRATEGY_STATE",
            `/state${alien.pointer}`,
            alien.value,
            `plain JSON${alien.reason === undefined ? "" : `: ${alien.reason}`}`,
          ),
        ];
      },
    ),
    ...attempt(
      "/warmup",
      () => definition.warmup?.(values) ?? 0,
      (bars) =>
        Number.isSafeInteger(bars) && bars >= 0
          ? []
          : [violation("STRATEGY_WARMUP", "/warmup", bars, "a whole number of bars, zero or more")],
    ),
    ...attempt("/indicators", () => definition.indicators?.(values) ?? {}, checkIndicators),
  ];
}

function checkIndicators(indicators: unknown): Violation[] {
  if (!isRecord(indicators)) return [violation("STRATEGY_INDICATORS", "/indicators", indicators, "an object of indicators by name")];
  return Object.entries(indicators).flatMap(([name, made]) =>
    isRecord(made) && typeof made["create"] === "function" && typeof made["name"] === "string"
      ? []
      : [violation("STRATEGY_INDICATORS", `/indicators/${name}`, made, "an indicator such as emaFirst(10)")],
  );
}

/** Runs one of the user's functions; what it throws is a violation like any other. */
function attempt<T>(field: string, run: () => T, check: (value: T) => Violation[]): Violation[] {
  let value: T;
  try {
    value = run();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [
      {
        code: "STRATEGY_THREW",
        message: `${field.slice(1)} failed with the default parameters: ${message}`,
        field,
        value: message,
        expected: "a value",
      },
    ];
  }
  return check(value);
}

function checkWord(code: string, field: string, value: unknown, allowed: readonly string[]): Violation[] {
  if (typeof value === "string" && allowed.includes(value)) return [];
  const nearest = typeof value === "string" ? nearestName(value, allowed) : null;
  return [violation(code, field, value, `one of ${allowed.join(", ")}${nearest === null ? "" : `; did you mean ${nearest}?`}`)];
}

function unknownKeys(record: Readonly<Record<string, unknown>>, at: string, known: Readonly<Record<string, true>>): Violation[] {
  return Object.keys(record)
    .filter((key) => !Object.hasOwn(known, key))
    .map((key) => {
      const nearest = nearestName(key, Object.keys(known));
      const hint = nearest === null ? `known are ${Object.keys(known).join(", ")}` : `did you mean ${nearest}?`;
      return {
        code: "STRATEGY_UNKNOWN_KEY",
        message: `unknown key "${key}"${at === "" ? "" : ` in ${at.slice(1)}`}; ${hint}`,
        field: `${at}/${key}`,
        value: key,
        expected: nearest ?? Object.keys(known).join(", "),
      };
    });
}

function violation(code: string, field: string, value: unknown, expected: string): Violation {
  const shown = show(value);
  return {
    code,
    message: `${field === "" ? "the default export" : field.slice(1).replaceAll("/", ".")} is ${shown}, expected ${expected}`,
    field,
    value: shown,
    expected,
  };
}

function show(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value === "bigint") return `${value}n`;
  if (value === undefined || typeof value === "symbol" || typeof value === "number") return String(value);
  const text = findNonJson(value) === null ? JSON.stringify(value) : Object.prototype.toString.call(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
