import { historicalVar, MINIMUM_SCENARIOS } from "./historical-var.js";
import type { PortfolioRiskSnapshot, ScenarioReport } from "./position-risk.js";
import type { RiskContext } from "./risk-context.js";
import { accepted, refused, type V1Outcome } from "./v1-outcome.js";

/** One portfolio's risk in one document. */
export interface UnifiedPortfolioRiskReport {
  /** When it was made, as the caller writes it. Audit only: {@link contentOf} leaves it out. */
  readonly created_at: string;
  readonly base_snapshot: PortfolioRiskSnapshot;
  readonly scenario_report: ScenarioReport;
  /** Over the scenarios' `delta_pv_abs`, in the snapshot's currency; absent without a context or with fewer than 20 scenarios. */
  readonly historical_var?: number;
  /** As `historical_var`. */
  readonly historical_cvar?: number;
  readonly notes: readonly string[];
  readonly risk_context?: RiskContext;
  readonly risk_assumptions?: readonly string[];
}

/** What a report is made of. */
export interface UnifiedReportInput {
  readonly created_at: string;
  readonly base_snapshot: PortfolioRiskSnapshot;
  readonly scenario_report: ScenarioReport;
  readonly notes?: readonly string[];
  readonly risk_context?: RiskContext;
  readonly risk_assumptions?: readonly string[];
}

/**
 * Makes the report. The scenarios are taken as profits and losses over the context's horizon: nothing is scaled.
 *
 * @returns refused with `CURRENCY_MISMATCH` where the context's base currency is not the snapshot's.
 */
export function unifiedReport(input: UnifiedReportInput): V1Outcome<UnifiedPortfolioRiskReport> {
  const { created_at, base_snapshot, scenario_report, risk_context, risk_assumptions } = input;
  const common = {
    created_at,
    base_snapshot,
    scenario_report,
    notes: [...(input.notes ?? [])],
    ...(risk_context === undefined ? {} : { risk_context }),
    ...(risk_assumptions === undefined ? {} : { risk_assumptions: [...risk_assumptions] }),
  };
  if (risk_context === undefined) return accepted(common);
  const { base_currency, confidence, horizon_days } = risk_context;
  if (base_currency !== base_snapshot.currency) {
    return refused("CURRENCY_MISMATCH", { base_currency, snapshot: base_snapshot.currency });
  }
  const pnl = scenario_report.results.map(({ delta_pv_abs }) => delta_pv_abs);
  if (pnl.length < MINIMUM_SCENARIOS) {
    const note = `no historical VaR: ${pnl.length} scenarios, ${MINIMUM_SCENARIOS} are needed`;
    return accepted({ ...common, notes: [...common.notes, note] });
  }
  const measured = historicalVar({ pnl, confidence, horizon_days, currency: base_currency });
  if (!measured.ok) return measured;
  const { var: value, cvar = 0 } = measured.value;
  return accepted({ ...common, historical_var: value, historical_cvar: cvar });
}

/** The report without the moment it was made: what is hashed and compared. */
export function contentOf({ created_at: _, ...content }: UnifiedPortfolioRiskReport): Omit<UnifiedPortfolioRiskReport, "created_at"> {
  return content;
}
