import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { backtestPorts } from "../../src/apps/library/backtesting.js";
import type { BarColumns } from "../../src/core/market/bars.js";
import { calendarById } from "../../src/core/market/calendars/registry.js";
import { columnSetId } from "../../src/core/market/column-set.js";
import { GENERATE_DEFAULTS, generateBars } from "../../src/core/market/generate-bars.js";
import type { BarLibrary } from "../../src/ports/bar-library.js";

/** A workspace in a temporary folder whose bars are generated in memory. */
export interface BacktestWorkspace {
  readonly folder: string;
  readonly ports: ReturnType<typeof backtestPorts>;
  /** Bars that the library holds; may be changed between runs. */
  readonly bars: Map<string, BarColumns>;
  writeStrategy(source: string): Promise<void>;
  /** Writes `backtest.yaml`; @returns its path. */
  writeConfig(changes?: string): Promise<string>;
  close(): Promise<void>;
}

export const EMA_STRATEGY = `import { defineStrategy, emaFirst, int } from "onetape/strategy";

export default defineStrategy({
  meta: { name: "ema", version: "1.0.0", universe: ["DEMO"], timeframe: "1m", required_fields: ["close"], session: "all" },
  params: { fast: int({ default: 5, min: 1 }), slow: int({ default: 20, min: 2 }) },
  state: () => ({ fills: 0 }),
  indicators: (p) => ({ fast: emaFirst(p.fast), slow: emaFirst(p.slow) }),
  onBar(bar, ctx) {
    const { fast, slow } = ctx.indicators();
    if (!slow.ready) return;
    const { qty } = ctx.position();
    if (fast.value >= slow.value) {
      if (qty < 0) ctx.exitShort();
      if (qty <= 0) ctx.enterLong();
    } else {
      if (qty > 0) ctx.exitLong();
      if (qty >= 0) ctx.enterShort();
    }
  },
  onFill(fill, ctx) {
    ctx.state.fills += 1;
  },
});
`;

export async function backtestWorkspace(options: { readonly days?: number } = {}): Promise<BacktestWorkspace> {
  const folder = await mkdtemp(join(tmpdir(), "onetape-backtest-"));
  const bars = new Map([["DEMO", demoBars(options.days ?? 3)]]);
  const ports = backtestPorts(join(folder, ".onetape"), libraryOf(bars));
  await mkdir(join(folder, ".onetape"));
  await writeFile(join(folder, "strategy.ts"), EMA_STRATEGY);
  return {
    folder,
    ports,
    bars,
    writeStrategy: (source) => writeFile(join(folder, "strategy.ts"), source),
    async writeConfig(changes = "") {
      const path = join(folder, "backtest.yaml");
      await writeFile(path, `${CONFIG}${changes}`);
      return path;
    },
    async close() {
      await ports.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const CONFIG = `strategy: strategy.ts
data: [{ symbol: DEMO, price_mode: raw }]
account: { currency: USD, cash: 100000 }
instruments:
  - { symbol: DEMO, asset_class: crypto, currency: USD, price_tick: 0.01, lot_step: 1, min_qty: 1, multiplier: 1, calendar: 24/7 }
execution: { fees: { model: bps, bps: 2 }, slippage_bps: 1 }
sizing: { mode: fixed, qty: 10 }
`;

/** Round-the-clock synthetic bars from 2024-01-01. */
export function demoBars(days: number, seed: number = 7): BarColumns {
  const from = Date.UTC(2024, 0, 1);
  const made = generateBars({
    ...GENERATE_DEFAULTS,
    seed,
    symbol: "DEMO",
    calendar: calendarById("24/7"),
    from,
    to: from + days * 86_400_000,
  });
  const share = (column: Float64Array): Float64Array => {
    const shared = new Float64Array(new SharedArrayBuffer(column.byteLength));
    shared.set(column);
    return shared;
  };
  const { ts, open, high, low, close, volume } = made;
  return { ...made, ts: share(ts), open: share(open), high: share(high), low: share(low), close: share(close), volume: share(volume) };
}

function libraryOf(bars: ReadonlyMap<string, BarColumns>): BarLibrary {
  const find: BarLibrary["find"] = ({ symbol }) => {
    const columns = bars.get(symbol);
    if (columns === undefined)
      return Promise.resolve({ kind: "missing", violations: [{ code: "NO_DATA", message: `no bars of ${symbol}` }] });
    return Promise.resolve({
      kind: "found",
      bars: { columns, column_set: columnSetId(columns, sha256Bytes), capture_id: "test", synthetic: true, instrument: null },
    });
  };
  return {
    find,
    importFile: (_file, wanted) => find(wanted),
    load: (id) => Promise.resolve([...bars.values()].find((columns) => columnSetId(columns, sha256Bytes) === id) ?? null),
  };
}
