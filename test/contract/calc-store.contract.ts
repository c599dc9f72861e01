/** What every store of calculation rows must do, whatever it is made of. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CalcRow, compareRows } from "../../src/core/calc/canonical-rows.js";
import { normalise } from "../../src/core/calc/finra-otc/normalise.js";
import type { CalcStore, RowGroup } from "../../src/ports/calc-store.js";
import { readWeekly } from "../support/finra-week.js";

/** A store that is empty, and the same store opened again. */
export interface CalcStoreFixture {
  readonly store: CalcStore;
  /** Null where what was stored goes with the process. */
  readonly reopen: (() => Promise<CalcStore>) | null;
  dispose(): Promise<void>;
}

const TABLE = "finra_otc_transparency_sample";
const UNIQUE = ["week_ending", "tier", "symbol", "capture_id", "calc_version"];
const group = (capture: string, version = "v1"): RowGroup => ({
  table: TABLE,
  calc_name: "sample",
  calc_version: version,
  capture_id: capture,
});

/** One row of each kind of value: an exact integer, one beyond 64 bits, a count, decimal text, a flag and nothing. */
const row = (symbol: string, capture: string, more: CalcRow = {}): CalcRow => ({
  week_ending: "2025-12-26",
  tier: "OTC",
  symbol,
  total_shares: 3_827_870n,
  huge: 99_999_999_999_999_999_999n,
  venue_count: 3,
  market_share: "0.25",
  is_complete: true,
  nothing: null,
  calc_name: "sample",
  calc_version: "v1",
  capture_id: capture,
  captured_at: 1_767_088_800_000,
  calculated_at: 1_767_088_801_000,
  ...more,
});

const FILE = [
  "WeekEnding|Tier|Symbol|MPID|TotalShares|TotalTrades",
  "2025-12-26|OTC|AABB|OTCN|6753871|171",
  '2025-12-26|OTC|B,"Q"|ETRD|10|1',
  "2025-12-26|OTC|NUL\u0000|ETRD|10|1",
  "2025-12-26|OTC|Caf\u00e9|ETRD|x|1",
  "2025-12-26|OTC|ZERO|ETRD|0|0",
  "",
].join("\n");

export function describeCalcStore(name: string, make: () => Promise<CalcStoreFixture>): void {
  describe(`rows of calculations in ${name}`, () => {
    let fixture: CalcStoreFixture;
    beforeEach(async () => {
      fixture = await make();
    });
    afterEach(async () => {
      await fixture.dispose();
    });
    const read = (store: CalcStore, versions = ["v1"], captures: readonly string[] | null = null): Promise<readonly CalcRow[]> =>
      store.readRows(TABLE, "sample", versions, captures);

    test("rows come back with the values and types that went in", async () => {
      const rows = [row("A", "one"), row("B", "one", { market_share: "0.000000000000000001", is_complete: false, huge: -1n })];
      expect(await fixture.store.replaceRows(group("one"), rows, UNIQUE)).toEqual({ kind: "stored" });
      expect(await read(fixture.store)).toEqual(rows);
    });

    test("the same key, capture and version twice is refused and nothing of it is stored; another capture or version is accepted", async () => {
      const { store } = fixture;
      expect(await store.insertRows(group("one"), [row("A", "one")], UNIQUE)).toEqual({ kind: "stored" });
      expect((await store.insertRows(group("one"), [row("B", "one"), row("A", "one")], UNIQUE)).kind).toBe("duplicate_key");
      expect((await store.replaceRows(group("two"), [row("A", "two"), row("A", "two")], UNIQUE)).kind).toBe("duplicate_key");
      expect(await read(store)).toEqual([row("A", "one")]);
      expect(await store.insertRows(group("one"), [row("B", "one")], UNIQUE)).toEqual({ kind: "stored" });
      expect(await store.insertRows(group("two"), [row("A", "two")], UNIQUE)).toEqual({ kind: "stored" });
      const second = row("A", "one", { calc_version: "v2" });
      expect(await store.insertRows(group("one", "v2"), [second], UNIQUE)).toEqual({ kind: "stored" });
      expect((await read(store, ["v1", "v2"])).length).toBe(4);
      expect(await read(store, ["v2"])).toEqual([second]);
    });

    test("replacing a group leaves others as they are, and may leave nothing", async () => {
      const { store } = fixture;
      await store.replaceRows(group("one"), [row("A", "one"), row("B", "one")], UNIQUE);
      await store.replaceRows(group("two"), [row("A", "two")], UNIQUE);
      await store.replaceRows(group("one"), [row("C", "one", { nothing: "now something" })], UNIQUE);
      expect(compareRows(await read(store), [row("C", "one", { nothing: "now something" }), row("A", "two")]).equal).toBe(true);
      await store.replaceRows(group("one"), [], UNIQUE);
      expect(await read(store, ["v1"], ["one"])).toEqual([]);
      expect(await read(store)).toEqual([row("A", "two")]);
    });

    test("rows of chosen captures are read alone", async () => {
      const { store } = fixture;
      for (const capture of ["one", "two", "three"]) await store.replaceRows(group(capture), [row("A", capture)], UNIQUE);
      expect((await read(store, ["v1"], ["one", "three"])).map((found) => found["capture_id"])).toEqual(["one", "three"]);
      expect(await read(store, ["v1"], [])).toEqual([]);
      expect(await store.readRows(TABLE, "other", ["v1"], null)).toEqual([]);
    });

    test("removing a capture takes its rows under every version, its week and its source, and counts calculated rows", async () => {
      const { store } = fixture;
      const file = await readWeekly(FILE);
      await store.putRaw("one", file);
      await store.putWeek("one", { rows: normalise(file.rows, file.layout, { week_ending: "2025-12-26", tier: "OTC" }).rows, rejects: [] });
      await store.replaceRows(group("one"), [row("A", "one"), row("B", "one")], UNIQUE);
      await store.replaceRows(group("one", "v2"), [row("A", "one", { calc_version: "v2" })], UNIQUE);
      await store.replaceRows(group("two"), [row("A", "two")], UNIQUE);
      expect(await store.removeCapture("one")).toBe(3);
      expect([await store.readRaw("one"), await store.readWeek("one")]).toEqual([null, null]);
      expect(await read(store, ["v1", "v2"])).toEqual([row("A", "two")]);
      expect(await store.removeCapture("one")).toBe(0);
    });

    test("removing a version leaves the other versions", async () => {
      const { store } = fixture;
      await store.replaceRows(group("one"), [row("A", "one")], UNIQUE);
      await store.replaceRows(group("one", "v2"), [row("A", "one", { calc_version: "v2" })], UNIQUE);
      expect(await store.removeVersion("sample", "v1")).toBe(1);
      expect((await read(store, ["v1", "v2"])).map((found) => found["calc_version"])).toEqual(["v2"]);
    });

    test("a file and its week come back as they were read: quotes, zero bytes, accents and rejects with all reasons", async () => {
      const file = await readWeekly(FILE);
      expect([file.raw_count, file.rejects.length]).toEqual([5, 2]);
      await fixture.store.putRaw("one", file);
      const { rows, rejects } = normalise(file.rows, file.layout, { week_ending: "2025-12-26", tier: "OTC" });
      const week = { rows, rejects: [...file.rejects, ...rejects].sort((a, b) => a.line - b.line) };
      await fixture.store.putWeek("one", week);
      const store = (await fixture.reopen?.()) ?? fixture.store;
      expect(await store.readRaw("one")).toEqual(file);
      expect(await store.readWeek("one")).toEqual(week);
      expect([await store.readRaw("two"), await store.readWeek("two")]).toEqual([null, null]);
    });

    test("what was stored is there after opening again", async () => {
      await fixture.store.replaceRows(group("one"), [row("A", "one")], UNIQUE);
      const store = (await fixture.reopen?.()) ?? fixture.store;
      expect(await read(store)).toEqual([row("A", "one")]);
      expect((await store.insertRows(group("one"), [row("A", "one")], UNIQUE)).kind).toBe("duplicate_key");
    });

    test("bookkeeping changes set the columns they name and leave the others", async () => {
      const { store } = fixture;
      expect(await store.corePosition()).toBe(0);
      const raised = { anomaly_id: "a1", domain: "d", severity: "CRITICAL", detected_at: 5, message: 'it\'s "odd"' };
      await store.applyCore([{ table: "core_anomalies", row: raised }], 3);
      await store.applyCore([{ table: "core_anomalies", row: { anomaly_id: "a1", resolved_at: 9, resolution_note: "seen" } }], 4);
      expect(await store.corePosition()).toBe(4);
      const [found] = await store.readCore("core_anomalies");
      expect(found).toMatchObject({ ...raised, resolved_at: 9, resolution_note: "seen", resolved_by: null });
      await store.clear();
      expect([await store.corePosition(), await store.readCore("core_anomalies")]).toEqual([0, []]);
    });

    test("forgetting everything leaves no rows", async () => {
      const { store } = fixture;
      await store.replaceRows(group("one"), [row("A", "one")], UNIQUE);
      await store.clear();
      expect(await read(store)).toEqual([]);
      expect(await store.insertRows(group("one"), [row("A", "one")], UNIQUE)).toEqual({ kind: "stored" });
    });

    test("calls at one time are taken one after another", async () => {
      const { store } = fixture;
      const captures = Array.from({ length: 6 }, (_, at) => `capture-${at}`);
      await Promise.all(captures.map((capture) => store.replaceRows(group(capture), [row("A", capture)], UNIQUE)));
      expect((await read(store)).map((found) => found["capture_id"]).sort()).toEqual(captures);
    });
  });
}
