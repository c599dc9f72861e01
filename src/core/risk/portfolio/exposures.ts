/** What a portfolio is exposed to: by underlying, currency, asset class, or cluster of underlyings that move together. */
import { sumCompensated } from "../../numeric/compensated-sum.js";
import { byCodeUnits } from "../input-checks.js";
import { measured, type RiskOutcome, refused } from "../risk-outcome.js";
import { type BookValuation, type PositionValue, pricedCells } from "./book-valuation.js";
import type { ClusterSet } from "./cluster-set.js";

export type ExposureDimension = "underlying" | "currency" | "asset_class" | "cluster";

/** One line of exposures; money is in the reporting currency. */
export interface Exposure {
  readonly key: string;
  /** Sizes of the values, added up. */
  readonly gross_value: number;
  readonly net_value: number;
  /** Sizes of what moves one for one with the underlyings, added up, and their signed sum. By currency the values of legs. */
  readonly gross_delta: number;
  readonly net_delta: number;
  /** Sizes of what the positions are over. By currency the sizes of the legs. */
  readonly abs_notional: number;
  /** Units of the underlying; null where the line holds several. */
  readonly delta_units: number | null;
}

/** Exposures along one dimension. */
export interface Exposures {
  readonly dimension: ExposureDimension;
  readonly currency: string;
  /** In the order of the keys' code units. */
  readonly lines: readonly Exposure[];
  readonly gross_value: number;
  readonly net_value: number;
}

/** Terms of a table of exposures. */
export interface ExposureInput {
  readonly valuation: BookValuation;
  readonly dimension: ExposureDimension;
  /** Needed by `cluster`, else null. */
  readonly clusters: ClusterSet | null;
}

/** Underlyings that no cluster holds. */
export const UNCLUSTERED = "unclustered";

interface Part {
  readonly key: string;
  readonly value: number;
  readonly delta: number;
  readonly notional: number;
  readonly units: number | null;
}

/**
 * Adds up values along a dimension, in the order of the positions' ids. Currencies take each leg of an exchange to its own.
 *
 * @returns refused with `TOTAL_INCOMPLETE` where a position has no value and the valuation's totals are whole, with `UNKNOWN_NAME` for
 * clusters that are not given, or with `RESULT_OUT_OF_RANGE`.
 */
export function exposures({ valuation, dimension, clusters }: ExposureInput): RiskOutcome<Exposures> {
  const cells = pricedCells(valuation);
  if (!cells.ok) return cells;
  if (dimension === "cluster" && clusters === null) return refused("UNKNOWN_NAME", { field: "clusters", expected: "a set of clusters" });
  const groups = new Map<string, Part[]>();
  for (const { value } of cells.value)
    for (const part of partsOf(value, dimension, clusters)) {
      const group = groups.get(part.key);
      if (group === undefined) groups.set(part.key, [part]);
      else group.push(part);
    }
  const lines = [...groups.keys()].sort(byCodeUnits).map((key) => lineOf(key, groups.get(key) ?? [], dimension));
  const all = [...groups.values()].flat();
  const gross_value = sum(lines.map((line) => line.gross_value));
  if (!all.every(({ value, delta, notional }) => Number.isFinite(value + delta + notional)) || !Number.isFinite(gross_value))
    return refused("RESULT_OUT_OF_RANGE", { field: "gross_value", value: gross_value });
  return measured({ dimension, currency: valuation.currency, lines, gross_value, net_value: sum(lines.map((line) => line.net_value)) });
}

function partsOf(value: PositionValue, dimension: ExposureDimension, clusters: ClusterSet | null): readonly Part[] {
  if (dimension === "currency")
    return value.legs.map((leg) => ({ key: leg.currency, value: leg.value, delta: leg.value, notional: Math.abs(leg.value), units: null }));
  const key = {
    underlying: value.underlying,
    asset_class: value.asset_class,
    cluster: clusters?.clusters.find(({ members }) => members.includes(value.underlying))?.cluster_id ?? UNCLUSTERED,
  }[dimension];
  return [{ key, value: value.pv, delta: value.delta_value, notional: value.notional, units: value.delta_units }];
}

function lineOf(key: string, parts: readonly Part[], dimension: ExposureDimension): Exposure {
  return {
    key,
    gross_value: sum(parts.map(({ value }) => Math.abs(value))),
    net_value: sum(parts.map(({ value }) => value)),
    gross_delta: sum(parts.map(({ delta }) => Math.abs(delta))),
    net_delta: sum(parts.map(({ delta }) => delta)),
    abs_notional: sum(parts.map(({ notional }) => notional)),
    delta_units: dimension === "underlying" ? sum(parts.map(({ units }) => units ?? 0)) : null,
  };
}

function sum(values: readonly number[]): number {
  return sumCompensated(values) + 0;
}
