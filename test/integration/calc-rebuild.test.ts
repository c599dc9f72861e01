/** Rows on disk: made again to the byte, verified, queried in SQL, and scheduled. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { answerSql, streamSql } from "../../src/adapters/calc-rows/calc-sql.js";
import { FileSourceArchive } from "../../src/adapters/finra/file-source-archive.js";
import { canonicalRows } from "../../src/core/calc/canonical-rows.js";
import { CORE_TABLES } from "../../src/core/calc/core-tables.js";
import { currentVersions, moveCalcVersion, resolveAnomaly, retractCapture } from "../../src/usecases/govern-calculations.js";
import { loadCalendar } from "../../src/usecases/load-calendar.js";
import { rebuildCalculations } from "../../src/usecases/rebuild-calculations.js";
import { type ScheduleOptions, type ScheduleReport, scheduleCalculations } from "../../src/usecases/schedule-calculations.js";
import { verifyCalculations } from "../../src/usecases/verify-calculations.js";
import { type OpenedCalcStore, openCalcStore } from "../support/calc-stores.js";
import { CalcWorkspace, DAY } from "../support/calc-workspace.js";
import { compactFile } from "../support/finra-week.js";

const WEEKS = ["2025-12-12", "2025-12-19", "2025-12-26"];
const WEEK = "2025-12-26";
const noWait = async (): Promise<void> => {};

let opened: OpenedCalcStore;
let workspace: CalcWorkspace;
beforeEach(async () => {
  opened = await openCalcStore();
  workspace = await CalcWorkspace.open({ rows: opened.store, sources: new FileSourceArchive(join(opened.folder, "sources")) });
});
afterEach(() => opened.dispose());

/** A restatement, a retraction, both tiers, a corrected calendar, two versions and a deletion. */
async function eventful(): Promise<void> {
  for (const week of WEEKS) {
    await workspace.take(week, [
      ["A", "ETRD", 10, 1],
      ["B", "SCHW", 5, 2],
    ]);
    await workspace.take(week, [["A", "ETRD", 7, 1]], { tier: "NMS_TIER_1" });
    workspace.clock += DAY;
  }
  await workspace.take(WEEK, [
    ["A", "ETRD", 12, 1],
    ["B", "SCHW", 5, 2],
    ["-", "SCHW", -5, 2],
  ]);
  await loadCalendar(workspace.ports, workspace.log, { exchange_code: "XNYS", year: 2025 });
  for (const calc of [
    "symbol_summary",
    "venue_share",
    "wow_change",
    "symbol_rolling_4w",
    "volume_per_trading_day",
    "weekly_symbol_venue_share",
    "research_snapshot",
  ])
    await workspace.run(calc, WEEKS, { tiers: ["OTC", "NMS_TIER_1"] });
  for (const version of ["v1", "v2"]) await workspace.run("venue_concentration", WEEKS, { version });
  const holiday = {
    name: "corrected.json",
    content: { exchange_code: "XNYS", year: 2025, holidays: [{ date: "2025-12-24", name: "made up", type: "market_holiday" }] },
  };
  await loadCalendar(workspace.ports, workspace.log, { file: holiday });
  const wrong = await workspace.take(WEEK, [["A", "ETRD", 99, 1]]);
  await workspace.run("symbol_summary", [WEEK]);
  await retractCapture(workspace.ports, workspace.log, wrong, { by: "analyst-1", reason: "withdrawn" });
  for (const move of ["activate", "deprecate"] as const)
    await moveCalcVersion(workspace.ports, workspace.log, workspace.registry, {
      calc_name: "venue_concentration",
      calc_version: move === "activate" ? "v2" : "v1",
      move,
      by: "analyst-1",
      reason: "trades count",
    });
  await workspace.log.tellTables();
}

/** All that is stored: names of files with their bytes, and every row of every table. */
async function everything(): Promise<unknown> {
  const folder = join(opened.folder, "objects");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".parquet"))
    .sort();
  const groups = (await opened.store.groups()).map(({ path: _, ...group }) => group);
  const core = await Promise.all(CORE_TABLES.map(async ({ name }) => [name, await opened.store.readCore(name)]));
  const latest = await opened.database.all("SELECT * FROM finra_otc_transparency_symbol_summary_latest ORDER BY week_ending, tier, symbol");
  return { files: files.map((name) => [name, readFileSync(join(folder, name)).toString("base64")]), groups, core, latest };
}

describe("a rebuild", () => {
  test("gives the same files, groups and tables to the byte, audit fields included", async () => {
    await eventful();
    const before = await everything();
    const report = await rebuildCalculations(workspace.ports, workspace.log, workspace.registry);
    expect(report).toMatchObject({ differences: [], captures: 7, removed: 0 });
    expect(await everything()).toEqual(before);
    expect(await verifyCalculations(workspace.ports, workspace.log, workspace.registry)).toMatchObject({ failures: [], captures: 7 });
  });

  test("makes everything again where all of it was thrown away", async () => {
    await eventful();
    const rows = async (): Promise<readonly string[]> => canonicalRows(await workspace.rows("venue_concentration", { versions: "all" }));
    const before = await rows();
    expect(before.length).toBeGreaterThan(6);
    await opened.store.clear();
    expect((await verifyCalculations(workspace.ports, workspace.log, workspace.registry)).failures.length).toBeGreaterThan(10);
    const again = await rebuildCalculations(workspace.ports, workspace.log, workspace.registry);
    expect(again.differences).toEqual([]);
    expect(await rows()).toEqual(before);
  });

  test("tells a source that is gone, and one whose bytes are others", async () => {
    const first = await workspace.take(WEEKS[0] ?? "", [["A", "ETRD", 10, 1]]);
    const second = await workspace.take(WEEK, [["A", "ETRD", 11, 1]]);
    const pathOf = (id: string): string => {
      const sha256 = workspace.log.index.capture(id)?.sha256 ?? "";
      return join(opened.folder, "sources", sha256.slice(0, 2), sha256);
    };
    rmSync(pathOf(first));
    writeFileSync(pathOf(second), compactFile(WEEK, [["A", "ETRD", 12, 1]]));
    const { differences } = await rebuildCalculations(workspace.ports, workspace.log, workspace.registry);
    expect(differences.map(({ code, field }) => [code, field])).toEqual([
      ["SOURCE_MISSING", first],
      ["SOURCE_CHANGED", second],
    ]);
  });

  test("rows that were changed behind its back are found by verify and put right by rebuild", async () => {
    const capture = await workspace.take(WEEK, [["A", "ETRD", 10, 1]]);
    await workspace.run("symbol_summary", [WEEK]);
    const group = { table: "finra_otc_transparency_symbol_summary", calc_name: "symbol_summary", calc_version: "v1", capture_id: capture };
    const rows = await workspace.rows("symbol_summary");
    const unique = ["week_ending", "tier", "symbol", "capture_id", "calc_version"];
    await opened.store.replaceRows(
      group,
      rows.map((row) => ({ ...row, total_shares: 11n })),
      unique,
    );
    const found = await verifyCalculations(workspace.ports, workspace.log, workspace.registry);
    expect(found.failures.map(({ code, field }) => [code, field])).toEqual([["ROWS_DIFFER", capture]]);
    await rebuildCalculations(workspace.ports, workspace.log, workspace.registry);
    expect((await workspace.rows("symbol_summary"))[0]?.["total_shares"]).toBe(10n);
  });
});

describe("SQL", () => {
  const ask = async (sql: string, as_of?: number): Promise<readonly (readonly unknown[])[]> => {
    const current = currentVersions(workspace.log, workspace.registry);
    const answer = await answerSql(opened.store, {
      sql,
      current,
      entries: workspace.registry.entries,
      ...(as_of === undefined ? {} : { as_of }),
    });
    if (answer.kind === "refused") throw new Error(answer.violations[0]?.message);
    return answer.rows;
  };

  test("sees the newest rows, those as of a moment, each version, sources and bookkeeping", async () => {
    await workspace.take(WEEK, [
      ["A", "ETRD", 10, 1],
      ["-", "X", 1, 1],
    ]);
    await workspace.run("symbol_summary", [WEEK]);
    const yesterday = workspace.clock;
    workspace.clock += DAY;
    await workspace.take(WEEK, [["A", "ETRD", 12, 1]]);
    await workspace.run("symbol_summary", [WEEK]);
    await workspace.log.tellTables();
    const latest = "SELECT CAST(total_shares AS INTEGER) FROM finra_otc_transparency_symbol_summary_latest";
    expect([await ask(latest), await ask(latest, yesterday)]).toEqual([[[12]], [[10]]]);
    expect(await ask("SELECT CAST(count(*) AS INTEGER) FROM finra_otc_transparency_symbol_summary_v1")).toEqual([[2]]);
    expect(await ask("SELECT reason_code, line_number FROM core_rejects ORDER BY reason_code")).toEqual([
      ["INVALID_MPID", 3],
      ["INVALID_SYMBOL", 3],
    ]);
    expect(await ask("SELECT DISTINCT raw_json FROM core_rejects")).toEqual([[`["${WEEK}","OTC","-","X","1","1"]`]]);
    expect(await ask("SELECT week_ending, symbol FROM finra_otc_transparency_normalized WHERE shares = 12")).toEqual([[WEEK, "A"]]);
    expect(await ask("SELECT DISTINCT stage FROM core_manifest ORDER BY stage")).toEqual([["AGGREGATED"], ["INGESTED"], ["NORMALIZED"]]);
    expect((await ask("SHOW TABLES")).map(([name]) => name)).toEqual(
      expect.arrayContaining([
        "core_anomalies",
        "finra_otc_transparency_symbol_rolling_6w_clean",
        "finra_otc_transparency_symbol_rolling_6w_stats",
      ]),
    );
  });

  test("a long answer comes in parts, and no more than one of them is held", async () => {
    const parts: number[] = [];
    let columns: readonly string[] = [];
    let held = 0;
    const outcome = await streamSql(
      opened.store,
      { sql: "SELECT range AS n FROM range(100000)", current: new Map(), entries: [] },
      {
        onColumns: async (found) => {
          columns = found.map(({ name }) => name);
        },
        onRows: async (rows) => {
          held += 1;
          expect(held).toBe(1);
          parts.push(rows.length);
          await new Promise((next) => setImmediate(next));
          held -= 1;
        },
      },
    );
    expect([outcome, columns]).toEqual([{ kind: "answered", row_count: 100_000 }, ["n"]]);
    // The engine's vectors have 2,048 rows.
    expect([Math.max(...parts), parts.length]).toEqual([2_048, 49]);
    const stop = async (): Promise<void> => Promise.reject(new Error("the disk is full"));
    const asked = { sql: "SELECT 1 AS one", current: new Map<string, string>(), entries: [] };
    await expect(streamSql(opened.store, asked, { onColumns: async () => {}, onRows: stop })).rejects.toThrow("the disk is full");
  });

  test("only questions are answered", async () => {
    await expect(ask("CREATE TABLE t (a INTEGER)")).rejects.toThrow("only questions");
    await expect(ask("SELECT 1; SELECT 2")).rejects.toThrow("2 statements");
    await expect(ask("SELECT nothing FROM core_captures")).rejects.toThrow("nothing");
  });
});

describe("25: the scheduler", () => {
  const folder = (): string => join(opened.folder, "files");
  const schedule = async (more: Partial<ScheduleOptions> = {}, wait: (ms: number) => Promise<void> = noWait): Promise<ScheduleReport> => {
    const outcome = await scheduleCalculations(
      workspace.ports,
      workspace.log,
      workspace.registry,
      { source_dir: folder(), tiers: ["OTC"], ...more },
      wait,
    );
    if (outcome.kind === "refused") throw new Error(JSON.stringify(outcome.violations));
    return outcome;
  };
  beforeEach(() => {
    mkdirSync(folder());
    for (const week of WEEKS) writeFileSync(join(folder(), `week_${week}.psv`), compactFile(week, [["A", "ETRD", 10, 1]]));
  });

  test("a dry run reports targets newest week first and changes nothing", async () => {
    const report = await schedule({ mode: "dry-run", weeks_back: 3 });
    expect(report).toMatchObject({ status: "dry_run", exit_code: 0, schema: "1.0.0", stats: { attempted: 0, skipped: 3 } });
    expect(report.runs.map(({ week_ending }) => week_ending)).toEqual([...WEEKS].reverse());
    expect([workspace.log.index.captures.length, await opened.store.listGroups()]).toEqual([0, []]);
  });

  test("ends with 2 when only some partitions succeed, 1 when none does, and runs every target", async () => {
    writeFileSync(join(folder(), `week_${WEEKS[1]}.psv`), "no|weekly|file\n1|2|3\n");
    const report = await schedule({ weeks_back: 4 });
    expect(report).toMatchObject({ status: "partial", exit_code: 2, stats: { attempted: 4, succeeded: 2, failed: 2, skipped: 0 } });
    expect(report.runs).toHaveLength(report.stats.attempted + report.stats.skipped);
    expect(report.runs.map(({ code }) => code)).toEqual([null, "WRONG_COLUMNS", null, "SOURCE_UNAVAILABLE"]);
    expect(report.anomalies.filter(({ severity }) => severity === "ERROR").map(({ category }) => category)).toEqual([
      "SOURCE_UNAVAILABLE",
      "PIPELINE_ERROR",
    ]);
    expect(await schedule({ weeks: ["2025-11-07"] })).toMatchObject({ status: "failure", exit_code: 1 });
  });

  test("the same day again is a replay; another day's changed file a restatement", async () => {
    expect((await schedule({ weeks_back: 3 })).stats.succeeded).toBe(3);
    expect(await schedule({ weeks_back: 3 })).toMatchObject({ status: "success", stats: { attempted: 0, skipped: 3 } });
    workspace.clock += DAY;
    writeFileSync(join(folder(), `week_${WEEK}.psv`), compactFile(WEEK, [["A", "ETRD", 11, 1]]));
    expect((await schedule({ weeks_back: 3 })).stats).toMatchObject({ succeeded: 1, skipped: 2 });
    expect(workspace.log.index.newest("finra.otc_transparency", { week_ending: WEEK, tier: "OTC" })?.event.outcome).toBe("changed");
  });

  test("a look-back beyond twelve weeks is cut with a warning unless forced; a Thursday is answered with the nearest Friday", async () => {
    const cut = await schedule({ mode: "dry-run", weeks_back: 20 });
    expect([cut.runs.length, cut.warnings]).toEqual([12, ["a look-back of 20 weeks was cut to 12; --force takes them all"]]);
    expect((await schedule({ mode: "dry-run", weeks_back: 20, force: true })).runs).toHaveLength(20);
    const refused = await scheduleCalculations(
      workspace.ports,
      workspace.log,
      workspace.registry,
      { source_dir: folder(), weeks: ["2025-12-25"] },
      noWait,
    );
    expect(refused).toMatchObject({
      kind: "refused",
      violations: [{ code: "WEEK_NOT_FRIDAY", expected: "the nearest Friday is 2025-12-26" }],
    });
  });

  test("what throws is tried three times with growing waits, and then fails alone; fail-fast leaves the rest", async () => {
    const waits: number[] = [];
    const broken = { ...workspace.ports, weekly: { read: async () => Promise.reject(new Error("the disk is gone")) } };
    const outcome = await scheduleCalculations(
      broken,
      workspace.log,
      workspace.registry,
      { source_dir: folder(), tiers: ["OTC"], weeks_back: 2, fail_fast: true },
      async (ms) => {
        waits.push(ms);
        workspace.clock += ms;
      },
    );
    expect(waits).toEqual([60_000, 120_000]);
    expect(outcome).toMatchObject({ status: "failure", stats: { attempted: 1, failed: 1, skipped: 1 } });
    if (outcome.kind === "scheduled")
      expect(outcome.runs.map(({ code, attempts }) => [code, attempts])).toEqual([
        ["FAIL_FAST", 0],
        ["STEP_FAILURE", 3],
      ]);
    expect(workspace.log.index.work(`finra.otc_transparency/schedule/${WEEKS[1]}/OTC`)).toMatchObject({ status: "FAILED", attempts: 3 });
  });

  test("what goes wrong is an anomaly on the log, rings once, and is settled by the run that does the work", async () => {
    writeFileSync(join(folder(), `week_${WEEKS[1]}.psv`), "no|weekly|file\n1|2|3\n");
    const open = () =>
      workspace.log.index.anomalies
        .filter(({ check, resolution }) => resolution === null && /^[A-Z]+_[A-Z]+$/.test(check) && check !== "INSUFFICIENT_HISTORY")
        .map(({ check, week_ending, severity }) => [check, week_ending, severity]);
    await schedule({ weeks_back: 4 });
    const first = [
      ["SOURCE_UNAVAILABLE", "2025-12-05", "ERROR"],
      ["PIPELINE_ERROR", WEEKS[1], "ERROR"],
    ];
    expect(open()).toEqual(first);
    await schedule({ weeks_back: 4 });
    expect(open()).toEqual(first);
    await workspace.log.tellTables();
    const alerts = (await opened.store.readCore("core_alerts")).filter(({ source }) => /SOURCE|PIPELINE/.test(String(source)));
    expect(alerts.map(({ severity, source }) => [severity, source]).sort()).toEqual([
      ["ERROR", "finra.otc_transparency/PENDING/PIPELINE_ERROR"],
      ["ERROR", "finra.otc_transparency/PENDING/SOURCE_UNAVAILABLE"],
    ]);
    writeFileSync(join(folder(), `week_${WEEKS[1]}.psv`), compactFile(WEEKS[1] ?? "", [["A", "ETRD", 10, 1]]));
    await schedule({ weeks_back: 4 });
    expect(open()).toEqual(first.slice(0, 1));
    await workspace.log.tellTables();
    // The week after it is computed again as well, since its windows have one week more.
    expect(await opened.store.readCore("core_schedules")).toMatchObject([
      { schedule: "finra.otc_transparency/weekly", status: "partial", attempted: 3, succeeded: 2, failed: 1, skipped: 1 },
    ]);
    // A week that nobody can have published yet is no error.
    await schedule({ weeks: ["2026-01-02"] });
    expect(open().at(-1)).toEqual(["SOURCE_UNAVAILABLE", "2026-01-02", "WARN"]);
  });

  test("a file that changes again on a run's day waits for the next day, and that is told", async () => {
    await schedule({ weeks: [WEEK] });
    writeFileSync(join(folder(), `week_${WEEK}.psv`), compactFile(WEEK, [["A", "ETRD", 12, 1]]));
    const again = await schedule({ weeks: [WEEK] });
    expect(again.anomalies.find(({ category }) => category === "REVISION_SKIPPED")).toMatchObject({ week_ending: WEEK, severity: "WARN" });
    expect(workspace.log.index.captures).toHaveLength(1);
    workspace.clock += DAY;
    await schedule({ weeks: [WEEK] });
    expect(workspace.log.index.captures).toHaveLength(2);
    const skipped = workspace.log.index.anomalies.find(({ check }) => check === "REVISION_SKIPPED");
    expect(skipped?.resolution?.by).toBe("onetape");
  });

  test("one stage alone does no other", async () => {
    await schedule({ weeks: [WEEK], only_stage: "ingest" });
    const [capture] = workspace.log.index.captures;
    expect(workspace.log.index.manifest(capture?.capture_id ?? "").stage).toBe("INGESTED");
    await schedule({ weeks: [WEEK], only_stage: "normalize" });
    expect(workspace.log.index.manifest(capture?.capture_id ?? "").stage).toBe("NORMALIZED");
    expect(workspace.log.index.results).toEqual([]);
  });
});

test("23: bookkeeping follows the log, also when a process ended in between", async () => {
  await workspace.take(WEEK, [["A", "ETRD", 10, 1]]);
  await workspace.run("symbol_rolling_6w", [WEEK]);
  const [open] = workspace.log.index.anomalies;
  await resolveAnomaly(workspace.ports, workspace.log, open?.anomaly_id ?? "", { by: "analyst-1", note: "one week only" });
  expect(await opened.store.readCore("core_anomalies")).toEqual([]);
  // Opened again over the same log: what was not told is told now.
  const next = await CalcWorkspace.open({ rows: opened.store, store: workspace.ports.store });
  expect((await opened.store.readCore("core_anomalies"))[0]).toMatchObject({
    anomaly_id: open?.anomaly_id,
    resolved_by: "analyst-1",
    check_name: "INSUFFICIENT_HISTORY",
  });
  expect(await opened.store.corePosition()).toBeGreaterThan(3);
  await next.log.close();
});
