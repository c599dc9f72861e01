import { type NamedMatrix, orderedMatrix } from "./covariance-matrix.js";
import { rangeErrors } from "./input-checks.js";
import { measured, type RiskError, type RiskOutcome, refused, refusedWith, riskError } from "./risk-outcome.js";

/** How far apart two clusters are: their nearest members, or their farthest. */
export type Linkage = "single" | "complete";

/** Terms of a clustering. */
export interface ClusterInput {
  readonly correlation: NamedMatrix;
  readonly linkage: Linkage;
  /** Clusters farther apart than this are not joined: from 0 to 1. */
  readonly cut_distance: number;
}

/** Two clusters that became one. */
export interface Merge {
  readonly left: readonly string[];
  readonly right: readonly string[];
  readonly distance: number;
}

/** A hierarchy of names by correlation. */
export interface Clusters {
  /** In the order of joining; the last joins all. */
  readonly merges: readonly Merge[];
  /** Those within the cut, each in the order of its names, in the order of their first names. */
  readonly clusters: readonly (readonly string[])[];
}

/**
 * Joins the nearest clusters one after another at distance sqrt((1 - rho) / 2). Equal distances go to the pair whose first names come first.
 *
 * @returns refused with a code of the matrix's shape, `MATRIX_NOT_CORRELATION` or `PARAMETER_OUT_OF_RANGE`.
 * @see R. N. Mantegna, Hierarchical structure in financial markets, European Physical Journal B 11 (1999)
 */
export function correlationClusters({ correlation, linkage, cut_distance }: ClusterInput): RiskOutcome<Clusters> {
  const matrix = orderedMatrix(correlation);
  const errors: RiskError[] = [
    ...(matrix.ok ? [] : matrix.errors),
    ...rangeErrors("cut_distance", cut_distance, cut_distance >= 0 && cut_distance <= 1, "0 to 1"),
  ];
  if (linkage !== "single" && linkage !== "complete") {
    errors.push(riskError("PARAMETER_OUT_OF_RANGE", { field: "linkage", value: String(linkage), expected: "single or complete" }));
  }
  if (!matrix.ok || errors.length > 0) return refusedWith(errors);
  const { names, size, entries } = matrix.value;
  const odd = entries.findIndex((rho, i) => (i % (size + 1) === 0 ? Math.abs(rho - 1) > 1e-12 : Math.abs(rho) > 1));
  if (odd >= 0) {
    return refused("MATRIX_NOT_CORRELATION", {
      row: names[Math.floor(odd / size)] ?? "",
      column: names[odd % size] ?? "",
      value: entries[odd] ?? 0,
    });
  }
  const distances = Float64Array.from(entries, (rho) => Math.sqrt((1 - Math.min(rho, 1)) / 2));
  const merges = joined(names, distances, linkage);
  return measured({ merges, clusters: cut(names, merges, cut_distance) });
}

/** Clusters keep the index of their first name; distances are updated in place (Lance and Williams). */
function joined(names: readonly string[], distances: Float64Array, linkage: Linkage): readonly Merge[] {
  const n = names.length;
  const members = names.map((name) => [name]);
  const alive = names.map((_, i) => i);
  const merges: Merge[] = [];
  while (alive.length > 1) {
    const [left, right] = nearest(alive, distances, n);
    merges.push({ left: [...(members[left] ?? [])], right: [...(members[right] ?? [])], distance: distances[left * n + right] as number });
    for (const other of alive) {
      if (other === left || other === right) continue;
      const [a, b] = [distances[left * n + other] as number, distances[right * n + other] as number];
      const next = linkage === "single" ? Math.min(a, b) : Math.max(a, b);
      distances[left * n + other] = next;
      distances[other * n + left] = next;
    }
    members[left] = [...(members[left] ?? []), ...(members[right] ?? [])];
    alive.splice(alive.indexOf(right), 1);
  }
  return merges;
}

function nearest(alive: readonly number[], distances: Float64Array, n: number): readonly [left: number, right: number] {
  let best: readonly [number, number] = [alive[0] ?? 0, alive[1] ?? 0];
  for (const [at, left] of alive.entries()) {
    for (const right of alive.slice(at + 1)) {
      if ((distances[left * n + right] as number) < (distances[best[0] * n + best[1]] as number)) best = [left, right];
    }
  }
  return best;
}

function cut(names: readonly string[], merges: readonly Merge[], distance: number): readonly (readonly string[])[] {
  const groups = new Map(names.map((name) => [name, [name]]));
  for (const { left, right, distance: at } of merges) {
    if (at > distance) continue;
    const [first = "", second = ""] = [left[0], right[0]];
    groups.set(first, [...(groups.get(first) ?? []), ...(groups.get(second) ?? [])]);
    groups.delete(second);
  }
  const order = new Map(names.map((name, i) => [name, i]));
  return [...groups.values()].map((group) => group.toSorted((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0)));
}
