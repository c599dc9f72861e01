/**
 * Begins and ends sessions on the tape: bars are attached as their session begins; at its end day orders expire, the account is
 * settled, the strategy is told, and the close is recorded with the state's hashes.
 */
import { DEFAULT_SCOPE, riskStream } from "../gate/risk-events.js";
import { CAUSE_NONE, causeOfPin } from "../tape/block.js";
import type { UtcMillis } from "../tape/event.js";
import { attachmentOf, columnsAt, type EngineSpec } from "./engine-spec.js";
import type { BarFeed } from "./feed.js";
import type { Ledger } from "./ledger.js";
import type { Sequencer } from "./sequencer.js";
import { type OpenSession, SessionBook } from "./session-book.js";
import { barClosed } from "./session-opening.js";
import type { StateHashes } from "./state-hashes.js";
import type { VenueDesk } from "./venue-desk.js";

export interface SessionParts {
  readonly spec: EngineSpec;
  readonly sequencer: Sequencer;
  readonly book: SessionBook;
  readonly feed: BarFeed;
  readonly ledger: Ledger;
  readonly venueDesk: VenueDesk;
}

/** What the end of a session asks of the engine. */
export interface SessionOwner {
  /** Starts the command of a close that lies before the slice in hand. */
  beginClose(id: string, now: UtcMillis): void;
  /** Tells the strategy; its wishes are taken. */
  tellClosed(session: OpenSession): void;
  /** Equity and hashes of the state in hand, after its invariants were checked. */
  stateNow(): StateHashes & { readonly equity: string };
}

/** The sessions of a run's instruments, before its first bar. */
export function sessionsOf(spec: EngineSpec): SessionBook {
  const regular = spec.strategy.meta.session === "regular";
  return new SessionBook(
    spec.config.instruments.map(({ calendar }, i) => ({
      calendar,
      ranges: spec.instruments[i]?.sessions ?? [],
      closes_on_time: regular || calendar === "24/7",
    })),
  );
}

type Round = "expire" | "settle" | "tell" | "close";

export class SessionDesk {
  /** Sessions closed so far. */
  closed: number = 0;
  /** Sessions that end in the phase in hand. */
  ending: readonly OpenSession[] = [];
  readonly #spec: EngineSpec;
  readonly #seq: Sequencer;
  readonly #book: SessionBook;
  readonly #feed: BarFeed;
  readonly #ledger: Ledger;
  readonly #venueDesk: VenueDesk;
  readonly #owner: SessionOwner;
  /** What events that follow from each instrument's bars name as their cause: its newest attachment, or its bar in the slice in hand. */
  readonly #causes: Int32Array;
  #round: Round = "expire";

  constructor(parts: SessionParts, owner: SessionOwner) {
    this.#spec = parts.spec;
    this.#seq = parts.sequencer;
    this.#book = parts.book;
    this.#feed = parts.feed;
    this.#ledger = parts.ledger;
    this.#venueDesk = parts.venueDesk;
    this.#owner = owner;
    this.#causes = new Int32Array(parts.spec.instruments.length).fill(causeOfPin(0));
  }

  /** An instrument's bars were attached by the run's pinned event of this number. */
  attached(instrument: number, pin: number): void {
    this.#causes[instrument] = causeOfPin(pin);
  }

  /**
   * Puts the bars of a session's slice on the tape before anything is made of them, at their own close time. They are the first events of their
   * command; what follows from an instrument without a bar follows from the first of them. A request stands there at the time of the bars before it.
   */
  announce(): void {
    const { members, rows, size, ts, request } = this.#feed;
    const { now } = this.#seq;
    if (request !== null) {
      this.#seq.cause = CAUSE_NONE;
      if (request.type === "bar.refused") this.#seq.propose(request.type, `bars/${request.payload.symbol}`, request.payload);
      else this.#seq.propose(request.type, riskStream(DEFAULT_SCOPE), request.payload);
      return;
    }
    this.#seq.now = ts;
    this.#seq.cause = CAUSE_NONE;
    this.#causes.fill(0);
    for (let n = 0; n < size; n++) {
      const i = members[n] as number;
      const columns = columnsAt(this.#spec, i);
      this.#causes[i] = n;
      this.#seq.propose("bar.closed", `bars/${columns.symbol}`, barClosed(columns, rows[i] as number));
    }
    this.#seq.now = now;
  }

  /** The last slice is over: what still happens follows from no bar. */
  ended(): void {
    if (this.#spec.arriving !== undefined) this.#causes.fill(causeOfPin(0));
  }

  /** What events that follow from an instrument's bars name as their cause. */
  causeOf(instrument: number): number {
    return this.#causes[instrument] as number;
  }

  /** By calendar, the session that an instrument of the slice begins; null when none begins one. */
  entering(): Map<string, string> | null {
    const { members, rows, size } = this.#feed;
    let calendars: Map<string, string> | null = null;
    for (let n = 0; n < size; n++) {
      const i = members[n] as number;
      if (!this.#book.begins(i, rows[i] as number)) continue;
      calendars ??= new Map();
      calendars.set(this.#book.calendarOf(i), this.#book.nextSession(i));
    }
    return calendars;
  }

  /** Attaches the bars of every session that the slice begins. */
  open(): void {
    const { members, rows, size } = this.#feed;
    for (let n = 0; n < size; n++) {
      const i = members[n] as number;
      if (!this.#book.begins(i, rows[i] as number)) continue;
      const { number, range } = this.#book.takeRange(i);
      this.#ledger.enter(i, range.session);
      this.#seq.cause = causeOfPin(0);
      if (this.#spec.arriving === undefined)
        this.#seq.propose("bars.attached", `bars/${columnsAt(this.#spec, i).symbol}`, attachmentOf(this.#spec, i, number, range));
      const opened = this.#book.enter(i, range);
      if (opened === null) continue;
      const { calendar, session, open, close } = opened;
      this.#seq.propose("session.opened", `session/${calendar}`, { calendar, session, open, close });
    }
  }

  /**
   * Ends the sessions in hand, each in rounds; a round that proposes something ends the call.
   *
   * @param late the close lies before the slice in hand and is a command of its own, at its own time.
   * @returns true when all are ended.
   */
  close(late: boolean): boolean {
    const session = this.ending[0];
    if (session === undefined) return true;
    if (this.#round === "expire") {
      this.#round = "settle";
      // Extended hours may run past the nominal close, and a day without one may end before it: time never runs back.
      if (late)
        this.#owner.beginClose(`${session.calendar}/${session.session}`, Math.max(Math.min(session.close, this.#feed.ts), this.#seq.now));
      this.#nameCause(session);
      if (this.#venueDesk.expireAtClose(session.instruments)) return false;
    }
    if (this.#round === "settle") {
      this.#round = "tell";
      this.#nameCause(session);
      if (this.#ledger.settle(session)) return false;
    }
    if (this.#round === "tell") {
      this.#round = "close";
      this.#nameCause(session);
      this.#owner.tellClosed(session);
      if (this.#seq.pending) return false;
    }
    this.#record(session);
    return this.ending.length === 0;
  }

  #record(session: OpenSession): void {
    const { calendar, session: id, bars } = session;
    const closed = { calendar, session: id, bars, ...this.#owner.stateNow() };
    this.#ledger.closed(session);
    this.#round = "expire";
    this.ending = this.ending.slice(1);
    this.#book.leave(session);
    this.closed += 1;
    this.#nameCause(session);
    this.#seq.propose("session.closed", `session/${calendar}`, closed);
  }

  #nameCause({ instruments }: OpenSession): void {
    this.#seq.cause = this.causeOf(instruments[0] ?? 0);
  }
}
