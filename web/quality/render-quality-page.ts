/** The page about data quality as one HTML document without a script. */
import { render } from "svelte/server";
import type { QualityReportDocument } from "../../src/core/quality/quality-report.js";
import type { Sha256BytesFn } from "../../src/core/tape/hash.js";
import { documentPage } from "../report/document-page.js";
import Page from "./quality-page.svelte";

export function renderQualityPage(report: QualityReportDocument, hash: Sha256BytesFn): string {
  const { body } = render(Page, { props: { report } });
  return documentPage({ title: "Data quality", body, data: null }, hash);
}
