/** A VaR and an ES tested on the past: each day's forecast is measured on the days before it alone. */
import type { CalcIdentity } from "../../calc/identity.js";
import {
  type ChristoffersenTest,
  christoffersenTest,
  exceptionsOf,
  type KupiecTest,
  kupiecTest,
  type TrafficLight,
  trafficLight,
  transitionsOf,
} from "../exception-backtest.js";
import { measured, type RiskError, type RiskOutcome, refused, refusedWith } from "../risk-outcome.js";
import { type ShortfallBacktest, shortfallBacktest } from "../shortfall-backtest.js";
import type { BookRisk, BookScenarios, RiskBasis, ScenarioSet } from "./book-risk.js";
import { METHOD_CALCULATIONS, type TailMethod, type TailParameters, tailBy } from "./tail-methods.js";

/** Days that each forecast is measured on, where nothing else is said. */
export const BACKTEST_WINDOW = 250;

/** Terms of a backtest. */
export interface BacktestTerms {
  readonly method: TailMethod;
  /** Decimal text such as "0.99". */
  readonly confidence: string;
  /** Days that each forecast is measured on. */
  readonly window: number;
  readonly parameters: TailParameters;
}

/** A test's answer, or why it has none. */
export interface StatedTest<T> {
  readonly calculation: CalcIdentity;
  readonly result: T | null;
  readonly errors: readonly RiskError[];
}

/** One day of a backtest. */
export interface BacktestPeriod {
  readonly day: string;
  /** What the present positions would have made; a loss is negative. */
  readonly pnl: number;
  readonly var: number;
  readonly es: number;
  readonly exception: boolean;
}

/** What `onetape risk backtest` answers. */
export interface BacktestDocument extends Omit<BacktestTerms, "parameters"> {
  readonly basis: RiskBasis;
  readonly scenario_set: ScenarioSet;
  readonly forecast: { readonly var: CalcIdentity; readonly es: CalcIdentity };
  /** Hypothetical: present positions under the moves of each day. */
  readonly pnl: "hypothetical";
  readonly periods: readonly BacktestPeriod[];
  readonly exceptions: readonly string[];
  readonly kupiec: StatedTest<KupiecTest>;
  readonly christoffersen: StatedTest<ChristoffersenTest>;
  readonly traffic_light: StatedTest<TrafficLight>;
  readonly acerbi_szekely: StatedTest<ShortfallBacktest>;
}

/**
 * Tests the method on the history of one-day moves.
 *
 * @returns refused with `TOTAL_INCOMPLETE`, with `TOO_FEW_SCENARIOS` where the history is no longer than the window, or with a code of the method.
 */
export function backtestDocument(book: BookRisk, terms: BacktestTerms): RiskOutcome<BacktestDocument> {
  const scenarios = book.over(1);
  return scenarios.ok ? ofScenarios(book.basis, scenarios.value, terms) : scenarios;
}

function ofScenarios(
  basis: RiskBasis,
  { set, names, pnl }: BookScenarios,
  { method, confidence, window, parameters }: BacktestTerms,
): RiskOutcome<BacktestDocument> {
  if (!pnl.ok) return pnl;
  const { total } = pnl.value;
  if (total.length <= window) return refused("TOO_FEW_SCENARIOS", { field: "window", n: total.length, at_least: window + 1 });
  const [risks, shortfalls]: [number[], number[]] = [[], []];
  for (let t = window; t < total.length; t++) {
    const tail = tailBy(method, { pnl: total.slice(t - window, t), confidence, parameters });
    if (!tail.ok) return tail;
    risks.push(tail.value.var.value);
    shortfalls.push(tail.value.es.value);
  }
  const tested = total.slice(window);
  const series = { pnl: tested, var: risks };
  const found = exceptionsOf(series);
  if (!found.ok) return refusedWith(found.errors);
  const counts = { periods: tested.length, exceptions: found.value.length, confidence };
  const hit = new Set(found.value);
  const periods = Array.from(tested, (made, n): BacktestPeriod => {
    const [risk = 0, es = 0] = [risks[n], shortfalls[n]];
    return { day: names[window + n] ?? "", pnl: made, var: risk, es, exception: hit.has(n) };
  });
  return measured({
    method,
    confidence,
    window,
    basis,
    scenario_set: set,
    forecast: METHOD_CALCULATIONS[method],
    pnl: "hypothetical",
    periods,
    exceptions: found.value.map((n) => periods[n]?.day ?? ""),
    kupiec: stated("kupiec", kupiecTest(counts)),
    christoffersen: stated("christoffersen", christoffersenTest({ ...counts, transitions: transitionsOf(tested.length, found.value) })),
    traffic_light: stated("traffic_light", trafficLight(counts)),
    acerbi_szekely: stated("acerbi_szekely", shortfallBacktest({ ...series, es: shortfalls, confidence })),
  });
}

function stated<T>(name: string, outcome: RiskOutcome<T>): StatedTest<T> {
  const calculation: CalcIdentity = { calc_name: `risk.backtest_${name}`, calc_version: "v1" };
  return outcome.ok ? { calculation, result: outcome.value, errors: [] } : { calculation, result: null, errors: outcome.errors };
}
