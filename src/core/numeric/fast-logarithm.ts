/**
 * Logarithms for loops over many values: a table and a short polynomial, nothing allocated. Built from + - * / alone, so every machine
 * gives the same bits. {@link log} is a little nearer to the true value and several times slower.
 */
import { LN_2 } from "./double-double.js";
import { log, naturalLogarithm } from "./logarithm.js";

/** Pieces that the mantissas between 1 and 2 are cut into. */
const PIECES = 128;
const SMALLEST_NORMAL = 2.2250738585072014e-308;
/** ln 2 and the table's logarithms end at 2^-41, so that their sums are exact. */
const GRID = 2_199_023_255_552; // 2^41
const LN_2_HIGH = Math.round(LN_2.hi * GRID) / GRID;
const LN_2_LOW = LN_2.hi - LN_2_HIGH + LN_2.lo;

/** Of the middle of each piece: the reciprocal, and the logarithm of what that reciprocal stands for, in two numbers. */
const RECIPROCAL = new Float64Array(PIECES);
const LOG_HIGH = new Float64Array(PIECES);
const LOG_LOW = new Float64Array(PIECES);
for (let n = 0; n < PIECES; n++) {
  const middle = 1 + (n + 0.5) / PIECES;
  const { hi, lo } = naturalLogarithm(middle);
  RECIPROCAL[n] = 1 / middle;
  LOG_HIGH[n] = Math.round(hi * GRID) / GRID;
  LOG_LOW[n] = hi - (LOG_HIGH[n] ?? 0) + lo;
}

const scratch = new DataView(new ArrayBuffer(8));

/** log(1 + f) for |f| <= 2^-6, by its Taylor series. */
function nearOne(f: number): number {
  const odd = 1 / 3 + f * (-1 / 4 + f * (1 / 5 + f * (-1 / 6 + f * (1 / 7 + f * (-1 / 8 + f * (1 / 9 - f / 10))))));
  return f + f * f * (-0.5 + f * odd);
}

/** Natural logarithm. Bit-identical on every machine; within 0.8 ulp. */
export function fastLog(x: number): number {
  const f = x - 1;
  if (f >= -0.015625 && f <= 0.015625) return nearOne(f);
  if (!(x >= SMALLEST_NORMAL && x < Number.POSITIVE_INFINITY)) return log(x);
  scratch.setFloat64(0, x);
  const high = scratch.getUint32(0);
  scratch.setUint32(0, (high & 0x000f_ffff) | 0x3ff0_0000);
  const n = (high >>> 13) & (PIECES - 1);
  const r = (scratch.getFloat64(0) - 1 - (n + 0.5) / PIECES) * (RECIPROCAL[n] ?? 1);
  const exponent = (high >>> 20) - 1023;
  const tail = r * r * (-0.5 + r * (1 / 3 + r * (-1 / 4 + r * (1 / 5 + r * (-1 / 6 + r * (1 / 7))))));
  return exponent * LN_2_HIGH + (LOG_HIGH[n] ?? 0) + (r + (tail + (exponent * LN_2_LOW + (LOG_LOW[n] ?? 0))));
}

/** log(1 + x) without loss near zero. */
export function fastLog1p(x: number): number {
  if (x >= -0.015625 && x <= 0.015625) return nearOne(x);
  const whole = 1 + x;
  // What rounding took from the sum.
  return fastLog(whole) + (x - (whole - 1)) / whole;
}
