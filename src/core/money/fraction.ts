/** A decimal such as 0.2 as an exact fraction, and what it is of. */
import { type Amount, amountOf } from "./amount.js";
import { bigOf, decimalPlaces, pow10Big } from "./decimal.js";

export interface Fraction {
  readonly text: string;
  readonly numerator: bigint;
  readonly denominator: bigint;
  /** The same as doubles. */
  readonly up: number;
  readonly down: number;
}

/** @throws {RangeError} for a text that is no plain decimal. */
export function fractionFrom(text: string): Fraction {
  const places = decimalPlaces(text);
  if (places === null) throw new RangeError(`"${text}" is not a plain decimal`);
  const numerator = bigOf(text, places);
  const denominator = pow10Big(places);
  return { text, numerator, denominator, up: Number(numerator), down: Number(denominator) };
}

/** `fraction x of`, rounded towards minus infinity (`down`) or plus infinity (`up`). */
export function fractionOf({ numerator, denominator }: Fraction, of: Amount, rounding: "down" | "up"): Amount {
  return amountOf(divideTowards(BigInt(of) * numerator, denominator, rounding));
}

/** `numerator / denominator` towards an infinity. @param denominator positive. */
export function divideTowards(numerator: bigint, denominator: bigint, rounding: "down" | "up"): bigint {
  const quotient = numerator / denominator;
  const rest = numerator - quotient * denominator;
  if (rest === 0n) return quotient;
  if (rounding === "down") return rest < 0n ? quotient - 1n : quotient;
  return rest > 0n ? quotient + 1n : quotient;
}

/** Whether `part > fraction x whole`, exactly. Both are integers. */
export function isMoreThan(part: number, fraction: Fraction, whole: number): boolean {
  const left = part * fraction.down;
  const right = whole * fraction.up;
  if (Number.isSafeInteger(left) && Number.isSafeInteger(right)) return left > right;
  return BigInt(part) * fraction.denominator > BigInt(whole) * fraction.numerator;
}
