/** One row per signal: what the strategy wanted and what came of it. */
import type { SignalEmitted } from "../engine/run-events.js";
import { canonicalJson } from "../tape/canonical-json.js";
import { shortest } from "./decimal-text.js";
import type { PositionedEvent } from "./positioned-event.js";
import type { RowOf, Table } from "./table.js";

export const signalsSchema = {
  name: "signals",
  grain: "one row per signal",
  sort_key: ["tape_position"],
  columns: {
    tape_position: { type: "int64", unit: "tape position", nullable: false, doc: "Position of `signal.emitted`." },
    signal_id: { type: "text", unit: null, nullable: false, doc: "Id of the signal, unique in the run." },
    ts: { type: "timestamp_ms", unit: "UTC", nullable: false, doc: "Event time of the signal." },
    symbol: { type: "text", unit: null, nullable: false, doc: "Instrument." },
    action: {
      type: "text",
      unit: null,
      nullable: false,
      doc: "`enter_long`, `exit_long`, `enter_short`, `exit_short`, `target` or `hold`.",
    },
    strength: { type: "float64", unit: "fraction", nullable: false, doc: "From 0 to 1." },
    strategy_name: { type: "text", unit: null, nullable: false, doc: "Strategy that emitted it." },
    bar_ts: { type: "timestamp_ms", unit: "UTC", nullable: false, doc: "Close time of the bar on which it was decided." },
    sequence: { type: "int64", unit: "count", nullable: false, doc: "Number within symbol, side and bar, from 1." },
    order_type: { type: "text", unit: null, nullable: false, doc: "Wanted order type." },
    time_in_force: { type: "text", unit: null, nullable: false, doc: "Wanted time in force." },
    qty: { type: "decimal", unit: "quantity", nullable: true, min_scale: 8, doc: "Wanted quantity; absent when left to sizing." },
    limit_price: { type: "decimal", unit: "price", nullable: true, min_scale: 8, doc: "Wanted limit." },
    stop_price: { type: "decimal", unit: "price", nullable: true, min_scale: 8, doc: "Wanted stop." },
    trail_amount: { type: "decimal", unit: "price", nullable: true, min_scale: 8, doc: "Distance at which a trailing stop follows." },
    trail_pct: { type: "decimal", unit: "percent", nullable: true, min_scale: 8, doc: "The same in percent of the price." },
    expire_at: { type: "timestamp_ms", unit: "UTC", nullable: true, doc: "Last moment of a `GTD` order." },
    oco: { type: "text", unit: null, nullable: true, doc: "One-cancels-the-other group." },
    take_profit_price: {
      type: "decimal",
      unit: "price",
      nullable: true,
      min_scale: 8,
      doc: "Limit of the exit that the entry brings along.",
    },
    stop_loss_price: { type: "decimal", unit: "price", nullable: true, min_scale: 8, doc: "Stop of the exit that the entry brings along." },
    target_pct: { type: "decimal", unit: "percent", nullable: true, min_scale: 8, doc: "Wanted share of equity of a `target` signal." },
    external_id: { type: "text", unit: null, nullable: true, doc: "Id given by whoever made the signal outside the engine." },
    metadata: { type: "text", unit: null, nullable: true, doc: "The strategy's own data as canonical JSON." },
    outcome: { type: "text", unit: null, nullable: false, doc: "`ordered`, `declined`, or `none` where nothing followed." },
    order_id: { type: "text", unit: null, nullable: true, doc: "First order that the signal led to." },
    decline_code: { type: "text", unit: null, nullable: true, doc: "Why it led to no order." },
    decline_detail: { type: "text", unit: null, nullable: true, doc: "The same, in words." },
  },
} as const;

export type SignalRow = RowOf<typeof signalsSchema>;

/** Folds signals and what followed from them into rows of `signals`. */
export class SignalsProjection {
  readonly #rows = new Map<string, SignalRow>();

  get count(): number {
    return this.#rows.size;
  }

  apply(event: PositionedEvent): void {
    switch (event.type) {
      case "signal.emitted":
        this.#rows.set(event.payload.signal_id, signalRow(event, event.payload));
        return;
      case "signal.declined": {
        const row = this.#rows.get(event.payload.signal_id);
        if (row === undefined) throw new Error(`event ${event.position}: signal ${event.payload.signal_id} was never emitted`);
        row.outcome = "declined";
        row.decline_code = event.payload.code;
        row.decline_detail = event.payload.detail;
        return;
      }
      case "order.created": {
        // An order of the engine itself (closing out at the end of the data) answers no signal.
        const row = this.#rows.get(event.payload.signal_id);
        if (row === undefined || row.order_id !== null) return;
        row.outcome = "ordered";
        row.order_id = event.payload.order_id;
        return;
      }
      default:
        return;
    }
  }

  finish(): Table {
    return { schema: signalsSchema, rows: [...this.#rows.values()] };
  }
}

function signalRow(event: PositionedEvent, signal: SignalEmitted): SignalRow {
  return {
    tape_position: event.position,
    signal_id: signal.signal_id,
    ts: event.occurred_at,
    symbol: signal.symbol,
    action: signal.action,
    strength: signal.strength,
    strategy_name: signal.strategy,
    bar_ts: signal.bar_ts,
    sequence: signal.sequence,
    order_type: signal.order_type,
    time_in_force: signal.time_in_force,
    qty: signal.qty === undefined ? null : shortest(signal.qty),
    limit_price: signal.limit_price === undefined ? null : shortest(signal.limit_price),
    stop_price: signal.stop_price === undefined ? null : shortest(signal.stop_price),
    trail_amount: signal.trail_amount === undefined ? null : shortest(signal.trail_amount),
    trail_pct: signal.trail_pct === undefined ? null : shortest(signal.trail_pct),
    expire_at: signal.expire_at ?? null,
    oco: signal.oco ?? null,
    take_profit_price: signal.take_profit_price === undefined ? null : shortest(signal.take_profit_price),
    stop_loss_price: signal.stop_loss_price === undefined ? null : shortest(signal.stop_loss_price),
    target_pct: signal.target_pct === undefined ? null : shortest(signal.target_pct),
    external_id: signal.external_id ?? null,
    metadata: signal.metadata === undefined ? null : canonicalText(signal.metadata),
    outcome: "none",
    order_id: null,
    decline_code: null,
    decline_detail: null,
  };
}

function canonicalText(value: unknown): string {
  const canonical = canonicalJson(value);
  if (!canonical.ok) throw new TypeError("signal metadata on the tape is not canonical JSON");
  return canonical.text;
}
