/** The table of readiness says what `onetape calc readiness` prints, of every week, in either database and in SQL. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { answerSql } from "../../src/adapters/calc-rows/calc-sql.js";
import { weekReadiness } from "../../src/core/calc/finra-otc/week-readiness.js";
import { certifyWeek, currentVersions, retractCapture } from "../../src/usecases/govern-calculations.js";
import { type OpenedCalcStore, openCalcStore } from "../support/calc-stores.js";
import { CalcWorkspace, DAY } from "../support/calc-workspace.js";
import { emptyDatabase } from "../support/postgres-store.js";
import { sharedServer } from "../support/shared-postgres.js";

const WEEKS = ["2025-12-19", "2025-12-26"] as const;
const COLUMNS =
  "week_ending, is_ready, ready_for_trading, ready_for_compliance, ready_for_research, all_partitions_present, all_stages_complete, no_critical_anomalies, dependencies_current, age_exceeds_preliminary, blocking_issues, preliminary_until";
const QUESTION = `SELECT ${COLUMNS} FROM core_data_readiness ORDER BY week_ending`;

describe.each([
  ["SQLite", async (): Promise<string | null> => null],
  ["PostgreSQL", async (): Promise<string | null> => emptyDatabase(await sharedServer(), "readiness")],
] satisfies readonly (readonly [string, () => Promise<string | null>])[])("%s: readiness of weeks as a table", (_, target) => {
  let opened: OpenedCalcStore;
  let workspace: CalcWorkspace;
  beforeEach(async () => {
    opened = await openCalcStore(await target());
    workspace = await CalcWorkspace.open({ rows: opened.store });
  });
  afterEach(() => opened.dispose());

  /** What the command would print of a week now, in the columns of the table. */
  function printed(week_ending: string, preliminaryUntil: number | null): readonly string[] {
    const { is_ready, ready_for, criteria, blocking_issues } = weekReadiness(workspace.log.index, { week_ending }, workspace.clock);
    const flags = [is_ready, ready_for.trading, ready_for.compliance, ready_for.research, ...Object.values(criteria)];
    return [week_ending, ...flags.map((flag) => (flag ? "1" : "0")), JSON.stringify(blocking_issues), String(preliminaryUntil)];
  }

  async function told(): Promise<readonly (readonly string[])[]> {
    await workspace.log.tellTables();
    const stored = (await opened.database.all(QUESTION)).map((row) => row.map(String));
    const current = currentVersions(workspace.log, workspace.registry);
    const answer = await answerSql(opened.store, { sql: QUESTION, current, entries: workspace.registry.entries });
    if (!("rows" in answer)) throw new Error(JSON.stringify(answer));
    expect(answer.rows.map((row) => Object.values(row).map(String))).toEqual(stored);
    return stored;
  }

  test("every week that is known stands there with its criteria and what is in the way, certified or not", async () => {
    const [first, second] = WEEKS;
    const until = workspace.clock + 3 * DAY;
    for (const tier of ["OTC", "NMS_TIER_1", "NMS_TIER_2"]) await workspace.take(first, [["A", "ETRD", 10, 1]], { tier });
    await workspace.run("symbol_summary", [first], { tiers: ["OTC", "NMS_TIER_1", "NMS_TIER_2"] });
    await workspace.take(second, [["A", "ETRD", 0, 5]]);
    expect(await told()).toEqual([printed(first, until), printed(second, until)]);
    expect((await told())[0]?.slice(1, 10)).toEqual(["0", "1", "0", "1", "1", "1", "1", "1", "0"]);
    expect((await told())[1]?.[10]).toContain("partitions are missing: NMS_TIER_1, NMS_TIER_2");

    // Nobody writes, and the week grows out of its preliminary time.
    workspace.clock = until + 1;
    expect((await told())[0]).toEqual(printed(first, until));
    expect((await told())[0]?.[1]).toBe("1");
  });

  test("a certification stands beside it; a week that was taken back whole is not ready, and says so", async () => {
    const [, week] = WEEKS;
    const capture = await workspace.take(week, [["A", "ETRD", 10, 1]]);
    await workspace.run("symbol_summary", [week]);
    await certifyWeek(workspace.ports, workspace.log, { week_ending: week, by: "ops-1" });
    await told();
    const certified = { certified_for_json: '["research"]', captures_json: JSON.stringify([capture]), certified_by: "ops-1" };
    expect(await opened.store.readCore("core_data_readiness")).toMatchObject([
      { ...certified, ready_for_research: 1, is_ready: 0, assessed_at: workspace.clock },
    ]);
    await retractCapture(workspace.ports, workspace.log, capture, { by: "ops-1", reason: "withdrawn" });
    expect(await told()).toEqual([printed(week, null)]);
    expect(await opened.store.readCore("core_data_readiness")).toMatchObject([{ ...certified, ready_for_research: 0 }]);
  });

  test("what did not change is not written again", async () => {
    await workspace.take(WEEKS[1], [["A", "ETRD", 10, 1]]);
    await told();
    const at = workspace.clock;
    workspace.clock += 1;
    await told();
    expect(await opened.store.readCore("core_data_readiness")).toMatchObject([{ assessed_at: at }]);
  });
});
