import { countErrors, finiteErrors } from "./input-checks.js";
import { measured, type RiskOutcome, refusedWith } from "./risk-outcome.js";

/** Profits and losses of scenarios, worst first: ties in the order of their scenarios. */
export interface PnlDistribution {
  /** Scenarios there are. More than are held here where only the worst were looked for. */
  readonly count: number;
  /** Losses in descending order; positive is a loss. */
  readonly losses: Float64Array;
  /** Scenario of each loss: an index into the profits and losses as they were given. */
  readonly scenarios: Uint32Array;
}

/** A scenario behind a number, and how much of the number is its. */
export interface ScenarioWeight {
  /** Index into the profits and losses as they were given. */
  readonly scenario: number;
  /** Weights of one number sum to 1. */
  readonly weight: number;
}

/** Something about a tail that its reader should know. */
export type TailWarning = "FEW_TAIL_SCENARIOS" | "TAIL_THINNER_THAN_ONE_SCENARIO";

/**
 * @param pnl one profit or loss per scenario, in the reporting currency; a loss is negative
 * @returns refused with `TOO_FEW_SCENARIOS` below 2, or `NOT_FINITE`.
 */
export function pnlDistribution(pnl: ArrayLike<number>): RiskOutcome<PnlDistribution> {
  const errors = [...countErrors(pnl.length, 2), ...finiteErrors("pnl", pnl)];
  if (errors.length > 0) return refusedWith(errors);
  const scenarios = Uint32Array.from({ length: pnl.length }, (_, i) => i);
  scenarios.sort((a, b) => (pnl[a] as number) - (pnl[b] as number) || a - b);
  // A difference with 0 is never negative zero.
  const losses = Float64Array.from(scenarios, (scenario) => 0 - (pnl[scenario] as number));
  return measured({ count: pnl.length, losses, scenarios });
}

/** @param tail mass in millionths */
export function tailWarnings(n: number, tail: number): readonly TailWarning[] {
  const mass = n * tail;
  return [
    ...(mass < 5_000_000 ? (["FEW_TAIL_SCENARIOS"] as const) : []),
    ...(mass < 1_000_000 ? (["TAIL_THINNER_THAN_ONE_SCENARIO"] as const) : []),
  ];
}
