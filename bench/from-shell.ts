/** `onetape backtest` as a user runs it: start of the process, bars from disk, run, tape, artifacts, figures. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { generateColumns, PRICE_SCALE } from "./generated-bars.js";
import { marketData } from "./market-data.js";
import type { Trial, TrialLine } from "./trial.js";
import { type BenchOptions, quantile } from "./workload.js";

const ROWS = 45_031;
const TIMES = 5;
/** Orders of the published EMA cross before any final flat; known for the real bars alone. */
const PUBLISHED_ORDERS = 4_135;
const COMMAND = fileURLToPath(new URL("../bin/onetape.mjs", import.meta.url));

export function fromShell(): Trial {
  const real = existsSync(realBars());
  return {
    id: "SHELL",
    says: `onetape backtest of EMA 10/20 on ${ROWS.toLocaleString("en-US")} ${real ? "BTC" : "generated"} minutes from the shell, median of ${TIMES}`,
    missing: () => null,
    measure,
  };
}

async function measure({ quick }: BenchOptions): Promise<readonly TrialLine[]> {
  const folder = mkdtempSync(join(tmpdir(), "onetape-bench-"));
  try {
    const real = existsSync(realBars());
    const bars = join(folder, "bars.csv");
    if (real) cpSync(realBars(), bars);
    else writeGenerated(bars);
    const strategy = readFileSync("examples/ema-cross/strategy.ts", "utf8");
    writeFileSync(join(folder, "strategy.ts"), strategy.replace('universe: ["DEMO"]', 'universe: ["BTCUSDT"]'));
    writeFileSync(join(folder, "backtest.yaml"), CONFIG);
    const imported = join(folder, "imported");
    const import_ms = timed(folder, imported, IMPORT).ms;
    const first: number[] = [];
    const again: number[] = [];
    const hashes = new Set<string>();
    for (let time = 0; time < (quick ? 1 : TIMES); time++) {
      const home = join(folder, `home-${time}`);
      cpSync(imported, home, { recursive: true });
      for (const [times, identical] of [
        [first, null],
        [again, true],
      ] as const) {
        const { ms, printed } = timed(folder, home, ["backtest", "backtest.yaml", "--json"]);
        const run = JSON.parse(printed) as { bars: number; orders: number; identical: boolean | null; tape: { content_hash: string } };
        if (run.bars !== ROWS || run.identical !== identical) throw new Error(`SHELL: ${run.bars} bars, identical ${run.identical}`);
        if (real && run.orders !== PUBLISHED_ORDERS) throw new Error(`SHELL: ${run.orders} orders, published are ${PUBLISHED_ORDERS}`);
        hashes.add(run.tape.content_hash);
        times.push(ms);
      }
      rmSync(home, { recursive: true });
    }
    const [hash] = hashes;
    if (hash === undefined || hashes.size !== 1) throw new Error(`SHELL: ${hashes.size} different tapes`);
    const version = Array.from({ length: first.length }, () => timed(folder, imported, ["--version"]).ms);
    const line = {
      trial: "SHELL",
      of: real ? "BTC minutes" : "generated minutes",
      figures: {
        bars: ROWS,
        times: first.length,
        import_ms: Math.round(import_ms),
        ...spread("run", first),
        ...spread("run_again_and_compare", again),
        version_p50_ms: Math.round(median(version)),
      },
      output_hash: hash,
    };
    return [line];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const IMPORT = [
  "data",
  "import",
  "bars.csv",
  "--symbol",
  "BTCUSDT",
  "--timeframe",
  "1m",
  "--stamp",
  "close",
  "--tz",
  "UTC",
  "--price-mode",
  "raw",
];

const CONFIG = `strategy: strategy.ts
params: { fast: 10, slow: 20 }
data:
  - { symbol: BTCUSDT, price_mode: raw }
timeframe: 1m
account: { currency: USDT, cash: 10000000 }
instruments:
  - { symbol: BTCUSDT, asset_class: crypto, currency: USDT, price_tick: 0.01, lot_step: 0.001, min_qty: 0.001, multiplier: 1, calendar: 24/7, settlement: cash }
execution: { fill_timing: signal_close, fees: { model: bps, bps: 10 } }
sizing: { mode: fixed, qty: 0.001 }
on_end: keep
`;

function timed(cwd: string, home: string, args: readonly string[]): { readonly ms: number; readonly printed: string } {
  mkdirSync(home, { recursive: true });
  const start = performance.now();
  const done = spawnSync(process.execPath, [COMMAND, ...args, "--quiet", "--home", home], { cwd, encoding: "utf8", maxBuffer: 1 << 26 });
  const ms = performance.now() - start;
  if (done.status !== 0) throw new Error(`SHELL: onetape ${args.join(" ")} ended with ${done.status}: ${done.stderr.trim()}`);
  return { ms, printed: done.stdout };
}

function spread(name: string, times: readonly number[]): { readonly [name: string]: number } {
  const sorted = [...times].sort((a, b) => a - b);
  return {
    [`${name}_p50_ms`]: Math.round(quantile(sorted, 0.5)),
    [`${name}_best_ms`]: Math.round(quantile(sorted, 0)),
    [`${name}_worst_ms`]: Math.round(quantile(sorted, 1)),
  };
}

function median(times: readonly number[]): number {
  return quantile(
    [...times].sort((a, b) => a - b),
    0.5,
  );
}

function realBars(): string {
  return resolve(marketData(), "nautilus/btc-perp-20211231-20220201_1m.csv");
}

function writeGenerated(path: string): void {
  const [one] = generateColumns({ symbols: 1, rows: ROWS, timeframe: "1m" });
  if (one === undefined) throw new Error("no bars were made");
  const { ts, open, high, low, close, volume } = one;
  const price = (column: Float64Array, row: number): string => ((column[row] as number) / 10 ** PRICE_SCALE).toFixed(PRICE_SCALE);
  const lines = Array.from(ts, (at, row) =>
    [new Date(at).toISOString(), ...[open, high, low, close].map((column) => price(column, row)), String(volume[row])].join(","),
  );
  writeFileSync(path, `timestamp,open,high,low,close,volume\n${lines.join("\n")}\n`);
}
