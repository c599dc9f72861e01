/** A portfolio on a grid of spots and volatilities, every cell repriced in full. */
import { calcKey } from "../../calc/identity.js";
import { sumCompensated } from "../../numeric/compensated-sum.js";
import { canonicalJson } from "../../tape/canonical-json.js";
import type { Sha256Fn, Sha256Hex } from "../../tape/hash.js";
import { byCodeUnits } from "../input-checks.js";
import { measured, type RiskError, type RiskOutcome, refused, refusedWith, riskError } from "../risk-outcome.js";
import { type BookInput, openBook } from "./book-valuation.js";
import { canonicalSnapshot, shortest } from "./market-snapshot.js";
import { decimal } from "./position.js";
import type { Scenario } from "./scenario.js";
import { pnlOfBook } from "./scenario-run.js";

/** Terms of a grid. Axes are decimal text, ascending, without repetition. */
export interface GridInput extends BookInput {
  /** Relative moves of all spots: "-0.1" takes a tenth off. Currencies stand still. */
  readonly spot_pct: readonly string[];
  /** Added to all volatilities, which stop at zero. */
  readonly vol_abs: readonly string[];
}

/** One cell. */
export interface GridCell {
  readonly spot_pct: string;
  readonly vol_abs: string;
  readonly pv: number;
  /** Less the base; a loss is negative. */
  readonly pnl: number;
}

/** Cells with the spots outside and the volatilities inside. */
export interface ScenarioGrid {
  readonly currency: string;
  readonly base_pv: number;
  readonly cells: readonly GridCell[];
  /** Index of the lowest and highest profit; the first of equal ones. */
  readonly worst: number;
  readonly best: number;
  readonly excluded: readonly string[];
}

/** Most cells of a grid. */
const MAX_CELLS = 10_000;

/**
 * Reprices the portfolio in every cell.
 *
 * @returns refused with `PARAMETER_OUT_OF_RANGE` for axes that are empty, out of order, too long or reach -1, else as a run of scenarios.
 */
export function scenarioGrid({ spot_pct, vol_abs, ...input }: GridInput): RiskOutcome<ScenarioGrid> {
  const book = openBook(input);
  const errors: RiskError[] = [
    ...(book.ok ? [] : book.errors),
    ...axisErrors("spot_pct", spot_pct, -1),
    ...axisErrors("vol_abs", vol_abs, Number.NEGATIVE_INFINITY),
  ];
  if (spot_pct.length * vol_abs.length > MAX_CELLS)
    errors.push(
      riskError("PARAMETER_OUT_OF_RANGE", { field: "cells", value: spot_pct.length * vol_abs.length, expected: `at most ${MAX_CELLS}` }),
    );
  if (!book.ok || errors.length > 0) return refusedWith(errors);
  const places = spot_pct.flatMap((spot) => vol_abs.map((vol) => ({ spot_pct: shortest(spot), vol_abs: shortest(vol) })));
  const pnl = pnlOfBook(book.value, places.map(scenarioOf));
  if (!pnl.ok) return pnl;
  const base_pv = total(pnl.value.base.map(({ pv }) => pv));
  const cells = places.map((place, s): GridCell => {
    const gain = total(pnl.value.positions.map((position) => position.pnl[s] ?? 0));
    const pv = total(pnl.value.base.map((one, n) => one.pv + (pnl.value.positions[n]?.pnl[s] ?? 0)));
    return { ...place, pv, pnl: gain };
  });
  if (!cells.every((cell) => Number.isFinite(cell.pv + cell.pnl))) return refused("RESULT_OUT_OF_RANGE", { field: "cells" });
  const at = (better: (a: number, b: number) => boolean) =>
    cells.reduce((found, cell, n) => (better(cell.pnl, cells[found]?.pnl ?? 0) ? n : found), 0);
  return measured({
    currency: input.currency,
    base_pv,
    cells,
    worst: at((a, b) => a < b),
    best: at((a, b) => a > b),
    excluded: pnl.value.excluded,
  });
}

function scenarioOf({ spot_pct, vol_abs }: { readonly spot_pct: string; readonly vol_abs: string }): Scenario {
  return {
    name: `spot ${spot_pct} vol ${vol_abs}`,
    shocks: [{ underlyings: "all", spot_pct, vol_abs, vol_pct: "0" }],
    fx: null,
    rates: {},
  };
}

function axisErrors(field: string, axis: readonly string[], above: number): readonly RiskError[] {
  const errors = axis.flatMap((text, n) => decimal(`${field}/${n}`, text, "any"));
  if (axis.length === 0) errors.push(riskError("PARAMETER_OUT_OF_RANGE", { field, value: "none", expected: "one step or more" }));
  if (errors.length > 0) return errors;
  for (const [n, text] of axis.entries()) {
    const before = n === 0 ? above : Number(axis[n - 1]);
    if (!(Number(text) > before))
      errors.push(riskError("PARAMETER_OUT_OF_RANGE", { field: `${field}/${n}`, value: text, expected: `above ${before}` }));
  }
  return errors;
}

const IDENTITY = { calc_name: "risk.scenario_grid", calc_version: "v1" } as const;

/**
 * What a grid's cells depend on, as one hash: positions in their order, canonical snapshot, axes, currency, totals, and the version of the
 * calculation. Two inputs with one key have the same bytes for a result.
 *
 * @throws {RangeError} for an input that has no canonical form.
 */
export function scenarioGridKey({ positions, market, currency, totals, spot_pct, vol_abs }: GridInput, sha256: Sha256Fn): Sha256Hex {
  const text = canonicalJson(
    {
      calc: calcKey(IDENTITY),
      currency,
      totals,
      positions: positions.toSorted((a, b) => byCodeUnits(a.id, b.id)).map((position) => ({ ...position })),
      market: canonicalSnapshot(market),
      spot_pct: spot_pct.map(shortest),
      vol_abs: vol_abs.map(shortest),
    },
    1,
    Number.MAX_SAFE_INTEGER,
  );
  if (!text.ok) throw new RangeError("a grid has no canonical form");
  return sha256(text.text);
}

function total(values: readonly number[]): number {
  return sumCompensated(values) + 0;
}
