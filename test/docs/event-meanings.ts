/** Units and meanings of payload fields, in words; a test compares the fields with those of the schemas. */

/** Unit ("" for none) and meaning of a field. */
type FieldMeaning = readonly [unit: string, says: string];

export interface Meaning {
  readonly says: string;
  /** Stream within the log. */
  readonly stream: string;
  readonly fields: { readonly [path: string]: FieldMeaning };
}

const orderId: FieldMeaning = ["", "Order, `O` and its number in the run."];
const symbol: FieldMeaning = ["", "Instrument."];
const side: FieldMeaning = ["", "Side of the order."];

const orderOnly = (says: string): Meaning => ({ says, stream: "order/ID", fields: { order_id: orderId } });

const ended = (says: string, reasons: string): Meaning => ({
  says,
  stream: "order/ID",
  fields: { order_id: orderId, reason: ["", reasons] },
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
    slippage_bps: ["basis points", "Adverse slippage inside the price; 0 for limit fills."],
    at: ["", "Part of the bar that gave the price; `venue` where a venue reported it."],
    leaves_qty: ["quantity", "Still open after this fill."],
    venue_fill_id: ["", "The venue's own id."],
  },
});

const stateHashes = {
  state_sha256: ["", "Canonical trading state (orders, positions, cash), folded from events alone: what L3 compares."],
  strategy_sha256: ["", "The strategy's state and indicators, made again only by running it: what L4 compares."],
} as const;

export const meanings: { readonly [type: string]: Meaning } = {
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
      "data[].timeframe": ["", "Length of a bar: `1m`, `5m`, `15m`, `1h`, `1d`."],
      "data[].price_mode": ["", "`raw` or `adjusted`."],
      "data[].rows": ["bars", "From the first to the last row of the run."],
      "data[].first_ts": ["", "Close time of the first bar."],
      "data[].last_ts": ["", "Close time of the last bar."],
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
        "`NO_POSITION`, `QTY_EXCEEDS_POSITION`, `BAD_QUANTITY`, `SIZE_BELOW_MINIMUM`, `LOT_MISMATCH`, `NO_PRICE`, `NO_EQUITY`, `DUPLICATE_INTENT`, `IDEMPOTENCY_CONFLICT`.",
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
    },
  },
  "risk.decided": {
    says: "The gate's decision on one order; its cause is `order.created`.",
    stream: "order/ID",
    fields: {
      order_id: orderId,
      decision: ["", "A denied order is `rejected`."],
      policy_sha256: ["", "Policy in force."],
      code: [
        "",
        "First failing check: `TICK_MISMATCH`, `LOT_MISMATCH`, `NO_ACCOUNT`, `NO_PRICE`, `NON_FINITE_INPUT`, `NEGATIVE_CASH`. Absent on approval.",
      ],
      checks: ["bit set", "Bit n is set when the n-th check of that list passed."],
      explanation: ["", "Every failing check. Absent on approval."],
      "explanation[].code": ["", "The check."],
      "explanation[].detail": ["", "Its figures."],
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
