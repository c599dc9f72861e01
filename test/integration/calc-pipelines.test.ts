/** Pipelines by the names and with the parameters that the domain has always had. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FileSourceArchive } from "../../src/adapters/finra/file-source-archive.js";
import { PIPELINES } from "../../src/core/calc/finra-otc/pipelines.js";
import { loadCalendar } from "../../src/usecases/load-calendar.js";
import { rebuildCalculations } from "../../src/usecases/rebuild-calculations.js";
import { runPipeline } from "../../src/usecases/run-pipeline.js";
import { type OpenedCalcStore, openCalcStore } from "../support/calc-stores.js";
import { CalcWorkspace, DAY } from "../support/calc-workspace.js";
import { compactFile } from "../support/finra-week.js";

const WEEK = "2025-12-26";
const DOMAIN = "finra.otc_transparency";
const noWait = async (): Promise<void> => {};

let opened: OpenedCalcStore;
let workspace: CalcWorkspace;
beforeEach(async () => {
  opened = await openCalcStore();
  workspace = await CalcWorkspace.open({ rows: opened.store, sources: new FileSourceArchive(join(opened.folder, "sources")) });
});
afterEach(() => opened.dispose());

const run = (name: string, parameters: Readonly<Record<string, string>>) =>
  runPipeline(
    workspace.ports,
    workspace.log,
    workspace.registry,
    { name, parameters: Object.entries(parameters), cwd: opened.folder },
    noWait,
  );

/** The pipelines of the earlier system and what they took; a star is a required one. */
const TABLE: Readonly<Record<string, string>> = {
  "finra.otc_transparency.ingest_week": "file_path tier week_ending source_type file_date force mock_response batch_id",
  "finra.otc_transparency.normalize_week": "week_ending* tier* capture_id force",
  "finra.otc_transparency.aggregate_week": "week_ending* tier* capture_id force",
  "finra.otc_transparency.compute_rolling": "week_ending* tier* window_weeks force",
  "finra.otc_transparency.compute_venue_share": "week_ending tier capture_id force",
  "finra.otc_transparency.compute_venue_concentration": "week_ending start_date end_date tier calc_version force",
  "finra.otc_transparency.compute_volume_per_day": "week_ending tier exchange_code calendar_capture_id force",
  "finra.otc_transparency.backfill_range": "tier* weeks_back* source_dir* file_pattern force",
  "reference.exchange_calendar.ingest_year": "file_path year exchange_code force",
  "reference.exchange_calendar.compute_trading_days": "year exchange_code",
};

describe("1: pipelines by name", () => {
  test("an empty store lists every pipeline with its parameters", () => {
    expect(PIPELINES.map(({ name }) => name).sort()).toEqual(Object.keys(TABLE).sort());
    for (const { name, parameters, summary } of PIPELINES) {
      const told = parameters.map((one) => `${one.name}${one.required ? "*" : ""}`);
      expect(told, name).toEqual(expect.arrayContaining(TABLE[name]?.split(" ") ?? []));
      expect(summary).not.toBe("");
    }
  });

  test("a file goes from ingest to a moving window by parameters alone; the calendar's hint is true", async () => {
    writeFileSync(join(opened.folder, "week.psv"), compactFile(WEEK, [["A", "ETRD", 10, 1]]));
    expect(await run(`${DOMAIN}.ingest_week`, { file_path: "week.psv" })).toMatchObject({
      status: "success",
      steps: [{ code: "FIRST_INGEST", row_count: 1 }],
    });
    const partition = { week_ending: WEEK, tier: "otc" };
    expect(await run(`${DOMAIN}.normalize_week`, partition)).toMatchObject({ processed: 1 });
    expect(await run(`${DOMAIN}.aggregate_week`, partition)).toMatchObject({ processed: 1 });
    expect(await run(`${DOMAIN}.compute_venue_share`, partition)).toMatchObject({ processed: 1 });
    expect(await run(`${DOMAIN}.compute_rolling`, partition)).toMatchObject({
      status: "failure",
      exit_code: 1,
      steps: [{ code: "INSUFFICIENT_HISTORY" }],
    });
    expect(await run(`${DOMAIN}.compute_volume_per_day`, partition)).toMatchObject({ steps: [{ code: "MISSING_CALENDAR" }] });
    expect(await run("reference.exchange_calendar.ingest_year", { exchange_code: "XNYS", year: "2025" })).toMatchObject({ processed: 1 });
    expect(await run(`${DOMAIN}.compute_volume_per_day`, partition)).toMatchObject({ processed: 1 });
    expect(await run("reference.exchange_calendar.compute_trading_days", { week_ending: WEEK })).toMatchObject({ processed: 4 });
  });

  test("13: every fault of the parameters is told at once, with the nearest name", async () => {
    expect(await run("compute_venue_share", { week_ending: "2025-12-25", teir: "OTC" })).toMatchObject({
      kind: "refused",
      violations: [
        { code: "WEEK_NOT_FRIDAY", expected: "the nearest Friday is 2025-12-26" },
        { code: "INVALID_PARAMS", message: "there is no parameter teir; did you mean tier?" },
      ],
    });
    expect(await run("venue_shares", {})).toMatchObject({
      violations: [{ code: "PIPELINE_NOT_FOUND", expected: "did you mean venue_share?" }],
    });
    expect(await run("venue_share", { week_ending: WEEK, tier: "tier9" })).toMatchObject({ violations: [{ code: "INVALID_TIER" }] });
  });

  test("a range that ends before it begins, one without a Friday and one of too many weeks are told apart from no week at all", async () => {
    const range = (start_date: string, end_date: string) => run("venue_share", { start_date, end_date });
    expect(await range("2025-12-26", "2025-12-01")).toMatchObject({
      violations: [{ code: "INVALID_PARAMS", message: "the range ends on 2025-12-01, before it begins on 2025-12-26" }],
    });
    expect(await range("2025-12-20", "2025-12-21")).toMatchObject({ violations: [{ message: "no Friday lies in the range" }] });
    expect(await range("1700-01-01", "2025-12-21")).toMatchObject({ violations: [{ message: expect.stringContaining("10,000 weeks") }] });
    expect(await run("venue_share", {})).toMatchObject({ violations: [{ message: "no week is given" }] });
  });

  test("a capture says its week and tier by itself; an unknown one is refused", async () => {
    const old = await workspace.take(WEEK, [["A", "ETRD", 10, 1]]);
    workspace.clock += DAY;
    await workspace.take(WEEK, [["A", "ETRD", 20, 1]]);
    expect(await run("compute_venue_share", { capture_id: old })).toMatchObject({
      processed: 1,
      steps: [{ capture_id: old, week_ending: WEEK, tier: "OTC" }],
    });
    expect(await run("venue-share", { capture_id: "none" })).toMatchObject({ violations: [{ code: "UNKNOWN_CAPTURE" }] });
  });

  test("where no tier is named, a range asks each week for the tiers that it has, and still tells a week that has none", async () => {
    await workspace.take("2025-12-12", [["A", "ETRD", 10, 1]]);
    await workspace.take(WEEK, [["A", "ETRD", 10, 1]]);
    await workspace.take(WEEK, [["A", "ETRD", 7, 1]], { tier: "NMS_TIER_1" });
    const range = { start_date: "2025-12-12", end_date: WEEK };
    const ran = await run("venue_share", range);
    if (ran.kind === "refused") throw new Error(JSON.stringify(ran.violations));
    expect(ran.steps.map(({ week_ending, tier, code }) => [week_ending, tier, code])).toEqual([
      ["2025-12-12", "OTC", null],
      ["2025-12-19", "NMS_TIER_1", "NO_CAPTURE"],
      ["2025-12-19", "OTC", "NO_CAPTURE"],
      [WEEK, "NMS_TIER_1", null],
      [WEEK, "OTC", null],
    ]);
    expect(await run("venue_share", { ...range, tier: "NMS_TIER_1" })).toMatchObject({ processed: 0, skipped: 1, failed: 2 });
  });

  test("a version is a parameter too, and may not contradict the flag", async () => {
    await workspace.take(WEEK, [["A", "ETRD", 10, 1]]);
    const partition = { week_ending: WEEK, calc_version: "v2" };
    expect(await run("compute_venue_concentration", partition)).toMatchObject({ steps: [{ what: "venue_concentration", version: "v2" }] });
    const request = { name: "venue_concentration", parameters: Object.entries(partition), cwd: opened.folder, version: "v1" };
    expect(await runPipeline(workspace.ports, workspace.log, workspace.registry, request, noWait)).toMatchObject({
      violations: [{ code: "INVALID_PARAMS", field: "calc_version" }],
    });
  });

  test("the batch that a file came with stands beside its capture", async () => {
    writeFileSync(join(opened.folder, "week.psv"), compactFile(WEEK, [["A", "ETRD", 10, 1]]));
    await run(`${DOMAIN}.ingest_week`, { file_path: "week.psv", batch_id: "december-1" });
    await workspace.log.tellTables();
    expect(await opened.store.readCore("core_captures")).toMatchObject([{ week_ending: WEEK, batch_id: "december-1" }]);
  });

  test("a year's trading days are listed: 250 of XNYS in 2025", async () => {
    await loadCalendar(workspace.ports, workspace.log, { exchange_code: "XNYS", year: 2025 });
    // 261 weekdays less the eleven closures that the exchange published.
    expect(await run("reference.exchange_calendar.compute_trading_days", { year: "2025" })).toMatchObject({ processed: 250 });
    expect(await run("reference.exchange_calendar.compute_trading_days", { year: "2025", week_ending: WEEK })).toMatchObject({
      violations: [{ code: "INVALID_PARAMS" }],
    });
  });
});

describe("18: a calendar by its capture", () => {
  const christmas = [{ date: "2025-12-25", name: "Christmas", type: "market_holiday" }];
  const load = async (holidays: readonly object[]): Promise<string> => {
    const content = { exchange_code: "XNYS", year: 2025, holidays };
    const done = await loadCalendar(workspace.ports, workspace.log, { file: { name: "xnys.json", content } });
    if (done.kind === "refused") throw new Error(JSON.stringify(done.violations));
    workspace.clock += DAY;
    return done.capture_id;
  };

  test("the one that is named counts the days, the newest otherwise, and a rebuild finds which it was", async () => {
    await workspace.take(WEEK, [["A", "ETRD", 1_000, 1]]);
    const old = await load([]);
    const corrected = await load(christmas);
    const days = async (parameters: Readonly<Record<string, string>>) => {
      const ran = await run("compute_volume_per_day", { week_ending: WEEK, ...parameters });
      expect(ran).toMatchObject({ processed: 1 });
      const [row] = await workspace.rows("volume_per_trading_day");
      return [row?.["volume_per_day"], row?.["calendar_capture_id_used"]];
    };
    expect(await days({})).toEqual(["250", corrected]);
    expect(await days({ calendar_capture_id: old })).toEqual(["200", old]);
    expect(await rebuildCalculations(workspace.ports, workspace.log, workspace.registry)).toMatchObject({ differences: [] });
    expect((await workspace.rows("volume_per_trading_day"))[0]?.["volume_per_day"]).toBe("200");
  });

  test("one that is unknown, of another exchange, or of a year that the week does not touch is refused", async () => {
    await workspace.take(WEEK, [["A", "ETRD", 1_000, 1]]);
    const known = await load(christmas);
    const refusal = (parameters: Readonly<Record<string, string>>) => run("volume_per_trading_day", { week_ending: WEEK, ...parameters });
    expect(await refusal({ calendar_capture_id: "none" })).toMatchObject({ violations: [{ code: "UNKNOWN_CALENDAR" }] });
    expect(await refusal({ calendar_capture_id: known, exchange_code: "XNAS" })).toMatchObject({
      violations: [{ code: "UNKNOWN_CALENDAR" }],
    });
    await loadCalendar(workspace.ports, workspace.log, { exchange_code: "XNYS", year: 2024 });
    const other = workspace.log.index.calendar("XNYS", 2024)?.capture_id ?? "";
    expect(await refusal({ calendar_capture_id: other })).toMatchObject({ steps: [{ status: "failed", code: "CALENDAR_CONFLICT" }] });
  });
});
