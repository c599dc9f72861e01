/**
 * The step function of a run. It is fed closed bars and accepted events, and answers with proposals.
 *
 * The driver appends each list of proposals to the tape as one batch and feeds it back, first in, first out, before the next
 * input: no part of the engine sees an event that the tape has not accepted. Orders and positions change only in
 * {@link TradingState}. Per close time the venue matches, fills are handled, the strategy sees the slice, new orders follow.
 */
import { barBegan } from "../market/bar-grid.js";
import { calendarById } from "../market/calendars/registry.js";
import { bigOf, formatBig, pow10 } from "../money/decimal.js";
import { unitsOf } from "../money/units.js";
import type { OrderState } from "../orders/order.js";
import { causeOfPin } from "../tape/block.js";
import type { UtcMillis } from "../tape/event.js";
import { SimVenue } from "../venue/sim-venue.js";
import { Account } from "./account.js";
import { accountReader } from "./account-reader.js";
import { BarMarket } from "./bar-market.js";
import { BarView, moveBarView, refillSlice, SliceView } from "./bar-view.js";
import { attachmentOf, columnsAt, type EngineSpec } from "./engine-spec.js";
import { SliceFeed } from "./feed.js";
import { InvariantGuard } from "./invariant-guard.js";
import { Ledger } from "./ledger.js";
import { OrderDesk } from "./order-desk.js";
import { OrderEvents } from "./order-events.js";
import { type Proposal, Sequencer } from "./sequencer.js";
import { type OpenSession, SessionBook } from "./session-book.js";
import { type StateHashes, stateHashes } from "./state-hashes.js";
import { StrategyFailure, StrategyRunner } from "./strategy-runner.js";
import { TradingState } from "./trading-state.js";
import { VenueDesk } from "./venue-desk.js";

type Phase =
  | "start"
  | "next"
  | "close_before"
  | "open"
  | "actions"
  | "match"
  | "decide"
  | "close_after"
  | "end"
  | "flatten"
  | "final_close"
  | "complete"
  | "done";

/** Numbers of orders begin at 1: below them stand the stages of an instrument's matching. */
const MATCHING = -1;
const MATCHED = -2;

export class Engine {
  readonly state: TradingState;
  bars: number = 0;
  slices: number = 0;
  /** Rises by one with every command that proposes something. */
  commands: number = 0;
  readonly #spec: EngineSpec;
  readonly #seq: Sequencer = new Sequencer();
  readonly #account: Account;
  readonly #runner: StrategyRunner;
  readonly #desk: OrderDesk;
  readonly #venueDesk: VenueDesk;
  readonly #market: BarMarket;
  readonly #ledger: Ledger;
  readonly #guard: InvariantGuard;
  readonly #feed: SliceFeed;
  readonly #sessions: SessionBook;
  readonly #views: readonly BarView[];
  readonly #slice: SliceView;
  readonly #warmup: number;
  readonly #barsPin: Int32Array;
  #phase: Phase = "start";
  #pins = 0;
  #sessionCount = 0;
  /** Sessions that end in the phase in hand. */
  #closing: OpenSession[] = [];
  #expired = false;
  /** Whether the close in hand has been settled, and the strategy told of it. */
  #settled = false;
  #told = false;
  #matchMember = 0;
  #matchAfter = 0;
  #commandKind: "start" | "slice" | "end" | "close" = "start";
  #closeId = "";
  #failure: StrategyFailure | null = null;

  constructor(spec: EngineSpec) {
    const { config } = spec;
    this.#spec = spec;
    const units = config.instruments.map((instrument, i) => unitsOf(instrument, columnsAt(spec, i).price_scale, config.account.scale));
    this.state = new TradingState(units, bigOf(config.account.cash, config.account.scale), config.account.scale);
    this.#account = new Account(this.state);
    const orders = new OrderEvents(this.#seq);
    const venue = new SimVenue(config.execution, config.account.scale);
    const trading = { state: this.state, account: this.#account, sequencer: this.#seq, orders, venue };
    this.#market = new BarMarket(spec.instruments, config.execution.participation);
    this.#venueDesk = new VenueDesk({
      ...trading,
      execution: config.execution,
      market: this.#market,
      forbid_flips: config.forbid_flips === true,
    });
    this.#ledger = new Ledger({ ...trading, spec });
    this.#desk = new OrderDesk({ ...trading, spec, venueDesk: this.#venueDesk, exchange: this.#ledger.exchange });
    this.#runner = new StrategyRunner({
      definition: spec.strategy,
      params: config.strategy.params,
      units,
      calendars: config.instruments.map(({ calendar }) => calendarById(calendar)),
      account: accountReader(this.state, this.#account, config.account.scale),
    });
    this.#guard = new InvariantGuard(this.state, this.#account, config, spec.check_every);
    this.#views = spec.instruments.map(({ columns }) => new BarView(columns, pow10(columns.price_scale), pow10(columns.volume_scale)));
    this.#slice = new SliceView(this.#views);
    this.#feed = new SliceFeed(spec.instruments.map(({ columns, sessions }) => ({ columns, ranges: sessions })));
    const regular = spec.strategy.meta.session === "regular";
    this.#sessions = new SessionBook(
      config.instruments.map((instrument, i) => ({
        calendar: instrument.calendar,
        ranges: spec.instruments[i]?.sessions ?? [],
        closes_on_time: regular || instrument.calendar === "24/7",
      })),
    );
    this.#barsPin = new Int32Array(units.length);
    this.#warmup = this.#runner.warmup;
  }

  /** The strategy's fault that ended the run, or null. */
  get failure(): StrategyFailure | null {
    return this.#failure;
  }

  /** Id of the command in hand: what the ids of its events derive from. */
  get command(): string {
    switch (this.#commandKind) {
      case "slice":
        return `slice/${this.#feed.ts}`;
      case "close":
        return `close/${this.#closeId}`;
      default:
        return this.#commandKind;
    }
  }

  /** True until the slices that only fill indicators are over. */
  get #warmingUp(): boolean {
    return this.slices < this.#warmup;
  }

  /** Proposals that wait for the tape; the caller appends them and feeds each back. */
  take(): readonly Proposal[] {
    return this.#seq.take();
  }

  /** Runs until there is something to propose. @returns false when the run is complete. */
  advance(): boolean {
    while (!this.#seq.pending) {
      if (this.#phase === "done") return false;
      try {
        // Fills before signals: what is decided next knows what was filled.
        if (this.#venueDesk.busy) this.#venueDesk.work();
        else if (this.#desk.busy) this.#desk.work();
        else this.#step();
      } catch (error) {
        this.#fail(error);
      }
    }
    return true;
  }

  /** Folds an accepted event and lets the engine answer it. */
  feed(proposal: Proposal): void {
    const { event } = proposal;
    const order = this.#orderOf(event);
    this.state.apply(event);
    this.#ledger.feed(event);
    this.#guard.count(event);
    if (event.type === "bars.attached" || event.type === "run.started") {
      if (event.type === "bars.attached") this.#barsPin[this.state.indexOf(event.payload.symbol)] = this.#pins;
      this.#pins += 1;
      return;
    }
    if (this.#failure !== null) return;
    this.#seq.cause = proposal.index;
    try {
      if (event.type === "session.opened") {
        if (this.#warmingUp) return;
        this.#runner.session(
          { kind: "open", session: event.payload.session, open: event.payload.open, close: event.payload.close },
          this.#seq.now,
        );
        this.#takeWishes();
      } else {
        this.#desk.answer(event, proposal.index, order);
        if (event.type === "order.filled" || event.type === "order.partially_filled") this.#onFill(event.payload.symbol, event);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #step(): void {
    switch (this.#phase) {
      case "start":
        this.#begin("start");
        // An instrument without a bar inside the limits has no first one.
        this.#seq.now = Math.min(...this.#spec.started.data.filter((d) => d.rows > 0).map((d) => d.first_ts));
        this.#seq.propose("run.started", "run", this.#spec.started);
        this.#phase = "next";
        return;
      case "next":
        this.#nextSlice();
        return;
      case "close_before":
        // The last close is taken before the slice begins: a command's events are numbered by it.
        if (this.#closing.length > 0) {
          this.#closeSessions(true);
          return;
        }
        this.#begin("slice");
        this.#phase = "open";
        return;
      case "open":
        this.#openSessions();
        this.#phase = "actions";
        return;
      case "actions":
        this.#seq.cause = causeOfPin(0);
        if (!this.#ledger.act()) this.#phase = "match";
        return;
      case "match":
        if (!this.#match()) return;
        this.#mark();
        this.#phase = "decide";
        return;
      case "decide":
        this.#decide();
        this.#closing = this.#sessions.endedAt(this.#feed.ts);
        this.#phase = this.#closing.length > 0 ? "close_after" : "next";
        return;
      case "close_after":
        if (this.#closeSessions(false)) this.#phase = "next";
        return;
      case "end":
        this.#begin("end");
        this.#seq.cause = causeOfPin(0);
        this.#runner.end(this.#seq.now);
        this.#takeWishes();
        this.#phase = this.#spec.config.on_end === "flatten" ? "flatten" : "final_close";
        this.#closing = this.#sessions.all();
        return;
      case "flatten":
        // Two rounds: what still works is cancelled first, then positions are closed.
        if (this.#venueDesk.cancelAll("END_OF_DATA")) return;
        this.#desk.flatten();
        this.#phase = "final_close";
        return;
      case "final_close":
        if (this.#closeSessions(false)) this.#phase = "complete";
        return;
      case "complete":
        this.#complete();
        this.#phase = "done";
        return;
      case "done":
        return;
    }
  }

  #nextSlice(): void {
    if (!this.#feed.next()) {
      this.#phase = "end";
      return;
    }
    const { ts } = this.#feed;
    this.#matchMember = 0;
    this.#matchAfter = 0;
    this.#seq.cause = causeOfPin(this.#barsPin[this.#feed.members[0] as number] as number);
    const entering = this.#entering();
    this.#closing = this.#sessions.endedBefore(ts, entering);
    if (this.#closing.length > 0) {
      this.#phase = "close_before";
      return;
    }
    this.#begin("slice");
    this.#phase = entering === null ? "match" : "open";
  }

  /** By calendar, the session that an instrument of the slice begins; null when none begins one. */
  #entering(): Map<string, string> | null {
    const { members, rows, size } = this.#feed;
    let calendars: Map<string, string> | null = null;
    for (let n = 0; n < size; n++) {
      const i = members[n] as number;
      if (!this.#sessions.begins(i, rows[i] as number)) continue;
      calendars ??= new Map();
      calendars.set(this.#sessions.calendarOf(i), this.#sessions.nextSession(i));
    }
    return calendars;
  }

  #openSessions(): void {
    const { members, rows, size } = this.#feed;
    for (let n = 0; n < size; n++) {
      const i = members[n] as number;
      if (!this.#sessions.begins(i, rows[i] as number)) continue;
      const { number, range } = this.#sessions.takeRange(i);
      this.#ledger.enter(i, range.session);
      this.#seq.cause = causeOfPin(0);
      this.#seq.propose("bars.attached", `bars/${columnsAt(this.#spec, i).symbol}`, attachmentOf(this.#spec, i, number, range));
      const opened = this.#sessions.enter(i, range);
      if (opened === null) continue;
      const { calendar, session, open, close } = opened;
      this.#seq.propose("session.opened", `session/${calendar}`, { calendar, session, open, close });
    }
  }

  /** Matches until something happens to an order. @returns true when nothing more does. */
  #match(): boolean {
    const { members, rows, size, ts } = this.#feed;
    for (; this.#matchMember < size; this.#matchMember++) {
      const i = members[this.#matchMember] as number;
      const row = rows[i] as number;
      if (this.#matchAfter === 0) {
        this.#market.enter(i, row, this.#sessions.closeOf(i) === ts);
        this.#matchAfter = MATCHING;
        if ((this.state.working[i]?.length ?? 0) > 0 || this.#venueDesk.expectsRequests) {
          this.#seq.cause = causeOfPin(this.#barsPin[i] as number);
          if (this.#venueDesk.beforeMatch(i, ts)) return false;
        }
      }
      if (this.#matchAfter !== MATCHED && (this.state.working[i]?.length ?? 0) > 0) {
        this.#seq.cause = causeOfPin(this.#barsPin[i] as number);
        const began = barBegan(columnsAt(this.#spec, i), row, this.#sessions.openOf(i));
        this.#matchAfter = this.#venueDesk.matchNext(i, began, this.#matchAfter);
        if (this.#matchAfter > 0) return false;
        this.#matchAfter = MATCHED;
        if (this.#venueDesk.trail(i, began)) return false;
      }
      this.#matchAfter = 0;
    }
    return true;
  }

  /** Lets account and indicators see the bars of the slice; orders made while it was matched may fill at its closes now. */
  #mark(): void {
    const { members, rows, size, ts } = this.#feed;
    for (let n = 0; n < size; n++) {
      const i = members[n] as number;
      const row = rows[i] as number;
      const view = this.#views[i] as BarView;
      this.#account.marks[i] = columnsAt(this.#spec, i).close[row] as number;
      this.#account.marked_at[i] = ts;
      moveBarView(view, row);
      this.#runner.observe(i, view);
      this.#desk.observe(i, view);
      this.#sessions.count(i);
    }
    this.bars += size;
    this.slices += 1;
    this.#venueDesk.closesKnown();
    this.#spec.onSlice?.(this.slices, this.bars, ts);
  }

  #decide(): void {
    const { members, size, ts } = this.#feed;
    if (this.slices <= this.#warmup) return;
    this.#seq.cause = causeOfPin(this.#barsPin[members[0] as number] as number);
    if (this.#runner.takesSlices) {
      refillSlice(this.#slice, this.#feed);
      this.#runner.bars(this.#slice);
      this.#takeWishes();
      return;
    }
    for (let n = 0; n < size; n++) {
      const i = members[n] as number;
      this.#runner.bar(i, this.#views[i] as BarView, ts);
      if (this.#runner.wishes.length === 0) continue;
      this.#seq.cause = causeOfPin(this.#barsPin[i] as number);
      this.#takeWishes();
    }
  }

  /**
   * Ends the sessions in hand, each in rounds: day orders expire, the account is settled, the strategy is told, the close is recorded.
   *
   * @param late the close lies before the slice in hand and is a command of its own, at its own time.
   * @returns true when all are ended.
   */
  #closeSessions(late: boolean): boolean {
    const session = this.#closing[0];
    if (session === undefined) return true;
    const { calendar, session: id, open, close, bars, instruments } = session;
    if (!this.#expired) {
      this.#expired = true;
      if (late) {
        this.#closeId = `${calendar}/${id}`;
        // Extended hours may run past the nominal close, and a day without one may end before it: time never runs back.
        this.#begin("close", Math.max(Math.min(close, this.#feed.ts), this.#seq.now));
      }
      this.#seq.cause = causeOfPin(this.#barsPin[instruments[0] ?? 0] as number);
      if (this.#venueDesk.expireAtClose(instruments)) return false;
    }
    if (!this.#settled) {
      this.#settled = true;
      this.#seq.cause = causeOfPin(this.#barsPin[instruments[0] ?? 0] as number);
      if (this.#ledger.settle(session)) return false;
    }
    if (!this.#told) {
      this.#told = true;
      this.#seq.cause = causeOfPin(this.#barsPin[instruments[0] ?? 0] as number);
      if (!this.#warmingUp) this.#runner.session({ kind: "close", session: id, open, close }, this.#seq.now);
      this.#takeWishes();
      if (this.#seq.pending) return false;
    }
    const closed = { calendar, session: id, bars, equity: this.#equityText(), ...this.#hashes() };
    this.#guard.check();
    this.#ledger.closed(session);
    this.#expired = false;
    this.#settled = false;
    this.#told = false;
    this.#closing.shift();
    this.#sessions.leave(session);
    this.#sessionCount += 1;
    this.#seq.cause = causeOfPin(this.#barsPin[instruments[0] ?? 0] as number);
    this.#seq.propose("session.closed", `session/${calendar}`, closed);
    return this.#closing.length === 0;
  }

  /** The order that an event is about, as it is before the event: a last fill or an end takes it from the open ones. */
  #orderOf({ payload }: Proposal["event"]): OrderState | undefined {
    return "order_id" in payload ? this.state.open.get(payload.order_id) : undefined;
  }

  #onFill(symbol: string, event: Extract<Proposal["event"], { type: "order.filled" | "order.partially_filled" }>): void {
    if (!this.#runner.hearsFills) return;
    const instrument = this.state.indexOf(symbol);
    const { fill_id, order_id, side, qty, price, commission } = event.payload;
    this.#runner.fill(instrument, {
      fill_id,
      order_id,
      symbol,
      side,
      qty: Number(qty),
      price: Number(price),
      commission: Number(commission),
      ts: event.occurred_at,
    });
    this.#takeWishes();
  }

  #takeWishes(): void {
    const { wishes } = this.#runner;
    for (const wish of wishes) this.#desk.wish(wish);
    wishes.length = 0;
  }

  #begin(kind: "start" | "slice" | "end" | "close", now: UtcMillis = kind === "slice" ? this.#feed.ts : this.#seq.now): void {
    this.#commandKind = kind;
    this.commands += 1;
    this.#seq.begin();
    this.#seq.now = now;
    if (kind === "slice") this.#ledger.moveTo(now);
    this.#desk.beginSlice(now);
  }

  /** A strategy's own fault ends the run in an orderly way; anything else is ours and goes up. */
  #fail(error: unknown): void {
    if (!(error instanceof StrategyFailure)) throw error;
    this.#failure = error;
    this.#seq.drop();
    this.#desk.abandon();
    this.#venueDesk.abandon();
    this.#phase = "complete";
    this.#seq.cause = causeOfPin(0);
  }

  #complete(): void {
    const failure = this.#failure;
    const { signals, orders, fills } = this.state.counts;
    this.#seq.propose("run.completed", "run", {
      status: failure === null ? "completed" : "failed",
      bars: this.bars,
      slices: this.slices,
      sessions: this.#sessionCount,
      signals,
      orders,
      fills,
      equity: this.#equityText(),
      cash: formatBig(this.state.portfolio.cash, this.#spec.config.account.scale),
      ...this.#hashes(),
      ...(failure === null
        ? {}
        : { error: { code: failure.code, message: failure.message, handler: failure.handler, bar_ts: failure.bar_ts } }),
    });
  }

  #equityText(): string {
    return formatBig(this.#account.equity(), this.#spec.config.account.scale);
  }

  #hashes(): StateHashes {
    return stateHashes(this.state, this.#runner, this.#spec.hash, this.#failure);
  }
}
