/** The database must answer by the index that serves the question: a plan that reads a table, or another index, from end to end fails here. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CalcDatabase } from "../../src/adapters/calc-rows/calc-database.js";
import { answerSql } from "../../src/adapters/calc-rows/calc-sql.js";
import { openSqliteCalcDatabase } from "../../src/adapters/calc-rows/sqlite-calc-database.js";
import { finraRegistry } from "../../src/core/calc/finra-otc/finra-registry.js";
import { type OpenedCalcStore, openCalcStore } from "../support/calc-stores.js";
import { CalcWorkspace, DAY } from "../support/calc-workspace.js";
import { emptyDatabase } from "../support/postgres-store.js";
import { planFaults } from "../support/query-plan.js";
import { sharedServer } from "../support/shared-postgres.js";

const WEEK = "2025-12-26";
const SUMMARY = "finra_otc_transparency_symbol_summary";
const VENUES = "finra_otc_transparency_venue_concentration";
const ROLLING = "finra_otc_transparency_symbol_rolling_4w";

const REJECT_FACTS = "SELECT partition_key, source_locator, execution_id FROM core_rejects ORDER BY week_ending";

/** What a user asks, and the columns by which an index must lead there. */
const QUESTIONS: readonly (readonly [name: string, sql: string, keys: string])[] = [
  ["the newest rows of a week", `SELECT * FROM ${SUMMARY}_latest WHERE week_ending = '${WEEK}' AND tier = 'OTC'`, "week_ending tier"],
  [
    "rows of a week as of a moment",
    `SELECT * FROM ${SUMMARY} AS r WHERE r.week_ending = '${WEEK}' AND r.tier = 'OTC' AND r.calc_version = 'v1' AND r.captured_at = (
       SELECT MAX(n.captured_at) FROM ${SUMMARY} AS n WHERE n.week_ending = r.week_ending AND n.tier = r.tier AND n.symbol = r.symbol
       AND n.calc_version = r.calc_version AND n.captured_at <= 1767175200000)`,
    "week_ending tier symbol calc_version captured_at",
  ],
  ["rows of a capture", `SELECT * FROM ${SUMMARY} WHERE capture_id = 'x' AND calc_version = 'v1'`, "capture_id calc_version"],
  [
    "deleting a capture",
    `DELETE FROM ${SUMMARY}_rows WHERE capture_id = 'x' AND calc_version = 'v1' AND calc_name = 'symbol_summary'`,
    "capture_id calc_version",
  ],
  ["cleaning up old rows", `SELECT * FROM ${SUMMARY} WHERE captured_at < 5`, "captured_at"],
  ["a symbol's history", `SELECT * FROM ${SUMMARY} WHERE symbol = 'A' ORDER BY week_ending`, "symbol"],
  ["a tier's weeks", `SELECT * FROM ${VENUES} WHERE tier = 'OTC' AND week_ending >= '2025-01-01'`, "tier week_ending"],
  ["the largest venues", `SELECT * FROM ${VENUES} WHERE week_ending = '${WEEK}' AND tier = 'OTC' AND rank <= 5`, "week_ending tier rank"],
  [
    "one row by its key",
    `SELECT * FROM ${VENUES} WHERE week_ending = '${WEEK}' AND tier = 'OTC' AND mpid = 'ETRD'`,
    "week_ending tier mpid",
  ],
  ["clean windows", `SELECT * FROM ${ROLLING}_clean WHERE week_ending = '${WEEK}' AND tier = 'OTC'`, "week_ending tier stage"],
  ["stages of a capture", "SELECT * FROM core_manifest WHERE capture_id = 'x'", "capture_id"],
  ["rejects of a week", `SELECT * FROM core_rejects WHERE week_ending = '${WEEK}' AND tier = 'OTC'`, "week_ending tier"],
  ["rejects of a capture", "SELECT * FROM core_rejects WHERE capture_id = 'x'", "capture_id"],
  ["rejects for a reason", "SELECT * FROM core_rejects WHERE reason_code = 'PARSE_ERROR'", "reason_code"],
  ["deleting a capture's rejects", "DELETE FROM core_rejects_rows WHERE capture_id = 'x'", "capture_id"],
  ["what rests on a source", "SELECT * FROM core_calc_dependencies WHERE depends_on = 'reference.exchange_calendar'", "depends_on"],
  ["what a calculation rests on", "SELECT * FROM core_calc_dependencies WHERE calc_name = 'wow_change'", "calc_name"],
  ["what a domain expects", "SELECT * FROM core_expected_schedules WHERE domain = 'finra.otc_transparency'", "domain"],
  ["alerts since a moment", "SELECT * FROM core_alerts WHERE severity = 'CRITICAL' AND raised_at > 5", "severity raised_at"],
  ["alerts of an anomaly", "SELECT * FROM core_alerts WHERE anomaly_id = 'x'", "anomaly_id"],
  ["schedules that failed", "SELECT * FROM core_schedules WHERE status = 'failure' AND finished_at > 5", "status finished_at"],
  ["open anomalies", "SELECT * FROM core_anomalies WHERE resolved_at IS NULL AND severity = 'CRITICAL'", "resolved_at severity"],
  ["work that waits", "SELECT * FROM core_work_items WHERE status = 'RETRY_WAIT' AND retry_at < 5", "status retry_at"],
  [
    "captures of a week",
    `SELECT * FROM core_captures WHERE domain = 'finra.otc_transparency' AND week_ending = '${WEEK}' AND tier = 'OTC'`,
    "week_ending tier",
  ],
];

/**
 * SQLite holds what the rows of a result share once: an index leads to the result, another one from there to its rows. Both are asked for.
 * Null leaves a question to the other database.
 */
const SQLITE_KEYS: Readonly<Record<string, readonly string[] | null>> = {
  "the newest rows of a week": ["week_ending tier", "week_ending tier calc_version captured_at", "result symbol"],
  "rows of a week as of a moment": ["week_ending tier calc_version captured_at", "result symbol"],
  "deleting a capture": null,
  "a symbol's history": ["result symbol"],
  "the largest venues": ["week_ending tier", "result rank"],
  "one row by its key": ["week_ending tier", "result mpid"],
};

/** What only SQLite is asked: its tables of rows know no capture. */
const SQLITE_QUESTIONS: readonly (readonly [name: string, sql: string, keys: readonly string[]])[] = [
  [
    "deleting a group of rows",
    `DELETE FROM ${SUMMARY}_rows WHERE result IN (SELECT result FROM calc_results WHERE row_seq = 3)`,
    ["row_seq", "result"],
  ],
  ["deleting results", "DELETE FROM calc_results WHERE row_seq = 3", ["row_seq"]],
  ["a symbol's rows in any order", `SELECT * FROM ${SUMMARY} WHERE symbol = 'A'`, ["symbol"]],
];

/** Questions that one index alone serves, what it is called and on what it stands. */
const INDEXES: Readonly<Record<"SQLite" | "PostgreSQL", readonly (readonly [question: string, index: string, on: string])[]>> = {
  SQLite: [
    ["cleaning up old rows", "calc_results_cleanup", "calc_results (table_name, captured_at)"],
    ["the largest venues", `by_rank_${VENUES}`, `${VENUES}_rows (result, rank)`],
    ["rows of a capture", "calc_results_capture", "calc_results (capture_id, calc_version, table_name)"],
  ],
  PostgreSQL: [
    ["a symbol's history", `by_symbol_${SUMMARY}`, `${SUMMARY}_rows (symbol, week_ending)`],
    ["the largest venues", `by_rank_${VENUES}`, `${VENUES}_rows (week_ending, tier, rank)`],
  ],
};

const NORMALIZED = "finra_otc_transparency_normalized";
const RAW = "finra_otc_transparency_raw";
const VENUE_VOLUME = "finra_otc_transparency_weekly_symbol_venue_volume";

/** What only PostgreSQL holds as tables: rows as fine as the source. */
const FINE_QUESTIONS: readonly (readonly [name: string, sql: string, keys: string])[] = [
  ["normalised rows of a week", `SELECT * FROM ${NORMALIZED} WHERE week_ending = '${WEEK}' AND tier = 'OTC'`, "week_ending tier"],
  ["normalised rows of a symbol", `SELECT * FROM ${NORMALIZED} WHERE symbol = 'A'`, "symbol"],
  ["normalised rows of a venue", `SELECT * FROM ${NORMALIZED} WHERE mpid = 'ETRD'`, "mpid"],
  ["raw lines of a capture", `SELECT * FROM ${RAW} WHERE capture_id = 'x' ORDER BY line`, "capture_id"],
  [
    "the newest rows per symbol and venue",
    `SELECT * FROM ${VENUE_VOLUME}_latest WHERE week_ending = '${WEEK}' AND symbol = 'A'`,
    "week_ending symbol",
  ],
  ["deleting a set's rows", `DELETE FROM ${VENUE_VOLUME}_rows WHERE capture_id = 'x' AND calc_version = 'v1'`, "capture_id calc_version"],
];

async function filled(dsn: string | null): Promise<OpenedCalcStore> {
  const opened = await openCalcStore(dsn);
  const workspace = await CalcWorkspace.open({ rows: opened.store });
  for (const week of ["2025-12-12", "2025-12-19", WEEK]) {
    await workspace.take(
      week,
      [
        ["A", "ETRD", 10, 1],
        ["B", "SCHW", 5, 1],
        ["C", "SCHW", -5, 0],
      ],
      { batch_id: `batch of ${week}` },
    );
    for (const calc of ["symbol_summary", "venue_concentration", "symbol_rolling_4w", "weekly_symbol_venue_volume"])
      await workspace.run(calc, [week]);
    workspace.clock += DAY;
  }
  await workspace.log.tellTables();
  await opened.store.setCurrent(
    new Map([
      ["symbol_summary", "v1"],
      ["venue_concentration", "v1"],
      ["symbol_rolling_4w", "v1"],
      ["weekly_symbol_venue_volume", "v1"],
    ]),
  );
  return opened;
}

/** Weeks of three years, three tiers, a hundred names each: PostgreSQL weighs its indexes by counts, SQLite by their shape alone. */
async function grow(database: CalcDatabase): Promise<void> {
  if (database.dialect === "sqlite") return;
  for (const [table, name] of [
    [`${SUMMARY}_rows`, "symbol"],
    [`${VENUES}_rows`, "mpid"],
  ] as const) {
    const rank = name === "mpid" ? ", 'rank', n" : "";
    await database.run(
      `INSERT INTO ${table} SELECT (jsonb_populate_record(r, jsonb_build_object('week_ending', to_char(date '2023-01-06' + 7 * w, 'YYYY-MM-DD'),
         'tier', t, '${name}', 'N' || n, 'capture_id', 'grown ' || t || w, 'captured_at', r.captured_at + w${rank}))).*
       FROM ${table} AS r, generate_series(0, 156) AS w, unnest(ARRAY['OTC', 'NMS_TIER_1', 'NMS_TIER_2']) AS t,
         generate_series(1, 100) AS n
       WHERE r.ctid = (SELECT MIN(ctid) FROM ${table})`,
    );
    await database.run(`ANALYZE ${table}`);
  }
}

async function shrink(database: CalcDatabase): Promise<void> {
  if (database.dialect === "sqlite") return;
  for (const table of [SUMMARY, VENUES]) await database.run(`DELETE FROM ${table}_rows WHERE capture_id LIKE 'grown %'`);
}

describe.each([
  ["SQLite", async (): Promise<string | null> => null],
  ["PostgreSQL", async (): Promise<string | null> => emptyDatabase(await sharedServer(), "planner")],
] satisfies readonly (readonly ["SQLite" | "PostgreSQL", () => Promise<string | null>])[])("22: %s answers by an index", (name, target) => {
  let opened: OpenedCalcStore;
  let database: CalcDatabase;
  beforeAll(async () => {
    opened = await filled(await target());
    database = opened.database;
    // A few rows are always read whole unless that is forbidden; a plan that then still does it has no index to use.
    if (name === "PostgreSQL") await database.run("SET enable_seqscan TO off");
  });
  afterAll(() => opened.dispose());

  /** Why no index serves the question. */
  const faults = (sql: string, keys: string): Promise<readonly string[]> => planFaults(database, sql, keys.split(" "));

  describe("with rows enough to choose by", () => {
    beforeAll(() => grow(database));
    afterAll(() => shrink(database));

    /** The keys of a question in this database. */
    const keysOf = (question: string, keys: string): readonly string[] => (name === "SQLite" ? (SQLITE_KEYS[question] ?? [keys]) : [keys]);

    test.each(QUESTIONS.filter(([question]) => name === "PostgreSQL" || SQLITE_KEYS[question] !== null))(
      "%s",
      async (question, sql, keys) => {
        for (const one of keysOf(question, keys)) expect(await faults(sql, one), one).toEqual([]);
      },
    );

    test.each(name === "SQLite" ? SQLITE_QUESTIONS : [])("%s", async (_, sql, keys) => {
      for (const one of keys) expect(await faults(sql, one), one).toEqual([]);
    });

    test.each(INDEXES[name])("without its index, %s is a walk through another one, and fails", async (asked, index, on) => {
      const [question = "", sql = "", keys = ""] = QUESTIONS.find(([each]) => each === asked) ?? [];
      const all = async (one: CalcDatabase): Promise<readonly string[]> =>
        (await Promise.all(keysOf(question, keys).map((each) => planFaults(one, sql, each.split(" "))))).flat();
      expect(await all(database)).toEqual([]);
      // SQLite drops nothing on a connection that has read from it.
      const own = name === "SQLite" ? await openSqliteCalcDatabase(join(opened.folder, "rows.db")) : null;
      await (own ?? database).run(`DROP INDEX ${index}`);
      expect(await all(own ?? database)).not.toEqual([]);
      await (own ?? database).run(`CREATE INDEX ${index} ON ${on}`);
      await own?.close();
      expect(await all(database)).toEqual([]);
    });

    test("no two rows have one key, whoever writes them", async () => {
      const again = name === "SQLite" ? "UNIQUE constraint failed" : "duplicate key";
      await expect(database.run(`INSERT INTO ${SUMMARY}_rows SELECT * FROM ${SUMMARY}_rows`)).rejects.toThrow(again);
      if (name === "PostgreSQL") return;
      // Rows of one key could only stand under two results with the same facts.
      const columns = "table_name, week_ending, tier, calc_name, calc_version, capture_id, captured_at, row_seq";
      await expect(database.run(`INSERT INTO calc_results (${columns}) SELECT ${columns} FROM calc_results`)).rejects.toThrow(again);
    });
  });

  test("rejects are a table with the capture's facts, and lines as fine as the source are tables of PostgreSQL", async () => {
    const rejects = await database.all("SELECT week_ending, tier, line_number, reason_code FROM core_rejects ORDER BY week_ending");
    expect(rejects.map((row) => row.map(String))).toEqual(
      ["2025-12-12", "2025-12-19", WEEK].map((week) => [week, "OTC", "4", "NEGATIVE_VOLUME"]),
    );
    if (name === "SQLite") {
      expect(await database.columnsOf(`${VENUE_VOLUME}_rows`)).toEqual([]);
      return;
    }
    for (const [question, sql, keys] of FINE_QUESTIONS) expect(await faults(sql, keys), question).toEqual([]);
    const count = async (table: string): Promise<number> => Number((await database.all(`SELECT COUNT(*) FROM ${table}`))[0]?.[0]);
    expect([await count(RAW), await count(NORMALIZED), await count(`${VENUE_VOLUME}_latest`)]).toEqual([9, 6, 6]);
    await expect(database.run(`INSERT INTO ${NORMALIZED}_rows SELECT * FROM ${NORMALIZED}_rows`)).rejects.toThrow("duplicate key");
  });

  test("rows say which event of the log made them, and a reject also where its line stands", async () => {
    const answer = await answerSql(opened.store, { sql: REJECT_FACTS, current: new Map(), entries: finraRegistry().entries });
    const rejects = (await database.all(REJECT_FACTS)).map((row) => row.map(String));
    expect("rows" in answer ? answer.rows.map((row) => Object.values(row).map(String)) : answer).toEqual(rejects);
    const [first] = rejects;
    expect(first?.slice(0, 2)).toEqual(['{"tier":"OTC","week_ending":"2025-12-12"}', "week_2025-12-12.psv"]);
    for (const table of ["core_captures", "core_manifest", "core_executions", "core_quality", "core_anomalies"]) {
      const rows = await opened.store.readCore(table);
      const ids = new Set(rows.map(({ execution_id }) => execution_id));
      expect([table, rows.length > 0, ids.has(null)]).toEqual([table, true, false]);
      expect(rows.every(({ partition_key }) => String(partition_key).includes('"week_ending":"2025-12-'))).toBe(true);
      if (table === "core_captures") expect(ids).toEqual(new Set(rejects.map((row) => row[2])));
    }
  });

  test("rows of results say which event made them and the batch of their capture, asked for by name, in SQL and in the database", async () => {
    const entries = finraRegistry().entries;
    const tape = new Map<string, string>();
    for (const { calc_name, week_ending, execution_id } of await opened.store.readCore("core_executions"))
      tape.set(`${calc_name} ${week_ending}`, String(execution_id));
    for (const [table, calc] of [
      [SUMMARY, "symbol_summary"],
      [VENUES, "venue_concentration"],
      [ROLLING, "symbol_rolling_4w"],
    ] as const) {
      const sql = `SELECT DISTINCT week_ending, execution_id, batch_id FROM ${table} ORDER BY week_ending`;
      const made = (await database.all(sql)).map((row) => row.map(String));
      expect(made).toEqual(
        // A window has files of several batches, and too few of them in the first week.
        (calc === "symbol_rolling_4w" ? ["2025-12-19", WEEK] : ["2025-12-12", "2025-12-19", WEEK]).map((week) => [
          week,
          tape.get(`${calc} ${week}`),
          calc === "symbol_rolling_4w" ? "null" : `batch of ${week}`,
        ]),
      );
      const answer = await answerSql(opened.store, { sql, current: new Map(), entries });
      expect("rows" in answer ? answer.rows.map((row) => row.map(String)) : answer).toEqual(made);
    }
    for (const view of [`${SUMMARY}_latest`, `${SUMMARY}_v1`, `${VENUES}_latest`])
      expect(await database.all(`SELECT 1 FROM ${view} WHERE execution_id IS NULL`)).toEqual([]);
    expect(await database.columnsOf(`${SUMMARY}_rows`)).not.toContain("execution_id");
  });

  test("a question that no index serves is seen as a scan", async () => {
    const [fault] = await faults(`SELECT * FROM ${SUMMARY} WHERE avg_trade_size = '1'`, "avg_trade_size");
    // SQLite goes from result to result, and reads all rows of each.
    expect(fault).toMatch(name === "SQLite" ? /^no index is entered by avg_trade_size: .*\(result=\?\) by result$/ : /^reads all: /);
  });

  test("the views give the newest rows, and count complete symbols", async () => {
    const [latest] = await database.all(`SELECT COUNT(*) FROM ${SUMMARY}_latest`);
    expect(Number(latest?.[0])).toBe(6);
    const [stats] = await database.all(`SELECT total_symbols, complete_symbols FROM ${ROLLING}_stats WHERE week_ending = '${WEEK}'`);
    expect(stats?.map(Number)).toEqual([2, 0]);
    // Three of four weeks: nobody has a full window, and the newest view keeps complete ones alone.
    expect(await database.all(`SELECT 1 FROM ${ROLLING}_latest`)).toEqual([]);
    expect((await database.all(`SELECT 1 FROM ${SUMMARY}_v1`)).length).toBe(6);
  });
});
