/** Where the profit came from: symbols by all of their profit, hours and weekdays by the finished trades that were entered in them. */
import { MS_PER_DAY, utcDay, weekdayOf } from "../market/civil-date.js";
import { bigOf, formatBig } from "../money/decimal.js";
import { shortest } from "../projections/decimal-text.js";
import type { PnlRow } from "../projections/pnl-table.js";
import type { TradeRow } from "../projections/trades-table.js";
import type { UtcMillis } from "../tape/event.js";
import type { Contribution } from "./tear-sheet.js";

const MS_PER_HOUR = 3_600_000;

/** Profit after costs of each symbol, open positions included: they add up to the run's net profit. */
export function bySymbol(
  symbols: readonly string[],
  pnl: readonly PnlRow[],
  trades: readonly TradeRow[],
  scale: number,
): readonly Contribution[] {
  const totals = new Map(symbols.map((symbol) => [symbol, { net: 0n, trades: 0 }]));
  for (const row of pnl) {
    const own = totals.get(row.symbol);
    if (own !== undefined) own.net += bigOf(row.total, scale);
  }
  for (const trade of trades) {
    const own = totals.get(trade.symbol);
    if (own !== undefined && trade.status === "closed") own.trades += 1;
  }
  return told(totals, scale);
}

/** Finished trades by the UTC hour of their entry, `00` to `23`; hours without trades between the first and the last are kept. */
export function byHour(trades: readonly TradeRow[], scale: number): readonly Contribution[] {
  return byKey(trades, scale, hourOf, 24, (hour) => String(hour).padStart(2, "0"));
}

const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const;

/** Finished trades by the UTC weekday of their entry; days without trades between the first and the last are kept. */
export function byWeekday(trades: readonly TradeRow[], scale: number): readonly Contribution[] {
  return byKey(trades, scale, mondayFirst, 7, (day) => WEEKDAYS[day] ?? "");
}

function hourOf(ts: UtcMillis): number {
  return Math.floor((ts - utcDay(ts) * MS_PER_DAY) / MS_PER_HOUR);
}

function mondayFirst(ts: UtcMillis): number {
  return (weekdayOf(utcDay(ts)) + 6) % 7;
}

function byKey(
  trades: readonly TradeRow[],
  scale: number,
  indexOf: (ts: UtcMillis) => number,
  size: number,
  name: (index: number) => string,
): readonly Contribution[] {
  const cells = Array.from({ length: size }, () => ({ net: 0n, trades: 0 }));
  for (const trade of trades) {
    const cell = cells[indexOf(trade.entry_ts)];
    if (trade.status !== "closed" || cell === undefined) continue;
    cell.net += bigOf(trade.net_pnl, scale);
    cell.trades += 1;
  }
  const first = cells.findIndex((cell) => cell.trades > 0);
  const last = cells.findLastIndex((cell) => cell.trades > 0);
  if (first < 0) return [];
  return told(new Map(cells.slice(first, last + 1).map((cell, i) => [name(first + i), cell])), scale);
}

function told(cells: ReadonlyMap<string, { readonly net: bigint; readonly trades: number }>, scale: number): readonly Contribution[] {
  return [...cells].map(([key, { net, trades }]) => ({ key, net_pnl: shortest(formatBig(net, scale)), trades }));
}
