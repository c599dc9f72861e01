/**
 * The closed set of events on the tape of a run or a session.
 *
 * Payloads carry no run id and no wall clock. Prices, quantities and money are decimal text; times are UTC milliseconds.
 * A bar enters a backtest by reference (`bars.attached`), so what a bar triggers names that event as its cause.
 */
import { RISK_EVENT_TYPES, type RiskPayloads } from "../gate/risk-events.js";
import type { JsonObject, UtcMillis } from "../tape/event.js";
import { SESSION_EVENT_TYPES, type SessionPayloads } from "./session-events.js";

/** Decimal text in its shortest form, for example `-12.5`. */
export type DecimalText = string;
export type Side = "buy" | "sell";
export type OrderType = "market" | "limit" | "stop" | "stop_limit" | "trailing_stop" | "market_on_close";
export type TimeInForce = "DAY" | "GTC" | "GTD" | "IOC" | "FOK";
/** `target` brings a position to a percentage of equity; its side is known once it is sized. */
export type SignalAction = "enter_long" | "exit_long" | "enter_short" | "exit_short" | "target" | "hold";

/** First event of a run: everything that decides its outcome, by content. The engine build is part of the log's name, so that equal decisions of two builds stay equal content. */
export type RunStarted = {
  readonly strategy: { readonly name: string; readonly version: string; readonly source_sha256: string };
  readonly config: JsonObject;
  readonly config_sha256: string;
  readonly instruments: readonly JsonObject[];
  readonly data: readonly {
    readonly symbol: string;
    readonly column_set: string;
    /** Bars of bid and ask, where orders fill at them. */
    readonly bid_column_set?: string;
    readonly ask_column_set?: string;
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
  /** SHA-256 of the account's risk state; absent without a policy. */
  readonly risk_sha256?: string;
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
  /** How far a trailing stop follows the price, as a price distance or in percent. */
  readonly trail_amount?: DecimalText;
  readonly trail_pct?: DecimalText;
  /** Last moment of a `GTD` order. */
  readonly expire_at?: UtcMillis;
  /** Orders of one group end with the first fill of any of them. */
  readonly oco?: string;
  /** Exits that an entry brings along. */
  readonly take_profit_price?: DecimalText;
  readonly stop_loss_price?: DecimalText;
  /** Percentage of equity that a `target` signal wants to hold; negative is short. */
  readonly target_pct?: DecimalText;
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
  /** Of a trailing stop: where it stands at first. */
  readonly stop_price?: DecimalText;
  readonly trail_amount?: DecimalText;
  readonly trail_pct?: DecimalText;
  readonly expire_at?: UtcMillis;
  readonly oco?: string;
  /** The entry that this order protects; it sleeps until that one fills and never exits more than it brought. */
  readonly parent_id?: string;
};

/** The gate's decision on one order. Its cause is the `order.created` event, whose payload hash is the order's hash. */
export type RiskDecided = {
  readonly order_id: string;
  readonly decision: "approved" | "denied";
  /** Present when it judges a change of an order that works already. */
  readonly subject?: "modification";
  /** SHA-256 of the policy in force. */
  readonly policy_sha256: string;
  /** First failing check; absent on approval. */
  readonly code?: string;
  /** Bit n set: the n-th check of the gate's order passed. */
  readonly checks: number;
  /** Explanation of every failing check; absent on approval. */
  readonly explanation?: readonly { readonly code: string; readonly detail: string }[];
  /** The limit that an approved order uses most, and how much of it as a fraction; absent where the policy limits nothing that it uses. */
  readonly utilisation?: { readonly code: string; readonly fraction: DecimalText };
  /** Checks that failed and did not refuse, because the policy only observes their stage. */
  readonly observed?: readonly { readonly code: string; readonly detail: string }[];
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

/** New terms for an open order; what is absent stays. */
export type OrderModifyRequested = {
  readonly order_id: string;
  readonly qty?: DecimalText;
  readonly limit_price?: DecimalText;
  readonly stop_price?: DecimalText;
  readonly trail_amount?: DecimalText;
  readonly trail_pct?: DecimalText;
  readonly expire_at?: UtcMillis;
};

/** The same terms, in force. A changed order loses nothing of what was filled before. */
export type OrderModified = OrderModifyRequested;

/** A change that was refused; the order works on as it was. */
export type OrderModifyRejected = {
  readonly order_id: string;
  readonly code: string;
  readonly detail: string;
};

/** A trailing stop followed the price. */
export type OrderTrailed = {
  readonly order_id: string;
  readonly stop_price: DecimalText;
};

/** A request about an order that is not open any more, or never was. */
export type RequestDeclined = {
  readonly request: "modify";
  readonly order_id: string;
  readonly code: string;
  readonly detail: string;
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
  /** Tax on the sale, in the account currency; absent where there is none. */
  readonly tax?: DecimalText;
  readonly slippage_bps: DecimalText;
  /** Which part of the bar gave the price. */
  readonly at: "open" | "intrabar" | "close" | "venue";
  /** Quantity still open after this fill. */
  readonly leaves_qty: DecimalText;
  /** Whether the order rested at its price; present under fees that differ by it. */
  readonly liquidity?: "maker" | "taker";
  /** Present when the outcome depended on the path inside the bar, which a bar does not tell. */
  readonly ambiguous?: true;
  /** What the other order of the pair would have filled at, where one might have been first. */
  readonly other_price?: DecimalText;
  readonly venue_fill_id?: string;
  /** What one unit of the instrument's currency was worth in the account's; absent where the two are the same. */
  readonly fx_rate?: DecimalText;
};

/** Interest on cash, or the cost of borrowing what was sold short, for the days since the session before. */
export type CashAccrued = {
  readonly kind: "borrow" | "credit" | "debit";
  /** Moves cash: positive is received, negative is paid. */
  readonly amount: DecimalText;
  /** What the rate applies to: cash, or the market value of the short, at the close of the session before. */
  readonly basis: DecimalText;
  /** Fraction a year. */
  readonly rate: DecimalText;
  readonly day_count: DayCount;
  /** Calendar days from the session before to this one. */
  readonly days: number;
  /** The instrument borrowed. */
  readonly symbol?: string;
};

/** ACT/365F: actual days over 365. ACT/360: actual days over 360. */
export type DayCount = "ACT/365F" | "ACT/360";

/** Daily settlement of a position under variation margin, at the newest close. */
export type VariationSettled = {
  readonly symbol: string;
  readonly qty: DecimalText;
  readonly price: DecimalText;
  /** Moves cash: profit since the last settlement, or loss. */
  readonly amount: DecimalText;
  readonly fx_rate?: DecimalText;
};

/** A cash dividend on the quantity held before the open of its ex-date; a short pays it. */
export type DividendPaid = {
  readonly symbol: string;
  /** First day without the dividend, `YYYY-MM-DD`. */
  readonly ex_date: string;
  readonly qty: DecimalText;
  /** In the instrument's currency. */
  readonly per_share: DecimalText;
  /** Moves cash. */
  readonly amount: DecimalText;
  readonly reference_price: DecimalText;
  readonly price_factor: DecimalText;
  readonly next_price_factor: DecimalText;
  readonly fx_rate?: DecimalText;
};

/** A split before the open of its first day: each `denominator` shares become `numerator`. */
export type SplitApplied = {
  readonly symbol: string;
  readonly ex_date: string;
  readonly numerator: DecimalText;
  readonly denominator: DecimalText;
  readonly qty_before: DecimalText;
  readonly qty_after: DecimalText;
  /** Moves cash: what is left below a whole lot, at the price before the split. */
  readonly cash_in_lieu: DecimalText;
  readonly reference_price: DecimalText;
  readonly split_factor: DecimalText;
  readonly next_split_factor: DecimalText;
  readonly fx_rate?: DecimalText;
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
  readonly risk_sha256?: string;
  readonly error?: { readonly code: string; readonly message: string; readonly handler: string; readonly bar_ts: UtcMillis | null };
};

/** Payload of each run event, by type. */
export interface RunPayloads extends RiskPayloads, SessionPayloads {
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
  "order.modify_requested": OrderModifyRequested;
  "order.modified": OrderModified;
  "order.modify_rejected": OrderModifyRejected;
  "order.trailed": OrderTrailed;
  "request.declined": RequestDeclined;
  "cash.accrued": CashAccrued;
  "variation.settled": VariationSettled;
  "dividend.paid": DividendPaid;
  "split.applied": SplitApplied;
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
  "order.modify_requested",
  "order.modified",
  "order.modify_rejected",
  "order.trailed",
  "request.declined",
  "cash.accrued",
  "variation.settled",
  "dividend.paid",
  "split.applied",
  ...RISK_EVENT_TYPES,
  ...SESSION_EVENT_TYPES,
];

/** A run event as the engine folds it, with its type as discriminant. */
export type RunEvent = {
  [T in RunEventType]: { readonly type: T; readonly occurred_at: UtcMillis; readonly payload: RunPayloads[T] };
}[RunEventType];
