import { sha256Bytes } from "../../adapters/node-hash/sha256.js";
import type { RiskReportRenderer } from "../../ports/risk-report-renderer.js";

/** Pages by the components in `web/`, loaded when the first page is made. */
export const riskPageRenderer: RiskReportRenderer = {
  async page(report, origin) {
    const { renderRiskReport } = await import("../../../web/risk/render-risk-report.js");
    return renderRiskReport(report, origin, sha256Bytes);
  },
};
