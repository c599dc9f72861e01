/** Cases on covariances, contributions, backtests, random numbers, stress, clusters, limits and performance. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { autocorrelation } from "../../src/core/metrics/dependence.js";
import { mean, sampleDeviation } from "../../src/core/metrics/moments.js";
import { roundHalfEven } from "../../src/core/metrics/round-half-even.js";
import { decimalPlaces, divideHalfEven, formatBig, parseBig, pow10Big } from "../../src/core/money/decimal.js";
import { binomialCdf } from "../../src/core/numeric/binomial-distribution.js";
import { sumCompensated } from "../../src/core/numeric/compensated-sum.js";
import { normalQuantile } from "../../src/core/numeric/normal-distribution.js";
import { philox4x32, type Words4 } from "../../src/core/numeric/random.js";
import { symmetricEigen } from "../../src/core/numeric/symmetric-eigen.js";
import { correlationClusters } from "../../src/core/risk/correlation-clusters.js";
import { ledoitWolfCovariance, sampleCovariance } from "../../src/core/risk/covariance-estimates.js";
import { christoffersenTest, kupiecTest, trafficLight, type Zone } from "../../src/core/risk/exception-backtest.js";
import { expectedShortfall } from "../../src/core/risk/expected-shortfall.js";
import { historicalVar } from "../../src/core/risk/historical-var.js";
import { limitStates } from "../../src/core/risk/limit-utilisation.js";
import { liquidityHorizonShortfall } from "../../src/core/risk/liquidity-horizon.js";
import { monteCarloTail, openUnit, standardNormals } from "../../src/core/risk/monte-carlo.js";
import { componentsAt, orderedBook, parametricVarComponents } from "../../src/core/risk/parametric-components.js";
import { normalTail, unitCornishFisherTail } from "../../src/core/risk/parametric-tail.js";
import { expansionMoments, performanceStatistics } from "../../src/core/risk/performance-statistics.js";
import { repairPsd } from "../../src/core/risk/psd-repair.js";
import { shortfallBacktest } from "../../src/core/risk/shortfall-backtest.js";
import { stressed } from "../../src/core/risk/stress.js";
import { canonicalJson } from "../../src/core/tape/canonical-json.js";
import { philox4x64 } from "../support/philox4x64.js";
import { CARRIED_CASES, codesOf, expectClose, must, riskCase, testThirdPartyCase } from "../support/risk-cases.js";

const named = (values: number[][]) => ({ names: values.map((_, i) => `f${i}`), values });

/** Two factors by their volatilities and correlation. */
function pair(vol: readonly number[], corr: number) {
  const [a = 0, b = 0] = vol;
  return named([
    [a * a, corr * a * b],
    [corr * a * b, b * b],
  ]);
}

describe("covariance", () => {
  test("cov-ledoit-wolf", () => {
    const { inputs, expected } = riskCase<
      { X: number[][] },
      { shrinkage: number; covariance: number[][]; sample_covariance_div_n: number[][] }
    >("cov-ledoit-wolf");
    const observed = { names: ["a", "b"], rows: inputs.X };
    const got = must(ledoitWolfCovariance(observed));
    expectClose(got.shrinkage, expected.shrinkage, 1e-9);
    expectClose(got.covariance.values, expected.covariance, 1e-9);
    const n = inputs.X.length;
    const sample = must(sampleCovariance(observed)).values.map((row) => row.map((value) => (value * (n - 1)) / n));
    expectClose(sample, expected.sample_covariance_div_n, 1e-9);
  });

  test("cov-higham-3x3", () => {
    const { inputs, expected } = riskCase<{ A: number[][] }, { X: number[][]; frobenius_distance: number; min_eig_at_least: number }>(
      "cov-higham-3x3",
    );
    const got = must(repairPsd({ matrix: named(inputs.A), policy: "higham" }));
    for (const [i, row] of expected.X.entries()) {
      for (const [j, value] of row.entries()) expect(Math.abs((got.matrix.values[i]?.[j] ?? Number.NaN) - value)).toBeLessThan(1e-7);
    }
    expect(Math.abs(got.distance - expected.frobenius_distance)).toBeLessThan(1e-7);
    expect(got.smallest_eigenvalue_after).toBeGreaterThanOrEqual(expected.min_eig_at_least);
  });

  test("cov-inconsistent-hull", () => {
    const { inputs, expected } = riskCase<{ R: number[][] }, { eigenvalues: number[] }>("cov-inconsistent-hull");
    const { values } = symmetricEigen(Float64Array.from(inputs.R.flat()), 3);
    for (const [i, value] of expected.eigenvalues.entries()) expect(Math.abs((values[i] ?? Number.NaN) - value)).toBeLessThan(1e-12);
    expect(codesOf(repairPsd({ matrix: named(inputs.R), policy: "reject" }))).toEqual(["MATRIX_NOT_PSD"]);
    expect(must(repairPsd({ matrix: named(inputs.R), policy: "spectral" })).repaired).toBe(true);
  });
});

describe("contributions", () => {
  test("component-jorion", () => {
    const { inputs, expected } = riskCase<
      { positions: number[]; vol: number[]; corr: number; z: number; trade: { asset: number; amount: number } },
      { [name: string]: number & number[] }
    >("component-jorion");
    const bookOf = (amounts: readonly number[]) =>
      must(orderedBook({ exposures: amounts.map((amount, i) => ({ name: `f${i}`, amount })), covariance: pair(inputs.vol, inputs.corr) }));
    const got = must(componentsAt(bookOf(inputs.positions), inputs.z));
    expectClose([got.deviation, got.risk], [expected["sd"], expected["portfolio_var"]], 1e-12);
    const { contributions } = got;
    expectClose(
      contributions.map(({ marginal }) => marginal),
      expected["marginal_var"],
      1e-12,
    );
    expectClose(
      contributions.map(({ component }) => component),
      expected["component_var"],
      1e-12,
    );
    expectClose(
      contributions.map(({ share }) => share),
      expected["component_pct"],
      1e-12,
    );
    expectClose(
      contributions.map(({ beta }) => beta),
      expected["beta"],
      1e-12,
    );
    expect(Math.abs(got.euler_gap)).toBeLessThanOrEqual(1e-12 * got.risk);
    const { asset, amount } = inputs.trade;
    const after = inputs.positions.map((held, i) => held + (i === asset ? amount : 0));
    // A difference of two numbers of 257,738 keeps ten digits.
    expectClose(must(componentsAt(bookOf(after), inputs.z)).risk - got.risk, expected["incremental_var_full_reval"], 1e-11);
    expectClose(amount * (contributions[asset]?.marginal ?? 0), expected["incremental_var_marginal_approx"], 1e-12);
  });

  test("component-chf-jpy", () => {
    const { inputs, expected } = riskCase<
      { positions_mm: number[]; vol: number[]; corr: number; confidence: string },
      { portfolio_sd_mm: number; portfolio_var_mm: number; marginal_var: number[] }
    >("component-chf-jpy");
    const exposures = inputs.positions_mm.map((amount, i) => ({ name: `f${i}`, amount }));
    const got = must(parametricVarComponents({ exposures, covariance: pair(inputs.vol, inputs.corr), confidence: inputs.confidence }));
    expectClose([got.deviation, got.risk], [expected.portfolio_sd_mm, expected.portfolio_var_mm], 1e-12);
    expectClose(
      got.contributions.map(({ marginal }) => marginal),
      expected.marginal_var,
      1e-12,
    );
  });

  test("param-hull-two-asset", () => {
    const { inputs, expected } = riskCase<
      { positions: number[]; daily_vol: number[]; corr: number; z_override: number; horizon_days: number },
      { sd_1d: number; portfolio_var_1d: number; portfolio_var_10d: number; var_10d: number[]; diversification_benefit_10d: number }
    >("param-hull-two-asset");
    const exposures = inputs.positions.map((amount, i) => ({ name: `f${i}`, amount }));
    const covariance = pair(inputs.daily_vol, inputs.corr);
    const got = must(componentsAt(must(orderedBook({ exposures, covariance })), inputs.z_override));
    expectClose([got.deviation, got.risk], [expected.sd_1d, expected.portfolio_var_1d], 1e-12);
    const root = Math.sqrt(inputs.horizon_days);
    expectClose(got.risk * root, expected.portfolio_var_10d, 1e-12);
    const alone = exposures.map(
      (one) => must(componentsAt(must(orderedBook({ exposures: [one], covariance })), inputs.z_override)).risk * root,
    );
    expectClose(alone, expected.var_10d, 1e-12);
    expectClose(sumCompensated(alone) - got.risk * root, expected.diversification_benefit_10d, 1e-11);
  });

  testThirdPartyCase<{ returns: number[][]; weights: number[]; confidence: string }, { portfolio_var: number; component_var: number[] }>(
    "component-pa-edhec3",
    "Gaussian component VaR with means, divisor n - 1",
    ({ inputs, expected }) => {
      const names = inputs.weights.map((_, i) => `f${i}`);
      const covariance = must(sampleCovariance({ names, rows: inputs.returns }));
      const exposures = inputs.weights.map((amount, i) => ({
        name: `f${i}`,
        amount,
        mean: mean(inputs.returns.map((row) => row[i] ?? 0)),
      }));
      const got = must(parametricVarComponents({ exposures, covariance, confidence: inputs.confidence }));
      expectClose(got.risk, expected.portfolio_var, 1e-10);
      expectClose(
        got.contributions.map(({ component }) => component),
        expected.component_var,
        1e-10,
      );
    },
  );
});

describe("backtests", () => {
  test("bt-basel-traffic-light", () => {
    const { inputs, expected } = riskCase<
      { T: number; exceptions: number[] },
      { cdf: number[]; zone: Zone[]; plus_factor_1996: number[]; multiplier_frtb: number[] }
    >("bt-basel-traffic-light");
    const lights = inputs.exceptions.map((exceptions) => must(trafficLight({ periods: inputs.T, exceptions, confidence: "0.99" })));
    expectClose(
      lights.map(({ cumulative_probability }) => cumulative_probability),
      expected.cdf,
      1e-11,
    );
    expect(lights.map(({ zone }) => zone)).toEqual(expected.zone);
    expect(lights.map(({ plus_factor_1996 }) => plus_factor_1996)).toEqual(expected.plus_factor_1996);
    expect(lights.map(({ multiplier }) => multiplier)).toEqual(expected.multiplier_frtb);
  });

  test("bt-basel-errors", () => {
    const { inputs, expected } = riskCase<{ T: number; cutoff: number; p0: string; p1: string }, { type1: number; type2: number }>(
      "bt-basel-errors",
    );
    expectClose(1 - binomialCdf(inputs.cutoff, inputs.T, Number(inputs.p0)), expected.type1, 1e-11);
    expectClose(binomialCdf(inputs.cutoff, inputs.T, Number(inputs.p1)), expected.type2, 1e-11);
  });

  test("bt-zones-general", () => {
    const { expected } = riskCase<unknown, { rows: { T: number; p: string; yellow_starts: number; red_starts: number }[] }>(
      "bt-zones-general",
    );
    for (const { T, p, yellow_starts, red_starts } of expected.rows) {
      const light = must(trafficLight({ periods: T, exceptions: 0, confidence: (1 - Number(p)).toFixed(3) }));
      expect([light.yellow_from, light.red_from]).toEqual([yellow_starts, red_starts]);
    }
  });

  test("bt-jorion-jpm", () => {
    const { inputs, expected } = riskCase<
      { T: number; exceptions: number; transitions: { n00: number; n01: number; n10: number; n11: number } },
      { lr_uc: number; p_uc: number; lr_ind: number; p_ind: number; lr_cc: number; p_cc: number }
    >("bt-jorion-jpm");
    const got = must(
      christoffersenTest({ periods: inputs.T, exceptions: inputs.exceptions, confidence: "0.95", transitions: inputs.transitions }),
    );
    expectClose([got.unconditional.statistic, got.unconditional.p_value], [expected.lr_uc, expected.p_uc], 1e-11);
    expectClose([got.independence.statistic, got.independence.p_value], [expected.lr_ind, expected.p_ind], 1e-11);
    expectClose([got.conditional.statistic, got.conditional.p_value], [expected.lr_cc, expected.p_cc], 1e-11);
  });

  test("bt-matlab-pof", () => {
    const { inputs, expected } = riskCase<{ rows: { T: number; x: number; p: string }[] }, { lr: number[]; p_value: number[] }>(
      "bt-matlab-pof",
    );
    const got = inputs.rows.map(({ T, x, p }) => must(kupiecTest({ periods: T, exceptions: x, confidence: (1 - Number(p)).toFixed(2) })));
    expectClose(
      got.map(({ statistic }) => statistic),
      expected.lr,
      1e-11,
    );
    expectClose(
      got.map(({ p_value }) => p_value),
      expected.p_value,
      1e-11,
    );
  });

  test("bt-acerbi-szekely", () => {
    const { inputs, expected } = riskCase<{ pnl: number[]; var: number[]; es: number[] }, { hits: number[]; Z1: number; Z2: number }>(
      "bt-acerbi-szekely",
    );
    const got = must(shortfallBacktest({ pnl: inputs.pnl, var: inputs.var, es: inputs.es, confidence: "0.95" }));
    expect(got.exceptions).toEqual(expected.hits);
    expectClose([got.z1, got.z2], [expected.Z1, expected.Z2], 1e-12);
  });
});

describe("random numbers", () => {
  const words = (texts: readonly string[]) => texts.map((text) => Number.parseInt(text, 16));
  const block = (counter: readonly number[], key: readonly number[]) => {
    const out = new Uint32Array(4);
    philox4x32(counter as unknown as Words4, key as unknown as [number, number], out);
    return [...out].map((word) => word.toString(16).padStart(8, "0"));
  };

  test("rng-philox4x32", () => {
    const { inputs, expected } = riskCase<{ vectors: { ctr: string[]; key: string[] }[] }, { out: string[][] }>("rng-philox4x32");
    expect(inputs.vectors.map(({ ctr, key }) => block(words(ctr), words(key)))).toEqual(expected.out);
  });

  test("rng-philox-stream", () => {
    const { inputs, expected } = riskCase<{ key: string[]; counters: number[] }, { out: string[][] }>("rng-philox-stream");
    expect(inputs.counters.map((i) => block([i, 0, 0, 0], words(inputs.key)))).toEqual(expected.out);
  });

  test("rng-philox4x64: the generator behind numpy's, which the differential tests compare with", () => {
    const { inputs, expected } = riskCase<{ vectors: { ctr: string[]; key: string[] }[] }, { out: string[][] }>("rng-philox4x64");
    const big = (texts: readonly string[]) => texts.map((text) => BigInt(`0x${text}`));
    const got = inputs.vectors.map(({ ctr, key }) => philox4x64(big(ctr), big(key)).map((word) => word.toString(16).padStart(16, "0")));
    expect(got).toEqual(expected.out);
  });

  test("rng-uniform-normal-map", () => {
    const { inputs, expected } = riskCase<{ words: string[] }, { u: number[]; normal: number[] }>("rng-uniform-normal-map");
    const [a = 0, b = 0, c = 0, d = 0] = words(inputs.words);
    const units = [openUnit(a, b), openUnit(c, d)];
    expectClose(units, expected.u, 1e-14);
    expectClose(units.map(normalQuantile), expected.normal, 1e-14);
  });

  test("mc-philox-one-factor", () => {
    const { expected } = riskCase<unknown, { first_four_normals: number[]; mean: number; var: number; es: number }>("mc-philox-one-factor");
    const normals = standardNormals(0, 10_000);
    expectClose([...normals.subarray(0, 4)], expected.first_four_normals, 1e-12);
    expect(Math.abs(sumCompensated(normals) / 10_000 - expected.mean)).toBeLessThan(1e-12);
    const got = must(
      monteCarloTail({
        exposures: [{ name: "x", amount: 1 }],
        covariance: { names: ["x"], values: [[1]] },
        gamma: { names: [], values: [] },
        confidence: "0.99",
      }),
    );
    expect(Math.abs(got.var - expected.var)).toBeLessThan(1e-12);
    expect(Math.abs(got.es - expected.es)).toBeLessThan(1e-12);
  });
});

describe("stress, clusters and limits", () => {
  test("stress-combined", () => {
    type Row = {
      id: string;
      mv?: string;
      shock?: string;
      dur?: string;
      convexity?: string;
      dy?: string;
      delta?: string;
      gamma?: string;
      ds?: string;
    };
    const { inputs, expected } = riskCase<
      { positions: Row[] },
      { pnl: { [id: string]: number }; total: number; gross_mv: number; net_mv: number }
    >("stress-combined");
    const got = must(
      stressed(
        inputs.positions.map(({ id: name, ...row }) => {
          if (row.delta !== undefined)
            return { name, kind: "delta_gamma", delta: Number(row.delta), gamma: Number(row.gamma), move: Number(row.ds) };
          if (row.dur === undefined) return { name, kind: "linear", value: Number(row.mv), move: Number(row.shock) };
          const [value, duration, convexity, move] = [row.mv, row.dur, row.convexity, row.dy].map(Number) as [
            number,
            number,
            number,
            number,
          ];
          return { name, kind: "rate", value, duration, convexity, move };
        }),
      ),
    );
    for (const { name, pnl } of got.pnl) expectClose(pnl, expected.pnl[name], 1e-12);
    expectClose([got.total, got.gross_value, got.net_value], [expected.total, expected.gross_mv, expected.net_mv], 1e-12);
  });

  test("frtb-liquidity-cascade", () => {
    const { inputs, expected } = riskCase<{ T: number; LH: number[]; ES_T_P_j: number[] }, { es: number }>("frtb-liquidity-cascade");
    expectClose(
      must(liquidityHorizonShortfall({ base_days: inputs.T, horizons_days: inputs.LH, shortfalls: inputs.ES_T_P_j })),
      expected.es,
      1e-12,
    );
  });

  test("cluster-corr", () => {
    const { inputs, expected } = riskCase<
      { corr: number[][]; cut_distance: number },
      { merge_distance: number[]; clusters_at_cut: number[][] }
    >("cluster-corr");
    const got = must(correlationClusters({ correlation: named(inputs.corr), linkage: "single", cut_distance: inputs.cut_distance }));
    expect(got.merges.map(({ left, right }) => [left, right])).toEqual([
      [["f0"], ["f1"]],
      [["f2"], ["f3"]],
      [
        ["f0", "f1"],
        ["f2", "f3"],
      ],
    ]);
    expectClose(
      got.merges.map(({ distance }) => distance),
      expected.merge_distance,
      1e-12,
    );
    expect(got.clusters).toEqual(expected.clusters_at_cut.map((group) => group.map((i) => `f${i}`)));
  });

  test("limits-utilisation", () => {
    const { inputs, expected } = riskCase<{ limits: { id: string; limit: string; value: string }[]; warn_at: string }, { rows: unknown[] }>(
      "limits-utilisation",
    );
    expect(must(limitStates(inputs))).toEqual(expected.rows);
  });
});

describe("numerics", () => {
  test("num-neumaier", () => {
    const { inputs, expected } = riskCase<{ x: number[] }, { neumaier: number }>("num-neumaier");
    expect(sumCompensated(inputs.x)).toBe(expected.neumaier);
  });

  test("num-half-even", () => {
    const { expected } = riskCase<
      unknown,
      { rows: { value: string; quantum: string; half_even: string; double_exact_then_half_even: string }[] }
    >("num-half-even");
    for (const { value, quantum, half_even, double_exact_then_half_even } of expected.rows) {
      const [places, scale] = [decimalPlaces(quantum) ?? 0, 18];
      const decimal = formatBig(divideHalfEven(parseBig(value, scale) ?? 0n, pow10Big(scale - places)), places);
      // No negative zero: -0.00 of the file is 0.
      expect(Number(decimal)).toBe(Number(half_even) + 0);
      expect(decimal.startsWith("-0") && Number(decimal) === 0).toBe(false);
      expect(roundHalfEven(Number(value), places)).toBe(Number(double_exact_then_half_even) + 0);
    }
  });

  const nist = ["nist-lew", "nist-mavro", "nist-michelson", "nist-numacc1", "nist-numacc2", "nist-numacc3"];
  const digits: { readonly [id: string]: number } = { "nist-numacc1": 15, "nist-numacc3": 9 };
  test.each(nist)("%s", (id) => {
    const { inputs, expected } = riskCase<
      { data?: number[]; generator?: { first: number; then_repeat: number[]; n: number } },
      { mean: number; sd: number; lag1_autocorr: number }
    >(id);
    const { generator } = inputs;
    const data =
      inputs.data ??
      Array.from({ length: generator?.n ?? 0 }, (_, i) => (i === 0 ? generator?.first : generator?.then_repeat[(i - 1) % 2]) ?? 0);
    const right = 10 ** -(digits[id] ?? 13);
    expectClose([mean(data), sampleDeviation(data)], [expected.mean, expected.sd], right * 2);
    expectClose(autocorrelation(data, 1), expected.lag1_autocorr, Math.max(right * 2, 1e-12));
  });
});

describe("canonical JSON", () => {
  const text = (value: unknown) => {
    const got = canonicalJson(value);
    return got.ok ? got.text : got.violations.map(({ code }) => code);
  };

  test("json-rfc8785-numbers", () => {
    const { inputs, expected } = riskCase<{ ieee754_hex: string[]; must_throw: string[] }, { text: string[] }>("json-rfc8785-numbers");
    const double = (hex: string) => new Float64Array(new BigUint64Array([BigInt(`0x${hex}`)]).buffer)[0] ?? 0;
    for (const [i, hex] of inputs.ieee754_hex.entries()) {
      const value = double(hex);
      // A tape refuses whole numbers that other readers of JSON would round.
      const unsafe = Number.isInteger(value) && !Number.isSafeInteger(value);
      expect(canonicalJson(value).ok).toBe(!unsafe);
      if (!unsafe) expect(text(value)).toBe(expected.text[i]);
    }
    expect(inputs.must_throw.map((hex) => canonicalJson(double(hex)).ok)).toEqual([false, false]);
  });

  test("json-rfc8785-object", () => {
    const { inputs, expected } = riskCase<{ json_source: string }, { canonical: string }>("json-rfc8785-object");
    // 1E30 is a whole number beyond 2^53; everything else of the sample is as the standard prints it.
    const sample = JSON.parse(inputs.json_source.replace("1E30", "1E-30")) as unknown;
    expect(text(sample)).toBe(expected.canonical.replace("1e+30", "1e-30"));
    expect(text(JSON.parse(inputs.json_source))).not.toBe(expected.canonical);
  });

  test("json-rfc8785-sort", () => {
    const { inputs, expected } = riskCase<{ keys: string[] }, { order: string[] }>("json-rfc8785-sort");
    const sorted = JSON.parse(String(text(Object.fromEntries(inputs.keys.map((key) => [key, 0]))))) as object;
    // An object lists whole-number keys first; the text itself is in the standard's order.
    expect(text(Object.fromEntries(inputs.keys.map((key) => [key, 0])))).toBe(
      `{${expected.order.map((key) => `${JSON.stringify(key)}:0`).join(",")}}`,
    );
    expect(Object.keys(sorted)).toHaveLength(expected.order.length);
  });
});

describe("performance", () => {
  test("perf-sortino-tiny", () => {
    const { inputs, expected } = riskCase<{ returns: number[]; mar: number }, { sortino: number }>("perf-sortino-tiny");
    const got = must(performanceStatistics({ returns: inputs.returns, minimum_return: inputs.mar, periods_per_year: 252 }));
    expectClose(got.sortino, expected.sortino, 1e-12);
  });

  testThirdPartyCase<{ portfolio: number[]; benchmark: number[]; mar: number; periods_per_year: number }, { [name: string]: number }>(
    "perf-bacon",
    "24 months against a benchmark at 0.5 % a month",
    ({ inputs, expected }) => {
      const got = must(
        performanceStatistics({
          returns: inputs.portfolio,
          benchmark: inputs.benchmark,
          minimum_return: inputs.mar,
          periods_per_year: inputs.periods_per_year,
        }),
      );
      const all: { readonly [name: string]: unknown } = {
        ...got,
        ...got.relative,
        mean_abs_deviation: got.mean_absolute_deviation,
      };
      for (const [name, value] of Object.entries(expected)) expectClose(all[name], value, 1e-10);
    },
  );

  testThirdPartyCase<
    { returns: number[]; benchmark: number[]; rf: number[]; dates: string[]; periods_per_year: number },
    {
      max_drawdown: number;
      tracking_error: number;
      active_premium: number;
      information_ratio: number;
      capm_beta: number;
      capm_alpha_monthly: number;
      r_squared: number;
      drawdowns: { from: string; trough: string; to: string; depth: number }[];
    }
  >("perf-managers-relative", "132 months against an index and a bill", ({ inputs, expected }) => {
    const terms = { returns: inputs.returns, risk_free: inputs.rf, periods_per_year: inputs.periods_per_year };
    const relative = must(performanceStatistics({ ...terms, benchmark: inputs.benchmark })).relative;
    expectClose(relative?.tracking_error, expected.tracking_error, 1e-10);
    expectClose(relative?.active_premium, expected.active_premium, 1e-10);
    expectClose(relative?.information_ratio, expected.information_ratio, 1e-10);
    expectClose(
      [relative?.beta, relative?.alpha, relative?.r_squared],
      [expected.capm_beta, expected.capm_alpha_monthly, expected.r_squared],
      1e-10,
    );
    const index = must(performanceStatistics({ ...terms, returns: inputs.benchmark }));
    expectClose(index.max_drawdown, expected.max_drawdown, 1e-10);
    const date = (i: number | null | undefined) => inputs.dates[i ?? -1];
    for (const [i, span] of expected.drawdowns.entries()) {
      const got = index.drawdowns[i];
      expect([date(got?.from), date(got?.trough), date(got?.recovery)]).toEqual([span.from, span.trough, span.to]);
      expectClose(-(got?.depth ?? 0), span.depth, 1e-10);
    }
  });

  testThirdPartyCase<
    { returns: number[]; confidence: string },
    { [name in "gauss_var" | "modified_var" | "hist_var_type7" | "gauss_es" | "hist_var_conservative_k5" | "hist_es_coherent"]: number }
  >(
    "hist-pa-edhec-convarb",
    "normal, modified and historical tails of 100 months; the package divides the variance by n",
    ({ inputs, expected }) => {
      const { returns, confidence } = inputs;
      const n = returns.length;
      const [centre, deviation] = [mean(returns), sampleDeviation(returns) * Math.sqrt((n - 1) / n)];
      const normal = must(normalTail({ mean: centre, deviation, confidence }));
      expectClose([-normal.var, -normal.es], [expected.gauss_var, expected.gauss_es], 1e-10);
      const { skew, excess_kurtosis } = expansionMoments(returns);
      const modified = unitCornishFisherTail(50_000, skew, excess_kurtosis).var * deviation - centre;
      expectClose(-modified, expected.modified_var, 1e-10);
      expectClose(-must(historicalVar({ pnl: returns, confidence, rule: "hf7" })).var, expected.hist_var_type7, 1e-10);
      expectClose(must(historicalVar({ pnl: returns, confidence })).var, expected.hist_var_conservative_k5, 1e-10);
      expectClose(must(expectedShortfall({ pnl: returns, confidence })).es, expected.hist_es_coherent, 1e-10);
    },
  );
});

test("every case that the repository carries is tested", () => {
  const sources = ["risk-cases.test.ts", "risk-cases-books.test.ts"]
    .map((file) => readFileSync(new URL(file, import.meta.url), "utf8"))
    .join("\n");
  expect(CARRIED_CASES.filter((id) => !sources.includes(`"${id}"`))).toEqual([]);
  expect(CARRIED_CASES).toHaveLength(49);
});
