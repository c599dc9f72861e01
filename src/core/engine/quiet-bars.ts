/**
 * The bars on which nothing can happen unless the strategy asks for it: the run's only instrument has no order that works, and no session
 * begins or ends. They are most bars of most runs, and are taken without asking every desk about each of them.
 */
import type { UtcMillis } from "../tape/event.js";
import type { Account } from "./account.js";
import type { BarMarket } from "./bar-market.js";
import { type BarView, moveBarView } from "./bar-view.js";
import type { EngineCommand } from "./engine-command.js";
import type { EngineSpec } from "./engine-spec.js";
import type { Exchange } from "./exchange.js";
import { type BarFeed, SliceFeed } from "./feed.js";
import type { OrderDesk } from "./order-desk.js";
import type { Sequencer } from "./sequencer.js";
import type { SessionBook } from "./session-book.js";
import type { SessionDesk } from "./session-desk.js";
import type { StrategyRunner } from "./strategy-runner.js";

export interface QuietBarsParts {
  readonly spec: EngineSpec;
  readonly feed: SliceFeed;
  readonly view: BarView;
  readonly account: Account;
  readonly runner: StrategyRunner;
  readonly market: BarMarket;
  readonly sessions: SessionBook;
  readonly sequencer: Sequencer;
  readonly command: EngineCommand;
  readonly desk: OrderDesk;
  readonly sessionDesk: Pick<SessionDesk, "causeOf">;
}

/** The only instrument's index. */
const ONLY = 0;

/** @returns null where another part of the run has to see each bar. */
export function quietBarsOf({ feed, exchange, ...parts }: Walked): QuietBars | null {
  const { config, instruments, strategy, every_bar } = parts.spec;
  const unseen = config.risk === undefined && config.sizing.mode !== "atr" && exchange.idle && strategy.onBars === undefined;
  return instruments.length === 1 && feed instanceof SliceFeed && unseen && every_bar !== true ? new QuietBars({ ...parts, feed }) : null;
}

type Walked = Omit<QuietBarsParts, "feed"> & { readonly feed: BarFeed; readonly exchange: Pick<Exchange, "idle"> };

export class QuietBars {
  readonly #parts: QuietBarsParts;

  constructor(parts: QuietBarsParts) {
    this.#parts = parts;
  }

  /**
   * Delivers bars until the strategy wants something or the next one may not be quiet. The last is the slice in hand then.
   *
   * @param delivered bars delivered so far.
   * @param passed told how many were delivered, also where the strategy failed.
   * @throws {StrategyFailure}
   */
  walk(delivered: number, passed: (shown: number) => void): void {
    const { spec, feed, view, account, runner, sessions } = this.#parts;
    const columns = spec.instruments[ONLY]?.columns;
    const first = feed.nextRow(ONLY);
    if (columns === undefined || first < 0) return;
    const { ts: times, close } = columns;
    const { marks, marked_at } = account;
    const { wishes } = runner;
    const { onSlice } = spec;
    const end = Math.min(feed.rangeEnd(ONLY), sessions.nextBeginning(ONLY));
    const until = sessions.quietUntil(ONLY, times[first] as number);
    let row = first;
    let shown = 0;
    try {
      while (row < end) {
        const ts: UtcMillis = times[row] as number;
        if (ts >= until) break;
        marks[ONLY] = close[row] as number;
        marked_at[ONLY] = ts;
        moveBarView(view, row);
        row += 1;
        runner.observe(ONLY, view);
        // A bar that an indicator failed on was not delivered.
        shown += 1;
        onSlice?.(delivered + shown, delivered + shown, ts);
        runner.bar(ONLY, view, ts);
        if (wishes.length > 0) break;
      }
    } finally {
      if (row > first) {
        this.#settle(row - 1, row - first);
        sessions.count(ONLY, shown);
        passed(shown);
      }
    }
  }

  /** Makes a row the slice in hand, its command the one in hand. */
  #settle(row: number, bars: number): void {
    const { feed, market, sequencer, command, desk, sessionDesk } = this.#parts;
    feed.moveTo(row);
    market.enter(ONLY, row, false, bars);
    command.begin("slice");
    sequencer.now = feed.ts;
    sequencer.cause = sessionDesk.causeOf(ONLY);
    desk.beginSlice(feed.ts);
  }
}
