import type { RiskReport } from "../core/risk/report/risk-report.js";

/** What a report was made from and by. */
export interface RiskReportOrigin {
  /** SHA-256 of each file's bytes, by what it holds. */
  readonly files: { readonly [name: string]: { readonly sha256: string } };
  readonly version: string;
}

/** Makes a page of a risk report: one document with everything inside, the same text for the same report. */
export interface RiskReportRenderer {
  page(report: RiskReport, origin: RiskReportOrigin): Promise<string>;
}
