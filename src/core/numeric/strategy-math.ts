import { exp, expm1 } from "./exponential.js";
import { acosh, asinh, atanh, cosh, sinh, tanh } from "./hyperbolic.js";
import { acos, asin, atan, atan2 } from "./inverse-trigonometry.js";
import { log, log1p, log2, log10 } from "./logarithm.js";
import { cbrt, hypot, pow, sqrt } from "./power.js";
import { cos, sin, tan } from "./trigonometry.js";

/** The members of `Math` that give the same bits on every machine; there is no `random`. */
export type StrategyMath = Omit<Math, "random" | typeof Symbol.toStringTag | "f16round" | "sumPrecise">;

/**
 * What a strategy sees as `Math`. The functions that ECMAScript leaves to the engine are ours;
 * the others it fixes to the bit.
 */
export const strategyMath: StrategyMath = Object.freeze({
  E: Math.E,
  LN10: Math.LN10,
  LN2: Math.LN2,
  LOG10E: Math.LOG10E,
  LOG2E: Math.LOG2E,
  PI: Math.PI,
  SQRT1_2: Math.SQRT1_2,
  SQRT2: Math.SQRT2,
  abs: Math.abs,
  ceil: Math.ceil,
  clz32: Math.clz32,
  floor: Math.floor,
  fround: Math.fround,
  imul: Math.imul,
  max: Math.max,
  min: Math.min,
  round: Math.round,
  sign: Math.sign,
  trunc: Math.trunc,
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  cbrt,
  cos,
  cosh,
  exp,
  expm1,
  hypot,
  log,
  log10,
  log1p,
  log2,
  pow,
  sin,
  sinh,
  sqrt,
  tan,
  tanh,
});
