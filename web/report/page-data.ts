/** What the islands of a page need, packed small. Everything else stands in the page as text. */
import { pow10 } from "../../src/core/money/decimal.js";
import type { CandleSeries, SheetTrade, TearSheet } from "../../src/core/report/tear-sheet.js";
import type { CursorView } from "../charts/chart-view.js";
import { packIntegers, unpackIntegers } from "./packed-integers.js";
import type { SheetViews } from "./sheet-views.js";

/** Trades that a page carries. A run with more says so, and has them all in its files. */
export const PAGE_TRADES = 5000;

/** Digits of a cursor's values beyond which nobody reads. */
const CURSOR_DIGITS = { money: 12, price: 12, percent: 6, ratio: 6 } as const;

/** Times as the first and the differences in seconds, equal ones counted: `[first, diff, count, diff, count, ...]`. */
export type PackedTimes = readonly number[];

export interface PackedCandles {
  readonly about: Pick<CandleSeries, "symbol" | "basis" | "price_scale">;
  /** Exit or not, short or not, trade, candle, seconds, price, net. */
  readonly marks: readonly (readonly [number, number, number, number, number, number, number | null])[];
  readonly ts: PackedTimes;
  /** What every price is a multiple of. */
  readonly unit: number;
  /** In units: difference to the close before, rise of the high over the larger of open and close, fall of the low below the smaller, close less open. */
  readonly prices: readonly string[];
}

export interface PageData {
  readonly currency: string;
  readonly cursors: {
    readonly [id: string]: { readonly ts: PackedTimes; readonly series: CursorView["series"]; readonly decimals: number };
  };
  readonly candles: readonly PackedCandles[];
  /** Columns of trades, in the order of `tradeFields`. */
  readonly trades: readonly (readonly SheetTrade[keyof SheetTrade][])[];
  readonly trades_left_out: number;
}

const tradeFields = [
  "trade",
  "symbol",
  "side",
  "status",
  "entry_ts",
  "exit_ts",
  "qty",
  "entry_price",
  "exit_price",
  "gross_pnl",
  "commission",
  "net_pnl",
  "return_fraction",
  "bars_held",
  "mae",
  "mfe",
] as const satisfies readonly (keyof SheetTrade)[];

export function pageData(sheet: TearSheet, views: SheetViews): PageData {
  const charts = [...views.account, ...views.returns, ...views.trades];
  return {
    currency: sheet.header.currency,
    cursors: Object.fromEntries(
      charts.flatMap(({ id, cursor, empty }) =>
        cursor === null || empty !== null
          ? []
          : [[id, { ts: packTimes(cursor.ts), series: cursor.series.map(shortened), decimals: cursor.decimals }]],
      ),
    ),
    candles: sheet.candles.map(packCandles),
    trades: tradeFields.map((field) => sheet.trades.slice(0, PAGE_TRADES).map((trade) => shortCell(trade[field]))),
    trades_left_out: Math.max(0, sheet.trades.length - PAGE_TRADES),
  };
}

/** Shares are shown with three decimals of a percent; six digits are enough to sort them. */
function shortCell(cell: SheetTrade[keyof SheetTrade]): SheetTrade[keyof SheetTrade] {
  return typeof cell === "number" && !Number.isInteger(cell) ? Number(cell.toPrecision(6)) : cell;
}

function shortened(series: CursorView["series"][number]): CursorView["series"][number] {
  return {
    ...series,
    values: series.values.map((value) => (value === null ? null : Number(value.toPrecision(CURSOR_DIGITS[series.format])))),
  };
}

/** The trades of a page, as they were packed. */
export function unpackTrades({ trades }: Pick<PageData, "trades">): readonly SheetTrade[] {
  const rows = trades[0]?.length ?? 0;
  // Packed by this file from this type.
  return Array.from(
    { length: rows },
    (_, row) => Object.fromEntries(tradeFields.map((field, i) => [field, trades[i]?.[row] ?? null])) as unknown as SheetTrade,
  );
}

export function packTimes(ts: readonly number[]): PackedTimes {
  const [first] = ts;
  if (first === undefined) return [];
  const packed = [first];
  let difference = Number.NaN;
  for (let i = 1; i < ts.length; i++) {
    const step = ((ts[i] ?? 0) - (ts[i - 1] ?? 0)) / 1000;
    if (step === difference) packed[packed.length - 1] = (packed.at(-1) ?? 0) + 1;
    else packed.push(step, 1);
    difference = step;
  }
  return packed;
}

export function unpackTimes([first, ...steps]: PackedTimes): readonly number[] {
  if (first === undefined) return [];
  const ts = [first];
  let at = first;
  for (let i = 0; i < steps.length; i += 2) {
    for (let times = steps[i + 1] ?? 0; times > 0; times--) {
      at += (steps[i] ?? 0) * 1000;
      ts.push(at);
    }
  }
  return ts;
}

function packCandles({ symbol, basis, price_scale, marks, ts, open, high, low, close }: CandleSeries): PackedCandles {
  let unit = 1;
  while (unit < pow10(price_scale) && [open, high, low, close].every((column) => column.every((price) => price % (unit * 10) === 0)))
    unit *= 10;
  const units = (column: readonly number[], i: number): number => (column[i] ?? 0) / unit;
  let before = 0;
  const prices: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let i = 0; i < open.length; i++) {
    const [o, c] = [units(open, i), units(close, i)];
    prices[0].push(o - before);
    prices[1].push(units(high, i) - Math.max(o, c));
    prices[2].push(Math.min(o, c) - units(low, i));
    prices[3].push(c - o);
    before = c;
  }
  return {
    about: { symbol, basis, price_scale },
    marks: marks.map((mark) => [
      Number(mark.kind === "exit"),
      Number(mark.side === "short"),
      mark.trade,
      mark.at,
      mark.ts / 1000,
      mark.price,
      mark.net,
    ]),
    ts: packTimes(ts),
    unit,
    prices: prices.map(packIntegers),
  };
}

export function unpackCandles({ about, marks, ts, unit, prices }: PackedCandles): CandleSeries {
  const [gaps = [], ups = [], downs = [], bodies = []] = prices.map(unpackIntegers);
  const columns = { open: [] as number[], high: [] as number[], low: [] as number[], close: [] as number[] };
  let before = 0;
  for (const [i, gap] of gaps.entries()) {
    const open = before + gap;
    const close = open + (bodies[i] ?? 0);
    columns.open.push(open * unit);
    columns.high.push((Math.max(open, close) + (ups[i] ?? 0)) * unit);
    columns.low.push((Math.min(open, close) - (downs[i] ?? 0)) * unit);
    columns.close.push(close * unit);
    before = close;
  }
  return {
    ...about,
    ts: unpackTimes(ts),
    ...columns,
    volume: null,
    marks: marks.map(([exit, short, trade, at, seconds, price, net]) => {
      return { kind: exit === 1 ? "exit" : "entry", side: short === 1 ? "short" : "long", trade, at, ts: seconds * 1000, price, net };
    }),
  };
}
