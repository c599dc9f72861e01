/** Units and meanings of payload fields, in words; a test compares the fields with those of the schemas. */
import { calcMeanings } from "./calc-event-meanings.js";
import { qualityMeanings } from "./quality-event-meanings.js";
import { riskSessionMeanings } from "./risk-session-event-meanings.js";

/** Unit ("" for none) and meaning of a field. */
type FieldMeaning = readonly [unit: string, says: string];

export interface Meaning {
  readonly says: string;
  /** Stream within the log. */
  readonly stream: string;
  readonly fields: { readonly [path: string]: FieldMeaning };
}

const fxRate: FieldMeaning = [
  "money per unit",
  "What one unit of the instrument's currency was worth in the account's; absent where the two are the same.",
];
const orderId: FieldMeaning = ["", "Order, `O` and its number in the run."];
const symbol: FieldMeaning = ["", "Instrument."];
const side: FieldMeaning = ["", "Side of the order."];

const projectionLog: FieldMeaning = ["", "Log that it is folded from."];
const projectionName: FieldMeaning = ["", "Projection."];
const generation: FieldMeaning = ["", "Which build of the projection, from 1."];

const poisonedMeaning = (says: string, stream: string): Meaning => ({
  says,
  stream,
  fields: {
    log: projectionLog,
    projection: projectionName,
    generation,
    code_version: ["", "Code that could not fold it."],
    position: ["", "Position of the event."],
    event_id: ["", "Its id."],
    type: ["", "Its type."],
    reason: ["", "What the code said."],
  },
});

const orderOnly = (says: string): Meaning => ({ says, stream: "order/ID", fields: { order_id: orderId } });

const ended = (says: string, reasons: string): Meaning => ({
  says,
  stream: "order/ID",
  fields: { order_id: orderId, reason: ["", reasons] },
});

const terms = (says: string): Meaning => ({
  says,
  stream: "order/ID",
  fields: {
    order_id: orderId,
    qty: ["quantity", "New whole quantity, what is filled included."],
    limit_price: ["price", "New limit."],
    stop_price: ["price", "New stop."],
    trail_amount: ["price", "New distance of a trailing stop."],
    trail_pct: ["percent", "The same in percent of the price."],
    expire_at: ["", "New last moment."],
  },
});

const fill = (says: string): Meaning => ({
  says,
  stream: "order/ID",
  fields: {
    fill_id: ["", "Fill: the order, `-F` and a number."],
    order_id: orderId,
    symbol,
    side,
    qty: ["quantity", "Filled here."],
    price: ["price", "Paid or received, slippage included."],
    commission: ["money", "Cost of this fill, never negative."],
    tax: ["money", "Tax on the sale; absent where there is none."],
    slippage_bps: ["basis points", "Adverse slippage inside the price; 0 for limit fills."],
    at: ["", "Part of the bar that gave the price; `venue` where a venue reported it."],
    leaves_qty: ["quantity", "Still open after this fill."],
    liquidity: ["", "Whether the order rested at its price (`maker`) or took one (`taker`); present under fees that differ by it."],
    ambiguous: ["", "Present when the outcome depended on the path inside the bar."],
    other_price: ["price", "What the order that might have been first would have filled at."],
    venue_fill_id: ["", "The venue's own id."],
    fx_rate: fxRate,
  },
});

const stateHashes = {
  state_sha256: ["", "Canonical trading state (orders, positions, cash), folded from events alone: what L3 compares."],
  strategy_sha256: ["", "The strategy's state and indicators, made again only by running it: what L4 compares."],
  risk_sha256: [
    "",
    "The account's risk state (peak, day, losses in a row, kill switch, freeze): what L4 compares. Absent without a policy.",
  ],
} as const;

const lockedUntil: FieldMeaning = ["", "No reset before."];
const observeOnly: FieldMeaning = ["", "Present where the policy observes its guards: recorded, and nothing is done."];
const sessionDay: FieldMeaning = ["", "Session day of the policy's calendar, `YYYY-MM-DD`."];
const riskScope = "risk/SCOPE";

export const meanings: { readonly [type: string]: Meaning } = {
  ...calcMeanings,
  ...qualityMeanings,
  ...riskSessionMeanings,
  "run.started": {
    says: "First event of a run: everything that decides its outcome, by content.",
    stream: "run",
    fields: {
      strategy: ["", "The strategy."],
      "strategy.name": ["", "As the file declares it."],
      "strategy.version": ["", "Semantic version."],
      "strategy.source_sha256": ["", "Identity of its source files: relative paths and texts with line feeds."],
      config: ["", "Resolved configuration, without paths."],
      config_sha256: ["", "SHA-256 of its canonical text."],
      instruments: ["", "Instruments, ascending by symbol, with what was guessed."],
      data: ["", "Column sets, ascending by symbol."],
      "data[].symbol": symbol,
      "data[].column_set": ["", "Identity of the bars."],
      "data[].bid_column_set": ["", "Identity of the bid's bars, where orders fill at quotes."],
      "data[].ask_column_set": ["", "Identity of the ask's bars, where orders fill at quotes."],
      "data[].timeframe": ["", "Length of a bar: `1m`, `5m`, `15m`, `1h`, `1d`."],
      "data[].price_mode": ["", "`raw` or `adjusted`."],
      "data[].rows": ["bars", "From the first to the last row of the run."],
      "data[].first_ts": ["", "Close time of the first bar."],
      "data[].last_ts": ["", "Close time of the last bar."],
    },
  },
  "session.started": {
    says: "First event of a session, which runs while its bars close: everything that decides what it does with them.",
    stream: "run",
    fields: {
      session: ["", "Name that its author gave it."],
      mode: ["", "`paper`: orders go to the simulated venue."],
      strategy: ["", "The strategy."],
      "strategy.name": ["", "As the file declares it."],
      "strategy.version": ["", "Semantic version."],
      "strategy.source_sha256": ["", "Identity of its source files: relative paths and texts with line feeds."],
      config: ["", "Resolved configuration, without paths."],
      config_sha256: ["", "SHA-256 of its canonical text."],
      instruments: ["", "Instruments, ascending by symbol, with what was guessed."],
      data: ["", "How the numbers of each instrument's bars are to be read, ascending by symbol."],
      "data[].symbol": symbol,
      "data[].timeframe": ["", "Length of a bar: `1m`, `5m`, `15m`, `1h`, `1d`."],
      "data[].price_mode": ["", "`raw` or `adjusted`."],
      "data[].basis": ["", "What prices mean: trades, or a side of the quote."],
      "data[].price_scale": ["decimals", "Of prices."],
      "data[].volume_scale": ["decimals", "Of volumes."],
      "data[].has_volume": ["", "Whether volumes are facts; otherwise they are zero."],
      since: ["", "Only bars that close after it are delivered."],
    },
  },
  "bar.closed": {
    says: "A bar closed while a session runs. Its close time is the event's own.",
    stream: "bars/SYMBOL",
    fields: {
      symbol,
      open: ["price", "First."],
      high: ["price", "Highest."],
      low: ["price", "Lowest."],
      close: ["price", "Last."],
      volume: ["quantity", "Traded; 0 where the source has none."],
    },
  },
  "bar.refused": {
    says: "A bar came to a session that nobody can trade on. It changes no bar: a policy that asks for sound data (`trading.readiness_seconds`) lets no order of its symbol through until a sound bar has closed.",
    stream: "bars/SYMBOL",
    fields: {
      symbol,
      faults: [
        "",
        "`DUPLICATE_BAR` (the newest close time again), `OUT_OF_ORDER_BAR` (an older one, or one that was decided on already), `MISSING_FIELD`, `NAIVE_TIME` (a time without a zone).",
      ],
      ts: ["", "Close time as it came, UTC milliseconds."],
      time: ["", "The same where it came as text."],
      open: ["price", "First, as far as it came as a number."],
      high: ["price", "Highest."],
      low: ["price", "Lowest."],
      close: ["price", "Last."],
      volume: ["quantity", "Traded."],
    },
  },
  "bars.attached": {
    says: "Closed bars of one symbol and session become available, by reference to a column set.",
    stream: "bars/SYMBOL",
    fields: {
      symbol,
      session: ["", "Session date at the exchange, `YYYY-MM-DD`."],
      column_set: ["", "Identity of the bars."],
      first_row: ["row", "First row in the column set, from 0."],
      row_count: ["bars", "Rows of this session."],
      first_ts: ["", "Close time of the first."],
      last_ts: ["", "Close time of the last."],
      sha256: ["", "SHA-256 of the rows' canonical bytes."],
    },
  },
  "session.opened": {
    says: "A session's first bar is about to be delivered.",
    stream: "session/CALENDAR",
    fields: {
      calendar: ["", "Calendar, for example `XNYS`."],
      session: ["", "Session date at the exchange."],
      open: ["", "Open by the calendar."],
      close: ["", "Close by the calendar."],
    },
  },
  "session.closed": {
    says: "A session is over: its last bar was delivered and day orders have expired.",
    stream: "session/CALENDAR",
    fields: {
      calendar: ["", "Calendar."],
      session: ["", "Session date at the exchange."],
      bars: ["bars", "Delivered in the session, over all symbols of the calendar."],
      equity: ["money", "Marked at the newest closes."],
      ...stateHashes,
    },
  },
  "signal.emitted": {
    says: "What a strategy wants.",
    stream: "strategy/NAME",
    fields: {
      signal_id: ["", "Signal, `S` and its number in the run."],
      symbol,
      action: ["", "What is wanted."],
      strength: ["fraction", "As the strategy gave it; recorded, not used for sizing."],
      strategy: ["", "Name of the strategy."],
      bar_ts: ["", "Close time of the bar on which it was decided."],
      sequence: ["", "Number within symbol, side and bar."],
      order_type: ["", "Wanted type of order."],
      time_in_force: ["", "Wanted time in force."],
      qty: ["quantity", "Wanted quantity; absent when left to sizing."],
      limit_price: ["price", "Wanted limit."],
      stop_price: ["price", "Wanted stop."],
      trail_amount: ["price", "Distance at which a trailing stop follows the price."],
      trail_pct: ["percent", "The same in percent of the price."],
      expire_at: ["", "Last moment of a `GTD` order."],
      oco: ["", "Group whose orders end with the first fill of any of them."],
      take_profit_price: ["price", "Limit of the exit that an entry brings along."],
      stop_loss_price: ["price", "Stop of the exit that an entry brings along."],
      target_pct: ["percent", "Share of equity that a `target` signal wants to hold; negative is short."],
      external_id: ["", "Id given outside the engine; then the order's idempotency key."],
      metadata: ["", "The strategy's own data."],
    },
  },
  "signal.declined": {
    says: "A signal that led to no order, and why.",
    stream: "strategy/NAME",
    fields: {
      signal_id: ["", "The signal."],
      symbol,
      code: [
        "",
        "`NO_POSITION`, `QTY_EXCEEDS_POSITION`, `BAD_QUANTITY`, `SIZE_BELOW_MINIMUM`, `LOT_MISMATCH`, `NO_PRICE`, `NO_EQUITY`, `NO_STOP`, `STOP_EQUALS_ENTRY`, `STOP_WRONG_SIDE`, `TARGET_WRONG_SIDE`, `BRACKET_LEGS_CROSS`, `AT_TARGET`, `WITHIN_DRIFT_BAND`, `EXPIRE_TIME_IN_PAST`, `RUN_ENDING`, `DUPLICATE_INTENT`, `IDEMPOTENCY_CONFLICT`.",
      ],
      detail: ["", "The same, with its figures."],
    },
  },
  "order.created": {
    says: "An order exists. Its payload hash is the order's hash.",
    stream: "order/ID",
    fields: {
      order_id: orderId,
      idempotency_key: ["", "`strategy:symbol:side:bar_ts:sequence`, or the signal's external id. One order per key."],
      signal_id: ["", "Signal that led to it."],
      symbol,
      side,
      order_type: ["", "Type of order."],
      time_in_force: ["", "Time in force."],
      qty: ["quantity", "Ordered."],
      reduce_only: ["", "Fills at most what the position holds when it fills."],
      limit_price: ["price", "For limit and stop-limit orders."],
      stop_price: ["price", "For stop and stop-limit orders."],
      trail_amount: ["price", "Distance at which a trailing stop follows the price."],
      trail_pct: ["percent", "The same in percent of the price."],
      expire_at: ["", "Last moment of a `GTD` order."],
      oco: ["", "Group whose orders end with the first fill of any of them."],
      parent_id: ["", "Entry that the order protects: it sleeps until that one fills and never exits more than it brought."],
    },
  },
  "risk.decided": {
    says: "The gate's decision on one order; its cause is `order.created`.",
    stream: "order/ID",
    fields: {
      order_id: orderId,
      decision: ["", "A denied order is `rejected`."],
      subject: ["", "`modification` when it judges a change of an order that works already; absent for a new order."],
      policy_sha256: ["", "Policy in force."],
      code: [
        "",
        "First failing check: `TICK_MISMATCH`, `LOT_MISMATCH`, `NO_ACCOUNT`, `NO_PRICE`, `NO_FX_RATE`, `NON_FINITE_INPUT`, `POSITION_SIGN_FLIP_WITHOUT_CLOSE`, `NEGATIVE_CASH`. Absent on approval.",
      ],
      checks: ["bit set", "Bit n is set when the n-th check of that list passed."],
      explanation: ["", "Every failing check. Absent on approval."],
      "explanation[].code": ["", "The check."],
      "explanation[].detail": ["", "Its figures."],
      utilisation: ["", "The limit that an approved order uses most; absent where its policy limits nothing that it uses."],
      "utilisation.code": ["", "Code of that limit's check."],
      "utilisation.fraction": ["", "How much of it is used, at most six decimals."],
      observed: ["", "Checks that failed and did not refuse, because the policy only observes their stage."],
      "observed[].code": ["", "Code of the check."],
      "observed[].detail": ["", "What failed."],
    },
  },
  "order.submitted": orderOnly("The approved order was handed to the venue."),
  "order.accepted": {
    says: "The venue took the order.",
    stream: "order/ID",
    fields: { order_id: orderId, venue_order_id: ["", "The venue's id."] },
  },
  "order.rejected": ended(
    "The venue refused the order. A refusal by our own gate is `risk.decided`. The simulated venue refuses none.",
    "As the venue gave it.",
  ),
  "order.triggered": {
    says: "The stop price of a stop or stop-limit order was reached.",
    stream: "order/ID",
    fields: { order_id: orderId, price: ["price", "Where the bar reached it: the open, or the stop itself."] },
  },
  "order.partially_filled": fill("A part of the order was filled."),
  "order.filled": fill("The rest of the order was filled."),
  "order.cancel_requested": orderOnly("The strategy asked for a cancel."),
  "order.cancelled": ended("The order ended before it was filled whole.", "`REQUESTED`, `CASH_SHORT`, `NOTHING_TO_REDUCE`, `END_OF_DATA`."),
  "order.expired": ended("The order's time in force is over.", "`SESSION_CLOSED`, `IOC_UNFILLED`, `FOK_UNFILLED`."),
  "fill.late": fill(
    "A venue's fill after cancel or expiry: it changes the position and leaves the status. The simulated venue makes none.",
  ),
  "cash.accrued": {
    says: "Interest on cash, or the cost of borrowing what was sold short, for the days since the session before.",
    stream: "account, or position/SYMBOL",
    fields: {
      kind: ["", "`credit` and `debit` for interest on positive and negative cash, `borrow` for a short."],
      amount: ["money", "Moves cash: positive is received, negative is paid. Basis x rate x days / days of the year, half-even."],
      basis: ["money", "Cash, or the market value of the short, at the close of the session before."],
      rate: ["fraction a year", "Rate of the config."],
      day_count: ["", "`ACT/365F` or `ACT/360`: days of the year."],
      days: ["days", "Calendar days from the session before to this one."],
      symbol: ["", "The instrument borrowed."],
    },
  },
  "variation.settled": {
    says: "Daily settlement of a position under variation margin, at its newest close.",
    stream: "position/SYMBOL",
    fields: {
      symbol,
      qty: ["quantity", "Signed position."],
      price: ["price", "Newest close."],
      amount: ["money", "Moves cash: profit since the last settlement, or loss."],
      fx_rate: fxRate,
    },
  },
  "dividend.paid": {
    says: "A cash dividend on what was held before the open of its ex-date; a short pays it.",
    stream: "position/SYMBOL",
    fields: {
      symbol,
      ex_date: ["", "First day without the dividend, `YYYY-MM-DD`."],
      qty: ["quantity", "Signed position."],
      per_share: ["price", "reference_price x (1 - price_factor / next_price_factor), half-even at the currency's minor unit."],
      amount: ["money", "Moves cash: qty x per_share, half-even."],
      reference_price: ["price", "Close of the day before."],
      price_factor: ["", "Price factor up to that day."],
      next_price_factor: ["", "Price factor from the ex-date on."],
      fx_rate: fxRate,
    },
  },
  "split.applied": {
    says: "A split before the open of its first day: each `denominator` shares become `numerator`. Working orders were cancelled.",
    stream: "position/SYMBOL",
    fields: {
      symbol,
      ex_date: ["", "First day in new shares, `YYYY-MM-DD`."],
      numerator: ["", "Shares after."],
      denominator: ["", "Shares before."],
      qty_before: ["quantity", "Signed position."],
      qty_after: ["quantity", "Signed position, down to whole lots."],
      cash_in_lieu: ["money", "Moves cash: what is left below a lot, at the price before the split."],
      reference_price: ["price", "Close of the day before."],
      split_factor: ["", "Split factor up to that day."],
      next_split_factor: ["", "Split factor from then on."],
      fx_rate: fxRate,
    },
  },
  "run.completed": {
    says: "Last event of a run.",
    stream: "run",
    fields: {
      status: ["", "`failed` for the strategy's own error."],
      bars: ["bars", "Delivered."],
      slices: ["close times", "Delivered."],
      sessions: ["", "Sessions closed."],
      signals: ["", "Signals emitted."],
      orders: ["", "Orders created."],
      fills: ["", "Fills booked."],
      equity: ["money", "Marked at the newest closes."],
      cash: ["money", "At the end."],
      ...stateHashes,
      error: ["", "Present when `failed`."],
      "error.code": ["", "`STRATEGY_THREW`, `BAD_ORDER` or `BAD_STATE`."],
      "error.message": ["", "As thrown."],
      "error.handler": ["", "Handler that failed."],
      "error.bar_ts": ["", "Close time in hand, or null before the first."],
    },
  },
  "order.modify_requested": terms("A strategy asks for other terms of an open order; what is absent stays."),
  "order.modified": terms("The terms are in force."),
  "order.modify_rejected": {
    says: "A change was refused; the order works on as it was.",
    stream: "order/ID",
    fields: {
      order_id: orderId,
      code: [
        "",
        "`TERM_NOT_APPLICABLE`, `STOP_REACHED`, `QTY_NOT_ABOVE_FILLED`, `QTY_EXCEEDS_POSITION`, `EXPIRE_TIME_IN_PAST`, `BRACKET_LEGS_CROSS`, `STOP_WRONG_SIDE`, `TARGET_WRONG_SIDE`, `ORDER_LEAVING`, `ORDER_NOT_OPEN`, or the gate's code for a change that it denies.",
      ],
      detail: ["", "The same, in words."],
    },
  },
  "order.trailed": {
    says: "A trailing stop followed the price.",
    stream: "order/ID",
    fields: { order_id: orderId, stop_price: ["price", "Where it stands now."] },
  },
  "request.declined": {
    says: "A request about an order that is not open.",
    stream: "strategy/NAME",
    fields: {
      request: ["", "What was asked for."],
      order_id: ["", "As the strategy named it."],
      code: ["", "`ORDER_NOT_OPEN`."],
      detail: ["", "The same, in words."],
    },
  },
  "kill_switch.trip_requested": {
    says: "Somebody wants the kill switch tripped.",
    stream: riskScope,
    fields: {
      reason: ["", "Why."],
      requester: ["", "Opaque id of who asks; absent where it is not known."],
      lock_hours: ["hours", "How long it stays locked."],
    },
  },
  "kill_switch.tripped": {
    says: "The kill switch stops submissions until somebody resets it.",
    stream: riskScope,
    fields: {
      trigger: ["", "What tripped it."],
      reason: ["", "The same in words."],
      observed: ["", "What was measured: money of the account, a count or seconds, by the trigger. Absent for an operator's trip."],
      level: ["", "The level that it met, in the same unit, money rounded down."],
      locked_until: lockedUntil,
      cancel_orders: ["", "Whether open orders are cancelled."],
      flatten: ["", "Whether positions are closed."],
      observe_only: observeOnly,
    },
  },
  "kill_switch.reset_requested": {
    says: "Somebody wants the kill switch reset.",
    stream: riskScope,
    fields: {
      approver: ["", "Opaque id of who approves; empty where none was given."],
      reason: ["", "Why; empty where none was given."],
    },
  },
  "kill_switch.reset": {
    says: "The kill switch is armed again: submissions go on.",
    stream: riskScope,
    fields: {
      approver: ["", "Opaque id of who approved."],
      reason: ["", "Why."],
      tripped_at: ["", "Time of the trip that this ends."],
      equity: ["money", "What peak and day start begin anew from; absent where the switch belongs to no account."],
    },
  },
  "kill_switch.reset_refused": {
    says: "A reset was refused; the switch stays as it was.",
    stream: riskScope,
    fields: {
      code: ["", "Why."],
      detail: ["", "The same in words."],
      locked_until: lockedUntil,
    },
  },
  "daily_freeze.began": {
    says: "The day's loss met its limit: entries are refused until the next session day, even when the loss is made good.",
    stream: riskScope,
    fields: {
      session_day: sessionDay,
      day_start_equity: ["money", "Equity when the day began."],
      equity: ["money", "Equity at the newest closes."],
      loss: ["money", "The difference."],
      level: ["money", "The limit that it met, rounded down."],
      observe_only: observeOnly,
    },
  },
  "daily_freeze.cleared": {
    says: "A new session day ended the freeze.",
    stream: riskScope,
    fields: { session_day: ["", "The day that begins."], frozen_day: ["", "The day that was frozen."] },
  },
  "risk.alerted": {
    says: "A figure met its alert level: once per session day and subject.",
    stream: riskScope,
    fields: {
      subject: ["", "What is measured."],
      session_day: sessionDay,
      observed: ["", "Money of the account, or a count."],
      level: ["", "The alert level, in the same unit, money rounded down."],
    },
  },
  "notification.requested": {
    says: "Something is to be told to people: what the outbox sends, once this event is durable.",
    stream: riskScope,
    fields: {
      channel: ["", "Where to."],
      about: ["", "Type of the event that it tells of."],
      text: ["", "What to say."],
    },
  },
  "capture.taken": {
    says: "Data were taken from a source and stored.",
    stream: "capture/ID",
    fields: {
      capture_id: ["", "Identity of the capture: source bytes and choices."],
      content: ["", "Bars, or rows with a bid and an ask side."],
      symbol,
      timeframe: ["", "Length of a bar."],
      price_mode: ["", "As traded, or with split and dividend factors."],
      basis: ["", "What a price means."],
      price_scale: ["digits", "Prices are multiples of 10^-scale."],
      volume_scale: ["digits", "Volumes are multiples of 10^-scale."],
      has_volume: ["", "False where the source has none."],
      rows: ["bars", "Stored."],
      column_set: ["", "Identity of what was stored; for quotes that of the pair."],
      side_sets: ["", "Column sets of the bid and the ask, or the one set of bars."],
      clocks: ["", "The three clocks."],
      "clocks.business_from": ["", "First close time."],
      "clocks.business_to": ["", "Last close time."],
      "clocks.source_at": ["", "When the source says that it was made, or null."],
      "clocks.captured_at": ["", "When it was imported: audit, no identity."],
      counts: ["", "What the import met."],
      "counts.rows_read": ["rows", "Data rows of the sources."],
      "counts.rows_of_other_symbols": ["rows", "Passed over."],
      "counts.duplicates": ["rows", "Replaced by a later row of the same time."],
      "counts.out_of_order": ["rows", "Earlier than the row before them."],
      "counts.rounded_volumes": ["rows", "Whose volume has more digits than a column can hold exactly."],
      "counts.open_bars": ["rows", "With `is_closed=false`; stored, never delivered."],
      "counts.unmatched_bid": ["rows", "Bids without an ask."],
      "counts.unmatched_ask": ["rows", "Asks without a bid."],
      "counts.gap_count": ["gaps", "Stretches of missing bars inside sessions."],
      "counts.missing_bars": ["bars", "Missing in them. Listed, never filled."],
      sources: ["", "Source files by content."],
      "sources[].file": ["", "As the user gave it."],
      "sources[].role": ["", "What it holds."],
      "sources[].sha256": ["", "Of its bytes."],
      "sources[].bytes": ["bytes", "Its length."],
      source_count: ["files", "All source files; long lists name only the first."],
      options: ["", "The import's choices."],
      tzdata: ["", "Release of the time zone data used, or null."],
      synthetic: ["", "True for generated bars."],
      derived: ["", "How the bars were computed from others, or null."],
      "derived.calc_name": ["", "Calculation."],
      "derived.calc_version": ["", "Its version."],
      "derived.calendar": ["", "Calendar that cuts sessions."],
      "derived.calendar_version": ["", "Its version."],
      "derived.from_column_set": ["", "Bars it was computed from."],
      "derived.from_capture": ["", "Their capture."],
      object: ["", "The stored file."],
      "object.sha256": ["", "Of its bytes: integrity, no identity."],
      "object.bytes": ["bytes", "Its length."],
      notes: ["", "What was recognised, in words."],
    },
  },
  "snapshot.ignored": {
    says: "A snapshot was not believed; the state was folded without it.",
    stream: "snapshot.ignored",
    fields: {
      log: projectionLog,
      stream: ["", "What it is a state of."],
      version: ["events", "Events that it says to hold."],
      position: ["", "Where it says to be cut."],
      fault: ["", "`other_code`, `altered`, `beyond_head`, `other_history` or `replay_differs`."],
      code_version: ["", "Code that made it."],
      wanted: ["", "Code that wanted it."],
    },
  },
  "projection.halted": poisonedMeaning("A projection stopped before an event that it could not fold.", "projection.halted"),
  "projection.parked": poisonedMeaning("A projection set an event aside and went on.", "projection.parked"),
  "projection.refused": {
    says: "A stored state was not gone on from.",
    stream: "projection.refused",
    fields: {
      log: projectionLog,
      projection: projectionName,
      generation,
      position: ["", "Its checkpoint."],
      fault: ["", "`altered`, `beyond_head` or `other_history`."],
      detail: ["", "What was found instead."],
    },
  },
  "projection.activated": {
    says: "A new generation took the place of the one before.",
    stream: "projection.activated",
    fields: {
      log: projectionLog,
      projection: projectionName,
      generation,
      code_version: ["", "Code that made it."],
      position: ["", "Its checkpoint."],
      state_sha256: ["", "Hash of its state."],
    },
  },
  "append.id_conflict": {
    says: "An id came again with other content than the event that stands under it; that event was left alone.",
    stream: "append.id_conflict",
    fields: {
      log: ["", "Its log."],
      event_id: ["", "The id."],
      field: ["", "The first field that differs."],
      position: ["", "Where the event stands."],
    },
  },
  "clock.stepped_back": {
    says: "The clock that stamps a log's events showed less than before. What was stored then is recorded at the time before.",
    stream: "clock.stepped_back",
    fields: {
      log: ["", "The log."],
      position: ["", "Its last event before."],
      behind_ms: ["ms", "By how much."],
    },
  },
  "outbox.attempting": {
    says: "Something is about to be done outside; durable before it is.",
    stream: "intent/ID",
    fields: {
      intent_id: ["", "Id of the event that asks for it."],
      channel: ["", "Who does it."],
      attempt: ["", "Which attempt, from 1."],
    },
  },
  "outbox.resulted": {
    says: "What the attempt came to.",
    stream: "intent/ID",
    fields: {
      intent_id: ["", "Id of the event that asks for it."],
      result: ["", "`failed` may be tried again, `refused` may not; of `unknown` nobody can say whether it had its effect."],
      cause: ["", "Why it was not delivered."],
    },
  },
  "outbox.reconciled": {
    says: "Somebody looked whether an attempt without a known result had its effect.",
    stream: "intent/ID",
    fields: {
      intent_id: ["", "Id of the event that asks for it."],
      found: ["", "`absent` lets it be tried again; `unknown` leaves it to people."],
    },
  },
  "instrument.stated": {
    says: "What is known about an instrument, stated or guessed; the latest holds.",
    stream: "instrument/SYMBOL",
    fields: {
      symbol,
      asset_class: ["", "Kind of instrument."],
      currency: ["", "Currency of prices."],
      price_tick: ["price", "Smallest step of an order's price."],
      lot_step: ["quantity", "Smallest step of an order's quantity."],
      min_qty: ["quantity", "Smallest quantity of an order."],
      multiplier: ["money", "Value of one price unit for a quantity of one."],
      calendar: ["", "Trading hours."],
      settlement: ["", "Full payment, or daily variation margin."],
      guessed: ["", "Fields that nobody stated."],
    },
  },
};
