/**
 * The closed set of events on the tape of a run or a session.
 *
 * Payloads carry no run id and no wall clock. Prices, quantities and money are decimal text; times are UTC milliseconds.
 * A bar enters a backtest by reference (`bars.attached`), so what a bar triggers names that event as its cause.
 */
import type { JsonObject, UtcMillis } from "../tape/event.js";

/** Decimal text in its shortest form, for example `-12.5`. */
export type DecimalText = string;
export type Side = "buy" | "sell";
export type OrderType = "market" | "limit" | "stop" | "stop_limit";
export type TimeInForce = "DAY" | "GTC" | "IOC" | "FOK";
export type SignalAction = "enter_long" | "exit_long" | "enter_short" | "exit_short" | "hold";

/** First event of a run: everything that decides its outcome, by content. The engine build is part of the log's name, so that equal decisions of two builds stay equal content. */
export type RunStarted = {
  readonly strategy: { readonly name: string; readonly version: string; readonly source_sha256: string };
  readonly config: JsonObject;
  readonly config_sha256: string;
  readonly instruments: readonly JsonObject[];
  readonly data: readonly {
    readonly symbol: string;
    readonly column_set: string;
    readonly timeframe: string;
    readonly price_mode: string;
    readonly rows: number;
    readonly first_ts: UtcMillis;
    readonly last_ts: UtcMillis;
  }[];
};

/** Closed bars of one symbol and session become available, by reference to a column set. */
export type BarsAttached = {
  readonly symbol: string;
  readonly session: string;
  readonly column_set: string;
  readonly first_row: number;
  readonly row_count: number;
  readonly first_ts: UtcMillis;
  readonly last_ts: UtcMillis;
  /** SHA-256 of the canonical bytes of these rows. */
  readonly sha256: string;
};

/** A trading session's first bar is about to be delivered. */
export type SessionOpened = {
  readonly calendar: string;
  readonly session: string;
  readonly open: UtcMillis;
  readonly close: UtcMillis;
};

/** A session is over: its last bar was delivered, day orders have expired. Carries the state hashes that replay compares. */
export type SessionClosed = {
  readonly calendar: string;
  readonly session: string;
  readonly bars: number;
  readonly equity: DecimalText;
  /** SHA-256 of the canonical trading state (orders, positions, cash), foldable from events alone. */
  readonly state_sha256: string;
  /** SHA-256 of the strategy's state and indicators, reproduced only by running it again. */
  readonly strategy_sha256: string;
};

/** What a strategy wants. Absent `qty` is left to sizing. */
export type SignalEmitted = {
  readonly signal_id: string;
  readonly symbol: string;
  readonly action: SignalAction;
  readonly strength: number;
  readonly strategy: string;
  /** Close time of the bar on which it was decided. */
  readonly bar_ts: UtcMillis;
  /** Number of the signal within its symbol, side and bar, from 1. */
  readonly sequence: number;
  readonly order_type: OrderType;
  readonly time_in_force: TimeInForce;
  readonly qty?: DecimalText;
  readonly limit_price?: DecimalText;
  readonly stop_price?: DecimalText;
  /** Id given by whoever made the signal outside the engine; the order's idempotency key when present. */
  readonly external_id?: string;
  readonly metadata?: JsonObject;
};

/** A signal that led to no order, and why. */
export type SignalDeclined = {
  readonly signal_id: string;
  readonly symbol: string;
  readonly code: string;
  readonly detail: string;
};

export type OrderCreated = {
  readonly order_id: string;
  readonly idempotency_key: string;
  readonly signal_id: string;
  readonly symbol: string;
  readonly side: Side;
  readonly order_type: OrderType;
  readonly time_in_force: TimeInForce;
  readonly qty: DecimalText;
  /** Fills at most what the position holds when it fills, and is cancelled when there is nothing left to reduce. */
  readonly reduce_only: boolean;
  readonly limit_price?: DecimalText;
  readonly stop_price?: DecimalText;
};

/** The gate's decision on one order. Its cause is the `order.created` event, whose payload hash is the order's hash. */
export type RiskDecided = {
  readonly order_id: string;
  readonly decision: "approved" | "denied";
  /** SHA-256 of the policy in force. */
  readonly policy_sha256: string;
  /** First failing check; absent on approval. */
  readonly code?: string;
  /** Bit n set: the n-th check of the gate's order passed. */
  readonly checks: number;
  /** Explanation of every failing check; absent on approval. */
  readonly explanation?: readonly { readonly code: string; readonly detail: string }[];
};

export type OrderSubmitted = {
  readonly order_id: string;
};

export type OrderAccepted = {
  readonly order_id: string;
  readonly venue_order_id: string;
};

/** A venue's refusal (`order.rejected`), or the end of an order with its reason (`order.cancelled`, `order.expired`). */
export type OrderEnded = {
  readonly order_id: string;
  readonly reason: string;
};

/** A stop or stop-limit order's stop price was reached. */
export type OrderTriggered = {
  readonly order_id: string;
  readonly price: DecimalText;
};

export type OrderCancelRequested = {
  readonly order_id: string;
};

export type OrderFill = {
  readonly fill_id: string;
  readonly order_id: string;
  readonly symbol: string;
  readonly side: Side;
  readonly qty: DecimalText;
  readonly price: DecimalText;
  /** In the account currency, never negative. */
  readonly commission: DecimalText;
  readonly slippage_bps: DecimalText;
  /** Which part of the bar gave the price. */
  readonly at: "open" | "intrabar" | "close" | "venue";
  /** Quantity still open after this fill. */
  readonly leaves_qty: DecimalText;
  readonly venue_fill_id?: string;
};

/** Last event of a run. A strategy's own error ends it as `failed`, after the last complete slice. */
export type RunCompleted = {
  readonly status: "completed" | "failed";
  readonly bars: number;
  readonly slices: number;
  readonly sessions: number;
  readonly signals: number;
  readonly orders: number;
  readonly fills: number;
  readonly equity: DecimalText;
  readonly cash: DecimalText;
  readonly state_sha256: string;
  readonly strategy_sha256: string;
  readonly error?: { readonly code: string; readonly message: string; readonly handler: string; readonly bar_ts: UtcMillis | null };
};

/** Payload of each run event, by type. */
export interface RunPayloads {
  "run.started": RunStarted;
  "bars.attached": BarsAttached;
  "session.opened": SessionOpened;
  "session.closed": SessionClosed;
  "signal.emitted": SignalEmitted;
  "signal.declined": SignalDeclined;
  "order.created": OrderCreated;
  "risk.decided": RiskDecided;
  "order.submitted": OrderSubmitted;
  "order.accepted": OrderAccepted;
  "order.rejected": OrderEnded;
  "order.triggered": OrderTriggered;
  "order.partially_filled": OrderFill;
  "order.filled": OrderFill;
  "order.cancel_requested": OrderCancelRequested;
  "order.cancelled": OrderEnded;
  "order.expired": OrderEnded;
  /** A venue fill after cancel or expiry: changes the position, leaves the status, opens a reconciliation difference. */
  "fill.late": OrderFill;
  "run.completed": RunCompleted;
}

/** Names of the run's event types. */
export type RunEventType = keyof RunPayloads;

/** Event types in the frozen order in which stored blocks index them. New types go to the end. */
export const RUN_EVENT_TYPES: readonly RunEventType[] = [
  "run.started",
  "bars.attached",
  "session.opened",
  "session.closed",
  "signal.emitted",
  "signal.declined",
  "order.created",
  "risk.decided",
  "order.submitted",
  "order.accepted",
  "order.rejected",
  "order.triggered",
  "order.partially_filled",
  "order.filled",
  "order.cancel_requested",
  "order.cancelled",
  "order.expired",
  "fill.late",
  "run.completed",
];

/** A run event as the engine folds it, with its type as discriminant. */
export type RunEvent = {
  [T in RunEventType]: { readonly type: T; readonly occurred_at: UtcMillis; readonly payload: RunPayloads[T] };
}[RunEventType];
