/**
 * Kill switch, daily freeze and alerts of a run that has a policy.
 *
 * Figures are judged once per slice, when its closes are known, and where a fill or a venue's refusal changes a count. What the judge finds becomes
 * events; once the tape has taken them they are folded, and a trip does what its event says: cancels what works, and closes positions.
 */
import { decideNewDay } from "../gate/daily-freeze.js";
import { decideReset, lockEnd } from "../gate/kill-switch.js";
import type { RiskPolicy } from "../gate/policy.js";
import { DEFAULT_SCOPE, isRiskEvent, type KillSwitchTripped, type RiskEvent, riskStream } from "../gate/risk-events.js";
import type { RiskFigures } from "../gate/risk-figures.js";
import { notificationsOf, type RiskFinding, RiskJudge } from "../gate/risk-judge.js";
import { RiskState } from "../gate/risk-state.js";
import { sessionDays } from "../gate/session-days.js";
import { formatBig } from "../money/decimal.js";
import type { Order } from "../orders/order.js";
import { causeOfPin } from "../tape/block.js";
import type { UtcMillis } from "../tape/event.js";
import type { Account } from "./account.js";
import { isClosingSignal } from "./closing-signals.js";
import type { EngineSpec } from "./engine-spec.js";
import type { Exchange } from "./exchange.js";
import type { OrderEvents } from "./order-events.js";
import type { Proposal } from "./proposal.js";
import type { Sequencer } from "./sequencer.js";
import type { SessionBook } from "./session-book.js";
import type { TradingState } from "./trading-state.js";

export interface RiskDeskParts {
  readonly spec: EngineSpec;
  readonly state: TradingState;
  readonly account: Account;
  readonly sequencer: Sequencer;
  readonly orders: OrderEvents;
  readonly exchange: Exchange;
  readonly sessions: SessionBook;
  /** Asks for a position to be closed by a signal of the switch's own. */
  readonly close: (instrument: number, number: number) => void;
}

/** The desk of a run with a policy; null where it has none. */
export function riskDeskOf(parts: RiskDeskParts): RiskDesk | null {
  const { risk } = parts.spec.config;
  return risk === undefined ? null : new RiskDesk(parts, risk);
}

const STREAM = riskStream(DEFAULT_SCOPE);

export class RiskDesk {
  readonly risk: RiskState;
  readonly figures: RiskFigures;
  readonly #policy: RiskPolicy;
  readonly #state: TradingState;
  readonly #account: Account;
  readonly #seq: Sequencer;
  readonly #orders: OrderEvents;
  readonly #sessions: SessionBook;
  readonly #close: RiskDeskParts["close"];
  readonly #judge: RiskJudge;
  readonly #dayOf: (ts: UtcMillis) => string;
  readonly #moneyScale: number;
  /** Newest close of each instrument when its slice was judged; NaN before the first. */
  readonly #seen: Float64Array;
  /** Bounds within which a close changes nothing, exact and as doubles; null where every close is judged. */
  #quiet: { readonly above: bigint; readonly upTo: bigint; readonly low: number; readonly high: number } | null = null;
  /** A trip whose positions are still to be closed, and the quantity of each that was asked to be closed last. */
  #flattening = false;
  readonly #asked: Float64Array;
  #wantsFlat = false;
  #flatCause = 0;
  /** Signals with which positions were closed. */
  #closings = 0;

  constructor(parts: RiskDeskParts, policy: RiskPolicy) {
    const { spec, state } = parts;
    const { config } = spec;
    this.#policy = policy;
    this.#state = state;
    this.#account = parts.account;
    this.#seq = parts.sequencer;
    this.#orders = parts.orders;
    this.#sessions = parts.sessions;
    this.#close = parts.close;
    this.#moneyScale = config.account.scale;
    this.risk = new RiskState({
      portfolio: state.portfolio,
      money_scale: config.account.scale,
      window: Math.max(0, ...policy.kill_switch.rejection_rate.map(({ minutes }) => minutes * MS_PER_MINUTE)),
    });
    this.figures = this.risk.figures(() => this.#account.equity());
    this.#judge = new RiskJudge(policy, config.account, (currency) => parts.exchange.rateOf(currency, this.#seq.now));
    this.#dayOf = sessionDays(policy.day_calendar ?? config.instruments[0]?.calendar ?? "24/7");
    this.#seen = new Float64Array(config.instruments.length).fill(Number.NaN);
    this.#asked = new Float64Array(config.instruments.length);
  }

  /** A slice begins: a new session day takes its start from everything booked before. */
  begin(ts: UtcMillis): void {
    const day = this.#dayOf(ts);
    if (day === this.risk.day || (this.risk.day !== null && day < this.risk.day)) return;
    const cleared = decideNewDay(this.risk.dailyFreeze, day);
    this.risk.beginDay(day, this.#account.equity());
    this.#asked.fill(0);
    this.#quiet = null;
    if (cleared === null) return;
    const { cause } = this.#seq;
    // The clock clears it, and nothing else that the tape could name.
    this.#seq.cause = causeOfPin(0);
    this.#seq.propose("daily_freeze.cleared", STREAM, cleared);
    this.#seq.cause = cause;
  }

  /** The closes of a slice are known. @param cause what its bars came by */
  closed(ts: UtcMillis, cause: number): void {
    if (this.#flattening) this.#wantFlat(cause);
    const age = this.#staleness(ts);
    const limit = this.#policy.kill_switch.data_staleness_seconds;
    const fresh = limit === null || age === null || age <= limit * MS_PER_SECOND;
    if (fresh && this.#surelyQuiet()) return;
    const equity = this.#account.equity();
    const above = this.#quiet?.above ?? null;
    this.risk.closed(equity);
    // A close that only moves the peak meets no level.
    if (!fresh || above === null || equity <= above) {
      this.#seq.cause = cause;
      this.#record({ equity, staleness_ms: age });
    }
    this.#setBounds();
  }

  /** Folds an accepted event. */
  fold(proposal: Proposal): void {
    const { order, kind } = proposal;
    if (order === null) {
      this.#foldPlain(proposal);
      return;
    }
    switch (kind) {
      case "order.submitted":
        this.risk.counted("submitted", proposal.occurred_at);
        return;
      case "order.rejected":
        this.risk.counted("rejected", proposal.occurred_at);
        return;
      case "order.filled":
      case "order.partially_filled":
        this.risk.filled(order.instrument, this.#state.position(order.instrument));
    }
  }

  /** What follows an accepted event that was folded. */
  answer(proposal: Proposal): void {
    switch (proposal.kind) {
      case "order.rejected":
      case "order.filled":
      case "order.partially_filled":
        this.#record({ equity: null, staleness_ms: null });
        return;
      case "order.accepted":
        // It was on its way when the switch was tripped.
        if (this.#stops && proposal.order !== null) this.#cancel(proposal.order);
        return;
      case "kill_switch.tripped":
        this.#actOn(proposal.fact as KillSwitchTripped);
        return;
      case "kill_switch.trip_requested":
      case "kill_switch.reset_requested":
        if (isRiskEvent(proposal.event)) this.#actOnRequest(proposal.event);
        return;
      case "kill_switch.reset":
        this.#flattening = false;
        this.#quiet = null;
    }
  }

  /** True where positions are to be closed. */
  get busy(): boolean {
    return this.#wantsFlat;
  }

  /** Asks for positions to be closed that have no order left: each once per quantity and session day. */
  work(): void {
    this.#wantsFlat = false;
    this.#seq.cause = this.#flatCause;
    this.#state.portfolio.positions.forEach(({ qty }, instrument) => {
      if (qty === 0 || this.#asked[instrument] === qty || this.#state.workingAt(instrument).length > 0) return;
      this.#asked[instrument] = qty;
      this.#closings += 1;
      this.#close(instrument, this.#closings);
    });
  }

  /** Drops waiting work: the run is over. */
  abandon(): void {
    this.#wantsFlat = false;
    this.#flattening = false;
  }

  /** True while the switch stops submissions and its policy cancels what works. */
  get #stops(): boolean {
    return this.risk.killSwitch.status === "tripped" && this.#policy.kill_switch.actions.cancel_orders && !this.#observes;
  }

  get #observes(): boolean {
    return this.#policy.enforcement.guards === "observe";
  }

  #foldPlain(proposal: Proposal): void {
    const { kind } = proposal;
    if (kind === "split.applied") {
      const { symbol } = proposal.payload as { readonly symbol: string };
      const instrument = this.#state.indexOf(symbol);
      this.risk.split(instrument, this.#state.position(instrument));
      return;
    }
    const { event } = proposal;
    if (!isRiskEvent(event)) return;
    this.risk.apply(event);
    this.#quiet = null;
  }

  #record(measures: { readonly equity: bigint | null; readonly staleness_ms: number | null }): void {
    const found = this.#judge.judge(this.risk, { ...measures, reconciliation_difference: null }, this.#seq.now);
    for (const finding of found) this.#propose(finding);
  }

  #propose({ type, payload }: RiskFinding): void {
    this.#seq.propose(type, STREAM, payload);
  }

  #actOn({ cancel_orders, flatten, observe_only }: KillSwitchTripped): void {
    if (observe_only === true) return;
    if (cancel_orders) for (const order of this.#state.openOrders()) if (order.status !== "created") this.#cancel(order);
    this.#flattening = flatten;
    if (flatten) this.#wantFlat(this.#seq.cause);
  }

  #wantFlat(cause: number): void {
    this.#wantsFlat = true;
    this.#flatCause = cause;
  }

  /** A cancel goes the way of every cancel: it takes as long, and the order may fill before it. */
  #cancel(order: Order): void {
    if (!isClosingSignal(order.signal_id) && !this.#orders.isLeaving(order))
      this.#orders.propose("order.cancel_requested", order, { order_id: order.id });
  }

  #actOnRequest(request: RiskEvent): void {
    const { now } = this.#seq;
    const { actions } = this.#policy.kill_switch;
    if (request.type === "kill_switch.trip_requested") {
      // Tripping a tripped switch changes nothing.
      if (this.risk.killSwitch.status === "tripped") return;
      const { reason, lock_hours } = request.payload;
      const { cancel_orders, flatten, notify } = actions;
      const payload = { trigger: "operator", reason, locked_until: lockEnd(now, lock_hours), cancel_orders, flatten } as const;
      this.#propose({ type: "kill_switch.tripped", payload });
      for (const told of notificationsOf(notify, "kill_switch.tripped", reason)) this.#propose(told);
      return;
    }
    if (request.type !== "kill_switch.reset_requested") return;
    const verdict = decideReset(this.risk.killSwitch, request.payload, now);
    if (verdict.kind === "refused") this.#seq.propose("kill_switch.reset_refused", STREAM, verdict.payload);
    else
      this.#seq.propose("kill_switch.reset", STREAM, {
        ...verdict.payload,
        equity: formatBig(this.#account.equity(), this.#moneyScale),
      });
  }

  /** Age of the oldest newest bar of an instrument in session, before this slice's bars; null where nothing asks for it. */
  #staleness(ts: UtcMillis): number | null {
    if (this.#policy.kill_switch.data_staleness_seconds === null) return null;
    let oldest: number | null = null;
    for (let i = 0; i < this.#seen.length; i++) {
      const open = this.#sessions.openOf(i);
      const seen = this.#seen[i] as number;
      if (open !== null) oldest = Math.max(oldest ?? 0, ts - (seen > open ? seen : open));
      this.#seen[i] = this.#account.marked_at[i] as number;
    }
    return oldest;
  }

  /** True where this close moves no figure and meets no level. In doubles where positions are held, with room for what they may be wrong by. */
  #surelyQuiet(): boolean {
    const quiet = this.#quiet;
    if (quiet === null) return false;
    const { cash, positions } = this.#state.portfolio;
    let equity = 0;
    let gross = 0;
    let held = 0;
    for (let i = 0; i < positions.length; i++) {
      const position = positions[i];
      if (position === undefined || position.qty === 0) continue;
      if (position.units.settlement !== "cash") return false;
      const value = position.qty * (this.#account.marks[i] as number) * (position.units.up / position.units.down);
      equity += value;
      gross += Math.abs(value);
      held += 1;
    }
    if (held === 0) return cash <= quiet.upTo && cash > quiet.above;
    equity += Number(cash);
    const doubt = (gross + Math.abs(Number(cash))) * DOUBT + held + 1;
    return equity + doubt <= quiet.high && equity - doubt > quiet.low;
  }

  #setBounds(): void {
    const above = this.#judge.quietAbove(this.risk);
    const upTo = this.risk.peakEquity;
    this.#quiet = above === null ? null : { above, upTo, low: Number(above), high: Number(upTo) };
  }
}

const MS_PER_MINUTE = 60_000;
const MS_PER_SECOND = 1000;
/** Far more than what sums of doubles can be wrong by, as a fraction of what was summed. */
const DOUBT = 1e-9;
