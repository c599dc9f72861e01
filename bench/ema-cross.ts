/**
 * EMA 10/20 cross on one month of real minute bars: filled at the close, 0.001 per order, 0.1 % fee.
 *
 * Each pass is a whole run. With the tape on, the tape of every pass is written to its own SQLite file and synced at its end;
 * without, events are made and folded and kept nowhere. The order count is the published proof of equal work.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WorkerEngineHost } from "../src/adapters/engine-host/worker-engine-host.js";
import { sha256, sha256Bytes } from "../src/adapters/node-hash/sha256.js";
import { logFilesIn } from "../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../src/adapters/sqlite/sqlite-event-store.js";
import { bundleStrategy } from "../src/adapters/strategy-loader/bundle-strategy.js";
import { engineWorkerEntry } from "../src/apps/library/installation.js";
import { DEFAULT_EXECUTION, DEFAULT_SIZING } from "../src/core/engine/run-config.js";
import { runCatalogue } from "../src/core/engine/run-event-schemas.js";
import type { BarColumns } from "../src/core/market/bars.js";
import { calendarById } from "../src/core/market/calendars/registry.js";
import { columnSetId, sessionRanges } from "../src/core/market/column-set.js";
import { scaledOf } from "../src/core/money/decimal.js";
import type { EngineTask } from "../src/ports/engine-host.js";
import { taskInstrument } from "../src/usecases/prepare-run.js";
import { type BenchLine, quantile, type Workload } from "./workload.js";

const SYMBOL = "BTCUSDT";
const SCALE = 8;
const CASH = "10000000";

export interface EmaCrossOptions {
  readonly id: string;
  /** First rows of the file to run on. */
  readonly rows: number;
  readonly passes: number;
  /** Orders of one pass, as published, before any final flat. */
  readonly orders: number;
  /** Whether the last position is closed at the end, as one more order of `orders`. */
  readonly flatten: boolean;
}

export function emaCrossWorkload(options: EmaCrossOptions): Workload {
  const file = join(process.env["ONETAPE_SHARED"] ?? "../shared/data", "nautilus/btc-perp-20211231-20220201_1m.csv");
  return {
    id: options.id,
    missing: () => (existsSync(file) ? null : `the minute bars are not at ${file}; set ONETAPE_SHARED to the folder that holds them`),
    run: () => measure(options, file),
  };
}

async function* measure(options: EmaCrossOptions, file: string): AsyncGenerator<BenchLine> {
  const columns = readColumns(file, options.rows);
  const task = await taskOf(options, columns);
  const bare = bareLoop(columns, options.passes);
  const folder = mkdtempSync(join(tmpdir(), "onetape-bench-"));
  const host = new WorkerEngineHost(engineWorkerEntry());
  try {
    const off = await timePasses(options, () => runOff(host, task));
    yield lineOf(options, "off", columns.rows, off, { to_bare_loop: off.rate / bare });
    let pass = 0;
    const on = await timePasses(options, () => runOn(host, task, join(folder, String(pass++)), options.id));
    yield lineOf(options, "on", columns.rows, on, { to_bare_loop: on.rate / bare, to_tape_off: on.rate / off.rate });
  } finally {
    await host.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Pass {
  readonly events: number;
  readonly orders: number;
  readonly hash: string;
}

interface Timed {
  readonly rate: number;
  readonly ms: readonly number[];
  readonly pass: Pass;
}

/** One pass to warm up, then the measured ones; every pass must give the same counts and hash. */
async function timePasses(options: EmaCrossOptions, run: () => Promise<Pass>): Promise<Timed> {
  const first = await run();
  if (first.orders !== options.orders) throw new Error(`${options.id}: ${first.orders} orders, ${options.orders} are published`);
  const ms: number[] = [];
  for (let n = 0; n < options.passes; n++) {
    const start = performance.now();
    const pass = await run();
    ms.push(performance.now() - start);
    if (pass.orders !== first.orders || pass.events !== first.events || pass.hash !== first.hash)
      throw new Error(`${options.id}: pass ${n + 1} differs from the first`);
  }
  const total = ms.reduce((sum, t) => sum + t, 0);
  return { rate: (options.rows * options.passes * 1000) / total, ms: ms.sort((a, b) => a - b), pass: first };
}

async function runOff(host: WorkerEngineHost, task: EngineTask): Promise<Pass> {
  const outcome = await host.run(
    { ...task, tape: false },
    { time_budget_ms: 10_000, onBlock: () => Promise.resolve({ kind: "stopped", cause: "no tape" }) },
  );
  if (outcome.kind !== "completed" || outcome.failure !== null) throw new Error(`the run ended as ${outcome.kind}`);
  const { events, counts } = outcome;
  return { events, orders: counts.orders, hash: sha256(JSON.stringify({ events, counts })) };
}

async function runOn(host: WorkerEngineHost, task: EngineTask, dir: string, id: string): Promise<Pass> {
  mkdirSync(dir);
  const log = `run/bench-${id}`;
  const store = new SqliteEventStore({ files: logFilesIn(dir), sha256, sha256Bytes, now: Date.now });
  const opened = await store.open({ log, catalogue: runCatalogue, mode: "write", layout: "segments", durability: "committed" });
  if (opened.kind !== "opened") throw new Error(`the tape could not be opened: ${opened.kind}`);
  const { session } = opened;
  const outcome = await host.run(task, {
    time_budget_ms: 10_000,
    onBlock: async (block) => {
      const stored = await session.appendBlock(block);
      return stored.kind === "stored" ? { kind: "committed" } : { kind: "stopped", cause: stored.kind };
    },
  });
  const { hash, position } = session.head();
  await session.close();
  await store.close();
  if (outcome.kind !== "completed" || outcome.failure !== null) throw new Error(`the run ended as ${outcome.kind}`);
  if (position !== outcome.events) throw new Error(`${outcome.events} events were made, ${position} are on the tape`);
  return { events: position, orders: outcome.counts.orders, hash };
}

function lineOf(options: EmaCrossOptions, tape: "on" | "off", rows: number, timed: Timed, ratios: BenchLine["ratios"]): BenchLine {
  const { events, orders, hash } = timed.pass;
  return {
    workload: options.id,
    tape,
    bars: rows,
    bars_per_s: Math.round(timed.rate),
    events,
    events_per_s: Math.round((timed.rate * events) / rows),
    orders,
    events_per_order: events / orders,
    passes: options.passes,
    pass_ms: { p50: quantile(timed.ms, 0.5), p90: quantile(timed.ms, 0.9), worst: quantile(timed.ms, 1) },
    peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
    output_hash: hash,
    ratios,
  };
}

/** The least that any engine does with these bars: two averages and a comparison. In bars a second. */
function bareLoop(columns: BarColumns, passes: number): number {
  const start = performance.now();
  let crossings = 0;
  for (let pass = 0; pass < passes; pass++) {
    let fast = columns.close[0] as number;
    let slow = fast;
    let above = true;
    for (let row = 0; row < columns.rows; row++) {
      const close = columns.close[row] as number;
      fast += (close - fast) * (2 / 11);
      slow += (close - slow) * (2 / 21);
      if (fast >= slow !== above) {
        above = !above;
        crossings += 1;
      }
    }
  }
  if (crossings === 0) throw new Error("the averages never cross");
  return (columns.rows * passes * 1000) / (performance.now() - start);
}

async function taskOf(options: EmaCrossOptions, columns: BarColumns): Promise<EngineTask> {
  const bundling = await bundleStrategy("examples/ema-cross/strategy.ts");
  if (bundling.kind === "refused") throw new Error(bundling.violations.map((v) => v.message).join("\n"));
  const { code, source_sha256 } = bundling.bundle;
  const column_set = columnSetId(columns, sha256Bytes);
  const sessions = sessionRanges(columns, calendarById("24/7"), "all");
  const strategy = { name: "ema-cross", version: "1.0.0" };
  return {
    bundle: code.replaceAll('"DEMO"', `"${SYMBOL}"`),
    append: "block",
    tape: true,
    instruments: [taskInstrument({ hashBytes: sha256Bytes }, columns, sessions)],
    started: {
      strategy: { ...strategy, source_sha256 },
      config: {},
      config_sha256: "0".repeat(64),
      instruments: [],
      data: [
        {
          symbol: SYMBOL,
          column_set,
          timeframe: "1m",
          price_mode: "raw",
          rows: columns.rows,
          first_ts: columns.ts[0] ?? 0,
          last_ts: columns.ts[columns.rows - 1] ?? 0,
        },
      ],
    },
    config: {
      strategy: { ...strategy, params: { fast: 10, slow: 20 } },
      timeframe: "1m",
      data: [{ symbol: SYMBOL, timeframe: "1m", price_mode: "raw", basis: "trade", column_set, first_row: 0, row_count: columns.rows }],
      instruments: [
        {
          symbol: SYMBOL,
          asset_class: "crypto",
          currency: "USDT",
          price_tick: "0.01",
          lot_step: "0.001",
          min_qty: "0.001",
          multiplier: "1",
          calendar: "24/7",
          settlement: "cash",
          guessed: [],
        },
      ],
      account: { currency: "USDT", cash: CASH, scale: SCALE },
      execution: { ...DEFAULT_EXECUTION, fill_timing: "signal_close", fees: { model: "bps", bps: "10" } },
      sizing: { ...DEFAULT_SIZING, mode: "fixed", qty: "0.001" },
      on_end: options.flatten ? "flatten" : "keep",
      research: false,
      periods_per_year: 365,
    },
  };
}

function readColumns(file: string, rows: number): BarColumns {
  const lines = readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .slice(1, rows + 1);
  const shared = (): Float64Array => new Float64Array(new SharedArrayBuffer(lines.length * 8));
  const columns = { ts: shared(), open: shared(), high: shared(), low: shared(), close: shared(), volume: shared() };
  lines.forEach((line, row) => {
    const [time = "", open = "", high = "", low = "", close = ""] = line.split(",");
    columns.ts[row] = Date.parse(/[Z+]/.test(time) ? time : `${time.replace(" ", "T")}Z`);
    columns.open[row] = scaledOf(open, SCALE);
    columns.high[row] = scaledOf(high, SCALE);
    columns.low[row] = scaledOf(low, SCALE);
    columns.close[row] = scaledOf(close, SCALE);
  });
  return {
    symbol: SYMBOL,
    timeframe: "1m",
    price_mode: "raw",
    basis: "trade",
    price_scale: SCALE,
    volume_scale: SCALE,
    has_volume: false,
    rows: lines.length,
    ...columns,
  };
}
