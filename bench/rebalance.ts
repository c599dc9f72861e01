/**
 * Two shares kept at target weights minute by minute over a week: the eleven orders of a published run, played from a list.
 *
 * The published run fills at quotes that trade bars do not have: the bar of an order's minute closes at the published fill price. Weights
 * are worked out by the list, not by the engine: what is proved is fills, fees and the value at the end.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import type { BarColumns } from "../src/core/market/bars.js";
import { bigOf, divideHalfEven, formatBig, scaledOf } from "../src/core/money/decimal.js";
import { engineTask } from "./engine-task.js";
import { marketData } from "./market-data.js";
import type { Work } from "./proof.js";
import type { BenchOptions, Measured, Workload } from "./workload.js";

/** Midnight of 2013-10-07 in New York, in UTC: summer time all week. */
const MONDAY = 1_381_118_400_000;
const DAYS = [0, 1, 2, 3, 4];
const DAY_MS = 86_400_000;
const SCALE = 11;
const MONEY = 12;

/** Time in New York at which the bar ends, symbol, quantity, fill price at adjusted prices, fee. */
const ORDERS: readonly (readonly [day: number, time: string, symbol: "IBM" | "SPY", qty: number, price: string, fee: string])[] = [
  [0, "09:31", "SPY", 551, "144.781724170", "2.755"],
  [0, "09:31", "IBM", 146, "135.968636180", "1"],
  [0, "09:32", "SPY", -414, "144.712554042", "2.070"],
  [0, "09:32", "IBM", 439, "136.192575740", "2.195"],
  [0, "09:35", "IBM", 1, "136.147787828", "1"],
  [1, "09:55", "IBM", 1, "134.81161512", "1"],
  [2, "09:45", "IBM", -1, "134.184584352", "1"],
  [2, "11:30", "SPY", 1, "142.481817414", "1"],
  [3, "09:39", "IBM", -1, "136.968899548", "1"],
  [3, "12:53", "IBM", 1, "136.864394420", "1"],
  [4, "09:31", "IBM", -1, "138.17070852", "1"],
];
const PUBLISHED = { equity: "101952.99", fees: "15.02" };

export function rebalanceWorkload(): Workload {
  const folder = join(marketData(), "lean/equity/usa");
  return {
    id: "W4",
    says: "SPY and IBM minutes of a week, the 11 orders of a published rebalancing run",
    missing: () =>
      existsSync(join(folder, "minute/spy"))
        ? null
        : `the minute bars are not below ${folder}; set ONETAPE_SHARED to the folder that holds them`,
    prepare: (bench) => prepare(folder, bench),
  };
}

async function prepare(folder: string, { quick }: BenchOptions): Promise<Measured> {
  const columns = (["IBM", "SPY"] as const).map((symbol) => minuteBars(folder, symbol));
  const bars = columns.reduce((sum, { rows }) => sum + rows, 0);
  const start = performance.now();
  const expected = playList(columns);
  const bare_rate = (bars * 1000) / (performance.now() - start);
  const task = await engineTask({
    strategy: "bench/strategies/target-list.ts",
    params: { orders: ORDERS.map(([day, time, symbol, qty]) => `${momentOf(day, time)} ${symbol} ${qty}`).join(";") },
    columns,
    instrument: {
      asset_class: "equity",
      currency: "USD",
      price_tick: "0.01",
      lot_step: "1",
      min_qty: "1",
      multiplier: "1",
      calendar: "XNYS",
      settlement: "cash",
    },
    cash: "100000",
    scale: MONEY,
    fees: { model: "per_share", amount: "0.005", minimum: "1", cap_fraction: "0.005" },
    qty: "1",
    session: "regular",
  });
  return { id: "W4", task, bars, expected, bare_rate, passes: quick ? { off: 2, on: 2 } : { off: 20, on: 20 } };
}

/** Cash, fees and value by the list alone; the totals are the published ones. */
function playList(columns: readonly BarColumns[]): Work {
  const held = new Map<string, bigint>();
  let cash = bigOf("100000", MONEY);
  let fees = 0n;
  for (const [, , symbol, qty, price, fee] of ORDERS) {
    cash -= BigInt(qty) * bigOf(price, MONEY) + bigOf(fee, MONEY);
    fees += bigOf(fee, MONEY);
    held.set(symbol, (held.get(symbol) ?? 0n) + BigInt(qty));
  }
  let equity = cash;
  for (const { symbol, close, rows } of columns)
    equity += (held.get(symbol) ?? 0n) * BigInt(close[rows - 1] as number) * 10n ** BigInt(MONEY - SCALE);
  const cents = (value: bigint): string => formatBig(divideHalfEven(value, 10n ** BigInt(MONEY - 2)), 2);
  if (cents(equity) !== PUBLISHED.equity || cents(fees) !== PUBLISHED.fees)
    throw new Error(`W4: the list gives ${cents(equity)} and fees ${cents(fees)}, published are ${PUBLISHED.equity} and ${PUBLISHED.fees}`);
  const positions = Object.fromEntries([...held].sort(([a], [b]) => (a < b ? -1 : 1)).map(([symbol, qty]) => [symbol, String(qty)]));
  return { orders: ORDERS.length, fills: ORDERS.length, cash: formatBig(cash, MONEY), equity: formatBig(equity, MONEY), positions };
}

/** Regular minutes at adjusted prices; the minute of an order closes at its fill price. */
function minuteBars(folder: string, symbol: "IBM" | "SPY"): BarColumns {
  const ticker = symbol.toLowerCase();
  const factor = factorOf(join(folder, "factor_files", `${ticker}.csv`));
  const fills = new Map(
    ORDERS.filter(([, , of]) => of === symbol).map(([day, time, , , price]) => [momentOf(day, time), scaledOf(price, SCALE)]),
  );
  const rows: (readonly [ts: number, open: number, high: number, low: number, close: number])[] = [];
  for (const day of DAYS) {
    const file = join(folder, "minute", ticker, `2013100${7 + day}_trade.zip`.replace(/2013100(\d\d)/, "201310$1"));
    for (const bytes of Object.values(unzipSync(readFileSync(file)))) {
      for (const line of strFromU8(bytes).trim().split("\n")) {
        const [start = 0, ...raw] = line.split(",").map(Number);
        if (start < 34_200_000 || start > 57_540_000) continue;
        const ts = MONDAY + day * DAY_MS + start + 60_000;
        // Prices come in ten-thousandths, factors with seven decimals.
        const [open = 0, high = 0, low = 0, close = 0] = raw.map((price) => price * factor);
        const fill = fills.get(ts) ?? close;
        rows.push([ts, open, Math.max(high, fill), Math.min(low, fill), fill]);
      }
    }
  }
  const column = (index: 0 | 1 | 2 | 3 | 4): Float64Array => {
    const shared = new Float64Array(new SharedArrayBuffer(rows.length * 8));
    rows.forEach((row, at) => {
      shared[at] = row[index];
    });
    return shared;
  };
  return {
    symbol,
    timeframe: "1m",
    price_mode: "adjusted",
    basis: "trade",
    price_scale: SCALE,
    volume_scale: 0,
    has_volume: false,
    rows: rows.length,
    ts: column(0),
    open: column(1),
    high: column(2),
    low: column(3),
    close: column(4),
    volume: new Float64Array(new SharedArrayBuffer(rows.length * 8)),
  };
}

/** Price times split factor of the first row dated on or after the week, as an integer of 10^-7. */
function factorOf(file: string): number {
  const rows = readFileSync(file, "utf8").trim().split("\n");
  const [, price = "1", split = "1"] = (rows.find((row) => row >= "20131007") ?? "").split(",");
  if (split !== "1") throw new Error(`${file}: a split factor of ${split} is not expected in this week`);
  return scaledOf(price, 7);
}

function momentOf(day: number, time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return MONDAY + day * DAY_MS + (hours * 60 + minutes) * 60_000;
}
