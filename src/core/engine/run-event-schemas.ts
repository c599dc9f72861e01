/** JSON Schemas of the run events at their newest versions, and the frozen order of their types. */
import * as Type from "typebox";
import { riskEventDefinitions } from "../gate/risk-event-schemas.js";
import type { EventCatalogue, EventDefinition } from "../tape/catalogue.js";
import type { EventKind } from "../tape/event.js";
import { sessionEventDefinitions } from "./session-event-schemas.js";

const Decimal = Type.String({ pattern: "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?$" });
const Millis = Type.Integer({ minimum: -8.64e15, maximum: 8.64e15 });
const Sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });
const Count = Type.Integer({ minimum: 0 });
const Side = Type.Union([Type.Literal("buy"), Type.Literal("sell")]);
const OrderType = Type.Union([
  Type.Literal("market"),
  Type.Literal("limit"),
  Type.Literal("stop"),
  Type.Literal("stop_limit"),
  Type.Literal("trailing_stop"),
  Type.Literal("market_on_close"),
]);
const TimeInForce = Type.Union([Type.Literal("DAY"), Type.Literal("GTC"), Type.Literal("GTD"), Type.Literal("IOC"), Type.Literal("FOK")]);
const Action = Type.Union([
  Type.Literal("enter_long"),
  Type.Literal("exit_long"),
  Type.Literal("enter_short"),
  Type.Literal("exit_short"),
  Type.Literal("target"),
  Type.Literal("hold"),
]);
const closed = { additionalProperties: false } as const;

/** First event of a run: everything that decides its outcome, by content. */
const RunStartedSchema = Type.Object(
  {
    strategy: Type.Object({ name: Type.String(), version: Type.String(), source_sha256: Sha256 }, closed),
    config: Type.Record(Type.String(), Type.Unknown()),
    config_sha256: Sha256,
    instruments: Type.Array(Type.Record(Type.String(), Type.Unknown())),
    data: Type.Array(
      Type.Object(
        {
          symbol: Type.String(),
          column_set: Sha256,
          bid_column_set: Type.Optional(Sha256),
          ask_column_set: Type.Optional(Sha256),
          timeframe: Type.String(),
          price_mode: Type.String(),
          rows: Count,
          first_ts: Millis,
          last_ts: Millis,
        },
        closed,
      ),
    ),
  },
  closed,
);

/** Closed bars of one symbol and session become available, by reference to a column set. */
const BarsAttachedSchema = Type.Object(
  {
    symbol: Type.String(),
    session: Type.String(),
    column_set: Sha256,
    first_row: Count,
    row_count: Count,
    first_ts: Millis,
    last_ts: Millis,
    sha256: Sha256,
  },
  closed,
);

/** A trading session's first bar is about to be delivered. */
const SessionOpenedSchema = Type.Object({ calendar: Type.String(), session: Type.String(), open: Millis, close: Millis }, closed);

/** A session is over: its last bar was delivered, day orders have expired. Carries the state hashes that replay compares. */
const SessionClosedSchema = Type.Object(
  {
    calendar: Type.String(),
    session: Type.String(),
    bars: Count,
    equity: Decimal,
    /** SHA-256 of the canonical trading state (orders, positions, cash), foldable from events alone. */
    state_sha256: Sha256,
    /** SHA-256 of the strategy's state and indicators, reproduced only by running it again. */
    strategy_sha256: Sha256,
    /** SHA-256 of the account's risk state; absent without a policy. */
    risk_sha256: Type.Optional(Sha256),
  },
  closed,
);

/** What a strategy wants. `order` carries the wish for a price, a quantity or a time in force; absent parts come from the config. */
const SignalEmittedSchema = Type.Object(
  {
    signal_id: Type.String(),
    symbol: Type.String(),
    action: Action,
    strength: Type.Number({ minimum: 0, maximum: 1 }),
    strategy: Type.String(),
    /** Close time of the bar on which it was decided. */
    bar_ts: Millis,
    /** Number of the signal within its symbol, side and bar, from 1. */
    sequence: Type.Integer({ minimum: 1 }),
    order_type: OrderType,
    time_in_force: TimeInForce,
    qty: Type.Optional(Decimal),
    limit_price: Type.Optional(Decimal),
    stop_price: Type.Optional(Decimal),
    trail_amount: Type.Optional(Decimal),
    trail_pct: Type.Optional(Decimal),
    expire_at: Type.Optional(Millis),
    oco: Type.Optional(Type.String({ minLength: 1 })),
    take_profit_price: Type.Optional(Decimal),
    stop_loss_price: Type.Optional(Decimal),
    target_pct: Type.Optional(Decimal),
    external_id: Type.Optional(Type.String({ minLength: 8 })),
    metadata: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  },
  closed,
);

/** A signal that led to no order, and why. */
const SignalDeclinedSchema = Type.Object(
  { signal_id: Type.String(), symbol: Type.String(), code: Type.String(), detail: Type.String() },
  closed,
);

const OrderCreatedSchema = Type.Object(
  {
    order_id: Type.String(),
    idempotency_key: Type.String(),
    signal_id: Type.String(),
    symbol: Type.String(),
    side: Side,
    order_type: OrderType,
    time_in_force: TimeInForce,
    qty: Decimal,
    reduce_only: Type.Boolean(),
    limit_price: Type.Optional(Decimal),
    stop_price: Type.Optional(Decimal),
    trail_amount: Type.Optional(Decimal),
    trail_pct: Type.Optional(Decimal),
    expire_at: Type.Optional(Millis),
    oco: Type.Optional(Type.String({ minLength: 1 })),
    /** The entry that this order protects. */
    parent_id: Type.Optional(Type.String()),
  },
  closed,
);

/** The gate's decision on one order. Its cause is the `order.created` event whose payload hash is the order's hash. */
const RiskDecidedSchema = Type.Object(
  {
    order_id: Type.String(),
    decision: Type.Union([Type.Literal("approved"), Type.Literal("denied")]),
    /** Present when it judges a change of an order that works already. */
    subject: Type.Optional(Type.Literal("modification")),
    /** SHA-256 of the policy in force. */
    policy_sha256: Sha256,
    /** First failing check; absent on approval. */
    code: Type.Optional(Type.String()),
    /** Bit n set: the n-th check of the gate's order passed. */
    checks: Type.Integer({ minimum: 0 }),
    /** Explanation of every failing check; absent on approval. */
    explanation: Type.Optional(Type.Array(Type.Object({ code: Type.String(), detail: Type.String() }, closed))),
    /** The limit that an approved order uses most, and how much of it as a fraction. */
    utilisation: Type.Optional(Type.Object({ code: Type.String(), fraction: Decimal }, closed)),
    /** Checks that failed and did not refuse, because the policy only observes their stage. */
    observed: Type.Optional(Type.Array(Type.Object({ code: Type.String(), detail: Type.String() }, closed))),
  },
  closed,
);

const OrderSubmittedSchema = Type.Object({ order_id: Type.String() }, closed);
const OrderAcceptedSchema = Type.Object({ order_id: Type.String(), venue_order_id: Type.String() }, closed);
/** A venue's refusal. A refusal by our own gate is `risk.decided`. */
const OrderRejectedSchema = Type.Object({ order_id: Type.String(), reason: Type.String() }, closed);
/** A stop or stop-limit order's stop price was reached. */
const OrderTriggeredSchema = Type.Object({ order_id: Type.String(), price: Decimal }, closed);
const OrderCancelRequestedSchema = Type.Object({ order_id: Type.String() }, closed);
const OrderCancelledSchema = Type.Object({ order_id: Type.String(), reason: Type.String() }, closed);
const OrderExpiredSchema = Type.Object({ order_id: Type.String(), reason: Type.String() }, closed);

const terms = {
  order_id: Type.String(),
  qty: Type.Optional(Decimal),
  limit_price: Type.Optional(Decimal),
  stop_price: Type.Optional(Decimal),
  trail_amount: Type.Optional(Decimal),
  trail_pct: Type.Optional(Decimal),
  expire_at: Type.Optional(Millis),
} as const;
/** New terms for an open order; what is absent stays. */
const OrderModifyRequestedSchema = Type.Object(terms, closed);
/** The same terms, in force. */
const OrderModifiedSchema = Type.Object(terms, closed);
/** A change that was refused; the order works on as it was. */
const OrderModifyRejectedSchema = Type.Object({ order_id: Type.String(), code: Type.String(), detail: Type.String() }, closed);
/** A trailing stop followed the price. */
const OrderTrailedSchema = Type.Object({ order_id: Type.String(), stop_price: Decimal }, closed);
/** A request about an order that is not open. */
const RequestDeclinedSchema = Type.Object(
  { request: Type.Literal("modify"), order_id: Type.String(), code: Type.String(), detail: Type.String() },
  closed,
);

const fill = {
  fill_id: Type.String(),
  order_id: Type.String(),
  symbol: Type.String(),
  side: Side,
  qty: Decimal,
  price: Decimal,
  /** In the account currency, never negative. */
  commission: Decimal,
  /** Tax on the sale, in the account currency. */
  tax: Type.Optional(Decimal),
  slippage_bps: Decimal,
  /** Which part of the bar gave the price. */
  at: Type.Union([Type.Literal("open"), Type.Literal("intrabar"), Type.Literal("close"), Type.Literal("venue")]),
  /** Quantity still open after this fill. */
  leaves_qty: Decimal,
  liquidity: Type.Optional(Type.Union([Type.Literal("maker"), Type.Literal("taker")])),
  /** Present when the outcome depended on the path inside the bar. */
  ambiguous: Type.Optional(Type.Literal(true)),
  /** What the other order of the pair would have filled at. */
  other_price: Type.Optional(Decimal),
  venue_fill_id: Type.Optional(Type.String()),
  /** What one unit of the instrument's currency was worth in the account's; absent where the two are the same. */
  fx_rate: Type.Optional(Decimal),
} as const;

const OrderFillSchema = Type.Object(fill, closed);
/** A venue fill after cancel or expiry: changes the position, leaves the status, opens a reconciliation difference. */
const LateFillSchema = Type.Object(fill, closed);

/** Last event of a run. A strategy's own error ends it as `failed`, after the last complete slice. */
const RunCompletedSchema = Type.Object(
  {
    status: Type.Union([Type.Literal("completed"), Type.Literal("failed")]),
    bars: Count,
    slices: Count,
    sessions: Count,
    signals: Count,
    orders: Count,
    fills: Count,
    equity: Decimal,
    cash: Decimal,
    state_sha256: Sha256,
    strategy_sha256: Sha256,
    risk_sha256: Type.Optional(Sha256),
    error: Type.Optional(
      Type.Object(
        { code: Type.String(), message: Type.String(), handler: Type.String(), bar_ts: Type.Union([Millis, Type.Null()]) },
        closed,
      ),
    ),
  },
  closed,
);

/** Interest on cash, or the cost of borrowing what was sold short, for the days since the session before. */
const CashAccruedSchema = Type.Object(
  {
    kind: Type.Union([Type.Literal("borrow"), Type.Literal("credit"), Type.Literal("debit")]),
    amount: Decimal,
    basis: Decimal,
    rate: Decimal,
    day_count: Type.Union([Type.Literal("ACT/365F"), Type.Literal("ACT/360")]),
    days: Type.Integer({ minimum: 1 }),
    symbol: Type.Optional(Type.String()),
  },
  closed,
);

/** Daily settlement of a position under variation margin, at the newest close. */
const VariationSettledSchema = Type.Object(
  { symbol: Type.String(), qty: Decimal, price: Decimal, amount: Decimal, fx_rate: Type.Optional(Decimal) },
  closed,
);

/** A cash dividend on the quantity held before the open of its ex-date; a short pays it. */
const DividendPaidSchema = Type.Object(
  {
    symbol: Type.String(),
    ex_date: Type.String(),
    qty: Decimal,
    per_share: Decimal,
    amount: Decimal,
    reference_price: Decimal,
    price_factor: Decimal,
    next_price_factor: Decimal,
    fx_rate: Type.Optional(Decimal),
  },
  closed,
);

/** A split before the open of its first day. */
const SplitAppliedSchema = Type.Object(
  {
    symbol: Type.String(),
    ex_date: Type.String(),
    numerator: Decimal,
    denominator: Decimal,
    qty_before: Decimal,
    qty_after: Decimal,
    cash_in_lieu: Decimal,
    reference_price: Decimal,
    split_factor: Decimal,
    next_split_factor: Decimal,
    fx_rate: Type.Optional(Decimal),
  },
  closed,
);

const define = (type: string, kind: EventKind, schema: EventDefinition["schema"], pinned = false): EventDefinition => ({
  type,
  schema_version: 1,
  kind,
  pinned,
  schema,
});

/** Order is frozen: indices of this list stand in stored blocks. New types go to the end. */
export const runEventDefinitions: readonly EventDefinition[] = [
  define("run.started", "input", RunStartedSchema, true),
  define("bars.attached", "input", BarsAttachedSchema, true),
  define("session.opened", "decision", SessionOpenedSchema),
  define("session.closed", "decision", SessionClosedSchema),
  define("signal.emitted", "decision", SignalEmittedSchema),
  define("signal.declined", "decision", SignalDeclinedSchema),
  define("order.created", "decision", OrderCreatedSchema),
  define("risk.decided", "decision", RiskDecidedSchema),
  define("order.submitted", "decision", OrderSubmittedSchema),
  define("order.accepted", "decision", OrderAcceptedSchema),
  define("order.rejected", "decision", OrderRejectedSchema),
  define("order.triggered", "decision", OrderTriggeredSchema),
  define("order.partially_filled", "decision", OrderFillSchema),
  define("order.filled", "decision", OrderFillSchema),
  define("order.cancel_requested", "decision", OrderCancelRequestedSchema),
  define("order.cancelled", "decision", OrderCancelledSchema),
  define("order.expired", "decision", OrderExpiredSchema),
  define("fill.late", "decision", LateFillSchema),
  define("run.completed", "decision", RunCompletedSchema),
  define("order.modify_requested", "decision", OrderModifyRequestedSchema),
  define("order.modified", "decision", OrderModifiedSchema),
  define("order.modify_rejected", "decision", OrderModifyRejectedSchema),
  define("order.trailed", "decision", OrderTrailedSchema),
  define("request.declined", "decision", RequestDeclinedSchema),
  define("cash.accrued", "decision", CashAccruedSchema),
  define("variation.settled", "decision", VariationSettledSchema),
  define("dividend.paid", "decision", DividendPaidSchema),
  define("split.applied", "decision", SplitAppliedSchema),
  ...riskEventDefinitions,
  ...sessionEventDefinitions,
];

export const runCatalogue: EventCatalogue = { name: "run", definitions: runEventDefinitions, upcasters: [] };
