/**
 * What is kept of a point of a sweep: one line of JSON with a hash of its own, so that a line that was cut or changed is noticed.
 *
 * A point holds no clock reading, no path and nothing of the machine, so equal points have equal bytes.
 */
import type { MetricResult } from "../metrics/run-metrics.js";
import type { UndefinedReason } from "../metrics/undefined-reasons.js";
import { canonicalJson } from "../tape/canonical-json.js";
import type { UtcMillis } from "../tape/event.js";
import type { Sha256Fn, Sha256Hex } from "../tape/hash.js";
import type { SweptParams } from "./sweep-grid.js";

/** Why a point has no figures. */
export interface PointError {
  readonly code: string;
  readonly message: string;
  readonly handler: string;
  readonly bar_ts: UtcMillis | null;
}

/** A finished point: what the backtest with its parameters comes to. */
export interface SweepPoint {
  /** Number in the grid, from 1. */
  readonly point: number;
  /** The swept parameters. */
  readonly params: SweptParams;
  /** Id of the run that a backtest with these parameters has. */
  readonly run_id: string;
  /** `failed`: the strategy threw. */
  readonly status: "ok" | "failed";
  readonly bars: number;
  readonly events: number;
  readonly signals: number;
  readonly orders: number;
  readonly fills: number;
  readonly trades: number;
  /** Content hash of the run's tape; null where the sweep made no tapes. */
  readonly content_hash: Sha256Hex | null;
  /** Defined metrics by id; money is decimal text. Empty for a failed point. */
  readonly metrics: { readonly [id: string]: number | string };
  /** Metrics without a value, with the reason. */
  readonly undefined_metrics: { readonly [id: string]: UndefinedReason };
  /** Standard errors of the metrics that have one. */
  readonly standard_errors: { readonly [id: string]: number };
  readonly error: PointError | null;
}

/** Splits a run's metrics into what a point keeps. */
export function pointMetrics(metrics: {
  readonly [id: string]: MetricResult;
}): Pick<SweepPoint, "metrics" | "undefined_metrics" | "standard_errors"> {
  const values: Record<string, number | string> = {};
  const reasons: Record<string, UndefinedReason> = {};
  const errors: Record<string, number> = {};
  for (const [id, { value, reason, standard_error }] of Object.entries(metrics)) {
    if (value !== null) values[id] = value;
    else if (reason !== undefined) reasons[id] = reason;
    if (standard_error !== undefined) errors[id] = standard_error;
  }
  return { metrics: values, undefined_metrics: reasons, standard_errors: errors };
}

/** A point as its line, without the line end. */
export function pointLine(point: SweepPoint, hash: Sha256Fn): string {
  const text = canonicalText(point);
  return `${text.slice(0, -1)},"sha256":"${hash(text)}"}`;
}

/** A point with its keys in the order in which they are read back, so that a computed point and a stored one are written alike. */
export function settledPoint(point: SweepPoint): SweepPoint {
  return JSON.parse(canonicalText(point)) as SweepPoint;
}

/** Reads a line; null where it is cut, changed or no point. */
export function readPointLine(line: string, hash: Sha256Fn): SweepPoint | null {
  const end = line.lastIndexOf(',"sha256":"');
  if (end === -1) return null;
  const text = `${line.slice(0, end)}}`;
  if (line !== `${text.slice(0, -1)},"sha256":"${hash(text)}"}`) return null;
  // The hash was made by this product over a point.
  return JSON.parse(text) as SweepPoint;
}

function canonicalText(point: SweepPoint): string {
  const canonical = canonicalJson(point);
  if (!canonical.ok) throw new TypeError(`point ${point.point} has no canonical form: ${canonical.violations[0]?.message ?? ""}`);
  return canonical.text;
}
