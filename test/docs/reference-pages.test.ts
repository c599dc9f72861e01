import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { artifactsPage, metricsPage, tearSheetPage } from "./reference-pages.js";

const folder = fileURLToPath(new URL("../../docs/reference/", import.meta.url));

test.each([
  ["artifacts.md", artifactsPage],
  ["metrics.md", metricsPage],
  ["tear-sheet.md", tearSheetPage],
])("docs/reference/%s says what the code declares", (name, render) => {
  const page = render();
  if (process.env["ONETAPE_WRITE_DOCS"] === "1") {
    mkdirSync(folder, { recursive: true });
    writeFileSync(folder + name, page);
  }
  expect(readFileSync(folder + name, "utf8")).toBe(page);
});
