/**
 * The step function of a run. It is fed closed bars and accepted events, and answers with proposals.
 *
 * The driver appends each list of proposals to the tape as one batch and feeds it back, first in, first out, before the next
 * input: no part of the engine sees an event that the tape has not accepted. Orders and positions change only in
 * {@link TradingState}. Per close time the venue matches, fills are handled, the strategy sees the slice, new orders follow.
 */
import { formatBig } from "../money/decimal.js";
import type { Order } from "../orders/order.js";
import { causeOfPin } from "../tape/block.js";
import type { UtcMillis } from "../tape/event.js";
import type { Account } from "./account.js";
import { type BarView, refillSlice, SliceView } from "./bar-view.js";
import { type CommandKind, EngineCommand } from "./engine-command.js";
import { engineParts } from "./engine-parts.js";
import type { EngineSpec } from "./engine-spec.js";
import type { BarFeed } from "./feed.js";
import type { InvariantGuard } from "./invariant-guard.js";
import type { Ledger } from "./ledger.js";
import type { OrderDesk } from "./order-desk.js";
import { fillView } from "./order-payloads.js";
import type { Phase } from "./phase.js";
import { openOrderOf, type Proposal } from "./proposal.js";
import { type QuietBars, quietBarsOf } from "./quiet-bars.js";
import type { RiskDesk } from "./risk-desk.js";
import { runCompleted } from "./run-completed.js";
import { Sequencer } from "./sequencer.js";
import type { SessionBook } from "./session-book.js";
import { SessionDesk } from "./session-desk.js";
import { proposeOpening } from "./session-opening.js";
import { SliceMarks } from "./slice-marks.js";
import { SliceMatcher } from "./slice-matcher.js";
import { type StateHashes, stateHashes } from "./state-hashes.js";
import { StrategyFailure, type StrategyRunner } from "./strategy-runner.js";
import type { TradingState } from "./trading-state.js";
import type { VenueDesk } from "./venue-desk.js";

export class Engine {
  readonly state: TradingState;
  bars: number = 0;
  slices: number = 0;
  readonly #spec: EngineSpec;
  readonly #seq: Sequencer = new Sequencer();
  readonly #account: Account;
  readonly #runner: StrategyRunner;
  readonly #desk: OrderDesk;
  readonly #venueDesk: VenueDesk;
  readonly #matcher: SliceMatcher;
  readonly #ledger: Ledger;
  readonly #guard: InvariantGuard;
  readonly #feed: BarFeed;
  readonly #sessions: SessionBook;
  readonly #views: readonly BarView[];
  readonly #marks: SliceMarks;
  /** Null without a policy. */
  readonly #risk: RiskDesk | null;
  readonly #slice: SliceView;
  readonly #warmup: number;
  /** Null where every bar needs all desks. */
  readonly #quiet: QuietBars | null;
  readonly #sessionDesk: SessionDesk;
  #phase: Phase = "start";
  #pins = 0;
  readonly #command: EngineCommand = new EngineCommand(this.#seq);
  #failure: StrategyFailure | null = null;

  constructor(spec: EngineSpec) {
    this.#spec = spec;
    const parts = engineParts(spec, this.#seq);
    const { feed, sessions, venueDesk } = parts;
    this.state = parts.state;
    this.#account = parts.account;
    this.#runner = parts.runner;
    this.#desk = parts.desk;
    this.#venueDesk = venueDesk;
    this.#ledger = parts.ledger;
    this.#guard = parts.guard;
    this.#feed = feed;
    this.#sessions = sessions;
    this.#risk = parts.risk;
    this.#views = parts.views;
    this.#slice = new SliceView(this.#views);
    this.#marks = new SliceMarks({ ...parts, columns: spec.instruments.map(({ columns }) => columns) });
    this.#sessionDesk = new SessionDesk(
      { spec, sequencer: this.#seq, book: sessions, feed, ledger: this.#ledger, venueDesk },
      {
        beginClose: (id, now) => {
          this.#command.closing = id;
          this.#begin("close", now);
        },
        tellClosed: ({ session, open, close }) => {
          if (!this.#warmingUp) this.#runner.session({ kind: "close", session, open, close }, this.#seq.now);
          this.#takeWishes();
        },
        stateNow: () => {
          this.#guard.check();
          return { equity: this.#equityText(), ...this.#hashes() };
        },
      },
    );
    const walked = { ...parts, spec, sequencer: this.#seq, sessionDesk: this.#sessionDesk };
    this.#matcher = new SliceMatcher(walked);
    this.#warmup = this.#runner.warmup;
    this.#quiet = quietBarsOf({ ...walked, exchange: this.#ledger.exchange, command: this.#command, view: this.#views[0] as BarView });
  }

  /** The strategy's fault that ended the run, or null. */
  get failure(): StrategyFailure | null {
    return this.#failure;
  }

  /** Id of the command in hand. */
  get command(): string {
    return this.#command.id(this.#feed.ts);
  }

  /** Commands begun so far. */
  get commands(): number {
    return this.#command.count;
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
        else if (this.#risk?.busy === true) this.#risk.work();
        else this.#step();
      } catch (error) {
        this.#fail(error);
      }
    }
    return true;
  }

  /** Folds an accepted event and lets the engine answer it. */
  feed(proposal: Proposal): void {
    const order = openOrderOf(proposal);
    this.state.fold(proposal);
    this.#risk?.fold(proposal);
    this.#guard.count(proposal);
    if (proposal.order === null) this.#follow(proposal);
    if (this.#failure !== null) return;
    this.#seq.cause = proposal.index;
    try {
      if (proposal.kind === "session.opened") this.#tellOpened(proposal);
      this.#desk.answer(proposal, order);
      this.#risk?.answer(proposal);
      if (order !== undefined && this.#runner.hearsFills) this.#tellFill(proposal, order);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Keeps up with an event that is about no order, whatever became of the strategy. */
  #follow({ event }: Proposal): void {
    switch (event.type) {
      case "run.started":
        this.#pins += 1;
        return;
      case "bars.attached":
        this.#sessionDesk.attached(this.state.indexOf(event.payload.symbol), this.#pins);
        this.#pins += 1;
        return;
      case "split.applied":
        this.#ledger.followSplit(event.payload);
    }
  }

  #tellOpened({ event }: Proposal): void {
    if (event.type !== "session.opened" || this.#warmingUp) return;
    const { session, open, close } = event.payload;
    this.#runner.session({ kind: "open", session, open, close }, this.#seq.now);
    this.#takeWishes();
  }

  #step(): void {
    switch (this.#phase) {
      case "start":
        this.#begin("start");
        proposeOpening(this.#spec, this.#seq);
        this.#phase = "next";
        return;
      case "next":
        this.#nextSlices();
        return;
      case "arrived":
        this.#enterSlice();
        return;
      case "close_before":
        // The last close is taken before the slice begins: a command's events are numbered by it.
        if (this.#sessionDesk.ending.length > 0) {
          this.#sessionDesk.close(true);
          return;
        }
        this.#begin("slice");
        this.#phase = "open";
        return;
      case "open":
        this.#sessionDesk.open();
        this.#phase = "actions";
        return;
      case "actions":
        this.#seq.cause = causeOfPin(0);
        if (!this.#ledger.act()) this.#phase = "match";
        return;
      case "match":
        if (!this.#matcher.match()) return;
        this.#mark();
        this.#phase = "decide";
        return;
      case "decide":
        this.#decide();
        this.#sessionDesk.ending = this.#sessions.endedAt(this.#feed.ts);
        this.#phase = this.#sessionDesk.ending.length > 0 ? "close_after" : "next";
        return;
      case "close_after":
        if (this.#sessionDesk.close(false)) this.#phase = "next";
        return;
      case "end":
        this.#begin("end");
        this.#sessionDesk.ended();
        this.#seq.cause = causeOfPin(0);
        this.#runner.end(this.#seq.now);
        this.#takeWishes();
        this.#phase = this.#spec.config.on_end === "flatten" ? "flatten" : "final_close";
        this.#sessionDesk.ending = this.#sessions.all();
        return;
      case "flatten":
        // Two rounds: what still works is cancelled first, then positions are closed.
        if (this.#venueDesk.cancelAll("END_OF_DATA")) return;
        this.#desk.flatten();
        this.#phase = "final_close";
        return;
      case "final_close":
        if (this.#sessionDesk.close(false)) this.#phase = "complete";
        return;
      case "complete":
        this.#complete();
        this.#phase = "done";
        return;
      case "done":
        return;
    }
  }

  /** Takes slice after slice until one of them has something to say or a session begins or ends. */
  #nextSlices(): void {
    for (;;) {
      if (this.#quiet !== null && this.#walkQuiet(this.#quiet)) return;
      if (!this.#feed.next()) break;
      const { ts } = this.#feed;
      this.#matcher.begin();
      if (this.#spec.arriving !== undefined) {
        const asked = this.#feed.request !== null;
        this.#command.begin(asked ? "request" : "slice");
        this.#sessionDesk.announce();
        if (!asked) this.#phase = "arrived";
        return;
      }
      this.#enterSlice();
      if (this.#phase !== "match") return;
      if (this.#seq.pending || !this.#matcher.match()) return;
      this.#mark();
      this.#phase = "decide";
      if (this.#venueDesk.busy || this.#desk.busy || this.#seq.pending) return;
      this.#decide();
      this.#phase = "next";
      if (this.#sessions.endsAt(ts)) {
        this.#sessionDesk.ending = this.#sessions.endedAt(ts);
        this.#phase = "close_after";
        return;
      }
      if (this.#seq.pending) return;
    }
    this.#phase = "end";
  }

  /** Takes bars on which only the strategy can act. @returns true when it has wished for something that is proposed. */
  #walkQuiet(quiet: QuietBars): boolean {
    if (this.slices < this.#warmup || this.#venueDesk.expectsRequests || this.state.workingAt(0).length > 0) return false;
    quiet.walk(this.bars, (shown) => {
      this.bars += shown;
      this.slices += shown;
    });
    this.#takeWishes();
    return this.#seq.pending;
  }

  /** Begins the slice in hand, unless a session is to be closed before it. */
  #enterSlice(): void {
    this.#seq.cause = this.#sessionDesk.causeOf(this.#feed.members[0] as number);
    const entering = this.#sessionDesk.entering();
    const ended = this.#sessions.endedBefore(this.#feed.ts, entering);
    if (ended.length > 0) {
      this.#sessionDesk.ending = ended;
      this.#phase = "close_before";
      return;
    }
    this.#begin("slice");
    this.#phase = entering === null ? "match" : "open";
  }

  /** Lets account and indicators see the bars of the slice; orders made while it was matched may fill at its closes now. */
  #mark(): void {
    const { members, size, ts } = this.#feed;
    this.#marks.take();
    this.bars += size;
    this.slices += 1;
    this.#venueDesk.closesKnown();
    this.#spec.onSlice?.(this.slices, this.bars, ts);
    this.#risk?.closed(ts, this.#sessionDesk.causeOf(members[0] as number));
  }

  #decide(): void {
    const { members, size, ts } = this.#feed;
    if (this.slices <= this.#warmup) return;
    this.#seq.cause = this.#sessionDesk.causeOf(members[0] as number);
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
      this.#seq.cause = this.#sessionDesk.causeOf(i);
      this.#takeWishes();
    }
  }

  #tellFill({ event }: Proposal, { instrument }: Order): void {
    if (event.type !== "order.filled" && event.type !== "order.partially_filled") return;
    this.#runner.fill(instrument, fillView(event.payload, event.occurred_at));
    this.#takeWishes();
  }

  #takeWishes(): void {
    const { wishes } = this.#runner;
    for (const wish of wishes) this.#desk.wish(wish);
    wishes.length = 0;
  }

  #begin(kind: CommandKind, now: UtcMillis = kind === "slice" ? this.#feed.ts : this.#seq.now): void {
    // A session's slice is one command, which began with its bars.
    if (this.#spec.arriving === undefined || (kind !== "slice" && kind !== "close")) this.#command.begin(kind);
    this.#seq.now = now;
    if (kind === "slice") {
      this.#risk?.begin(now);
      this.#ledger.moveTo(now);
    }
    this.#desk.beginSlice(now);
  }

  /** A strategy's own fault ends the run in an orderly way; anything else is ours and goes up. */
  #fail(error: unknown): void {
    if (!(error instanceof StrategyFailure)) throw error;
    this.#failure = error;
    this.#seq.drop();
    this.#desk.abandon();
    this.#venueDesk.abandon();
    this.#risk?.abandon();
    this.#phase = "complete";
    this.#seq.cause = causeOfPin(0);
  }

  #complete(): void {
    const { bars, slices } = this;
    const ended = { bars, slices, sessions: this.#sessionDesk.closed, equity: this.#equityText(), ...this.#hashes() };
    this.#seq.propose("run.completed", "run", runCompleted(this.state, this.#spec.config, ended, this.#failure));
  }

  #equityText(): string {
    return formatBig(this.#account.equity(), this.#spec.config.account.scale);
  }

  #hashes(): StateHashes {
    return stateHashes(this.state, this.#runner, this.#spec.hash, this.#failure, this.#risk?.risk ?? null);
  }
}
