/** How positions move together over the scenarios of record, in the order of their clusters. */
import { canonicalJson } from "../../tape/canonical-json.js";
import type { Sha256Fn } from "../../tape/hash.js";
import type { PositionPnl } from "../aggregate-pnl.js";
import { type ClusterSet, clusterSet } from "../portfolio/cluster-set.js";
import { measured, type RiskOutcome, refused } from "../risk-outcome.js";

/** Correlations of profits and losses. */
export interface CorrelationMap {
  /** Cluster after cluster, so that what moves together stands together. */
  readonly names: readonly string[];
  /** One row per name. */
  readonly values: readonly (readonly number[])[];
  readonly clusters: ClusterSet;
  /** Positions whose profit never varies. */
  readonly still: readonly string[];
}

/** Complete linkage joins what has a correlation of 0.7 or more: distance sqrt((1 - 0.7) / 2). */
const CUT_CORRELATION = 0.7;

export function correlationMap(positions: readonly PositionPnl[], scenario_set: string, sha256: Sha256Fn): RiskOutcome<CorrelationMap> {
  const deviations = positions.map(({ name, pnl }) => ({ name, of: centred(pnl) }));
  const still = deviations.filter(({ of }) => of.norm === 0).map(({ name }) => name);
  const moving = deviations.filter(({ of }) => of.norm > 0);
  if (moving.length < 2) return refused("ZERO_VARIANCE", { field: "positions", moving: moving.length, at_least: 2 });
  const values = moving.map((a, i) => moving.map((b, j) => (i === j ? 1 : i < j ? correlation(a.of, b.of) : correlation(b.of, a.of))));
  const text = canonicalJson({ scenario_set, names: moving.map(({ name }) => name) }, 1, Number.MAX_SAFE_INTEGER);
  const found = clusterSet({
    capture_id: text.ok ? sha256(text.text) : scenario_set,
    correlation: { names: moving.map(({ name }) => name), values },
    linkage: "complete",
    cut_distance: Math.sqrt((1 - CUT_CORRELATION) / 2),
  });
  if (!found.ok) return found;
  const names = found.value.clusters.flatMap(({ members }) => members);
  const index = new Map(moving.map(({ name }, n) => [name, n]));
  const at = (a: string, b: string): number => values[index.get(a) ?? 0]?.[index.get(b) ?? 0] ?? 0;
  return measured({ names, values: names.map((a) => names.map((b) => at(a, b))), clusters: found.value, still });
}

interface Centred {
  readonly values: Float64Array;
  readonly norm: number;
}

function centred(pnl: ArrayLike<number>): Centred {
  const values = Float64Array.from(pnl);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const about = values.map((value) => value - mean);
  const norm = Math.sqrt(about.reduce((sum, value) => sum + value * value, 0));
  const size = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  // What is left of a constant after rounding is no movement.
  return { values: about, norm: norm <= 1e-12 * size * Math.sqrt(values.length) ? 0 : norm };
}

function correlation(a: Centred, b: Centred): number {
  const product = a.values.reduce((sum, value, n) => sum + value * (b.values[n] ?? 0), 0);
  return Math.min(1, Math.max(-1, product / (a.norm * b.norm)));
}
