import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { faultCatalogue } from "../support/fault-catalogue.js";
import type { FaultRecord } from "../support/fault-record.js";
import { merged, missing, type ReliabilityRun, reliabilityPage } from "./reliability-page.js";

const file = (name: string): string => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));

/** Records of a run of the chaos tests that is to become the page: given by `npm run test:chaos -- --write`. */
const fresh = process.env["ONETAPE_WRITE_RELIABILITY"];
if (fresh !== undefined) {
  const records = merged(
    readFileSync(fresh, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as FaultRecord),
  );
  const [cpu] = cpus();
  const machine = `${cpus().length} x ${cpu?.model.replace(/ +/g, " ").trim() ?? "an unnamed processor"}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}, ${process.platform} ${process.arch}`;
  const run: ReliabilityRun = { measured_on: new Date().toISOString().slice(0, 10), machine, seed: 20_240_102, records };
  writeFileSync(file("reliability.json"), `${JSON.stringify(run, null, 2)}\n`);
}
const run = JSON.parse(readFileSync(file("reliability.json"), "utf8")) as ReliabilityRun;

test("docs/reliability.md shows what the chaos tests have written, and nothing else", () => {
  const page = reliabilityPage(run);
  if (fresh !== undefined || process.env["ONETAPE_WRITE_DOCS"] === "1") writeFileSync(file("reliability.md"), page);
  expect(readFileSync(file("reliability.md"), "utf8")).toBe(page);
});

test("docs/reliability.md lists all 30 scenarios, each run on each store or said why not", () => {
  expect(faultCatalogue.map(({ number }) => number)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  expect(missing(run)).toEqual([]);
  const rows = readFileSync(file("reliability.md"), "utf8")
    .split("\n")
    .filter((line) => /^\| \d+ \|/.test(line));
  expect(rows).toHaveLength(30);
  expect(rows.filter((row) => row.includes("not run"))).toEqual([]);
});
