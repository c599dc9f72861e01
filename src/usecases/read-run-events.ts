import type { JsonObject, TapeEvent } from "../core/tape/event.js";
import { TapeUnreadable } from "../core/tape/tape-unreadable.js";
import type { StoredRun } from "../ports/run-store.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { openTape } from "./compare-runs.js";

export interface EventFilter {
  /** Only these types. */
  readonly types?: readonly string[];
  /** Only this stream, with or without its log. */
  readonly stream?: string;
  /** First and last position, inclusive. */
  readonly from?: number;
  readonly to?: number;
  readonly limit?: number;
}

/** An event with its payload parsed. */
export type ReadEvent = Omit<TapeEvent, "payload"> & { readonly payload: JsonObject };

/** Reads a run's events in order, a page at a time. @throws {TapeUnreadable} when the tape cannot be opened. */
export async function* readRunEvents(
  ports: Pick<BacktestPorts, "tapes">,
  run: StoredRun,
  filter: EventFilter = {},
): AsyncGenerator<ReadEvent> {
  const store = ports.tapes(run.dir);
  try {
    const opened = await openTape(store, run.manifest.tape.log);
    if (opened.session === null) throw new TapeUnreadable(`the tape of ${run.name} cannot be opened: ${opened.why}`);
    const { session } = opened;
    const stream = filter.stream === undefined ? null : fullName(run.manifest.tape.log, filter.stream);
    let given = 0;
    if (filter.limit === 0) return;
    for await (const event of session.readLog({ from: filter.from ?? 1, ...(filter.types === undefined ? {} : { types: filter.types }) })) {
      if (filter.to !== undefined && event.position > filter.to) return;
      if (stream !== null && event.stream !== stream) continue;
      yield { ...event, payload: JSON.parse(event.payload) as JsonObject };
      given += 1;
      if (given === filter.limit) return;
    }
  } finally {
    await store.close();
  }
}

function fullName(log: string, stream: string): string {
  return stream.startsWith(`${log}/`) ? stream : `${log}/${stream}`;
}
