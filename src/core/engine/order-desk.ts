/**
 * From wishes to orders at the venue: signals, sizing, the gate, submission, and requests about open orders.
 *
 * Each method answers one accepted event with the proposals that follow from it; the desk itself holds only what is on its way.
 */

import { RiskGate } from "../gate/gate.js";
import { snapToStep } from "../money/from-number.js";
import type { OrderState } from "../orders/order.js";
import { judgeChange } from "../orders/order-change.js";
import { ticketOf } from "../orders/ticket.js";
import type { Indicator } from "../strategy/indicator.js";
import { atrWilder } from "../strategy/indicators/true-range.js";
import type { Bar } from "../strategy/strategy.js";
import type { UtcMillis } from "../tape/event.js";
import type { SimVenue } from "../venue/sim-venue.js";
import type { Account } from "./account.js";
import type { EngineSpec } from "./engine-spec.js";
import type { Exchange } from "./exchange.js";
import { mayFlip } from "./flips.js";
import { exitsOf, sideOf, takeSignal } from "./intake.js";
import type { OrderEvents } from "./order-events.js";
import { OrderTies } from "./order-ties.js";
import type { OrderModifyRequested, RunEvent, RunPayloads, SignalAction } from "./run-events.js";
import type { Sequencer } from "./sequencer.js";
import { FLATTEN_KEY } from "./signal-options.js";
import type { Wish } from "./strategy-runner.js";
import type { TradingState } from "./trading-state.js";
import type { VenueDesk } from "./venue-desk.js";

export interface DeskParts {
  readonly spec: EngineSpec;
  readonly state: TradingState;
  readonly account: Account;
  readonly sequencer: Sequencer;
  readonly orders: OrderEvents;
  readonly venue: SimVenue;
  readonly venueDesk: VenueDesk;
  readonly exchange: Exchange;
}

export class OrderDesk {
  readonly #state: TradingState;
  readonly #account: Account;
  readonly #seq: Sequencer;
  readonly #spec: EngineSpec;
  readonly #gate: RiskGate;
  readonly #exchange: Exchange;
  readonly #orders: OrderEvents;
  readonly #venue: SimVenue;
  readonly #venueDesk: VenueDesk;
  readonly #ties: OrderTies;
  readonly #strategyStream: string;
  /** Signals per instrument and direction in the slice in hand; a bar's keys are told apart by them. */
  readonly #sequences: Uint32Array;
  #sliceTs: UtcMillis = Number.NEGATIVE_INFINITY;
  #sequencesUsed = false;
  #flattening = false;
  /** Accepted signals that wait for their turn, with their index in the command. */
  readonly #signals: { readonly signal: RunPayloads["signal.emitted"]; readonly cause: number }[] = [];
  /** Signals of entries that bring exits along, until the entry is approved. */
  readonly #bringing = new Map<string, RunPayloads["signal.emitted"]>();
  /** Changes of open orders that wait for the gate, by order, oldest first. */
  readonly #changes = new Map<string, OrderModifyRequested[]>();
  readonly #venueIds = new Map<string, string>();
  /** Average true range per instrument, where sizing asks for it. */
  readonly #ranges: readonly Indicator[];

  constructor(parts: DeskParts) {
    const { config } = parts.spec;
    this.#state = parts.state;
    this.#account = parts.account;
    this.#seq = parts.sequencer;
    this.#spec = parts.spec;
    this.#orders = parts.orders;
    this.#venue = parts.venue;
    this.#venueDesk = parts.venueDesk;
    this.#ties = new OrderTies(parts.state, parts.orders);
    this.#exchange = parts.exchange;
    this.#gate = new RiskGate(parts.spec.hash, { forbid_flips: config.forbid_flips === true });
    this.#strategyStream = `strategy/${config.strategy.name}`;
    this.#sequences = new Uint32Array(config.instruments.length * DIRECTIONS);
    const { sizing } = config;
    this.#ranges = sizing.mode === "atr" ? config.instruments.map(() => atrWilder(sizing.period).create()) : [];
  }

  /** Starts a bar time: keys count from 1 again. */
  beginSlice(ts: UtcMillis): void {
    if (ts === this.#sliceTs) return;
    this.#sliceTs = ts;
    if (this.#sequencesUsed) this.#sequences.fill(0);
    this.#sequencesUsed = false;
  }

  /** Lets sizing see an instrument's newest bar. */
  observe(instrument: number, bar: Bar): void {
    this.#ranges[instrument]?.update(bar);
  }

  /** Records what a handler wants. */
  wish(wish: Wish): void {
    if (wish.kind === "cancel") {
      const order = this.#state.open.get(wish.order_id);
      if (order !== undefined && !this.#orders.isLeaving(order))
        this.#orders.propose("order.cancel_requested", order, { order_id: order.id });
      return;
    }
    if (wish.kind === "modify") {
      this.#requestChange(wish.change);
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
    return this.#signals.length > 0;
  }

  /** Takes the oldest waiting signal. */
  work(): void {
    const next = this.#signals.shift();
    if (next === undefined) return;
    this.#seq.cause = next.cause;
    this.#onSignal(next.signal);
  }

  /** Drops waiting work: the run is over. */
  abandon(): void {
    this.#signals.length = 0;
  }

  /**
   * What follows an accepted event.
   *
   * @param cause its index in the command.
   * @param order the order it is about, as it was before the event; undefined where it was not open.
   */
  answer(event: RunEvent, cause: number, order: OrderState | undefined): void {
    switch (event.type) {
      case "signal.emitted":
        this.#signals.push({ signal: event.payload, cause });
        return;
      case "order.created":
        this.#onCreated(this.#state.order(event.payload.order_id));
        return;
      case "risk.decided":
        if (order !== undefined) this.#onDecided(order, event.payload);
        return;
      case "order.submitted": {
        const submitted = this.#state.order(event.payload.order_id);
        // An exit may end with its entry before the venue has answered.
        if (this.#orders.isEnding(submitted)) return;
        this.#orders.propose("order.accepted", submitted, {
          order_id: submitted.id,
          venue_order_id: this.#venueIds.get(submitted.id) ?? "",
        });
        this.#venueIds.delete(submitted.id);
        return;
      }
      case "order.accepted":
        this.#venueDesk.accepted(this.#state.order(event.payload.order_id), cause);
        return;
      case "order.cancel_requested":
        if (order !== undefined && order.status !== "created") this.#venueDesk.request(order, { kind: "cancel" });
        return;
      case "order.modify_requested":
        if (order !== undefined) this.#onChange(order, event.payload);
        return;
      case "order.modified":
        if (order !== undefined) this.#ties.afterChange(order, event.payload);
        return;
      case "order.cancelled":
      case "order.expired":
      case "order.rejected":
        this.#orders.ended(event.payload.order_id);
        if (order !== undefined) this.#ties.afterEnd(order);
        return;
      case "order.filled":
      case "order.partially_filled":
        if (event.type === "order.filled") this.#orders.ended(event.payload.order_id);
        if (order !== undefined) this.#ties.afterFill(order);
        return;
      default:
        return;
    }
  }

  /** Asks for every open position to be closed at its newest close. */
  flatten(): void {
    this.#flattening = true;
    this.#venueDesk.beginFlattening();
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
        external_id: `${FLATTEN_KEY}${position.units.symbol}:${this.#seq.now}`,
      });
    });
  }

  #onSignal(signal: RunPayloads["signal.emitted"]): void {
    if (this.#flattening && !signal.signal_id.startsWith(FLATTEN_SIGNAL)) {
      this.#decline(signal, "RUN_ENDING", "the run is ending and its positions are being closed");
      return;
    }
    const instrument = this.#state.indexOf(signal.symbol);
    const units = this.#state.unitsAt(instrument);
    const intake = takeSignal(signal, this.#state, this.#spec.config.sizing, {
      lastPrice: this.#account.mark(instrument),
      atr: this.#rangeOf(instrument),
      equity: () => this.#account.equity(),
      costs: (side, price, qty) => this.#venue.costs(units, side, price, qty),
    });
    if (intake.kind === "none") return;
    if (intake.kind === "declined") {
      this.#decline(signal, intake.code, intake.detail);
      return;
    }
    const { order } = intake;
    if (signal.stop_loss_price !== undefined || signal.take_profit_price !== undefined) this.#bringing.set(order.order_id, signal);
    this.#seq.proposeAt("order.created", `order/${order.order_id}`, 1, order);
  }

  #decline({ signal_id, symbol }: RunPayloads["signal.emitted"], code: string, detail: string): void {
    this.#seq.propose("signal.declined", this.#strategyStream, { signal_id, symbol, code, detail });
  }

  #onCreated(order: OrderState): void {
    const decision = this.#judge(order, { qty: order.qty, limit: order.limit, stop: order.stop }, 0);
    this.#orders.propose("risk.decided", order, { order_id: order.id, ...decision });
  }

  /** @param added quantity that is not among the open orders yet. */
  #judge(
    order: OrderState,
    terms: { readonly qty: number; readonly limit: number | null; readonly stop: number | null },
    added: number,
  ): ReturnType<RiskGate["decide"]> {
    const units = this.#state.unitsAt(order.instrument);
    const lastPrice = this.#account.mark(order.instrument);
    const price = terms.limit ?? terms.stop ?? lastPrice ?? 0;
    return this.#gate.decide({
      qty: terms.qty,
      limit: terms.limit,
      stop: terms.stop,
      lot: units.lot,
      min_qty: units.min_qty,
      tick: units.tick,
      reduce_only: order.reduce_only,
      last_price: lastPrice,
      rate_known: this.#exchange.knows(order.instrument),
      flips: mayFlip(order, this.#state, added),
      cash: this.#state.portfolio.cash,
      freeAfter: () =>
        this.#account.freeAfter({
          instrument: order.instrument,
          side: order.side,
          qty: added,
          price,
          commission: this.#venue.costs(units, order.side, price, terms.qty),
        }),
    });
  }

  #onDecided(order: OrderState, decided: RunPayloads["risk.decided"]): void {
    if (decided.subject === "modification") {
      this.#onChangeDecided(order, decided);
      return;
    }
    const signal = this.#bringing.get(order.id);
    this.#bringing.delete(order.id);
    if (decided.decision === "approved") {
      this.#submit(order, decided);
      if (signal !== undefined) this.#bringExits(order, signal);
      return;
    }
    const entry = order.parent === null ? undefined : this.#state.open.get(order.parent);
    // An entry without the exit that was to protect it is not the one that was wanted.
    if (entry !== undefined && !this.#orders.isEnding(entry)) this.#orders.cancel(entry, "EXIT_DENIED");
  }

  #submit(order: OrderState, decision: RunPayloads["risk.decided"]): void {
    const approved = this.#gate.approve(ticketOf(order, this.#state.unitsAt(order.instrument)), decision);
    const { venue_order_id } = this.#venue.submit(approved, order.seq);
    this.#venueIds.set(order.id, venue_order_id);
    this.#orders.propose("order.submitted", order, { order_id: order.id });
  }

  #bringExits(entry: OrderState, signal: RunPayloads["signal.emitted"]): void {
    for (const exit of exitsOf(entry, signal, this.#state.unitsAt(entry.instrument), this.#state.counts.orders))
      this.#seq.proposeAt("order.created", `order/${exit.order_id}`, 1, exit);
  }

  #requestChange(change: OrderModifyRequested): void {
    const order = this.#state.open.get(change.order_id);
    if (order !== undefined && order.status !== "created") {
      this.#orders.propose("order.modify_requested", order, change);
      return;
    }
    this.#seq.propose("request.declined", this.#strategyStream, {
      request: "modify",
      order_id: change.order_id,
      code: "ORDER_NOT_OPEN",
      detail: "no open order has this id: it has ended, or never was",
    });
  }

  #onChange(order: OrderState, change: OrderModifyRequested): void {
    const { instrument } = order;
    const units = this.#state.unitsAt(instrument);
    const verdict = this.#orders.isLeaving(order)
      ? ({ kind: "refused", code: "ORDER_LEAVING", detail: "its cancel was asked for already" } as const)
      : judgeChange(order, change, { units, now: this.#seq.now, working: this.#state.workingAt(instrument) });
    if (verdict.kind === "refused") {
      this.#orders.propose("order.modify_rejected", order, { order_id: order.id, code: verdict.code, detail: verdict.detail });
      return;
    }
    const waiting = this.#changes.get(order.id);
    if (waiting === undefined) this.#changes.set(order.id, [change]);
    else waiting.push(change);
    const decision = this.#judge(order, verdict, Math.max(0, verdict.qty - order.qty));
    this.#orders.propose("risk.decided", order, { order_id: order.id, subject: "modification", ...decision });
  }

  #onChangeDecided(order: OrderState, decided: RunPayloads["risk.decided"]): void {
    const waiting = this.#changes.get(order.id);
    const change = waiting?.shift();
    if (waiting?.length === 0) this.#changes.delete(order.id);
    if (change === undefined) return;
    if (decided.decision === "approved") this.#venueDesk.request(order, { kind: "modify", change });
    else
      this.#orders.propose("order.modify_rejected", order, {
        order_id: order.id,
        code: decided.code ?? "DENIED",
        detail: decided.explanation?.map((e) => e.detail).join("; ") ?? "the gate refused it",
      });
  }

  #rangeOf(instrument: number): number | null {
    const range = this.#ranges[instrument];
    if (range === undefined || !range.ready) return null;
    const { price_scale } = this.#state.unitsAt(instrument);
    return snapToStep(range.value, price_scale, 1, "half_even");
  }

  /** A target's side is not known yet: its number is free on both sides. */
  #sequence(instrument: number, action: SignalAction): number {
    const buys = instrument * DIRECTIONS;
    const sells = buys + 1;
    const side = sideOf(action);
    const slots = action === "target" ? [buys, sells] : [side === null ? buys + 2 : side === "buy" ? buys : sells];
    const next = Math.max(...slots.map((slot) => this.#sequences[slot] as number)) + 1;
    for (const slot of slots) this.#sequences[slot] = next;
    this.#sequencesUsed = true;
    return next;
  }
}

const DIRECTIONS = 3;
/** Begins the ids of signals that close positions at the end; those of a strategy begin with S. */
const FLATTEN_SIGNAL = "END-";
