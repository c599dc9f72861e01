import { divideHalfEven, parseBig, pow10Big } from "./decimal.js";

const EXPONENT = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/;

/** The shortest decimal text that reads back as the same double, without exponent. @throws {RangeError} when not finite. */
export function decimalOfNumber(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`${value} is not a finite number`);
  const text = String(value + 0);
  const m = EXPONENT.exec(text);
  if (m === null) return text;
  const [, sign = "", lead = "", fraction = "", exponent = "0"] = m;
  const digits = lead + fraction;
  const point = 1 + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return point >= digits.length ? `${sign}${digits.padEnd(point, "0")}` : `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** How a number that is no exact multiple of a step becomes one. */
export type StepRounding = "half_even" | "floor";

/**
 * Snaps a number's shortest decimal to a multiple of `step` units at `scale`.
 *
 * Works on decimal digits, so 0.29 at a step of 0.01 is 29 units and not 28.
 * @throws {RangeError} when the value is not finite or the result leaves the safe integer range.
 */
export function snapToStep(value: number, scale: number, step: number, rounding: StepRounding): number {
  const text = decimalOfNumber(value);
  const dot = text.indexOf(".");
  const places = dot < 0 ? 0 : text.length - dot - 1;
  const big = parseBig(text, places);
  if (big === null) throw new RangeError(`${text} is not a decimal`);
  const numerator = big * pow10Big(scale);
  // Written out: the smallest doubles have more places than any scale.
  const denominator = BigInt(`${step}${"0".repeat(places)}`);
  const steps = rounding === "floor" ? floorDivide(numerator, denominator) : divideHalfEven(numerator, denominator);
  const units = Number(steps) * step;
  if (!Number.isSafeInteger(units)) throw new RangeError(`${text} leaves the safe integer range at scale ${scale}`);
  return units;
}

function floorDivide(n: bigint, d: bigint): bigint {
  const q = n / d;
  return n < 0n && q * d !== n ? q - 1n : q;
}
