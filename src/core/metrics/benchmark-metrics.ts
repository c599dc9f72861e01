/** The run against another series, over the session marks that both have. Risk-free rate 0; everything annual. */
import { doubles } from "./equity-series.js";
import { apply, type Expression, fold, given } from "./expression.js";
import { type Derivation, type MetricDefinition, type MetricInput, type MetricUnit, metric, ok, undefinedBecause } from "./metric.js";
import { chosen, mapped, type Observations } from "./observations.js";
import { periods, returnReasons, yearly } from "./return-metrics.js";
import { varies } from "./risk-metrics.js";
import type { UndefinedReason } from "./undefined-reasons.js";

/** Both series where both have a return: the run's returns, the benchmark's against them. */
interface Pairs {
  readonly run: Observations;
  readonly benchmark: Observations;
  /** Marks that the benchmark has no return for. */
  readonly missing: number;
}

/** Pairs the marks. @returns null where the benchmark does not fit the run. */
function pairsOf({ run, series: { returns } }: MetricInput): Pairs | null {
  const { benchmark } = run;
  if (benchmark === undefined || benchmark.returns.length !== returns.values.length) return null;
  const both = benchmark.returns.flatMap((b, i) => (b === null ? [] : [i]));
  const own = chosen(returns, both);
  const against = both.map((i) => benchmark.returns[i] ?? 0);
  const missing = returns.values.length - both.length;
  return { run: { ...own, against }, benchmark: { ...own, of: "benchmark's return", values: against }, missing };
}

const reasons: readonly UndefinedReason[] = ["NO_BENCHMARK", ...returnReasons];

function relative(
  head: readonly [id: string, name: string, unit: MetricUnit],
  definition: string,
  derive: (pairs: Pairs, input: MetricInput, n: number) => Derivation,
  own: readonly UndefinedReason[] = [],
  notes: readonly string[] = [],
): MetricDefinition {
  const guarded = (input: MetricInput): Derivation => {
    if (input.run.benchmark === undefined) return undefinedBecause("NO_BENCHMARK");
    if (!input.series.positive) return undefinedBecause("EQUITY_NOT_POSITIVE");
    const pairs = pairsOf(input);
    const n = pairs?.run.values.length ?? 0;
    if (pairs === null || n < 2) return undefinedBecause("TOO_FEW_RETURNS", n);
    const derivation = derive(pairs, input, n);
    return derivation.state === "ok" ? { ...derivation, n, parameters: { missing_dates: pairs.missing } } : derivation;
  };
  return metric(head, definition, guarded, { notes, reasons: [...reasons, ...own] });
}

/** Guards what divides by the benchmark's variation. */
function varied(derive: (pairs: Pairs, input: MetricInput) => Expression): (pairs: Pairs, input: MetricInput, n: number) => Derivation {
  return (pairs, input, n) => (varies(pairs.benchmark) ? ok(derive(pairs, input)) : undefinedBecause("ZERO_VOLATILITY", n));
}

export function betaOf({ run }: Pick<Pairs, "run">): Expression {
  return fold("slope of r on b", { how: "slope" }, run);
}

/** Jensen's alpha of a session: mean(r) - beta mean(b). */
export function alphaOf(pairs: Pick<Pairs, "run" | "benchmark">): Expression {
  const expected = apply("multiply", betaOf(pairs), fold("mean(b)", { how: "mean" }, pairs.benchmark));
  return apply("subtract", fold("mean(r)", { how: "mean" }, pairs.run), expected);
}

/** sd(r - b) of a session. */
export function trackingError({ run }: Pick<Pairs, "run">): Expression {
  const active = mapped(run, "active return", (r, i) => Number(r) - (run.against?.[i] ?? 0));
  return fold("sd(r - b)", { how: "sample_deviation" }, active);
}

/** Compounded return a year of a series. */
function compounded(name: string, of: Observations, input: MetricInput): Expression {
  const wealth = apply("add", given("1", 1), fold(`growth of ${name}`, { how: "growth" }, of));
  const exponent = apply("divide", periods(input), given("n", of.values.length));
  return apply("subtract", apply("power", wealth, exponent), given("1", 1));
}

/** Annual return of the run less the benchmark's. */
export function excessOf(pairs: Pick<Pairs, "run" | "benchmark">, input: MetricInput): Expression {
  return apply("subtract", compounded("the run", pairs.run, input), compounded("the benchmark", pairs.benchmark, input));
}

/** Mean return over the benchmark's, where the benchmark rose (or fell). */
function capture(side: 1 | -1): (pairs: Pairs, input: MetricInput, n: number) => Derivation {
  return ({ run, benchmark }, _, n) => {
    const indices = doubles(benchmark).flatMap((b, i) => (b * side > 0 ? [i] : []));
    if (indices.length === 0) return undefinedBecause("BENCHMARK_ONE_SIDED", n);
    const own = fold("mean(r) there", { how: "mean" }, chosen(run, indices));
    return ok(apply("divide", own, fold("mean(b) there", { how: "mean" }, chosen(benchmark, indices))));
  };
}

export const benchmarkMetrics: readonly MetricDefinition[] = [
  relative(
    ["bm.excess", "Excess return", "per_year"],
    "Compounded annual return of the run less that of the benchmark, over the same marks.",
    (pairs, input) => ok(excessOf(pairs, input)),
  ),
  relative(
    ["bm.beta", "Beta", "ratio"],
    "Least-squares slope of r on the benchmark's returns b.",
    varied((p) => betaOf(p)),
    ["ZERO_VOLATILITY"],
  ),
  relative(
    ["bm.alpha", "Jensen's alpha", "per_year"],
    "(mean(r) - `bm.beta` mean(b)) P.",
    varied((pairs, input) => apply("multiply", alphaOf(pairs), periods(input))),
    ["ZERO_VOLATILITY"],
    ["LEAN takes an annual risk-free rate off."],
  ),
  relative(
    ["bm.corr", "Correlation", "ratio"],
    "Pearson's correlation of r and b.",
    ({ run, benchmark }, _, n) =>
      varies(benchmark) && varies(run)
        ? ok(fold("correlation of r and b", { how: "correlation" }, run))
        : undefinedBecause("ZERO_VOLATILITY", n),
    ["ZERO_VOLATILITY"],
  ),
  relative(
    ["bm.r2", "R squared", "fraction"],
    "`bm.corr` squared.",
    ({ run, benchmark }, _, n) => {
      if (!varies(benchmark) || !varies(run)) return undefinedBecause("ZERO_VOLATILITY", n);
      const is: Expression = { kind: "metric", id: "bm.corr", is: fold("correlation of r and b", { how: "correlation" }, run) };
      return ok(apply("multiply", is, is));
    },
    ["ZERO_VOLATILITY"],
  ),
  relative(["bm.te", "Tracking error", "per_year"], "sd(r - b) sqrt(P), with n - 1.", (pairs, input) =>
    ok(apply("multiply", trackingError(pairs), yearly(input))),
  ),
  relative(
    ["bm.ir", "Information ratio", "ratio"],
    "`bm.excess` / `bm.te`.",
    (pairs, input, n) => {
      const active = mapped(pairs.run, "active return", (r, i) => Number(r) - (pairs.run.against?.[i] ?? 0));
      if (!varies(active)) return undefinedBecause("ZERO_VOLATILITY", n);
      const error: Expression = { kind: "metric", id: "bm.te", is: apply("multiply", trackingError(pairs), yearly(input)) };
      return ok(apply("divide", { kind: "metric", id: "bm.excess", is: excessOf(pairs, input) }, error));
    },
    ["ZERO_VOLATILITY"],
    ["QuantStats prints it a day, not a year."],
  ),
  relative(["bm.capture_up", "Up capture", "ratio"], "mean(r) / mean(b) over the marks where b > 0.", capture(1), ["BENCHMARK_ONE_SIDED"]),
  relative(["bm.capture_down", "Down capture", "ratio"], "mean(r) / mean(b) over the marks where b < 0.", capture(-1), [
    "BENCHMARK_ONE_SIDED",
  ]),
];
