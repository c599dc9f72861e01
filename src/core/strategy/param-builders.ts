import { parseBig } from "../money/decimal.js";
import type { ParamSchema } from "./params.js";

interface Described<T> {
  readonly default: T;
  readonly description?: string;
}

interface Bounds<T> {
  /** Smallest value allowed. */
  readonly min?: T;
  /** Largest value allowed. */
  readonly max?: T;
}

const DECIMAL = /^-?\d{1,40}(?:\.\d{1,20})?$/;
const DECIMAL_PLACES = 20;

/**
 * A whole number.
 *
 * @example `fast: int({ default: 10, min: 1, max: 500, description: "bars of the fast average" })`
 */
export function int(options: Described<number> & Bounds<number>): ParamSchema<number> {
  const expected = `a whole number${range(options.min, options.max)}`;
  return build("int", options, (value) =>
    Number.isSafeInteger(value) && within(Number(value), options.min, options.max) ? null : expected,
  );
}

/** A float64, never NaN or infinite. For money, prices and quantities use {@link decimal}. */
export function number(options: Described<number> & Bounds<number>): ParamSchema<number> {
  const expected = `a finite number${range(options.min, options.max)}`;
  return build("number", options, (value) =>
    typeof value === "number" && Number.isFinite(value) && within(value, options.min, options.max) ? null : expected,
  );
}

/**
 * An exact decimal as text, for example `"0.001"`; bounds are decimal text too. At most 40 digits before and 20 after the point.
 *
 * @example `size: decimal({ default: "0.001", min: "0" })`
 */
export function decimal(options: Described<string> & Bounds<string>): ParamSchema<string> {
  const expected = `decimal text such as "0.5"${range(options.min, options.max)}`;
  return build("decimal", options, (value) => {
    const scaled = scaledDecimal(value);
    if (scaled === null) return expected;
    const min = options.min === undefined ? scaled : scaledDecimal(options.min);
    const max = options.max === undefined ? scaled : scaledDecimal(options.max);
    return min !== null && max !== null && scaled >= min && scaled <= max ? null : expected;
  });
}

export function boolean(options: Described<boolean>): ParamSchema<boolean> {
  return build("boolean", options, (value) => (typeof value === "boolean" ? null : "true or false"));
}

/**
 * One of a closed set of words.
 *
 * @example `side: choice({ options: ["both", "long", "short"], default: "both" })`
 */
export function choice<const T extends string>(options: { readonly options: readonly T[] } & Described<NoInfer<T>>): ParamSchema<T> {
  const expected = `one of ${options.options.join(", ")}`;
  const allowed: readonly unknown[] = options.options;
  return build("choice", options, (value) => (allowed.includes(value) ? null : expected));
}

/** Text with its length in UTF-16 code units between `minLength` (default 0) and `maxLength` (default 1000). */
export function text(options: Described<string> & { readonly minLength?: number; readonly maxLength?: number }): ParamSchema<string> {
  const { minLength = 0, maxLength = 1000 } = options;
  const expected = `text of ${minLength} to ${maxLength} characters`;
  return build("text", options, (value) => (typeof value === "string" && within(value.length, minLength, maxLength) ? null : expected));
}

function build<T extends boolean | number | string>(
  kind: ParamSchema<T>["kind"],
  options: Described<T>,
  check: (value: unknown) => string | null,
): ParamSchema<T> {
  const description = options.description === undefined ? {} : { description: options.description };
  return Object.freeze({ kind, default: options.default, ...description, check });
}

function within(value: number, min: number | undefined, max: number | undefined): boolean {
  return (min === undefined || value >= min) && (max === undefined || value <= max);
}

function scaledDecimal(value: unknown): bigint | null {
  return typeof value === "string" && DECIMAL.test(value) ? parseBig(value, DECIMAL_PLACES) : null;
}

function range(min: number | string | undefined, max: number | string | undefined): string {
  if (min === undefined) return max === undefined ? "" : ` of at most ${max}`;
  return max === undefined ? ` of at least ${min}` : ` from ${min} to ${max}`;
}
