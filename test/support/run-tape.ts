import { DEFAULT_EXECUTION, DEFAULT_SIZING, type RunConfig } from "../../src/core/engine/run-config.js";
import type { OrderFill, RunEventType, RunPayloads } from "../../src/core/engine/run-events.js";
import type { BarColumns } from "../../src/core/market/bars.js";
import type { Instrument } from "../../src/core/market/instrument.js";
import type { PositionedEvent } from "../../src/core/projections/positioned-event.js";
import type { TapeEvent } from "../../src/core/tape/event.js";
import { GENESIS_HASH } from "../../src/core/tape/hash.js";
import type { LogSession } from "../../src/ports/event-store.js";

const HASH = "a".repeat(64);

export function testInstrument(symbol: string, changes: Partial<Instrument> = {}): Instrument {
  return {
    symbol,
    asset_class: "equity",
    currency: "USD",
    price_tick: "0.01",
    lot_step: "1",
    min_qty: "1",
    multiplier: "1",
    calendar: "24/7",
    settlement: "cash",
    guessed: [],
    ...changes,
  };
}

/** Bars whose open, high, low and close are one price. Prices are integers at `priceScale`. */
export function testColumns(symbol: string, ts: readonly number[], close: readonly number[], priceScale = 2): BarColumns {
  const prices = Float64Array.from(close);
  return {
    symbol,
    timeframe: "1m",
    price_mode: "raw",
    basis: "trade",
    price_scale: priceScale,
    volume_scale: 0,
    has_volume: true,
    rows: ts.length,
    ts: Float64Array.from(ts),
    open: prices,
    high: prices,
    low: prices,
    close: prices,
    volume: new Float64Array(ts.length).fill(1),
  };
}

export function testConfig(instruments: readonly Instrument[], cash: string, scale = 2, periodsPerYear = 252): RunConfig {
  return {
    strategy: { name: "test", version: "1.0.0", params: {} },
    timeframe: "1m",
    data: [],
    instruments,
    account: { currency: "USD", cash, scale },
    execution: DEFAULT_EXECUTION,
    sizing: DEFAULT_SIZING,
    on_end: "keep",
    research: false,
    periods_per_year: periodsPerYear,
  };
}

/** Builds a run's tape by hand, event by event. Hashes and ids are placeholders: projections do not read them. */
export class RunTape {
  readonly events: TapeEvent[] = [];

  add<T extends RunEventType>(type: T, at: number, payload: RunPayloads[T]): this {
    const position = this.events.length + 1;
    this.events.push({
      log: "run",
      position,
      stream: "run",
      version: position,
      id: `00000000-0000-8000-8000-${String(position).padStart(12, "0")}`,
      type,
      schema_version: 1,
      occurred_at: at,
      source_at: null,
      causation_id: null,
      correlation_id: null,
      payload: JSON.stringify(payload),
      payload_hash: HASH,
      event_hash: GENESIS_HASH,
      recorded_at: 0,
      epoch: 1,
    });
    return this;
  }

  start(at: number): this {
    return this.add("run.started", at, {
      strategy: { name: "test", version: "1.0.0", source_sha256: HASH },
      config: {},
      config_sha256: HASH,
      instruments: [],
      data: [],
    });
  }

  attach(columns: BarColumns, session: string, firstRow: number, count: number): this {
    const first = columns.ts[firstRow] ?? 0;
    return this.add("bars.attached", first, {
      symbol: columns.symbol,
      session,
      column_set: HASH,
      first_row: firstRow,
      row_count: count,
      first_ts: first,
      last_ts: columns.ts[firstRow + count - 1] ?? 0,
      sha256: HASH,
    });
  }

  openSession(session: string, at: number, calendar = "24/7"): this {
    return this.add("session.opened", at, { calendar, session, open: at, close: at });
  }

  closeSession(session: string, at: number, equity: string, calendar = "24/7"): this {
    return this.add("session.closed", at, { calendar, session, bars: 0, equity, state_sha256: HASH, strategy_sha256: HASH });
  }

  /** `order.created`, approved, submitted and accepted, all at one time. */
  order(
    at: number,
    order: Pick<RunPayloads["order.created"], "order_id" | "symbol" | "side" | "qty"> & Partial<RunPayloads["order.created"]>,
  ): this {
    this.create(at, order);
    this.add("risk.decided", at, { order_id: order.order_id, decision: "approved", policy_sha256: HASH, checks: 1 });
    this.add("order.submitted", at, { order_id: order.order_id });
    return this.add("order.accepted", at, { order_id: order.order_id, venue_order_id: `V-${order.order_id}` });
  }

  create(
    at: number,
    order: Pick<RunPayloads["order.created"], "order_id" | "symbol" | "side" | "qty"> & Partial<RunPayloads["order.created"]>,
  ): this {
    return this.add("order.created", at, {
      idempotency_key: `test:${order.symbol}:${order.side}:${at}:${order.order_id}`,
      signal_id: `S-${order.order_id}`,
      order_type: "market",
      time_in_force: "DAY",
      reduce_only: false,
      ...order,
    });
  }

  fill(
    at: number,
    type: "order.filled" | "order.partially_filled" | "fill.late",
    fill: Pick<OrderFill, "order_id" | "symbol" | "side" | "qty" | "price"> & Partial<OrderFill>,
  ): this {
    return this.add(type, at, {
      fill_id: `F${this.events.length + 1}`,
      commission: "0",
      slippage_bps: "0",
      at: "open",
      leaves_qty: "0",
      ...fill,
    });
  }

  complete(at: number, equity: string, cash: string, counts: Partial<RunPayloads["run.completed"]> = {}): this {
    return this.add("run.completed", at, {
      status: "completed",
      bars: 0,
      slices: 0,
      sessions: 0,
      signals: 0,
      orders: 0,
      fills: 0,
      equity,
      cash,
      state_sha256: HASH,
      strategy_sha256: HASH,
      ...counts,
    });
  }

  /** The events as projections take them. */
  positioned(): readonly PositionedEvent[] {
    return this.events.map(
      (e) => ({ type: e.type, position: e.position, occurred_at: e.occurred_at, payload: JSON.parse(e.payload) }) as PositionedEvent,
    );
  }

  /** A log that can only be read from its start. */
  session(): LogSession {
    const { events } = this;
    const readable: Pick<LogSession, "readLog" | "replayPages" | "head"> = {
      head: () => ({ position: events.length, hash: GENESIS_HASH, content_hash: GENESIS_HASH }),
      async *readLog() {
        yield* events;
      },
      async *replayPages() {
        if (events.length > 0) yield events;
      },
    };
    return readable as LogSession;
  }
}

/** The worked example of the projection tests: two sessions of three one-minute bars, bought, sold short in two fills. */
export function workedExample(): { readonly config: RunConfig; readonly columns: BarColumns; readonly tape: RunTape } {
  const minute = 60_000;
  // Rows 0 and 7 lie outside what the tape attaches; their price would show at once.
  const ts = [0, 1, 2, 3, 11, 12, 13, 14].map((m) => m * minute);
  const columns = testColumns("AAA", ts, [99_999_900, 1000, 1100, 1200, 900, 950, 1000, 99_999_900]);
  const at = (m: number) => m * minute;
  const tape = new RunTape()
    .start(at(0))
    .attach(columns, "2024-01-02", 1, 3)
    .openSession("2024-01-02", at(1))
    .add("signal.emitted", at(1), {
      signal_id: "S-O1",
      symbol: "AAA",
      action: "enter_long",
      strength: 0.75,
      strategy: "test",
      bar_ts: at(1),
      sequence: 1,
      order_type: "market",
      time_in_force: "DAY",
      metadata: { note: 'quote " comma , line\nend', "2": 1 },
    })
    .order(at(1), { order_id: "O1", symbol: "AAA", side: "buy", qty: "10" })
    .fill(at(2), "order.filled", { order_id: "O1", symbol: "AAA", side: "buy", qty: "10", price: "10.50", commission: "1", fill_id: "F1" })
    .add("signal.emitted", at(3), {
      signal_id: "S-none",
      symbol: "AAA",
      action: "enter_long",
      strength: 1,
      strategy: "test",
      bar_ts: at(3),
      sequence: 1,
      order_type: "limit",
      time_in_force: "GTC",
      qty: "0.5",
      limit_price: "11.10",
    })
    .add("signal.declined", at(3), { signal_id: "S-none", symbol: "AAA", code: "BELOW_MIN_QTY", detail: "0.5 is less than one lot" })
    .closeSession("2024-01-02", at(3), "1014")
    .attach(columns, "2024-01-03", 4, 3)
    .openSession("2024-01-03", at(11))
    .order(at(11), { order_id: "O2", symbol: "AAA", side: "sell", qty: "15" })
    .fill(at(12), "order.partially_filled", {
      order_id: "O2",
      symbol: "AAA",
      side: "sell",
      qty: "4",
      price: "9.20",
      commission: "0.40",
      leaves_qty: "11",
      fill_id: "F2",
    })
    .fill(at(13), "order.filled", { order_id: "O2", symbol: "AAA", side: "sell", qty: "11", price: "9", commission: "0.55", fill_id: "F3" })
    .create(at(13), { order_id: "O3", symbol: "AAA", side: "buy", qty: "1", order_type: "limit", limit_price: "5" })
    .add("risk.decided", at(13), { order_id: "O3", decision: "denied", policy_sha256: HASH, code: "NO_PRICE", checks: 0, explanation: [] })
    .closeSession("2024-01-03", at(13), "978.85")
    .complete(at(13), "978.85", "1028.85");
  return { config: testConfig([testInstrument("AAA")], "1000"), columns, tape };
}
