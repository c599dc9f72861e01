/**
 * How much of each limit of a run's policy was used, folded from its tape and bars.
 *
 * Limits are read by the gate's own rules on the account as the gate saw it: after each close, and with each order that was approved, every open
 * order filled in the worst order. Orders that only reduce are not read, as entry limits do not ask them.
 */
import { Account } from "../engine/account.js";
import { BarMarket } from "../engine/bar-market.js";
import { isClosingSignal } from "../engine/closing-signals.js";
import { type Exchange, exchangeOf } from "../engine/exchange.js";
import { splitPrice } from "../engine/ledger.js";
import { stopBroughtBy } from "../engine/protective-stop.js";
import type { RunConfig, RunInputs } from "../engine/run-config.js";
import type { DecimalText, OrderModifyRequested, RiskDecided, SessionClosed, SignalEmitted } from "../engine/run-events.js";
import { TradingState } from "../engine/trading-state.js";
import { Case } from "../gate/case.js";
import { limitMeters } from "../gate/limit-meters.js";
import { MINUTE_MS, OrderFlow } from "../gate/order-flow.js";
import type { RiskPolicy } from "../gate/policy.js";
import { isRiskEvent } from "../gate/risk-events.js";
import { RiskState } from "../gate/risk-state.js";
import type { GateOrder, RiskView } from "../gate/risk-view.js";
import { sessionDays } from "../gate/session-days.js";
import type { BarColumns } from "../market/bars.js";
import { calendarById } from "../market/calendars/registry.js";
import { bigOf, formatBig, scaledOf } from "../money/decimal.js";
import { unitsOf } from "../money/units.js";
import { isOpen, type Order } from "../orders/order.js";
import type { UtcMillis } from "../tape/event.js";
import type { Sha256Fn } from "../tape/hash.js";
import { SimVenue } from "../venue/sim-venue.js";
import { isAfterClose } from "./after-close.js";
import { BarWalk } from "./bar-walk.js";
import { LimitUsage } from "./limit-usage.js";
import type { PositionedEvent } from "./positioned-event.js";
import type { ExposureProof, LimitUse } from "./risk-exposure.js";
import { WaitingChanges } from "./waiting-changes.js";

export interface ExposureFoldParts {
  readonly config: RunConfig;
  readonly policy: RiskPolicy;
  /** By symbol; of a run only rows that its tape attaches are read, of a session all, which are those on its tape. */
  readonly columns: ReadonlyMap<string, BarColumns>;
  readonly inputs: RunInputs;
  readonly hash: Sha256Fn;
}

export interface ExposureFolded {
  /** In the order of decision. */
  readonly limits: readonly LimitUse[];
  readonly proof: ExposureProof;
}

/** Tape and bars say different things of the account: they do not belong together. */
export class ExposureMismatch extends Error {
  readonly position: number;

  constructor(position: number, stated: DecimalText, folded: DecimalText) {
    super(`event ${position} states equity ${stated}, folding the tape gives ${folded}`);
    this.name = "ExposureMismatch";
    this.position = position;
  }
}

export class ExposureFold {
  readonly #config: RunConfig;
  readonly #hash: Sha256Fn;
  readonly #state: TradingState;
  readonly #account: Account;
  readonly #bars: readonly BarColumns[];
  readonly #walk: BarWalk;
  readonly #exchange: Exchange;
  readonly #market: BarMarket;
  readonly #risk: RiskState;
  readonly #flow: OrderFlow;
  readonly #case: Case;
  readonly #usages: readonly LimitUsage[];
  readonly #dayOf: (ts: UtcMillis) => string;
  /** Entries that brought exits along, until they are decided on. */
  readonly #signals = new Map<string, SignalEmitted>();
  readonly #changes = new WaitingChanges();
  /** Quantity that approved changes on their way will add, by order, oldest first. */
  readonly #reserved = new Map<Order, number[]>();
  /** Newest row of each instrument that was marked; -1 before the first. */
  readonly #rows: Int32Array;
  /** Account as it was when it was read last, where it held and awaited nothing. */
  #idle = "";
  #now: UtcMillis = 0;
  #sessions = 0;
  #agreeing = 0;

  /** @throws {RangeError} when an instrument of the run has no columns, or its exchange rates are not among the inputs. */
  constructor({ config, policy, columns, inputs, hash }: ExposureFoldParts) {
    this.#hash = hash;
    const { instruments, account } = config;
    const bars = instruments.map(({ symbol }) => {
      const own = columns.get(symbol);
      if (own === undefined) throw new RangeError(`no bars were given for ${symbol}`);
      return own;
    });
    const units = instruments.map((instrument, i) => unitsOf(instrument, (bars[i] as BarColumns).price_scale, account.scale));
    this.#config = config;
    this.#state = new TradingState(units, bigOf(account.cash, account.scale), account.scale);
    this.#account = new Account(this.#state);
    this.#bars = bars;
    this.#walk = new BarWalk(bars);
    this.#rows = new Int32Array(bars.length).fill(-1);
    this.#exchange = exchangeOf(config, units, inputs);
    this.#market = new BarMarket(
      bars.map((own) => ({ columns: own, sessions: [], session_sha256: [] })),
      config.execution.participation,
    );
    this.#risk = new RiskState({ portfolio: this.#state.portfolio, money_scale: account.scale, window: rejectionWindow(policy) });
    this.#flow = new OrderFlow(instruments.length, 0);
    const view = this.#view(new SimVenue(config.execution, account.scale));
    this.#case = new Case(
      view,
      instruments.flatMap(({ currency }, i) => (currency === account.currency ? [] : [i])),
    );
    this.#usages = limitMeters({ policy, account, instruments }).map((meter) => new LimitUsage(meter));
    this.#dayOf = sessionDays(policy.day_calendar ?? instruments[0]?.calendar ?? "24/7");
  }

  /**
   * Folds the next event.
   * @param follows whether it follows from another event of its time, bars aside: see {@link isAfterClose}.
   * @throws {ExposureMismatch} when a session's equity differs from the folded one.
   */
  apply(event: PositionedEvent, follows: boolean): void {
    const { occurred_at: ts } = event;
    this.#advance(ts, isAfterClose(event, follows) || (event.type === "run.completed" && this.#barsSeen() < event.payload.bars));
    if (this.#walk.nextDue() === ts) this.#beginSlice(ts);
    this.#now = ts;
    switch (event.type) {
      case "bars.attached":
        this.#walk.attach(event.payload);
        break;
      case "session.started":
        // The bars of a session stand on its tape: they are what was gathered from there.
        for (const bars of this.#bars) this.#walk.attach(wholeOf(bars));
        break;
      case "signal.emitted":
        if (event.payload.stop_loss_price !== undefined) this.#signals.set(event.payload.signal_id, event.payload);
        break;
      case "order.modify_requested":
        this.#changes.asked(event.payload);
        break;
      case "order.modify_rejected":
      case "order.modified":
        this.#changes.answered(event.payload.order_id);
        break;
      case "order.cancel_requested":
        this.#flow.cancelled(ts);
        break;
      case "risk.decided":
        this.#decided(event.payload, ts);
        break;
      default:
        break;
    }
    const order = this.#reserved.size === 0 ? undefined : this.#orderOf(event);
    this.#fold(event);
    if (order !== undefined) this.#settle(order, event.type === "order.modified" || event.type === "order.modify_rejected");
    if (event.type === "session.closed") this.#prove(event.payload, event.position);
    if (event.type === "session.closed" || event.type === "run.completed") this.#read(ts);
  }

  finish(): ExposureFolded {
    return { limits: this.#usages.map((usage) => usage.finish()), proof: { sessions: this.#sessions, agreeing: this.#agreeing } };
  }

  #orderOf({ payload }: PositionedEvent): Order | undefined {
    return "order_id" in payload ? this.#state.find(payload.order_id) : undefined;
  }

  #fold(event: PositionedEvent): void {
    const state = this.#state;
    const filled = this.#orderOf(event);
    state.apply(event);
    if (isRiskEvent(event)) this.#risk.apply(event);
    switch (event.type) {
      case "order.submitted":
        this.#risk.counted("submitted", event.occurred_at);
        return;
      case "order.rejected":
        this.#risk.counted("rejected", event.occurred_at);
        return;
      case "order.filled":
      case "order.partially_filled":
        if (filled !== undefined) this.#risk.filled(filled.instrument, state.position(filled.instrument));
        return;
      case "split.applied": {
        const { symbol, numerator, denominator } = event.payload;
        const instrument = state.indexOf(symbol);
        this.#walk.rescale(instrument, (price) => splitPrice(price, numerator, denominator));
        this.#account.marks[instrument] = this.#walk.closes[instrument] as number;
        this.#state.pending.touch(instrument);
        this.#risk.split(instrument, state.position(instrument));
        return;
      }
      default:
        return;
    }
  }

  /** Takes every close before `ts`, and those at it where it is inclusive. */
  #advance(ts: UtcMillis, inclusive: boolean): void {
    for (let due = this.#walk.nextDue(); due < ts || (inclusive && due === ts); due = this.#walk.nextDue()) {
      this.#beginSlice(due);
      this.#walk.take(due);
      for (let i = 0; i < this.#rows.length; i++) {
        const row = this.#walk.rows[i] as number;
        if (row === this.#rows[i]) continue;
        this.#rows[i] = row;
        this.#account.marks[i] = this.#walk.closes[i] as number;
        this.#account.marked_at[i] = due;
        this.#state.pending.touch(i);
        this.#market.enter(i, row, false);
      }
      this.#risk.closed(this.#account.equity());
      this.#read(due);
    }
  }

  #barsSeen(): number {
    let bars = 0;
    for (let i = 0; i < this.#rows.length; i++) bars += this.#walk.seen(i);
    return bars;
  }

  /** A new session day takes its start from everything booked before; rates move after it. */
  #beginSlice(ts: UtcMillis): void {
    const day = this.#dayOf(ts);
    if (this.#risk.day === null || day > this.#risk.day) {
      this.#risk.beginDay(day, this.#account.equity());
      for (const usage of this.#usages) usage.beginDay(day);
      this.#idle = "";
    }
    this.#now = ts;
    this.#exchange.moveTo(ts);
  }

  /** Reads every limit on the account as it is. */
  #read(at: UtcMillis): void {
    const marked = this.#account.marks.findIndex((mark) => !Number.isNaN(mark));
    if (marked < 0 || this.#standsStill()) return;
    const c = this.#case;
    c.begin({ ...NOTHING, instrument: marked });
    for (const usage of this.#usages) {
      const { meter } = usage;
      if (meter.of === "account") usage.read(meter.read(c), at, null);
      else if (meter.readOf !== undefined)
        for (let i = 0; i < this.#account.marks.length; i++)
          if (!Number.isNaN(this.#account.marks[i])) usage.read(meter.readOf(c, i), at, null);
    }
  }

  /** True where nothing is held or awaited, as at the reading before, and no figure has moved since. */
  #standsStill(): boolean {
    const { portfolio, working } = this.#state;
    if (portfolio.positions.some(({ qty }) => qty !== 0) || working.some((orders) => orders.length > 0)) {
      this.#idle = "";
      return false;
    }
    const { peakEquity, dayStartEquity, consecutiveLosses } = this.#risk;
    const now = `${portfolio.cash}/${peakEquity}/${dayStartEquity}/${consecutiveLosses}`;
    const same = now === this.#idle;
    this.#idle = now;
    return same;
  }

  #decided({ order_id, subject, decision }: RiskDecided, at: UtcMillis): void {
    const change = subject === "modification" ? this.#changes.decided(order_id) : null;
    const order = this.#state.find(order_id);
    if (order === undefined || decision === "denied") return;
    const judged = subject === "modification" ? this.#changed(order, change) : this.#made(order);
    const c = this.#case;
    c.begin(judged);
    if (c.sound && !c.reduces) {
      for (const usage of this.#usages) usage.read(usage.meter.read(c), at, order_id);
      this.#idle = "";
    }
    this.#flow.passed(judged, at);
    if (subject === "modification") this.#reserve(order, judged.added);
  }

  /** What an approved change adds counts as ordered while it is on its way, as the gate counts it. */
  #reserve(order: Order, qty: number): void {
    this.#state.pending.shift(order, qty);
    this.#reserved.set(order, [...(this.#reserved.get(order) ?? []), qty]);
  }

  /** @param answered one change came to its end; an order that has ended takes all of its changes with it. */
  #settle(order: Order, answered: boolean): void {
    const reserved = this.#reserved.get(order) ?? [];
    const count = isOpen(order) ? (answered ? 1 : 0) : reserved.length;
    for (const qty of reserved.splice(0, count)) this.#state.pending.shift(order, -qty);
    if (reserved.length === 0) this.#reserved.delete(order);
  }

  #made(order: Order): GateOrder {
    // An exit, or the part that closes before the rest opens, is not what brings the stop.
    const stop = order.reduce_only ? undefined : this.#signals.get(order.signal_id)?.stop_loss_price;
    if (!order.reduce_only) this.#signals.delete(order.signal_id);
    const { price_scale } = this.#state.unitsAt(order.instrument);
    return this.#gateOrder(order, {
      ...{ subject: "order", qty: order.qty, added: 0, limit: order.limit, stop: order.stop },
      protective_stop: stop === undefined ? null : scaledOf(stop, price_scale),
    });
  }

  #changed(order: Order, change: OrderModifyRequested | null): GateOrder {
    const { price_scale, qty_scale } = this.#state.unitsAt(order.instrument);
    const qty = change?.qty === undefined ? order.qty : scaledOf(change.qty, qty_scale);
    return this.#gateOrder(order, {
      subject: "modification",
      qty,
      added: Math.max(0, qty - order.qty),
      limit: change?.limit_price === undefined ? order.limit : scaledOf(change.limit_price, price_scale),
      stop: change?.stop_price === undefined ? order.stop : scaledOf(change.stop_price, price_scale),
      protective_stop: stopBroughtBy(order, this.#state),
    });
  }

  #gateOrder(order: Order, terms: Pick<GateOrder, "subject" | "qty" | "added" | "limit" | "stop" | "protective_stop">): GateOrder {
    const { instrument, side, type, reduce_only } = order;
    const sleeps = this.#state.brackets.openFor(order) === 0;
    return { instrument, side, type, reduce_only, flattens: isClosingSignal(order.signal_id), sleeps, ...terms };
  }

  #prove({ equity, risk_sha256 }: SessionClosed, position: number): void {
    const { scale } = this.#config.account;
    const folded = this.#account.equity();
    if (folded !== bigOf(equity, scale)) throw new ExposureMismatch(position, equity, formatBig(folded, scale));
    this.#sessions += 1;
    if (this.#hash(this.#risk.text()) === risk_sha256) this.#agreeing += 1;
  }

  #view(venue: SimVenue): RiskView {
    const fold = this;
    const state = this.#state;
    const calendars = this.#config.instruments.map(({ calendar }) => calendarById(calendar));
    return {
      get now(): UtcMillis {
        return fold.#now;
      },
      get cash(): bigint {
        return state.portfolio.cash;
      },
      figures: this.#risk.figures(() => this.#account.equity()),
      positions: state.portfolio.positions,
      marks: this.#account.marks,
      marked_at: this.#account.marked_at,
      pending: state.pending,
      flow: this.#flow,
      working: (instrument) => state.workingAt(instrument),
      sleeps: (order) => state.brackets.openFor(order) === 0,
      knowsRate: (instrument) => this.#exchange.knows(instrument),
      rateOf: (currency) => this.#exchange.rateOf(currency, this.#now),
      isTrading: (instrument) => calendars[instrument]?.sessionAt(this.#now) !== null,
      // Ages and means limit nothing that is metered.
      dataOf: () => ({ age_ms: null, faults: [] }),
      shortfall: () => 0n,
      volumeOf: (instrument, bars) => this.#market.volumeOf(instrument, bars),
      slipped: (instrument, side, price, qty) => {
        const units = state.unitsAt(instrument);
        return venue.slipped(units, side, price, qty, this.#market.volume(instrument, units));
      },
    };
  }
}

function wholeOf({ symbol, rows, ts }: BarColumns): Parameters<BarWalk["attach"]>[0] {
  return { symbol, first_row: 0, row_count: rows, first_ts: ts[0] ?? 0, last_ts: ts[rows - 1] ?? 0 };
}

/** How far back a policy looks at refusals of the venue. */
function rejectionWindow({ kill_switch }: RiskPolicy): number {
  return Math.max(0, ...kill_switch.rejection_rate.map(({ minutes }) => minutes * MINUTE_MS));
}

const NOTHING: GateOrder = {
  ...{ subject: "order", instrument: 0, side: "buy", type: "market", qty: 0, added: 0, limit: null, stop: null },
  ...{ reduce_only: false, protective_stop: null, flattens: false, sleeps: false },
};
