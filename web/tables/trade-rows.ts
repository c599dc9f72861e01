/** The rows of the per-trade table: what a page carries, how a cell reads, how rows are sorted and filtered. */
import type { SheetTrade } from "../../src/core/report/tear-sheet.js";
import { count, decimalText, moment, money, orNotAvailable, percent } from "../text/format.js";

/** Rows of one page of the table. */
export const PAGE_ROWS = 50;

export type TradeColumn =
  | "trade"
  | "symbol"
  | "side"
  | "entry_ts"
  | "exit_ts"
  | "qty"
  | "entry_price"
  | "exit_price"
  | "gross_pnl"
  | "commission"
  | "net_pnl"
  | "return_fraction"
  | "bars_held"
  | "mae"
  | "mfe";

export const tradeColumns: readonly { readonly id: TradeColumn; readonly title: string; readonly numeric: boolean }[] = [
  { id: "trade", title: "No.", numeric: true },
  { id: "symbol", title: "Symbol", numeric: false },
  { id: "side", title: "Side", numeric: false },
  { id: "entry_ts", title: "Entry, UTC", numeric: false },
  { id: "exit_ts", title: "Exit, UTC", numeric: false },
  { id: "qty", title: "Quantity", numeric: true },
  { id: "entry_price", title: "Entry price", numeric: true },
  { id: "exit_price", title: "Exit price", numeric: true },
  { id: "gross_pnl", title: "Gross", numeric: true },
  { id: "commission", title: "Commission, tax", numeric: true },
  { id: "net_pnl", title: "Net", numeric: true },
  { id: "return_fraction", title: "Return", numeric: true },
  { id: "bars_held", title: "Bars", numeric: true },
  { id: "mae", title: "Worst (MAE)", numeric: true },
  { id: "mfe", title: "Best (MFE)", numeric: true },
];

/** What a cell shows. */
export function tradeCell(trade: SheetTrade, column: TradeColumn, currency: string): string {
  switch (column) {
    case "trade":
      return count(trade.trade);
    case "symbol":
      return trade.symbol;
    case "side":
      return trade.side;
    case "entry_ts":
      return moment(trade.entry_ts);
    case "exit_ts":
      return trade.exit_ts === null ? "open" : moment(trade.exit_ts);
    case "qty":
    case "entry_price":
      return decimalText(trade[column]);
    case "exit_price":
      return orNotAvailable(trade.exit_price, decimalText);
    case "gross_pnl":
    case "net_pnl":
      return money(trade[column], currency, "always");
    case "commission":
      return money(trade.commission, currency);
    case "return_fraction":
      return orNotAvailable(trade.return_fraction, (value) => percent(value, 3, "always"));
    case "bars_held":
      return count(trade.bars_held);
    case "mae":
    case "mfe":
      return orNotAvailable(trade[column], (value) => percent(value, 2, "always"));
  }
}

/** `gain`, `loss` or nothing: the colour of a cell; its sign says the same. */
export function tradeTone(trade: SheetTrade, column: TradeColumn): "gain" | "loss" | null {
  if (column !== "gross_pnl" && column !== "net_pnl" && column !== "return_fraction") return null;
  const value = Number(trade[column] ?? 0);
  return value > 0 ? "gain" : value < 0 ? "loss" : null;
}

export interface TradeOrder {
  readonly column: TradeColumn;
  readonly descending: boolean;
}

const TEXT: ReadonlySet<TradeColumn> = new Set(["symbol", "side"]);

/** Sorted by a column; what has no value comes last, equal rows keep the order of their numbers. */
export function sortTrades(trades: readonly SheetTrade[], { column, descending }: TradeOrder): readonly SheetTrade[] {
  const sign = descending ? -1 : 1;
  const key = (trade: SheetTrade): number | string | null => {
    const value = trade[column];
    return value === null || TEXT.has(column) ? value : Number(value);
  };
  return [...trades].sort((a, b) => {
    const [left, right] = [key(a), key(b)];
    if (left === right) return a.trade - b.trade;
    if (left === null) return 1;
    if (right === null) return -1;
    return left < right ? -sign : sign;
  });
}

export type TradeResult = "all" | "won" | "lost" | "open";

/** Rows whose cells hold every word that is asked for, of the wanted result. */
export function filterTrades(trades: readonly SheetTrade[], words: string, result: TradeResult): readonly SheetTrade[] {
  const wanted = words
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  return trades.filter((trade) => {
    if (result === "open" ? trade.status !== "open" : result !== "all" && (trade.status !== "closed" || !hasResult(trade, result)))
      return false;
    if (wanted.length === 0) return true;
    const text =
      `${trade.trade} ${trade.symbol} ${trade.side} ${trade.status} ${moment(trade.entry_ts)} ${trade.exit_ts === null ? "" : moment(trade.exit_ts)}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

function hasResult(trade: SheetTrade, result: "won" | "lost"): boolean {
  const net = Number(trade.net_pnl);
  return result === "won" ? net > 0 : net < 0;
}
