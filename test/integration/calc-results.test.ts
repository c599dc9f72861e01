/** What SQLite keeps once for all rows of a result, and what the views of the known names make of it. */
import { expect, test } from "vitest";
import type { CalcRow } from "../../src/core/calc/canonical-rows.js";
import { openCalcStore } from "../support/calc-stores.js";

const TABLE = "finra_otc_transparency_sample";
const UNIQUE = ["week_ending", "symbol", "tier", "capture_id", "calc_version"];

const row = (symbol: string, capture: string, more: CalcRow = {}): CalcRow => ({
  week_ending: "2025-12-26",
  symbol,
  tier: "OTC",
  total_shares: 10n,
  calc_name: "sample",
  calc_version: "v1",
  capture_id: capture,
  captured_at: 100,
  calculated_at: 200,
  ...more,
});

const group = (capture: string) => ({ table: TABLE, calc_name: "sample", calc_version: "v1", capture_id: capture });

test("rows of one result that lie in several tiers come back in theirs, and the newest of each key is found tier by tier", async () => {
  const opened = await openCalcStore(null);
  const { store, database } = opened;
  await store.setCurrent(new Map([["sample", "v1"]]));
  await store.replaceRows(group("one"), [row("A", "one"), row("A", "one", { tier: "NMS_TIER_1" }), row("B", "one")], UNIQUE);
  await store.replaceRows(group("two"), [row("A", "two", { captured_at: 101, total_shares: 11n })], UNIQUE);
  const ask = async (view: string): Promise<unknown> =>
    database.all(`SELECT tier, symbol, capture_id, total_shares FROM ${view} ORDER BY capture_id, tier, symbol`);
  expect(await ask(TABLE)).toEqual([
    ["NMS_TIER_1", "A", "one", 10],
    ["OTC", "A", "one", 10],
    ["OTC", "B", "one", 10],
    ["OTC", "A", "two", 11],
  ]);
  expect(await ask(`${TABLE}_latest`)).toEqual([
    ["NMS_TIER_1", "A", "one", 10],
    ["OTC", "B", "one", 10],
    ["OTC", "A", "two", 11],
  ]);
  // Two results of one moment: the later one is the newest.
  await store.replaceRows(group("three"), [row("A", "three", { captured_at: 101, total_shares: 12n })], UNIQUE);
  expect(await database.all(`SELECT total_shares FROM ${TABLE}_latest WHERE symbol = 'A' AND tier = 'OTC'`)).toEqual([[12]]);
  expect(await store.removeCapture("one")).toBe(3);
  expect([await database.all("SELECT COUNT(*) FROM calc_results"), await database.all(`SELECT COUNT(*) FROM ${TABLE}_rows`)]).toEqual([
    [[2]],
    [[2]],
  ]);
  await opened.dispose();
});

test("a hundred rows say once what they share; rows that were added at another moment keep theirs", async () => {
  const opened = await openCalcStore(null);
  const { store, database } = opened;
  const rows = Array.from({ length: 100 }, (_, n) => row(`S${n}`, "one"));
  await store.replaceRows(group("one"), rows, UNIQUE);
  expect(await database.columnsOf(`${TABLE}_rows`)).toEqual(["result", "symbol", "total_shares", "calculated_at"]);
  const moments = `SELECT calculated_at, COUNT(*) FROM ${TABLE} GROUP BY 1 ORDER BY 1`;
  expect([await database.all("SELECT COUNT(*) FROM calc_results"), await database.all(moments)]).toEqual([[[1]], [[200, 100]]]);
  await store.insertRows(group("one"), [row("T", "one", { calculated_at: 300 })], UNIQUE);
  expect([await database.all("SELECT COUNT(*) FROM calc_results"), await database.all(moments)]).toEqual([
    [[1]],
    [
      [200, 100],
      [300, 1],
    ],
  ]);
  expect(await store.readRows(TABLE, "sample", ["v1"], null)).toEqual([...rows, row("T", "one", { calculated_at: 300 })]);
  await opened.dispose();
});
