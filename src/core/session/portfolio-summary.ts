/** What a portfolio is worth at a time, in one short table: a read model, of which nothing is recorded. */
import { valueBook } from "../risk/portfolio/book-valuation.js";
import { exposures } from "../risk/portfolio/exposures.js";
import { snapshotId } from "../risk/portfolio/market-snapshot.js";
import { portfolioLimits } from "../risk/portfolio/portfolio-limits.js";
import type { RiskError } from "../risk/risk-outcome.js";
import type { UtcMillis } from "../tape/event.js";
import type { Sha256Fn, Sha256Hex } from "../tape/hash.js";
import { marketAsOf, needsOf } from "./quote.js";
import type { RiskParameters } from "./risk-command.js";
import type { RiskSessionState } from "./risk-session-state.js";

/** A portfolio at a time. Money is in the session's base currency. */
export interface PortfolioSummary {
  readonly session_id: string;
  readonly version: number;
  readonly portfolio_id: string;
  readonly as_of: UtcMillis;
  readonly market_snapshot_id: Sha256Hex;
  /** Null where a position has no value; `errors` says why. */
  readonly pv: { readonly value: number; readonly currency: string } | null;
  readonly delta: number | null;
  /** By underlying; delta is in its units. */
  readonly exposures: readonly { readonly underlying: string; readonly abs_notional: number; readonly delta: number }[];
  /** Limits of the last risk that was asked for this portfolio, but those on measures; null where there were none. */
  readonly constraints: { readonly passed: boolean; readonly breaches: readonly string[]; readonly unknown: readonly string[] } | null;
  readonly errors: readonly RiskError[];
}

/** Values a portfolio with the quotes and positions as of a time. */
export function portfolioSummary(
  state: RiskSessionState,
  { session_id, portfolio_id, ts }: { readonly session_id: string; readonly portfolio_id: string; readonly ts: UtcMillis },
  sha256: Sha256Fn,
): PortfolioSummary {
  const positions = state.positionsAt(portfolio_id, ts);
  const market = marketAsOf(state.quoteBook, ts, state.fx_pivot, needsOf(positions));
  const valuation = valueBook({ positions, market, currency: state.base_currency, totals: "whole" });
  const base = { session_id, version: state.version, portfolio_id, as_of: ts, market_snapshot_id: snapshotId(market, sha256) };
  if (!valuation.ok) return { ...base, pv: null, delta: null, exposures: [], constraints: null, errors: valuation.errors };
  const { total, currency, positions: cells } = valuation.value;
  const table = exposures({ valuation: valuation.value, dimension: "underlying", clusters: null });
  const lines = table.ok ? table.value.lines : [];
  const limits = lastLimits(state, portfolio_id);
  const states = limits === null ? null : portfolioLimits({ ...limits, valuation: valuation.value, clusters: null, measures: {} });
  return {
    ...base,
    pv: total.ok ? { value: total.value.pv, currency } : null,
    delta: total.ok ? total.value.greeks.delta : null,
    exposures: lines.map(({ key, abs_notional, delta_units }) => ({ underlying: key, abs_notional, delta: delta_units ?? 0 })),
    constraints:
      states?.ok === true ? { passed: states.value.passed, breaches: states.value.breaches, unknown: states.value.unknown } : null,
    errors: [...(total.ok ? [] : total.errors), ...cells.flatMap((cell) => (cell.ok ? [] : cell.errors))],
  };
}

function lastLimits(state: RiskSessionState, portfolio_id: string): Pick<RiskParameters, "limits" | "warn_at"> | null {
  const asked = [...state.requests.values()].filter((one) => one.kind === "PORTFOLIO_RISK" && one.portfolio_id === portfolio_id).at(-1);
  if (asked === undefined) return null;
  // The command that brought them was checked against the schema of its kind.
  const { limits, warn_at } = asked.parameters as unknown as RiskParameters;
  return { limits: limits.filter(({ on }) => on.kind !== "measure"), warn_at };
}
