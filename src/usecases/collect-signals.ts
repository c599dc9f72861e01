import type { SignalEmitted } from "../core/engine/run-events.js";
import { positionedEvent } from "../core/projections/positioned-event.js";
import { type CollectedSignals, signalsOfRun } from "../core/signals/signals-of-run.js";
import { TapeUnreadable } from "../core/tape/tape-unreadable.js";
import type { StoredRun } from "../ports/run-store.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { openTape } from "./compare-runs.js";

/** The entries of a stored run as bracket signals. @throws {TapeUnreadable} when the tape cannot be opened. */
export async function collectSignals(ports: Pick<BacktestPorts, "tapes">, run: StoredRun): Promise<CollectedSignals> {
  const store = ports.tapes(run.dir);
  try {
    const opened = await openTape(store, run.manifest.tape.log);
    if (opened.session === null) throw new TapeUnreadable(`the tape of ${run.name} cannot be opened: ${opened.why}`);
    const emitted: SignalEmitted[] = [];
    for await (const page of opened.session.replayPages({ types: ["signal.emitted"] })) {
      for (const event of page.map(positionedEvent)) if (event.type === "signal.emitted") emitted.push(event.payload);
    }
    return signalsOfRun(emitted, run.manifest.strategy);
  } finally {
    await store.close();
  }
}
