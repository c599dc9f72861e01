/**
 * What calculations over weekly files cost, on generated weeks of 50,000 rows with everything on disk: one week ingested, judged and
 * aggregated; a million rows through every stage; a year backfilled; and the same aggregation in DuckDB SQL alone, and in pandas or Polars.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256 } from "../src/adapters/node-hash/sha256.js";
import { literal, withDuckDb } from "../src/adapters/parquet/duckdb-session.js";
import { type OpenCalculations, openCalculations } from "../src/apps/library/calculations.js";
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
const LAST_WEEK = "2025-12-26";
/** Seconds and megabytes that must not be passed. They are asked on an idle machine alone: others' work says nothing about this. */
const MOST = { week_s: 2, million_s: 20, year_s: 60, latest_ms: 50, delete_ms: 100, rss_mb: 500 } as const;
const IDLE = 3;
const noWait = async (): Promise<void> => {};

export function calcTrial(): Trial {
  return {
    id: "CALC",
    says: "weekly files: 50,000 rows, a million rows, a year of weeks, beside DuckDB alone",
    missing: () => null,
    measure: async (options) => {
      const folder = mkdtempSync(join(tmpdir(), "onetape-bench-calc-"));
      try {
        return [await oneWeek(folder), ...(await manyWeeks(folder, options))];
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
        `${week}|OTC|S${symbol.toString(36).toUpperCase()}|V${String((symbol + venue) % 50).padStart(3, "0")}|${volume}|${1 + next(999)}`,
      );
    }
  }
  const path = join(folder, `week_${week}.psv`);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return { path, shares };
}

async function open(home: string): Promise<OpenCalculations> {
  let clock = Date.parse("2026-01-05T10:00:00Z");
  const opened = await openCalculations({ home, store: "sqlite" }, { mode: "write", now: () => (clock += 1) });
  if ("kind" in opened) throw new Error(`CALC: the workspace cannot be opened: ${JSON.stringify(opened.violations)}`);
  return opened;
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly ms: number }> {
  const from = performance.now();
  const result = await work();
  return { result, ms: performance.now() - from };
}

function expectEqual(what: string, found: unknown, expected: unknown): void {
  if (found !== expected) throw new Error(`CALC: ${what} is ${String(found)}, expected ${String(expected)}`);
}

function bound(what: string, found: number, most: number, idle: boolean): void {
  if (idle && found > most) throw new Error(`CALC: ${what} is ${found.toFixed(1)}, at most ${most} is allowed`);
}

async function oneWeek(folder: string): Promise<TrialLine> {
  const idle = load() < IDLE;
  const { path, shares } = weekFile(folder, LAST_WEEK, 7);
  const calculations = await open(join(folder, "one"));
  const { ports, log, registry, rows } = calculations;
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
  const peer = await duckDbAlone(path, shares);
  const python = pandasOrPolars(path, shares);
  // The view is asked where it is kept; a second asking shows what a warm reader waits.
  const latest = await timed(() =>
    rows.readServed("finra_otc_transparency_symbol_summary_latest", { week_ending: LAST_WEEK, tier: "OTC" }),
  );
  expectEqual("rows of the newest view", latest.result, SYMBOLS);
  const removal = await timed(() => rows.removeCapture(week.result));
  expectEqual("rows removed", removal.result, SYMBOLS);
  await calculations.close();
  bound("seconds of one week", week.ms / 1_000, MOST.week_s, idle);
  bound("milliseconds of the newest view", latest.ms, MOST.latest_ms, idle);
  bound("milliseconds of a removal", removal.ms, MOST.delete_ms, idle);
  return {
    trial: "CALC",
    of: `one week of ${ROWS} rows`,
    figures: {
      rows: ROWS,
      week_ms: round(week.ms),
      latest_ms: round(latest.ms),
      delete_ms: round(removal.ms),
      duckdb_alone_ms: round(peer),
      ...python,
    },
    output_hash: result?.row_set ?? null,
  };
}

async function manyWeeks(folder: string, { quick }: BenchOptions): Promise<readonly TrialLine[]> {
  const sizes = quick ? [4] : [20, 52];
  const lines: TrialLine[] = [];
  for (const count of sizes) {
    const idle = load() < IDLE;
    const source = mkdtempSync(join(folder, "weeks-"));
    const weeks = weeksUpTo(LAST_WEEK, count);
    const files = weeks.map((week, at) => ({ path: weekFile(source, week, 100 + at).path, tier: "OTC", week_ending: week }));
    const calculations = await open(join(source, "home"));
    const { ports, log, registry } = calculations;
    let peak = 0;
    const done = await timed(() =>
      backfillWeeks(ports, log, registry, { files, onProgress: () => (peak = Math.max(peak, process.memoryUsage.rss())) }, noWait),
    );
    expectEqual("weeks that failed", done.result.failed, 0);
    expectEqual("weeks that were processed", done.result.processed, count);
    const sets = log.index.results.map(({ calc_name, week_ending, row_set }) => `${calc_name} ${week_ending} ${row_set}`).sort();
    // Windows of six weeks need five before them.
    expectEqual("results", sets.length, 3 * count + Math.max(0, count - 5));
    await calculations.close();
    rmSync(source, { recursive: true, force: true });
    const rss = peak / 2 ** 20;
    bound(`seconds of ${count} weeks`, done.ms / 1_000, count === 52 ? MOST.year_s : MOST.million_s, idle);
    bound("megabytes", rss, MOST.rss_mb, idle && count === 20);
    lines.push({
      trial: "CALC",
      of: `${count} weeks of ${ROWS} rows through every stage`,
      figures: {
        rows: count * ROWS,
        total_ms: round(done.ms),
        rows_per_s: Math.round((count * ROWS) / (done.ms / 1_000)),
        peak_rss_mb: Math.round(rss),
      },
      output_hash: sha256(sets.join("\n")),
    });
  }
  return lines;
}

/** The same aggregation without captures, rejects, checks, identities and a tape: what the engine alone takes. */
async function duckDbAlone(path: string, shares: bigint): Promise<number> {
  const { ms } = await timed(() =>
    withDuckDb(":memory:", async ({ connection }) => {
      await connection.run(`CREATE TABLE week AS SELECT * FROM read_csv(${literal(path)}, delim='|', header=true)`);
      await connection.run(
        "CREATE TABLE summary AS SELECT Symbol, sum(TotalShares) AS shares, sum(TotalTrades) AS trades, count(DISTINCT MPID) AS venues FROM week GROUP BY Symbol",
      );
      const read = await connection.runAndReadAll("SELECT CAST(sum(shares) AS VARCHAR) FROM summary");
      expectEqual("shares that DuckDB sums", read.getRows()[0]?.[0], String(shares));
    }),
  );
  return ms;
}

/** The same in pandas or Polars where Python has one of them. */
function pandasOrPolars(path: string, shares: bigint): { readonly [name: string]: number } {
  for (const [name, program] of Object.entries(PEERS)) {
    const ran = spawnSync("python3", ["-c", program, path], { encoding: "utf8" });
    if (ran.status !== 0) continue;
    const [ms = "", total = ""] = ran.stdout.trim().split(" ");
    expectEqual(`shares that ${name} sums`, total, String(shares));
    return { [`${name}_ms`]: round(Number(ms)) };
  }
  process.stderr.write("CALC: SKIPPED the comparison with pandas and Polars: python3 has neither\n");
  return {};
}

const PEERS: Readonly<Record<string, string>> = {
  polars: `import sys,time,polars as p
t=time.perf_counter();s=p.read_csv(sys.argv[1],separator='|').group_by('Symbol').agg(p.col('TotalShares').sum(),p.col('TotalTrades').sum(),p.col('MPID').n_unique())
print((time.perf_counter()-t)*1000,s['TotalShares'].sum())`,
  pandas: `import sys,time,pandas as p
t=time.perf_counter();s=p.read_csv(sys.argv[1],sep='|').groupby('Symbol').agg({'TotalShares':'sum','TotalTrades':'sum','MPID':'nunique'})
print((time.perf_counter()-t)*1000,s['TotalShares'].sum())`,
};

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
