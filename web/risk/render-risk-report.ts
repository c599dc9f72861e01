/** A risk report as one HTML document without a script: everything stands in it as text, tables and drawings. */
import { render } from "svelte/server";
import type { RiskReport } from "../../src/core/risk/report/risk-report.js";
import type { Sha256BytesFn } from "../../src/core/tape/hash.js";
import { documentPage } from "../report/document-page.js";
import Report from "./risk-report.svelte";
import { type RiskPageOrigin, riskViews } from "./risk-views.js";

export function renderRiskReport(report: RiskReport, origin: RiskPageOrigin, hash: Sha256BytesFn): string {
  const { body } = render(Report, { props: { report, origin, views: riskViews(report) } });
  return documentPage({ title: `Risk report ${report.basis.as_of}, ${report.basis.currency}`, body, data: null }, hash);
}
