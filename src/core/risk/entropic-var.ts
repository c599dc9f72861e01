import { CompensatedSum } from "../numeric/compensated-sum.js";
import { exp } from "../numeric/exponential.js";
import { log } from "../numeric/logarithm.js";
import { confidenceErrors, MILLION, tailOf } from "./input-checks.js";
import { pnlDistribution, type TailWarning, tailWarnings } from "./pnl-distribution.js";
import { measured, type RiskOutcome, refusedWith } from "./risk-outcome.js";

/** Terms of an entropic value at risk. */
export interface EntropicVarInput {
  /** One profit or loss per scenario; a loss is negative. Their order does not matter. */
  readonly pnl: ArrayLike<number>;
  /** Decimal text such as "0.95". */
  readonly confidence: string;
}

/** An entropic value at risk. */
export interface EntropicVar {
  /** Positive is a loss, not floored; at least the expected shortfall and at most the worst loss. */
  readonly evar: number;
  /** The scale of losses at which the bound is tightest; 0 where it is the worst loss itself. */
  readonly scale: number;
  readonly warnings: readonly TailWarning[];
}

/** 1 / golden ratio. */
const GOLDEN = 0.6180339887498949;
const SEARCH_STEPS = 120;
/** Scales searched, as multiples of the losses' spread. */
const SMALLEST_LOG = -20;
const LARGEST_LOG = 20;

/**
 * The tightest Chernoff bound of value at risk and expected shortfall: the least over t > 0 of t (log of the mean of e^(loss / t) - log(1 - c)).
 * Convex in t, so a golden-section search over log t finds it.
 *
 * @returns refused with `CONFIDENCE_INVALID`, `TOO_FEW_SCENARIOS` or `NOT_FINITE`.
 * @see A. Ahmadi-Javid, Entropic value-at-risk: a new coherent risk measure, J. Optimization Theory and Applications 155 (2012)
 */
export function entropicVar({ pnl, confidence }: EntropicVarInput): RiskOutcome<EntropicVar> {
  const distribution = pnlDistribution(pnl);
  const errors = [...confidenceErrors(confidence), ...(distribution.ok ? [] : distribution.errors)];
  if (!distribution.ok || errors.length > 0) return refusedWith(errors);
  const { losses } = distribution.value;
  const n = losses.length;
  const tail = tailOf(confidence) ?? 0;
  const warnings = tailWarnings(n, tail);
  const worst = losses[0] as number;
  const spread = worst - (losses[n - 1] as number);
  const ties = losses.findIndex((loss) => loss < worst);
  // No more mass than the worst losses have: the bound tends to them as t goes to 0.
  if (spread === 0 || n * tail <= ties * MILLION) return measured({ evar: worst, scale: 0, warnings });
  const bound = (logScale: number): number => {
    const t = spread * exp(logScale);
    const sum = new CompensatedSum();
    for (const loss of losses) sum.add(exp((loss - worst) / t));
    return worst + t * log((sum.value * MILLION) / (n * tail));
  };
  const at = leastOf(bound, SMALLEST_LOG, LARGEST_LOG);
  return measured({ evar: Math.min(bound(at), worst), scale: spread * exp(at), warnings });
}

/** Where a function with one valley is least. */
function leastOf(f: (x: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  let [a, b] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
  let [fa, fb] = [f(a), f(b)];
  for (let step = 0; step < SEARCH_STEPS; step++) {
    if (fa <= fb) {
      high = b;
      b = a;
      fb = fa;
      a = high - GOLDEN * (high - low);
      fa = f(a);
    } else {
      low = a;
      a = b;
      fa = fb;
      b = low + GOLDEN * (high - low);
      fb = f(b);
    }
  }
  return fa <= fb ? a : b;
}
