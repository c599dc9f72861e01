/** A run of a session as the whole report of a portfolio's risk: the same document that files make, from the run's own snapshots. */
import type { PortfolioLimit } from "../risk/portfolio/portfolio-limits.js";
import { bookRisk } from "../risk/report/book-risk.js";
import { type RiskReport, riskReport } from "../risk/report/risk-report.js";
import { BACKTEST_WINDOW } from "../risk/report/rolling-backtest.js";
import { DEFAULT_TAIL_PARAMETERS } from "../risk/report/tail-methods.js";
import type { RiskOutcome } from "../risk/risk-outcome.js";
import type { Sha256Fn } from "../tape/hash.js";
import type { JobInput } from "./compute-job.js";

/** @returns null for a job that has no history of levels, of which there is no such report; refused as {@link bookRisk} and {@link riskReport} */
export function sessionRiskReport(job: JobInput, sha256: Sha256Fn): RiskOutcome<RiskReport> | null {
  if (job.kind !== "PORTFOLIO_RISK" || job.parameters.history === null) return null;
  const { positions, market, currency, parameters } = job;
  const { history, totals, scenarios, limits, confidences } = job.parameters;
  if (history === null) return null;
  const past = { ...history, market, days: history.rows.map(({ name }) => name), traded: new Map() };
  const book = bookRisk({ positions, history: past, currency, totals, sha256 });
  if (!book.ok) return book;
  const confidence = confidences[0] ?? "0.99";
  return riskReport(
    book.value,
    {
      method: "historical",
      confidence,
      horizon_days: 1,
      parameters: DEFAULT_TAIL_PARAMETERS,
      window: BACKTEST_WINDOW,
      scenarios: scenarios.length === 0 ? null : parameters.scenarios,
      limits: limits.length === 0 ? null : limits.map((limit) => ofRecord(limit, confidence)),
    },
    sha256,
  );
}

/** A session names a figure with its confidence; in the report it is the one of record. */
function ofRecord(limit: PortfolioLimit, confidence: string): PortfolioLimit {
  const { on } = limit;
  if (on.kind !== "measure" || !on.name.endsWith(`/${confidence}`)) return limit;
  return { ...limit, on: { ...on, name: on.name.slice(0, -confidence.length - 1) } };
}
