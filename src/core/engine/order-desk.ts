/**
 * From wishes to orders at the venue: signals, sizing, the gate, submission, and requests about open orders.
 *
 * Each method answers one accepted event with the proposals that follow from it; the desk itself holds only what is on its way.
 */

import { scalingNow } from "../gate/drawdown-scaling.js";
import type { GateDecision } from "../gate/gate.js";
import { snapToStep } from "../money/from-number.js";
import type { Order } from "../orders/order.js";
import { judgeChange } from "../orders/order-change.js";
import type { Indicator } from "../strategy/indicator.js";
import { atrWilder } from "../strategy/indicators/true-range.js";
import type { Bar } from "../strategy/strategy.js";
import type { UtcMillis } from "../tape/event.js";
import type { Account } from "./account.js";
import { type Closing, closingAction, closingSignal, isClosing } from "./closing-signals.js";
import type { EngineSpec } from "./engine-spec.js";
import { withinExitRoom } from "./exit-room.js";
import { GateDesk, type GateDeskParts } from "./gate-desk.js";
import { exitsOf, type IntakeAccount, sideOf, takeSignal } from "./intake.js";
import type { OrderEvents } from "./order-events.js";
import { OrderTies } from "./order-ties.js";
import type { Proposal } from "./proposal.js";
import type { OrderModified, OrderModifyRequested, RiskDecided, SignalAction, SignalEmitted } from "./run-events.js";
import type { Sequencer } from "./sequencer.js";
import type { BarRefused } from "./session-events.js";
import type { Wish } from "./strategy-runner.js";
import type { TradingState } from "./trading-state.js";
import type { VenueDesk } from "./venue-desk.js";

type Decided = GateDecision & Pick<RiskDecided, "subject">;

export interface DeskParts extends GateDeskParts {
  readonly spec: EngineSpec;
  readonly orders: OrderEvents;
  readonly venueDesk: VenueDesk;
}

export class OrderDesk {
  readonly #state: TradingState;
  readonly #account: Account;
  readonly #seq: Sequencer;
  readonly #spec: EngineSpec;
  readonly #gate: GateDesk;
  readonly #orders: OrderEvents;
  readonly #venueDesk: VenueDesk;
  readonly #ties: OrderTies;
  readonly #strategyStream: string;
  /** Signals per instrument and direction in the slice in hand; a bar's keys are told apart by them. */
  readonly #sequences: Uint32Array;
  #sliceTs: UtcMillis = Number.NEGATIVE_INFINITY;
  #sequencesUsed = false;
  #flattening = false;
  /** Accepted signals that wait for their turn, with their index in the command. */
  readonly #signals: { readonly signal: SignalEmitted; readonly cause: number }[] = [];
  /** Signals of entries that bring exits along, until the entry is approved. */
  readonly #bringing = new Map<string, SignalEmitted>();
  /** Orders that would only close, were limits on entries enforced, until they are decided on. */
  readonly #closing = new Set<string>();
  /** Changes of open orders that wait for the gate, by order, oldest first. */
  readonly #changes = new Map<string, OrderModifyRequested[]>();
  /** Average true range per instrument, where sizing asks for it. */
  readonly #ranges: readonly Indicator[];
  /** What the intake sees of the account. */
  readonly #intakeAccount: IntakeAccount;

  constructor(parts: DeskParts) {
    const { config } = parts.spec;
    this.#state = parts.state;
    this.#account = parts.account;
    this.#seq = parts.sequencer;
    this.#spec = parts.spec;
    this.#orders = parts.orders;
    this.#venueDesk = parts.venueDesk;
    this.#ties = new OrderTies(parts.state, parts.orders);
    this.#gate = new GateDesk(parts);
    this.#strategyStream = `strategy/${config.strategy.name}`;
    this.#sequences = new Uint32Array(config.instruments.length * DIRECTIONS);
    const { sizing } = config;
    this.#ranges = sizing.mode === "atr" ? config.instruments.map(() => atrWilder(sizing.period).create()) : [];
    this.#intakeAccount = {
      lastPrice: (instrument) => this.#account.mark(instrument),
      atr: (instrument) => this.#rangeOf(instrument),
      equity: () => this.#account.equity(),
      scaling: () => (config.risk === undefined || parts.figures === null ? null : scalingNow(config.risk, parts.figures)),
      costs: (instrument, side, price, qty) => parts.venue.costs(this.#state.unitsAt(instrument), side, price, qty),
      splits: this.#gate.splits,
      watches: this.#gate.watches,
      guards: this.#gate.guards,
    };
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
    if (this.#ranges.length > 0) this.#ranges[instrument]?.update(bar);
    this.#gate.observe(instrument, bar.ts);
  }

  /** Records what a handler wants. */
  wish(wish: Wish): void {
    if (wish.kind === "cancel") {
      const order = this.#state.find(wish.order_id);
      if (order === undefined || this.#orders.isLeaving(order)) return;
      this.#orders.propose("order.cancel_requested", order, { order_id: order.id });
      this.#gate.cancelRequested();
      return;
    }
    if (wish.kind === "modify") {
      this.#requestChange(wish.change);
      return;
    }
    const { instrument, signal } = wish;
    signal.sequence = this.#sequence(instrument, signal.action);
    signal.strategy = this.#spec.config.strategy.name;
    this.#seq.propose("signal.emitted", this.#strategyStream, signal);
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
   * @param order the order it is about, as it was before the event; undefined where it was not open.
   */
  answer(proposal: Proposal, order: Order | undefined): void {
    const { index } = proposal;
    switch (proposal.kind) {
      case "signal.emitted":
        this.#signals.push({ signal: proposal.fact as SignalEmitted, cause: index });
        return;
      case "bar.refused":
        this.#gate.refused(proposal.fact as BarRefused);
        return;
      case "order.created":
        if (proposal.order !== null) this.#onCreated(proposal.order);
        return;
      case "risk.decided":
        if (order !== undefined) this.#onDecided(order, proposal.fact as Decided);
        return;
      case "order.submitted":
        // An exit may end with its entry before the venue has answered.
        if (order !== undefined && !this.#orders.isEnding(order)) this.#orders.propose("order.accepted", order, null);
        return;
      case "order.accepted":
        if (order !== undefined) this.#venueDesk.accepted(order, index);
        return;
      case "order.cancel_requested":
        if (order !== undefined && order.status !== "created") this.#venueDesk.request(order, { kind: "cancel" });
        return;
      case "order.modify_requested":
        if (order !== undefined) this.#onChange(order, proposal.fact as OrderModifyRequested);
        return;
      case "order.modified":
        if (order === undefined) return;
        this.#gate.changeSettled(order);
        this.#ties.afterChange(order, proposal.fact as OrderModified);
        return;
      case "order.modify_rejected":
        if (order !== undefined) this.#gate.changeSettled(order);
        return;
      case "order.cancelled":
      case "order.expired":
      case "order.rejected":
        if (order === undefined) return;
        this.#ended(order);
        this.#ties.afterEnd(order);
        return;
      case "order.filled":
      case "order.partially_filled":
        if (order === undefined) return;
        if (proposal.kind === "order.filled") this.#ended(order);
        this.#ties.afterFill(order);
        return;
      default:
        return;
    }
  }

  /** Asks for every open position to be closed at its newest close. */
  flatten(): void {
    this.#flattening = true;
    this.#venueDesk.beginFlattening();
    this.#state.portfolio.positions.forEach(({ qty }, instrument) => {
      if (qty !== 0) this.closePosition(instrument, "end_of_data", instrument + 1);
    });
  }

  /** Asks for a position to be closed. @param number tells the signal from others of its kind. */
  closePosition(instrument: number, why: Closing, number: number): void {
    const position = this.#state.position(instrument);
    const sequence = this.#sequence(instrument, closingAction(position));
    const strategy = this.#spec.config.strategy.name;
    this.#seq.propose(
      "signal.emitted",
      this.#strategyStream,
      closingSignal(position, why, { number, strategy, sequence, now: this.#seq.now }),
    );
  }

  #onSignal(signal: SignalEmitted): void {
    if (this.#flattening && !isClosing(signal.signal_id, "end_of_data")) {
      this.#decline(signal, "RUN_ENDING", "the run is ending and its positions are being closed");
      return;
    }
    const intake = takeSignal(signal, this.#state, this.#spec.config.sizing, this.#intakeAccount, this.#seq.now);
    if (intake.kind === "none") return;
    if (intake.kind === "declined") {
      this.#decline(signal, intake.code, intake.detail);
      return;
    }
    const { close, order, closes } = intake;
    if (closes === true) this.#closing.add(order.id);
    if (close !== null) this.#orders.propose("order.created", close, null);
    if (signal.stop_loss_price !== undefined || signal.take_profit_price !== undefined) this.#bringing.set(order.id, signal);
    this.#orders.propose("order.created", order, null);
  }

  #decline({ signal_id, symbol }: SignalEmitted, code: string, detail: string): void {
    this.#seq.propose("signal.declined", this.#strategyStream, { signal_id, symbol, code, detail });
  }

  #onCreated(order: Order): void {
    const signal = this.#bringing.size === 0 ? undefined : this.#bringing.get(order.id);
    const closes = this.#closing.size > 0 && this.#closing.delete(order.id);
    this.#orders.propose("risk.decided", order, this.#gate.judgeNew(order, signal, closes));
  }

  #ended(order: Order): void {
    this.#orders.ended(order);
    this.#gate.changeSettled(order);
  }

  #onDecided(order: Order, decided: Decided): void {
    if (decided.subject === "modification") {
      this.#onChangeDecided(order, decided);
      return;
    }
    const signal = this.#bringing.size === 0 ? undefined : this.#bringing.get(order.id);
    if (signal !== undefined) this.#bringing.delete(order.id);
    if (decided.decision === "approved") {
      this.#submit(order, decided);
      if (signal !== undefined) this.#bringExits(order, signal);
      return;
    }
    const entry = order.parent === null ? undefined : this.#state.find(order.parent);
    // An entry without the exit that was to protect it is not the one that was wanted.
    if (entry !== undefined && !this.#orders.isEnding(entry)) this.#orders.cancel(entry, "EXIT_DENIED");
  }

  #submit(order: Order, decision: GateDecision): void {
    this.#gate.submit(order, decision);
    this.#orders.propose("order.submitted", order, null);
  }

  #bringExits(entry: Order, signal: SignalEmitted): void {
    for (const exit of exitsOf(entry, signal, this.#state.unitsAt(entry.instrument), this.#state.counts.orders, this.#seq.now))
      this.#orders.propose("order.created", exit, null);
  }

  #requestChange(change: OrderModifyRequested): void {
    const order = this.#state.find(change.order_id);
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

  #onChange(order: Order, change: OrderModifyRequested): void {
    const { instrument } = order;
    const units = this.#state.unitsAt(instrument);
    const wanted = this.#orders.isLeaving(order)
      ? ({ kind: "refused", code: "ORDER_LEAVING", detail: "its cancel was asked for already" } as const)
      : judgeChange(order, change, { units, now: this.#seq.now, working: this.#state.workingAt(instrument) });
    const verdict = this.#gate.guards ? withinExitRoom(wanted, order, this.#state) : wanted;
    if (verdict.kind === "refused") {
      this.#orders.propose("order.modify_rejected", order, { order_id: order.id, code: verdict.code, detail: verdict.detail });
      return;
    }
    const waiting = this.#changes.get(order.id);
    if (waiting === undefined) this.#changes.set(order.id, [change]);
    else waiting.push(change);
    this.#orders.propose("risk.decided", order, { subject: "modification", ...this.#gate.judgeChange(order, verdict) });
  }

  #onChangeDecided(order: Order, decided: Decided): void {
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
    const first = side === "sell" ? sells : side === null && action !== "target" ? buys + 2 : buys;
    const last = action === "target" ? sells : first;
    const next = Math.max(this.#sequences[first] as number, this.#sequences[last] as number) + 1;
    this.#sequences[first] = next;
    this.#sequences[last] = next;
    this.#sequencesUsed = true;
    return next;
  }
}

const DIRECTIONS = 3;
