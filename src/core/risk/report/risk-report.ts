/** The report of a portfolio's risk: one document, of which page and JSON are made. It is a function of its inputs alone. */
import type { CalcIdentity } from "../../calc/identity.js";
import { sumCompensated } from "../../numeric/compensated-sum.js";
import type { Sha256Fn } from "../../tape/hash.js";
import { type BookReverse, bookReverseStress, STRESS_DIRECTIONS, type StressDirection } from "../portfolio/book-reverse-stress.js";
import { type Concentration, concentration } from "../portfolio/concentration.js";
import { type ExposureDimension, type Exposures, exposures } from "../portfolio/exposures.js";
import { type LiquidityLadder, liquidityLadder } from "../portfolio/liquidity-ladder.js";
import { type PortfolioLimit, type PortfolioLimitStates, portfolioLimits } from "../portfolio/portfolio-limits.js";
import type { Scenario } from "../portfolio/scenario.js";
import { measured, type RiskError, type RiskOutcome } from "../risk-outcome.js";
import { esComponents, incrementalRisk, type ScenarioContribution, varComponents } from "../scenario-components.js";
import type { Greeks } from "../v1/position-risk.js";
import type { BookRisk, BookScenarios, RiskBasis, ScenarioSet, StatedFigure } from "./book-risk.js";
import { type CorrelationMap, correlationMap } from "./correlation-map.js";
import { type Before, type ExplainedChange, explainedChange } from "./explained-change.js";
import { type ReportNote, reportNotes } from "./report-notes.js";
import { type BacktestDocument, backtestDocument } from "./rolling-backtest.js";
import { type StressDocument, stressDocument } from "./stress-document.js";
import { figureOf } from "./tail-document.js";
import { TAIL_METHODS, type TailMethod, type TailParameters, tailBy } from "./tail-methods.js";

/** What a report is asked for. */
export interface RiskReportTerms {
  /** The method that is of record. */
  readonly method: TailMethod;
  readonly confidence: string;
  readonly horizon_days: number;
  readonly parameters: TailParameters;
  /** Days that each forecast of the backtest is measured on. */
  readonly window: number;
  readonly scenarios: readonly Scenario[] | null;
  readonly limits: readonly PortfolioLimit[] | null;
  /** A report of before, whose difference is explained. */
  readonly before?: Before;
  /** Remarks of whoever makes the report; one that begins with the day of an exception is its cause. */
  readonly remarks?: readonly string[];
}

/** A value with its calculation, or why there is none. */
export interface Stated<T> {
  readonly calculation: CalcIdentity;
  readonly result: T | null;
  readonly errors: readonly RiskError[];
}

/** A figure of the grid. */
export interface GridFigure extends StatedFigure {
  readonly measure: "var" | "es";
  readonly method: TailMethod;
  readonly confidence: string;
  readonly horizon_days: number;
  /** Whether it is the one that limits are read against. */
  readonly of_record: boolean;
}

/** A position's part in the risk. Money, loss positive. */
export interface Contribution extends ScenarioContribution {
  /** Alone, by the method of record; null where it was refused. */
  readonly standalone: number | null;
  /** VaR with it less VaR without it. */
  readonly incremental: number | null;
}

/** A risk by position. */
export interface Contributions {
  readonly risk: number;
  readonly euler_gap: number;
  readonly parts: readonly Contribution[];
}

/** A position in the report. */
export interface ReportPosition {
  readonly id: string;
  readonly kind: string | null;
  readonly underlying: string | null;
  readonly currency: string | null;
  readonly pricer: string | null;
  readonly pv: number | null;
  readonly delta_value: number | null;
  readonly greeks: Greeks | null;
  readonly errors: readonly RiskError[];
}

/** A report. Amounts are doubles in the reporting currency. */
export interface RiskReport {
  readonly of_record: { readonly method: TailMethod; readonly confidence: string; readonly horizon_days: number };
  readonly basis: RiskBasis;
  readonly parameters: TailParameters;
  readonly scenario_sets: readonly ScenarioSet[];
  readonly figures: readonly GridFigure[];
  /** The worst scenarios of record: those of the ES, worst first, each with the positions that lost most. */
  readonly tail: readonly TailScenario[];
  readonly distribution: { readonly scenario_set: string; readonly names: readonly string[]; readonly pnl: readonly number[] };
  readonly contributions: { readonly var: Stated<Contributions>; readonly es: Stated<Contributions> };
  readonly backtest: { readonly result: BacktestDocument | null; readonly errors: readonly RiskError[] };
  readonly stress: StressDocument | null;
  readonly limits: Stated<PortfolioLimitStates> | null;
  readonly valuation: {
    readonly calculation: CalcIdentity;
    readonly pv: number | null;
    readonly greeks: Greeks | null;
    readonly errors: readonly RiskError[];
    readonly positions: readonly ReportPosition[];
    readonly excluded: readonly string[];
  };
  readonly exposures: readonly Stated<Exposures>[];
  readonly concentration: Stated<Concentration>;
  /** VaR, ES and profits over the days of the backtest; empty without one. */
  readonly history: readonly HistoryLine[];
  readonly change: ExplainedChange | null;
  readonly correlation: Stated<CorrelationMap>;
  readonly reverse_stress: {
    readonly loss: number | null;
    readonly directions: readonly (Stated<BookReverse> & { readonly direction: StressDirection })[];
  };
  readonly liquidity: Stated<LiquidityLadder> & { readonly adjusted_var: number | null };
  readonly notes: readonly ReportNote[];
}

/** What a series was over the last year of its days. */
export interface HistoryLine {
  readonly series: "var" | "es" | "pnl";
  readonly maximum: number;
  readonly average: number;
  readonly minimum: number;
  readonly end: number;
}

/** A scenario of the tail. */
export interface TailScenario {
  readonly name: string;
  readonly weight: number;
  readonly pnl: number;
  readonly contributors: readonly { readonly id: string; readonly pnl: number }[];
}

/** Levels that the grid has beside the one of record. */
const CONFIDENCES = ["0.95", "0.975", "0.99"] as const;
const HORIZONS = [1, 10] as const;
/** Share of a limit from which it warns. */
export const WARN_AT = "0.80";

/** @returns refused where the history is too short for the horizon of record */
export function riskReport(book: BookRisk, terms: RiskReportTerms, sha256: Sha256Fn): RiskOutcome<RiskReport> {
  const { method, confidence, horizon_days, parameters, window } = terms;
  const record = book.over(horizon_days);
  if (!record.ok) return record;
  const sets = horizonsOf(horizon_days).flatMap((days) => {
    const made = days === horizon_days ? record : book.over(days);
    return made.ok ? [made.value] : [];
  });
  const figures = sets.flatMap((scenarios) => gridOf(book, scenarios, terms));
  const ofRecord = (measure: "var" | "es") => figures.find((figure) => figure.of_record && figure.measure === measure);
  const { pnl, names } = record.value;
  const back = backtestDocument(book, { method, confidence, window, parameters });
  const liquidity = liquidityOf(book);
  return measured({
    of_record: { method, confidence, horizon_days },
    basis: book.basis,
    parameters,
    scenario_sets: sets.map(({ set }) => set),
    figures,
    tail: tailOfRecord(record.value, ofRecord("es")),
    distribution: { scenario_set: record.value.set.id, names: pnl.ok ? names : [], pnl: pnl.ok ? Array.from(pnl.value.total) : [] },
    contributions: contributionsOf(record.value, terms),
    backtest: back.ok ? { result: back.value, errors: [] } : { result: null, errors: back.errors },
    stress: terms.scenarios === null ? null : stressDocument(book, terms.scenarios, sha256),
    limits: terms.limits === null ? null : limitsOf(book, terms.limits, ofRecord("var")?.value ?? null, ofRecord("es")?.value ?? null),
    valuation: valuationOf(book),
    ...exposuresOf(book),
    history: back.ok ? historyOf(back.value) : [],
    change: terms.before === undefined ? null : explainedChange(terms.before, book, terms),
    correlation: stated("correlation_clusters", pnl.ok ? correlationMap(pnl.value.positions, record.value.set.id, sha256) : pnl),
    reverse_stress: reversed(book, ofRecord("es")?.value ?? null),
    liquidity: { ...liquidity, adjusted_var: adjusted(ofRecord("var")?.value ?? null, liquidity.result) },
    notes: reportNotes({
      book,
      history: book.history,
      set: record.value.set,
      backtest: back.ok ? back.value : null,
      unknown_liquidity: liquidity.result?.unknown ?? [],
      remarks: terms.remarks ?? [],
    }),
  });
}

/** Of the last year of days. */
const HISTORY_DAYS = 250;

function historyOf({ periods }: BacktestDocument): readonly HistoryLine[] {
  const year = periods.slice(-HISTORY_DAYS);
  return (["var", "es", "pnl"] as const).map((series): HistoryLine => {
    const values = year.map((period) => period[series]);
    const average = sumCompensated(values) / values.length;
    return { series, maximum: Math.max(...values), average, minimum: Math.min(...values), end: values.at(-1) ?? 0 };
  });
}

/** What it takes to lose twice the ES of record. */
function reversed(book: BookRisk, shortfall: number | null): RiskReport["reverse_stress"] {
  const loss = shortfall === null || shortfall <= 0 ? null : 2 * shortfall;
  if (loss === null) return { loss, directions: [] };
  return {
    loss,
    directions: STRESS_DIRECTIONS.map((direction) => ({
      direction,
      ...stated("reverse_stress", bookReverseStress({ ...book.input, direction, loss })),
    })),
  };
}

/** Shares of the volume that an exit may take. */
const EXIT_SHARES = [0.1, 0.25] as const;

function liquidityOf({ valuation, input, history: { traded } }: BookRisk): Stated<LiquidityLadder> {
  const held = new Map(input.positions.map((position) => [position.id, position]));
  const positions = valuation.positions.flatMap((cell) => {
    const position = held.get(cell.id);
    // What has no volume of its own, as a contract between two, cannot be measured so.
    if (!cell.ok || position?.kind !== "stock") return [];
    const known = traded.get(position.symbol) ?? { daily_volume: null, spread: null };
    return [{ id: cell.id, quantity: Math.abs(Number(position.quantity)), value: Math.abs(cell.value.pv), ...known }];
  });
  return stated("liquidity_ladder", liquidityLadder({ positions, shares: EXIT_SHARES }));
}

/** VaR and the cost of leaving; null where one is not known of every line. */
function adjusted(risk: number | null, ladder: LiquidityLadder | null): number | null {
  if (risk === null || ladder === null || ladder.lines.length === 0) return null;
  return ladder.lines.some(({ exit_cost }) => exit_cost === null) ? null : risk + ladder.exit_cost;
}

function horizonsOf(days: number): readonly number[] {
  return [...new Set([...HORIZONS, days])].sort((a, b) => a - b);
}

function gridOf(book: BookRisk, scenarios: BookScenarios, terms: RiskReportTerms): readonly GridFigure[] {
  const { horizon_days } = scenarios.set;
  const stated = CONFIDENCES.some((level) => Number(level) === Number(terms.confidence));
  const levels = (stated ? [...CONFIDENCES] : [...CONFIDENCES, terms.confidence]).sort((a, b) => Number(a) - Number(b));
  return TAIL_METHODS.flatMap((method) =>
    levels.flatMap((confidence) =>
      (["var", "es"] as const).map((measure): GridFigure => {
        const of_record = method === terms.method && Number(confidence) === Number(terms.confidence) && horizon_days === terms.horizon_days;
        const figure = figureOf(book, scenarios, { measure, method, confidence, parameters: terms.parameters });
        return { measure, method, confidence, horizon_days, of_record, ...figure };
      }),
    ),
  );
}

const CONTRIBUTORS = 3;

function tailOfRecord({ names, pnl }: BookScenarios, figure: GridFigure | undefined): readonly TailScenario[] {
  if (!pnl.ok || figure === undefined) return [];
  const { positions, total } = pnl.value;
  const index = new Map(names.map((name, n) => [name, n]));
  return figure.scenarios.map(({ name, weight }) => {
    const at = index.get(name) ?? 0;
    const parts = positions.map((position) => ({ id: position.name, pnl: position.pnl[at] ?? 0 }));
    return { name, weight, pnl: total[at] ?? 0, contributors: parts.toSorted((a, b) => a.pnl - b.pnl).slice(0, CONTRIBUTORS) };
  });
}

function contributionsOf({ pnl }: BookScenarios, { method, confidence, parameters }: RiskReportTerms): RiskReport["contributions"] {
  const [byVar, byEs] = [identity("var_component"), identity("es_component")];
  if (!pnl.ok) {
    const errors = pnl.errors;
    return { var: { calculation: byVar, result: null, errors }, es: { calculation: byEs, result: null, errors } };
  }
  const { positions } = pnl.value;
  const alone = new Map(
    positions.map(({ name, pnl: made }) => [name, tailBy(method, { pnl: Float64Array.from(made), confidence, parameters })]),
  );
  const added = new Map(positions.map(({ name }) => [name, incrementalRisk({ positions, confidence, without: [name] })]));
  const of = (measure: "var" | "es", calculation: CalcIdentity): Stated<Contributions> => {
    const made = measure === "var" ? varComponents({ positions, confidence }) : esComponents({ positions, confidence });
    if (!made.ok) return { calculation, result: null, errors: made.errors };
    const parts = made.value.contributions.map((part): Contribution => {
      const [single, more] = [alone.get(part.name), added.get(part.name)];
      const incremental = more?.ok === true ? (measure === "var" ? more.value.incremental_var : more.value.incremental_es) : null;
      return { ...part, standalone: single?.ok === true ? single.value[measure].value : null, incremental };
    });
    return { calculation, result: { risk: made.value.risk, euler_gap: made.value.euler_gap, parts }, errors: [] };
  };
  return { var: of("var", byVar), es: of("es", byEs) };
}

function identity(name: string): CalcIdentity {
  return { calc_name: `risk.${name}`, calc_version: "v1" };
}

function limitsOf(
  { valuation }: BookRisk,
  limits: readonly PortfolioLimit[],
  risk: number | null,
  shortfall: number | null,
): Stated<PortfolioLimitStates> {
  const states = portfolioLimits({ limits, warn_at: WARN_AT, valuation, clusters: null, measures: { var: risk, es: shortfall } });
  return stated("portfolio_limits", states);
}

function stated<T>(name: string, outcome: RiskOutcome<T>): Stated<T> {
  const calculation = identity(name);
  return outcome.ok ? { calculation, result: outcome.value, errors: [] } : { calculation, result: null, errors: outcome.errors };
}

function valuationOf({ valuation: { total, positions } }: BookRisk): RiskReport["valuation"] {
  const cells = positions.map((cell): ReportPosition => {
    if (!cell.ok) {
      const nothing = { kind: null, underlying: null, currency: null, pricer: null, pv: null, delta_value: null, greeks: null };
      return { id: cell.id, ...nothing, errors: cell.errors };
    }
    const { kind, underlying, currency, pricer, pv, delta_value, greeks } = cell.value;
    return { id: cell.id, kind, underlying, currency, pricer, pv, delta_value, greeks, errors: [] };
  });
  return {
    calculation: identity("book_valuation"),
    pv: total.ok ? total.value.pv : null,
    greeks: total.ok ? total.value.greeks : null,
    errors: total.ok ? [] : total.errors,
    positions: cells,
    excluded: cells.flatMap(({ id, pv }) => (pv === null ? [id] : [])),
  };
}

const DIMENSIONS = ["underlying", "currency", "asset_class"] as const satisfies readonly ExposureDimension[];

function exposuresOf({ valuation }: BookRisk): Pick<RiskReport, "exposures" | "concentration"> {
  const made = DIMENSIONS.map((dimension) => exposures({ valuation, dimension, clusters: null }));
  const lines = exposures({ valuation, dimension: "underlying", clusters: null });
  return {
    exposures: made.map((table) => stated("exposures", table)),
    concentration: stated("concentration", lines.ok ? concentration({ exposures: lines.value }) : lines),
  };
}
