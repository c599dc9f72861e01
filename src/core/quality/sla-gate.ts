/**
 * Decides whether bars may pass under a ladder of checks.
 *
 * A failed check at level `enforce` refuses, unless its anomaly was resolved with a note: the anomaly stands for exactly these bars and this
 * finding, so that a resolution never covers other bars.
 */
import type { BarColumns } from "../market/bars.js";
import type { Calendar } from "../market/calendar.js";
import type { UtcMillis } from "../tape/event.js";
import type { Sha256Fn, Sha256Hex } from "../tape/hash.js";
import { checkColumns } from "./check-columns.js";
import { latenessOf, qualityOfSla } from "./data-quality-sla.js";
import { type Grade, gradeOf } from "./grade.js";
import { levelOf, type QualityLadder } from "./ladder.js";
import type { QualityIndex } from "./quality-index.js";
import type { QualityResult } from "./quality-result.js";
import type { GateStage, SlaDecided, SlaEvent, SlaMeasured } from "./sla-events.js";

/** Version of what the checks mean. */
const CHECKS = "bars/v1";

/** Bars of one instrument that want to pass. At least one row. */
export interface GatedSeries {
  readonly columns: BarColumns;
  /** Identity of the set that `columns` are all or a part of. */
  readonly column_set: Sha256Hex;
  /** Null where the trading hours are unknown. */
  readonly calendar: Calendar | null;
  readonly positive_prices: boolean;
  /** Duplicates that the import removed; null where no import tells. */
  readonly duplicates_removed: number | null;
  /** Of real-time bars the moment that the newest is compared with; null for history, which is never late. */
  readonly reference: UtcMillis | null;
}

export interface GateRequest {
  readonly stage: GateStage;
  /** Capture, run, sweep or session. */
  readonly subject: string;
  readonly series: readonly GatedSeries[];
  readonly ladder: QualityLadder;
  readonly at: UtcMillis;
}

/** A result with the anomaly that stands for it. */
export interface Finding {
  readonly anomaly_id: string;
  readonly result: QualityResult;
}

export interface GateVerdict {
  readonly verdict: SlaDecided["verdict"];
  /** Of the results that the ladder asks for. */
  readonly grade: Grade;
  readonly results: readonly QualityResult[];
  readonly blocking: readonly Finding[];
  readonly warnings: readonly Finding[];
  /** Failures at level `enforce` whose anomaly was resolved. */
  readonly resolved: readonly Finding[];
  /** What the log does not hold yet, the decision last. */
  readonly events: readonly SlaEvent[];
}

/** Measures what the log has not measured yet, and decides. @throws {RangeError} where bars lie outside what their calendar covers. */
export function passGate(index: QualityIndex, request: GateRequest, sha256: Sha256Fn): GateVerdict {
  const { stage, subject, ladder, at } = request;
  const events: SlaEvent[] = [];
  const asked: QualityResult[] = [];
  const found: Record<"blocking" | "warnings" | "resolved", Finding[]> = { blocking: [], warnings: [], resolved: [] };
  const levels: { [check: string]: ReturnType<typeof levelOf> } = {};
  const measurements: string[] = [];
  for (const series of request.series) {
    const facts = factsOf(series, ladder, sha256);
    const known = index.measurement(facts.measurement_id);
    const results = known?.results ?? measure(series, ladder, at);
    if (known === null) events.push(...results.map((result) => measured(facts, result, at)));
    measurements.push(facts.measurement_id);
    for (const result of results) {
      const level = levelOf(ladder, result.check);
      levels[result.check] = level;
      if (level === "off") continue;
      asked.push(result);
      if (result.status === "PASS") continue;
      const anomaly_id = anomalyId(facts, result, sha256);
      const standing = index.anomaly(anomaly_id);
      if (standing === null) events.push(raised(anomaly_id, facts, result, at));
      const stops = level === "enforce" && result.status === "FAIL";
      found[!stops ? "warnings" : standing?.resolution == null ? "blocking" : "resolved"].push({ anomaly_id, result });
    }
  }
  const { blocking, warnings, resolved } = found;
  const verdict = blocking.length > 0 ? "refused" : warnings.length + resolved.length > 0 ? "warned" : "passed";
  const grade = gradeOf(asked);
  const ids = (findings: readonly Finding[]): readonly string[] => findings.map(({ anomaly_id }) => anomaly_id);
  const decided = { stage, subject, verdict, grade, measurements, levels } as const;
  const payload: SlaDecided = { ...decided, blocking: ids(blocking), warnings: ids(warnings), resolved: ids(resolved) };
  return { verdict, grade, results: asked, ...found, events: [...events, { type: "sla.decided", occurred_at: at, payload }] };
}

type Facts = Omit<SlaMeasured, keyof QualityResult>;

function factsOf({ columns, ...series }: GatedSeries, ladder: QualityLadder, sha256: Sha256Fn): Facts {
  const calendar = series.calendar === null ? null : `${series.calendar.id}@${series.calendar.version}`;
  const facts = {
    checks: CHECKS,
    symbol: columns.symbol,
    timeframe: columns.timeframe,
    basis: columns.basis,
    column_set: series.column_set,
    from_ts: columns.ts[0] as number,
    to_ts: columns.ts[columns.rows - 1] as number,
    rows: columns.rows,
    calendar,
  };
  const reference = levelOf(ladder, "lateness") === "off" ? null : series.reference;
  const choices = [series.positive_prices, series.duplicates_removed, reference];
  const text = JSON.stringify([Object.values(facts), choices]);
  return { measurement_id: sha256(`onetape/sla/v1\n${text}`).slice(0, 16), ...facts };
}

function measure(series: GatedSeries, ladder: QualityLadder, at: UtcMillis): readonly QualityResult[] {
  const { columns, reference } = series;
  const results = checkColumns(columns, series);
  if (reference === null || levelOf(ladder, "lateness") === "off") return results;
  return [...results, qualityOfSla(latenessOf(columns.ts[columns.rows - 1] ?? null, reference, at), columns.symbol)];
}

function measured(facts: Facts, { subject: _, ...result }: QualityResult, at: UtcMillis): SlaEvent {
  return { type: "sla.measured", occurred_at: at, payload: { ...facts, ...result } };
}

function anomalyId({ symbol, column_set, from_ts, to_ts }: Facts, { check, message }: QualityResult, sha256: Sha256Fn): string {
  const text = JSON.stringify([symbol, column_set, from_ts, to_ts, check, message]);
  return sha256(`onetape/bar-anomaly/v1\n${text}`).slice(0, 16);
}

function raised(anomaly_id: string, { symbol, column_set }: Facts, result: QualityResult, at: UtcMillis): SlaEvent {
  const { check, category, severity, message } = result;
  return { type: "bar_anomaly.raised", occurred_at: at, payload: { anomaly_id, symbol, column_set, check, category, severity, message } };
}
