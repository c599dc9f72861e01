import type { TearSheet } from "../core/report/tear-sheet.js";

/** Makes a page of a tear sheet: one self-contained HTML document, the same bytes for the same sheet. */
export interface ReportRenderer {
  page(sheet: TearSheet): Promise<string>;
}
