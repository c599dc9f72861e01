/**
 * Numbers and times as people read them: groups of three with a thin space, a true minus sign, UTC.
 *
 * Rounding is half-even on the exact value. No locale is asked.
 */
import { utcText } from "../../src/core/market/scan-time.js";
import { roundHalfEven } from "../../src/core/metrics/round-half-even.js";

const MINUS = "\u2212";
/** Narrow, and no line ends in it. */
const THIN_SPACE = "\u202f";
const NOT_AVAILABLE = "n/a";

/** What stands where there is no value. */
export function orNotAvailable<T>(value: T | null, format: (value: T) => string): string {
  return value === null ? NOT_AVAILABLE : format(value);
}

/** A number at a fixed count of decimals. */
export function fixed(value: number, decimals: number, sign: "auto" | "always" = "auto"): string {
  const rounded = roundHalfEven(value, decimals);
  return signed(rounded < 0, rounded === 0, grouped(Math.abs(rounded).toFixed(decimals)), sign);
}

/** Exact decimal text, grouped; nothing is rounded. */
export function decimalText(text: string, sign: "auto" | "always" = "auto"): string {
  const negative = text.startsWith("-");
  const plain = negative ? text.slice(1) : text;
  return signed(negative, /^[0.]*$/.test(plain), grouped(plain), sign);
}

/** Decimal text at the decimals of a currency: 2, or none where nobody uses them. */
export function money(text: string, currency: string, sign: "auto" | "always" = "auto"): string {
  const decimals = ZERO_DECIMALS.has(currency) ? 0 : 2;
  const places = text.includes(".") ? text.length - text.indexOf(".") - 1 : 0;
  return places > decimals ? fixed(Number(text), decimals, sign) : decimalText(padded(text, places, decimals), sign);
}

const ZERO_DECIMALS: ReadonlySet<string> = new Set(["KRW", "JPY"]);

function padded(text: string, places: number, decimals: number): string {
  if (places >= decimals) return text;
  return `${text}${places === 0 ? "." : ""}${"0".repeat(decimals - places)}`;
}

/** A fraction as a percentage. */
export function percent(fraction: number, decimals = 2, sign: "auto" | "always" = "auto"): string {
  return `${fixed(fraction * 100, decimals, sign)} %`;
}

/** A whole number. */
export function count(value: number): string {
  return fixed(value, 0);
}

function signed(negative: boolean, zero: boolean, text: string, sign: "auto" | "always"): string {
  if (negative && !zero) return `${MINUS}${text}`;
  return sign === "always" && !zero ? `+${text}` : text;
}

function grouped(text: string): string {
  const dot = text.indexOf(".");
  const whole = dot < 0 ? text : text.slice(0, dot);
  return `${whole.replace(/\B(?=(\d{3})+$)/g, THIN_SPACE)}${dot < 0 ? "" : text.slice(dot)}`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/** `Jan` for 1. */
export function monthName(month: number): string {
  return MONTHS[month - 1] ?? "";
}

/** `2024-01-02`. */
export function day(ts: number): string {
  return utcText(ts).slice(0, 10);
}

/** `2024-01-02 14:31`, with seconds where there are some. */
export function moment(ts: number): string {
  const text = utcText(ts);
  const clock = text.slice(11, text.length - 1);
  return `${text.slice(0, 10)} ${clock.endsWith(":00") ? clock.slice(0, 5) : clock}`;
}

/** `3 trades`, `1 trade`. */
export function plural(n: number, one: string, many: string = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}
