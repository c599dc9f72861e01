import type { RunStarted } from "../core/engine/run-events.js";
import type { ExportedOrder } from "../core/orders/order-csv.js";
import { ApprovedOrdersFold, type ApprovedOrdersParts } from "../core/projections/approved-orders.js";
import { positionedEvent } from "../core/projections/positioned-event.js";
import { TapeUnreadable } from "../core/tape/tape-unreadable.js";
import type { EventStore, LogSession } from "../ports/event-store.js";
import type { StoredRun } from "../ports/run-store.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { openTape } from "./compare-runs.js";
import { configOf, recordedStart } from "./recorded-run.js";
import { openSession, sessionLog, sessionOpening } from "./recorded-session.js";

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
    return await collect(opened.session, { run_id: run.manifest.run_id, source: "backtest", started });
  } finally {
    await store.close();
  }
}

/**
 * The approved orders of a session so far, under its name in place of a run's id; null where the workspace has no session of that name.
 * @throws {TapeUnreadable} when its tape cannot be opened, or it has not begun.
 */
export async function collectSessionOrders(sessions: EventStore, name: string): Promise<CollectedOrders | null> {
  const opened = await openSession(sessions, name);
  if (opened.kind === "none") return null;
  if (opened.kind === "unusable") throw new TapeUnreadable(`the tape of ${opened.name} cannot be opened: ${opened.why}`);
  const { tape } = opened;
  try {
    const opening = await sessionOpening(tape);
    if (opening === null) throw new TapeUnreadable(`the session ${opened.name} has not begun`, 1);
    return await collect(tape, { run_id: sessionLog(opened.name), source: opening.mode, started: opening });
  } finally {
    await tape.close();
  }
}

interface Collected extends Pick<ApprovedOrdersParts, "run_id" | "source"> {
  readonly started: Pick<RunStarted, "strategy" | "config">;
}

async function collect(session: Pick<LogSession, "replayPages">, { run_id, source, started }: Collected): Promise<CollectedOrders> {
  const { strategy } = started;
  const { instruments } = configOf(started);
  const calendars = new Map(instruments.map(({ symbol, calendar }) => [symbol, calendar]));
  const fold = new ApprovedOrdersFold({ run_id, strategy, source, calendars });
  for await (const page of session.replayPages({ types: ["session.opened", "order.created", "risk.decided"] }))
    for (const stored of page) fold.apply(positionedEvent(stored));
  return fold.finish();
}
