/** A book measured on its history: what VaR, ES, backtests and reports of files are made of. */
import type { CalcIdentity } from "../../calc/identity.js";
import { canonicalJson } from "../../tape/canonical-json.js";
import type { Sha256Fn, Sha256Hex } from "../../tape/hash.js";
import { bookPnl, type PositionPnl } from "../aggregate-pnl.js";
import { byCodeUnits } from "../input-checks.js";
import { type BookInput, type BookValuation, openBook, type TotalsPolicy, valueOpenBook } from "../portfolio/book-valuation.js";
import type { MissingLevels } from "../portfolio/historical-scenarios.js";
import { canonicalSnapshot, snapshotId } from "../portfolio/market-snapshot.js";
import type { RiskPosition } from "../portfolio/position.js";
import type { Scenario } from "../portfolio/scenario.js";
import { pnlOfBook } from "../portfolio/scenario-run.js";
import { measured, type RiskError, type RiskOutcome, refusedWith } from "../risk-outcome.js";
import { horizonScenarios, type PriceHistory } from "./price-history.js";
import type { TailFigure } from "./tail-methods.js";

/** Terms of a book that is measured. */
export interface BookRiskInput {
  readonly positions: readonly RiskPosition[];
  readonly history: PriceHistory;
  readonly currency: string;
  readonly totals: TotalsPolicy;
  readonly sha256: Sha256Fn;
}

/** What every figure was made of, by content. */
export interface RiskBasis {
  readonly as_of: string;
  readonly currency: string;
  /** SHA-256 of the snapshot, of its rates of exchange, and of the positions, each in canonical form. */
  readonly snapshot: Sha256Hex;
  readonly fx_set: Sha256Hex;
  readonly positions: Sha256Hex;
  readonly totals: TotalsPolicy;
}

/** A set of scenarios, and what the book made in each. */
export interface ScenarioSet {
  /** SHA-256 of the scenarios in canonical form. */
  readonly id: Sha256Hex;
  readonly calculation: CalcIdentity;
  readonly horizon_days: number;
  /** First and last day of the moves. */
  readonly from: string;
  readonly to: string;
  readonly count: number;
  readonly overlapping: boolean;
  readonly missing: MissingLevels;
  readonly carried: number;
  readonly dropped: readonly string[];
}

/** Profits and losses of a set. */
export interface BookScenarios {
  readonly set: ScenarioSet;
  readonly names: readonly string[];
  readonly scenarios: readonly Scenario[];
  /** By position, and together; or why there are none. */
  readonly pnl: RiskOutcome<{ readonly positions: readonly PositionPnl[]; readonly total: Float64Array }>;
}

/** A book that was opened. */
export interface BookRisk {
  readonly basis: RiskBasis;
  readonly valuation: BookValuation;
  readonly input: BookInput;
  readonly history: PriceHistory;
  /** Profits and losses over moves of so many steps. */
  readonly over: (steps: number) => RiskOutcome<BookScenarios>;
}

/** Checks and values a book. @returns refused where positions, market or currency are malformed, everything at once */
export function bookRisk({ positions, history, currency, totals, sha256 }: BookRiskInput): RiskOutcome<BookRisk> {
  const { market } = history;
  const book = openBook({ positions, market, currency, totals });
  const one = horizonScenarios(history, 1);
  const errors: RiskError[] = [...(book.ok ? [] : book.errors), ...(one.ok ? [] : one.errors)];
  if (!book.ok || errors.length > 0) return refusedWith(errors);
  const hashed = (value: unknown): Sha256Hex => {
    const text = canonicalJson(value, 1, Number.MAX_SAFE_INTEGER);
    if (!text.ok) throw new RangeError("checked input has no canonical form");
    return sha256(text.text);
  };
  const basis: RiskBasis = {
    as_of: market.as_of,
    currency,
    snapshot: snapshotId(market, sha256),
    fx_set: hashed(canonicalSnapshot(market).fx),
    positions: hashed(positions.toSorted((a, b) => byCodeUnits(a.id, b.id))),
    totals,
  };
  const over = (steps: number): RiskOutcome<BookScenarios> => {
    const made = horizonScenarios(history, steps);
    if (!made.ok) return made;
    const { scenarios, carried, dropped, overlapping } = made.value;
    const set: ScenarioSet = {
      id: hashed(scenarios),
      calculation: { calc_name: "risk.historical_scenarios", calc_version: "v1" },
      horizon_days: steps,
      from: history.days[0] ?? "",
      to: history.days.at(-1) ?? "",
      count: scenarios.length,
      overlapping,
      missing: history.missing,
      carried,
      dropped,
    };
    const pnl = pnlOfBook(book.value, scenarios);
    const together = pnl.ok ? bookPnl(pnl.value.positions) : pnl;
    return measured({ set, names: scenarios.map(({ name }) => name), scenarios, pnl: together });
  };
  return measured({ basis, valuation: valueOpenBook(book.value), input: { positions, market, currency, totals }, history, over });
}

/** A figure as documents carry it: its identity, what it was made of, and the scenarios behind it by name. */
export interface StatedFigure {
  /** In the reporting currency, loss positive; null where it was refused. */
  readonly value: number | null;
  readonly calculation: CalcIdentity;
  readonly parameters: TailFigure["parameters"];
  readonly snapshot: Sha256Hex;
  readonly fx_set: Sha256Hex;
  readonly scenario_set: Sha256Hex;
  readonly scenarios: readonly { readonly name: string; readonly weight: number }[];
  readonly warnings: readonly string[];
  readonly errors: readonly RiskError[];
}

/** @param figure a figure, or why there is none. @param calculation what refused */
export function statedFigure(
  figure: RiskOutcome<TailFigure>,
  { basis, scenarios, calculation }: { readonly basis: RiskBasis; readonly scenarios: BookScenarios; readonly calculation: CalcIdentity },
): StatedFigure {
  const { snapshot, fx_set } = basis;
  const { set, names } = scenarios;
  const common = { snapshot, fx_set, scenario_set: set.id };
  if (!figure.ok) return { value: null, calculation, parameters: {}, ...common, scenarios: [], warnings: [], errors: figure.errors };
  const { value, calculation: by, parameters, scenarios: behind, warnings } = figure.value;
  const named = behind.map(({ scenario, weight }) => ({ name: names[scenario] ?? "", weight }));
  const all = set.overlapping ? [...warnings, "OVERLAPPING_WINDOWS"] : warnings;
  return { value, calculation: by, parameters, ...common, scenarios: named, warnings: all, errors: [] };
}
