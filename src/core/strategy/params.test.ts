import { describe, expect, expectTypeOf, test } from "vitest";
import { boolean, choice, decimal, int, number, text } from "./param-builders.js";
import type { ParamSchema, ParamValues } from "./params.js";
import { resolveParams } from "./resolve-params.js";

const schemas = {
  fast: int({ default: 10, min: 1, max: 500, description: "bars of the fast average" }),
  threshold: number({ default: 0.5, min: 0 }),
  size: decimal({ default: "0.001", min: "0", max: "10" }),
  shorts: boolean({ default: true }),
  side: choice({ options: ["both", "long", "short"], default: "both" }),
  label: text({ default: "", maxLength: 5 }),
};

describe("parameters", () => {
  test("carry their TypeScript types into the values", () => {
    expectTypeOf<ParamValues<typeof schemas>>().toEqualTypeOf<{
      readonly fast: number;
      readonly threshold: number;
      readonly size: string;
      readonly shorts: boolean;
      readonly side: "both" | "long" | "short";
      readonly label: string;
    }>();
  });

  test.each<[string, ParamSchema<number | string | boolean>, readonly unknown[], readonly unknown[]]>([
    ["int", schemas.fast, [1, 10, 500], [0, 501, 1.5, "10", Number.NaN, 2 ** 60, null, true, undefined]],
    ["number", schemas.threshold, [0, 0.25, 1e300], [-0.001, Number.NaN, Number.POSITIVE_INFINITY, "1", null]],
    [
      "decimal",
      schemas.size,
      ["0", "0.001", "10", "10.000", "00.5"],
      ["-0.1", "10.000000000000000001", "1e3", ".5", "5.", "", "NaN", 1, null],
    ],
    ["boolean", schemas.shorts, [true, false], ["true", 1, 0, null]],
    ["choice", schemas.side, ["both", "short"], ["Both", "", 0, null]],
    ["text", schemas.label, ["", "abcde"], ["abcdef", 5, null]],
  ])("%s takes what it should and nothing else", (_kind, schema, good, bad) => {
    for (const value of good) expect(schema.check(value), String(value)).toBeNull();
    for (const value of bad) expect(schema.check(value), String(value)).not.toBeNull();
  });

  test("say what they expect, bounds included", () => {
    expect(schemas.fast.check(0)).toBe("a whole number from 1 to 500");
    expect(schemas.threshold.check(-1)).toBe("a finite number of at least 0");
    expect(int({ default: 1, max: 3 }).check(4)).toBe("a whole number of at most 3");
    expect(schemas.side.check("up")).toBe("one of both, long, short");
    expect(schemas.size.check("x")).toBe('decimal text such as "0.5" from 0 to 10');
  });

  test("bounds that no value can meet fail every value, the default included", () => {
    expect(int({ default: 5, min: 10, max: 1 }).check(5)).not.toBeNull();
    expect(decimal({ default: "5", min: "ten" }).check("5")).not.toBeNull();
  });
});

describe("resolving parameters", () => {
  test("given values win over defaults, the result is frozen and ordered by name", () => {
    const resolved = resolveParams(schemas, { slow: 0, fast: 12, side: "long" } as never);
    expect(resolved.kind).toBe("invalid");
    const fine = resolveParams(schemas, { side: "long", fast: 12 });
    if (fine.kind !== "resolved") throw new Error("expected values");
    expect(JSON.stringify(fine.values)).toBe('{"fast":12,"label":"","shorts":true,"side":"long","size":"0.001","threshold":0.5}');
    expect(Object.isFrozen(fine.values)).toBe(true);
  });

  test("every fault is reported, unknown names with the nearest known one", () => {
    const resolved = resolveParams(schemas, { fasst: 5, fast: 0, size: "-1", zzz: 1 });
    if (resolved.kind !== "invalid") throw new Error("expected violations");
    expect(resolved.violations.map(({ code, field }) => [code, field])).toEqual([
      ["PARAM_UNKNOWN", "/params/fasst"],
      ["PARAM_UNKNOWN", "/params/zzz"],
      ["PARAM_INVALID", "/params/fast"],
      ["PARAM_INVALID", "/params/size"],
    ]);
    expect(resolved.violations[0]?.message).toBe('the strategy has no parameter "fasst"; did you mean fast?');
    expect(resolved.violations[1]?.message).toContain("fast, threshold, size, shorts, side, label");
    expect(resolved.violations[2]).toMatchObject({ value: "0", expected: "a whole number from 1 to 500" });
  });

  test("names that every object inherits are not parameters", () => {
    expect(resolveParams(schemas, { toString: 1 }).kind).toBe("invalid");
    expect(resolveParams({}, { constructor: 1 }).kind).toBe("invalid");
  });
});
