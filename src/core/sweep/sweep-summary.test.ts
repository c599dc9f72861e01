import { describe, expect, test } from "vitest";
import { gridOf, pointsOf } from "../../../test/support/sweep-points.js";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import { heatMapOf, transposed } from "./heat-map.js";
import { rankingBy, rankPoints } from "./rank-points.js";
import { neighboursOf, stabilityOf } from "./stability.js";
import { pointLine, readPointLine } from "./sweep-point.js";
import { summarise } from "./sweep-summary.js";
import { sweepTable } from "./sweep-table.js";

const SHARPE = { metric: "sharpe", goal: "max" } as const;

describe("ranking", () => {
  const grid = gridOf({ fast: [1, 2, 3, 4, 5] });

  test("puts the best first, equals in grid order, and leaves out points without the metric", () => {
    const points = pointsOf(grid, [1, 3, null, 3, -2]);
    expect(rankPoints(points, SHARPE).map(({ point }) => point)).toEqual([2, 4, 1, 5]);
    expect(rankPoints(points, { metric: "sharpe", goal: "min" }).map(({ point }) => point)).toEqual([5, 1, 2, 4]);
    expect(rankPoints(points, { metric: "calmar", goal: "max" })).toEqual([]);
  });

  test("compares money by its digits, not by the nearest double", () => {
    const points = pointsOf(grid, [1, 1, 1]).map((point, i) => ({
      ...point,
      metrics: { "ret.net_pnl": ["9007199254740993.1", "9007199254740993.2", "-1"][i] ?? "0" },
    }));
    expect(rankPoints(points, { metric: "ret.net_pnl", goal: "max" }).map(({ point }) => point)).toEqual([2, 1, 3]);
  });

  test("knows what is good: much return, little fall and cost; a stated goal wins", () => {
    const goalOf = (metric: string) => {
      const choice = rankingBy(metric);
      return choice.kind === "chosen" ? choice.ranking.goal : choice.kind;
    };
    expect(["sharpe", "ret.net_pnl", "dd.max", "vol.ann", "ex.cost", "ex.volume", "dd.recovery_ts"].map(goalOf)).toEqual([
      "max",
      "max",
      "min",
      "min",
      "min",
      "max",
      "invalid",
    ]);
    expect(rankingBy("dd.max", "max")).toEqual({ kind: "chosen", ranking: { metric: "dd.max", goal: "max" } });
    expect(rankingBy("sharp")).toMatchObject({ kind: "invalid", expected: "sharpe" });
  });
});

describe("stability", () => {
  //            slow: 20   30   40
  // fast 5           1.0  2.0  1.9
  // fast 6           0.5  1.8  null
  // fast 7           1.7  2.1  1.89
  const grid = gridOf({ fast: [5, 6, 7], slow: [20, 30, 40] });
  const points = pointsOf(grid, [1, 2, 1.9, 0.5, 1.8, null, 1.7, 2.1, 1.89]);
  const byNumber = new Map(points.map((point) => [point.point, point]));

  test("neighbours are the points around, diagonals included, inside the grid", () => {
    expect(neighboursOf(grid, 5)).toEqual([1, 2, 3, 4, 6, 7, 8, 9]);
    expect(neighboursOf(grid, 1)).toEqual([2, 4, 5]);
    expect(neighboursOf(grid, 8)).toEqual([4, 5, 6, 7, 9]);
  });

  test("words have no neighbours: only numbers step", () => {
    const mixed = gridOf({ fast: [5, 6], mode: ["long", "both"] });
    expect(neighboursOf(mixed, 1)).toEqual([3]);
    expect(neighboursOf(gridOf({ mode: ["long", "both"] }), 1)).toEqual([]);
  });

  test("counts neighbours that are not worse by more than a tenth; a failed or missing one is worse, a better one is near", () => {
    // A tenth below 2.1 is 1.89: of 0.5, 1.8, failed, 1.7 and 1.89 only the last is near.
    expect(stabilityOf(grid, byNumber, 8, SHARPE)).toEqual({ neighbours: [4, 5, 6, 7, 9], near: [9], share: 0.2 });
    // A tenth below 1.8 is 1.62.
    expect(stabilityOf(grid, byNumber, 5, SHARPE).near).toEqual([2, 3, 7, 8, 9]);
    expect(stabilityOf(grid, byNumber, 6, SHARPE)).toMatchObject({ near: [], share: null });
  });

  test("of a small goal or a negative best is measured by magnitude, too", () => {
    const line = gridOf({ fast: [1, 2, 3] });
    const of = (values: readonly number[], goal: "max" | "min") =>
      stabilityOf(line, new Map(pointsOf(line, values).map((point) => [point.point, point])), 2, { metric: "sharpe", goal }).near;
    expect(of([0.12, 0.1, 0.11], "min")).toEqual([3]);
    expect(of([-1.2, -1, -1.1], "max")).toEqual([3]);
  });

  test("goes into the summary with trials and counts", () => {
    const summary = summarise({ ...grid, periods_per_year: 252 }, points, SHARPE, 2);
    expect(summary).toMatchObject({
      ok: 8,
      failed: 1,
      over_budget: 2,
      best: { point: 8, params: { fast: 7, slow: 30 }, value: 2.1 },
      stability: { neighbours: 5, near: 1, share: 0.2 },
      trials: { count: 8 },
    });
    expect(summary.deflated_sharpe?.value).toBeGreaterThan(0.5);
    expect(summarise({ ...grid, periods_per_year: 252 }, [], SHARPE, 0)).toMatchObject({
      best: null,
      stability: null,
      deflated_sharpe: null,
      trials: { count: 0 },
    });
  });
});

describe("a heat map", () => {
  test("lies over the two parameters with most values, through the chosen point", () => {
    const grid = gridOf({ a: [1, 2], b: [1, 2, 3, 4], c: [1, 2, 3] });
    const points = pointsOf(
      grid,
      Array.from({ length: 24 }, (_, i) => (i === 3 ? null : i === 4 ? undefined : i)),
    );
    const map = heatMapOf(grid, points, SHARPE, 2);
    expect([map.rows.name, map.columns.name, map.held]).toEqual(["c", "b", { a: 1 }]);
    expect(map.columns.labels).toEqual(["1", "2", "3", "4"]);
    // Point 1 is a=1 b=1 c=1; c changes fastest.
    expect(map.cells.map((row) => row.map(({ point }) => point))).toEqual([
      [1, 4, 7, 10],
      [2, 5, 8, 11],
      [3, 6, 9, 12],
    ]);
    expect([map.cells[0]?.[1]?.state, map.cells[1]?.[1]?.state]).toEqual(["failed", "missing"]);
    expect(map).toMatchObject({ range: { low: 0, high: 11 }, n: 10, chosen: { point: 2, row: 1, column: 0, value: 1 } });
    const turned = transposed(map);
    expect([turned.rows.name, turned.cells[3]?.[2]?.point, turned.chosen?.row, turned.chosen?.column]).toEqual(["b", 12, 0, 1]);
    expect(transposed(turned)).toEqual(map);
  });

  test("of one parameter is one row", () => {
    const grid = gridOf({ fast: [1, 2, 3] });
    const map = heatMapOf(grid, pointsOf(grid, [1, 2, 3]), SHARPE, 3);
    expect([map.rows, map.cells.length, map.cells[0]?.length]).toEqual([{ name: "", labels: [""] }, 1, 3]);
  });
});

describe("a point's line", () => {
  const grid = gridOf({ fast: [1, 2] });
  const [point] = pointsOf(grid, [1.5]);
  if (point === undefined) throw new Error("no point");
  const line = pointLine(point, sha256);

  test("reads back, and is plain JSON", () => {
    expect(readPointLine(line, sha256)).toMatchObject({ ...point, params: { fast: 1 } });
    expect(JSON.parse(line)).toMatchObject({ ...point, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  test("that was cut or changed anywhere is not read", () => {
    for (let at = 0; at < line.length; at++) {
      expect(readPointLine(line.slice(0, at), sha256)).toBeNull();
      expect(readPointLine(`${line.slice(0, at)}\u0001${line.slice(at + 1)}`, sha256)).toBeNull();
    }
  });
});

test("the table has a row for every point of the grid, with a column a parameter and a metric", () => {
  const grid = gridOf({ fast: [1, 2, 3], mode: ["long", "both"] });
  const { schema, rows } = sweepTable(grid, pointsOf(grid, [1, 2, null]));
  expect(Object.keys(schema.columns).slice(0, 4)).toEqual(["point", "param.fast", "param.mode", "status"]);
  expect(Object.keys(schema.columns).slice(-2)).toEqual(["ret.net_pnl", "sharpe"]);
  expect([schema.columns["ret.net_pnl"]?.type, schema.columns["sharpe"]?.type, schema.columns["param.fast"]?.type]).toEqual([
    "decimal",
    "float64",
    "float64",
  ]);
  expect(rows.map((row) => [row["point"], row["param.fast"], row["param.mode"], row["status"], row["sharpe"] ?? null])).toEqual([
    [1, 1, "long", "ok", 1],
    [2, 1, "both", "ok", 2],
    [3, 2, "long", "failed", null],
    [4, 2, "both", "over_budget", null],
    [5, 3, "long", "over_budget", null],
    [6, 3, "both", "over_budget", null],
  ]);
});
