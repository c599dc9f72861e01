/** Our measures against numpy and scipy, where Python has them: `ONETAPE_PYTHON`, or `python3`. */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { symmetricEigen } from "../../src/core/numeric/symmetric-eigen.js";
import { correlationClusters } from "../../src/core/risk/correlation-clusters.js";
import { ewmaCovariance, sampleCovariance } from "../../src/core/risk/covariance-estimates.js";
import { deltaGammaTail } from "../../src/core/risk/delta-gamma.js";
import { entropicVar } from "../../src/core/risk/entropic-var.js";
import { kupiecTest, trafficLight } from "../../src/core/risk/exception-backtest.js";
import { expectedShortfall } from "../../src/core/risk/expected-shortfall.js";
import { historicalVar } from "../../src/core/risk/historical-var.js";
import { normalTail, studentTTail } from "../../src/core/risk/parametric-tail.js";
import { expansionMoments } from "../../src/core/risk/performance-statistics.js";
import { philox4x64 } from "../support/philox4x64.js";
import { expectClose, must } from "../support/risk-cases.js";
import { exampleSeries } from "../support/risk-measure-examples.js";
import { repositoryRoot } from "../support/temporary-checkout.js";

const python = process.env["ONETAPE_PYTHON"] ?? "python3";
const confidences = ["0.9", "0.95", "0.975", "0.99", "0.9985"];
const names = ["a", "b", "c", "d"];
const cases = {
  pnl: exampleSeries(997, 31),
  tails: [0.1, 0.05, 0.025, 0.01, 0.0015],
  deviation: 130.5,
  degrees: [2.5, 4, 17],
  lambda: 0.94,
  rows: Array.from({ length: 200 }, (_, t) => names.map((_, i) => exampleSeries(200, 40 + i)[t] ?? 0)),
  correlation: [
    [1, 0.62, 0.2, -0.1],
    [0.62, 1, 0.35, 0.05],
    [0.2, 0.35, 1, 0.48],
    [-0.1, 0.05, 0.48, 1],
  ],
  amounts: [1000, -400, 250.5, 10],
  covariance: [
    [4, 0.6, -0.5, 0.1],
    [0.6, 1, 0.1, 0],
    [-0.5, 0.1, 2.25, 0.2],
    [0.1, 0, 0.2, 0.5],
  ],
  gamma: [
    [-30, 4, 0, 1],
    [4, 12, 2, 0],
    [0, 2, 5, 0],
    [1, 0, 0, -8],
  ],
  backtests: [
    [250, 7, 0.01],
    [1043, 57, 0.05],
    [500, 1, 0.01],
    [252, 20, 0.05],
  ] as [number, number, number][],
  philox_key: [7, 9],
};

interface Results {
  readonly [name: string]: never;
}

test("measures agree with numpy and scipy", (context) => {
  if (spawnSync(python, ["-c", "import numpy, scipy"]).status !== 0) {
    context.skip(`${python} has no numpy and scipy: the measures are not compared with them. Set ONETAPE_PYTHON to one that has.`);
  }
  const ended = spawnSync(python, ["test/golden/risk-scipy-oracle.py"], {
    cwd: repositoryRoot,
    input: JSON.stringify(cases),
    encoding: "utf8",
  });
  expect(ended.stderr).toBe("");
  const theirs = JSON.parse(ended.stdout) as Results;
  const { pnl, deviation } = cases;
  const by = <T>(of: (confidence: string) => T): T[] => confidences.map(of);
  expectClose(
    by((confidence) => must(historicalVar({ pnl, confidence, rule: "hf7" })).var),
    theirs["type7"],
    1e-12,
  );
  expectClose(
    by((confidence) => must(expectedShortfall({ pnl, confidence })).es),
    theirs["shortfall"],
    1e-12,
  );
  expectClose(
    by((confidence) => must(entropicVar({ pnl, confidence })).evar),
    theirs["entropic"],
    1e-10,
  );
  const normals = by((confidence) => must(normalTail({ mean: 0, deviation, confidence }))).map((figures) => [figures.var, figures.es]);
  expectClose(normals, theirs["normal"], 1e-12);
  const ts = cases.degrees.flatMap((degrees_of_freedom) =>
    by((confidence) => must(studentTTail({ mean: 0, deviation, degrees_of_freedom, confidence }))).map((figures) => [
      figures.var,
      figures.es,
    ]),
  );
  // scipy integrates the tail: half the digits of ours.
  expectClose(ts, theirs["student_t"], 1e-7);
  expectClose(must(sampleCovariance({ names, rows: cases.rows })).values, theirs["sample_covariance"], 1e-11);
  expectClose(must(ewmaCovariance({ names, rows: cases.rows, lambda: cases.lambda })).values, theirs["ewma_covariance"], 1e-11);
  expectClose([...symmetricEigen(Float64Array.from(cases.correlation.flat()), 4).values], theirs["eigenvalues"], 1e-13);
  const { skew, excess_kurtosis } = expansionMoments(pnl);
  expectClose([skew, excess_kurtosis], theirs["moments"], 1e-11);
  const curved = must(
    deltaGammaTail({
      exposures: names.map((name, i) => ({ name, amount: cases.amounts[i] ?? 0 })),
      covariance: { names, values: cases.covariance },
      gamma: { names, values: cases.gamma },
      confidence: "0.99",
      tail: "normal",
    }),
  );
  expectClose([curved.mean, curved.deviation, curved.skew, curved.excess_kurtosis], theirs["delta_gamma"], 1e-11);
  const tests = cases.backtests.map(([periods, exceptions, p]) => {
    const terms = { periods, exceptions, confidence: (1 - p).toFixed(2) };
    const kupiec = must(kupiecTest(terms));
    return [kupiec.statistic, kupiec.p_value, must(trafficLight(terms)).cumulative_probability];
  });
  expectClose(tests, theirs["backtests"], 1e-10);
  for (const linkage of ["single", "complete"] as const) {
    const { merges } = must(correlationClusters({ correlation: { names, values: cases.correlation }, linkage, cut_distance: 1 }));
    expectClose(
      merges.map(({ distance }) => distance),
      theirs[linkage],
      1e-14,
    );
  }
  const key = cases.philox_key.map(BigInt);
  // numpy's counter starts at one.
  expectClose([1n, 2n].flatMap((i) => philox4x64([i, 0n, 0n, 0n], key)).map(Number), theirs["philox"], 0);
});
