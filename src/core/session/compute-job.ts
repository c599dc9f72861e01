/**
 * What a run computes: a pure function of its parameters, a market snapshot and a portfolio snapshot. The same three give the same bytes, so
 * that a result may be kept under their hash, or not.
 */
import { calcKey } from "../calc/identity.js";
import { bookPnl } from "../risk/aggregate-pnl.js";
import * as books from "../risk/book-measures.js";
import { expectedShortfall } from "../risk/expected-shortfall.js";
import { historicalVar } from "../risk/historical-var.js";
import type { ScenarioWeight, TailWarning } from "../risk/pnl-distribution.js";
import { type BookInput, valueBook } from "../risk/portfolio/book-valuation.js";
import { concentration } from "../risk/portfolio/concentration.js";
import { type ExposureDimension, exposures } from "../risk/portfolio/exposures.js";
import { historicalScenarios } from "../risk/portfolio/historical-scenarios.js";
import type { MarketSnapshot } from "../risk/portfolio/market-snapshot.js";
import { portfolioLimits } from "../risk/portfolio/portfolio-limits.js";
import type { RiskPosition } from "../risk/portfolio/position.js";
import { scenarioGrid } from "../risk/portfolio/scenario-grid.js";
import { type ScenarioPnl, scenarioPnl, scenarioRun } from "../risk/portfolio/scenario-run.js";
import { whatIf } from "../risk/portfolio/what-if.js";
import * as portfolios from "../risk/portfolio-measures.js";
import { measured, type RiskOutcome } from "../risk/risk-outcome.js";
import { esComponents, varComponents } from "../risk/scenario-components.js";
import * as tails from "../risk/tail-measures.js";
import { canonicalJson } from "../tape/canonical-json.js";
import type { Sha256Fn, Sha256Hex } from "../tape/hash.js";
import type { ExecutionParameters, GridParameters, RiskParameters, SnapshotParameters } from "./risk-command.js";
import type { ComputeKind } from "./risk-session-events.js";

/** Everything that a result depends on. */
export type JobInput = { readonly currency: string; readonly market: MarketSnapshot; readonly positions: readonly RiskPosition[] } & (
  | { readonly kind: "SNAPSHOT"; readonly parameters: SnapshotParameters }
  | { readonly kind: "PORTFOLIO_RISK"; readonly parameters: RiskParameters }
  | { readonly kind: "SCENARIO_GRID"; readonly parameters: GridParameters }
  | { readonly kind: "SIMULATED_EXECUTION"; readonly parameters: ExecutionParameters }
);

/** A number or table of a report with the calculation that made it. */
export interface Figure {
  readonly name: string;
  /** `risk.var_historical@v2` and its like. */
  readonly calc: string;
  readonly outcome: RiskOutcome<unknown>;
}

const DIMENSIONS: readonly ExposureDimension[] = ["asset_class", "currency", "underlying"];

/** Calculations that a kind uses; their versions are part of a run's identity. */
export const CALCULATIONS: Readonly<Record<ComputeKind, readonly string[]>> = {
  SNAPSHOT: [calcKey(portfolios.bookValuation), calcKey(portfolios.bookExposures), calcKey(portfolios.bookConcentration)],
  PORTFOLIO_RISK: [
    portfolios.bookValuation,
    portfolios.bookExposures,
    portfolios.bookConcentration,
    portfolios.bookLimits,
    portfolios.bookScenarios,
    portfolios.historyScenarios,
    tails.varHistoricalV2,
    tails.esHistoricalV2,
    books.varComponent,
    books.esComponent,
  ].map(calcKey),
  SCENARIO_GRID: [calcKey(portfolios.bookGrid)],
  SIMULATED_EXECUTION: [calcKey(portfolios.bookWhatIf)],
};

/** Computes the figures of a job, in a fixed order. A figure that is refused stands with its reasons. */
export function figuresOf(job: JobInput): readonly Figure[] {
  const { currency, market, positions } = job;
  const book: BookInput = { positions, market, currency, totals: job.parameters.totals };
  switch (job.kind) {
    case "SNAPSHOT":
      return standing(book);
    case "SCENARIO_GRID": {
      const { spot_pct, vol_abs } = job.parameters;
      return [{ name: "grid", calc: calcKey(portfolios.bookGrid), outcome: scenarioGrid({ ...book, spot_pct, vol_abs }) }];
    }
    case "SIMULATED_EXECUTION":
      return [{ name: "execution", calc: calcKey(portfolios.bookWhatIf), outcome: whatIf({ ...book, ...job.parameters, clusters: null }) }];
    case "PORTFOLIO_RISK":
      return riskFigures(book, job.parameters);
  }
}

/** Value, exposures and concentration: what the portfolio is. */
function standing(book: BookInput): readonly Figure[] {
  const valuation = valueBook(book);
  const tables = DIMENSIONS.flatMap((dimension): readonly Figure[] => {
    const table = valuation.ok ? exposures({ valuation: valuation.value, dimension, clusters: null }) : valuation;
    return [
      { name: `exposures/${dimension}`, calc: calcKey(portfolios.bookExposures), outcome: table },
      {
        name: `concentration/${dimension}`,
        calc: calcKey(portfolios.bookConcentration),
        outcome: table.ok ? concentration({ exposures: table.value }) : table,
      },
    ];
  });
  return [{ name: "valuation", calc: calcKey(portfolios.bookValuation), outcome: valuation }, ...tables];
}

function riskFigures(book: BookInput, { confidences, history, scenarios, limits, warn_at }: RiskParameters): readonly Figure[] {
  const past = history === null ? null : historicalScenarios(history);
  const moves = past === null ? measured(scenarios) : past.ok ? measured(past.value.scenarios) : past;
  const pnl = moves.ok ? scenarioPnl({ ...book, scenarios: moves.value }) : moves;
  const measures: Record<string, number | null> = {};
  const tailFigures = confidences.flatMap((confidence) => tailsOf(pnl, confidence, measures));
  const stress = scenarios.length === 0 ? null : scenarioRun({ ...book, scenarios });
  const valuation = valueBook(book);
  if (stress !== null) measures["worst_scenario"] = stress.ok ? stress.value.max_loss : null;
  const states = valuation.ok ? portfolioLimits({ limits, warn_at, valuation: valuation.value, clusters: null, measures }) : valuation;
  return [
    ...standing(book),
    ...(past === null
      ? []
      : [
          {
            name: "history",
            calc: calcKey(portfolios.historyScenarios),
            outcome: past.ok
              ? measured({ scenarios: past.value.scenarios.length, carried: past.value.carried, dropped: past.value.dropped })
              : past,
          },
        ]),
    ...tailFigures,
    ...(stress === null ? [] : [{ name: "scenarios", calc: calcKey(portfolios.bookScenarios), outcome: stress }]),
    { name: "limits", calc: calcKey(portfolios.bookLimits), outcome: states },
  ];
}

/** VaR and ES with the names of the scenarios behind them, and both by position. */
function tailsOf(pnl: RiskOutcome<ScenarioPnl>, confidence: string, measures: Record<string, number | null>): readonly Figure[] {
  const total = pnl.ok ? bookPnl(pnl.value.positions) : pnl;
  const names = pnl.ok ? pnl.value.scenarios : [];
  const var_ = total.ok ? historicalVar({ pnl: total.value.total, confidence, rule: "nearest_rank" }) : total;
  const es = total.ok ? expectedShortfall({ pnl: total.value.total, confidence }) : total;
  const positions = pnl.ok ? pnl.value.positions : [];
  measures[`var/${confidence}`] = var_.ok ? var_.value.var : null;
  measures[`es/${confidence}`] = es.ok ? es.value.es : null;
  const split = <T>(of: (input: { readonly positions: typeof positions; readonly confidence: string }) => RiskOutcome<T>) =>
    total.ok ? of({ positions, confidence }) : total;
  return [
    { name: `var/${confidence}`, calc: calcKey(tails.varHistoricalV2), outcome: withNames(var_, names) },
    { name: `es/${confidence}`, calc: calcKey(tails.esHistoricalV2), outcome: withNames(es, names) },
    { name: `var_by_position/${confidence}`, calc: calcKey(books.varComponent), outcome: withNames(split(varComponents), names) },
    { name: `es_by_position/${confidence}`, calc: calcKey(books.esComponent), outcome: withNames(split(esComponents), names) },
  ];
}

function withNames<T extends { readonly scenarios: readonly ScenarioWeight[]; readonly warnings?: readonly TailWarning[] }>(
  outcome: RiskOutcome<T>,
  names: readonly string[],
): RiskOutcome<unknown> {
  if (!outcome.ok) return outcome;
  const scenarios = outcome.value.scenarios.map(({ scenario, weight }) => ({ scenario: names[scenario] ?? String(scenario), weight }));
  return measured({ ...outcome.value, scenarios });
}

/** Results by the hash of what they depend on. Leaving it out changes no byte. */
export interface ComputeCache {
  get(key: Sha256Hex): string | null;
  put(key: Sha256Hex, text: string): void;
}

/** A finished job. */
export type JobResult =
  | { readonly kind: "succeeded"; readonly text: string; readonly sha256: Sha256Hex }
  | { readonly kind: "failed"; readonly errors: readonly { readonly code: string; readonly field: string; readonly value: string }[] };

/** Computes a job, or takes its result from where it is kept. @param key what the job depends on, as a hash */
export function runJob(job: JobInput, key: Sha256Hex, cache: ComputeCache | null, sha256: Sha256Fn): JobResult {
  const kept = cache?.get(key) ?? null;
  if (kept !== null) return { kind: "succeeded", text: kept, sha256: sha256(kept) };
  const text = canonicalJson({ kind: job.kind, figures: figuresOf(job) }, 1, Number.MAX_SAFE_INTEGER);
  if (!text.ok) {
    const errors = text.violations.map(({ code, field = "", value = "" }) => ({ code, field, value }));
    return { kind: "failed", errors };
  }
  cache?.put(key, text.text);
  return { kind: "succeeded", text: text.text, sha256: sha256(text.text) };
}

/** Keeps the last results that were computed. @param limit most results; the oldest goes first */
export function memoryCache(limit: number): ComputeCache {
  const kept = new Map<Sha256Hex, string>();
  return {
    get: (key) => kept.get(key) ?? null,
    put(key: Sha256Hex, text: string): void {
      kept.delete(key);
      kept.set(key, text);
      const [oldest] = kept.keys();
      if (kept.size > limit && oldest !== undefined) kept.delete(oldest);
    },
  };
}
