/**
 * Exact decimals. A number is a scaled integer: `value x 10^-scale`.
 *
 * Prices and quantities are safe integers held in a double (fast, checked); balances are BigInt. Nothing here ever
 * goes through a fraction in floating point.
 */

/** `10^n` as a double, exact for 0 <= n <= 22. */
const POW10: readonly number[] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
const POW10_BIG: readonly bigint[] = Array.from({ length: 64 }, (_, n) => BigInt(`1${"0".repeat(n)}`));
const GRAMMAR = /^([+-])?(\d+)(?:\.(\d+))?$/;

/** Largest scale of a safe-integer decimal. */
export const MAX_SCALE = 15;

/** `10^n` for 0 <= n <= 15. @throws {RangeError} outside. */
export function pow10(n: number): number {
  const p = POW10[n];
  if (p === undefined) throw new RangeError(`scale ${n} is outside 0..${MAX_SCALE}`);
  return p;
}

/** `10^n` as BigInt for 0 <= n <= 63. @throws {RangeError} outside. */
export function pow10Big(n: number): bigint {
  const p = POW10_BIG[n];
  if (p === undefined) throw new RangeError(`scale ${n} is outside 0..63`);
  return p;
}

/** Digits after the point of a decimal text, trailing zeros not counted; null when the text is no plain decimal. */
export function decimalPlaces(text: string): number | null {
  const m = GRAMMAR.exec(text);
  if (m === null) return null;
  return (m[3] ?? "").replace(/0+$/, "").length;
}

/**
 * @returns the text as an integer at `scale`, or null when it is no plain decimal, needs more digits, or leaves the safe range.
 *
 * Reads digits one by one: it stands on the path of every fill, where a pattern and a BigInt would cost ten times as much.
 */
export function parseScaled(text: string, scale: number): number | null {
  const first = text.charCodeAt(0);
  const negative = first === MINUS;
  let at = negative || first === PLUS ? 1 : 0;
  let value = 0;
  let digits = 0;
  /** Decimals still wanted; counted down behind the point. */
  let wanted = scale;
  let pointAt = -1;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === POINT && pointAt < 0 && digits > 0) {
      pointAt = at;
      continue;
    }
    if (code < ZERO || code > NINE) return null;
    digits += 1;
    if (pointAt >= 0) {
      if (wanted === 0) {
        if (code !== ZERO) return null;
        continue;
      }
      wanted -= 1;
    }
    value = value * 10 + (code - ZERO);
  }
  if (digits === 0 || pointAt === text.length - 1) return null;
  value *= pow10(wanted);
  // A sum that stayed below 2^53 was exact at every step.
  if (value > Number.MAX_SAFE_INTEGER) return null;
  return negative ? 0 - value : value;
}

const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

/** @returns the text as a BigInt at `scale`, or null when it is no plain decimal or needs more digits than `scale`. */
export function parseBig(text: string, scale: number): bigint | null {
  const m = GRAMMAR.exec(text);
  if (m === null) return null;
  const fraction = (m[3] ?? "").replace(/0+$/, "");
  if (fraction.length > scale) return null;
  const digits = BigInt(`${m[2]}${fraction.padEnd(scale, "0")}`);
  return m[1] === "-" ? -digits : digits;
}

/** Like {@link parseScaled} for text that the caller has already validated. @throws {RangeError} naming the text. */
export function scaledOf(text: string, scale: number): number {
  const value = parseScaled(text, scale);
  if (value === null) throw new RangeError(`"${text}" is not a decimal with at most ${scale} places in the safe integer range`);
  return value;
}

/** Like {@link parseBig} for text that the caller has already validated. @throws {RangeError} naming the text. */
export function bigOf(text: string, scale: number): bigint {
  const value = parseBig(text, scale);
  if (value === null) throw new RangeError(`"${text}" is not a decimal with at most ${scale} places`);
  return value;
}

/** Shortest decimal text of a scaled safe integer; never `-0`. */
export function formatScaled(value: number, scale: number): string {
  if (scale === 0) return String(value + 0);
  if (value < 0) return `-${formatScaled(-value, scale)}`;
  const unit = pow10(scale);
  let whole = Math.floor(value / unit);
  let rest = value - whole * unit;
  if (rest < 0) {
    // The quotient of two large integers may round up to the next whole number.
    whole -= 1;
    rest += unit;
  }
  if (rest === 0) return String(whole);
  return `${whole}.${trimZeros(String(rest + unit), 1)}`;
}

/** Shortest decimal text of a BigInt at `scale`. */
export function formatBig(value: bigint, scale: number): string {
  if (scale === 0) return value.toString();
  if (value < 0n) return `-${formatBig(-value, scale)}`;
  const text = value.toString().padStart(scale + 1, "0");
  const whole = text.slice(0, text.length - scale);
  const fraction = trimZeros(text, text.length - scale);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

/** The digits of `text` from `start` on without trailing zeros. */
function trimZeros(text: string, start: number): string {
  let end = text.length;
  while (end > start && text.charCodeAt(end - 1) === 48) end -= 1;
  return text.slice(start, end);
}

/** `numerator / denominator` rounded half to even. @throws {RangeError} when the denominator is not positive. */
export function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  if (denominator <= 0n) throw new RangeError("denominator must be positive");
  if (denominator === 1n) return numerator;
  const negative = numerator < 0n;
  const n = negative ? -numerator : numerator;
  let q = n / denominator;
  const twice = (n - q * denominator) * 2n;
  if (twice > denominator || (twice === denominator && (q & 1n) === 1n)) q += 1n;
  return negative ? -q : q;
}

/**
 * {@link divideHalfEven} of safe integers, an order of magnitude faster.
 * @returns NaN when an argument is no safe integer, or the denominator is not positive.
 */
export function divideSafe(numerator: number, denominator: number): number {
  const n = Math.abs(numerator);
  if (!(n <= Number.MAX_SAFE_INTEGER && denominator > 0 && denominator <= Number.MAX_SAFE_INTEGER)) return Number.NaN;
  if (denominator === 1) return numerator + 0;
  let q = Math.floor(n / denominator);
  // The quotient may have been rounded to a neighbour; the rest tells, and is exact.
  let rest = n - q * denominator;
  if (rest < 0) {
    q -= 1;
    rest += denominator;
  } else if (rest >= denominator) {
    q += 1;
    rest -= denominator;
  }
  const other = denominator - rest;
  if (rest > other || (rest === other && q % 2 === 1)) q += 1;
  return numerator < 0 ? 0 - q : q;
}

/** Moves a BigInt from one scale to another, half-even where digits are lost. */
export function rescale(value: bigint, from: number, to: number): bigint {
  return to >= from ? value * pow10Big(to - from) : divideHalfEven(value, pow10Big(from - to));
}

/** Compares two plain decimals of any number of places: negative, zero or positive. @throws {RangeError} for a text that is none. */
export function compareExact(left: string, right: string): number {
  const a = decimalPlaces(left);
  const b = decimalPlaces(right);
  if (a === null || b === null) throw new RangeError(`"${a === null ? left : right}" is not a plain decimal`);
  const scale = Math.max(a, b);
  const difference = bigOf(left, scale) - bigOf(right, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
