/** What a first user of the weekly files does, scenario by scenario. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { MemoryCalcStore } from "../../src/adapters/memory/memory-calc-store.js";
import { CalcRegistry } from "../../src/core/calc/calc-registry.js";
import { compareRows } from "../../src/core/calc/canonical-rows.js";
import type { FinraCalculation } from "../../src/core/calc/finra-otc/finra-input.js";
import { FINRA_CALCULATIONS, finraRegistry } from "../../src/core/calc/finra-otc/finra-registry.js";
import { liquidityScore } from "../../src/core/calc/finra-otc/liquidity-score.js";
import { FINRA_OTC } from "../../src/core/calc/finra-otc/tiers.js";
import { weekReadiness } from "../../src/core/calc/finra-otc/week-readiness.js";
import { weeksUpTo } from "../../src/core/calc/finra-otc/weeks.js";
import { backfillWeeks } from "../../src/usecases/backfill-weeks.js";
import {
  certifyWeek,
  lookBack,
  moveCalcVersion,
  registerVersions,
  resolveAnomaly,
  retractCapture,
} from "../../src/usecases/govern-calculations.js";
import { ingestWeek } from "../../src/usecases/ingest-week.js";
import { loadCalendar } from "../../src/usecases/load-calendar.js";
import { explainRestatement } from "../../src/usecases/normalise-week.js";
import { queryCalculation } from "../../src/usecases/query-calculation.js";
import { runCalculations } from "../../src/usecases/run-calculations.js";
import { CalcWorkspace, contentOf, DAY } from "../support/calc-workspace.js";
import { compactFile } from "../support/finra-week.js";
import { describeShared, sharedPath } from "../support/shared-data.js";

const WEEK = "2025-12-26";
const noWait = async (): Promise<void> => {};
const fixture = (name: string): string => sharedPath("finra", "fixtures", "otc", name);

describeShared("the fixture files", () => {
  test("1: every calculation is listed with its keys, versions and description", () => {
    const listed = finraRegistry().entries;
    expect(listed.map(({ calc_name }) => calc_name)).toEqual([
      "concentration_metrics",
      "liquidity_score",
      "research_snapshot",
      "symbol_rolling_13w",
      "symbol_rolling_4w",
      "symbol_rolling_6w",
      "symbol_summary",
      "top_n_symbols",
      "trade_size_histogram",
      "venue_concentration",
      "venue_share",
      "volume_per_trading_day",
      "weekly_symbol_tier_volume_share",
      "weekly_symbol_venue_concentration_hhi",
      "weekly_symbol_venue_share",
      "weekly_symbol_venue_volume",
      "wow_change",
    ]);
    for (const entry of listed)
      expect([entry.description !== "", entry.business_keys.length > 0, entry.checks.length > 0]).toEqual([true, true, true]);
  });

  test("2 and 3: the fixture week is ingested with 50 rows, normalised and aggregated", async () => {
    const workspace = await CalcWorkspace.open();
    const ingested = await workspace.ingest({ path: fixture("week_2025-12-26.psv"), tier: "OTC" });
    expect(ingested).toMatchObject({ week_ending: WEEK, tier: "OTC", outcome: "first_ingest", skipped: false, raw_count: 50 });
    expect(ingested.capture_id).toBe("finra.otc_transparency:OTC:2025-12-26:e9a0bc");
    const { index } = workspace.log;
    expect([index.captures.length, index.manifest(ingested.capture_id).stage]).toEqual([1, "INGESTED"]);
    expect(await workspace.normalise(ingested.capture_id)).toMatchObject({ raw: 50, rows: 50, rejected: 0 });
    await workspace.run("symbol_summary", [WEEK]);
    const rows = await workspace.rows("symbol_summary");
    expect(rows.map((row) => [row["symbol"], row["total_shares"]])).toEqual([
      ["A", 3_827_870n],
      ["AA", 3_110_306n],
    ]);
    expect(index.manifest(ingested.capture_id).stage).toBe("AGGREGATED");
  });

  test("4: venue share: INCR first, 30 gapless ranks, shares that add to one", async () => {
    const workspace = await CalcWorkspace.open();
    const { capture_id } = await workspace.ingest({ path: fixture("week_2025-12-26.psv"), tier: "OTC" });
    await workspace.normalise(capture_id);
    expect(await workspace.run("venue_share", [WEEK])).toMatchObject({ processed: 1, status: "success", exit_code: 0 });
    const rows = await workspace.rows("venue_share");
    expect([rows.length, rows.find((row) => row["rank"] === 1)?.["mpid"]]).toEqual([30, "INCR"]);
    expect(workspace.log.index.quality(capture_id, "venue_share@v1")?.grade).toBe("A");
  });

  test("21: the real week is ingested from its own name: week ending 2025-12-12, OTC, 5,328 rows", async () => {
    const workspace = await CalcWorkspace.open();
    const path = sharedPath("finra", "weekly", "finra_otc_weekly_otc_20251215.csv");
    const ingested = await workspace.ingest({ path });
    expect(ingested).toMatchObject({ week_ending: "2025-12-12", tier: "OTC", raw_count: 5_328, unread_count: 0 });
    expect(await workspace.normalise(ingested.capture_id)).toMatchObject({ rows: 5_328, rejected: 0, grade: "A" });
    await workspace.run("venue_share", ["2025-12-12"]);
    const [first] = (await workspace.rows("venue_share")).filter((row) => row["rank"] === 1);
    expect([first?.["mpid"], String(first?.["market_share_pct"]).slice(0, 12)]).toEqual(["OTCN", "0.8218839348"]);
  });

  test("files of Saturdays are refused with the Friday before", async () => {
    const workspace = await CalcWorkspace.open();
    const outcome = await ingestWeek(workspace.ports, workspace.log, { path: fixture("week_2025-12-27.psv"), tier: "OTC" });
    expect(outcome).toMatchObject({
      kind: "refused",
      violations: [{ code: "WEEK_NOT_FRIDAY", expected: "the nearest Friday is 2025-12-26" }],
    });
  });

  test.each([
    ["nms_tier_1_week_2025-12-12.psv", 15, { NEGATIVE_VOLUME: 1 }],
    ["nms_tier_1_week_2025-12-19.psv", 15, { PARSE_ERROR: 3 }],
    ["nms_tier_1_week_2025-12-26.psv", 18, { DUPLICATE_KEY: 3 }],
    ["nms_tier_1_week_2026-01-02.psv", 16, {}],
    ["nms_tier_2_week_2025-12-12.psv", 10, { PARSE_ERROR: 3 }],
    ["nms_tier_2_week_2025-12-26.psv", 10, { INVALID_MPID: 1, PARSE_ERROR: 3 }],
    ["otc_week_2025-12-19.psv", 6, { PARSE_ERROR: 1 }],
    ["otc_week_2025-12-26.psv", 10, { ZERO_VOLUME: 1 }],
  ])("messy: %s has %i lines; every one is a row or a counted reject", async (name, raw, rejects) => {
    const workspace = await CalcWorkspace.open();
    const { capture_id } = await workspace.ingest({ path: sharedPath("finra", "fixtures", "finra_otc", name) });
    const outcome = await workspace.normalise(capture_id);
    expect(outcome.raw).toBe(raw);
    expect(outcome.rows + outcome.rejected).toBe(raw);
    expect(Object.fromEntries(outcome.rejects.map(({ code, count }) => [code, count]))).toEqual(rejects);
    expect(outcome.results.find(({ check }) => check === "record_count_balance")?.status).toBe("PASS");
  });
});

test("5: 1,500 and 500 shares give 0.75 and 0.25", async () => {
  const workspace = await CalcWorkspace.open();
  await workspace.take(WEEK, [
    ["A", "ETRD", 1_000, 10],
    ["B", "ETRD", 500, 5],
    ["A", "SCHW", 500, 5],
  ]);
  await workspace.run("venue_share", [WEEK]);
  expect((await workspace.rows("venue_share")).map((row) => [row["mpid"], row["market_share_pct"], row["rank"]])).toEqual([
    ["ETRD", "0.75", 1],
    ["SCHW", "0.25", 2],
  ]);
});

test("6: any stage run again is skipped; with force the rows are the same apart from audit fields", async () => {
  const workspace = await CalcWorkspace.open();
  const capture = await workspace.take(WEEK, [["A", "ETRD", 10, 1]]);
  await workspace.run("symbol_summary", [WEEK]);
  const before = await workspace.rows("symbol_summary");
  workspace.clock += DAY;
  expect(await workspace.ingestRows(WEEK, [["A", "ETRD", 10, 1]])).toMatchObject({
    skipped: true,
    outcome: "identical",
    capture_id: capture,
  });
  expect((await workspace.normalise(capture)).skipped).toBe(true);
  const again = await workspace.run("symbol_summary", [WEEK]);
  expect(again).toMatchObject({ processed: 0, skipped: 1, items: [{ code: "SAME_INPUT" }] });
  expect((await workspace.run("symbol_summary", [WEEK], { level: "L3" })).items[0]).toMatchObject({
    status: "skipped",
    code: "TARGET_REACHED",
  });
  expect((await workspace.run("symbol_summary", [WEEK], { level: "L1", force: true })).items[0]).toMatchObject({
    code: "ALREADY_APPENDED",
  });
  expect(await workspace.run("symbol_summary", [WEEK], { force: true })).toMatchObject({ processed: 1 });
  const after = await workspace.rows("symbol_summary");
  expect(after[0]?.["calculated_at"]).not.toBe(before[0]?.["calculated_at"]);
  expect(compareRows(before, after).equal).toBe(true);
});

test("7: the same key, capture and version twice is refused; another capture or version is accepted", async () => {
  const store = new MemoryCalcStore();
  const unique = ["k", "capture_id", "calc_version"];
  const group = { table: "t", calc_name: "c", calc_version: "v1", capture_id: "one" };
  const row = { k: "x", capture_id: "one", calc_version: "v1", captured_at: 1 };
  expect(await store.insertRows(group, [row], unique)).toEqual({ kind: "stored" });
  expect((await store.insertRows(group, [{ ...row, captured_at: 2 }], unique)).kind).toBe("duplicate_key");
  expect((await store.insertRows({ ...group, capture_id: "two" }, [{ ...row, capture_id: "two" }], unique)).kind).toBe("stored");
  expect((await store.insertRows({ ...group, calc_version: "v2" }, [{ ...row, calc_version: "v2" }], unique)).kind).toBe("stored");
  expect(await store.readRows("t", "c", ["v1", "v2"], null)).toHaveLength(3);
});

describe("8: a restatement", () => {
  async function restated() {
    const workspace = await CalcWorkspace.open();
    const first = await workspace.take(WEEK, [["A", "ETRD", 10, 1]]);
    await workspace.run("symbol_summary", [WEEK]);
    const yesterday = workspace.clock;
    workspace.clock += DAY;
    const second = await workspace.take(WEEK, [["A", "ETRD", 12, 1]]);
    await workspace.run("symbol_summary", [WEEK]);
    return { workspace, first, second, yesterday };
  }
  const shares = async (workspace: CalcWorkspace, more = {}): Promise<unknown> =>
    (await workspace.rows("symbol_summary", more))[0]?.["total_shares"];

  test("is a new capture; latest shows it, as of yesterday the old one, and each by its id", async () => {
    const { workspace, first, second, yesterday } = await restated();
    expect(first).not.toBe(second);
    expect(workspace.log.index.capture(second)?.event.outcome).toBe("changed");
    expect(await shares(workspace)).toBe(12n);
    expect(await shares(workspace, { as_of: yesterday })).toBe(10n);
    expect([await shares(workspace, { capture_id: first }), await shares(workspace, { capture_id: second })]).toEqual([10n, 12n]);
  });

  test("of identical bytes is recognised, and takes a capture only by force", async () => {
    const { workspace } = await restated();
    workspace.clock += DAY;
    expect(await workspace.ingestRows(WEEK, [["A", "ETRD", 12, 1]])).toMatchObject({ outcome: "identical", skipped: true });
    expect(await workspace.ingestRows(WEEK, [["A", "ETRD", 12, 1]], { force: true })).toMatchObject({
      outcome: "identical",
      skipped: false,
    });
    expect(workspace.log.index.captures).toHaveLength(3);
  });

  test("is undone by retracting its capture: latest shows the old figure, the event stays", async () => {
    const { workspace, second } = await restated();
    expect(
      await retractCapture(workspace.ports, workspace.log, second, { by: "analyst-1", reason: "the source withdrew it" }),
    ).toMatchObject({ kind: "retracted", rows_removed: 1 });
    expect(await shares(workspace)).toBe(10n);
    expect(workspace.log.index.capture(second)).toMatchObject({ retracted: true, retraction: { by: "analyst-1" } });
    expect(await retractCapture(workspace.ports, workspace.log, second, { by: "", reason: "" })).toMatchObject({
      violations: [{ code: "WHO_MISSING" }, { code: "REASON_MISSING" }],
    });
  });

  test("by a scheduler: the same run day is a replay, another day a restatement", async () => {
    const workspace = await CalcWorkspace.open();
    const first = await workspace.ingestRows(WEEK, [["A", "ETRD", 10, 1]], { run_day: "2025-12-30" });
    expect(first.capture_id).toBe("finra.otc_transparency:OTC:2025-12-26:20251230");
    expect(await workspace.ingestRows(WEEK, [["A", "ETRD", 12, 1]], { run_day: "2025-12-30" })).toMatchObject({ skipped: true });
    expect(await workspace.ingestRows(WEEK, [["A", "ETRD", 12, 1]], { run_day: "2025-12-31" })).toMatchObject({
      skipped: false,
      outcome: "changed",
    });
  });
});

/** The declared liquidity score with a v10 beside v2, of which v2 is the current one. */
const withV10: FinraCalculation = {
  ...liquidityScore,
  calc_name: "liquidity_test",
  table: "finra_otc_transparency_liquidity_test",
  versions: ["v1", "v2", "v10"],
  current: "v2",
  implementations: { ...liquidityScore.implementations, v10: { compute: () => [] } },
};

test("9: a v10 beside v2: the current version does not depend on the order of texts", async () => {
  const registry = finraRegistry([withV10]);
  expect(registry.currentVersion("liquidity_test")).toEqual({ kind: "found", value: "v2" });
  const [two, ten] = ["v2", "v10"].map((version) => registry.rank("liquidity_test", version));
  expect([two, ten]).toEqual([
    { kind: "found", value: 2 },
    { kind: "found", value: 10 },
  ]);
});

describe("10 to 12: the life of a version", () => {
  const ask = { calc_name: "liquidity_score", calc_version: "v1", by: "analyst-1", reason: "v2 weighs trades" } as const;
  async function twoWeeks() {
    const workspace = await CalcWorkspace.open();
    for (const week of ["2025-12-19", WEEK]) {
      await workspace.take(week, [
        ["A", "ETRD", 800, 8],
        ["A", "SCHW", 200, 2],
      ]);
    }
    await workspace.run("liquidity_score", ["2025-12-19", WEEK]);
    return workspace;
  }

  test("10: deprecated: a write warns and works; sunset: a write is refused, a read works", async () => {
    const workspace = await twoWeeks();
    const move = (move: "activate" | "deprecate" | "sunset" | "delete", calc_version = "v1") =>
      moveCalcVersion(workspace.ports, workspace.log, workspace.registry, { ...ask, calc_version, move });
    expect(await move("deprecate")).toMatchObject({ kind: "refused", violations: [{ code: "CURRENT_VERSION" }] });
    expect(await move("activate", "v2")).toMatchObject({ kind: "moved", standing: { current: "v2" } });
    expect((await move("deprecate")).kind).toBe("moved");
    const warned = await workspace.run("liquidity_score", [WEEK], { version: "v1", force: true });
    expect([warned.processed, warned.warnings]).toEqual([1, ["liquidity_score v1 is deprecated; use v2"]]);
    expect(await move("activate")).toMatchObject({ violations: [{ code: "NOT_ACTIVE" }] });
    expect((await move("sunset")).kind).toBe("moved");
    const refused = await workspace.run("liquidity_score", [WEEK], { version: "v1", force: true });
    expect(refused.items[0]).toMatchObject({ status: "failed", code: "VERSION_SUNSET" });
    expect(await workspace.rows("liquidity_score", { versions: { version: "v1" } })).toHaveLength(2);
    expect(await move("delete")).toMatchObject({ violations: [{ code: "MIGRATION_MISSING" }] });
  });

  test("11: a backfill of v2 adds rows and leaves those of v1 as they were", async () => {
    const workspace = await twoWeeks();
    const before = await workspace.rows("liquidity_score", { versions: { version: "v1" } });
    await workspace.run("liquidity_score", ["2025-12-19", WEEK], { version: "v2" });
    expect(await workspace.rows("liquidity_score", { versions: { version: "v1" } })).toEqual(before);
    expect(await workspace.rows("liquidity_score", { versions: { version: "v2" } })).toHaveLength(2);
  });

  test("12: one version by name, the current one, or all", async () => {
    const workspace = await twoWeeks();
    await workspace.run("liquidity_score", [WEEK], { version: "v2" });
    const where = { week_ending: WEEK };
    // 1000 shares at 2 venues: v1 500; v2 sqrt(500 x 5) = 50.
    const scores = async (more: object) =>
      (await workspace.rows("liquidity_score", { where, ...more })).map((row) => [row["calc_version"], row["liquidity_score"]]);
    expect(await scores({ versions: { version: "v2" } })).toEqual([["v2", "50"]]);
    expect(await scores({})).toEqual([["v1", "500"]]);
    expect(await scores({ versions: "all" })).toEqual([
      ["v1", "500"],
      ["v2", "50"],
    ]);
  });

  test("declared versions are put on the log once", async () => {
    const workspace = await CalcWorkspace.open();
    const versions = FINRA_CALCULATIONS.flatMap((calc) => calc.versions).length;
    expect(await registerVersions(workspace.ports, workspace.log, workspace.registry)).toBe(versions);
    expect(await registerVersions(workspace.ports, workspace.log, workspace.registry)).toBe(0);
  });
});

describe("13: what is unknown or wrong is named", () => {
  test("calculation and version", async () => {
    const workspace = await CalcWorkspace.open();
    const query = (calc: string, version?: string) =>
      queryCalculation(workspace.ports, workspace.log, workspace.registry, {
        calc,
        ...(version === undefined ? {} : { versions: { version } }),
      });
    expect(await query("venue_shar")).toMatchObject({ violations: [{ code: "UNKNOWN_CALC", expected: "did you mean venue_share?" }] });
    expect(await query("venue_share", "v9")).toMatchObject({ violations: [{ code: "UNKNOWN_VERSION" }] });
  });

  test("tier alias and week, both at once", async () => {
    const workspace = await CalcWorkspace.open();
    const outcome = await ingestWeek(workspace.ports, workspace.log, {
      ...contentOf(compactFile(WEEK, [["A", "ETRD", 1, 1]])),
      tier: "tier9",
      week_ending: "2025-12-25",
    });
    expect(outcome).toMatchObject({
      violations: [
        { code: "INVALID_TIER", expected: expect.stringContaining("NMS_TIER_1, NMS_TIER_2, OTC") },
        { code: "WEEK_NOT_FRIDAY", expected: "the nearest Friday is 2025-12-26" },
      ],
    });
  });

  test("a week asked of a calculation", async () => {
    const workspace = await CalcWorkspace.open();
    const options = { calc: "venue_share", weeks: ["2025-12-25"], tiers: ["OTC"] } as const;
    expect(await runCalculations(workspace.ports, workspace.log, workspace.registry, options, noWait)).toMatchObject({
      violations: [{ code: "WEEK_NOT_FRIDAY" }],
    });
  });

  test("wrong columns, an empty file, a file that is not there, UTF-16, and a name that its rows contradict", async () => {
    const workspace = await CalcWorkspace.open();
    const codes = async (text: string, name?: string): Promise<readonly string[]> => {
      const outcome = await ingestWeek(workspace.ports, workspace.log, contentOf(text, name));
      return outcome.kind === "refused" ? outcome.violations.map(({ code }) => code) : [];
    };
    expect(await codes("Symbol,Volume\nA,1\n")).toEqual(["WRONG_COLUMNS"]);
    expect(await codes("")).toEqual(["FILE_EMPTY"]);
    expect(await codes(compactFile(WEEK, []))).toEqual(["FILE_EMPTY"]);
    expect(await codes(compactFile(WEEK, [["A", "ETRD", 1, 1]]), "finra_otc_weekly_tier1_20251229.csv")).toEqual(["TIER_CONFLICT"]);
    const bytes = new Uint8Array([0xff, 0xfe, 0x41, 0x00]);
    expect(await ingestWeek(workspace.ports, workspace.log, { source_type: "api", content: { file_name: "x", bytes } })).toMatchObject({
      violations: [{ code: "FILE_UNREADABLE" }],
    });
    expect(await ingestWeek(workspace.ports, workspace.log, { path: "no-such.csv" })).toMatchObject({
      reason: "not_found",
      violations: [{ code: "FILE_MISSING" }],
    });
    expect(await ingestWeek(workspace.ports, workspace.log, { source_type: "ftp" })).toMatchObject({
      violations: [{ code: "UNKNOWN_SOURCE", expected: "one of api, file" }],
    });
  });

  test("a mark at the start, mixed line ends, bytes that are no UTF-8, zero bytes and unicode names harm no other line", async () => {
    const workspace = await CalcWorkspace.open();
    const lines = compactFile(WEEK, [
      ["A", "ETRD", 1, 1],
      ["B", "ETRD", 2, 1],
      ["Ç", "ETRD", 3, 1],
      ["D", "ETRD", 4, 1],
    ]).split("\n");
    const text = `\uFEFF${lines[0]}\r\n${lines[1]}\r${lines[2]}\n${lines[3]}\n${lines[4]}\u0000\n`;
    const bytes = new TextEncoder().encode(`${text}${WEEK}|OTC|E`);
    const tail = new TextEncoder().encode("|ETRD|5|1\n");
    const content = { file_name: "week.psv", bytes: new Uint8Array([...bytes, 0xff, ...tail]) };
    const { capture_id } = await workspace.ingest({ source_type: "api", content });
    const outcome = await workspace.normalise(capture_id);
    expect(outcome).toMatchObject({
      raw: 5,
      rows: 2,
      rejected: 3,
      rejects: [
        { code: "INVALID_SYMBOL", count: 1 },
        { code: "PARSE_ERROR", count: 2 },
      ],
    });
  });
});

test("14: a storm of rejects: both reasons of a row, unparseable lines counted, and the balance holds", async () => {
  const workspace = await CalcWorkspace.open();
  const text = `${compactFile(WEEK, [
    ["A", "ETRD", 10, 1],
    ["", "ETRD", -5, 1],
  ])}garbage\n`;
  const { capture_id } = await workspace.ingest(contentOf(text, `week_${WEEK}.psv`));
  const outcome = await workspace.normalise(capture_id);
  expect(outcome).toMatchObject({ raw: 3, rows: 1, rejected: 2 });
  const stored = await workspace.ports.rows.readWeek(capture_id);
  expect(stored?.rejects.map(({ line, stage, reasons }) => [line, stage, ...reasons.map(({ code }) => code)])).toEqual([
    [3, "NORMALIZE", "INVALID_SYMBOL", "NEGATIVE_VOLUME"],
    [4, "INGEST", "PARSE_ERROR"],
  ]);
  expect(outcome.results.find(({ check }) => check === "record_count_balance")).toMatchObject({ status: "PASS", measured: 0 });
});

test("15: a symbol in two tiers splits its volume between them", async () => {
  const workspace = await CalcWorkspace.open();
  await workspace.take(WEEK, [["A", "ETRD", 300, 1]]);
  await workspace.take(WEEK, [["A", "ETRD", 100, 1]], { tier: "NMS_TIER_1" });
  const run = await workspace.run("weekly_symbol_tier_volume_share", [WEEK]);
  expect(run.items).toMatchObject([
    { tier: null, status: "processed", capture_id: expect.stringMatching(/^finra\.otc_transparency:set:2025-12-26:[0-9a-f]{16}$/) },
  ]);
  expect((await workspace.rows("weekly_symbol_tier_volume_share")).map((row) => [row["tier"], row["tier_volume_share"]])).toEqual([
    ["NMS_TIER_1", "0.25"],
    ["OTC", "0.75"],
  ]);
});

describe("16 and 17: rolling over six weeks", () => {
  const six = weeksUpTo(WEEK, 6);

  test("16: with five weeks nothing is computed and the shortage is an error; the sixth makes a re-run produce it", async () => {
    const workspace = await CalcWorkspace.open();
    for (const week of six.slice(1)) await workspace.take(week, [["A", "ETRD", 100, 1]]);
    const short = await workspace.run("symbol_rolling_6w", [WEEK]);
    expect(short).toMatchObject({ status: "failure", exit_code: 1, items: [{ code: "INSUFFICIENT_HISTORY" }] });
    expect(await workspace.rows("symbol_rolling_6w")).toEqual([]);
    const [anomaly] = workspace.log.index.anomalies.filter(({ check }) => check === "INSUFFICIENT_HISTORY");
    expect(anomaly).toMatchObject({ severity: "ERROR", stage: "ROLLING", week_ending: WEEK, tier: "OTC", resolution: null });
    await workspace.take(six[0] ?? "", [["A", "ETRD", 50, 1]]);
    expect(await workspace.run("symbol_rolling_6w", [WEEK])).toMatchObject({ processed: 1, status: "success" });
    // (5 x 100 + 50) / 6 and from 50 to 100: +100 %.
    expect(await workspace.rows("symbol_rolling_6w")).toMatchObject([
      {
        symbol: "A",
        avg_volume: "91.666666666666666667",
        min_volume: 50n,
        max_volume: 100n,
        trend_pct: "100",
        trend_direction: "UP",
        weeks_in_window: 6,
        is_complete: true,
      },
    ]);
    expect(workspace.log.index.anomaly(anomaly?.anomaly_id ?? "")?.resolution).toMatchObject({ by: "onetape" });
  });

  test("17: a symbol that lacks one week is incomplete, listed once, and no part of the latest", async () => {
    const workspace = await CalcWorkspace.open();
    for (const week of six) {
      await workspace.take(week, [["A", "ETRD", 100, 1], ...(week === six[2] ? [] : ([["B", "ETRD", 10, 1]] as const))]);
    }
    const run = await workspace.run("symbol_rolling_6w", [WEEK]);
    expect((await workspace.rows("symbol_rolling_6w")).map((row) => row["symbol"])).toEqual(["A"]);
    const set = run.items[0]?.capture_id ?? "";
    const all = await workspace.rows("symbol_rolling_6w", { capture_id: set });
    expect(all.map((row) => [row["symbol"], row["is_complete"], row["weeks_in_window"]])).toEqual([
      ["A", true, 6],
      ["B", false, 5],
    ]);
    expect(workspace.log.index.anomalies.filter(({ check }) => check === "rolling_coverage")).toMatchObject([
      { severity: "WARN", message: expect.stringContaining("PARTIAL_COVERAGE: 1 symbols lack a week: B") },
    ]);
  });
});

describe("18: volume per trading day", () => {
  async function perDay(week: string, shares: number, years: readonly number[]) {
    const workspace = await CalcWorkspace.open();
    for (const year of years) await loadCalendar(workspace.ports, workspace.log, { exchange_code: "XNYS", year });
    await workspace.take(week, [["A", "ETRD", shares, 1]]);
    const run = await workspace.run("volume_per_trading_day", [week]);
    return { run, rows: await workspace.rows("volume_per_trading_day") };
  }

  test.each([
    ["2025-01-24", 800_000, [2025], 4, "200000", "2025"],
    ["2026-01-02", 1_000_000, [2025, 2026], 4, "250000", "2025,2026"],
    [WEEK, 1_000, [2025], 4, "250", "2025"],
    ["2025-01-10", 1_000, [2025], 4, "250", "2025"],
  ])("the week ending %s: %i shares", async (week, shares, years, days, perTradingDay, touched) => {
    const { rows } = await perDay(week, shares, years);
    expect(rows).toMatchObject([{ trading_days: days, volume_per_day: perTradingDay, calendar_years: touched, calc_version: "1.1.0" }]);
    expect(String(rows[0]?.["calendar_capture_id_used"]).split(",")).toHaveLength(years.length);
  });

  test("without the calendar of a year the failure names the command that loads it", async () => {
    const { run } = await perDay("2026-01-02", 1, [2026]);
    expect(run.items[0]).toMatchObject({
      status: "failed",
      code: "MISSING_CALENDAR",
      message: expect.stringContaining("reference.exchange_calendar.ingest_year -p exchange_code=XNYS -p year=2025"),
    });
    expect((await perDay(WEEK, 1, [])).run.items[0]).toMatchObject({ code: "MISSING_CALENDAR" });
  });
});

describeShared("the holiday files", () => {
  test("are loaded as captures; the same content again is skipped", async () => {
    const workspace = await CalcWorkspace.open();
    const name = "holidays_xnys_2026.json";
    const content: unknown = JSON.parse(readFileSync(sharedPath("calendar", name), "utf8"));
    const loaded = await loadCalendar(workspace.ports, workspace.log, { file: { name, content } });
    expect(loaded).toMatchObject({ kind: "loaded", exchange_code: "XNYS", year: 2026, holidays: 10, skipped: false });
    expect(await loadCalendar(workspace.ports, workspace.log, { file: { name, content } })).toMatchObject({ skipped: true });
  });
});

test("19: a backfill of four weeks with one bad file: three processed, one failed, not failed as a whole", async () => {
  const workspace = await CalcWorkspace.open();
  const files = weeksUpTo(WEEK, 4).map((week, at) =>
    contentOf(at === 1 ? "bad\n" : compactFile(week, [["A", "ETRD", 100, 1]]), `week_${week}.psv`),
  );
  const report = await backfillWeeks(workspace.ports, workspace.log, workspace.registry, { files }, noWait);
  expect(report).toMatchObject({ processed: 3, skipped: 0, failed: 1, total: 4, status: "partial", exit_code: 2 });
  expect(report.weeks[1]).toMatchObject({ status: "failed", violations: [{ code: "WRONG_COLUMNS" }] });
  expect(report.weeks[3]?.failed_calculations).toMatchObject([{ calc: "symbol_rolling_6w", code: "INSUFFICIENT_HISTORY" }]);
});

test("20: a tier without volume: shares of 0, a critical finding, no crash; negative volume is a reject", async () => {
  const workspace = await CalcWorkspace.open();
  const capture = await workspace.take(WEEK, [
    ["A", "ETRD", 0, 5],
    ["B", "SCHW", 0, 5],
    ["C", "SCHW", -1, 5],
  ]);
  expect(await workspace.run("venue_share", [WEEK])).toMatchObject({ processed: 1 });
  expect((await workspace.rows("venue_share")).map((row) => row["market_share_pct"])).toEqual(["0", "0"]);
  expect(workspace.log.index.anomalies.filter(({ check }) => check === "zero_volume")[0]).toMatchObject({
    severity: "CRITICAL",
    capture_id: capture,
  });
});

describe("23: readiness", () => {
  async function zeroWeek() {
    const workspace = await CalcWorkspace.open();
    await workspace.take(WEEK, [["A", "ETRD", 0, 5]]);
    await workspace.run("symbol_summary", [WEEK]);
    return workspace;
  }
  const options = { week_ending: WEEK, tiers: ["OTC"] };

  test("an unresolved critical anomaly blocks trading; resolving it with a note unblocks, and it stays on record", async () => {
    const workspace = await zeroWeek();
    const { index } = workspace.log;
    expect(weekReadiness(index, options, workspace.clock)).toMatchObject({
      is_ready: false,
      ready_for: { trading: false, research: false },
      criteria: { no_critical_anomalies: false },
    });
    expect(await certifyWeek(workspace.ports, workspace.log, { ...options, by: "ops-1" })).toMatchObject({ kind: "refused" });
    const critical = index.anomalies.filter(({ severity }) => severity === "CRITICAL");
    expect(critical).toHaveLength(1);
    for (const { anomaly_id } of critical) {
      expect(await resolveAnomaly(workspace.ports, workspace.log, anomaly_id, { by: "ops-1", note: "" })).toMatchObject({
        violations: [{ code: "REASON_MISSING" }],
      });
      expect(await resolveAnomaly(workspace.ports, workspace.log, anomaly_id, { by: "ops-1", note: "a holiday week" })).toEqual({
        kind: "resolved",
      });
    }
    expect(weekReadiness(index, options, workspace.clock).ready_for).toEqual({ trading: true, compliance: false, research: true });
    expect(index.anomalies.find(({ severity }) => severity === "CRITICAL")).toMatchObject({
      resolution: { by: "ops-1", note: "a holiday week" },
    });
    expect(await certifyWeek(workspace.ports, workspace.log, { ...options, by: "ops-1" })).toEqual({
      kind: "certified",
      ready_for: ["trading", "research"],
    });
    expect(index.certification(FINRA_OTC, WEEK)).toMatchObject({ by: "ops-1" });
  });

  test("compliance waits until the week is no longer preliminary; a missing tier is named", async () => {
    const workspace = await CalcWorkspace.open();
    await workspace.take(WEEK, [["A", "ETRD", 10, 5]]);
    await workspace.run("symbol_summary", [WEEK]);
    const at = workspace.clock;
    expect(weekReadiness(workspace.log.index, options, at + 72 * 3_600_000).ready_for.compliance).toBe(false);
    expect(weekReadiness(workspace.log.index, options, at + 72 * 3_600_000 + 1)).toMatchObject({ is_ready: true });
    expect(weekReadiness(workspace.log.index, { week_ending: WEEK }, at).blocking_issues[0]).toContain("missing: NMS_TIER_1, NMS_TIER_2");
  });
});

test("24: tied venues rank by volume and then by name, whatever the order of the file", async () => {
  const workspace = await CalcWorkspace.open();
  await workspace.take(WEEK, [
    ["A", "ZZZZ", 10, 1],
    ["A", "BBBB", 20, 1],
    ["A", "AAAA", 10, 1],
  ]);
  await workspace.run("venue_share", [WEEK]);
  const rows = await workspace.rows("venue_share");
  expect([...rows].sort((a, b) => Number(a["rank"]) - Number(b["rank"])).map((row) => row["mpid"])).toEqual(["BBBB", "AAAA", "ZZZZ"]);
});

describe("25: a batch", () => {
  test("dry: targets newest week first, and nothing is changed", async () => {
    const workspace = await CalcWorkspace.open();
    await workspace.take(WEEK, [["A", "ETRD", 10, 1]]);
    const report = await workspace.run("venue_share", weeksUpTo(WEEK, 3), { dry_run: true, tiers: ["OTC", "NMS_TIER_1"] });
    expect(report).toMatchObject({ status: "dry_run", exit_code: 0, total: 6 });
    expect(report.items.map(({ week_ending, tier }) => `${week_ending} ${tier}`).slice(0, 3)).toEqual([
      "2025-12-26 OTC",
      "2025-12-26 NMS_TIER_1",
      "2025-12-19 OTC",
    ]);
    expect(workspace.log.index.results).toEqual([]);
  });

  test("ends with 2 when only some partitions succeed, and the numbers add up", async () => {
    const workspace = await CalcWorkspace.open();
    await workspace.take(WEEK, [["A", "ETRD", 10, 1]]);
    const report = await workspace.run("venue_share", weeksUpTo(WEEK, 3));
    expect(report).toMatchObject({ status: "partial", exit_code: 2, processed: 1, failed: 2, total: 3 });
    expect(report.items).toHaveLength(report.processed + report.skipped + report.failed);
    expect(report.items.map(({ code }) => code)).toEqual(["NO_CAPTURE", "NO_CAPTURE", null]);
  });

  test("gives the same rows for any number of partitions at a time", async () => {
    const run = async (concurrency: number) => {
      const workspace = await CalcWorkspace.open();
      for (const week of weeksUpTo(WEEK, 5)) await workspace.take(week, [["A", "ETRD", 10, 1]]);
      const progress: number[] = [];
      const report = await workspace.run("symbol_summary", weeksUpTo(WEEK, 5), { concurrency, onProgress: (done) => progress.push(done) });
      return { sets: report.items.map(({ row_set }) => row_set), progress };
    };
    const one = await run(1);
    expect(await run(4)).toEqual(one);
    expect(one.progress).toEqual([1, 2, 3, 4, 5]);
  });

  test("a store that fails is tried again after 60 and 120 seconds; then the item fails and the others go on", async () => {
    class Failing extends MemoryCalcStore {
      failures = 0;
      override async replaceRows(...args: Parameters<MemoryCalcStore["replaceRows"]>): ReturnType<MemoryCalcStore["replaceRows"]> {
        if (this.failures > 0 && args[1].some((row) => row["week_ending"] === "2025-12-19")) {
          this.failures -= 1;
          throw new Error("the disk is full");
        }
        return super.replaceRows(...args);
      }
    }
    const rows = new Failing();
    const workspace = await CalcWorkspace.open({ rows });
    for (const week of ["2025-12-19", WEEK]) await workspace.take(week, [["A", "ETRD", 10, 1]]);
    rows.failures = 3;
    const report = await workspace.run("symbol_summary", ["2025-12-19", WEEK]);
    expect(workspace.waits).toEqual([60_000, 120_000]);
    expect(report.items).toMatchObject([
      { status: "failed", code: "STEP_FAILURE", attempts: 3 },
      { status: "processed", attempts: 1 },
    ]);
    expect(workspace.log.index.work("finra.otc_transparency/symbol_summary/v1/2025-12-19/OTC")).toMatchObject({
      status: "FAILED",
      attempts: 3,
    });
    rows.failures = 1;
    expect((await workspace.run("symbol_summary", ["2025-12-19"])).items).toMatchObject([{ status: "processed", attempts: 2 }]);
  });

  test("a target costs the log one append: what was computed, its checks and the work that it settles", async () => {
    const workspace = await CalcWorkspace.open();
    await workspace.take(WEEK, [["A", "ETRD", 10, 1]]);
    const appended: string[][] = [];
    const append = workspace.log.append.bind(workspace.log);
    workspace.log.append = async (decide) => {
      const events = await append(decide);
      appended.push(events.map(({ type }) => type));
      return events;
    };
    await workspace.run("symbol_summary", [WEEK]);
    await workspace.run("symbol_rolling_6w", [WEEK]);
    await workspace.run("symbol_summary", ["2025-12-19"]);
    const done = ["quality.measured", "calc.computed", "stage.completed", "work.settled"];
    const failed = ["capture_set.formed", "quality.measured", "anomaly.raised", "work.settled", "alert.raised"];
    // A window without its weeks raises an anomaly and fails; a week that nobody took has nothing to tell but that.
    expect(appended).toEqual([done, failed, ["work.settled"]]);
    const key = "finra.otc_transparency/symbol_rolling_6w/v1";
    expect(workspace.log.index.work(`${key}/${WEEK}/OTC`)).toMatchObject({ status: "FAILED", attempts: 1, code: "INSUFFICIENT_HISTORY" });
  });

  test("a look-back is at most twelve weeks, unless forced", () => {
    expect(lookBack(WEEK, 20, false)).toMatchObject({
      weeks: weeksUpTo(WEEK, 12),
      warning: "a look-back of 20 weeks was cut to 12; --force takes them all",
    });
    expect(lookBack(WEEK, 20, true).weeks).toHaveLength(20);
  });
});

describe("hardening", () => {
  const found = (workspace: CalcWorkspace, check: string) => workspace.log.index.anomalies.filter((anomaly) => anomaly.check === check);

  test("a missing tier warns, and a later one makes a new set beside the old rows", async () => {
    const workspace = await CalcWorkspace.open();
    await workspace.take(WEEK, [["A", "ETRD", 300, 1]]);
    const [first] = (await workspace.run("weekly_symbol_venue_share", [WEEK])).items;
    expect(found(workspace, "all_tiers_present")).toMatchObject([
      { severity: "WARN", message: "2025-12-26: tiers are missing: NMS_TIER_1, NMS_TIER_2" },
    ]);
    workspace.clock += DAY;
    await workspace.take(WEEK, [["A", "SCHW", 100, 1]], { tier: "NMS_TIER_2" });
    const [second] = (await workspace.run("weekly_symbol_venue_share", [WEEK])).items;
    expect(second?.capture_id).not.toBe(first?.capture_id);
    expect(await workspace.rows("weekly_symbol_venue_share", { capture_id: first?.capture_id ?? "" })).toHaveLength(1);
    expect((await workspace.rows("weekly_symbol_venue_share")).map((row) => row["venue_share"])).toEqual(["0.75", "0.25"]);
  });

  test("a week against the one before it: missing venues, a swing of volume, a shift of shares", async () => {
    const workspace = await CalcWorkspace.open();
    await workspace.take("2025-12-19", [
      ["A", "ETRD", 500, 1],
      ["A", "SCHW", 400, 1],
      ["A", "GONE", 100, 1],
    ]);
    const { capture_id } = await workspace.ingestRows(WEEK, [
      ["A", "ETRD", 1_400, 1],
      ["A", "SCHW", 101, 1],
    ]);
    const { results, grade } = await workspace.normalise(capture_id);
    expect(results.filter(({ status }) => status === "WARN").map(({ check }) => check)).toEqual([
      "missing_venues",
      "volume_swing",
      "market_share_shift",
    ]);
    expect(grade).toBe("C");
  });

  test("half as much again, and a shift of exactly ten points, are no warning", async () => {
    const workspace = await CalcWorkspace.open();
    await workspace.take("2025-12-19", [
      ["A", "ETRD", 500, 1],
      ["A", "SCHW", 500, 1],
    ]);
    const { capture_id } = await workspace.ingestRows(WEEK, [
      ["A", "ETRD", 900, 1],
      ["A", "SCHW", 600, 1],
    ]);
    expect((await workspace.normalise(capture_id)).grade).toBe("A");
  });

  test("a week that arrives late is told as information", async () => {
    const workspace = await CalcWorkspace.open();
    await workspace.take(WEEK, [["A", "ETRD", 1, 1]]);
    await workspace.take("2025-12-19", [["A", "ETRD", 1, 1]]);
    expect(found(workspace, "late_arrival")).toMatchObject([{ week_ending: "2025-12-19", severity: "INFO", category: "FRESHNESS" }]);
  });

  test("a corrected calendar warns about what rests on the old one, and a run then uses the new one", async () => {
    const workspace = await CalcWorkspace.open();
    const year = { exchange_code: "XNYS", year: 2025, holidays: [{ date: "2025-12-25", name: "Christmas Day", type: "market_holiday" }] };
    await loadCalendar(workspace.ports, workspace.log, { file: { name: "old.json", content: { ...year, holidays: [] } } });
    await workspace.take(WEEK, [["A", "ETRD", 1_000, 1]]);
    await workspace.run("volume_per_trading_day", [WEEK]);
    expect((await workspace.rows("volume_per_trading_day"))[0]?.["trading_days"]).toBe(5);
    workspace.clock += DAY;
    await loadCalendar(workspace.ports, workspace.log, { file: { name: "new.json", content: year } });
    expect(found(workspace, "calendar_corrected")).toMatchObject([{ week_ending: WEEK, severity: "WARN", category: "DEPENDENCY" }]);
    expect(await workspace.run("volume_per_trading_day", [WEEK])).toMatchObject({ processed: 1 });
    expect((await workspace.rows("volume_per_trading_day"))[0]?.["trading_days"]).toBe(4);
  });

  test("a restatement is explained record by record", async () => {
    const workspace = await CalcWorkspace.open();
    await workspace.take(WEEK, [
      ["A", "ETRD", 1, 1],
      ["B", "ETRD", 2, 1],
      ["C", "ETRD", 3, 1],
    ]);
    const partition = { week_ending: WEEK, tier: "OTC" };
    expect(await explainRestatement(workspace.ports, workspace.log, partition)).toMatchObject({
      kind: "refused",
      violations: [{ code: "NO_RESTATEMENT" }],
    });
    workspace.clock += DAY;
    await workspace.take(WEEK, [
      ["A", "ETRD", 1, 1],
      ["B", "ETRD", 5, 1],
      ["D", "ETRD", 4, 1],
    ]);
    expect(await explainRestatement(workspace.ports, workspace.log, partition)).toMatchObject({
      kind: "explained",
      changes: [
        { symbol: "B", kind: "changed", before: { shares: 2 }, after: { shares: 5 } },
        { symbol: "C", kind: "removed", before: { shares: 3 }, after: null },
        { symbol: "D", kind: "added", before: null, after: { shares: 4 } },
      ],
    });
  });

  test("the log alone gives the same index: a second opening sees captures, results, anomalies and versions", async () => {
    const workspace = await CalcWorkspace.open();
    await workspace.take(WEEK, [["A", "ETRD", 0, 1]]);
    await workspace.run("symbol_summary", [WEEK]);
    const { index } = workspace.log;
    await workspace.log.close();
    const again = (await CalcWorkspace.open({ store: workspace.ports.store, rows: workspace.ports.rows })).log.index;
    expect([again.captures, again.results, again.anomalies, again.measured]).toEqual([
      index.captures,
      index.results,
      index.anomalies,
      index.measured,
    ]);
  });
});

test("the registry of the domain keeps every invariant", () => {
  expect(() => new CalcRegistry(FINRA_CALCULATIONS)).not.toThrow();
});
