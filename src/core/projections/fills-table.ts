/** One row per fill, late fills included. */
import type { OrderFill } from "../engine/run-events.js";
import { formatBig, formatScaled } from "../money/decimal.js";
import type { FillEffect } from "./account-fold.js";
import { shortest } from "./decimal-text.js";
import type { PositionedEvent } from "./positioned-event.js";
import type { RowOf } from "./table.js";

export const fillsSchema = {
  name: "fills",
  grain: "one row per fill",
  sort_key: ["tape_position"],
  columns: {
    tape_position: { type: "int64", unit: "tape position", nullable: false, doc: "Position of the fill event." },
    fill_id: { type: "text", unit: null, nullable: false, doc: "Id of the fill, unique in the run." },
    order_id: { type: "text", unit: null, nullable: false, doc: "Order that was filled." },
    ts: { type: "timestamp_ms", unit: "UTC", nullable: false, doc: "Event time of the fill." },
    symbol: { type: "text", unit: null, nullable: false, doc: "Instrument." },
    side: { type: "text", unit: null, nullable: false, doc: "`buy` or `sell`." },
    qty: { type: "decimal", unit: "quantity", nullable: false, min_scale: 8, doc: "Quantity filled." },
    price: { type: "decimal", unit: "price", nullable: false, min_scale: 8, doc: "Price paid or received, slippage included." },
    commission: { type: "decimal", unit: "currency", nullable: false, min_scale: 8, doc: "Commission of this fill, never negative." },
    tax: { type: "decimal", unit: "currency", nullable: false, min_scale: 8, doc: "Tax on the sale, never negative." },
    slippage_bps: { type: "decimal", unit: "basis points", nullable: false, min_scale: 8, doc: "Adverse slippage within the price." },
    bar_part: {
      type: "text",
      unit: null,
      nullable: false,
      doc: "Part of the bar that gave the price: `open`, `intrabar`, `close`, or `venue`.",
    },
    leaves_qty: {
      type: "decimal",
      unit: "quantity",
      nullable: false,
      min_scale: 8,
      doc: "Quantity of the order still open after this fill.",
    },
    liquidity: {
      type: "text",
      unit: null,
      nullable: true,
      doc: "`maker` where the order rested at its price, `taker` where it took one; absent where no fee depends on it.",
    },
    ambiguous: {
      type: "bool",
      unit: null,
      nullable: false,
      doc: "True where the outcome depended on the path inside the bar, which a bar does not tell.",
    },
    other_price: {
      type: "decimal",
      unit: "price",
      nullable: true,
      min_scale: 8,
      doc: "Price of the order that might have been filled first instead.",
    },
    venue_fill_id: { type: "text", unit: null, nullable: true, doc: "The venue's id, where it gave one." },
    late: { type: "bool", unit: null, nullable: false, doc: "True for a fill after the order had been cancelled or had expired." },
    notional: { type: "decimal", unit: "currency", nullable: false, min_scale: 8, doc: "Quantity x price x multiplier, never negative." },
    realized_pnl: {
      type: "decimal",
      unit: "currency",
      nullable: false,
      min_scale: 8,
      doc: "Profit that this fill realised, before commission.",
    },
    position_qty: {
      type: "decimal",
      unit: "quantity",
      nullable: false,
      min_scale: 8,
      doc: "Signed position in the symbol after this fill.",
    },
  },
} as const;

export type FillRow = RowOf<typeof fillsSchema>;

export function fillRow(event: PositionedEvent, fill: OrderFill, effect: FillEffect): FillRow {
  const { units } = effect;
  return {
    tape_position: event.position,
    fill_id: fill.fill_id,
    order_id: fill.order_id,
    ts: event.occurred_at,
    symbol: fill.symbol,
    side: fill.side,
    qty: shortest(fill.qty),
    price: shortest(fill.price),
    commission: shortest(fill.commission),
    tax: shortest(fill.tax ?? "0"),
    slippage_bps: shortest(fill.slippage_bps),
    bar_part: fill.at,
    leaves_qty: shortest(fill.leaves_qty),
    liquidity: fill.liquidity ?? null,
    ambiguous: fill.ambiguous === true,
    other_price: fill.other_price === undefined ? null : shortest(fill.other_price),
    venue_fill_id: fill.venue_fill_id ?? null,
    late: event.type === "fill.late",
    notional: formatBig(effect.notional, units.money_scale),
    realized_pnl: formatBig(effect.realized, units.money_scale),
    position_qty: formatScaled(effect.qty_after, units.qty_scale),
  };
}
