import { expect, test } from "vitest";
import { overrideParams } from "./override-params.js";
import { boolean, choice, decimal, int, number } from "./param-builders.js";

const schemas = {
  fast: int({ default: 10, min: 1 }),
  band: number({ default: 0.5 }),
  size: decimal({ default: "1" }),
  exits: boolean({ default: true }),
  mode: choice({ options: ["long", "both"], default: "both" }),
};

const stated = (...texts: readonly string[]) => texts.map((each) => ({ name: each.split("=")[0] ?? "", text: each.split("=")[1] ?? "" }));

test("flags win over the config, each read as its parameter's kind", () => {
  const resolved = overrideParams(
    schemas,
    { fast: 3, mode: "both" },
    stated("fast=07", "band=0.10", "size=2.50", "exits=false", "mode=long"),
  );
  expect(resolved).toEqual({ kind: "resolved", values: { band: 0.1, exits: false, fast: 7, mode: "long", size: "2.5" } });
});

test("faults of flags name the flag, faults of the config their place; all are told", () => {
  const resolved = overrideParams(schemas, { band: "wide" }, stated("fast=1.5", "fats=1", "mode=both", "mode=long", "exits=yes"));
  if (resolved.kind !== "invalid") throw new Error("not refused");
  expect(resolved.violations.map(({ code, field, value }) => [code, field, value])).toEqual([
    ["PARAM_REPEATED", "--param", "long"],
    ["PARAM_UNKNOWN", "--param", '"1"'],
    ["PARAM_INVALID", "/params/band", '"wide"'],
    ["PARAM_INVALID", "--param", '"yes"'],
    ["PARAM_INVALID", "--param", "1.5"],
  ]);
});
