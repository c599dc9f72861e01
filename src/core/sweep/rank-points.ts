/** Which points of a sweep are best by a metric. */

import { metricGroups } from "../metrics/run-metrics.js";
import { bigOf, decimalPlaces } from "../money/decimal.js";
import { nearestName } from "../quality/nearest-name.js";
import type { SweepPoint } from "./sweep-point.js";

/** Whether large values of a metric are good or bad. */
export type SweepGoal = "max" | "min";

/** What ranks the points of a sweep. */
export interface Ranking {
  readonly metric: string;
  readonly goal: SweepGoal;
}

export type RankingChoice =
  | { readonly kind: "chosen"; readonly ranking: Ranking }
  | { readonly kind: "invalid"; readonly message: string; readonly expected: string };

/** Metrics, by the beginnings of their ids, that are better small: falls, risk, costs, what went wrong. */
const SMALL_IS_GOOD = [
  "dd.",
  "vol.",
  "ulcer",
  "pain",
  "tail.var",
  "tail.es",
  "ex.",
  "bm.te",
  "tr.mae",
  "tr.giveback",
  "tr.streak_lost",
  "tr.losses",
];
const LARGE_IS_GOOD = ["ex.capacity", "ex.volume"];

/** The ranking by a metric. @param goal default: what the metric is made for, `min` for falls, risk and costs, `max` for all others. */
export function rankingBy(metric: string, goal?: SweepGoal): RankingChoice {
  const known = metricGroups.flatMap(({ metrics }) => metrics.filter(({ unit }) => unit !== "utc_ms").map(({ id }) => id));
  if (!known.includes(metric)) {
    const near = nearestName(metric, known);
    return {
      kind: "invalid",
      message: `${JSON.stringify(metric)} is no metric that ranks points${near === null ? "" : `; did you mean ${near}?`}`,
      expected: near ?? known.join(", "),
    };
  }
  const small = SMALL_IS_GOOD.some((start) => metric.startsWith(start)) && !LARGE_IS_GOOD.includes(metric);
  return { kind: "chosen", ranking: { metric, goal: goal ?? (small ? "min" : "max") } };
}

/** Points that have the metric, best first; equals in grid order. */
export function rankPoints(points: readonly SweepPoint[], { metric, goal }: Ranking): readonly SweepPoint[] {
  const sign = goal === "max" ? -1 : 1;
  return points
    .filter((point) => point.status === "ok" && point.metrics[metric] !== undefined)
    .sort((a, b) => sign * compareValues(a.metrics[metric] ?? 0, b.metrics[metric] ?? 0) || a.point - b.point);
}

/** Compares numbers by size and decimal texts exactly. */
function compareValues(left: number | string, right: number | string): number {
  if (typeof left === "number" || typeof right === "number") return Number(left) - Number(right);
  const scale = Math.max(decimalPlaces(left) ?? 0, decimalPlaces(right) ?? 0);
  const difference = bigOf(left, scale) - bigOf(right, scale);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

/** The metric of a point as a number, or null. */
export function metricNumber(point: SweepPoint | undefined, metric: string): number | null {
  const value = point?.status === "ok" ? point.metrics[metric] : undefined;
  return value === undefined ? null : Number(value);
}
