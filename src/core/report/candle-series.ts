/** Candles of the traded symbols at the finest level that a page can carry, with the entries and exits of trades. */
import type { RunConfig } from "../engine/run-config.js";
import type { BarColumns } from "../market/bars.js";
import { sliceColumns } from "../market/column-set.js";
import type { TradeRow } from "../projections/trades-table.js";
import { basisOf } from "./bucket-series.js";
import { levelWithin } from "./ohlc-pyramid.js";
import type { CandleSeries, TradeMark } from "./tear-sheet.js";

/** Candles of all symbols together, and symbols that get some. */
export const CANDLES_IN_ALL = 8192;
export const CANDLE_SYMBOLS = 4;

export interface CandleChoice {
  readonly candles: readonly CandleSeries[];
  readonly left_out: readonly { readonly symbol: string; readonly reason: string }[];
}

export function candlesOf(config: RunConfig, bars: ReadonlyMap<string, BarColumns>, trades: readonly TradeRow[]): CandleChoice {
  const counts = new Map(config.data.map((d) => [d.symbol, 0]));
  for (const trade of trades) counts.set(trade.symbol, (counts.get(trade.symbol) ?? 0) + 1);
  const left_out: { symbol: string; reason: string }[] = [];
  const available = config.data.filter((d) => {
    if (bars.has(d.symbol)) return true;
    left_out.push({ symbol: d.symbol, reason: "its bars are not in the workspace any more" });
    return false;
  });
  // Most traded first; a stable sort keeps the symbols' own order among equals.
  const ranked = [...available].sort((a, b) => (counts.get(b.symbol) ?? 0) - (counts.get(a.symbol) ?? 0));
  for (const d of ranked.slice(CANDLE_SYMBOLS)) left_out.push({ symbol: d.symbol, reason: `not among the ${CANDLE_SYMBOLS} most traded` });
  const chosen = ranked.slice(0, CANDLE_SYMBOLS);
  const limit = Math.floor(CANDLES_IN_ALL / Math.max(chosen.length, 1));
  const candles = chosen.flatMap(({ symbol, first_row, row_count }) => {
    const columns = bars.get(symbol);
    return columns === undefined ? [] : [seriesOf(sliceColumns(columns, first_row, row_count), trades, limit)];
  });
  return { candles, left_out };
}

function seriesOf(columns: BarColumns, trades: readonly TradeRow[], limit: number): CandleSeries {
  const level = levelWithin({ per_point: 1, ...columns }, limit);
  const marks = trades.filter((trade) => trade.symbol === columns.symbol).flatMap((trade) => marksOf(trade, level.ts, level.rows));
  return {
    symbol: columns.symbol,
    basis: basisOf("bars", columns.ts, columns.rows, level.per_point),
    price_scale: columns.price_scale,
    ts: Array.from(level.ts),
    open: Array.from(level.open),
    high: Array.from(level.high),
    low: Array.from(level.low),
    close: Array.from(level.close),
    volume: columns.has_volume ? Array.from(level.volume) : null,
    marks: marks.sort((a, b) => a.ts - b.ts || a.trade - b.trade || (a.kind < b.kind ? -1 : 1)),
  };
}

function marksOf(trade: TradeRow, ts: ArrayLike<number>, rows: number): readonly TradeMark[] {
  const at = (time: number): number => Math.min(firstAtOrAfter(ts, rows, time), rows - 1);
  const side = trade.side === "short" ? "short" : "long";
  const about = { side, trade: trade.trade } as const;
  const marks: TradeMark[] = [
    { kind: "entry", ...about, at: at(trade.entry_ts), ts: trade.entry_ts, price: Number(trade.entry_price), net: null },
  ];
  if (trade.exit_ts !== null && trade.exit_price !== null) {
    marks.push({
      kind: "exit",
      ...about,
      at: at(trade.exit_ts),
      ts: trade.exit_ts,
      price: Number(trade.exit_price),
      net: Number(trade.net_pnl),
    });
  }
  return marks;
}

/** The first row that closes at `at` or later, `rows` where none does. */
function firstAtOrAfter(ts: ArrayLike<number>, rows: number, at: number): number {
  let low = 0;
  let high = rows;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ts[middle] as number) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
