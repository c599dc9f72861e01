/** How long a portfolio takes to sell, and what that costs. */
import { sumCompensated } from "../../numeric/compensated-sum.js";
import { measured, type RiskError, type RiskOutcome, refusedWith, riskError } from "../risk-outcome.js";

/** What is known of a position's market. */
export interface TradedPosition {
  readonly id: string;
  /** Units held, without sign. */
  readonly quantity: number;
  /** Worth in the reporting currency, without sign. */
  readonly value: number;
  /** Units traded a day; null where nobody knows. */
  readonly daily_volume: number | null;
  /** Ask less bid over the middle, as a fraction; null where nobody knows. */
  readonly spread: number | null;
}

/** One rung. What is unknown is null, never 0. */
export interface LiquidityLine {
  readonly id: string;
  /** Days to sell at each share of the volume, in the order of the shares. */
  readonly days: readonly (number | null)[];
  /** Half the spread on the value. */
  readonly exit_cost: number | null;
}

export interface LiquidityLadder {
  readonly shares: readonly number[];
  /** In the order of the ids. */
  readonly lines: readonly LiquidityLine[];
  /** The longest of the known ones, by share. */
  readonly longest_days: readonly (number | null)[];
  /** Sum of the known ones. */
  readonly exit_cost: number;
  readonly unknown: readonly string[];
}

export interface LiquidityInput {
  readonly positions: readonly TradedPosition[];
  /** Shares of the daily volume, above 0 and at most 1. */
  readonly shares: readonly number[];
}

/**
 * Days to exit |quantity| / (share x volume), and the cost of exit |value| x spread / 2.
 *
 * @returns refused with `PARAMETER_OUT_OF_RANGE`, `NOT_FINITE` or `NOT_POSITIVE`
 * @see A. Bangia et al., Modeling liquidity risk, Wharton Financial Institutions Center (1999): half the spread as the exogenous cost
 */
export function liquidityLadder({ positions, shares }: LiquidityInput): RiskOutcome<LiquidityLadder> {
  const errors: RiskError[] = [];
  for (const share of shares)
    if (!(share > 0 && share <= 1))
      errors.push(riskError("PARAMETER_OUT_OF_RANGE", { field: "shares", value: share, expected: "above 0, at most 1" }));
  for (const { id, quantity, value, daily_volume, spread } of positions) {
    for (const [field, number] of Object.entries({ quantity, value, spread: spread ?? 0 }))
      if (!(Number.isFinite(number) && number >= 0))
        errors.push(riskError("NOT_FINITE", { field: `positions/${id}/${field}`, value: number }));
    if (daily_volume !== null && !(daily_volume > 0))
      errors.push(riskError("NOT_POSITIVE", { field: `positions/${id}/daily_volume`, value: daily_volume }));
  }
  if (errors.length > 0) return refusedWith(errors);
  const lines = positions
    .map(({ id, quantity, value, daily_volume, spread }): LiquidityLine => {
      const days = shares.map((share) => (daily_volume === null ? null : quantity / (share * daily_volume)));
      return { id, days, exit_cost: spread === null ? null : (value * spread) / 2 };
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const longest_days = shares.map((_, n) => lines.reduce<number | null>((most, { days }) => larger(most, days[n] ?? null), null));
  const exit_cost = sumCompensated(lines.map((line) => line.exit_cost ?? 0));
  const unknown = lines.filter((line) => line.exit_cost === null || line.days.includes(null)).map(({ id }) => id);
  return measured({ shares, lines, longest_days, exit_cost, unknown });
}

function larger(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b);
}
