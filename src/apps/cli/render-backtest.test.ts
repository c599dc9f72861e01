import { expect, it } from "vitest";
import { metricText } from "./render-backtest.js";

const figure = (value: number, unit: string): string =>
  metricText("ret.total", { value, unit, calc_name: "perf.ret.total", calc_version: "v1", state: "ok" });

it("a loss too small to show is 0.00, not -0.00", () => {
  expect(figure(-0.0000114, "fraction")).toBe("0.00 %");
  expect(figure(-0.004, "ratio")).toBe("0.00");
  expect(figure(-0.006, "ratio")).toBe("-0.01");
});

it("a figure halfway between two is rounded to the even one", () => {
  // Exact in binary: 0.125 and 0.375.
  expect(figure(0.125, "ratio")).toBe("0.12");
  expect(figure(0.375, "ratio")).toBe("0.38");
});
