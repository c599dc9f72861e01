/** Brings orders of a run before the gate: the base gate, or the one of the run's policy with the account as it sees it. */

import { NO_ORDER } from "../gate/case.js";
import { type GateDecision, type GateInput, RiskGate } from "../gate/gate.js";
import { OrderFlow } from "../gate/order-flow.js";
import type { RiskPolicy } from "../gate/policy.js";
import { PolicyGate } from "../gate/policy-gate.js";
import type { RiskFigures } from "../gate/risk-figures.js";
import type { GateOrder, RiskView } from "../gate/risk-view.js";
import type { Calendar, Session } from "../market/calendar.js";
import { calendarById } from "../market/calendars/registry.js";
import { scaledOf } from "../money/decimal.js";
import { isOpen, type Order } from "../orders/order.js";
import { ticketOf } from "../orders/ticket.js";
import { type BarReadiness, ReadinessBook } from "../quality/readiness.js";
import type { UtcMillis } from "../tape/event.js";
import type { SimVenue } from "../venue/sim-venue.js";
import type { Account } from "./account.js";
import type { BarMarket } from "./bar-market.js";
import { isClosingSignal } from "./closing-signals.js";
import type { EngineSpec, Judged } from "./engine-spec.js";
import type { Exchange } from "./exchange.js";
import { mayFlip } from "./flips.js";
import { stopBroughtBy } from "./protective-stop.js";
import type { RunConfig } from "./run-config.js";
import type { SignalEmitted } from "./run-events.js";
import type { Sequencer } from "./sequencer.js";
import type { BarRefused } from "./session-events.js";
import type { TradingState } from "./trading-state.js";

export interface GateDeskParts {
  readonly spec: Pick<EngineSpec, "config" | "hash" | "onJudged">;
  readonly state: TradingState;
  readonly account: Account;
  readonly sequencer: Sequencer;
  readonly venue: SimVenue;
  readonly exchange: Exchange;
  readonly market: BarMarket;
  /** What the account's past says; null without a policy. */
  readonly figures: RiskFigures | null;
}

/** Terms that an order has, or would have. In the instrument's units. */
export interface JudgedTerms {
  readonly qty: number;
  readonly limit: number | null;
  readonly stop: number | null;
}

export class GateDesk {
  readonly #parts: GateDeskParts;
  readonly #base: RiskGate | null;
  readonly #policy: PolicyDesk | null;

  constructor(parts: GateDeskParts) {
    const { spec } = parts;
    const policy = spec.config.risk ?? null;
    this.#parts = parts;
    this.#base = policy === null ? new RiskGate(spec.hash, { forbid_flips: spec.config.forbid_flips === true }) : null;
    this.#policy = policy === null ? null : new PolicyDesk(parts, policy);
  }

  /** Whether an order that would turn a position over is made as two. */
  get splits(): boolean {
    return this.#policy?.splits === true;
  }

  /** Whether it would be, were limits on entries enforced. */
  get watches(): boolean {
    return this.#policy?.watches === true;
  }

  /** Whether limits on entries are enforced. */
  get guards(): boolean {
    return this.#policy?.guards === true;
  }

  /** A bar of an instrument closed. */
  observe(instrument: number, ts: UtcMillis): void {
    this.#policy?.observe(instrument, ts);
  }

  /** A bar came that nobody can trade on. */
  refused({ symbol, faults }: BarRefused): void {
    this.#policy?.refused(this.#parts.state.indexOf(symbol), faults);
  }

  /** Somebody asked for an order's cancel: it passes, and is counted. */
  cancelRequested(): void {
    this.#policy?.cancelRequested();
  }

  /** Judges a new order. @param signal what brings exits along with it, or undefined. @param closes whether it would be made to only reduce. */
  judgeNew(order: Order, signal: SignalEmitted | undefined, closes: boolean = false): GateDecision {
    return this.#policy === null
      ? this.#judgeByBase(order, order, 0, "order")
      : this.#policy.judge(order, order, 0, "order", signal, closes);
  }

  /** Judges the terms that an open order is to have. */
  judgeChange(order: Order, terms: JudgedTerms): GateDecision {
    const added = Math.max(0, terms.qty - order.qty);
    return this.#policy === null
      ? this.#judgeByBase(order, terms, added, "modification")
      : this.#policy.judge(order, terms, added, "modification", undefined, false);
  }

  /** A change that was approved has happened, was refused after all, or has no order any more. */
  changeSettled(order: Order): void {
    this.#policy?.settle(order);
  }

  /** Hands an order to the venue on its recorded approval. @throws {Error} for a decision that approves nothing of the kind. */
  submit(order: Order, decision: GateDecision): void {
    const ticket = ticketOf(order, this.#parts.state.unitsAt(order.instrument));
    const gate = this.#policy?.gate ?? this.#base;
    if (gate === null) throw new Error("a run has a gate");
    this.#parts.venue.submit(gate.approve(ticket, order.id, decision));
  }

  #judgeByBase(order: Order, terms: JudgedTerms, added: number, subject: Judged["subject"]): GateDecision {
    const { state, account, exchange, venue, spec } = this.#parts;
    const base = this.#base;
    if (base === null) throw new Error("a run under a policy has no base gate");
    const units = state.unitsAt(order.instrument);
    const lastPrice = account.mark(order.instrument);
    const price = terms.limit ?? terms.stop ?? lastPrice ?? 0;
    const input: GateInput = {
      qty: terms.qty,
      limit: terms.limit,
      stop: terms.stop,
      lot: units.lot,
      min_qty: units.min_qty,
      tick: units.tick,
      reduce_only: order.reduce_only,
      last_price: lastPrice,
      rate_known: exchange.knows(order.instrument),
      flips: mayFlip(order, state, added),
      cash: state.portfolio.cash,
      shortfall: () =>
        account.shortfall({
          instrument: order.instrument,
          side: order.side,
          qty: added,
          price,
          commission: venue.costs(units, order.side, price, terms.qty),
        }),
    };
    const decision = base.decide(input, subject === "order" ? order.id : null);
    spec.onJudged?.({ order_id: order.id, subject }, () => base.readings(input, { ...units, currency: spec.config.account.currency }));
    return decision;
  }
}

/** Whether a run refuses what would turn a position over: its config does, or its policy. */
export function refusesFlips({ risk, forbid_flips }: RunConfig): boolean {
  return forbid_flips === true || (risk?.trading.crossing === "refuse" && risk.enforcement.guards === "enforce");
}

/** The policy's gate and what it is fed with. */
class PolicyDesk {
  readonly gate: PolicyGate;
  readonly splits: boolean;
  readonly watches: boolean;
  readonly guards: boolean;
  readonly #state: TradingState;
  readonly #flow: OrderFlow;
  /** By instrument; null where the policy does not ask. */
  readonly #readiness: readonly BarReadiness[] | null;
  readonly #seq: Sequencer;
  readonly #onJudged: EngineSpec["onJudged"];
  /** The order in hand: one object serves all of them, since whoever keeps something of it takes a copy. */
  readonly #judged: { -readonly [K in keyof GateOrder]: GateOrder[K] } = { ...NO_ORDER };
  /** Quantity that approved changes on their way will add: it counts as ordered. */
  readonly #reserved = new Map<Order, number[]>();

  constructor(parts: GateDeskParts, policy: RiskPolicy) {
    const { spec, state, sequencer } = parts;
    const { account, instruments } = spec.config;
    this.#state = state;
    this.#seq = sequencer;
    this.#onJudged = spec.onJudged;
    this.#flow = new OrderFlow(instruments.length, (policy.trading.duplicate_seconds ?? 0) * 1000);
    const book = new ReadinessBook();
    this.#readiness = policy.trading.readiness_seconds === null ? null : instruments.map(({ symbol }) => book.of(symbol));
    this.guards = policy.enforcement.guards === "enforce";
    const wouldSplit = policy.trading.crossing === "split" && !refusesFlips(spec.config);
    this.splits = wouldSplit && this.guards;
    this.watches = wouldSplit && !this.guards;
    this.gate = new PolicyGate({
      policy,
      account,
      instruments,
      view: viewOf(parts, this.#flow, this.#readiness),
      hash: spec.hash,
      forbid_flips: spec.config.forbid_flips === true,
    });
  }

  observe(instrument: number, ts: UtcMillis): void {
    this.#state.pending.touch(instrument);
    this.#readiness?.[instrument]?.closed(ts);
  }

  refused(instrument: number, faults: BarRefused["faults"]): void {
    this.#readiness?.[instrument]?.refused(faults);
  }

  cancelRequested(): void {
    this.#flow.cancelled(this.#seq.now);
  }

  judge(
    order: Order,
    { qty, limit, stop }: JudgedTerms,
    added: number,
    subject: GateOrder["subject"],
    signal: SignalEmitted | undefined,
    closes: boolean,
  ): GateDecision {
    const judged = this.#judged;
    judged.subject = subject;
    judged.instrument = order.instrument;
    judged.side = order.side;
    judged.type = order.type;
    judged.qty = qty;
    judged.added = added;
    judged.limit = limit;
    judged.stop = stop;
    judged.reduce_only = order.reduce_only;
    judged.closes = closes;
    judged.protective_stop = this.#protectiveStop(order, subject, signal);
    judged.flattens = isClosingSignal(order.signal_id);
    judged.sleeps = order.parent !== null && this.#state.brackets.openFor(order) === 0;
    const decision = this.gate.decide(judged, subject === "order" ? order.id : null);
    this.#onJudged?.({ order_id: order.id, subject }, () => this.gate.readings(judged));
    if (decision.decision === "approved") {
      this.#flow.passed(judged, this.#seq.now);
      if (subject === "modification") this.#reserve(order, added);
    }
    return decision;
  }

  /** The stop that an entry brings, or that it brought when it was new. */
  #protectiveStop(order: Order, subject: GateOrder["subject"], signal: SignalEmitted | undefined): number | null {
    if (subject === "modification") return stopBroughtBy(order, this.#state);
    const { instrument } = order;
    const price = signal?.stop_loss_price;
    return price === undefined ? null : scaledOf(price, this.#state.unitsAt(instrument).price_scale);
  }

  settle(order: Order): void {
    const reserved = this.#reserved.size === 0 ? undefined : this.#reserved.get(order);
    if (reserved === undefined) return;
    // An order that has ended takes all its changes with it.
    for (let qty = reserved.shift(); qty !== undefined; qty = isOpen(order) ? undefined : reserved.shift())
      this.#state.pending.shift(order, -qty);
    if (reserved.length === 0) this.#reserved.delete(order);
  }

  #reserve(order: Order, qty: number): void {
    this.#state.pending.shift(order, qty);
    const reserved = this.#reserved.get(order);
    if (reserved === undefined) this.#reserved.set(order, [qty]);
    else reserved.push(qty);
  }
}

/** The account and its market as the gate asks for them. */
function viewOf(parts: GateDeskParts, flow: OrderFlow, readiness: readonly BarReadiness[] | null): RiskView {
  const { spec, state, account, sequencer, venue, exchange, market, figures } = parts;
  if (figures === null) throw new Error("a run under a policy keeps the figures that its gate reads");
  const hours = spec.config.instruments.map(({ calendar }) => new TradingHours(calendarById(calendar)));
  return {
    get now(): UtcMillis {
      return sequencer.now;
    },
    get cash(): bigint {
      return state.portfolio.cash;
    },
    figures,
    positions: state.portfolio.positions,
    marks: account.marks,
    marked_at: account.marked_at,
    pending: state.pending,
    flow,
    working: (instrument) => state.workingAt(instrument),
    sleeps: (order) => state.brackets.openFor(order) === 0,
    knowsRate: (instrument) => exchange.knows(instrument),
    rateOf: (currency) => exchange.rateOf(currency, sequencer.now),
    isTrading: (instrument) => hours[instrument]?.holds(sequencer.now) === true,
    dataOf: (instrument) => readiness?.[instrument]?.at(sequencer.now) ?? UNKNOWN_DATA,
    volumeOf: (instrument, bars) => market.volumeOf(instrument, bars),
    slipped: (instrument, side, price, qty) => {
      const units = state.unitsAt(instrument);
      return venue.slipped(units, side, price, qty, market.volume(instrument, units));
    },
    shortfall: ({ instrument, side, qty, added }, price) =>
      account.shortfall({ instrument, side, qty: added, price, commission: venue.costs(state.unitsAt(instrument), side, price, qty) }),
  };
}

/** Whether a calendar has a session, asked of it once a session. */
class TradingHours {
  readonly #calendar: Calendar;
  #session: Session | null = null;

  constructor(calendar: Calendar) {
    this.#calendar = calendar;
  }

  holds(ts: UtcMillis): boolean {
    if (this.#session !== null && ts > this.#session.open && ts <= this.#session.close) return true;
    this.#session = this.#calendar.sessionAt(ts);
    return this.#session !== null;
  }
}

const UNKNOWN_DATA = { age_ms: null, faults: [] } as const;
