/** Risk reports of the sample portfolio, whole and with holes. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scenariosOf } from "../../src/adapters/config/load-scenarios.js";
import { sampleBook } from "../../src/adapters/init/sample-book.js";
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { readLimits } from "../../src/adapters/risk-files/read-limits.js";
import { readPositions } from "../../src/adapters/risk-files/read-positions.js";
import { readPrices } from "../../src/adapters/risk-files/read-prices.js";
import { type BookRisk, bookRisk } from "../../src/core/risk/report/book-risk.js";
import { priceHistory } from "../../src/core/risk/report/price-history.js";
import { type RiskReport, type RiskReportTerms, riskReport } from "../../src/core/risk/report/risk-report.js";
import { DEFAULT_TAIL_PARAMETERS } from "../../src/core/risk/report/tail-methods.js";
import type { RiskReportOrigin } from "../../src/ports/risk-report-renderer.js";

/** Shapes of a report: the sample, the same with a position that has no price, and with nothing that is optional. */
export const REPORT_SHAPES = ["usual", "with a hole", "bare", "left out"] as const;
export type ReportShape = (typeof REPORT_SHAPES)[number];

/** The origin that test pages name. */
export const ORIGIN: RiskReportOrigin = {
  files: { positions: { sha256: "a".repeat(64) }, prices: { sha256: "b".repeat(64) } },
  version: "0.1.0",
};

/** A measured book of the sample. */
export async function sampleRisk(shape: ReportShape): Promise<{ readonly book: BookRisk; readonly terms: RiskReportTerms }> {
  const folder = await mkdtemp(join(tmpdir(), "onetape-sample-"));
  try {
    const sample = sampleBook();
    const hole = shape === "with a hole" || shape === "left out" ? "nobody-quotes-this,stock,7,GONE,,USD,1,,,,,,,,,,,,\n" : "";
    await writeFile(join(folder, "positions.csv"), `${sample.get("positions.csv") ?? ""}${hole}`);
    await writeFile(join(folder, "prices.csv"), sample.get("prices.csv") ?? "");
    await writeFile(join(folder, "limits.csv"), sample.get("limits.csv") ?? "");
    const positions = await readPositions(join(folder, "positions.csv"), sha256Bytes);
    const prices = await readPrices(join(folder, "prices.csv"), sha256Bytes);
    const limits = await readLimits(join(folder, "limits.csv"), sha256Bytes);
    const scenarios = scenariosOf("scenarios.yaml", sample.get("scenarios.yaml") ?? "");
    if (positions.kind !== "read" || prices.kind !== "read" || limits.kind !== "read" || scenarios.kind !== "loaded")
      throw new Error(JSON.stringify([positions, prices, limits, scenarios]));
    const history = priceHistory({ levels: prices.levels, positions: positions.positions, currency: "USD", missing: "reject" });
    const totals = shape === "left out" ? "priced_only" : "whole";
    const book = bookRisk({ positions: positions.positions, history, currency: "USD", totals, sha256 });
    if (!book.ok) throw new Error(JSON.stringify(book.errors));
    const bare = shape === "bare";
    const terms = {
      method: bare ? "student_t" : "historical",
      confidence: bare ? "0.999" : "0.99",
      horizon_days: bare ? 5 : 1,
      parameters: DEFAULT_TAIL_PARAMETERS,
      window: bare ? 1000 : 250,
      scenarios: bare ? null : scenarios.scenarios,
      limits: bare ? null : limits.limits,
    } as const;
    if (bare) return { book: book.value, terms };
    // The day before, with half of a position.
    const day =
      prices.levels
        .map((level) => level.day)
        .toSorted()
        .findLast((one) => one < book.value.basis.as_of) ?? "";
    const held = positions.positions.map((one) => (one.id === "acme-shares" ? { ...one, quantity: "1000" } : one));
    const past = priceHistory({
      levels: prices.levels.filter((level) => level.day <= day),
      positions: positions.positions,
      currency: "USD",
      missing: "reject",
    });
    const earlier = bookRisk({ positions: held, history: past, currency: "USD", totals, sha256 });
    if (!earlier.ok) throw new Error(JSON.stringify(earlier.errors));
    const remarks = ["Volatilities are of the desk's own surface.", "2026-01-29 An announcement before the open; desk-1."];
    return { book: book.value, terms: { ...terms, before: { book: earlier.value, method: "historical" }, remarks } };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function sampleReport(shape: ReportShape): Promise<RiskReport> {
  const { book, terms } = await sampleRisk(shape);
  const made = riskReport(book, terms, sha256);
  if (!made.ok) throw new Error(JSON.stringify(made.errors));
  return made.value;
}
