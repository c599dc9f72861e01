import { beforeAll, describe, expect, test } from "vitest";
import { sampleReport } from "../../../../test/support/risk-report-fixture.js";
import { sha256 } from "../../../adapters/node-hash/sha256.js";
import { correlationMap } from "./correlation-map.js";
import type { RiskReport } from "./risk-report.js";

describe("the report of the sample", () => {
  let usual: RiskReport;
  beforeAll(async () => {
    usual = await sampleReport("usual");
  });

  test("explains a change in four steps that add up to it, and a doubled position is the largest of them", () => {
    for (const line of usual.change?.lines ?? []) {
      const steps = line.positions + line.market + line.window + line.model;
      expect(line.before + steps).toBeCloseTo(line.now, 6);
      const recorded = usual.figures.find((figure) => figure.of_record && figure.measure === line.measure);
      expect(line.now).toBe(recorded?.value);
      expect(Math.abs(line.positions)).toBeGreaterThan(Math.abs(line.market));
      expect(line.model).toBe(0);
    }
    expect(usual.change?.lines).toHaveLength(2);
  });

  test("says what a year of its backtest was, what it would take to lose twice the ES, and what leaving costs", () => {
    const pnl = usual.backtest.result?.periods.slice(-250).map((period) => period.pnl) ?? [];
    const line = usual.history.find(({ series }) => series === "pnl");
    expect([line?.maximum, line?.minimum, line?.end]).toEqual([Math.max(...pnl), Math.min(...pnl), pnl.at(-1)]);
    const es = usual.figures.find((figure) => figure.of_record && figure.measure === "es")?.value ?? 0;
    expect(usual.reverse_stress.loss).toBe(2 * es);
    expect(usual.reverse_stress.directions.find(({ direction }) => direction === "spots_fall")?.result?.move).toBeGreaterThan(0);
    const risk = usual.figures.find((figure) => figure.of_record && figure.measure === "var")?.value ?? 0;
    expect(usual.liquidity.adjusted_var).toBeCloseTo(risk + (usual.liquidity.result?.exit_cost ?? 0), 9);
  });

  test("flags exceptions without a cause, and takes a remark that begins with the day of one as its cause", () => {
    const exceptions = usual.backtest.result?.exceptions ?? [];
    expect(exceptions).toContain("2026-01-29");
    expect(usual.notes.find(({ code }) => code === "EXCEPTION_CAUSE")?.text).toMatch(/^2026-01-29/);
    const flagged = usual.notes.find(({ code }) => code === "EXCEPTION_WITHOUT_CAUSE")?.text ?? "";
    expect(exceptions.filter((day) => flagged.includes(day))).toEqual(exceptions.filter((day) => day !== "2026-01-29"));
    expect(usual.notes.map(({ code }) => code)).toContain("FLAT_CURVES");
  });
});

test("correlations stand cluster by cluster; what never moves is named and takes no part", () => {
  const pnl = (values: readonly number[]) => Float64Array.from(values);
  const positions = [
    { name: "a", pnl: pnl([1, -2, 3, -4]) },
    { name: "b", pnl: pnl([4, 1, -1, -4]) },
    { name: "c", pnl: pnl([2, -4, 6, -8]) },
    { name: "still", pnl: pnl([0.1, 0.1, 0.1, 0.1]) },
  ];
  const made = correlationMap(positions, "set", sha256);
  if (!made.ok) throw new Error("refused");
  expect(made.value.names).toEqual(["a", "c", "b"]);
  expect(made.value.values[0]?.[1]).toBeCloseTo(1, 12);
  expect(made.value.values.every((row, i) => row.every((value, j) => value === made.value.values[j]?.[i]))).toBe(true);
  expect(made.value.still).toEqual(["still"]);
  expect(made.value.clusters.clusters).toHaveLength(2);
});
