const scratch = new DataView(new ArrayBuffer(8));

const TWO_54 = 18_014_398_509_481_984;
const TWO_TO_MINUS_100 = 7.888609052210118e-31;

/** A positive finite number as `mantissa * 2^exponent` with the mantissa in [1, 2). Subnormal numbers included. */
export interface Decomposed {
  readonly mantissa: number;
  readonly exponent: number;
}

/** @param x positive and finite */
export function decompose(x: number): Decomposed {
  const subnormal = x < 2.2250738585072014e-308;
  scratch.setFloat64(0, subnormal ? x * TWO_54 : x);
  const high = scratch.getUint32(0);
  scratch.setUint32(0, (high & 0x000f_ffff) | 0x3ff0_0000);
  return { mantissa: scratch.getFloat64(0), exponent: (high >>> 20) - (subnormal ? 1077 : 1023) };
}

/** 2^exponent, exact, for exponents from -1022 to 1023. */
export function powerOfTwo(exponent: number): number {
  scratch.setUint32(0, (exponent + 1023) << 20);
  scratch.setUint32(4, 0);
  return scratch.getFloat64(0);
}

/** `x * 2^exponent`, rounded once where the result is subnormal; x in magnitude between 2^-20 and 2^20 or zero, exponent within ±1200. */
export function scaleByPowerOfTwo(x: number, exponent: number): number {
  if (exponent > 1000) return x * powerOfTwo(1000) * powerOfTwo(exponent - 1000);
  if (exponent < -1000) return x * powerOfTwo(exponent + 100) * TWO_TO_MINUS_100;
  return x * powerOfTwo(exponent);
}

/** True for negative numbers and negative zero. */
export function isNegative(x: number): boolean {
  return x < 0 || (x === 0 && 1 / x < 0);
}

/** The magnitude of `x` with the sign of `sign`. */
export function copySign(x: number, sign: number): number {
  return isNegative(x) === isNegative(sign) ? x : -x;
}
