/**
 * What bars are fit for, as the quality log tells it: the one projection that a session's gate and a promotion read.
 *
 * Fails closed: bars that nobody measured are fit for research alone.
 */
import type { Sha256Hex } from "../tape/hash.js";
import type { Measurement, QualityIndex } from "./quality-index.js";
import type { QualityResult } from "./quality-result.js";

/** `research`: to look at. `orders`: to let a session trade on them. `promotion`: as evidence for a stage. */
export const DATA_USES = ["research", "orders", "promotion"] as const;
export type DataUse = (typeof DATA_USES)[number];

/** Bars by content. */
export interface ReadBars {
  readonly symbol: string;
  readonly column_set: Sha256Hex;
}

export interface DataReadiness extends ReadBars {
  readonly ready_for: Readonly<Record<DataUse, boolean>>;
  /** When they were measured last, UTC milliseconds; null where nobody did. */
  readonly measured_at: number | null;
  /** Why not, one sentence each, by use. */
  readonly blocking: Readonly<Record<DataUse, readonly string[]>>;
}

const UNMEASURED = "nobody measured these bars: import them, or run on them, with quality: warn or enforce";

/**
 * - `research`: no open failure is critical.
 * - `orders`: measured, and no failure is open. A failure is open until its anomaly was resolved with a note.
 * - `promotion`: the same, completeness was measured, and nobody had to resolve a failure away.
 */
export function dataReadiness(index: QualityIndex, bars: ReadBars): DataReadiness {
  const newest = index.measurements
    .filter(({ symbol, column_set }) => symbol === bars.symbol && column_set === bars.column_set)
    .reduce<Measurement | null>((last, next) => (last === null || next.measured_at >= last.measured_at ? next : last), null);
  const failures = newest === null ? [] : newest.results.filter(({ status }) => status === "FAIL");
  const open = failures.filter((result) => !isResolved(index, bars, result));
  const critical = open.filter(({ severity }) => severity === "CRITICAL").map(inWords);
  const orders = newest === null ? [UNMEASURED] : open.map(inWords);
  const resolved = failures.filter((result) => !open.includes(result)).map((result) => `${inWords(result)}, resolved by hand`);
  const unknown = (newest?.results ?? [])
    .filter(({ check, measured }) => check.endsWith("_completeness") && measured === null)
    .map(inWords);
  const blocking = { research: critical, orders, promotion: [...new Set([...orders, ...resolved, ...unknown])] };
  const ready_for = { research: critical.length === 0, orders: orders.length === 0, promotion: blocking.promotion.length === 0 };
  return { ...bars, ready_for, measured_at: newest?.measured_at ?? null, blocking };
}

function isResolved(index: QualityIndex, { symbol, column_set }: ReadBars, { check, message }: QualityResult): boolean {
  return index.anomalies.some(
    (anomaly) =>
      anomaly.symbol === symbol &&
      anomaly.column_set === column_set &&
      anomaly.check === check &&
      anomaly.message === message &&
      anomaly.resolution !== null,
  );
}

function inWords({ check, message }: QualityResult): string {
  return `${check}: ${message}`;
}
