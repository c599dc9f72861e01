import { fileArtifactReader } from "../../adapters/artifacts/file-artifact-reader.js";
import { sha256Bytes } from "../../adapters/node-hash/sha256.js";
import type { ReportRenderer } from "../../ports/report-renderer.js";
import type { BacktestPorts } from "../../usecases/backtest-ports.js";
import type { ReportPorts } from "../../usecases/read-report.js";
import type { WriteReportPorts } from "../../usecases/write-report.js";

/** Pages by the components in `web/`. They are loaded when the first page is made: no other command pays for them. */
const pageRenderer: ReportRenderer = {
  async page(sheet) {
    const { renderTearSheet } = await import("../../../web/report/render-tear-sheet.js");
    return renderTearSheet(sheet, sha256Bytes);
  },
};

/** What reading a run and writing its sheet need. */
export function reportPorts(ports: BacktestPorts): ReportPorts & WriteReportPorts {
  const { runs, bars, tapes, artifacts, hash, hashBytes } = ports;
  return { runs, bars, tapes, artifacts, hash, hashBytes, reader: fileArtifactReader, renderer: pageRenderer };
}
