import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Results } from "../../bench/results.js";
import { resultsPage } from "../../bench/results-page.js";
import { known } from "../../bench/workloads.js";

const file = (name: string): string => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));

test("docs/benchmarks.md shows the figures that the bench has written, and no others", () => {
  const page = resultsPage(JSON.parse(readFileSync(file("benchmarks.json"), "utf8")) as Results, known);
  if (process.env["ONETAPE_WRITE_DOCS"] === "1") writeFileSync(file("benchmarks.md"), page);
  expect(readFileSync(file("benchmarks.md"), "utf8")).toBe(page);
});
