/** A portfolio under scenarios, every position repriced in full. */

import { sumCompensated } from "../../numeric/compensated-sum.js";
import type { PositionPnl } from "../aggregate-pnl.js";
import { byCodeUnits } from "../input-checks.js";
import { measured, type RiskError, type RiskOutcome, refused, refusedWith } from "../risk-outcome.js";
import { type BookInput, incomplete, type OpenBook, openBook, sizeOf } from "./book-valuation.js";
import type { Market } from "./market-snapshot.js";
import { currencyOf, type RiskPosition } from "./position.js";
import { unitPrice } from "./price-position.js";
import { pairsNeeded, type Scenario, scenarioErrors, shockedMarket } from "./scenario.js";

/** Terms of a run of scenarios. */
export interface ScenarioRunInput extends BookInput {
  readonly scenarios: readonly Scenario[];
}

/** What one scenario does. */
export interface ScenarioResult {
  readonly scenario_name: string;
  readonly base_total_pv: number;
  readonly scenario_total_pv: number;
  /** Scenario less base; a loss is negative. */
  readonly delta_pv_abs: number;
  /** Over the base, as a fraction; null where that is worth 0. */
  readonly delta_pv_pct: number | null;
  /** By position, in the order of their ids. */
  readonly pnl: readonly { readonly id: string; readonly pnl: number }[];
  /** Underlyings and currencies that the scenario names and the snapshot does not know. */
  readonly unmatched: readonly string[];
}

/** Scenarios in the order of their names. */
export interface ScenarioRun {
  readonly currency: string;
  readonly results: readonly ScenarioResult[];
  /** Names of the extremes; the first by name of equal ones. Null without scenarios. */
  readonly worst: string | null;
  readonly best: string | null;
  /** The largest loss as a positive number; 0 where nothing loses. */
  readonly max_loss: number;
  readonly max_gain: number;
  /** Positions without a value in the base or in a scenario; left out of everything under `priced_only`. */
  readonly excluded: readonly string[];
}

/** Profits and losses by position over scenarios that keep the order they were given in: what VaR and its kin are measured on. */
export interface ScenarioPnl {
  readonly scenarios: readonly string[];
  /** In the order of the ids. */
  readonly positions: readonly PositionPnl[];
  readonly base: readonly { readonly id: string; readonly pv: number }[];
  readonly excluded: readonly string[];
  readonly unmatched: readonly (readonly string[])[];
}

/**
 * Reprices a portfolio under every scenario.
 *
 * @returns refused where positions, snapshot or scenarios are malformed, with `TOTAL_INCOMPLETE` where a position has no value under `whole`,
 * with `FX_RATE_MISSING` where a scenario moves some pairs and not all that are needed, or with `RESULT_OUT_OF_RANGE`.
 */
export function scenarioPnl({ scenarios, ...input }: ScenarioRunInput): RiskOutcome<ScenarioPnl> {
  const book = openBook(input);
  const errors: RiskError[] = [...(book.ok ? [] : book.errors), ...scenarioErrors(scenarios)];
  if (!book.ok || errors.length > 0) return refusedWith(errors);
  return pnlOfBook(book.value, scenarios);
}

/** As {@link scenarioPnl} for what was checked already. */
export function pnlOfBook(book: OpenBook, scenarios: readonly Scenario[]): RiskOutcome<ScenarioPnl> {
  const { positions, market, currency, totals } = book;
  const pairs = pairsNeeded(positions, market, currency);
  const markets: Market[] = [];
  const unmatched: (readonly string[])[] = [];
  const errors: RiskError[] = [];
  for (const scenario of scenarios) {
    const shocked = shockedMarket(scenario, market, pairs);
    if (!shocked.ok) errors.push(...shocked.errors);
    else {
      markets.push(shocked.value.market);
      unmatched.push(shocked.value.unmatched);
    }
  }
  if (errors.length > 0) return refusedWith(errors);
  const priced: { readonly id: string; readonly pv: number; readonly pnl: Float64Array }[] = [];
  const excluded: string[] = [];
  for (const position of positions) {
    const pv = worth(position, market, currency);
    const pnl = pv === null ? null : pnlOf(position, pv, markets, currency);
    if (pv === null || pnl === null) excluded.push(position.id);
    else priced.push({ id: position.id, pv, pnl });
  }
  if (excluded.length > 0 && totals === "whole") return incomplete(excluded);
  return measured({
    scenarios: scenarios.map(({ name }) => name),
    positions: priced.map(({ id, pnl }) => ({ name: id, pnl })),
    base: priced.map(({ id, pv }) => ({ id, pv })),
    excluded,
    unmatched,
  });
}

function pnlOf(position: RiskPosition, base: number, markets: readonly Market[], currency: string): Float64Array | null {
  const pnl = new Float64Array(markets.length);
  for (const [s, market] of markets.entries()) {
    const pv = worth(position, market, currency);
    if (pv === null) return null;
    pnl[s] = pv - base + 0;
  }
  return pnl;
}

/** Worth in the reporting currency, or null. */
function worth(position: RiskPosition, market: Market, currency: string): number | null {
  const price = unitPrice(position, market);
  const rate = market.fx.rate(currencyOf(position), currency);
  if (!price.ok || rate === null) return null;
  const pv = price.value * (sizeOf(position) * rate) + 0;
  return Number.isFinite(pv) ? pv : null;
}

/** Runs scenarios and finds the extremes. @returns refused as {@link scenarioPnl} */
export function scenarioRun(input: ScenarioRunInput): RiskOutcome<ScenarioRun> {
  const pnl = scenarioPnl(input);
  if (!pnl.ok) return pnl;
  const { base, positions, scenarios, excluded, unmatched } = pnl.value;
  const before = total(base.map(({ pv }) => pv));
  const results = scenarios.map((scenario_name, s): ScenarioResult => {
    const parts = positions.map(({ name, pnl: column }) => ({ id: name, pnl: column[s] ?? 0 }));
    const after = total(base.map(({ pv }, n) => pv + (parts[n]?.pnl ?? 0)));
    const delta = total(parts.map((part) => part.pnl));
    return {
      scenario_name,
      base_total_pv: before,
      scenario_total_pv: after,
      delta_pv_abs: delta,
      delta_pv_pct: before === 0 ? null : delta / before,
      pnl: parts,
      unmatched: unmatched[s] ?? [],
    };
  });
  results.sort((a, b) => byCodeUnits(a.scenario_name, b.scenario_name));
  const wrong = results.find(({ delta_pv_abs, scenario_total_pv }) => !Number.isFinite(delta_pv_abs + scenario_total_pv));
  if (wrong !== undefined) return refused("RESULT_OUT_OF_RANGE", { scenario: wrong.scenario_name });
  return measured({ currency: input.currency, results, ...extremes(results), excluded });
}

function extremes(results: readonly ScenarioResult[]): Pick<ScenarioRun, "worst" | "best" | "max_loss" | "max_gain"> {
  let worst: ScenarioResult | null = null;
  let best: ScenarioResult | null = null;
  for (const result of results) {
    if (worst === null || result.delta_pv_abs < worst.delta_pv_abs) worst = result;
    if (best === null || result.delta_pv_abs > best.delta_pv_abs) best = result;
  }
  return {
    worst: worst?.scenario_name ?? null,
    best: best?.scenario_name ?? null,
    max_loss: Math.max(0, 0 - (worst?.delta_pv_abs ?? 0)),
    max_gain: Math.max(0, best?.delta_pv_abs ?? 0),
  };
}

function total(values: readonly number[]): number {
  return sumCompensated(values) + 0;
}
