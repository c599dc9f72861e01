/** Cases from textbooks, regulations and other packages; each names its source in the file of cases, and its tolerance stands here. */
import { describe, expect, test } from "vitest";
import { chiSquareUpperQuantile } from "../../src/core/numeric/chi-square-distribution.js";
import { normalQuantile } from "../../src/core/numeric/normal-distribution.js";
import { studentTUpperQuantile } from "../../src/core/numeric/student-t-distribution.js";
import { ewmaVolatility } from "../../src/core/risk/ewma-volatility.js";
import { expectedShortfall } from "../../src/core/risk/expected-shortfall.js";
import { garchVolatility } from "../../src/core/risk/garch-volatility.js";
import { historicalVar, tailRank, type VarRule } from "../../src/core/risk/historical-var.js";
import { overHorizon } from "../../src/core/risk/horizon.js";
import { tailOf } from "../../src/core/risk/input-checks.js";
import { cornishFisherTail, extremeProbability, extremeTail, normalTail, studentTTail } from "../../src/core/risk/parametric-tail.js";
import { quantilePosition } from "../../src/core/risk/quantile-rules.js";
import { weightedTail } from "../../src/core/risk/weighted-tail.js";
import { expectClose, must, riskCase } from "../support/risk-cases.js";

/** Probability beyond a decimal text, without going through 1 - p. */
const beyond = (p: string): number => Number((1 - Number(p)).toFixed(6));

describe("distributions", () => {
  test("dist-normal-quantile", () => {
    const { inputs, expected } = riskCase<{ p: string[] }, { z: number[] }>("dist-normal-quantile");
    expectClose(
      inputs.p.map((p) => -normalQuantile(beyond(p))),
      expected.z,
      1e-14,
    );
  });

  test("dist-student-t-quantile", () => {
    const { inputs, expected } = riskCase<{ df_p: [number, string][] }, { t: number[] }>("dist-student-t-quantile");
    expectClose(
      inputs.df_p.map(([df, p]) => studentTUpperQuantile(beyond(p), df)),
      expected.t,
      1e-12,
    );
  });

  test("dist-chi2-critical", () => {
    const { inputs, expected } = riskCase<{ df_p: [number, string][] }, { crit: number[] }>("dist-chi2-critical");
    expectClose(
      inputs.df_p.map(([df, p]) => chiSquareUpperQuantile(beyond(p), df)),
      expected.crit,
      1e-12,
    );
  });
});

describe("parametric", () => {
  test("param-normal-es-unit", () => {
    const { inputs, expected } = riskCase<{ confidence: string[] }, { es: number[] }>("param-normal-es-unit");
    expectClose(
      inputs.confidence.map((confidence) => must(normalTail({ mean: 0, deviation: 1, confidence })).es),
      expected.es,
      1e-13,
    );
  });

  test("param-mfe-normal-vs-t4", () => {
    const { inputs, expected } = riskCase<
      { position: number; annual_vol: number; days_per_year: number; t_df: number },
      { rows: { confidence: string; var_normal: number; var_t4: number; es_normal: number; es_t4: number }[] }
    >("param-mfe-normal-vs-t4");
    const deviation = (inputs.position * inputs.annual_vol) / Math.sqrt(inputs.days_per_year);
    for (const row of expected.rows) {
      const terms = { mean: 0, deviation, confidence: row.confidence };
      const normal = must(normalTail(terms));
      const t = must(studentTTail({ ...terms, degrees_of_freedom: inputs.t_df }));
      expectClose([normal.var, normal.es, t.var, t.es], [row.var_normal, row.es_normal, row.var_t4, row.es_t4], 1e-11);
    }
  });

  test("param-cornish-fisher", () => {
    const { expected } = riskCase<
      unknown,
      { rows: { confidence: string; skew: string; excess_kurt: string; var_units_of_sigma: number; es_units_of_sigma: number }[] }
    >("param-cornish-fisher");
    for (const row of expected.rows) {
      const terms = { mean: 0, deviation: 1, skew: Number(row.skew), excess_kurtosis: Number(row.excess_kurt) };
      const got = must(cornishFisherTail({ ...terms, confidence: row.confidence }));
      expectClose([got.var, got.es], [row.var_units_of_sigma, row.es_units_of_sigma], 1e-11);
    }
  });
});

describe("historical", () => {
  test("hist-hull-four-index", () => {
    const { inputs, expected } = riskCase<
      { n_scenarios: number; worst_losses_desc: number[]; confidence: string; other_losses_below: number },
      { rank_k: number; var: number; es_coherent: number }
    >("hist-hull-four-index");
    const others = Array.from({ length: inputs.n_scenarios - inputs.worst_losses_desc.length }, (_, i) => i - inputs.other_losses_below);
    const pnl = [...others, ...inputs.worst_losses_desc.map((loss) => -loss)];
    const got = must(historicalVar({ pnl, confidence: inputs.confidence }));
    expect([got.rank, got.var]).toEqual([expected.rank_k, expected.var]);
    expectClose(must(expectedShortfall({ pnl, confidence: inputs.confidence })).es, expected.es_coherent, 1e-12);
  });

  test("hist-hull-evt-gpd", () => {
    const { inputs, expected } = riskCase<
      { n: number; n_u: number; u: number; beta: number; xi: number },
      { by_confidence: { [confidence: string]: { var: number; es: number } }; prob_loss_above_300: number }
    >("hist-hull-evt-gpd");
    const terms = { n: inputs.n, exceedances: inputs.n_u, threshold: inputs.u, scale: inputs.beta, shape: inputs.xi };
    for (const [confidence, row] of Object.entries(expected.by_confidence)) {
      const got = must(extremeTail({ ...terms, confidence }));
      expectClose([got.var, got.es], [row.var, row.es], 1e-12);
    }
    expectClose(extremeProbability(terms, 300), expected.prob_loss_above_300, 1e-12);
  });

  test("hist-discrete-2pct", () => {
    type Table = [weight: string, loss: number][];
    const { inputs, expected } = riskCase<
      { single: Table; portfolio: Table; confidence: string },
      { single: { var: number; es: number }; portfolio: { var: number; es: number } }
    >("hist-discrete-2pct");
    for (const name of ["single", "portfolio"] as const) {
      const [weights, pnl] = [inputs[name].map(([weight]) => weight), inputs[name].map(([, loss]) => -loss)];
      const got = must(weightedTail({ pnl, weights, confidence: inputs.confidence }));
      expectClose([got.var, got.es], [expected[name].var, expected[name].es], 1e-12);
    }
  });

  test("hist-es-wikipedia", () => {
    const { inputs, expected } = riskCase<{ prob_loss: [string, number][]; tail_mass: string[] }, { es: number[] }>("hist-es-wikipedia");
    const [weights, pnl] = [inputs.prob_loss.map(([weight]) => weight), inputs.prob_loss.map(([, loss]) => -loss)];
    // A tail of everything is no confidence: its ES is the mean loss, which 0.999999 comes near to.
    const masses = inputs.tail_mass.filter((mass) => mass !== "1.00");
    const got = masses.map((mass) => must(weightedTail({ pnl, weights, confidence: (1 - Number(mass)).toFixed(2) })).es);
    expectClose(got, expected.es.slice(0, masses.length), 1e-12);
    expect(must(weightedTail({ pnl, weights, confidence: "0.000001" })).es).toBeCloseTo(expected.es.at(-1) ?? 0, 3);
  });

  test("hist-type7-tiny", () => {
    const { inputs, expected } = riskCase<{ pnl: number[]; confidence: string }, { var: number }>("hist-type7-tiny");
    expectClose(must(historicalVar({ ...inputs, rule: "hf7" })).var, expected.var, 1e-12);
  });

  test("hist-hyndman-fan", () => {
    const { expected } = riskCase<unknown, { rows: { p: string; types_1_to_9: number[] }[] }>("hist-hyndman-fan");
    const { inputs } = riskCase<{ data: number[] }, unknown>("nist-lew");
    const sorted = inputs.data.toSorted((a, b) => a - b);
    for (const { p, types_1_to_9 } of expected.rows) {
      const got = ([1, 2, 3, 4, 5, 6, 7, 8, 9] as const).map((type) => {
        const { lower, upper, upperShare } = quantilePosition(sorted.length, Math.round(Number(p) * 1e6), type);
        return (1 - upperShare) * (sorted[lower - 1] ?? Number.NaN) + upperShare * (sorted[upper - 1] ?? Number.NaN);
      });
      expectClose(got, types_1_to_9, 1e-12);
      if (Number(p) > 0.5) continue;
      const rules = types_1_to_9.map((_, i) => `hf${i + 1}` as VarRule);
      const confidence = String(beyond(p));
      expectClose(
        rules.map((rule) => -must(historicalVar({ pnl: inputs.data, confidence, rule })).var),
        types_1_to_9,
        1e-12,
      );
    }
  });

  test("hist-rank-arithmetic", () => {
    const { expected } = riskCase<
      unknown,
      { rows: { n: number; confidence: string; n_alpha: number; k: number; frac_last: number; naive_float_ceil: number }[] }
    >("hist-rank-arithmetic");
    for (const row of expected.rows) {
      const { mass, k } = tailRank(row.n, tailOf(row.confidence) ?? 0);
      expect([mass / 1e6, k, (mass - (k - 1) * 1e6) / 1e6]).toEqual([row.n_alpha, row.k, row.frac_last]);
    }
    expect(expected.rows.some(({ k, naive_float_ceil }) => k !== naive_float_ceil)).toBe(true);
  });

  test("hist-ties", () => {
    const { inputs, expected } = riskCase<
      { pnl: number[]; confidence: string },
      { rank_k: number; var: number; es: number; tail_scenarios: number[]; var_scenario: number }
    >("hist-ties");
    const got = must(historicalVar(inputs));
    const shortfall = must(expectedShortfall(inputs));
    expect([got.rank, got.var, got.scenarios]).toEqual([expected.rank_k, expected.var, [{ scenario: expected.var_scenario, weight: 1 }]]);
    expect([shortfall.es, shortfall.scenarios.map(({ scenario }) => scenario)]).toEqual([expected.es, expected.tail_scenarios]);
  });
});

describe("volatility", () => {
  test("ewma-usd-dem", () => {
    const { inputs, expected } = riskCase<
      { returns_oldest_first: number[]; lambda: number },
      { equal_weight_rms: number; ewma_truncated_weights: number; ewma_normalised_weights: number; ewma_recursive_seed_first_sq: number }
    >("ewma-usd-dem");
    const { returns_oldest_first: returns, lambda } = inputs;
    const of = (form: "first_square" | "normalised" | "truncated") => must(ewmaVolatility({ returns, lambda, form }));
    expectClose(of("truncated"), expected.ewma_truncated_weights, 1e-12);
    expectClose(of("normalised"), expected.ewma_normalised_weights, 1e-12);
    expectClose(of("first_square"), expected.ewma_recursive_seed_first_sq, 1e-12);
    const nearlyEqual = must(ewmaVolatility({ returns, lambda: 1 - 1e-12, form: "normalised" }));
    expectClose(nearlyEqual, expected.equal_weight_rms, 1e-4);
  });

  test("ewma-garch-hull", () => {
    const { inputs, expected } = riskCase<
      {
        ewma: { lambda: number; sigma_prev: number; u_prev: number };
        garch: { omega: number; alpha: number; beta: number; sigma_prev: number; u_prev: number };
      },
      { ewma_sigma: number; garch_sigma: number; garch_long_run_sigma: number }
    >("ewma-garch-hull");
    const { lambda, sigma_prev, u_prev } = inputs.ewma;
    expectClose(must(ewmaVolatility({ returns: [sigma_prev, u_prev], lambda, form: "first_square" })), expected.ewma_sigma, 1e-12);
    const { omega, alpha, beta, ...previous } = inputs.garch;
    const got = must(garchVolatility({ omega, alpha, beta, previous_volatility: previous.sigma_prev, previous_return: previous.u_prev }));
    expectClose([got.volatility, got.long_run_volatility], [expected.garch_sigma, expected.garch_long_run_sigma], 1e-12);
  });
});

test("param-hull-two-asset: the square root of time", () => {
  const { inputs, expected } = riskCase<{ horizon_days: number }, { sd_1d: number; portfolio_var_10d: number; portfolio_var_1d: number }>(
    "param-hull-two-asset",
  );
  const ten = must(overHorizon({ mean: 0, deviation: expected.sd_1d, periods: inputs.horizon_days, autocorrelation: 0 }));
  expectClose(ten.deviation / expected.sd_1d, expected.portfolio_var_10d / expected.portfolio_var_1d, 1e-12);
});
