/** One row per round trip: from flat to flat in one symbol. A fill that crosses zero ends one trade and begins the next. */
import type { DecimalText, OrderFill } from "../engine/run-events.js";
import type { TradeMeasure } from "../metrics/run-measures.js";
import { divideHalfEven, formatBig, formatScaled, scaledOf } from "../money/decimal.js";
import { notional, type Units } from "../money/units.js";
import type { UtcMillis } from "../tape/event.js";
import type { FillEffect } from "./account-fold.js";
import { averagePrice } from "./decimal-text.js";
import type { PositionedEvent } from "./positioned-event.js";
import type { RowOf, Table } from "./table.js";

export const tradesSchema = {
  name: "trades",
  grain: "one row per round trip, flat to flat in one symbol; a trade still open at the end is flagged",
  sort_key: ["entry_tape_position"],
  columns: {
    trade: { type: "int64", unit: "count", nullable: false, doc: "Number of the trade in the run, by entry, from 1." },
    symbol: { type: "text", unit: null, nullable: false, doc: "Instrument." },
    side: { type: "text", unit: null, nullable: false, doc: "`long` or `short`." },
    status: { type: "text", unit: null, nullable: false, doc: "`closed`, or `open` at the end of the tape." },
    entry_ts: { type: "timestamp_ms", unit: "UTC", nullable: false, doc: "Time of the first fill." },
    exit_ts: { type: "timestamp_ms", unit: "UTC", nullable: true, doc: "Time of the fill that made the position flat." },
    qty: {
      type: "decimal",
      unit: "quantity",
      nullable: false,
      min_scale: 8,
      doc: "Sum of the quantities that opened; a split multiplies it.",
    },
    exit_qty: { type: "decimal", unit: "quantity", nullable: false, min_scale: 8, doc: "Sum of the quantities that closed." },
    entry_price: { type: "decimal", unit: "price", nullable: false, min_scale: 8, doc: "Average price of what opened, half-even." },
    exit_price: { type: "decimal", unit: "price", nullable: true, min_scale: 8, doc: "Average price of what closed, half-even." },
    entry_notional: { type: "decimal", unit: "currency", nullable: false, min_scale: 8, doc: "Value of what opened." },
    gross_pnl: { type: "decimal", unit: "currency", nullable: false, min_scale: 8, doc: "Profit realised, before commission." },
    commission: {
      type: "decimal",
      unit: "currency",
      nullable: false,
      min_scale: 8,
      doc: "Commission and tax of the trade's fills. A fill that crosses zero is shared by quantity, half-even to the trade that ends, the rest to the next.",
    },
    net_pnl: { type: "decimal", unit: "currency", nullable: false, min_scale: 8, doc: "`gross_pnl` less `commission`." },
    unrealized_pnl: {
      type: "decimal",
      unit: "currency",
      nullable: false,
      min_scale: 8,
      doc: "Open profit at the newest close; 0 once closed.",
    },
    initial_risk: {
      type: "decimal",
      unit: "currency",
      nullable: true,
      min_scale: 8,
      doc: "What the entries lose from their fills to the stops that they brought along; absent where one has none, or filled beyond it.",
    },
    r_multiple: {
      type: "float64",
      unit: "ratio",
      nullable: true,
      doc: "`net_pnl` over `initial_risk`; absent where that is, and while open.",
    },
    return_fraction: { type: "float64", unit: "fraction", nullable: true, doc: "`net_pnl` over `entry_notional`; absent where that is 0." },
    worst_pnl: {
      type: "decimal",
      unit: "currency",
      nullable: false,
      min_scale: 8,
      doc: "Least profit before commission at the highs and lows of the bars that were held whole and at the fills, not above 0; of an open trade, up to its last fill.",
    },
    best_pnl: {
      type: "decimal",
      unit: "currency",
      nullable: false,
      min_scale: 8,
      doc: "Most profit before commission at the same places, not below 0; of an open trade, up to its last fill.",
    },
    bars_held: {
      type: "int64",
      unit: "bars",
      nullable: false,
      doc: "Bars of the symbol that closed from the entry's time to before the exit's.",
    },
    fills: { type: "int64", unit: "count", nullable: false, doc: "Fills that took part." },
    entry_order_id: { type: "text", unit: null, nullable: false, doc: "Order of the first fill." },
    exit_order_id: { type: "text", unit: null, nullable: true, doc: "Order of the fill that made the position flat." },
    entry_tape_position: { type: "int64", unit: "tape position", nullable: false, doc: "Position of the first fill." },
    exit_tape_position: { type: "int64", unit: "tape position", nullable: true, doc: "Position of the fill that made the position flat." },
  },
} as const;

export type TradeRow = RowOf<typeof tradesSchema>;

interface TradeFold {
  readonly number: number;
  readonly units: Units;
  readonly instrument: number;
  readonly side: "long" | "short";
  readonly entry_ts: UtcMillis;
  readonly entry_position: number;
  readonly entry_order_id: string;
  readonly bars_before: number;
  entered: number;
  exited: number;
  /** Sums of price x quantity, at price scale plus quantity scale. */
  entry_value: bigint;
  exit_value: bigint;
  entry_notional: bigint;
  /** Null once an entry had no stop to lose up to. */
  risk: bigint | null;
  gross: bigint;
  commission: bigint;
  /** Least and most profit before commission while open. */
  worst: bigint;
  best: bigint;
  /** Positions of the fills. */
  readonly fills: number[];
}

interface Exit {
  readonly ts: UtcMillis;
  readonly position: number;
  /** Null where a split paid out all that was held. */
  readonly order_id: string | null;
}

/** What a split did to a symbol's position. */
export interface SplitOutcome {
  readonly instrument: number;
  readonly qty_after: number;
  /** Shares after, and shares before. */
  readonly ratio: readonly [bigint, bigint];
  /** Profit on what was paid out. */
  readonly realized: bigint;
  readonly bars_seen: number;
}

/** Folds fills into round trips. */
export class TradesProjection {
  readonly closed: TradeMeasure[] = [];
  readonly #open = new Map<number, TradeFold>();
  readonly #rows = new Map<number, TradeRow>();
  #count = 0;

  /** @param stop where the stop stands that the order brought along as an entry, or null. */
  apply(event: PositionedEvent, fill: OrderFill, effect: FillEffect, stop: DecimalText | null): void {
    const { units, closed, qty } = effect;
    const commissionOfClose = closed === 0 ? 0n : divideHalfEven(effect.commission * BigInt(closed), BigInt(qty));
    const held = this.#open.get(effect.instrument);
    if (held !== undefined) watch(held, effect);
    if (closed > 0 && held !== undefined) {
      held.exited += closed;
      held.exit_value += BigInt(effect.price) * BigInt(closed);
      held.gross += effect.realized;
      held.commission += commissionOfClose;
      held.fills.push(event.position);
      if (effect.qty_after === 0 || closed < qty)
        this.#close(held, effect, { ts: event.occurred_at, position: event.position, order_id: fill.order_id });
    }
    const opened = qty - closed;
    if (opened === 0) return;
    const trade = this.#open.get(effect.instrument) ?? this.#begin(event, fill, effect);
    trade.entered += opened;
    trade.entry_value += BigInt(effect.price) * BigInt(opened);
    trade.entry_notional += notional(units, effect.price, opened);
    const risk = stop === null ? null : lostAt(stop, effect, opened);
    trade.risk = trade.risk === null || risk === null ? null : trade.risk + risk;
    trade.commission += effect.commission - commissionOfClose;
    trade.fills.push(event.position);
  }

  /** A split multiplies the quantities of an open trade; what is paid out for a fraction is part of its profit, and may end it. */
  split(event: PositionedEvent, split: SplitOutcome): void {
    const trade = this.#open.get(split.instrument);
    if (trade === undefined) return;
    const [numerator, denominator] = split.ratio;
    trade.exited = Number((BigInt(trade.exited) * numerator) / denominator);
    trade.entered = trade.exited + Math.abs(split.qty_after);
    trade.gross += split.realized;
    if (split.qty_after === 0) this.#close(trade, split, { ts: event.occurred_at, position: event.position, order_id: null });
  }

  /** Trades still open, with the positions of their fills. */
  open(): readonly { readonly trade: number; readonly symbol: string; readonly fills: readonly number[] }[] {
    return [...this.#open.values()].map(({ number, units, fills }) => ({ trade: number, symbol: units.symbol, fills }));
  }

  /**
   * @param openProfit profit of an instrument's open position at its newest close
   * @param barsSeen bars of an instrument up to the end
   */
  finish(openProfit: (instrument: number) => bigint, barsSeen: (instrument: number) => number): Table {
    for (const trade of this.#open.values()) {
      this.#rows.set(trade.number, tradeRow(trade, null, openProfit(trade.instrument), barsSeen(trade.instrument)));
    }
    return { schema: tradesSchema, rows: [...this.#rows.values()].sort((a, b) => a.trade - b.trade) };
  }

  #begin(event: PositionedEvent, fill: OrderFill, effect: FillEffect): TradeFold {
    this.#count += 1;
    const trade: TradeFold = {
      number: this.#count,
      units: effect.units,
      instrument: effect.instrument,
      side: effect.side === "buy" ? "long" : "short",
      entry_ts: event.occurred_at,
      entry_position: event.position,
      entry_order_id: fill.order_id,
      bars_before: effect.bars_seen,
      entered: 0,
      exited: 0,
      entry_value: 0n,
      exit_value: 0n,
      entry_notional: 0n,
      risk: 0n,
      gross: 0n,
      commission: 0n,
      worst: 0n,
      best: 0n,
      fills: [],
    };
    this.#open.set(effect.instrument, trade);
    return trade;
  }

  #close(trade: TradeFold, effect: Pick<FillEffect, "bars_seen">, exit: Exit): void {
    this.#open.delete(trade.instrument);
    this.#rows.set(trade.number, tradeRow(trade, exit, 0n, effect.bars_seen));
    this.closed.push({
      trade: trade.number,
      symbol: trade.units.symbol,
      net: trade.gross - trade.commission,
      gross: trade.gross,
      entry_notional: trade.entry_notional,
      risk: trade.risk,
      bars_held: effect.bars_seen - trade.bars_before,
      held_ms: exit.ts - trade.entry_ts,
      worst: trade.worst,
      best: trade.best,
      fills: trade.fills,
    });
  }
}

/** What a quantity that was just filled loses down to its stop, or up to it; null where the stop lies on the other side. */
function lostAt(stop: DecimalText, { units, price, side }: FillEffect, opened: number): bigint | null {
  const at = scaledOf(stop, units.price_scale);
  const lost = notional(units, side === "buy" ? price - at : at - price, opened);
  return lost > 0n ? lost : null;
}

/** Widens what a trade went through to the stretch before a fill. */
function watch(trade: TradeFold, { least_open, most_open }: FillEffect): void {
  if (trade.gross + least_open < trade.worst) trade.worst = trade.gross + least_open;
  if (trade.gross + most_open > trade.best) trade.best = trade.gross + most_open;
}

function tradeRow(trade: TradeFold, exit: Exit | null, openProfit: bigint, barsSeen: number): TradeRow {
  const { units } = trade;
  const net = trade.gross - trade.commission;
  return {
    trade: trade.number,
    symbol: units.symbol,
    side: trade.side,
    status: exit === null ? "open" : "closed",
    entry_ts: trade.entry_ts,
    exit_ts: exit?.ts ?? null,
    qty: formatScaled(trade.entered, units.qty_scale),
    exit_qty: formatScaled(trade.exited, units.qty_scale),
    entry_price: averagePrice(units, trade.entry_value, trade.entered),
    exit_price: trade.exited === 0 ? null : averagePrice(units, trade.exit_value, trade.exited),
    entry_notional: formatBig(trade.entry_notional, units.money_scale),
    gross_pnl: formatBig(trade.gross, units.money_scale),
    commission: formatBig(trade.commission, units.money_scale),
    net_pnl: formatBig(net, units.money_scale),
    unrealized_pnl: formatBig(openProfit, units.money_scale),
    initial_risk: trade.risk === null ? null : formatBig(trade.risk, units.money_scale),
    r_multiple: trade.risk === null || exit === null ? null : Number(net) / Number(trade.risk),
    return_fraction: trade.entry_notional === 0n ? null : Number(net) / Number(trade.entry_notional),
    worst_pnl: formatBig(trade.worst, units.money_scale),
    best_pnl: formatBig(trade.best, units.money_scale),
    bars_held: barsSeen - trade.bars_before,
    fills: trade.fills.length,
    entry_order_id: trade.entry_order_id,
    exit_order_id: exit?.order_id ?? null,
    entry_tape_position: trade.entry_position,
    exit_tape_position: exit?.position ?? null,
  };
}
