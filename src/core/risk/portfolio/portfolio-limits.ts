/** Limits on what a portfolio is: each reads one figure, and none that is missing is ever within its limit. */
import { decimalOfNumber } from "../../money/from-number.js";
import { type LimitStatus, limitStates } from "../limit-utilisation.js";
import { measured, type RiskOutcome } from "../risk-outcome.js";
import type { Greeks } from "../v1/position-risk.js";
import type { BookValuation } from "./book-valuation.js";
import type { ClusterSet } from "./cluster-set.js";
import { type Concentration, concentration } from "./concentration.js";
import { type Exposure, type ExposureDimension, type Exposures, exposures } from "./exposures.js";

/** What a limit is on. */
export type LimitFigure =
  /** One line of exposures. A line that the portfolio has not is 0. */
  | {
      readonly kind: "exposure";
      readonly dimension: ExposureDimension;
      readonly key: string;
      readonly figure: Exclude<keyof Exposure, "key" | "delta_units">;
    }
  /** The largest line of a dimension. */
  | {
      readonly kind: "any_exposure";
      readonly dimension: ExposureDimension;
      readonly figure: Exclude<keyof Exposure, "key" | "delta_units">;
    }
  | { readonly kind: "total"; readonly figure: "pv" | keyof Greeks }
  | {
      readonly kind: "concentration";
      readonly dimension: ExposureDimension;
      readonly figure: Exclude<keyof Concentration, "ranked" | "effective_lines">;
    }
  /** A figure that was measured beside the valuation, such as `var` or `es`. */
  | { readonly kind: "measure"; readonly name: string };

/** A limit; its value's size counts. */
export interface PortfolioLimit {
  readonly id: string;
  readonly on: LimitFigure;
  /** Above 0, decimal text in the figure's unit. */
  readonly limit: string;
}

/** Where a limit stands. */
export interface PortfolioLimitState {
  readonly id: string;
  readonly on: LimitFigure;
  readonly limit: string;
  /** The figure's exact decimal; null where it has none. */
  readonly value: string | null;
  readonly utilisation: string | null;
  readonly status: LimitStatus;
}

/** All limits of a portfolio. */
export interface PortfolioLimitStates {
  readonly limits: readonly PortfolioLimitState[];
  /** True where no limit is broken or unknown. */
  readonly passed: boolean;
  /** Ids of limits that are broken, that warn, and whose figure is missing. */
  readonly breaches: readonly string[];
  readonly warnings: readonly string[];
  readonly unknown: readonly string[];
}

/** Terms of a check of limits. */
export interface PortfolioLimitInput {
  readonly limits: readonly PortfolioLimit[];
  /** Share of a limit from which it warns: "0.80". */
  readonly warn_at: string;
  readonly valuation: BookValuation;
  readonly clusters: ClusterSet | null;
  /** Figures of `measure` limits; null for one that was refused. */
  readonly measures: { readonly [name: string]: number | null };
}

/** Reads every figure and compares it, exactly. @returns refused with `PARAMETER_OUT_OF_RANGE` or `DUPLICATE_NAME` */
export function portfolioLimits({
  limits,
  warn_at,
  valuation,
  clusters,
  measures,
}: PortfolioLimitInput): RiskOutcome<PortfolioLimitStates> {
  const tables = new Map<ExposureDimension, Exposures | null>();
  const tableOf = (dimension: ExposureDimension): Exposures | null => {
    const known = tables.get(dimension);
    if (known !== undefined) return known;
    const made = exposures({ valuation, dimension, clusters });
    tables.set(dimension, made.ok ? made.value : null);
    return made.ok ? made.value : null;
  };
  const values = limits.map(({ on }) => textOf(figureOf(on, valuation, tableOf, measures)));
  const stated = limits.map(({ id, limit }, n) => ({ id, limit, value: values[n] ?? null }));
  const states = limitStates({ limits: stated, warn_at });
  if (!states.ok) return states;
  const rows = limits.map(({ id, on, limit }, n): PortfolioLimitState => {
    const { utilisation = null, status = "unknown" } = states.value[n] ?? {};
    return { id, on, limit, value: values[n] ?? null, utilisation, status };
  });
  const having = (status: LimitStatus) => rows.filter((row) => row.status === status).map(({ id }) => id);
  const [breaches, unknown] = [having("breach"), having("unknown")];
  const passed = breaches.length === 0 && unknown.length === 0;
  return measured({ limits: rows, passed, breaches, warnings: having("warning"), unknown });
}

function figureOf(
  on: LimitFigure,
  { total }: BookValuation,
  tableOf: (dimension: ExposureDimension) => Exposures | null,
  measures: PortfolioLimitInput["measures"],
): number | null {
  switch (on.kind) {
    case "measure":
      return Object.hasOwn(measures, on.name) ? (measures[on.name] ?? null) : null;
    case "total":
      if (!total.ok) return null;
      return on.figure === "pv" ? total.value.pv : total.value.greeks[on.figure];
    case "exposure": {
      const table = tableOf(on.dimension);
      return table === null ? null : (table.lines.find(({ key }) => key === on.key)?.[on.figure] ?? 0);
    }
    case "any_exposure": {
      const table = tableOf(on.dimension);
      return table === null ? null : table.lines.reduce((most, line) => Math.max(most, Math.abs(line[on.figure])), 0);
    }
    case "concentration": {
      const table = tableOf(on.dimension);
      const found = table === null ? null : concentration({ exposures: table });
      return found?.ok === true ? found.value[on.figure] : null;
    }
  }
}

const LIMIT_PLACES = 18;

/** The shortest decimal of a double; what lies beyond eighteen places is cut, as limits are compared there. */
function textOf(value: number | null): string | null {
  if (value === null || !Number.isFinite(value)) return null;
  const text = decimalOfNumber(value);
  const dot = text.indexOf(".");
  return dot < 0 ? text : text.slice(0, dot + 1 + LIMIT_PLACES);
}
