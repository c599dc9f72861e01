import { expect, test } from "vitest";
import { gridOf, pointsOf } from "../../../test/support/sweep-points.js";
import { heatMapOf } from "../../core/sweep/heat-map.js";
import { renderHeatMap } from "./heat-map.js";
import { makeStyle } from "./style.js";

const SHARPE = { metric: "sharpe", goal: "max" } as const;
const plain = makeStyle(false);
const number = (value: number): string => value.toFixed(1);

test("cells hold a shade and a number, the best point stands in brackets, a failed one is an x, a missing one a dot", () => {
  const grid = gridOf({ fast: [5, 6, 7], slow: [20, 30] });
  const map = heatMapOf(grid, pointsOf(grid, [0, 4, 2, null, 3]), SHARPE, 2);
  expect(renderHeatMap(map, { width: 80, style: plain, number })).toBe(
    [
      "      fast",
      "slow      5      6      7 ",
      "  20    0.0  \u2592 2.0  \u2593 3.0",
      "  30 [\u2588 4.0]     x      .",
      "sharpe of 4 points,  \u2591\u2592\u2593\u2588 from 0.0 to 4.0",
      "[ ] the best point",
      "",
    ].join("\n"),
  );
});

test("no line is wider than the terminal, however large the grid", () => {
  const values = Array.from({ length: 41 }, (_, i) => i + 20);
  const grid = gridOf({ fast: values.slice(0, 16), slow: values });
  const map = heatMapOf(
    grid,
    pointsOf(
      grid,
      Array.from({ length: 656 }, (_, i) => i / 10),
    ),
    SHARPE,
    656,
  );
  for (const width of [40, 80, 120, 300]) {
    const text = renderHeatMap(map, { width, style: plain, number });
    for (const line of text.split("\n").filter((each) => !each.startsWith("sharpe"))) expect(line.length).toBeLessThanOrEqual(width);
    expect(text).toContain("[");
  }
  expect(renderHeatMap(map, { width: 80, style: plain, number })).toContain("digits are tenths of that way, 9 the best");
  expect(renderHeatMap(map, { width: 40, style: plain, number })).toContain("columns; heat-map.html has all");
});

test("turns the map where that lets its numbers fit", () => {
  const grid = gridOf({ fast: [1, 2, 3], slow: Array.from({ length: 30 }, (_, i) => i) });
  const map = heatMapOf(
    grid,
    pointsOf(
      grid,
      Array.from({ length: 90 }, (_, i) => i),
    ),
    SHARPE,
    90,
  );
  expect(map.columns.labels).toHaveLength(30);
  const text = renderHeatMap(map, { width: 60, style: plain, number });
  expect(text.split("\n")).toHaveLength(2 + 30 + 2 + 1);
  expect(text).not.toContain("digits");
});

test("colours add nothing that is not there without them", () => {
  const grid = gridOf({ fast: [5, 6, 7] });
  const map = heatMapOf(grid, pointsOf(grid, [0, 4, 2]), SHARPE, 2);
  const coloured = renderHeatMap(map, { width: 80, style: makeStyle(true), number });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the codes of a terminal begin with one.
  expect(coloured.replace(/\u001b\[[0-9;]*m/g, "")).toBe(renderHeatMap(map, { width: 80, style: plain, number }));
  expect(coloured).toContain("\u001b[");
});

test("says so where no point has a value", () => {
  const grid = gridOf({ fast: [5, 6] });
  expect(renderHeatMap(heatMapOf(grid, [], SHARPE, null), { width: 80, style: plain, number })).toContain("no point has a value of sharpe");
});
