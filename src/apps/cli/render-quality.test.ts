import { expect, it } from "vitest";
import { makeStyle } from "../../adapters/terminal/style.js";
import type { QualityResult } from "../../core/quality/quality-result.js";
import { renderQuality } from "./render-quality.js";

const result = (check: string, measured: number | null, threshold: number): QualityResult => ({
  check,
  category: "COMPLETENESS",
  status: "FAIL",
  severity: "ERROR",
  measured,
  threshold,
  subject: "DEMO",
  message: "",
});

const shown = async (...quality: readonly QualityResult[]): Promise<string> => renderQuality({ quality, sessions: null }, makeStyle(false));

it("completeness is told in per cent, and never reads better than it is", async () => {
  expect(await shown(result("m1_completeness", 2850 / 2880, 0.99))).toMatch(/ 98\.95 % +99\.00 %/);
  // One minute of a year of them is missing: 525,599 / 525,600 is no whole.
  expect(await shown(result("m1_completeness", 525_599 / 525_600, 0.99))).toMatch(/ 99\.99 % +99\.00 %/);
  expect(await shown(result("m1_completeness", 0.57, 0.99))).toMatch(/ 57\.00 % /);
  expect(await shown(result("m1_completeness", null, 0.99))).toMatch(/ - +99\.00 %/);
});

it("counts are grouped by thousands", async () => {
  expect(await shown(result("gaps", 32_910, 0))).toMatch(/ 32,910 +0/);
});
