/** Return per unit of risk. */
import { pow } from "../numeric/power.js";
import { deepestFall } from "./drawdown-metrics.js";
import { doubles } from "./equity-series.js";
import { apply, type Expression, evaluateNumber, fold, given } from "./expression.js";
import { type Derivation, type MetricDefinition, type MetricInput, metric, ok, undefinedBecause } from "./metric.js";
import { chosen, mapped, type Observations } from "./observations.js";
import { periodReturns } from "./period-groups.js";
import { annualReturn, meanReturn, ofReturns, periods, returnReasons, yearly } from "./return-metrics.js";
import { deviationOf, downsideOf, ulcerOf, varies } from "./risk-metrics.js";
import { expectedMaximumSharpe, type SharpeSample, sharpeError, sharpeProbability } from "./sharpe-probability.js";

const sharpeReasons = [...returnReasons, "ZERO_VOLATILITY"] as const;

/** Guards a statistic of the Sharpe ratio per session. */
function ofSharpe(
  derive: (sample: SharpeSample, returns: Observations, input: MetricInput) => Derivation,
): (input: MetricInput) => Derivation {
  return ofReturns(2, (r, input) => (varies(r) ? derive(sampleOf(r), r, input) : undefinedBecause("ZERO_VOLATILITY", r.values.length)));
}

/** mean(r) / sd(r) with the shape of its sample. */
export function sampleOf(returns: Observations): SharpeSample {
  return {
    ratio: apply("divide", meanReturn(returns), deviationOf(returns)),
    skew: fold("population skewness", { how: "skewness" }, returns),
    kurtosis: fold("population kurtosis", { how: "kurtosis" }, returns),
    n: returns.values.length,
  };
}

/** Lags that a sample of n bears: the whole part of 4 (n / 100)^(2/9), below P. */
function lagsFor(n: number, periodsPerYear: number): number {
  return Math.max(1, Math.min(Math.floor(4 * pow(n / 100, 2 / 9)), periodsPerYear - 1, n - 1));
}

/** P + 2 sum of (P - k) rho_k: the variance of a year against that of a session, by Lo (2002). */
function yearsVariance(returns: Observations, lags: number, input: MetricInput): Expression {
  const terms = Array.from({ length: lags }, (_, i) =>
    apply(
      "multiply",
      given(`2 (P - ${i + 1})`, 2 * (input.run.periods_per_year - i - 1)),
      fold(`autocorrelation at lag ${i + 1}`, { how: "autocorrelation", lag: i + 1 }, returns),
    ),
  );
  return apply("add", periods(input), ...terms);
}

function sharpeByLo(sample: SharpeSample, returns: Observations, input: MetricInput): Derivation {
  const lags = lagsFor(sample.n, input.run.periods_per_year);
  const variance = yearsVariance(returns, lags, input);
  if (evaluateNumber(variance) <= 0) return undefinedBecause("NEGATIVE_VARIANCE", sample.n);
  const is = apply("multiply", sample.ratio, apply("divide", periods(input), apply("square_root", variance)));
  return { state: "ok", is, n: sample.n, parameters: { lags } };
}

function deflated(sample: SharpeSample, _: Observations, { run: { trials } }: MetricInput): Derivation {
  const count = trials?.count ?? 1;
  const threshold = given("largest ratio expected by chance", expectedMaximumSharpe(count, trials?.sharpe_variance ?? 0));
  return { state: "ok", is: sharpeProbability(sample, threshold), n: sample.n, parameters: { trials: count } };
}

/** A return of the year over some measure of drawdown. */
function overDrawdown(of: (input: MetricInput) => Expression | null): (input: MetricInput) => Derivation {
  return ofReturns(1, (r, input) => {
    const below = of(input);
    if (below === null) return undefinedBecause("NO_DRAWDOWN", r.values.length);
    return ok(apply("divide", { kind: "metric", id: "ret.cagr", is: annualReturn(input) }, below), r.values.length);
  });
}

function maximumDrawdown(input: MetricInput): Expression | null {
  return input.series.deepest === null ? null : { kind: "metric", id: "dd.max", is: deepestFall(input) };
}

/** Gains over losses, both as sums of returns. */
function gainsOverLosses(returns: Observations, name: string): Derivation {
  const n = returns.values.length;
  const side = (of: string, keep: (r: number) => boolean) =>
    chosen(
      { ...returns, of },
      doubles(returns).flatMap((r, i) => (keep(r) ? [i] : [])),
    );
  const losses = side(`${name} below 0`, (r) => r < 0);
  if (losses.values.length === 0) return undefinedBecause("NO_DOWNSIDE", n);
  const turned = mapped(losses, losses.of, (r) => 0 - Number(r));
  const gains = side(`${name} above 0`, (r) => r > 0);
  return ok(apply("divide", fold("sum of gains", { how: "sum" }, gains), fold("sum of losses", { how: "sum" }, turned)), n);
}

export const ratioMetrics: readonly MetricDefinition[] = [
  metric(
    ["sharpe", "Sharpe ratio", "ratio"],
    "s = mean(r) / sd(r), times sqrt(P); the risk-free rate is 0. Standard error: sqrt((1 - skew s + (kurtosis - 1) s^2 / 4) / (n - 1)) sqrt(P), with population skewness and plain kurtosis (Bailey and Lopez de Prado 2012).",
    ofSharpe((sample, _, input) => ({
      state: "ok",
      is: apply("multiply", sample.ratio, yearly(input)),
      n: sample.n,
      standard_error: apply("multiply", sharpeError(sample), yearly(input)),
    })),
    {
      notes: [
        "LEAN divides (1 + mean)^252 - 1 by the deviation, backtesting.py a compounded mean by a compounding deviation, freqtrade the mean a calendar day by the deviation a trade.",
        "It is not the annual return over the volatility.",
      ],
      reasons: sharpeReasons,
    },
  ),
  metric(
    ["sharpe.lo", "Sharpe ratio, corrected for autocorrelation", "ratio"],
    "s P / sqrt(P + 2 sum of (P - k) rho_k) over the lags k = 1 to the whole part of 4 (n / 100)^(2/9), below P and n (Lo 2002); `parameters.lags` is their number.",
    ofSharpe(sharpeByLo),
    {
      notes: ["QuantStats' smart Sharpe uses powers of the first lag's autocorrelation."],
      reasons: [...sharpeReasons, "NEGATIVE_VARIANCE"],
    },
  ),
  metric(
    ["psr", "Probability of a Sharpe ratio above 0", "probability"],
    "Normal probability of s sqrt(n - 1) / sqrt(1 - skew s + (kurtosis - 1) s^2 / 4), s per session, population skewness, plain kurtosis (Bailey and Lopez de Prado 2012).",
    ofSharpe((sample) => ok(sharpeProbability(sample, given("reference ratio", 0)), sample.n)),
    { notes: ["LEAN asks for a ratio above 1 a year."], reasons: sharpeReasons },
  ),
  metric(
    ["dsr", "Deflated Sharpe probability", "probability"],
    "As `psr`, above the ratio that the best of so many worthless trials is expected to show (Bailey and Lopez de Prado 2014): sqrt(V) ((1 - g) z(1 - 1 / N) + g z(1 - 1 / (N e))), g = 0.5772. N is `parameters.trials`, V the variance of the trials' ratios a session; one trial gives `psr`.",
    ofSharpe(deflated),
    { notes: ["Hardly any tool counts the trials behind a result."], reasons: sharpeReasons },
  ),
  metric(
    ["sortino", "Sortino ratio", "ratio"],
    "mean(r) / root of the mean of min(r, 0)^2 over all n, times sqrt(P).",
    ofReturns(1, (r, input) => {
      const downside = downsideOf(r);
      if (evaluateNumber(downside) === 0) return undefinedBecause("NO_DOWNSIDE", r.values.length);
      return ok(apply("multiply", apply("divide", meanReturn(r), downside), yearly(input)), r.values.length);
    }),
    {
      notes: ["LEAN divides by the centred deviation of the negative returns, freqtrade by that of losing trades."],
      reasons: [...returnReasons, "NO_DOWNSIDE"],
    },
  ),
  metric(["calmar", "Calmar ratio", "ratio"], "`ret.cagr` / `dd.max`.", overDrawdown(maximumDrawdown), {
    notes: ["freqtrade scales the mean daily percentage by sqrt(365) and takes the drawdown of closed trades."],
    reasons: [...returnReasons, "NO_DRAWDOWN"],
  }),
  metric(["mar", "MAR ratio", "ratio"], "`ret.cagr` / `dd.max` since the start.", overDrawdown(maximumDrawdown), {
    notes: ["Equal to `calmar` here; funds print a Calmar ratio of the last 36 months."],
    reasons: [...returnReasons, "NO_DRAWDOWN"],
  }),
  metric(
    ["sterling", "Sterling ratio", "ratio"],
    "`ret.cagr` / (`dd.max` + 0.1).",
    ofReturns(1, (r, input) => {
      const below = apply("add", { kind: "metric", id: "dd.max", is: deepestFall(input) }, given("0.1", 0.1));
      return ok(apply("divide", { kind: "metric", id: "ret.cagr", is: annualReturn(input) }, below), r.values.length);
    }),
    { notes: ["Others take the mean of each year's largest drawdown."], reasons: returnReasons },
  ),
  metric(
    ["upi", "Ulcer performance index", "ratio"],
    "`ret.cagr` / `ulcer`.",
    overDrawdown(({ series: { falls, deepest } }) => (deepest === null ? null : { kind: "metric", id: "ulcer", is: ulcerOf(falls) })),
    { notes: ["QuantStats divides the total return."], reasons: [...returnReasons, "NO_DRAWDOWN"] },
  ),
  metric(
    ["omega", "Omega ratio", "ratio"],
    "Sum of the session returns above 0 / sum of the sizes of those below: the threshold is 0.",
    ofReturns(1, (r) => gainsOverLosses(r, "session return")),
    { reasons: [...returnReasons, "NO_DOWNSIDE"] },
  ),
  metric(
    ["gain_pain", "Gain to pain ratio, monthly", "ratio"],
    "Sum of all monthly returns / sum of the sizes of the negative ones.",
    ofReturns(1, (_, { run }) => gainToPain(periodReturns(run, "month"))),
    { notes: ["QuantStats prints a daily one, too."], reasons: [...returnReasons, "NO_DOWNSIDE"] },
  ),
];

function gainToPain(months: Observations): Derivation {
  const n = months.values.length;
  const negative = chosen(
    months,
    doubles(months).flatMap((r, i) => (r < 0 ? [i] : [])),
  );
  if (negative.values.length === 0) return undefinedBecause("NO_DOWNSIDE", n);
  const pain = fold(
    "sizes of the losing months",
    { how: "sum" },
    mapped(negative, "month's loss", (r) => 0 - Number(r)),
  );
  return ok(apply("divide", fold("sum of the months", { how: "sum" }, months), pain), n);
}
