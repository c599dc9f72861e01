/**
 * Decimal text to exact integers, from bytes, without a float in between.
 *
 * Import reads hundreds of millions of cells: nothing here makes a string or an object for a cell that is well formed.
 */
import { divideHalfEven, formatScaled, pow10Big } from "../money/decimal.js";

/** What a scan found: `mantissa x 10^-decimals`, with no trailing zeros in `mantissa` when `decimals > 0`. Reused from cell to cell. */
export interface DecimalScan {
  mantissa: number;
  decimals: number;
}

export type DecimalFault = "empty" | "not_a_number" | "not_finite" | "too_many_digits";

const MAX = Number.MAX_SAFE_INTEGER;
const POW10 = Float64Array.of(1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16);
const MAX_EXPONENT_DIGITS = 4;
/** Largest scale of a stored price or volume. */
export const MAX_DECIMALS = 15;
const NON_FINITE = new Set(["nan", "inf", "infinity", "null", "none", "na", "n/a", "-", "nil", "#n/a"]);

/**
 * Reads one decimal: sign, digits, at most one point, an optional exponent (`1.5e-7`).
 *
 * @param keepDecimals digits after the point to keep, rounding half-even; -1 keeps all and never rounds.
 * @returns null when `out` holds the exact value (or the rounded one that was asked for), else what is wrong.
 */
export function scanDecimal(bytes: Uint8Array, start: number, end: number, out: DecimalScan, keepDecimals: number): DecimalFault | null {
  let at = start;
  let negative = false;
  const first = at < end ? (bytes[at] ?? 0) : 0;
  if (first === 45 || first === 43) {
    negative = first === 45;
    at += 1;
  }
  let mantissa = 0;
  let zeros = 0;
  let fraction = 0;
  let exponent = 0;
  let digits = 0;
  let point = false;
  for (; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 48;
    if (digit >= 0 && digit <= 9) {
      digits += 1;
      if (point) fraction += 1;
      if (digit === 0) {
        zeros += 1;
        continue;
      }
      if (mantissa === 0) mantissa = digit;
      else {
        const shift = zeros + 1;
        if (shift > 16) return wide(bytes, start, end, out, keepDecimals);
        mantissa = mantissa * (POW10[shift] ?? 0) + digit;
        if (mantissa > MAX) return wide(bytes, start, end, out, keepDecimals);
      }
      zeros = 0;
      exponent = -fraction;
      continue;
    }
    if (digit === -2 && !point) {
      point = true;
      // Zeros before the point belong to the number: only those after it are dropped.
      if (mantissa !== 0 && zeros > 0) {
        if (zeros > 16) return wide(bytes, start, end, out, keepDecimals);
        mantissa *= POW10[zeros] ?? 0;
        if (mantissa > MAX) return wide(bytes, start, end, out, keepDecimals);
      }
      zeros = 0;
      continue;
    }
    break;
  }
  if (digits === 0) return faultOf(bytes, start, end);
  if (!point && mantissa !== 0 && zeros > 0) exponent = zeros;
  if (at < end) {
    const power = scanExponent(bytes, at, end);
    if (power === null) return faultOf(bytes, start, end);
    exponent += power;
  }
  if (mantissa === 0) {
    out.mantissa = 0;
    out.decimals = 0;
    return null;
  }
  if (exponent > 0) {
    if (exponent > 16) return "too_many_digits";
    mantissa *= POW10[exponent] ?? 0;
    if (mantissa > MAX) return "too_many_digits";
    exponent = 0;
  } else if (exponent < 0) {
    // A mantissa such as 120 with a negative exponent still ends in a zero (`120e-1`).
    while (exponent < 0 && mantissa % 10 === 0) {
      mantissa /= 10;
      exponent += 1;
    }
  }
  if (keepDecimals >= 0 && -exponent > keepDecimals) return wide(bytes, start, end, out, keepDecimals);
  if (-exponent > MAX_DECIMALS) return "too_many_digits";
  out.mantissa = negative ? -mantissa : mantissa;
  out.decimals = exponent === 0 ? 0 : -exponent;
  return null;
}

function scanExponent(bytes: Uint8Array, start: number, end: number): number | null {
  const mark = bytes[start];
  if (mark !== 101 && mark !== 69) return null;
  let at = start + 1;
  const sign = bytes[at];
  if (sign === 45 || sign === 43) at += 1;
  if (at >= end || end - at > MAX_EXPONENT_DIGITS) return null;
  let value = 0;
  for (; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) return null;
    value = value * 10 + digit;
  }
  return sign === 45 ? -value : value;
}

/** The slow way for what does not fit a double's 53 bits as written: rounds when asked to, else refuses. */
function wide(bytes: Uint8Array, start: number, end: number, out: DecimalScan, keepDecimals: number): DecimalFault | null {
  const parts = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,4}))?$/.exec(asciiText(bytes, start, end));
  if (parts === null) return "not_a_number";
  const [, sign = "", whole = "", fraction = "", power = "0"] = parts;
  if (keepDecimals < 0) return "too_many_digits";
  const shift = keepDecimals - fraction.length + Number(power);
  if (shift > 60 || shift < -600) return shift < 0 ? zero(out) : "too_many_digits";
  const digits = BigInt(`0${whole}${fraction}`);
  let scaled = digits;
  if (shift >= 0) scaled = digits * pow10Big(shift);
  else scaled = divideHalfEven(digits, BigInt(`1${"0".repeat(-shift)}`));
  let decimals = keepDecimals;
  while (decimals > 0 && scaled % 10n === 0n) {
    scaled /= 10n;
    decimals -= 1;
  }
  if (scaled > BigInt(MAX) || decimals > MAX_DECIMALS) return "too_many_digits";
  const mantissa = Number(scaled);
  out.mantissa = sign === "-" && mantissa !== 0 ? -mantissa : mantissa;
  out.decimals = mantissa === 0 ? 0 : decimals;
  return null;
}

/** Significant decimal digits that every double keeps: what stands behind them in a printed double is an artefact of printing. */
export const DOUBLE_DIGITS = 15;

/**
 * Reads a decimal of any length and keeps its first {@link DOUBLE_DIGITS} significant digits, rounding half-even. For numbers that
 * {@link scanDecimal} finds too long and that may be rounded.
 */
export function scanSignificant(bytes: Uint8Array, start: number, end: number, out: DecimalScan): DecimalFault | null {
  const parts = /^[+-]?0*(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,4}))?$/.exec(asciiText(bytes, start, end));
  if (parts === null) return "not_a_number";
  const [, whole = "", fraction = "", power = "0"] = parts;
  const leading = whole === "" ? -(fraction.length - fraction.replace(/^0+/, "").length) : whole.length;
  const keep = DOUBLE_DIGITS - leading - Number(power);
  return keep < 0 || keep > MAX_DECIMALS ? "too_many_digits" : wide(bytes, start, end, out, keep);
}

function zero(out: DecimalScan): null {
  out.mantissa = 0;
  out.decimals = 0;
  return null;
}

function faultOf(bytes: Uint8Array, start: number, end: number): DecimalFault {
  const text = asciiText(bytes, start, end).trim().toLowerCase();
  if (text === "") return "empty";
  return NON_FINITE.has(text.replace(/^[+-](?=.)/, "")) ? "not_finite" : "not_a_number";
}

/** Bytes as text, one character a byte; other than ASCII shows as `?`. For messages and for cells that are no number. */
export function asciiText(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  const last = Math.min(end, start + 200);
  for (let i = start; i < last; i++) {
    const byte = bytes[i] ?? 0;
    text += byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "?";
  }
  return last < end ? `${text}...` : text;
}

/** {@link scanDecimal} for text. @returns null when the text is no exact decimal in range. */
export function decimalOfText(text: string): DecimalScan | null {
  const out: DecimalScan = { mantissa: 0, decimals: 0 };
  return scanDecimal(asciiBytes(text), 0, text.length, out, -1) === null ? out : null;
}

/** Shortest text of a scan. */
export function textOfDecimal(scan: DecimalScan): string {
  return formatScaled(scan.mantissa, scan.decimals);
}

/** One byte a character; a character outside Latin-1 becomes 0, which no scanner accepts. */
export function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes[i] = unit < 256 ? unit : 0;
  }
  return bytes;
}
