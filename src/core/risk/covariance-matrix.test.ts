import { describe, expect, test } from "vitest";
import { codesOf, must } from "../../../test/support/risk-cases.js";
import { bookPnl } from "./aggregate-pnl.js";
import { correlationClusters } from "./correlation-clusters.js";
import { ewmaCovariance, ledoitWolfCovariance, sampleCovariance } from "./covariance-estimates.js";
import { factorOf, type NamedMatrix, orderedMatrix, psdMatrix } from "./covariance-matrix.js";
import { deltaGammaTail } from "./delta-gamma.js";
import { eulerGap } from "./euler-check.js";
import { limitStates } from "./limit-utilisation.js";
import { monteCarloTail } from "./monte-carlo.js";
import { parametricVarComponents } from "./parametric-components.js";
import { repairPsd } from "./psd-repair.js";
import { incrementalRisk, varComponents } from "./scenario-components.js";
import { conditionalShock, stressed } from "./stress.js";

const unit: NamedMatrix = {
  names: ["a", "b"],
  values: [
    [1, 0.5],
    [0.5, 1],
  ],
};
const badInPairs: NamedMatrix = {
  names: ["a", "b", "c"],
  values: [
    [1, 0, 0.9],
    [0, 1, 0.9],
    [0.9, 0.9, 1],
  ],
};
const book = { exposures: [{ name: "a", amount: 1 }], covariance: unit, confidence: "0.99" };

describe("a matrix of covariances", () => {
  test.each<[string, NamedMatrix, string]>([
    ["no rows", { names: [], values: [] }, "MATRIX_NOT_SQUARE"],
    ["a short row", { names: ["a", "b"], values: [[1, 0], [0]] }, "MATRIX_NOT_SQUARE"],
    ["more names than rows", { names: ["a", "b"], values: [[1]] }, "MATRIX_NOT_SQUARE"],
    [
      "a name twice",
      {
        names: ["a", "a"],
        values: [
          [1, 0],
          [0, 1],
        ],
      },
      "DUPLICATE_NAME",
    ],
    [
      "NaN",
      {
        names: ["a", "b"],
        values: [
          [1, Number.NaN],
          [Number.NaN, 1],
        ],
      },
      "NOT_FINITE",
    ],
    [
      "two values across the diagonal",
      {
        names: ["a", "b"],
        values: [
          [1, 0.5],
          [0.4, 1],
        ],
      },
      "MATRIX_NOT_SYMMETRIC",
    ],
    ["correlations that contradict each other", badInPairs, "MATRIX_NOT_PSD"],
    ["a negative variance", { names: ["a"], values: [[-1]] }, "MATRIX_NOT_PSD"],
  ])("with %s is refused", (_, matrix, code) => {
    expect(codesOf(psdMatrix(matrix))).toContain(code);
  });

  test("that is singular is one, and has a factor", () => {
    const singular = {
      names: ["a", "b"],
      values: [
        [1, 1],
        [1, 1],
      ],
    };
    const matrix = must(psdMatrix(singular));
    const l = factorOf(matrix);
    const at = (i: number, j: number) => (l[i * 2] ?? 0) * (l[j * 2] ?? 0) + (l[i * 2 + 1] ?? 0) * (l[j * 2 + 1] ?? 0);
    expect([at(0, 0), at(0, 1), at(1, 1)]).toEqual([expect.closeTo(1, 14), expect.closeTo(1, 14), expect.closeTo(1, 14)]);
    expect(codesOf(psdMatrix({ names: ["a"], values: [[0]] }))).toEqual([]);
  });

  test("is put in the order of its names", () => {
    const got = must(
      orderedMatrix({
        names: ["b", "a"],
        values: [
          [4, 1],
          [1, 9],
        ],
      }),
    );
    expect([got.names, [...got.entries]]).toEqual([
      ["a", "b"],
      [9, 1, 1, 4],
    ]);
  });

  test("is left as it is by a repair that it does not need", () => {
    const got = must(repairPsd({ matrix: unit, policy: "higham" }));
    expect(got).toMatchObject({ matrix: unit, repaired: false, distance: 0 });
    expect(got.smallest_eigenvalue_after).toBe(got.smallest_eigenvalue_before);
    const dead = {
      names: ["a", "b", "c", "d"],
      values: [
        [1, 0, 0.9, 0],
        [0, 1, 0.9, 0],
        [0.9, 0.9, 1, 0],
        [0, 0, 0, 0],
      ],
    };
    expect(codesOf(repairPsd({ matrix: dead, policy: "higham" }))).toEqual(["ZERO_VARIANCE"]);
    expect(codesOf(repairPsd({ matrix: unit, policy: "guess" as "higham" }))).toEqual(["PARAMETER_OUT_OF_RANGE"]);
  });
});

describe("what books are refused for", () => {
  test("observations with holes, without rows, or of other lengths", () => {
    const names = ["a", "b"];
    expect(
      codesOf(
        sampleCovariance({
          names,
          rows: [
            [1, 2],
            [3, Number.NaN],
          ],
        }),
      ),
    ).toEqual(["NOT_FINITE"]);
    expect(codesOf(sampleCovariance({ names, rows: [[1, 2]] }))).toEqual(["TOO_FEW_SCENARIOS"]);
    expect(codesOf(ledoitWolfCovariance({ names, rows: [[1, 2], [3]] }))).toEqual(["LENGTHS_DIFFER"]);
    expect(codesOf(ewmaCovariance({ names: ["a", "a"], rows: [[1, 2]], lambda: 1 }))).toEqual(["PARAMETER_OUT_OF_RANGE", "DUPLICATE_NAME"]);
    expect(codesOf(sampleCovariance({ names: [], rows: [[], []] }))).toEqual(["LENGTHS_DIFFER"]);
  });

  test("unknown and repeated names, numbers that are none, matrices that are none", () => {
    const twice = [...book.exposures, ...book.exposures];
    expect(codesOf(parametricVarComponents({ ...book, exposures: twice }))).toEqual(["DUPLICATE_NAME"]);
    expect(codesOf(parametricVarComponents({ ...book, exposures: [{ name: "z", amount: Number.NaN }] }))).toEqual([
      "NOT_FINITE",
      "UNKNOWN_NAME",
    ]);
    expect(codesOf(parametricVarComponents({ ...book, covariance: badInPairs }))).toEqual(["MATRIX_NOT_PSD"]);
    expect(codesOf(parametricVarComponents({ ...book, exposures: [{ name: "a", amount: 0 }] }))).toEqual(["ZERO_VARIANCE"]);
    expect(codesOf(parametricVarComponents({ ...book, exposures: [{ name: "a", amount: 1e200 }] }))).toEqual(["RESULT_OUT_OF_RANGE"]);
    expect(codesOf(parametricVarComponents({ ...book, confidence: "99%" }))).toEqual(["CONFIDENCE_INVALID"]);
  });

  test("gammas of factors that are not there, and tails without a name", () => {
    const gamma = { names: ["q"], values: [[1]] };
    expect(codesOf(deltaGammaTail({ ...book, gamma, tail: "normal" }))).toEqual(["UNKNOWN_NAME"]);
    expect(codesOf(monteCarloTail({ ...book, gamma }))).toEqual(["UNKNOWN_NAME"]);
    const none = { names: [], values: [] };
    expect(codesOf(deltaGammaTail({ ...book, gamma: none, tail: "fat" as "normal" }))).toEqual(["PARAMETER_OUT_OF_RANGE"]);
    expect(codesOf(deltaGammaTail({ ...book, exposures: [], gamma: none, tail: "normal" }))).toEqual(["ZERO_VARIANCE"]);
    expect(codesOf(monteCarloTail({ ...book, exposures: [], gamma: none }))).toEqual(["ZERO_VARIANCE"]);
  });

  test("positions without scenarios, of other lengths, or that are not there", () => {
    expect(codesOf(bookPnl([]))).toEqual(["TOO_FEW_SCENARIOS"]);
    expect(
      codesOf(
        bookPnl([
          { name: "a", pnl: [1, 2] },
          { name: "b", pnl: [1] },
        ]),
      ),
    ).toEqual(["LENGTHS_DIFFER"]);
    expect(
      codesOf(
        bookPnl([
          { name: "a", pnl: [1e308] },
          { name: "b", pnl: [1e308] },
        ]),
      ),
    ).toEqual(["RESULT_OUT_OF_RANGE"]);
    const positions = [{ name: "a", pnl: [1, 2, 3] }];
    expect(codesOf(incrementalRisk({ positions, confidence: "0.9", without: ["b"] }))).toEqual(["UNKNOWN_NAME"]);
  });

  test("contributions that do not add up", () => {
    expect(codesOf(eulerGap([1, 2], 3.0001))).toEqual(["EULER_CHECK_FAILED"]);
    expect(codesOf(eulerGap([1e9, -1e9 + 1], 1.5))).toEqual([]);
    expect(must(eulerGap([1, 2], 3))).toBe(0);
    // The k-th loss is a gain while its window loses: nothing can be scaled from one sign to the other.
    const positions = [{ name: "a", pnl: [-100, 1, 2, 3, 4, 5] }];
    expect(codesOf(varComponents({ positions, confidence: "0.7" }))).toEqual(["EULER_CHECK_FAILED"]);
  });

  test("stresses with names twice or numbers that are none, and shocks without an inverse", () => {
    const linear = { name: "a", kind: "linear", value: 1, move: 1 } as const;
    expect(codesOf(stressed([linear, linear]))).toEqual(["DUPLICATE_NAME"]);
    expect(codesOf(stressed([{ ...linear, move: Number.NaN }]))).toEqual(["NOT_FINITE"]);
    expect(codesOf(stressed([{ ...linear, value: 1e300, move: 1e300 }]))).toEqual(["RESULT_OUT_OF_RANGE"]);
    const singular = {
      names: ["a", "b"],
      values: [
        [1, 1],
        [1, 1],
      ],
    };
    const both = [
      { name: "a", move: 1 },
      { name: "b", move: 1 },
    ];
    expect(codesOf(conditionalShock({ covariance: singular, shocks: both }))).toEqual(["ZERO_VARIANCE"]);
    expect(codesOf(conditionalShock({ covariance: unit, shocks: [{ name: "z", move: 1 }] }))).toEqual(["UNKNOWN_NAME"]);
  });

  test("clusters of what is no correlation, and limits that are none", () => {
    const cut = { linkage: "single", cut_distance: 0.5 } as const;
    expect(
      codesOf(
        correlationClusters({
          ...cut,
          correlation: {
            names: ["a", "b"],
            values: [
              [1, 2],
              [2, 1],
            ],
          },
        }),
      ),
    ).toEqual(["MATRIX_NOT_CORRELATION"]);
    expect(codesOf(correlationClusters({ ...cut, correlation: { names: ["a"], values: [[2]] } }))).toEqual(["MATRIX_NOT_CORRELATION"]);
    expect(codesOf(correlationClusters({ correlation: unit, linkage: "ward" as "single", cut_distance: 2 }))).toEqual([
      "PARAMETER_OUT_OF_RANGE",
      "PARAMETER_OUT_OF_RANGE",
    ]);
    const limit = { id: "a", limit: "100", value: "1" };
    expect(codesOf(limitStates({ limits: [limit, limit], warn_at: "1.1" }))).toEqual(["DUPLICATE_NAME", "PARAMETER_OUT_OF_RANGE"]);
    expect(codesOf(limitStates({ limits: [{ ...limit, limit: "0", value: "x" }], warn_at: "0.8" }))).toHaveLength(2);
    expect(must(limitStates({ limits: [{ ...limit, value: null }], warn_at: "0.8" }))).toEqual([
      { id: "a", utilisation: null, status: "unknown" },
    ]);
  });
});
