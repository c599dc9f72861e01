import { CompensatedSum } from "../numeric/compensated-sum.js";
import { exceptionsOf, type ForecastSeries } from "./exception-backtest.js";
import { confidenceErrors, finiteErrors, lengthErrors, MILLION, tailOf } from "./input-checks.js";
import { measured, type RiskError, type RiskOutcome, refusedWith, riskError } from "./risk-outcome.js";

/** Terms of a backtest of expected shortfall. */
export interface ShortfallBacktestInput extends ForecastSeries {
  /** Forecast for the same period; positive and not 0. */
  readonly es: ArrayLike<number>;
  /** Of both forecasts, as decimal text. */
  readonly confidence: string;
}

/** Acerbi and Szekely's statistics; below 0 the expected shortfall was too small. */
export interface ShortfallBacktest {
  readonly periods: number;
  /** Indices of the exceptions. */
  readonly exceptions: readonly number[];
  readonly expected_exceptions: number;
  /** Mean over exceptions of profit over ES, plus 1: tests the size alone. Null without exceptions. */
  readonly z1: number | null;
  /** Sum over exceptions of profit over T (1 - c) ES, plus 1: tests frequency and size. */
  readonly z2: number;
  /** Fewer than one exception is expected. */
  readonly not_enough_data: boolean;
}

/**
 * Critical values of Z2 for 250 periods at 0.975, which hardly depend on the distribution: below the first at 5 % significance, below the
 * second at 0.01 %.
 */
export const Z2_CRITICAL_250_975: readonly [five_percent: number, hundredth_of_a_percent: number] = [-0.7, -1.8];

/**
 * Backtest of expected shortfall by Acerbi and Szekely's first and second test.
 *
 * @returns refused with `CONFIDENCE_INVALID`, `NOT_FINITE`, `LENGTHS_DIFFER`, `TOO_FEW_SCENARIOS`, or `PARAMETER_OUT_OF_RANGE` for an ES of 0 or less.
 * @see C. Acerbi, B. Szekely, Backtesting expected shortfall, Risk (2014)
 */
export function shortfallBacktest({ pnl, var: forecast, es, confidence }: ShortfallBacktestInput): RiskOutcome<ShortfallBacktest> {
  const exceptions = exceptionsOf({ pnl, var: forecast });
  const bad = Array.from(es).findIndex((value) => value <= 0);
  const errors: RiskError[] = [
    ...confidenceErrors(confidence),
    ...(exceptions.ok ? [] : exceptions.errors),
    ...lengthErrors("es", es.length, pnl.length),
    ...finiteErrors("es", es),
    ...(bad < 0 ? [] : [riskError("PARAMETER_OUT_OF_RANGE", { field: "es", index: bad, value: es[bad] ?? 0, expected: "above 0" })]),
  ];
  if (!exceptions.ok || errors.length > 0) return refusedWith(errors);
  const expected = (pnl.length * (tailOf(confidence) ?? 0)) / MILLION;
  const sum = new CompensatedSum();
  for (const i of exceptions.value) sum.add((pnl[i] as number) / (es[i] as number));
  const count = exceptions.value.length;
  return measured({
    periods: pnl.length,
    exceptions: exceptions.value,
    expected_exceptions: expected,
    z1: count === 0 ? null : sum.value / count + 1,
    z2: sum.value / expected + 1,
    not_enough_data: expected < 1,
  });
}
