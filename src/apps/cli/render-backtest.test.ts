import { expect, it } from "vitest";
import { metricText } from "./render-backtest.js";

const figure = (value: number, unit: string): string =>
  metricText("ret.total", { value, unit, calc_name: "perf.ret.total", calc_version: "v1", state: "ok" });

it("a loss too small to show is 0.00, not -0.00", () => {
  expect(figure(-0.0000114, "fraction")).toBe("0.00 %");
  expect(figure(-0.004, "ratio")).toBe("0.00");
  expect(figure(-0.006, "ratio")).toBe("-0.01");
});

it("counts are grouped, money too, and spans of time are in words", () => {
  const result = { calc_name: "perf.x", calc_version: "v1", state: "ok" } as const;
  expect(metricText("xp.time", { ...result, value: 0.4858, unit: "fraction", n: 7800 })).toBe("48.58 % (n=7,800)");
  expect(metricText("final_equity", { ...result, value: "101364.86", unit: "USD" })).toBe("101,364.86 USD");
  expect(metricText("ex.turnover", { ...result, value: 1628.6466, unit: "per_year" })).toBe("1,628.65 a year");
  expect(metricText("tr.hold_ms", { ...result, value: 13_523_400, unit: "ms", n: 100 })).toBe("3 h 45 m (n=100)");
});

it("a figure halfway between two is rounded to the even one", () => {
  // Exact in binary: 0.125 and 0.375.
  expect(figure(0.125, "ratio")).toBe("0.12");
  expect(figure(0.375, "ratio")).toBe("0.38");
});
