/**
 * Double-double arithmetic: a value is the unevaluated sum of two float64, about 106 significant bits.
 *
 * Built from + - * / and sqrt alone, which IEEE 754 fixes to the bit, so every machine gives the same result.
 * Inputs must be finite and below 2^996 in magnitude: the split of a product overflows beyond.
 *
 * @see T. J. Dekker, A floating-point technique for extending the available precision, Numer. Math. 18 (1971)
 */
export interface Pair {
  /** The float64 nearest to the value. */
  readonly hi: number;
  /** What is left, at most half a unit in the last place of `hi`. */
  readonly lo: number;
}

const SPLITTER = 134_217_729; // 2^27 + 1

export const ONE: Pair = { hi: 1, lo: 0 };
export const LN_2: Pair = { hi: 0.6931471805599453, lo: 2.3190468138462996e-17 };
export const PI: Pair = { hi: 3.141592653589793, lo: 1.2246467991473532e-16 };
export const HALF_PI: Pair = { hi: 1.5707963267948966, lo: 6.123233995736766e-17 };

export function pair(hi: number, lo: number): Pair {
  return { hi, lo };
}

/** The exact sum of two numbers. */
export function sum(a: number, b: number): Pair {
  const hi = a + b;
  const shadow = hi - a;
  return { hi, lo: a - (hi - shadow) + (b - shadow) };
}

/** The exact sum of two numbers of which the first is zero or not smaller in magnitude. */
function sumOrdered(a: number, b: number): Pair {
  const hi = a + b;
  return { hi, lo: b - (hi - a) };
}

/** The exact product of two numbers, as long as nothing underflows. */
export function product(a: number, b: number): Pair {
  const hi = a * b;
  const aWide = SPLITTER * a;
  const aHigh = aWide - (aWide - a);
  const aLow = a - aHigh;
  const bWide = SPLITTER * b;
  const bHigh = bWide - (bWide - b);
  const bLow = b - bHigh;
  return { hi, lo: aLow * bLow - (hi - aHigh * bHigh - aLow * bHigh - aHigh * bLow) };
}

export function add(a: Pair, b: Pair): Pair {
  const high = sum(a.hi, b.hi);
  const low = sum(a.lo, b.lo);
  const middle = sumOrdered(high.hi, high.lo + low.hi);
  return sumOrdered(middle.hi, middle.lo + low.lo);
}

export function addNumber(a: Pair, b: number): Pair {
  const high = sum(a.hi, b);
  return sumOrdered(high.hi, high.lo + a.lo);
}

export function negate(a: Pair): Pair {
  return { hi: -a.hi, lo: -a.lo };
}

export function subtract(a: Pair, b: Pair): Pair {
  return add(a, negate(b));
}

export function multiply(a: Pair, b: Pair): Pair {
  const high = product(a.hi, b.hi);
  return sumOrdered(high.hi, high.lo + (a.hi * b.lo + a.lo * b.hi));
}

export function multiplyByNumber(a: Pair, b: number): Pair {
  const high = product(a.hi, b);
  return sumOrdered(high.hi, high.lo + a.lo * b);
}

export function divide(a: Pair, b: Pair): Pair {
  const first = a.hi / b.hi;
  const rest = subtract(a, multiplyByNumber(b, first));
  return sumOrdered(first, rest.hi / b.hi);
}

export function squareRoot(a: Pair): Pair {
  if (a.hi === 0) return a;
  const root = Math.sqrt(a.hi);
  const rest = subtract(a, product(root, root));
  return sumOrdered(root, rest.hi / (2 * root));
}

/** Halves or doubles exactly: `factor` must be a power of two. */
export function scalePair(a: Pair, factor: number): Pair {
  return { hi: a.hi * factor, lo: a.lo * factor };
}

/** The float64 nearest to the value. */
export function toNumber(a: Pair): number {
  return a.hi + a.lo;
}
