/**
 * Price and yield of a bond, and how the one moves with the other.
 *
 * @see F. J. Fabozzi, Fixed Income Mathematics (2006)
 * @see J. J. Mayle, Standard Securities Calculation Methods (1993)
 */
import { fastExp } from "../../numeric/fast-exponential.js";
import { fastLog, fastLog1p } from "../../numeric/fast-logarithm.js";
import { type BondFlows, type BondTerms, bondFlows } from "./bond-flows.js";
import { InputCheck, type Priced, pricedIfFinite, refused } from "./refusal.js";

/**
 * How a yield compounds. `street`: once a coupon period, to the last payment. `street_simple_last`: the same, but simple interest once a single
 * payment is left, as American markets quote. `continuous`.
 */
export type YieldConvention = "street" | "street_simple_last" | "continuous";

export interface BondValue {
  /** With accrued interest: what is paid. */
  readonly dirty_price: number;
  /** Without: what is quoted. */
  readonly clean_price: number;
  readonly accrued: number;
  readonly yield: number;
  /** Years. */
  readonly macaulay_duration: number;
  /** Years: minus the relative change of the dirty price per 1.00 of yield. */
  readonly modified_duration: number;
  /** Years squared: second derivative of the dirty price by yield over the price. */
  readonly convexity: number;
  /** By how much the dirty price falls for one basis point more of yield, to first order. */
  readonly dv01: number;
}

const BASIS_POINT = 1e-4;
const MOST_STEPS = 200;
/** The error after a Newton step is about the square of the step: after one of this size nothing is left to mend. */
const LAST_STEP = 1e-9;

/** The value of a bond at a yield. All amounts are per the face of its terms, so a face of 100 gives prices in percent. */
export function bondAtYield(terms: BondTerms, settlement: number, yieldRate: number, convention: YieldConvention): Priced<BondValue> {
  const flows = bondFlows(terms, settlement);
  if (flows.kind === "refused") return flows;
  const { violations } = new InputCheck().finite({ yield: yieldRate });
  if (violations.length > 0) return { kind: "refused", violations };
  const least = convention === "continuous" ? Number.NEGATIVE_INFINITY : -terms.per_year;
  if (!(yieldRate > least)) return refused("NO_YIELD", "yield", yieldRate, "leaves nothing after a period", `more than ${least}`);
  return valued(flows.value, terms.per_year, yieldRate, convention);
}

/** The yield at which a bond is worth its clean price, with everything that follows from it. */
export function bondAtPrice(terms: BondTerms, settlement: number, cleanPrice: number, convention: YieldConvention): Priced<BondValue> {
  const flows = bondFlows(terms, settlement);
  if (flows.kind === "refused") return flows;
  const target = cleanPrice + flows.value.accrued;
  const { violations } = new InputCheck().finite({ clean_price: cleanPrice }).positive({ dirty_price: target });
  if (violations.length > 0) return { kind: "refused", violations };
  const solved = solveYield(flows.value, terms.per_year, target, convention);
  if (Number.isNaN(solved))
    return refused("NO_YIELD", "clean_price", cleanPrice, "is not reached by any yield", "a price nearer to the payments");
  return valued(flows.value, terms.per_year, solved, convention);
}

/** Price and its first two derivatives by yield. */
interface Curvature {
  price: number;
  slope: number;
  bend: number;
  /** Sum of present values times their years. */
  weighted: number;
}

function curvatureAt({ payments }: BondFlows, perYear: number, yieldRate: number, convention: YieldConvention): Curvature {
  const sum: Curvature = { price: 0, slope: 0, bend: 0, weighted: 0 };
  const growth = 1 + yieldRate / perYear;
  const perPeriod = convention === "continuous" ? yieldRate / perYear : fastLog1p(yieldRate / perYear);
  const simple = convention === "street_simple_last" && payments.length === 1;
  for (const { amount, periods } of payments) {
    const years = periods / perYear;
    if (simple) {
      const factor = 1 / (1 + years * yieldRate);
      const value = amount * factor;
      addTo(sum, value, years, -value * years * factor, 2 * value * years * years * factor * factor);
      continue;
    }
    const value = amount * fastExp(-periods * perPeriod);
    if (convention === "continuous") addTo(sum, value, years, -value * years, value * years * years);
    else addTo(sum, value, years, (-value * years) / growth, (value * years * (years + 1 / perYear)) / (growth * growth));
  }
  return sum;
}

function addTo(sum: Curvature, value: number, years: number, slope: number, bend: number): void {
  sum.price += value;
  sum.weighted += value * years;
  sum.slope += slope;
  sum.bend += bend;
}

function valued(flows: BondFlows, perYear: number, yieldRate: number, convention: YieldConvention): Priced<BondValue> {
  const { price, slope, bend, weighted } = curvatureAt(flows, perYear, yieldRate, convention);
  if (!(price > 0)) return refused("NO_YIELD", "yield", yieldRate, "makes no price above zero", "a yield nearer to zero");
  return pricedIfFinite({
    dirty_price: price,
    clean_price: price - flows.accrued,
    accrued: flows.accrued,
    yield: yieldRate,
    macaulay_duration: weighted / price,
    modified_duration: -slope / price,
    convexity: bend / price,
    dv01: -slope * BASIS_POINT,
  });
}

/** Newton on the logarithm of the price, which falls and is convex in the yield: it comes from below after the first step. */
function solveYield(flows: BondFlows, perYear: number, target: number, convention: YieldConvention): number {
  const floor = convention === "continuous" ? Number.NEGATIVE_INFINITY : -perYear;
  let rate = 0;
  for (let n = 0; n < MOST_STEPS; n++) {
    const { price, slope } = curvatureAt(flows, perYear, rate, convention);
    const step = (fastLog(price / target) * price) / -slope;
    const next = Math.max(rate + step, 0.5 * (rate + Math.max(floor, -1e9)));
    if (!Number.isFinite(next)) return Number.NaN;
    if (Math.abs(next - rate) <= LAST_STEP) return next;
    rate = next;
  }
  return Number.NaN;
}
