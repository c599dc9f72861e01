import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { bookRisk } from "../../core/risk/report/book-risk.js";
import { priceHistory } from "../../core/risk/report/price-history.js";
import { tailDocument } from "../../core/risk/report/tail-document.js";
import { DEFAULT_TAIL_PARAMETERS } from "../../core/risk/report/tail-methods.js";
import { sampleBook } from "../init/sample-book.js";
import { sha256, sha256Bytes } from "../node-hash/sha256.js";
import { literal, withDuckDb } from "../parquet/duckdb-session.js";
import { readPositions } from "./read-positions.js";
import { readPrices } from "./read-prices.js";

const folder = mkdtempSync(join(tmpdir(), "onetape-risk-files-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const POSITIONS = "id,kind,quantity,symbol,currency\na,stock,10,ACME,USD\nb,stock,-5,RHEIN,EUR\n";

/** 41 days of two prices and a rate of exchange, by a rule that needs no generator. */
function levels(days: number): readonly { readonly acme: number; readonly rhein: number; readonly eur: number }[] {
  return Array.from({ length: days }, (_, n) => ({
    acme: 100 + ((n * 37) % 23) - 11,
    rhein: 50 + ((n * 17) % 13) - 6,
    eur: 1 + ((n * 7) % 11) / 100,
  }));
}

function pricesText(days: number): string {
  const day = (n: number) => new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10);
  const rows = levels(days).flatMap(({ acme, rhein, eur }, n) => [
    `${day(n)},spot,ACME,${acme},USD`,
    `${day(n)},spot,RHEIN,${rhein},EUR`,
    `${day(n)},fx,EUR/USD,${eur.toFixed(2)},`,
  ]);
  return `day,kind,name,value,currency\n${rows.join("\n")}\n`;
}

async function document(pricesFile: string, positionsFile: string, totals: "whole" | "priced_only" = "whole", horizon_days: number = 1) {
  const [positions, prices] = [await readPositions(positionsFile, sha256Bytes), await readPrices(pricesFile, sha256Bytes)];
  if (positions.kind !== "read" || prices.kind !== "read") throw new Error(JSON.stringify([positions, prices]));
  const history = priceHistory({ levels: prices.levels, positions: positions.positions, currency: "USD", missing: "reject" });
  const book = bookRisk({ positions: positions.positions, history, currency: "USD", totals, sha256 });
  if (!book.ok) throw new Error(JSON.stringify(book.errors));
  const made = tailDocument(book.value, {
    measure: "var",
    method: "historical",
    confidence: "0.90",
    horizon_days,
    parameters: DEFAULT_TAIL_PARAMETERS,
  });
  if (!made.ok) throw new Error(JSON.stringify(made.errors));
  return made.value;
}

test("historical VaR of a file is the k-th worst of the moves worked out by hand, and names its day", async () => {
  const made = await document(file("prices.csv", pricesText(41)), file("positions.csv", POSITIONS));
  const rows = levels(41);
  const last = rows.at(-1) ?? { acme: 0, rhein: 0, eur: 0 };
  const losses = rows.slice(1).map((now, n) => {
    const before = rows[n] ?? now;
    const [acme, rhein, eur] = [now.acme / before.acme, now.rhein / before.rhein, now.eur / before.eur];
    return -(10 * last.acme * (acme - 1) - 5 * last.rhein * last.eur * (rhein * eur - 1));
  });
  const worst = losses.toSorted((a, b) => b - a);
  // 40 scenarios at 0.90: the 4th worst.
  expect(made.figure.value).toBeCloseTo(worst[3] ?? 0, 9);
  const at = losses.indexOf(worst[3] ?? 0);
  expect(made.figure.scenarios).toEqual([{ name: new Date(Date.UTC(2026, 0, 2 + at)).toISOString().slice(0, 10), weight: 1 }]);
  expect(made.figure).toMatchObject({
    calculation: { calc_name: "risk.var_historical", calc_version: "v2" },
    snapshot: made.basis.snapshot,
  });
});

test("a horizon of two days takes every move over two days, and says that they overlap", async () => {
  const made = await document(
    file("h.csv", pricesText(41)),
    file("one.csv", "id,kind,quantity,symbol,currency\na,stock,10,ACME,USD\n"),
    "whole",
    2,
  );
  const rows = levels(41);
  const last = rows.at(-1)?.acme ?? 0;
  const losses = rows.slice(2).map(({ acme }, n) => -10 * last * (acme / (rows[n]?.acme ?? 1) - 1));
  // 39 scenarios at 0.90: the tail is 3.9 scenarios, the 4th worst is the VaR.
  expect(made.scenario_set).toMatchObject({ count: 39, overlapping: true, horizon_days: 2 });
  expect(made.figure.value).toBeCloseTo(losses.toSorted((a, b) => b - a)[3] ?? 0, 9);
  expect(made.figure.warnings).toContain("OVERLAPPING_WINDOWS");
});

test("the same rows as Parquet give the same document", async () => {
  const [prices, positions] = [file("p.csv", pricesText(41)), file("q.csv", POSITIONS)];
  for (const path of [prices, positions])
    await withDuckDb(":memory:", async ({ connection }) => {
      await connection.run(`COPY (SELECT * FROM read_csv(${literal(path)})) TO ${literal(`${path}.parquet`)} (FORMAT parquet)`);
    });
  expect(await document(`${prices}.parquet`, `${positions}.parquet`)).toEqual(await document(prices, positions));
});

test("a position without a price has no value: the figure is refused, or leaves it out and says so where asked", async () => {
  const positions = file("gone.csv", `${POSITIONS}c,stock,1,GONE,USD\n`);
  const prices = file("r.csv", pricesText(41));
  const whole = await document(prices, positions);
  expect(whole.figure.value).toBeNull();
  expect(whole.figure.errors.map(({ code }) => code)).toEqual(["TOTAL_INCOMPLETE"]);
  expect(whole.positions.find(({ id }) => id === "c")?.errors.map(({ code }) => code)).toEqual(["PRICE_MISSING"]);
  const rest = await document(prices, positions, "priced_only");
  expect(rest.figure.value).toBe((await document(prices, file("two.csv", POSITIONS))).figure.value);
  expect(rest.excluded).toEqual(["c"]);
});

test("every fault of a file of positions is told with line, field, value and expectation", async () => {
  const text = "id,kind,quantity,symbol,currency,strike\na,stock,ten,ACME,USD,\na,stok,1,ACME,USD,\nb,stock,1,,XXQ,5\n";
  const read = await readPositions(file("bad.csv", text), sha256Bytes);
  expect(read.kind === "invalid" ? read.violations.map(({ line, field, value, code }) => [line, field, value, code]) : []).toEqual([
    [2, "quantity", "ten", "DECIMAL_INVALID"],
    [3, "kind", "stok", "VALUE_INVALID"],
    [4, "strike", "5", "VALUE_INVALID"],
    [4, "symbol", "", "VALUE_MISSING"],
  ]);
});

test("every fault of a file of prices is told with line, field, value and expectation", async () => {
  const rows = [
    "2026-02-30,spot,ACME,1,USD",
    "2026-01-02,spot,ACME,NaN,USD",
    "2026-01-02,fx,EURUSD,1.1,",
    "2026-01-03,spot,ACME,0,EUR",
    "2026-01-04,spot,ACME,1,EUR",
    "2026-01-04,spot,ACME,1,EUR",
  ];
  const read = await readPrices(file("bad-prices.csv", `day,kind,name,value,currency\n${rows.join("\n")}\n`), sha256Bytes);
  expect(read.kind === "invalid" ? read.violations.map(({ line, field, code }) => [line, field, code]) : []).toEqual([
    [2, "day", "DAY_INVALID"],
    [3, "value", "DECIMAL_INVALID"],
    [4, "name", "FX_PAIR_INVALID"],
    [5, "value", "NOT_POSITIVE"],
    [5, "currency", "CURRENCY_MISMATCH"],
    [6, "currency", "CURRENCY_MISMATCH"],
    [7, "name", "DUPLICATE_NAME"],
    [7, "currency", "CURRENCY_MISMATCH"],
  ]);
});

test("the sample is read without a fault", async () => {
  const sample = sampleBook();
  const positions = await readPositions(file("sample.csv", sample.get("positions.csv") ?? ""), sha256Bytes);
  const prices = await readPrices(file("sample-prices.csv", sample.get("prices.csv") ?? ""), sha256Bytes);
  expect([positions.kind, prices.kind]).toEqual(["read", "read"]);
});
