import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonDifferences } from "./json-difference.js";

describe("the differences of two JSON values", () => {
  test("are named by pointer with both values, in order of keys and indices", () => {
    const left = { qty: "10", terms: { tif: "DAY" }, legs: [1, 2, 3] };
    const right = { qty: "11", terms: { tif: "GTC" }, legs: [1, 5] };
    expect(jsonDifferences(left, right)).toEqual([
      { path: "/legs/1", left: 2, right: 5 },
      { path: "/legs/2", left: 3 },
      { path: "/qty", left: "10", right: "11" },
      { path: "/terms/tif", left: "DAY", right: "GTC" },
    ]);
  });

  test("tell a missing key from null, and escape what a pointer reserves", () => {
    expect(jsonDifferences({ "a/b": null }, { "m~n": null })).toEqual([
      { path: "/a~1b", left: null },
      { path: "/m~0n", right: null },
    ]);
    expect(jsonDifferences({}, { constructor: 1 })).toStrictEqual([{ path: "/constructor", right: 1 }]);
    expect(jsonDifferences({ a: 1 }, {})).toStrictEqual([{ path: "/a", left: 1 }]);
  });

  test("stop where the kinds differ: a list is not compared with an object key by key", () => {
    expect(jsonDifferences({ a: [1] }, { a: { 0: 1 } })).toEqual([{ path: "/a", left: [1], right: { 0: 1 } }]);
    expect(jsonDifferences(1, "1")).toEqual([{ path: "", left: 1, right: "1" }]);
  });

  test("are none exactly where two values have the same text", () => {
    const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as never);
    void fc.assert(
      fc.property(json, json, (one, other) => {
        expect(jsonDifferences(one, one)).toEqual([]);
        expect(jsonDifferences(one, other).length === 0).toBe(sorted(one) === sorted(other));
      }),
    );
  });
});

/** The text of a value with its keys in order. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
