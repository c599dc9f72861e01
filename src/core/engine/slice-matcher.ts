/** Takes the working orders of a slice's instruments to its bars, one instrument after the other, and stops where something happens. */
import { barBegan } from "../market/bar-grid.js";
import type { BarMarket } from "./bar-market.js";
import { columnsAt, type EngineSpec } from "./engine-spec.js";
import type { BarFeed } from "./feed.js";
import type { Sequencer } from "./sequencer.js";
import type { SessionBook } from "./session-book.js";
import type { SessionDesk } from "./session-desk.js";
import type { TradingState } from "./trading-state.js";
import type { VenueDesk } from "./venue-desk.js";

export interface SliceMatcherParts {
  readonly spec: EngineSpec;
  readonly state: TradingState;
  readonly sequencer: Sequencer;
  readonly feed: BarFeed;
  readonly market: BarMarket;
  readonly sessions: SessionBook;
  readonly sessionDesk: SessionDesk;
  readonly venueDesk: VenueDesk;
}

/** Numbers of orders begin at 1: below them stand the stages of an instrument's matching. */
const MATCHING = -1;
const MATCHED = -2;

export class SliceMatcher {
  readonly #spec: EngineSpec;
  readonly #state: TradingState;
  readonly #seq: Sequencer;
  readonly #feed: BarFeed;
  readonly #market: BarMarket;
  readonly #sessions: SessionBook;
  readonly #sessionDesk: SessionDesk;
  readonly #venueDesk: VenueDesk;
  #member = 0;
  /** Turn of the order that was answered last, or the stage of the instrument in hand. */
  #after = 0;

  constructor(parts: SliceMatcherParts) {
    this.#spec = parts.spec;
    this.#state = parts.state;
    this.#seq = parts.sequencer;
    this.#feed = parts.feed;
    this.#market = parts.market;
    this.#sessions = parts.sessions;
    this.#sessionDesk = parts.sessionDesk;
    this.#venueDesk = parts.venueDesk;
  }

  /** Starts the slice in hand. */
  begin(): void {
    this.#member = 0;
    this.#after = 0;
  }

  /** Matches until something happens to an order. @returns true when nothing more does. */
  match(): boolean {
    const { members, rows, size, ts } = this.#feed;
    for (; this.#member < size; this.#member++) {
      const i = members[this.#member] as number;
      const row = rows[i] as number;
      if (this.#after === 0) {
        this.#market.enter(i, row, this.#sessions.closeOf(i) === ts);
        this.#after = MATCHING;
        if (this.#hasOrders(i) || this.#venueDesk.expectsRequests) {
          this.#seq.cause = this.#sessionDesk.causeOf(i);
          if (this.#venueDesk.beforeMatch(i, ts)) return false;
        }
      }
      if (this.#after !== MATCHED && this.#hasOrders(i)) {
        this.#seq.cause = this.#sessionDesk.causeOf(i);
        const began = barBegan(columnsAt(this.#spec, i), row, this.#sessions.openOf(i));
        this.#after = this.#venueDesk.matchNext(i, began, this.#after);
        if (this.#after > 0) return false;
        this.#after = MATCHED;
        if (this.#venueDesk.trail(i, began)) return false;
      }
      this.#after = 0;
    }
    return true;
  }

  #hasOrders(instrument: number): boolean {
    return (this.#state.working[instrument]?.length ?? 0) > 0;
  }
}
