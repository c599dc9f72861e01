/**
 * The values of one parameter of a sweep: `5..20`, `20..60:5`, `0.1..0.5:0.1`, `long,both`, or ranges and values mixed.
 *
 * Ranges count in decimal text, so `0.1..0.5:0.1` has exactly five values. Both ends belong to a range; the last one only where the step
 * meets it. Whole ends step by 1 unless a step is stated; ends with a fraction need one.
 */
import { decimalPlaces, formatBig, parseBig } from "../money/decimal.js";
import type { Violation } from "../quality/violation.js";
import { paramFromText } from "../strategy/param-text.js";
import type { ParamSchema } from "../strategy/params.js";
import type { Json } from "../tape/event.js";

/** One parameter as somebody stated it. */
export interface StatedAxis {
  readonly name: string;
  /** Ranges and values, each as its author wrote it. */
  readonly items: readonly string[];
  /** Where it was stated: `--grid`, or a JSON pointer into the config. */
  readonly field: string;
}

export type AxisValues =
  | { readonly kind: "values"; readonly values: readonly Json[] }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

const NUMBER = "[+-]?\\d+(?:\\.\\d+)?";
const RANGE = new RegExp(`^(${NUMBER})\\.\\.(${NUMBER})(?::(${NUMBER}))?$`);
/** Looks like a range that was mistyped. */
const NEAR_RANGE = /\.\./;

/**
 * Lists the values of a parameter: numbers ascending, words in the order given.
 *
 * @param limit most values; a longer range is refused without being made.
 */
export function axisValues(schema: ParamSchema<Json>, axis: StatedAxis, limit: number): AxisValues {
  const numeric = schema.kind === "int" || schema.kind === "number" || schema.kind === "decimal";
  const texts: string[] = [];
  const violations: Violation[] = [];
  const refuse = (code: string, message: string, expected: string, value: string): void => {
    violations.push({ code, message: `${axis.name}: ${message}`, field: axis.field, value, expected });
  };
  for (const item of axis.items) {
    if (item === "") {
      refuse("GRID_EMPTY", "a value is empty", "values such as 5..20, 20..60:5 or 1,2,3", item);
      continue;
    }
    const range = numeric ? rangeOf(item) : null;
    if (range === null) {
      if (numeric && NEAR_RANGE.test(item))
        refuse("GRID_SYNTAX", `${item} is no range`, "FROM..TO or FROM..TO:STEP, in plain decimals", item);
      else texts.push(item);
      continue;
    }
    const fault = rangeFault(range, limit - texts.length);
    if (fault === null)
      for (let n = 0n, at = range.from; n < range.count; n += 1n, at += range.step) texts.push(formatBig(at, range.scale));
    else refuse(fault.code, `${item} ${fault.message}`, fault.expected, item);
  }
  if (axis.items.length === 0) refuse("GRID_EMPTY", "no value is stated", "values such as 5..20, 20..60:5 or 1,2,3", "");
  const values = texts.map((text) => paramFromText(schema, text));
  const faults = values.flatMap((value, i) => {
    const expected = schema.check(value);
    return expected === null ? [] : [{ text: texts[i] ?? "", expected }];
  });
  const [first] = faults;
  if (first !== undefined) {
    const count =
      values.length === 1
        ? `${first.text} does not fit`
        : `${faults.length} of ${values.length} values do not fit, the first is ${first.text}`;
    refuse("PARAM_INVALID", `${count}; expected ${first.expected}`, first.expected, first.text);
  }
  const seen = new Set<Json>();
  const repeated = values.find((value) => seen.size === seen.add(value).size);
  if (repeated !== undefined)
    refuse("GRID_VALUE_REPEATED", `the value ${String(repeated)} is there twice`, "each value once", String(repeated));
  if (violations.length > 0) return { kind: "invalid", violations };
  return { kind: "values", values: numeric ? values.sort(byNumber) : values };
}

interface Range {
  readonly from: bigint;
  readonly to: bigint;
  /** Null where none was stated and the ends have a fraction. */
  readonly step: bigint;
  readonly stated: boolean;
  readonly scale: number;
  /** Values in the range; 0 for one that never ends or never begins. */
  readonly count: bigint;
}

function rangeOf(item: string): Range | null {
  const match = RANGE.exec(item);
  if (match === null) return null;
  const [, from = "", to = "", step] = match;
  const scale = Math.max(...[from, to, step ?? "1"].map((text) => decimalPlaces(text) ?? 0));
  const at = (text: string): bigint => parseBig(text, scale) ?? 0n;
  const range = { from: at(from), to: at(to), step: at(step ?? "1"), stated: step !== undefined, scale };
  const distance = range.to - range.from;
  const ends = range.step !== 0n && (distance === 0n || distance > 0n === range.step > 0n);
  return { ...range, count: ends ? distance / range.step + 1n : 0n };
}

/** Why a range cannot be listed, or null. */
function rangeFault(
  { from, to, step, stated, scale, count }: Range,
  room: number,
): (Omit<Violation, "field"> & { readonly expected: string }) | null {
  if (step === 0n) return { code: "GRID_ENDLESS", message: "never ends: its step is 0", expected: "a step other than 0" };
  if (count === 0n) {
    const message = stated ? "never ends: its step leads away from its end" : "counts up, but its end lies below its start";
    return { code: "GRID_ENDLESS", message, expected: from > to ? "the smaller end first, or a negative step" : "a positive step" };
  }
  if (!stated && scale > 0)
    return { code: "GRID_STEP_MISSING", message: "has a fraction and no step", expected: "FROM..TO:STEP, for example 0.1..0.5:0.1" };
  if (count > BigInt(Math.max(room, 0)))
    return { code: "GRID_TOO_LARGE", message: `has ${count} values`, expected: "fewer values, a larger step, or a higher --max-points" };
  return null;
}

function byNumber(left: Json, right: Json): number {
  return Number(left) - Number(right);
}
