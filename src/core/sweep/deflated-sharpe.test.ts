import { describe, expect, test } from "vitest";
import { generatedYears } from "../../../test/support/run-measures.js";
import { runMetrics } from "../metrics/run-metrics.js";
import { deflatedSharpe, trialsOf } from "./deflated-sharpe.js";

describe("the deflated Sharpe ratio", () => {
  // Bailey and Lopez de Prado (2014), the numerical example: a yearly ratio of 2.5 over 1,250 daily returns (250 a year) with skewness -3 and
  // kurtosis 10, the best of 100 trials whose yearly ratios have variance 1/2. The paper gives an expected maximum of 0.1132 a day and 0.9004.
  test("of the published example is 0.9004", () => {
    const daily = 2.5 / Math.sqrt(250);
    const standard_error = Math.sqrt((1 + 3 * daily + ((10 - 1) / 4) * daily * daily) / 1249) * Math.sqrt(250);
    const spread = Math.sqrt((0.5 * 99) / 100);
    const trials = trialsOf(
      Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? spread : -spread)),
      250,
    );
    expect(trials.sharpe_variance).toBeCloseTo(0.5 / 250, 15);
    const deflated = deflatedSharpe({ ratio: 2.5, standard_error }, trials, 250);
    expect(deflated?.value).toBeCloseTo(0.9004, 4);
    expect((deflated?.expected_maximum ?? 0) / Math.sqrt(250)).toBeCloseTo(0.1132, 4);
  });

  test("is the metric of a run that is told of the same trials", () => {
    const run = generatedYears();
    const alone = runMetrics(run).metrics["sharpe"];
    if (typeof alone?.value !== "number" || alone.standard_error === undefined) throw new Error("the run has no Sharpe ratio");
    const trials = trialsOf([alone.value, 0.3, -0.2, 1.1, 0.8], run.periods_per_year);
    const deflated = deflatedSharpe({ ratio: alone.value, standard_error: alone.standard_error }, trials, run.periods_per_year);
    expect(deflated?.value).toBeCloseTo(Number(runMetrics({ ...run, trials }).metrics["dsr"]?.value), 10);
  });

  test("falls as trials are added, and needs two of them", () => {
    const chosen = { ratio: 2, standard_error: 0.5 };
    const of = (count: number) => deflatedSharpe(chosen, { count, sharpe_variance: 0.002 }, 252)?.value ?? Number.NaN;
    expect(of(2)).toBeGreaterThan(of(10));
    expect(of(10)).toBeGreaterThan(of(1000));
    expect(deflatedSharpe(chosen, trialsOf([2], 252), 252)).toBeNull();
    expect(deflatedSharpe({ ratio: 2, standard_error: 0 }, { count: 5, sharpe_variance: 1 }, 252)).toBeNull();
    expect(trialsOf([], 252)).toEqual({ count: 0, sharpe_variance: 0 });
  });
});
