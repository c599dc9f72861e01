/** Orders as a CSV file for other systems: eighteen columns, times in UTC, numbers as plain decimals. */

import { utcText } from "../market/scan-time.js";
import { csvCell } from "../signals/csv-records.js";
import type { UtcMillis } from "../tape/event.js";

/** Whose orders they are. */
export type OrderSource = "backtest" | "paper" | "live";

/** An order as it was approved. What does not apply is null. Prices and quantity are decimal text. */
export interface ExportedOrder {
  readonly order_id: string;
  readonly idempotency_key: string;
  /** Orders of one group end each other: that of the order, or for the exits of an entry the entry's id. */
  readonly oco_id: string | null;
  readonly run_id: string;
  readonly symbol: string;
  readonly side: "BUY" | "SELL";
  readonly qty: string;
  readonly limit_price: string | null;
  readonly stop_price: string | null;
  /** Of the exit that takes a profit: its own limit. */
  readonly take_profit_price: string | null;
  readonly valid_from: UtcMillis;
  /** Null for an order without an end. */
  readonly valid_to: UtcMillis | null;
  /** The session in hand when it was made. */
  readonly session: string | null;
  readonly time_in_force: "DAY" | "GTC" | "IOC" | "FOK";
  readonly source: OrderSource;
  readonly strategy: string;
  readonly strategy_version: string;
  readonly created_at: UtcMillis;
}

/** In their order in the file. */
export const ORDER_COLUMNS: readonly (keyof ExportedOrder)[] = [
  "order_id",
  "idempotency_key",
  "oco_id",
  "run_id",
  "symbol",
  "side",
  "qty",
  "limit_price",
  "stop_price",
  "take_profit_price",
  "valid_from",
  "valid_to",
  "session",
  "time_in_force",
  "source",
  "strategy",
  "strategy_version",
  "created_at",
];

/** The whole file, RFC 4180 with LF ends. An empty cell is what does not apply; a price of 0 is written as 0. */
export function orderCsv(orders: readonly ExportedOrder[]): string {
  const lines = orders.map((order) => ORDER_COLUMNS.map((column) => cell(order[column])).join(","));
  return `${[ORDER_COLUMNS.join(","), ...lines].join("\n")}\n`;
}

/** Only times are numbers here. */
function cell(value: string | number | null): string {
  if (value === null) return "";
  return csvCell(typeof value === "number" ? utcText(value) : value);
}
