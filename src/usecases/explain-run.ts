/**
 * Goes from a number of a run to its terms, and from the terms to the events behind them.
 *
 * The tape is folded again, so the explanation proves the stored number on the way: where the two differ, that is the answer.
 */
import { type ExplainedStep, explainExpression, formulaOf, positionsIn } from "../core/metrics/explain.js";
import type { MetricInput } from "../core/metrics/metric.js";
import { type MetricCard, metricCards, type TableCard, tableCards } from "../core/metrics/metric-cards.js";
import {
  type MetricResult,
  type MetricTableResult,
  metricGroups,
  metricInput,
  metricResult,
  type RunMetrics,
  tableResult,
} from "../core/metrics/run-metrics.js";
import { nearestName } from "../core/quality/nearest-name.js";
import { canonicalJson } from "../core/tape/canonical-json.js";
import type { LogSession } from "../ports/event-store.js";
import type { StoredRun } from "../ports/run-store.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { openTape } from "./compare-runs.js";
import { type EventBehind, eventsAt } from "./events-behind.js";
import { type ExplainedOrder, type ExplainOrderPorts, explainOrder, isOrderId } from "./explain-order.js";
import { type ExplainedSession, explainSession } from "./explain-session.js";
import { type ExplainedTrade, explainTrade } from "./explain-trade.js";
import { metricsOf } from "./find-run.js";
import { type ProjectedRun, projectRun } from "./project-run.js";
import { configOf, keptInputs, recordedStart } from "./recorded-run.js";

export interface ExplainRequest {
  readonly run: StoredRun;
  /** A metric's id, a table's id or a row of it (`ret.period/YTD`), a trade (`trade:3`), a session date (`2024-01-02`), or an order (`O12`). */
  readonly what: string;
  /** Terms to list of each fold. Default 10. */
  readonly limit?: number;
  readonly onProgress?: (events: number) => void;
  readonly signal?: AbortSignal;
}

export interface ExplainedMetric {
  readonly kind: "metric";
  readonly card: MetricCard;
  /** As `metrics.json` holds it. */
  readonly result: MetricResult;
  /** Null where the metric is undefined. */
  readonly formula: string | null;
  readonly is: ExplainedStep | null;
  /** By position, ascending. */
  readonly events: readonly EventBehind[];
}

/** A number of a table with its steps. */
export interface ExplainedCell {
  readonly column: string;
  readonly value: number | string | null;
  readonly formula: string;
  readonly is: ExplainedStep;
}

export interface ExplainedTable {
  readonly kind: "table";
  readonly card: TableCard;
  readonly result: MetricTableResult;
  /** The row that was asked for, or all. */
  readonly rows: readonly { readonly name: string; readonly cells: readonly ExplainedCell[] }[];
  readonly events: readonly EventBehind[];
}

export type Explained = ExplainedMetric | ExplainedTable | ExplainedTrade | ExplainedSession | ExplainedOrder;

export type ExplainOutcome =
  | { readonly kind: "explained"; readonly run: string; readonly explanation: Explained }
  /** There is no such metric, trade, session or order in this run. */
  | { readonly kind: "unknown"; readonly message: string }
  /** The tape gives another number than `metrics.json` holds, or the gate another decision than the tape. */
  | { readonly kind: "differs"; readonly message: string }
  /** Tape or bars cannot be read. */
  | { readonly kind: "unreadable"; readonly message: string };

const TERMS = 10;

export async function explainRun(
  ports: ExplainOrderPorts & Pick<BacktestPorts, "tapes">,
  request: ExplainRequest,
): Promise<ExplainOutcome> {
  const { run } = request;
  const unknown = unknownName(request.what);
  if (unknown !== null) return { kind: "unknown", message: unknown };
  const store = ports.tapes(run.dir);
  try {
    const opened = await openTape(store, run.manifest.tape.log);
    if (opened.session === null) return { kind: "unreadable", message: `the tape of ${run.name} cannot be opened: ${opened.why}` };
    if (isOrderId(request.what)) return await orderOutcome(ports, request, opened.session);
    const folded = await fold(ports, request, opened.session);
    if (typeof folded === "string") return { kind: "unreadable", message: folded };
    return await explain(ports, request, folded, opened.session);
  } finally {
    await store.close();
  }
}

async function orderOutcome(ports: ExplainOrderPorts, request: ExplainRequest, session: LogSession): Promise<ExplainOutcome> {
  const { run, what, signal } = request;
  const outcome = await explainOrder(ports, session, { run, orderId: what, ...(signal === undefined ? {} : { signal }) });
  return outcome.kind === "order" ? { kind: "explained", run: run.name, explanation: outcome } : outcome;
}

/** Folds the run's tape over the bars that it names by hash. */
async function fold(
  ports: Pick<BacktestPorts, "bars" | "runs">,
  { run, onProgress, signal }: ExplainRequest,
  session: LogSession,
): Promise<ProjectedRun | string> {
  const started = await recordedStart(session);
  if (started === null) return `the tape of ${run.name} does not begin with run.started`;
  const config = configOf(started);
  const columns = new Map<string, NonNullable<Awaited<ReturnType<BacktestPorts["bars"]["load"]>>>>();
  for (const { symbol, column_set, basis } of config.data) {
    const bars = await ports.bars.load(column_set, basis);
    if (bars === null) return `the bars of ${symbol} (column set ${column_set.slice(0, 12)}) are missing from the workspace or altered`;
    columns.set(symbol, bars);
  }
  const inputs = await keptInputs(ports, run, config);
  if (typeof inputs === "string") return inputs;
  return projectRun({
    session,
    columns,
    config,
    inputs,
    detail: true,
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function explain(
  ports: Pick<BacktestPorts, "runs" | "bars">,
  request: ExplainRequest,
  folded: ProjectedRun,
  session: LogSession,
): Promise<ExplainOutcome> {
  const { run, what, limit = TERMS } = request;
  const found = (explanation: Explained): ExplainOutcome => ({ kind: "explained", run: run.name, explanation });
  const missing = (message: string): ExplainOutcome => ({ kind: "unknown", message });
  if (TRADE.test(what)) {
    const trade = await explainTrade(ports, session, folded, Number(what.slice("trade:".length)));
    return typeof trade === "string" ? missing(trade) : found(trade);
  }
  if (DATE.test(what)) {
    const move = await explainSession(session, folded, what, limit);
    return typeof move === "string" ? missing(move) : found(move);
  }
  const input = metricInput(folded.measures, folded.detail);
  const stored = await metricsOf(ports, run);
  const [id, row] = splitRow(what);
  const explanation = metricGroups.some((g) => g.metrics.some((m) => m.id === id))
    ? await explainMetric(id, input, limit, session)
    : await explainTable(id, row, input, limit, session);
  if (typeof explanation === "string") return missing(explanation);
  const kept = explanation.kind === "metric" ? stored.metrics[id] : stored.tables?.[id];
  if (kept === undefined) return missing(notStored(id, stored));
  const difference = differenceOf(id, explanation.result, kept);
  return difference === null ? found(explanation) : { kind: "differs", message: difference };
}

const TRADE = /^trade:\d{1,15}$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

function splitRow(what: string): readonly [id: string, row: string | null] {
  const slash = what.indexOf("/");
  return slash < 0 ? [what, null] : [what.slice(0, slash), what.slice(slash + 1)];
}

/** Null for what can be looked for in a run; else what to write instead. */
function unknownName(what: string): string | null {
  if (TRADE.test(what) || DATE.test(what) || isOrderId(what)) return null;
  const known = [...metricCards(), ...tableCards()].map((card) => card.id);
  const [id] = splitRow(what);
  if (known.includes(id)) return null;
  const below = known.filter((name) => name.startsWith(`${id}.`) || name.startsWith(`${id}_`));
  const near = nearestName(id, [...known, "trade:1"]);
  const hint = below.length > 0 ? `; there are ${below.join(", ")}` : near === null ? "" : `; did you mean ${near}?`;
  return `there is no metric ${id}${hint}`;
}

async function explainMetric(id: string, input: MetricInput, limit: number, session: LogSession): Promise<ExplainedMetric | string> {
  const metric = metricGroups.flatMap((g) => g.metrics).find((m) => m.id === id);
  const card = metricCards().find((c) => c.id === id);
  if (metric === undefined || card === undefined) return `there is no metric ${id}`;
  const result = metricResult(metric, input);
  const derivation = metric.derive(input);
  if (derivation.state === "undefined") return { kind: "metric", card, result, formula: null, is: null, events: [] };
  const is = explainExpression(derivation.is, input, limit);
  return { kind: "metric", card, result, formula: formulaOf(derivation.is), is, events: await eventsAt(session, positionsIn(is)) };
}

async function explainTable(
  id: string,
  wanted: string | null,
  input: MetricInput,
  limit: number,
  session: LogSession,
): Promise<ExplainedTable | string> {
  const table = metricGroups.flatMap((g) => g.tables).find((t) => t.id === id);
  const card = tableCards().find((c) => c.id === id);
  if (table === undefined || card === undefined) return `there is no metric ${id}`;
  const result = tableResult(table, input);
  const derivation = table.derive(input);
  if (derivation.state === "undefined") return { kind: "table", card, result, rows: [], events: [] };
  const key = table.columns[0]?.name ?? "";
  const names = derivation.rows.map((row) => String(row[key] ?? ""));
  if (wanted !== null && !names.includes(wanted)) return `${id} has no row ${wanted}; it has ${names.join(", ")}`;
  const rows = derivation.rows.flatMap((row, i) => {
    const name = names[i] ?? "";
    if (wanted !== null && name !== wanted) return [];
    const cells = table.columns.flatMap(({ name: column }): ExplainedCell[] => {
      const cell = row[column] ?? null;
      if (cell === null || typeof cell === "string") return [];
      const value = result.rows[i]?.[column] ?? null;
      return [{ column, value, formula: formulaOf(cell), is: explainExpression(cell, input, limit) }];
    });
    return [{ name, cells }];
  });
  const positions = new Set(rows.flatMap((row) => row.cells.flatMap((cell) => positionsIn(cell.is))));
  return {
    kind: "table",
    card,
    result,
    rows,
    events: await eventsAt(
      session,
      [...positions].sort((a, b) => a - b),
    ),
  };
}

/** Why a run has no such number. */
function notStored(id: string, { metrics }: RunMetrics): string {
  return Object.keys(metrics).length === 0
    ? "the run was ended from outside and has no metrics.json; its trades and sessions can be explained"
    : `metrics.json of the run has no ${id}: it was written by a version that did not compute it; run the backtest again`;
}

/** Null where the tape gives what is stored. */
function differenceOf(id: string, computed: MetricResult | MetricTableResult, stored: MetricResult | MetricTableResult): string | null {
  if (stored.calc_version !== computed.calc_version)
    return `metrics.json of the run holds ${id} of ${stored.calc_version}, this version explains ${computed.calc_version}`;
  const value = (result: MetricResult | MetricTableResult): unknown => ("rows" in result ? result.rows : (result.value ?? result.reason));
  const text = (result: MetricResult | MetricTableResult): string => {
    const canonical = canonicalJson(value(result));
    return canonical.ok ? canonical.text : "nothing that can be written";
  };
  const [held, given] = [text(stored), text(computed)];
  return held === given ? null : `metrics.json of the run holds ${held} for ${id}, its tape gives ${given}`;
}
