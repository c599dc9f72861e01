/** The portfolio state: one row per symbol and session, one per fill. */
import { formatBig, formatScaled } from "../money/decimal.js";
import type { Position } from "../portfolio/portfolio.js";
import { marketValue } from "../portfolio/portfolio.js";
import type { Valuation } from "./account-fold.js";
import { priceOfBasis } from "./decimal-text.js";
import type { RowMoment } from "./row-moment.js";
import type { RowOf } from "./table.js";

export const positionsSchema = {
  name: "positions",
  grain:
    "one row per symbol and session, at the session's last close, for every symbol with bars in the session or a position; one per fill, marked at the fill's price",
  sort_key: ["tape_position", "symbol"],
  columns: {
    tape_position: { type: "int64", unit: "tape position", nullable: false, doc: "Position of the event that the row follows." },
    row_kind: {
      type: "text",
      unit: null,
      nullable: false,
      doc: "`fill`, `session`, or `end` where a run ended inside a session or traded after its last one closed.",
    },
    ts: { type: "timestamp_ms", unit: "UTC", nullable: false, doc: "Event time." },
    session: { type: "text", unit: null, nullable: true, doc: "Session date at the exchange, `YYYY-MM-DD`." },
    symbol: { type: "text", unit: null, nullable: false, doc: "Instrument." },
    qty: { type: "decimal", unit: "quantity", nullable: false, min_scale: 8, doc: "Signed position; negative is short." },
    avg_price: {
      type: "decimal",
      unit: "price",
      nullable: true,
      min_scale: 8,
      doc: "Cost basis over quantity and multiplier, half-even, at the row's rate of exchange; absent when flat.",
    },
    mark_price: {
      type: "decimal",
      unit: "price",
      nullable: true,
      min_scale: 8,
      doc: "Price of the valuation; absent before the symbol's first bar.",
    },
    market_value: {
      type: "decimal",
      unit: "currency",
      nullable: false,
      min_scale: 8,
      doc: "Quantity x mark x multiplier, half-even; negative for a short.",
    },
    unrealized_pnl: {
      type: "decimal",
      unit: "currency",
      nullable: false,
      min_scale: 8,
      doc: "Market value less cost basis; under variation margin what daily settlement has paid on the open quantity is part of it.",
    },
    realized_pnl: {
      type: "decimal",
      unit: "currency",
      nullable: false,
      min_scale: 8,
      doc: "Profit realised in the symbol since the start, before commission.",
    },
    commission: { type: "decimal", unit: "currency", nullable: false, min_scale: 8, doc: "Commission paid in the symbol since the start." },
    dividends: {
      type: "decimal",
      unit: "currency",
      nullable: false,
      min_scale: 8,
      doc: "Dividends received in the symbol since the start, less those paid on shorts.",
    },
    borrow_cost: {
      type: "decimal",
      unit: "currency",
      nullable: false,
      min_scale: 8,
      doc: "Cost of borrowing the symbol since the start, never negative.",
    },
    cash: { type: "decimal", unit: "currency", nullable: false, min_scale: 8, doc: "Account: cash." },
    equity: {
      type: "decimal",
      unit: "currency",
      nullable: false,
      min_scale: 8,
      doc: "Account: cash plus market values; plus what is not settled yet instead for instruments under variation margin.",
    },
    gross_exposure: { type: "decimal", unit: "currency", nullable: false, min_scale: 8, doc: "Account: sum of absolute market values." },
    net_exposure: { type: "decimal", unit: "currency", nullable: false, min_scale: 8, doc: "Account: sum of market values." },
    pending_orders: { type: "int64", unit: "count", nullable: false, doc: "Account: orders not yet in a terminal state." },
  },
} as const;

export type PositionRow = RowOf<typeof positionsSchema>;

export function positionRow(
  moment: RowMoment,
  position: Position,
  mark: { readonly price: number | null; readonly unrealized: bigint },
  account: Valuation,
  pendingOrders: number,
): PositionRow {
  const { units } = position;
  const money = units.money_scale;
  return {
    tape_position: moment.position,
    row_kind: moment.row,
    ts: moment.ts,
    session: moment.session,
    symbol: units.symbol,
    qty: formatScaled(position.qty, units.qty_scale),
    avg_price: position.qty === 0 ? null : priceOfBasis(units, position.basis, position.qty),
    mark_price: mark.price === null ? null : formatScaled(mark.price, units.price_scale),
    market_value: formatBig(mark.price === null ? 0n : marketValue(position, mark.price), money),
    unrealized_pnl: formatBig(mark.unrealized, money),
    realized_pnl: formatBig(position.realized, money),
    commission: formatBig(position.commission, money),
    dividends: formatBig(position.dividends, money),
    borrow_cost: formatBig(position.borrow, money),
    cash: formatBig(account.cash, money),
    equity: formatBig(account.equity, money),
    gross_exposure: formatBig(account.gross, money),
    net_exposure: formatBig(account.net, money),
    pending_orders: pendingOrders,
  };
}
