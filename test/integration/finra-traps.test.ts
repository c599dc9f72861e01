/** What earlier systems over the same files did wrong, and that this one does not. */
import { expect, test } from "vitest";
import { tablePrefix } from "../../src/core/calc/calc-registry.js";
import { uniqueKey } from "../../src/core/calc/calculation.js";
import { FINRA_CALCULATIONS } from "../../src/core/calc/finra-otc/finra-registry.js";
import { FINRA_OTC } from "../../src/core/calc/finra-otc/tiers.js";
import { parseWeekEnding, weekEndingBefore, weeksUpTo } from "../../src/core/calc/finra-otc/weeks.js";
import { partitionKey } from "../../src/core/calc/partition.js";
import { dayOfText, formatDay } from "../../src/core/market/civil-date.js";
import { ingestWeek } from "../../src/usecases/ingest-week.js";
import { CalcWorkspace, contentOf, DAY } from "../support/calc-workspace.js";
import { compactFile, computed, finraInput, weekPart } from "../support/finra-week.js";

const WEEK = "2025-12-26";

test("latest is the registry's current version, not the largest text of a version", async () => {
  const workspace = await CalcWorkspace.open();
  await workspace.take(WEEK, [["A", "ETRD", 10, 1]]);
  for (const version of ["v1", "v2"]) await workspace.run("liquidity_score", [WEEK], { version });
  expect((await workspace.rows("liquidity_score")).map((row) => row["calc_version"])).toEqual(["v1"]);
});

test("every row of every calculation carries its version, and the version stands in the unique key", async () => {
  for (const calc of FINRA_CALCULATIONS) expect(uniqueKey(calc)).toEqual([...calc.business_keys, "capture_id", "calc_version"]);
  const workspace = await CalcWorkspace.open();
  await workspace.take(WEEK, [["A", "ETRD", 10, 1]]);
  for (const calc of ["symbol_summary", "venue_share"]) {
    await workspace.run(calc, [WEEK]);
    expect((await workspace.rows(calc))[0]).toMatchObject({ calc_name: calc, calc_version: "v1" });
  }
});

test("the split over tiers is over tiers: a symbol of two of them has no share of 1.0 in each", () => {
  const input = finraInput([weekPart(WEEK, "NMS_TIER_1", [["A", "ETRD", 1, 1]]), weekPart(WEEK, "OTC", [["A", "ETRD", 1, 1]])], {
    tier: null,
  });
  expect(computed("weekly_symbol_tier_volume_share", input).map((row) => row["tier_volume_share"])).toEqual(["0.5", "0.5"]);
});

test("a window has the weeks that its name says, and a short history leaves nothing that a later run would skip", async () => {
  const workspace = await CalcWorkspace.open();
  const weeks = weeksUpTo(WEEK, 4);
  for (const week of weeks) await workspace.take(week, [["A", "ETRD", 10, 1]]);
  await workspace.run("symbol_rolling_4w", [WEEK]);
  await workspace.run("symbol_rolling_6w", [WEEK]);
  expect((await workspace.rows("symbol_rolling_4w"))[0]).toMatchObject({ weeks_in_window: 4, is_complete: true });
  const capture = workspace.log.index.newest(FINRA_OTC, { week_ending: WEEK, tier: "OTC" });
  expect(workspace.log.index.stage(capture?.capture_id ?? "", "ROLLING")).toBeNull();
});

test("a bad week is recorded and crashes nothing: quality and anomalies stand on the log", async () => {
  const workspace = await CalcWorkspace.open();
  const { capture_id } = await workspace.ingest(contentOf(`${compactFile(WEEK, [["", "", -1, -1]])}x|y\n`, `week_${WEEK}.psv`));
  const outcome = await workspace.normalise(capture_id);
  expect([outcome.grade, outcome.rows, outcome.rejected]).toEqual(["F", 0, 2]);
  expect(workspace.log.index.anomalies.map(({ check }) => check)).toEqual(["symbol_count_positive", "venue_count_positive", "no_rejects"]);
  expect((await workspace.run("symbol_summary", [WEEK])).items[0]).toMatchObject({ status: "failed", code: "QUALITY_BLOCKED" });
});

test("domain and partition have one spelling each", () => {
  expect([FINRA_OTC, tablePrefix(FINRA_OTC)]).toEqual(["finra.otc_transparency", "finra_otc_transparency_"]);
  expect(partitionKey({ week_ending: WEEK, tier: "OTC" })).toBe('{"tier":"OTC","week_ending":"2025-12-26"}');
  expect(new Set(FINRA_CALCULATIONS.map(({ domain }) => domain))).toEqual(new Set([FINRA_OTC]));
});

test("a line that cannot be read is a reject: the balance sees it", async () => {
  const workspace = await CalcWorkspace.open();
  const { capture_id } = await workspace.ingest(contentOf(`${compactFile(WEEK, [["A", "ETRD", 1, 1]])}lost\n`, `week_${WEEK}.psv`));
  expect(await workspace.normalise(capture_id)).toMatchObject({ raw: 2, rows: 1, rejected: 1 });
});

test("duplicate lines and symbols that cleaning joins hit no unique key: one is kept, the others are rejects", async () => {
  const workspace = await CalcWorkspace.open();
  const { capture_id } = await workspace.ingestRows(WEEK, [
    ["A", "ETRD", 1, 1],
    ["A", "ETRD", 1, 1],
    ["a!", "ETRD", 3, 1],
  ]);
  expect(await workspace.normalise(capture_id)).toMatchObject({ rows: 1, rejects: [{ code: "DUPLICATE_KEY", count: 2 }] });
  await workspace.run("symbol_summary", [WEEK]);
  expect((await workspace.rows("symbol_summary"))[0]).toMatchObject({ symbol: "A", total_shares: 3n });
});

test("ranks of equal volumes have an order of their own", () => {
  const rows = [
    ["A", "ZZZZ", 5, 1],
    ["A", "AAAA", 5, 1],
  ] as const;
  const ranked = (order: readonly (typeof rows)[number][]): readonly unknown[] =>
    computed("venue_share", finraInput([weekPart(WEEK, "OTC", order)])).map((row) => row["mpid"]);
  expect(ranked(rows)).toEqual(["AAAA", "ZZZZ"]);
  expect(ranked([...rows].reverse())).toEqual(["AAAA", "ZZZZ"]);
});

test("a new capture of a partition is normalised by itself, without force", async () => {
  const workspace = await CalcWorkspace.open();
  await workspace.take(WEEK, [["A", "ETRD", 1, 1]]);
  workspace.clock += DAY;
  const { capture_id } = await workspace.ingestRows(WEEK, [["A", "ETRD", 2, 1]]);
  expect((await workspace.normalise(capture_id)).skipped).toBe(false);
});

test("a week that is passed never moves lines of another week: they are rejects", async () => {
  const workspace = await CalcWorkspace.open();
  const { capture_id, week_ending } = await workspace.ingest({
    ...contentOf(compactFile("2025-12-19", [["A", "ETRD", 1, 1]])),
    week_ending: WEEK,
    tier: "OTC",
  });
  expect(week_ending).toBe(WEEK);
  expect(await workspace.normalise(capture_id)).toMatchObject({ rows: 0, rejects: [{ code: "WEEK_MISMATCH", count: 1 }] });
});

test("an unknown tier in a line is a reject and never becomes OTC", async () => {
  const workspace = await CalcWorkspace.open();
  const { capture_id } = await workspace.ingest({ ...contentOf(compactFile(WEEK, [["A", "ETRD", 1, 1]], "Grey Market")), tier: "OTC" });
  expect(await workspace.normalise(capture_id)).toMatchObject({ rows: 0, rejects: [{ code: "INVALID_TIER", count: 1 }] });
});

test("the week of a publication has one rule, also on a Friday, and every week is a Friday", () => {
  expect(formatDay(weekEndingBefore(dayOfText(WEEK)))).toBe("2025-12-19");
  for (const week of weeksUpTo(WEEK, 60)) expect(parseWeekEnding(week).kind).toBe("week");
});

test("the last-update date is the source's clock and no name of a week", async () => {
  const workspace = await CalcWorkspace.open();
  const header =
    "tierDescription|issueSymbolIdentifier|issueName|marketParticipantName|MPID|totalWeeklyShareQuantity|totalWeeklyTradeCount|lastUpdateDate";
  const text = `${header}\nOTC|A|A Corp|E TRADE|ETRD|5|1|2025-12-22\nOTC|B|B Corp|E TRADE|ETRD|5|1|2025-12-15\n`;
  const { capture_id, week_ending } = await workspace.ingest(contentOf(text, "finra_otc_weekly_otc_20251215.csv"));
  expect(week_ending).toBe("2025-12-12");
  expect(workspace.log.index.capture(capture_id)?.event.clocks).toMatchObject({
    source_last_update: "2025-12-22",
    publication: "2025-12-15",
  });
  // Without a date in the name the last update is the publication date.
  expect(await workspace.ingest(contentOf(text, "copy.csv"))).toMatchObject({ week_ending: "2025-12-19" });
  expect(await workspace.ingest({ ...contentOf(text, "copy.csv"), file_date: "2025-12-08" })).toMatchObject({ week_ending: "2025-12-05" });
});

test("parameters have one name: an ingest without its path says which it is", async () => {
  const workspace = await CalcWorkspace.open();
  expect(await ingestWeek(workspace.ports, workspace.log, {})).toMatchObject({
    violations: [{ code: "MISSING_REQUIRED", message: "file_path is required by the source file" }],
  });
});

test("a batch that succeeds in part ends with 2, one that succeeds nowhere with 1", async () => {
  const workspace = await CalcWorkspace.open();
  expect((await workspace.run("venue_share", [WEEK])).exit_code).toBe(1);
  await workspace.take(WEEK, [["A", "ETRD", 1, 1]]);
  expect((await workspace.run("venue_share", ["2025-12-19", WEEK])).exit_code).toBe(2);
});
