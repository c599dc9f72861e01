/**
 * The standard normal distribution: probability and quantile, from rational approximations over our own exponential and logarithm.
 *
 * @see W. J. Cody, Rational Chebyshev approximations for the error function, Mathematics of Computation 23 (1969)
 * @see M. J. Wichura, Algorithm AS 241: the percentage points of the normal distribution, Applied Statistics 37 (1988), PPND16
 */
import { exp } from "./exponential.js";
import { fastExp } from "./fast-exponential.js";
import { log } from "./logarithm.js";
import { millsRatio } from "./mills-ratio.js";

const SQRT_HALF = 0.7071067811865476;
const ONE_OVER_SQRT_PI = 0.5641895835477563;

/** Coefficients from the highest power down; a denominator's leading 1 is left out. */
const NEAR_ZERO = {
  up: [0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694],
  down: [23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171],
} as const;
const MIDDLE = {
  up: [
    2.1531153547440383e-8, 0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001, 881.952221241769,
    1712.0476126340707, 2051.0783778260716, 1230.3393547979972,
  ],
  down: [
    15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597, 4362.619090143247, 3439.3676741437216,
    1230.3393548037495,
  ],
} as const;
const FAR = {
  up: [0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275, 0.0006587491615298378],
  down: [2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918],
} as const;

const CENTRE = {
  up: [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513, 133.14166789178438,
    3.3871328727963665,
  ],
  down: [
    5226.495278852546, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579, 42.31333070160091,
    1,
  ],
} as const;
const SHOULDER = {
  up: [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045, 5.769497221460691,
    4.630337846156546, 1.4234371107496835,
  ],
  down: [
    1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851, 1.6763848301838038,
    2.053191626637759, 1,
  ],
} as const;
const TAIL = {
  up: [
    2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487, 1.7848265399172913,
    5.463784911164114, 6.657904643501103,
  ],
  down: [
    2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 0.0007868691311456133, 0.014875361290850615, 0.1369298809227358,
    0.599832206555888, 1,
  ],
} as const;

function polynomial(coefficients: readonly number[], x: number, start = 0): number {
  let value = start;
  for (const c of coefficients) value = value * x + c;
  return value;
}

/** `exp(-x^2)` by a split of x, so that squaring loses no digits. */
function gaussian(x: number): number {
  const coarse = Math.trunc(x * 16) / 16;
  return exp(-coarse * coarse) * exp(-(x - coarse) * (x + coarse));
}

/** Complementary error function. */
function erfc(x: number): number {
  const size = Math.abs(x);
  if (size <= 0.46875) {
    const square = x * x;
    return 1 - (x * polynomial(NEAR_ZERO.up, square)) / polynomial(NEAR_ZERO.down, square, 1);
  }
  const tail = size <= 4 ? polynomial(MIDDLE.up, size) / polynomial(MIDDLE.down, size, 1) : farTail(size);
  const value = gaussian(size) * tail;
  return x > 0 ? value : 2 - value;
}

function farTail(size: number): number {
  const inverse = 1 / (size * size);
  return (ONE_OVER_SQRT_PI - (inverse * polynomial(FAR.up, inverse)) / polynomial(FAR.down, inverse, 1)) / size;
}

/**
 * Probability that a standard normal variable is at most `x`, to thirteen digits. The tear sheet's metrics rest on its bits, so they stay;
 * new calculations take {@link normalCdf}.
 */
export function normalProbability(x: number): number {
  return 0.5 * erfc(-x * SQRT_HALF);
}

const SPLITTER = 134_217_729; // 2^27 + 1
const ONE_OVER_SQRT_TWO_PI = 0.3989422804014327;

/** Density of the standard normal distribution; relative error below 4e-16 as long as the result is a normal number. */
export function normalPdf(x: number): number {
  if (!(Math.abs(x) < 40)) return Number.isNaN(x) ? x : 0;
  const square = x * x;
  const wide = SPLITTER * x;
  const high = wide - (wide - x);
  const low = x - high;
  // What rounding took from the square matters where the square is large.
  const lost = low * low - (square - high * high - 2 * (high * low));
  return fastExp(-0.5 * square) * (1 - 0.5 * lost) * ONE_OVER_SQRT_TWO_PI;
}

/** Probability that a standard normal variable is at most `x`; relative error below 1e-15 in the lower tail too, down to subnormal results. */
export function normalCdf(x: number): number {
  const size = Math.abs(x);
  const tail = normalPdf(size) * millsRatio(size);
  return x > 0 ? 1 - tail : tail;
}

/**
 * The value that a standard normal variable is below with probability `p`.
 *
 * @param p strictly between 0 and 1
 * @throws {RangeError} outside of it.
 */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`${p} is no probability strictly between 0 and 1`);
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(CENTRE.up, r)) / polynomial(CENTRE.down, r);
  }
  const r = Math.sqrt(-log(q < 0 ? p : 1 - p));
  const part = r <= 5 ? SHOULDER : TAIL;
  const from = r <= 5 ? r - 1.6 : r - 5;
  const value = polynomial(part.up, from) / polynomial(part.down, from);
  return q < 0 ? -value : value;
}
