/**
 * What calculations over weekly files cost, on generated weeks of 50,000 rows with everything on disk: a million rows through every stage;
 * a year backfilled; one week ingested, judged and aggregated; and the same aggregation in DuckDB SQL alone, and in Polars and pandas.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256 } from "../src/adapters/node-hash/sha256.js";
import { literal, withDuckDb } from "../src/adapters/parquet/duckdb-session.js";
import { type OpenCalculations, openCalculations } from "../src/apps/library/calculations.js";
import { FINRA_OTC } from "../src/core/calc/finra-otc/tiers.js";
import { weeksUpTo } from "../src/core/calc/finra-otc/weeks.js";
import { backfillWeeks } from "../src/usecases/backfill-weeks.js";
import { ingestWeek } from "../src/usecases/ingest-week.js";
import { normaliseCapture } from "../src/usecases/normalise-week.js";
import { queryCalculation } from "../src/usecases/query-calculation.js";
import { runCalculations } from "../src/usecases/run-calculations.js";
import { load } from "./machine.js";
import type { Trial, TrialLine } from "./trial.js";
import type { BenchOptions } from "./workload.js";

const SYMBOLS = 10_000;
const VENUES = 5;
const ROWS = SYMBOLS * VENUES;
/** Venues there are; a symbol trades at {@link VENUES} of them. */
const VENUE_NAMES = 50;
const LAST_WEEK = "2025-12-26";
/** Seconds and megabytes that must not be passed. They are asked on an idle machine alone: others' work says nothing about this. */
const MOST = { week_s: 2, million_s: 20, year_s: 60, latest_ms: 50, delete_ms: 100, rss_mb: 500 } as const;
const IDLE = 3;
/** One moment for everything: how often a workspace asks for the time is no part of the work. */
const TAKEN_AT = Date.UTC(2026, 0, 5);
/** Identities of all results by number of weeks: the work that figures stand for. */
const RESULTS: Readonly<Record<number, string>> = {
  1: "3a8ba78e08c82b3c0c42f1d8a79cb7447556ad8511f6fce6082dcd4acf8a7139",
  4: "0c1abcd947c3a6436b47e1f98e800bdb1229f82a3f0ca2c8a01d6bb5ff5d905f",
  20: "3c3dea9fba248f34ffadc8de29a847d24343d80999aba9921e9d4d566656b400",
  52: "caa5298199d3c318554162d324c325f14102a0754f4e8e1f9a1d361349479811",
};
const noWait = async (): Promise<void> => {};

export function calcTrial(): Trial {
  return {
    id: "CALC",
    says: "weekly files: 50,000 rows, a million rows, a year of weeks, beside DuckDB, Polars and pandas alone",
    missing: () => null,
    measure: async (options) => {
      const folder = mkdtempSync(join(tmpdir(), "onetape-bench-calc-"));
      try {
        // The million comes first: what the process ever took is then what it took.
        const many = await manyWeeks(folder, options);
        return [await oneWeek(folder), ...many];
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

/** A week's file: each symbol at five venues, figures from a generator of its own. */
function weekFile(folder: string, week: string, seed: number): { readonly path: string; readonly shares: bigint } {
  let state = seed >>> 0;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
  const lines = ["WeekEnding|Tier|Symbol|MPID|TotalShares|TotalTrades"];
  let shares = 0n;
  for (let symbol = 0; symbol < SYMBOLS; symbol++) {
    for (let venue = 0; venue < VENUES; venue++) {
      const volume = 1 + next(9_999_999);
      shares += BigInt(volume);
      lines.push(
        `${week}|OTC|S${symbol.toString(36).toUpperCase()}|V${String((symbol + venue) % VENUE_NAMES).padStart(3, "0")}|${volume}|${1 + next(999)}`,
      );
    }
  }
  const path = join(folder, `week_${week}.psv`);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return { path, shares };
}

async function open(home: string): Promise<OpenCalculations> {
  const opened = await openCalculations({ home, store: "sqlite" }, { mode: "write", now: () => TAKEN_AT });
  if ("kind" in opened) throw new Error(`CALC: the workspace cannot be opened: ${JSON.stringify(opened.violations)}`);
  return opened;
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly ms: number; readonly cpu_ms: number }> {
  const from = performance.now();
  const before = process.cpuUsage();
  const result = await work();
  const ms = performance.now() - from;
  const { user, system } = process.cpuUsage(before);
  return { result, ms, cpu_ms: (user + system) / 1_000 };
}

function expectEqual(what: string, found: unknown, expected: unknown): void {
  if (found !== expected) throw new Error(`CALC: ${what} is ${String(found)}, expected ${String(expected)}`);
}

/** In words, where a figure broke its bound on a machine that did nothing else. */
function bound(what: string, found: number, most: number, idle: boolean): readonly string[] {
  return idle && found > most ? [`${what} is ${found.toFixed(1)}, at most ${most} is allowed`] : [];
}

async function oneWeek(folder: string): Promise<TrialLine> {
  const idle = load() < IDLE;
  const { path, shares } = weekFile(folder, LAST_WEEK, 7);
  const calculations = await open(join(folder, "one"));
  const { ports, log, registry } = calculations;
  const week = await timed(async () => {
    const taken = await ingestWeek(ports, log, { path, tier: "OTC", week_ending: LAST_WEEK });
    if (taken.kind === "refused") throw new Error("CALC: the generated week was refused");
    await normaliseCapture(ports, log, taken.capture_id);
    await runCalculations(ports, log, registry, { calc: "symbol_summary", weeks: [LAST_WEEK], tiers: ["OTC"] }, noWait);
    return taken.capture_id;
  });
  const answer = await queryCalculation(ports, log, registry, { calc: "symbol_summary", where: { week_ending: LAST_WEEK } });
  if (answer.kind === "refused") throw new Error("CALC: the summary cannot be read");
  const total = answer.rows.reduce((sum, row) => sum + BigInt(row["total_shares"] as bigint), 0n);
  expectEqual("rows of the summary", answer.rows.length, SYMBOLS);
  expectEqual("shares of the summary", total, shares);
  const result = log.index.computed("symbol_summary", "v1", week.result);
  expectEqual("identity of the summary", result?.row_set, RESULTS[1]);
  const peers = await sameInOthers([path], shares);
  const { latest_ms, delete_ms } = await askAndRemove(calculations, week.result, SYMBOLS);
  await calculations.close();
  const missed = [
    ...bound("seconds of one week", week.ms / 1_000, MOST.week_s, idle),
    ...bound("milliseconds of the newest view", latest_ms, MOST.latest_ms, idle),
    ...bound("milliseconds of a removal", delete_ms, MOST.delete_ms, idle),
  ];
  return {
    trial: "CALC",
    of: `one week of ${ROWS} rows`,
    figures: {
      rows: ROWS,
      week_ms: round(week.ms),
      cpu_ms: round(week.cpu_ms),
      latest_ms: round(latest_ms),
      delete_ms: round(delete_ms),
      ...peers,
    },
    output_hash: result?.row_set ?? null,
    missed,
  };
}

/** The newest rows of the last week from the view, and everything under its capture removed. */
async function askAndRemove(
  { rows }: OpenCalculations,
  captureId: string,
  removed: number,
): Promise<{ readonly latest_ms: number; readonly delete_ms: number }> {
  const where = { week_ending: LAST_WEEK, tier: "OTC" };
  const latest = await timed(() => rows.readServed("finra_otc_transparency_symbol_summary_latest", where));
  expectEqual("rows of the newest view", latest.result, SYMBOLS);
  const removal = await timed(() => rows.removeCapture(captureId));
  expectEqual("rows removed", removal.result, removed);
  return { latest_ms: latest.ms, delete_ms: removal.ms };
}

async function manyWeeks(folder: string, { quick }: BenchOptions): Promise<readonly TrialLine[]> {
  const sizes = quick ? [4] : [20, 52];
  const lines: TrialLine[] = [];
  for (const count of sizes) {
    const idle = load() < IDLE;
    const source = mkdtempSync(join(folder, "weeks-"));
    const weeks = weeksUpTo(LAST_WEEK, count);
    const made = weeks.map((week, at) => ({ week, ...weekFile(source, week, 100 + at) }));
    const files = made.map(({ path, week }) => ({ path, tier: "OTC", week_ending: week }));
    const calculations = await open(join(source, "home"));
    const { ports, log, registry } = calculations;
    let told = 0;
    const done = await timed(() => backfillWeeks(ports, log, registry, { files, onProgress: () => (told += 1) }, noWait));
    // What the process took at any moment until now.
    const rss = process.resourceUsage().maxRSS / 2 ** 10;
    expectEqual("weeks that failed", done.result.failed, 0);
    expectEqual("weeks that were processed", done.result.processed, count);
    expectEqual("weeks of which progress told", told, count);
    const sets = log.index.results.map(({ calc_name, week_ending, row_set }) => `${calc_name} ${week_ending} ${row_set}`).sort();
    // Windows of six weeks need five before them.
    expectEqual("results", sets.length, 3 * count + Math.max(0, count - 5));
    const output_hash = sha256(sets.join("\n"));
    expectEqual(`identity of the results of ${count} weeks`, output_hash, RESULTS[count]);
    const last = log.index.newest(FINRA_OTC, { week_ending: LAST_WEEK, tier: "OTC" })?.capture_id ?? "";
    const { latest_ms, delete_ms } = await askAndRemove(calculations, last, SYMBOLS + VENUE_NAMES);
    await calculations.close();
    const peers = await sameInOthers(
      made.map(({ path }) => path),
      made.reduce((sum, { shares }) => sum + shares, 0n),
    );
    rmSync(source, { recursive: true, force: true });
    const missed = [
      ...bound(`seconds of ${count} weeks`, done.ms / 1_000, count === 52 ? MOST.year_s : MOST.million_s, idle),
      ...bound("megabytes", rss, MOST.rss_mb, count === 20),
      ...bound("milliseconds of the newest view", latest_ms, MOST.latest_ms, idle),
      ...bound("milliseconds of a removal", delete_ms, MOST.delete_ms, idle),
    ];
    lines.push({
      trial: "CALC",
      of: `${count} weeks of ${ROWS} rows through every stage`,
      figures: {
        rows: count * ROWS,
        total_ms: round(done.ms),
        cpu_ms: round(done.cpu_ms),
        rows_per_s: Math.round((count * ROWS) / (done.ms / 1_000)),
        peak_rss_mb: Math.round(rss),
        latest_ms: round(latest_ms),
        delete_ms: round(delete_ms),
        ...peers,
      },
      output_hash,
      missed,
    });
  }
  return lines;
}

/** The same aggregation without captures, rejects, checks, identities and a tape: what engines alone take. */
async function sameInOthers(paths: readonly string[], shares: bigint): Promise<{ readonly [name: string]: number }> {
  return { duckdb_alone_ms: round(await duckDbAlone(paths, shares)), ...polarsAndPandas(paths, shares) };
}

async function duckDbAlone(paths: readonly string[], shares: bigint): Promise<number> {
  const { ms } = await timed(() =>
    withDuckDb(":memory:", async ({ connection }) => {
      await connection.run(`CREATE TABLE week AS SELECT * FROM read_csv([${paths.map(literal).join(", ")}], delim='|', header=true)`);
      await connection.run(
        "CREATE TABLE summary AS SELECT WeekEnding, Symbol, sum(TotalShares) AS shares, sum(TotalTrades) AS trades, count(DISTINCT MPID) AS venues FROM week GROUP BY WeekEnding, Symbol",
      );
      const read = await connection.runAndReadAll("SELECT CAST(sum(shares) AS VARCHAR) FROM summary");
      expectEqual("shares that DuckDB sums", read.getRows()[0]?.[0], String(shares));
    }),
  );
  return ms;
}

/** The same in Polars and pandas, in the Python that `ONETAPE_PYTHON` names; what it lacks is told. */
function polarsAndPandas(paths: readonly string[], shares: bigint): { readonly [name: string]: number } {
  const python = process.env["ONETAPE_PYTHON"] ?? "python3";
  const figures: Record<string, number> = {};
  for (const [name, program] of Object.entries(PEERS)) {
    const there = spawnSync(python, ["-c", `import ${name}`], { encoding: "utf8" });
    if (there.status !== 0) {
      process.stderr.write(`CALC: SKIPPED the comparison with ${name}: ${python} has none; name a Python that has it in ONETAPE_PYTHON\n`);
      continue;
    }
    const ran = spawnSync(python, ["-c", program, ...paths], { encoding: "utf8" });
    if (ran.status !== 0) throw new Error(`CALC: ${name} failed: ${ran.stderr.trim().split("\n").at(-1) ?? ""}`);
    const [ms = "", total = ""] = ran.stdout.trim().split(" ");
    expectEqual(`shares that ${name} sums`, total, String(shares));
    figures[`${name}_ms`] = round(Number(ms));
  }
  return figures;
}

/** The library is there before the clock starts, as ours is. */
const PEERS: Readonly<Record<string, string>> = {
  polars: `import sys,time,polars as p
t=time.perf_counter();d=p.concat([p.read_csv(f,separator='|') for f in sys.argv[1:]])
s=d.group_by('WeekEnding','Symbol').agg(p.col('TotalShares').sum(),p.col('TotalTrades').sum(),p.col('MPID').n_unique())
print((time.perf_counter()-t)*1000,s['TotalShares'].sum())`,
  pandas: `import sys,time,pandas as p
t=time.perf_counter();d=p.concat([p.read_csv(f,sep='|') for f in sys.argv[1:]])
s=d.groupby(['WeekEnding','Symbol']).agg({'TotalShares':'sum','TotalTrades':'sum','MPID':'nunique'})
print((time.perf_counter()-t)*1000,s['TotalShares'].sum())`,
};

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
