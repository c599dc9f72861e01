/** EMA 10/20 cross on one month of real minute bars: filled at the close, 0.001 per order, 0.1 % fee. Order count and cash are published. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RiskPolicy } from "../src/core/gate/policy.js";
import type { BarColumns } from "../src/core/market/bars.js";
import { divideHalfEven, formatBig, scaledOf } from "../src/core/money/decimal.js";
import { engineTask } from "./engine-task.js";
import { marketData } from "./market-data.js";
import type { Work } from "./proof.js";
import type { BenchOptions, Measured, Workload } from "./workload.js";

const SYMBOL = "BTCUSDT";
const SCALE = 8;
const CASH = "10000000";

export interface EmaCrossOptions {
  readonly id: string;
  readonly says: string;
  /** First rows of the file to run on. */
  readonly rows: number;
  readonly passes: number;
  /** Orders of one pass and cash at its end, as published. */
  readonly orders: number;
  readonly cash: string;
  /** Whether the last position is closed at the end, as one more order of `orders`. */
  readonly flatten: boolean;
  /** Asked of every order, and refusing none. */
  readonly risk?: RiskPolicy;
}

/** The workload that other measurements build on. */
export const W2: EmaCrossOptions = {
  id: "W2",
  says: "EMA 10/20 on 45,031 BTC minutes",
  rows: 45_031,
  passes: 20,
  orders: 4_135,
  cash: "9999855.828364",
  flatten: false,
};

export function emaCrossWorkload(options: EmaCrossOptions): Workload {
  const file = join(marketData(), "nautilus/btc-perp-20211231-20220201_1m.csv");
  return {
    id: options.id,
    says: options.says,
    missing: () => (existsSync(file) ? null : `the minute bars are not at ${file}; set ONETAPE_SHARED to the folder that holds them`),
    prepare: (bench) => prepare(options, file, bench),
  };
}

async function prepare(options: EmaCrossOptions, file: string, { quick }: BenchOptions): Promise<Measured> {
  const { id, flatten } = options;
  const columns = readColumns(file, options.rows);
  const expected = exactLoop(columns, flatten);
  if (expected.orders !== options.orders || expected.cash !== options.cash)
    throw new Error(
      `${id}: the loop gives ${expected.orders} orders and ${expected.cash}, published are ${options.orders} and ${options.cash}`,
    );
  const passes = quick ? 2 : options.passes;
  const task = await engineTask({
    strategy: "examples/ema-cross/strategy.ts",
    params: { fast: 10, slow: 20 },
    columns: [columns],
    instrument: {
      asset_class: "crypto",
      currency: "USDT",
      price_tick: "0.01",
      lot_step: "0.001",
      min_qty: "0.001",
      multiplier: "1",
      calendar: "24/7",
      settlement: "cash",
    },
    cash: CASH,
    scale: SCALE,
    fees: { model: "bps", bps: "10" },
    qty: "0.001",
    on_end: flatten ? "flatten" : "keep",
    ...(options.risk === undefined ? {} : { risk: options.risk }),
  });
  const bare_rate = bareLoop(columns, options.passes);
  return { id, task, bars: columns.rows, expected, bare_rate, passes: { off: passes, on: passes } };
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

/** The published rules on the columns alone, money in exact integers of 10^-8. */
function exactLoop({ open, high, low, close, rows }: BarColumns, flatten: boolean): Work {
  let cash = BigInt(CASH) * 10n ** 8n;
  let side = 0;
  let orders = 0;
  // 0.001 of a price at scale 8 is exact at scale 11; the fee of 0.1 % is rounded half-even to scale 8.
  const trade = (price: bigint, direction: 1 | -1): void => {
    cash -= BigInt(direction) * divideHalfEven(price, 1_000n) + divideHalfEven(price, 1_000_000n);
    orders += 1;
  };
  let fast = (close[0] as number) / 1e8;
  let slow = fast;
  for (let row = 0; row < rows; row++) {
    const price = close[row] as number;
    fast = (2 / 11) * (price / 1e8) + (1 - 2 / 11) * fast;
    slow = (2 / 21) * (price / 1e8) + (1 - 2 / 21) * slow;
    const flat = open[row] === high[row] && high[row] === low[row] && low[row] === price;
    if (row < 19 || flat) continue;
    const wanted = fast >= slow ? 1 : -1;
    if (wanted === side) continue;
    if (side !== 0) trade(BigInt(price), wanted);
    trade(BigInt(price), wanted);
    side = wanted;
  }
  const last = BigInt(close[rows - 1] as number);
  if (flatten && side !== 0) {
    trade(last, side === 1 ? -1 : 1);
    side = 0;
  }
  const equity = cash + BigInt(side) * divideHalfEven(last, 1_000n);
  return {
    orders,
    fills: orders,
    cash: formatBig(cash, SCALE),
    equity: formatBig(equity, SCALE),
    positions: side === 0 ? {} : { [SYMBOL]: side === 1 ? "0.001" : "-0.001" },
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
