import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { calcKey } from "../calc/identity.js";
import { riskMeasure, riskMeasures } from "./measure-registry.js";

const LOCKED = ["risk.es_historical@v1", "risk.var_historical@v1", "risk.var_parametric@v1"];
const pages = ["020-risk-measures-v2.md", "026-portfolio-risk.md", "031-risk-sessions-proved.md"].map((page) =>
  readFileSync(new URL(`../../../docs/adr/${page}`, import.meta.url), "utf8"),
);
const named = pages.flatMap((page) =>
  [...page.matchAll(/^\| `(risk\.[a-z_0-9]+)` \| (v\d+) \|/gm)].map(([, name, version]) => `${name}@${version}`),
);

describe("the registry of risk measures", () => {
  test("names nothing beyond version 1 that no accepted decision names, and the decision names nothing else", () => {
    for (const page of pages) expect(page).toMatch(/^Accepted,/m);
    const keys = riskMeasures.map(calcKey);
    expect(keys.filter((key) => !LOCKED.includes(key)).sort()).toEqual([...named].sort());
    expect(LOCKED.filter((key) => !keys.includes(key))).toEqual([]);
  });

  test("has one measure per name and version, in order, each found by them", () => {
    const keys = riskMeasures.map(calcKey);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toEqual([...keys].sort());
    for (const measure of riskMeasures) expect(riskMeasure(measure.calc_name, measure.calc_version)).toBe(measure);
    expect(riskMeasure("risk.var_historical", "v9")).toBeNull();
  });

  test("says of each what goes in, in which unit, and how exact it is", () => {
    for (const measure of riskMeasures) {
      expect(measure.calc_name).toMatch(/^risk(?:\.[a-z][a-z0-9_]*)+$/);
      expect(Object.keys(measure.inputs).length).toBeGreaterThan(0);
      for (const { meaning } of Object.values(measure.inputs)) expect(meaning).not.toBe("");
      expect([measure.title, measure.definition]).not.toContain("");
      expect(measure.error_budget).toBeGreaterThanOrEqual(0);
      expect(measure.error_budget).toBeLessThanOrEqual(1e-10);
    }
  });
});
