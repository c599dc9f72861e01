import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { riskDocumentSchemas } from "../../src/adapters/config/risk-document-schemas.js";
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { backtestDocument } from "../../src/core/risk/report/rolling-backtest.js";
import { stressDocument } from "../../src/core/risk/report/stress-document.js";
import { tailDocument } from "../../src/core/risk/report/tail-document.js";
import { TAIL_METHODS } from "../../src/core/risk/report/tail-methods.js";
import { ORIGIN, REPORT_SHAPES, sampleReport, sampleRisk } from "../../test/support/risk-report-fixture.js";
import { renderRiskReport } from "./render-risk-report.js";

function faults(name: keyof typeof riskDocumentSchemas, document: unknown): readonly unknown[] {
  const plain: unknown = JSON.parse(JSON.stringify(document));
  return [...Value.Errors(riskDocumentSchemas[name], plain)].slice(0, 3);
}

test.each(REPORT_SHAPES)("the report %s fits its published schema", async (shape) => {
  expect(faults("risk-report", { schema: "onetape.risk-report/1", ...(await sampleReport(shape)), origin: ORIGIN })).toEqual([]);
});

test("figures, backtests and stress fit their published schemas, and a stray key does not", async () => {
  const { book, terms } = await sampleRisk("usual");
  for (const method of TAIL_METHODS) {
    const made = tailDocument(book, { ...terms, method, measure: "es" });
    if (!made.ok) throw new Error(made.errors[0]?.message);
    const document = { schema: "onetape.risk-es/1", ...made.value, files: ORIGIN.files };
    expect(faults("risk-tail", document)).toEqual([]);
    expect(faults("risk-tail", { ...document, stray: 1 })).not.toEqual([]);
  }
  const back = backtestDocument(book, terms);
  if (!back.ok) throw new Error(back.errors[0]?.message);
  expect(faults("risk-backtest", { schema: "onetape.risk-backtest/1", ...back.value, files: ORIGIN.files })).toEqual([]);
  const stress = stressDocument(book, terms.scenarios ?? [], sha256);
  expect(faults("risk-stress", { schema: "onetape.risk-stress/1", ...stress, files: ORIGIN.files })).toEqual([]);
});

test("parts add up to the whole, weights to 1, and every figure names calculation, snapshot, rate set and scenarios", async () => {
  const report = await sampleReport("usual");
  const { result } = report.contributions.es;
  const sum = (result?.parts ?? []).reduce((total, { component }) => total + component, 0);
  expect(Math.abs(sum - (result?.risk ?? 0))).toBeLessThan(1e-9 * (result?.risk ?? 0));
  for (const figure of report.figures) {
    expect(figure).toMatchObject({ snapshot: report.basis.snapshot, fx_set: report.basis.fx_set });
    expect(report.scenario_sets.map(({ id }) => id)).toContain(figure.scenario_set);
    if (figure.scenarios.length > 0) expect(figure.scenarios.reduce((total, { weight }) => total + weight, 0)).toBeCloseTo(1, 12);
  }
  const worst = report.distribution.pnl.toSorted((a, b) => a - b);
  // 520 scenarios at 0.99: the tail is 5.2 scenarios, the sixth worst is the VaR.
  expect(report.figures.find(({ of_record, measure }) => of_record && measure === "var")?.value).toBe(-(worst[5] ?? 0));
});

test("a hole refuses every sum and says why; where asked, sums leave it out and the page names it", async () => {
  const whole = await sampleReport("with a hole");
  expect(whole.figures.every(({ value, errors }) => value === null && errors[0]?.code === "TOTAL_INCOMPLETE")).toBe(true);
  expect(whole.limits?.result?.unknown).toContain("VaR of record");
  expect(renderRiskReport(whole, ORIGIN, sha256Bytes)).toContain("Without a value: nobody-quotes-this.");
  const rest = await sampleReport("left out");
  const usual = await sampleReport("usual");
  expect(rest.figures.map(({ value }) => value)).toEqual(usual.figures.map(({ value }) => value));
  expect(rest.valuation.excluded).toEqual(["nobody-quotes-this"]);
});

test("the page holds no script, asks for nothing, and escapes what positions are called", async () => {
  const report = await sampleReport("usual");
  const named = { ...report, valuation: { ...report.valuation, excluded: ["<script>alert(1)</script>"] } };
  const page = renderRiskReport(named, ORIGIN, sha256Bytes);
  expect(page).not.toContain("<script");
  expect(page).not.toMatch(/(?:src|href)="(?!#)/);
  expect(page.length).toBeLessThan(250_000);
  expect(renderRiskReport(named, ORIGIN, sha256Bytes)).toBe(page);
});
