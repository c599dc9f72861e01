/** A tear sheet as one HTML document. */
import { render } from "svelte/server";
import type { TearSheet } from "../../src/core/report/tear-sheet.js";
import type { Sha256BytesFn } from "../../src/core/tape/hash.js";
import { documentPage } from "./document-page.js";
import { pageData } from "./page-data.js";
import { sheetViews } from "./sheet-views.js";
import Sheet from "./tear-sheet.svelte";

export function renderTearSheet(sheet: TearSheet, hash: Sha256BytesFn): string {
  const views = sheetViews(sheet);
  const { body } = render(Sheet, { props: { sheet, views } });
  const title = `${sheet.header.strategy.name} ${sheet.header.strategy.version}: backtest ${sheet.header.run_id}`;
  return documentPage({ title, body, data: pageData(sheet, views) }, hash);
}
