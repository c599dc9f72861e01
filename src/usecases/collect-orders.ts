import type { ExportedOrder } from "../core/orders/order-csv.js";
import { ApprovedOrdersFold } from "../core/projections/approved-orders.js";
import { positionedEvent } from "../core/projections/positioned-event.js";
import { TapeUnreadable } from "../core/tape/tape-unreadable.js";
import type { StoredRun } from "../ports/run-store.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { openTape } from "./compare-runs.js";
import { configOf, recordedStart } from "./recorded-run.js";

/** Approved orders of a run, in the order of its tape, and how many its gate refused. */
export interface CollectedOrders {
  readonly orders: readonly ExportedOrder[];
  readonly denied: number;
}

/** The approved orders of a stored run. @throws {TapeUnreadable} when the tape cannot be opened, or is none of a run. */
export async function collectOrders(ports: Pick<BacktestPorts, "tapes">, run: StoredRun): Promise<CollectedOrders> {
  const store = ports.tapes(run.dir);
  try {
    const opened = await openTape(store, run.manifest.tape.log);
    if (opened.session === null) throw new TapeUnreadable(`the tape of ${run.name} cannot be opened: ${opened.why}`);
    const started = await recordedStart(opened.session);
    if (started === null) throw new TapeUnreadable(`the tape of ${run.name} does not begin with run.started`, 1);
    const fold = new ApprovedOrdersFold({
      run_id: run.manifest.run_id,
      strategy: started.strategy,
      // A tape that begins with run.started is a backtest's; sessions begin otherwise.
      source: "backtest",
      calendars: new Map(configOf(started).instruments.map(({ symbol, calendar }) => [symbol, calendar])),
    });
    for await (const stored of opened.session.readLog({ types: ["session.opened", "order.created", "risk.decided"] }))
      fold.apply(positionedEvent(stored));
    return fold.finish();
  } finally {
    await store.close();
  }
}
