import { describe, expect, test } from "vitest";
import type { PnlRow } from "../projections/pnl-table.js";
import type { TradeRow } from "../projections/trades-table.js";
import { byHour, bySymbol, byWeekday } from "./contributions.js";

const trade = (entry: string, net_pnl: string, more: Partial<TradeRow> = {}): TradeRow =>
  ({ symbol: "A", status: "closed", entry_ts: Date.parse(entry), net_pnl, ...more }) as TradeRow;

describe("contributions", () => {
  const trades = [
    // A Tuesday and a Friday.
    trade("2024-01-02T14:31:00Z", "10.5"),
    trade("2024-01-02T14:59:00Z", "-4"),
    trade("2024-01-05T16:00:00Z", "1", { symbol: "B" }),
    trade("2024-01-05T20:00:00Z", "99", { status: "open" }),
  ];

  test("count finished trades by the UTC hour of their entry and keep empty hours between", () => {
    expect(byHour(trades, 2)).toEqual([
      { key: "14", net_pnl: "6.5", trades: 2 },
      { key: "15", net_pnl: "0", trades: 0 },
      { key: "16", net_pnl: "1", trades: 1 },
    ]);
  });

  test("count finished trades by weekday, Monday first", () => {
    expect(byWeekday(trades, 2).map(({ key, net_pnl }) => [key, net_pnl])).toEqual([
      ["Tuesday", "6.5"],
      ["Wednesday", "0"],
      ["Thursday", "0"],
      ["Friday", "1"],
    ]);
  });

  test("of symbols add up all of their profit, open positions included", () => {
    const pnl = [
      { symbol: "A", total: "6.5" },
      { symbol: "B", total: "1" },
      { symbol: "A", total: "0.25" },
    ] as PnlRow[];
    expect(bySymbol(["A", "B", "C"], pnl, trades, 2)).toEqual([
      { key: "A", net_pnl: "6.75", trades: 2 },
      { key: "B", net_pnl: "1", trades: 1 },
      { key: "C", net_pnl: "0", trades: 0 },
    ]);
  });

  test("of no trade are none", () => {
    expect(byHour([], 2)).toEqual([]);
    expect(byWeekday([], 2)).toEqual([]);
  });
});
