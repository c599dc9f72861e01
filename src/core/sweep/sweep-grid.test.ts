import { describe, expect, test } from "vitest";
import { boolean, choice, decimal, int, number, text } from "../strategy/param-builders.js";
import type { StatedAxis } from "./axis-values.js";
import { findPoint, paramsAt, placesOf, pointAt, resolveGrid, type SweepGrid } from "./sweep-grid.js";

const schemas = {
  fast: int({ default: 10, min: 1, max: 500 }),
  slow: int({ default: 20, min: 2 }),
  band: number({ default: 0.5 }),
  size: decimal({ default: "0.001", min: "0" }),
  mode: choice({ options: ["long", "short", "both"], default: "both" }),
  exits: boolean({ default: true }),
  label: text({ default: "" }),
};

const axis = (stated: string): StatedAxis => {
  const [name = "", values = ""] = stated.split("=");
  return { name, items: values.split(","), field: "--grid" };
};

function gridOf(...stated: readonly string[]): SweepGrid {
  const resolved = resolveGrid(stated.map(axis), schemas, 10_000);
  if (resolved.kind === "invalid") throw new Error(JSON.stringify(resolved.violations));
  return resolved.grid;
}

function faultsOf(stated: readonly string[], limit: number = 10_000): readonly (readonly [string, string])[] {
  const resolved = resolveGrid(stated.map(axis), schemas, limit);
  return resolved.kind === "invalid" ? resolved.violations.map(({ code, message }) => [code, message] as const) : [];
}

describe("values of a parameter", () => {
  test.each<[string, readonly unknown[]]>([
    ["fast=5..9", [5, 6, 7, 8, 9]],
    ["fast=5..20:5", [5, 10, 15, 20]],
    ["fast=5..20:4", [5, 9, 13, 17]],
    ["fast=7", [7]],
    ["fast=7..7", [7]],
    ["fast=20..5:-5", [5, 10, 15, 20]],
    ["fast=30,10,20", [10, 20, 30]],
    ["fast=1..3,10,20..40:10", [1, 2, 3, 10, 20, 30, 40]],
    ["band=0.1..0.5:0.1", [0.1, 0.2, 0.3, 0.4, 0.5]],
    ["band=-1..1:0.5", [-1, -0.5, 0, 0.5, 1]],
    ["size=0.1..0.5:0.1", ["0.1", "0.2", "0.3", "0.4", "0.5"]],
    ["size=0.10,2,0.050", ["0.05", "0.1", "2"]],
    ["mode=long,both", ["long", "both"]],
    ["exits=true,false", [true, false]],
    ["label=5..9", ["5..9"]],
  ])("%s", (stated, values) => {
    expect(gridOf(stated).axes[0]?.values).toEqual(values);
  });

  test("of a fine decimal range are exact: a thousand steps of 0.001 end at 1", () => {
    const values = gridOf("size=0.001..1:0.001").axes[0]?.values ?? [];
    expect([values.length, values[2], values.at(-1)]).toEqual([1000, "0.003", "1"]);
  });
});

describe("a grid", () => {
  test("numbers its points from 1 with the last parameter fastest, whatever the order of its statement", () => {
    const grid = gridOf("slow=20,30,40", "fast=5,6");
    expect(grid.points).toBe(6);
    expect(Array.from({ length: 6 }, (_, i) => paramsAt(grid, i + 1))).toEqual([
      { fast: 5, slow: 20 },
      { fast: 5, slow: 30 },
      { fast: 5, slow: 40 },
      { fast: 6, slow: 20 },
      { fast: 6, slow: 30 },
      { fast: 6, slow: 40 },
    ]);
    expect(gridOf("fast=5,6", "slow=20,30,40")).toEqual(grid);
    expect(() => paramsAt(grid, 0)).toThrow(RangeError);
    expect(() => paramsAt(grid, 7)).toThrow(RangeError);
  });

  test("finds a point by its places, and nothing outside", () => {
    const grid = gridOf("fast=5..7", "slow=20,30", "exits=true,false");
    for (let point = 1; point <= grid.points; point++) expect(pointAt(grid, placesOf(grid, point))).toBe(point);
    expect(pointAt(grid, [0, 0, 2])).toBeNull();
    expect(pointAt(grid, [-1, 0, 0])).toBeNull();
  });

  test("finds a point by number or by all its parameters", () => {
    const grid = gridOf("fast=5..7", "size=0.1,0.2", "mode=long,both");
    expect(findPoint(grid, "12")).toEqual({ kind: "found", point: 12 });
    expect(findPoint(grid, "fast=6,mode=both,size=0.20")).toEqual({ kind: "found", point: 8 });
    expect(paramsAt(grid, 8)).toEqual({ fast: 6, mode: "both", size: "0.2" });
    expect(findPoint(grid, "13")).toMatchObject({ kind: "invalid", expected: "1 to 12" });
    expect(findPoint(grid, "0")).toMatchObject({ kind: "invalid" });
    expect(findPoint(grid, "fast=6")).toMatchObject({ message: "a value for mode is missing" });
    expect(findPoint(grid, "fast=60,mode=both,size=0.2")).toMatchObject({
      message: "fast=60 is not in the grid",
      expected: "one of 5, 6, 7",
    });
    expect(findPoint(grid, "best of all")).toMatchObject({ kind: "invalid" });
  });
});

describe("a grid is refused", () => {
  test.each<[string, readonly string[], readonly (readonly [string, string])[]]>([
    ["without parameters", [], [["GRID_EMPTY", "the grid is empty: no parameter is swept"]]],
    ["without values", ["fast="], [["GRID_EMPTY", "fast: a value is empty"]]],
    ["with an empty value", ["fast=1,,2"], [["GRID_EMPTY", "fast: a value is empty"]]],
    ["that never ends", ["fast=5..20:0"], [["GRID_ENDLESS", "fast: 5..20:0 never ends: its step is 0"]]],
    ["whose step leads away", ["fast=5..20:-1"], [["GRID_ENDLESS", "fast: 5..20:-1 never ends: its step leads away from its end"]]],
    ["that runs backwards", ["fast=20..5"], [["GRID_ENDLESS", "fast: 20..5 counts up, but its end lies below its start"]]],
    ["with a fraction and no step", ["band=0.1..0.5"], [["GRID_STEP_MISSING", "band: 0.1..0.5 has a fraction and no step"]]],
    ["with a mistyped range", ["fast=5...9"], [["GRID_SYNTAX", "fast: 5...9 is no range"]]],
    ["with a parameter twice", ["fast=1,2", "fast=3"], [["GRID_REPEATED", 'the parameter "fast" is in the grid twice']]],
    ["with a value twice", ["fast=5..7,6"], [["GRID_VALUE_REPEATED", "fast: the value 6 is there twice"]]],
    ["with an unknown parameter", ["fsat=1"], [["PARAM_UNKNOWN", 'the strategy has no parameter "fsat"; did you mean fast?']]],
    [
      "with values that do not fit",
      ["fast=0..9:0.5"],
      [["PARAM_INVALID", "fast: 10 of 19 values do not fit, the first is 0; expected a whole number from 1 to 500"]],
    ],
    ["with a word that does not fit", ["mode=log"], [["PARAM_INVALID", "mode: log does not fit; expected one of long, short, both"]]],
    ["with a number written as a word", ["fast=ten"], [["PARAM_INVALID", "fast: ten does not fit; expected a whole number from 1 to 500"]]],
  ])("%s", (_, stated, faults) => {
    expect(faultsOf(stated)).toEqual(faults);
  });

  test("with more points than the limit, before they are made", () => {
    expect(faultsOf(["slow=2..1000000000000"])).toEqual([["GRID_TOO_LARGE", "slow: 2..1000000000000 has 999999999999 values"]]);
    expect(faultsOf(["fast=1..100", "slow=2..102"])).toEqual([
      ["GRID_TOO_LARGE", "the grid has 10100 points (100 of fast x 101 of slow), more than the limit of 10000"],
    ]);
    expect(faultsOf(["fast=1..100", "slow=2..102"], 10_100)).toEqual([]);
  });

  test("with every fault at once", () => {
    expect(faultsOf(["fast=5..20:0", "fsat=1", "mode=log"]).map(([code]) => code)).toEqual([
      "GRID_ENDLESS",
      "PARAM_UNKNOWN",
      "PARAM_INVALID",
    ]);
  });
});
