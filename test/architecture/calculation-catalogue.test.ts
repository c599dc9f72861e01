/** Every computed number of the product is an entry of the registry, under the registry's invariants, with checks that say yes and no. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  CalcRegistry,
  CalcRegistryRefused,
  type CalcViolationCode,
  calcViolations,
  tablePrefix,
} from "../../src/core/calc/calc-registry.js";
import type { CalcEntry } from "../../src/core/calc/calculation.js";
import { checkFigures, FigureCheckFailed, figuresOf } from "../../src/core/calc/figures.js";
import { FINRA_CALCULATIONS } from "../../src/core/calc/finra-otc/finra-registry.js";
import { calcKey } from "../../src/core/calc/identity.js";
import { type Mounting, mounted } from "../../src/core/calc/mounted-calculation.js";
import { CHECK_CODES } from "../../src/core/gate/check-codes.js";
import { provenMetrics } from "../../src/core/metrics/metric-calculations.js";
import { metricCards, tableCards } from "../../src/core/metrics/metric-cards.js";
import { type RunMetrics, runMetrics } from "../../src/core/metrics/run-metrics.js";
import { artifactTables, curveTable } from "../../src/core/projections/artifact-tables.js";
import { qualityCalculationOf } from "../../src/core/quality/quality-calculations.js";
import { riskMeasures } from "../../src/core/risk/measure-registry.js";
import { PRICERS } from "../../src/core/risk/pricing/pricers.js";
import { calculationCatalogue, isMounted, MOUNTED_CALCULATIONS } from "../../src/usecases/calculation-catalogue.js";
import { measureExamples } from "../support/risk-measure-examples.js";
import { generatedYears } from "../support/run-measures.js";

const catalogue = calculationCatalogue();
const find = (name: string): CalcEntry => {
  const found = catalogue.get(name);
  if (found.kind === "unknown") throw new Error(`${name} is no calculation of the product: ${found.violation.message}`);
  return found.value;
};

describe("the product's registry", () => {
  test("holds the seven invariants, name by name", () => {
    expect(calcViolations(catalogue.entries)).toEqual([]);
    for (const entry of catalogue.entries) {
      expect(entry.versions.length, entry.calc_name).toBeGreaterThan(0);
      expect(entry.versions).toContain(entry.current);
      expect(entry.deprecated).not.toContain(entry.current);
      expect(entry.business_keys.length, entry.calc_name).toBeGreaterThan(0);
      expect(entry.table.startsWith(tablePrefix(entry.domain)), entry.table).toBe(true);
      expect(entry.checks.length, entry.calc_name).toBeGreaterThan(0);
      expect(entry.description, entry.calc_name).not.toBe("");
    }
  });

  test("refuses each broken invariant of each of its groups", () => {
    const changes: readonly (readonly [CalcViolationCode, Partial<CalcEntry>])[] = [
      ["CURRENT_NOT_LISTED", { current: "v99" }],
      ["NO_VERSIONS", { versions: [] }],
      ["NO_BUSINESS_KEYS", { business_keys: [] }],
      ["DEPRECATED_NOT_LISTED", { deprecated: ["v99"] }],
      ["TABLE_PREFIX", { table: "elsewhere_rows" }],
      ["NO_QUALITY_CHECK", { checks: [] }],
    ];
    const groups = new Map(catalogue.entries.map((entry) => [entry.domain, entry]));
    expect([...groups.keys()].sort()).toEqual(
      ["bars", "core", "finra.otc_transparency", "gate", "indicator", "perf", "pricing", "risk", "run", "sheet", "sizing", "sweep"].sort(),
    );
    for (const entry of groups.values()) {
      for (const [code, change] of changes) expect(calcViolations([{ ...entry, ...change }]).map((one) => one.code)).toContain(code);
      expect(calcViolations([{ ...entry, deprecated: [entry.current] }]).map((one) => one.code)).toContain("CURRENT_DEPRECATED");
      expect(() => new CalcRegistry([entry, entry])).toThrow(CalcRegistryRefused);
    }
    const tails = find("risk.var_historical");
    expect(calcViolations([{ ...tails, versions: [...tails.versions].reverse() }]).map((one) => one.code)).toContain(
      "VERSIONS_OUT_OF_ORDER",
    );
  });

  test("is refused when the program starts, before anything is computed, for a mounted calculation without a check", () => {
    const declaration: Mounting = {
      calc_name: "perf.luck",
      domain: "perf",
      description: "Luck",
      table: "perf_metrics",
      business_keys: ["run_id"],
      implementations: { v1: () => 1, v2: () => 2 },
      checks: [],
      runs_in: "nowhere",
    };
    expect(() => mounted([declaration])).toThrow("no quality check is registered with it");
    const checks = [{ name: "any", check: () => [] }];
    expect(() => mounted([{ ...declaration, checks }])).toThrow("no version is chosen as current, of v1, v2");
    expect(mounted([{ ...declaration, checks, current: "v1" }])[0]?.versions).toEqual(["v1", "v2"]);
  });
});

describe("every computed number is in it", () => {
  test("metrics and tables of a run, under their version", () => {
    for (const { calc } of [...metricCards(), ...tableCards()]) expect(find(calc.calc_name).versions).toContain(calc.calc_version);
    for (const { name } of [...artifactTables, curveTable]) expect(find(`run.${name}`).current).toBe("v1");
  });

  test("measures of risk, with a current version that a decision chose where there are several", () => {
    for (const { calc_name, calc_version } of riskMeasures) expect(find(calc_name).versions).toContain(calc_version);
    expect([find("risk.var_historical").current, find("risk.es_historical").current]).toEqual(["v2", "v2"]);
  });

  test("pricers, under the version that their numbers carry", () => {
    for (const [name, version] of Object.entries(PRICERS)) expect(find(name).current).toBe(version);
  });

  test("measures and pricers beyond version 1 that an accepted decision names, and no others", () => {
    const pages = join(import.meta.dirname, "../../docs/adr");
    const accepted = readdirSync(pages)
      .map((page) => readFileSync(join(pages, page), "utf8"))
      .filter((text) => /^Accepted,/m.test(text));
    const named = accepted.flatMap((text) =>
      [...text.matchAll(/^\| `([a-z][a-z0-9_.]+)` \| (v[0-9]+) \|/gm)].map(([, name, version]) => `${name}@${version}`),
    );
    const locked = ["risk.es_historical@v1", "risk.var_historical@v1", "risk.var_parametric@v1"];
    const registered = catalogue.entries
      .filter(({ domain }) => domain === "risk" || domain === "pricing")
      .flatMap(({ calc_name, versions }) => versions.map((calc_version) => `${calc_name}@${calc_version}`));
    expect(registered.length).toBeGreaterThan(50);
    expect(registered.filter((key) => !locked.includes(key) && !named.includes(key))).toEqual([]);
  });

  test("what the gate measures, check by check", () => {
    for (const code of CHECK_CODES) expect(find(`gate.${code.toLowerCase()}`).checks.length).toBeGreaterThan(0);
  });

  test("every check of data, those that other calculations are registered with included", () => {
    const named = sourceFiles().flatMap((text) => [...text.matchAll(/\bcheck: "([a-z0-9_]+)",\s+category/g)].map(([, name]) => name ?? ""));
    const own = FINRA_CALCULATIONS.flatMap(({ checks }) => checks.map(({ name }) => name));
    expect(named.length).toBeGreaterThan(10);
    const anomalies = ["late_arrival", "calendar_corrected"];
    const missing = [...new Set([...named, ...own])].filter((name) => !anomalies.includes(name) && qualityCalculationOf(name) === null);
    expect(missing).toEqual([]);
  });

  test("every identity that the source writes out", () => {
    const written = sourceFiles().flatMap((text) =>
      [...text.matchAll(/calc_name: "([a-z0-9_.]+)", calc_version: "(v[0-9]+)"/g)].map(
        ([, name, version]) => [name ?? "", version ?? ""] as const,
      ),
    );
    expect(written.length).toBeGreaterThan(3);
    for (const [name, version] of written) expect(find(name).versions, name).toContain(version);
  });
});

describe("the checks of mounted calculations", () => {
  test("pass for a whole run, and stop one whose numbers cannot be", () => {
    const run = runMetrics(generatedYears());
    expect(provenMetrics(run)).toBe(run);
    const broken = (id: string, change: object): RunMetrics => ({
      ...run,
      metrics: { ...run.metrics, [id]: { ...run.metrics[id], ...change } as RunMetrics["metrics"][string] },
    });
    expect(() => provenMetrics(broken("trades", { value: -1 }))).toThrow(FigureCheckFailed);
    expect(() => provenMetrics(broken("sharpe", { value: Number.NaN }))).toThrow("finite_figures");
    expect(() => provenMetrics(broken("sharpe", { value: null }))).toThrow("value_or_reason");
    expect(() => provenMetrics(broken("psr", { value: 1.5 }))).toThrow("unit_interval_value");
  });

  test("pass for every measure of risk on its example, and fail on a number that is none", () => {
    for (const measure of riskMeasures) {
      const entry = find(measure.calc_name);
      if (!isMounted(entry)) throw new Error(`${measure.calc_name} is mounted`);
      const outcome = measure.compute(measureExamples[calcKey(measure)] as never);
      if (!outcome.ok) throw new Error(calcKey(measure));
      const results = checkFigures(entry.checks, figuresOf(outcome.value), { subject: "example", version: measure.calc_version });
      expect(
        results.filter(({ status }) => status === "FAIL"),
        calcKey(measure),
      ).toEqual([]);
      const broken = checkFigures(entry.checks, figuresOf({ worst: Number.NaN }), { subject: "example", version: measure.calc_version });
      expect(broken.some(({ status }) => status === "FAIL")).toBe(true);
    }
  });

  test("hold shares, fractions and sizes of a measure of risk to what they are", () => {
    const failing = (calc: string, figures: object): readonly string[] => {
      const entry = find(calc);
      if (!isMounted(entry)) throw new Error(`${calc} is mounted`);
      const results = checkFigures(entry.checks, figuresOf(figures), { subject: "broken", version: entry.current });
      return results.filter(({ status }) => status === "FAIL").map(({ check }) => check);
    };
    const parts = (...shares: readonly number[]) => ({ contributions: shares.map((share) => ({ share })) });
    expect(failing("risk.var_component", parts(0.7, 0.4, -0.1))).toEqual([]);
    expect(failing("risk.var_component", parts(0.7, 0.4))).toEqual(["shares_sum_to_one"]);
    expect(failing("risk.es_historical", { scenarios: [{ weight: 1.2 }] })).toEqual(["unit_interval_weight"]);
    expect(failing("risk.backtest_kupiec", { exceptions: -1, p_value: 2 })).toEqual(["non_negative_exceptions", "unit_interval_p_value"]);
    expect(failing("risk.exposures", { gross_value: -1, net_value: -1 })).toEqual(["non_negative_gross_value"]);
    expect(failing("risk.concentration", { ranked: [{ share: 0.5 }], herfindahl: 1.1 })).toEqual([
      "shares_sum_to_one",
      "unit_interval_herfindahl",
    ]);
  });

  test("refuse a broken figure each, whatever the calculation", () => {
    for (const { calc_name, checks } of MOUNTED_CALCULATIONS) {
      const results = checkFigures(checks, [{ figure: "any", value: Number.POSITIVE_INFINITY, state: "ok", reason: null }], {
        subject: "x",
        version: "v1",
      });
      expect(
        results.some(({ status }) => status === "FAIL"),
        calc_name,
      ).toBe(true);
    }
  });
});

function sourceFiles(folder: string = join(import.meta.dirname, "../../src")): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts"))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
}
