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
  /** Whether Z2 is below its critical values at 5 % and 0.01 % significance; null except for 250 periods at 0.975, where they are known. */
  readonly z2_rejected: { readonly at_5_percent: boolean; readonly at_0_01_percent: boolean } | null;
  /** Fewer than one exception is expected. */
  readonly not_enough_data: boolean;
}

/** Critical values of Z2 for 250 periods at 0.975, which hardly depend on the distribution: published with the test. */
const Z2_CRITICAL = { at_5_percent: -0.7, at_0_01_percent: -1.8 } as const;
const PUBLISHED = { periods: 250, tail: 25_000 } as const;

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
  const tail = tailOf(confidence) ?? 0;
  const expected = (pnl.length * tail) / MILLION;
  const sum = new CompensatedSum();
  for (const i of exceptions.value) sum.add((pnl[i] as number) / (es[i] as number));
  const count = exceptions.value.length;
  const z2 = sum.value / expected + 1;
  const published = pnl.length === PUBLISHED.periods && tail === PUBLISHED.tail;
  return measured({
    periods: pnl.length,
    exceptions: exceptions.value,
    expected_exceptions: expected,
    z1: count === 0 ? null : sum.value / count + 1,
    z2,
    z2_rejected: published ? { at_5_percent: z2 < Z2_CRITICAL.at_5_percent, at_0_01_percent: z2 < Z2_CRITICAL.at_0_01_percent } : null,
    not_enough_data: expected < 1,
  });
}
