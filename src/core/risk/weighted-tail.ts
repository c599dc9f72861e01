import { decimalPlaces, parseBig } from "../money/decimal.js";
import { CompensatedSum, sumCompensated } from "../numeric/compensated-sum.js";
import { confidenceErrors, finiteErrors, lengthErrors, MILLION, tailOf } from "./input-checks.js";
import { type PnlDistribution, pnlDistribution, type ScenarioWeight } from "./pnl-distribution.js";
import { measured, type RiskError, type RiskOutcome, refusedWith, riskError } from "./risk-outcome.js";

/** Value at risk and expected shortfall of weighted scenarios. */
export interface WeightedTail {
  /** Loss at which the weight of the worst reaches the tail; positive is a loss, not floored. */
  readonly var: number;
  /** Mean of the tail's losses by weight, the last scenario counted in part. */
  readonly es: number;
  /** The tail, worst first, with shares of it. The last one is the value at risk's. */
  readonly scenarios: readonly ScenarioWeight[];
}

/** Terms of a weighted tail. */
export interface WeightedTailInput {
  /** One profit or loss per scenario; a loss is negative. */
  readonly pnl: ArrayLike<number>;
  /** One weight per scenario, in any common unit. Decimal text is added exactly; numbers are added with compensation. */
  readonly weights: readonly string[] | ArrayLike<number>;
  /** Decimal text such as "0.99". */
  readonly confidence: string;
}

const WEIGHT_PLACES = 18;

/**
 * Walks down from the worst scenario until the weight of those passed reaches the tail, and takes the last one in part.
 *
 * @returns refused with `CONFIDENCE_INVALID`, `TOO_FEW_SCENARIOS`, `NOT_FINITE`, `LENGTHS_DIFFER` or `WEIGHTS_INVALID`.
 * @see C. Acerbi, D. Tasche, On the coherence of expected shortfall, Journal of Banking and Finance 26 (2002)
 */
export function weightedTail({ pnl, weights, confidence }: WeightedTailInput): RiskOutcome<WeightedTail> {
  const distribution = pnlDistribution(pnl);
  const errors: RiskError[] = [
    ...confidenceErrors(confidence),
    ...(distribution.ok ? [] : distribution.errors),
    ...lengthErrors("weights", weights.length, pnl.length),
    ...weightErrors(weights),
  ];
  if (!distribution.ok || errors.length > 0) return refusedWith(errors);
  const tail = tailOf(confidence) ?? 0;
  const shares = isText(weights) ? exactShares(distribution.value, weights, tail) : doubleShares(distribution.value, weights, tail);
  return measured(tailOfShares(distribution.value, shares));
}

function isText(weights: readonly string[] | ArrayLike<number>): weights is readonly string[] {
  return typeof weights[0] === "string";
}

function weightErrors(weights: readonly string[] | ArrayLike<number>): readonly RiskError[] {
  if (!isText(weights)) {
    const errors = finiteErrors("weights", weights);
    if (errors.length > 0) return errors;
    const values = Float64Array.from(weights);
    const bad = values.findIndex((weight) => weight < 0);
    if (bad >= 0) return [riskError("WEIGHTS_INVALID", { index: bad, value: values[bad] ?? 0 })];
    const total = sumCompensated(values.sort());
    return total > 0 && Number.isFinite(total) ? [] : [riskError("WEIGHTS_INVALID", { total })];
  }
  const bad = weights.findIndex((weight) => {
    const places = typeof weight === "string" ? decimalPlaces(weight) : null;
    return places === null || places > WEIGHT_PLACES || weight.startsWith("-");
  });
  if (bad >= 0) return [riskError("WEIGHTS_INVALID", { index: bad, value: String(weights[bad]), expected: "decimal text, not negative" })];
  return weights.some((weight) => parseBig(weight, WEIGHT_PLACES) !== 0n) ? [] : [riskError("WEIGHTS_INVALID", { total: 0 })];
}

/** Shares of the tail by rank; they end where the tail does. */
function exactShares({ scenarios }: PnlDistribution, weights: readonly string[], tail: number): readonly number[] {
  const units = weights.map((weight) => parseBig(weight, WEIGHT_PLACES) ?? 0n);
  const total = units.reduce((sum, unit) => sum + unit, 0n);
  // Everything times a million, so that the tail is whole.
  const wanted = total * BigInt(tail);
  const shares: number[] = [];
  let passed = 0n;
  for (const scenario of scenarios) {
    const unit = (units[scenario] ?? 0n) * BigInt(MILLION);
    const part = passed + unit >= wanted ? wanted - passed : unit;
    shares.push(Number(part) / Number(wanted));
    passed += part;
    if (passed >= wanted) break;
  }
  return shares;
}

function doubleShares({ scenarios }: PnlDistribution, weights: ArrayLike<number>, tail: number): readonly number[] {
  const total = sumCompensated(Float64Array.from(weights).sort());
  const wanted = (total * tail) / MILLION;
  const passed = new CompensatedSum();
  const shares: number[] = [];
  for (const scenario of scenarios) {
    const before = passed.value;
    const weight = weights[scenario] as number;
    passed.add(weight);
    if (passed.value >= wanted) {
      shares.push((wanted - before) / wanted);
      break;
    }
    shares.push(weight / wanted);
  }
  return shares;
}

function tailOfShares({ losses, scenarios }: PnlDistribution, shares: readonly number[]): WeightedTail {
  const es = new CompensatedSum();
  const behind: ScenarioWeight[] = [];
  for (const [rank, weight] of shares.entries()) {
    es.add(weight * (losses[rank] as number));
    if (weight > 0) behind.push({ scenario: scenarios[rank] as number, weight });
  }
  return { var: losses[shares.length - 1] as number, es: es.value, scenarios: behind };
}
