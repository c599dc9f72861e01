/**
 * Turns wishes into signals, signals into orders, and order events into what follows them: the gate, the venue, the fills.
 *
 * Signals are worked off one at a time, each to the end of what it causes, and every fill is folded before the next is
 * judged: no order is sized, approved or paid for with means that another has already taken.
 */
import { RiskGate } from "../gate/gate.js";
import type { BarColumns } from "../market/bars.js";
import { formatBig, formatScaled, pow10Big } from "../money/decimal.js";
import type { OrderState } from "../orders/order.js";
import { leaves } from "../orders/order.js";
import { unrealized } from "../portfolio/portfolio.js";
import type { OpenOrderView, PositionView } from "../strategy/strategy.js";
import type { UtcMillis } from "../tape/event.js";
import { SimVenue, ticketOf, type VenueAccount, type VenueAnswer } from "../venue/sim-venue.js";
import type { Account } from "./account.js";
import type { EngineSpec } from "./engine-spec.js";
import { sideOf, takeSignal } from "./intake.js";
import type { RunEvent, RunEventType, RunPayloads, SignalAction } from "./run-events.js";
import type { Sequencer } from "./sequencer.js";
import type { AccountReader, Wish } from "./strategy-runner.js";
import type { TradingState } from "./trading-state.js";

interface DeskParts {
  readonly spec: EngineSpec;
  readonly state: TradingState;
  readonly account: Account;
  readonly sequencer: Sequencer;
}

interface CloseFill {
  readonly order: OrderState;
  /** Index of the acceptance in the command. */
  readonly cause: number;
}

export class OrderDesk {
  readonly #state: TradingState;
  readonly #account: Account;
  readonly #seq: Sequencer;
  readonly #spec: EngineSpec;
  readonly #gate: RiskGate;
  readonly #venue: SimVenue;
  readonly #strategyStream: string;
  /** Signals per instrument and direction in the slice in hand; a bar's keys are told apart by them. */
  readonly #sequences: Uint32Array;
  #sliceTs: UtcMillis = Number.NEGATIVE_INFINITY;
  #sequencesUsed = false;
  #flattening = false;
  /** Accepted signals that wait for their turn, with their index in the command. */
  readonly #signals: { readonly signal: RunPayloads["signal.emitted"]; readonly cause: number }[] = [];
  /** Accepted market orders that fill at the close in hand. */
  readonly #closeFills: CloseFill[] = [];
  /** Accepted market orders that wait for the close of the slice in hand to be known. */
  readonly #closesAwaited: CloseFill[] = [];
  /** Orders whose end was proposed or asked for: asking again changes nothing. */
  readonly #leaving = new Set<string>();
  readonly #venueIds = new Map<string, string>();

  constructor(parts: DeskParts) {
    const { config } = parts.spec;
    this.#state = parts.state;
    this.#account = parts.account;
    this.#seq = parts.sequencer;
    this.#spec = parts.spec;
    this.#gate = new RiskGate(parts.spec.hash);
    this.#venue = new SimVenue(config.execution, config.account.scale);
    this.#strategyStream = `strategy/${config.strategy.name}`;
    this.#sequences = new Uint32Array(config.instruments.length * DIRECTIONS);
  }

  /** Starts a bar time: keys count from 1 again. */
  beginSlice(ts: UtcMillis): void {
    if (ts === this.#sliceTs) return;
    this.#sliceTs = ts;
    if (this.#sequencesUsed) this.#sequences.fill(0);
    this.#sequencesUsed = false;
  }

  /** Records what a handler wants. */
  wish(wish: Wish): void {
    if (wish.kind === "cancel") {
      const order = this.#state.open.get(wish.order_id);
      if (order !== undefined && !this.#leaving.has(order.id)) this.#order("order.cancel_requested", order, { order_id: order.id });
      return;
    }
    const { instrument, signal } = wish;
    this.#seq.propose("signal.emitted", this.#strategyStream, {
      ...signal,
      sequence: this.#sequence(instrument, signal.action),
      strategy: this.#spec.config.strategy.name,
    });
  }

  get busy(): boolean {
    return this.#closeFills.length > 0 || this.#signals.length > 0;
  }

  /** Does the next piece of waiting work: fills first, then the oldest signal. */
  work(): void {
    const fill = this.#closeFills.shift();
    if (fill !== undefined) {
      this.#seq.cause = fill.cause;
      this.#fillAtClose(fill.order);
      return;
    }
    const next = this.#signals.shift();
    if (next === undefined) return;
    this.#seq.cause = next.cause;
    this.#onSignal(next.signal);
  }

  /** Drops waiting work: the run is over. */
  abandon(): void {
    this.#signals.length = 0;
    this.#closeFills.length = 0;
    this.#closesAwaited.length = 0;
  }

  /** What follows an accepted event. `cause` is its index in the command. */
  answer(event: RunEvent, cause: number): void {
    switch (event.type) {
      case "signal.emitted":
        this.#signals.push({ signal: event.payload, cause });
        return;
      case "order.created":
        this.#onCreated(this.#state.order(event.payload.order_id));
        return;
      case "risk.decided":
        if (event.payload.decision === "approved") this.#submit(this.#state.order(event.payload.order_id), event.payload);
        return;
      case "order.submitted": {
        const order = this.#state.order(event.payload.order_id);
        this.#order("order.accepted", order, { order_id: order.id, venue_order_id: this.#venueIds.get(order.id) ?? "" });
        this.#venueIds.delete(order.id);
        return;
      }
      case "order.accepted": {
        const order = this.#state.order(event.payload.order_id);
        if (order.type !== "market") return;
        if (this.#flattening || this.#closesNow(order)) this.#closeFills.push({ order, cause });
        else if (this.#venue.fillsAtClose) this.#closesAwaited.push({ order, cause });
        return;
      }
      case "order.cancel_requested": {
        const order = this.#state.open.get(event.payload.order_id);
        if (order !== undefined && order.status !== "created")
          this.#order("order.cancelled", order, { order_id: order.id, reason: "REQUESTED" });
        return;
      }
      case "order.cancelled":
      case "order.expired":
        this.#leaving.delete(event.payload.order_id);
        return;
      default:
        return;
    }
  }

  /** The closes of the slice in hand are known: orders that waited for them fill, those without a bar wait for the next open. */
  closesKnown(): void {
    if (this.#closesAwaited.length === 0) return;
    for (const awaited of this.#closesAwaited) if (this.#closesNow(awaited.order)) this.#closeFills.push(awaited);
    this.#closesAwaited.length = 0;
  }

  /** True when a market order may fill at its instrument's newest close: never at one older than the order. */
  #closesNow(order: OrderState): boolean {
    return this.#venue.fillsAtClose && this.#account.marked_at[order.instrument] === order.created_at;
  }

  /**
   * Matches an instrument's working orders against its newest bar, oldest first, up to the first to which something happens.
   *
   * @param began when the bar began.
   * @param after number of the order matched last, 0 at the beginning.
   * @returns the number of the order that was answered, or 0 when none is left.
   */
  matchNext(instrument: number, columns: BarColumns, row: number, began: UtcMillis, after: number): number {
    for (const order of this.#state.workingAt(instrument)) {
      // A bar never fills an order that was made after it began: its open, and perhaps its extremes, are older than the order.
      if (order.seq <= after || order.created_at > began || (order.status !== "accepted" && order.status !== "partially_filled")) continue;
      const bar = {
        open: columns.open[row] as number,
        high: columns.high[row] as number,
        low: columns.low[row] as number,
        close: columns.close[row] as number,
      };
      const answer = this.#venue.matchBar(order, bar, this.#state.unitsAt(instrument), this.#meansFor(instrument));
      if (answer === null) continue;
      this.#carryOut(order, answer);
      return order.seq;
    }
    return 0;
  }

  /** @returns true when there was something to cancel. */
  cancelAll(reason: string): boolean {
    const orders = [...this.#state.open.values()].sort((a, b) => a.seq - b.seq);
    for (const order of orders) this.#order("order.cancelled", order, { order_id: order.id, reason });
    return orders.length > 0;
  }

  /** Asks for every open position to be closed at its newest close. */
  flatten(): void {
    this.#flattening = true;
    this.#state.portfolio.positions.forEach((position, instrument) => {
      if (position.qty === 0) return;
      const action: SignalAction = position.qty > 0 ? "exit_long" : "exit_short";
      this.#seq.propose("signal.emitted", this.#strategyStream, {
        signal_id: `${FLATTEN_SIGNAL}${instrument + 1}`,
        symbol: position.units.symbol,
        action,
        strength: 1,
        strategy: this.#spec.config.strategy.name,
        bar_ts: this.#seq.now,
        sequence: this.#sequence(instrument, action),
        order_type: "market",
        time_in_force: "DAY",
        external_id: `flatten:${position.units.symbol}:${this.#seq.now}`,
      });
    });
  }

  /** @returns true when there was something to expire. */
  expireDayOrders(instruments: readonly number[]): boolean {
    let expired = false;
    for (const instrument of instruments) {
      for (const order of this.#state.workingAt(instrument)) {
        // What was made at the close itself can only meet the next session's bars, and belongs to it.
        if (order.tif !== "DAY" || order.status === "created" || order.created_at >= this.#seq.now) continue;
        this.#order("order.expired", order, { order_id: order.id, reason: "SESSION_CLOSED" });
        expired = true;
      }
    }
    return expired;
  }

  /** The account as strategies read it, in floating point. */
  reader(): AccountReader {
    const desk = this;
    const unit = Number(pow10Big(this.#spec.config.account.scale));
    return {
      get cash(): number {
        return Number(desk.#state.portfolio.cash) / unit;
      },
      get equity(): number {
        return Number(desk.#account.equity()) / unit;
      },
      position: (instrument) => desk.#positionView(instrument, unit),
      openOrders: (instrument) => desk.#openOrders(instrument),
    };
  }

  #onSignal(signal: RunPayloads["signal.emitted"]): void {
    if (this.#flattening && !signal.signal_id.startsWith(FLATTEN_SIGNAL)) {
      this.#decline(signal, "RUN_ENDING", "the run is ending and its positions are being closed");
      return;
    }
    const instrument = this.#state.indexOf(signal.symbol);
    const intake = takeSignal(signal, this.#state, this.#spec.config.sizing, {
      lastPrice: this.#account.mark(instrument),
      equity: () => this.#account.equity(),
    });
    if (intake.kind === "none") return;
    if (intake.kind === "declined") {
      this.#decline(signal, intake.code, intake.detail);
      return;
    }
    const { order } = intake;
    this.#seq.proposeAt("order.created", `order/${order.order_id}`, 1, order);
  }

  #decline({ signal_id, symbol }: RunPayloads["signal.emitted"], code: string, detail: string): void {
    this.#seq.propose("signal.declined", this.#strategyStream, { signal_id, symbol, code, detail });
  }

  #onCreated(order: OrderState): void {
    const units = this.#state.unitsAt(order.instrument);
    const lastPrice = this.#account.mark(order.instrument);
    const price = order.limit ?? order.stop ?? lastPrice ?? 0;
    const decision = this.#gate.decide({
      qty: order.qty,
      lot: units.lot,
      min_qty: units.min_qty,
      tick: units.tick,
      limit: order.limit,
      stop: order.stop,
      reduce_only: order.reduce_only,
      last_price: lastPrice,
      cash: this.#state.portfolio.cash,
      freeAfter: () =>
        this.#account.freeAfter({
          instrument: order.instrument,
          // The order is among the open ones already: it adds nothing but its costs.
          side: order.side,
          qty: 0,
          price,
          commission: this.#venue.commission(units, price, order.qty),
        }),
    });
    this.#order("risk.decided", order, { order_id: order.id, ...decision });
  }

  #submit(order: OrderState, decision: RunPayloads["risk.decided"]): void {
    const approved = this.#gate.approve(ticketOf(order, this.#state.unitsAt(order.instrument)), decision);
    const { venue_order_id } = this.#venue.submit(approved, order.seq);
    this.#venueIds.set(order.id, venue_order_id);
    this.#order("order.submitted", order, { order_id: order.id });
  }

  #fillAtClose(order: OrderState): void {
    const close = this.#account.mark(order.instrument);
    // A handler may have cancelled it while it waited.
    if (close === null || !this.#state.open.has(order.id)) return;
    const answer = this.#venue.matchClose(order, close, this.#state.unitsAt(order.instrument), this.#meansFor(order.instrument));
    if (answer !== null) this.#carryOut(order, answer);
  }

  #meansFor(instrument: number): VenueAccount {
    return {
      positionQty: () => this.#state.position(instrument).qty,
      freeAfterFill: (fill) => this.#account.freeAfterFill(instrument, fill),
    };
  }

  #carryOut(order: OrderState, answer: VenueAnswer): void {
    const units = this.#state.unitsAt(order.instrument);
    if (answer.trigger !== null && order.stop !== null) {
      this.#order("order.triggered", order, { order_id: order.id, price: formatScaled(answer.trigger, units.price_scale) });
    }
    if (answer.fill !== null) {
      const { units: fill, at, slippage_bps } = answer.fill;
      const left = leaves(order) - fill.qty;
      this.#order(left === 0 ? "order.filled" : "order.partially_filled", order, {
        fill_id: `${order.id}-F${order.fill_ids.length + 1}`,
        order_id: order.id,
        symbol: units.symbol,
        side: fill.side,
        qty: formatScaled(fill.qty, units.qty_scale),
        price: formatScaled(fill.price, units.price_scale),
        commission: formatBig(fill.commission, units.money_scale),
        slippage_bps,
        at,
        leaves_qty: formatScaled(left, units.qty_scale),
      });
    }
    if (answer.end !== null) this.#order(`order.${answer.end.kind}`, order, { order_id: order.id, reason: answer.end.reason });
  }

  #order<T extends RunEventType>(type: T, order: OrderState, payload: RunPayloads[T]): void {
    if (type === "order.cancel_requested" || type === "order.cancelled" || type === "order.expired") this.#leaving.add(order.id);
    order.version += 1;
    this.#seq.proposeAt(type, streamOf(order), order.version, payload);
  }

  #sequence(instrument: number, action: SignalAction): number {
    const side = sideOf(action);
    const slot = instrument * DIRECTIONS + (side === null ? 2 : side === "buy" ? 0 : 1);
    const next = (this.#sequences[slot] as number) + 1;
    this.#sequences[slot] = next;
    this.#sequencesUsed = true;
    return next;
  }

  #positionView(instrument: number, unit: number): PositionView {
    const position = this.#state.position(instrument);
    const mark = this.#account.mark(instrument);
    const qty = position.qty / position.units.qty_unit;
    const basisPerUnit = position.qty === 0 ? 0 : Number(position.basis) / unit / Math.abs(qty);
    return {
      qty,
      avg_price: basisPerUnit,
      realized_pnl: Number(position.realized) / unit,
      unrealized_pnl: mark === null ? 0 : Number(unrealized(position, mark)) / unit,
    };
  }

  #openOrders(instrument: number | null): OpenOrderView[] {
    const orders = instrument === null ? this.#state.working.flat().sort((a, b) => a.seq - b.seq) : this.#state.workingAt(instrument);
    return orders.map((o) => {
      const units = this.#state.unitsAt(o.instrument);
      return {
        order_id: o.id,
        symbol: units.symbol,
        side: o.side,
        order_type: o.type,
        qty: o.qty / units.qty_unit,
        filled_qty: o.filled / units.qty_unit,
        limit_price: o.limit === null ? null : o.limit / units.price_unit,
        stop_price: o.stop === null ? null : o.stop / units.price_unit,
      };
    });
  }
}

const DIRECTIONS = 3;
/** Begins the ids of signals that close positions at the end; those of a strategy begin with S. */
const FLATTEN_SIGNAL = "END-";

function streamOf(order: OrderState): string {
  return `order/${order.id}`;
}
