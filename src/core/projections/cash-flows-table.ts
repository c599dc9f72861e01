/** What moved cash besides fills: interest, borrowing, dividends, splits, daily settlement. */
import type { CashEvent } from "../engine/book-cash-event.js";
import { shortest } from "./decimal-text.js";
import type { RowOf } from "./table.js";

export const cashFlowsSchema = {
  name: "cash_flows",
  grain: "one row per change of cash that no fill made",
  sort_key: ["tape_position"],
  columns: {
    tape_position: { type: "int64", unit: "tape position", nullable: false, doc: "Position of the event." },
    ts: { type: "timestamp_ms", unit: "UTC", nullable: false, doc: "Event time." },
    kind: {
      type: "text",
      unit: null,
      nullable: false,
      doc: "`credit` and `debit` for interest on cash, `borrow` for the cost of a short, `dividend`, `split`, or `variation` for a daily settlement.",
    },
    symbol: { type: "text", unit: null, nullable: true, doc: "Instrument; absent for interest on cash." },
    amount: {
      type: "decimal",
      unit: "currency",
      nullable: false,
      min_scale: 8,
      doc: "Change of cash: positive is received, negative is paid.",
    },
    basis: { type: "decimal", unit: "currency", nullable: true, min_scale: 8, doc: "What a rate was applied to." },
    rate: { type: "decimal", unit: "fraction", nullable: true, min_scale: 8, doc: "Rate, as a fraction a year." },
    days: { type: "int64", unit: "count", nullable: true, doc: "Calendar days that accrued." },
    qty: { type: "decimal", unit: "quantity", nullable: true, min_scale: 8, doc: "Signed position that it rests on; before a split." },
    qty_after: { type: "decimal", unit: "quantity", nullable: true, min_scale: 8, doc: "Signed position after a split." },
    price: {
      type: "decimal",
      unit: "price",
      nullable: true,
      min_scale: 8,
      doc: "Cash per share of a dividend, price of a settlement, price before a split; in the instrument's currency.",
    },
    fx_rate: {
      type: "decimal",
      unit: "fraction",
      nullable: true,
      min_scale: 8,
      doc: "What one unit of the instrument's currency was worth in the account's, where they differ.",
    },
  },
} as const;

export type CashFlowRow = RowOf<typeof cashFlowsSchema>;

export function cashFlowRow(position: number, event: CashEvent): CashFlowRow {
  const head = { tape_position: position, ts: event.occurred_at };
  const none = { basis: null, rate: null, days: null, qty: null, qty_after: null, price: null, fx_rate: null };
  switch (event.type) {
    case "cash.accrued": {
      const { kind, symbol, amount, basis, rate, days } = event.payload;
      return {
        ...head,
        ...none,
        kind,
        symbol: symbol ?? null,
        amount: shortest(amount),
        basis: shortest(basis),
        rate: shortest(rate),
        days,
      };
    }
    case "variation.settled": {
      const { symbol, amount, qty, price, fx_rate } = event.payload;
      return {
        ...head,
        ...none,
        kind: "variation",
        symbol,
        amount: shortest(amount),
        qty: shortest(qty),
        price: shortest(price),
        fx_rate: fx_rate ?? null,
      };
    }
    case "dividend.paid": {
      const { symbol, amount, qty, per_share, fx_rate } = event.payload;
      return {
        ...head,
        ...none,
        kind: "dividend",
        symbol,
        amount: shortest(amount),
        qty: shortest(qty),
        price: shortest(per_share),
        fx_rate: fx_rate ?? null,
      };
    }
    case "split.applied": {
      const { symbol, cash_in_lieu, qty_before, qty_after, reference_price, fx_rate } = event.payload;
      return {
        ...head,
        ...none,
        kind: "split",
        symbol,
        amount: shortest(cash_in_lieu),
        qty: shortest(qty_before),
        qty_after: shortest(qty_after),
        price: shortest(reference_price),
        fx_rate: fx_rate ?? null,
      };
    }
  }
}
