import type { BarColumns } from "../market/bars.js";
import type { Account } from "./account.js";
import { type BarView, moveBarView } from "./bar-view.js";
import type { BarFeed } from "./feed.js";
import type { OrderDesk } from "./order-desk.js";
import type { SessionBook } from "./session-book.js";
import type { StrategyRunner } from "./strategy-runner.js";

export interface SliceMarksParts {
  readonly feed: BarFeed;
  readonly account: Account;
  readonly runner: StrategyRunner;
  readonly desk: OrderDesk;
  readonly sessions: SessionBook;
  readonly views: readonly BarView[];
  /** Per instrument. Its arrays may be replaced as it grows. */
  readonly columns: readonly BarColumns[];
}

/** Lets account, indicators and desks see the bars of the slice in hand. */
export class SliceMarks {
  readonly #parts: SliceMarksParts;

  constructor(parts: SliceMarksParts) {
    this.#parts = parts;
  }

  take(): void {
    const { feed, account, runner, desk, sessions, views, columns } = this.#parts;
    const { members, rows, size, ts } = feed;
    for (let n = 0; n < size; n++) {
      const i = members[n] as number;
      const row = rows[i] as number;
      const view = views[i] as BarView;
      account.marks[i] = (columns[i] as BarColumns).close[row] as number;
      account.marked_at[i] = ts;
      moveBarView(view, row);
      runner.observe(i, view);
      desk.observe(i, view);
      sessions.count(i);
    }
  }
}
