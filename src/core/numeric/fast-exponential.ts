/**
 * e^x for loops over many values: a table and a short polynomial, nothing allocated. Built from + - * / alone, so every machine gives the
 * same bits. {@link exp} is a little nearer to the true value and several times slower.
 */
import { LN_2, scalePair } from "./double-double.js";
import { exp, scaledExponential } from "./exponential.js";
import { powerOfTwo } from "./float-bits.js";

/** Steps that a power of two is cut into. */
const STEPS = 64;
const STEPS_PER_LN_2 = 92.33248261689366;
/** ln 2 / 64 in two pieces: the first has 32 significant bits, so that its product with a whole number below 2^21 is exact. */
const STEP_HIGH = 0.01083042469326756;
const STEP_LOW = 2.9815858269852933e-12;
/** Adding and taking it away rounds to a whole number. */
const ROUNDER = 6_755_399_441_055_744; // 1.5 * 2^52

/** Beyond these the result may overflow or lose bits to a subnormal, which {@link exp} rounds with care. */
const LEAST = -708;
const MOST = 709;

/** 2^(j/64) as the sum of two numbers. */
const ROOT_HIGH = new Float64Array(STEPS);
const ROOT_LOW = new Float64Array(STEPS);
for (let j = 0; j < STEPS; j++) {
  const { fraction, exponent } = scaledExponential(scalePair(LN_2, j / STEPS));
  ROOT_HIGH[j] = fraction.hi * powerOfTwo(exponent);
  ROOT_LOW[j] = fraction.lo * powerOfTwo(exponent);
}

const LEAST_POWER = -1022;
const POWERS = new Float64Array(2046);
for (let n = 0; n < POWERS.length; n++) POWERS[n] = powerOfTwo(n + LEAST_POWER);

/** e^x. Bit-identical on every machine; within 0.52 ulp. */
export function fastExp(x: number): number {
  if (!(x >= LEAST && x <= MOST)) return exp(x);
  const steps = x * STEPS_PER_LN_2 + ROUNDER - ROUNDER;
  const r = x - steps * STEP_HIGH - steps * STEP_LOW;
  const tail = r * r * (0.5 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720)))));
  const j = steps & (STEPS - 1);
  const root = ROOT_HIGH[j] ?? 1;
  const value = root + (root * (r + tail) + (ROOT_LOW[j] ?? 0));
  return value * (POWERS[((steps | 0) >> 6) - LEAST_POWER] ?? 1);
}
