import type { TapeEvent } from "../core/tape/event.js";
import type { Clock } from "../ports/clock.js";
import type { LogSession } from "../ports/event-store.js";

export interface TailRequest {
  /** Newest events to begin with. */
  readonly limit: number;
  /** Only these types. */
  readonly types?: readonly string[];
  /** Stays and yields what is committed from then on, until the signal is raised. */
  readonly follow?: { readonly clock: Clock; readonly signal: AbortSignal };
}

/** How long to wait where nothing came: there is no wait while events are behind. */
const LOOK_MS = 250;

/** The newest events of a log, oldest of them first, and those that follow. */
export async function* tailLog(session: LogSession, { limit, types, follow }: TailRequest): AsyncGenerator<TapeEvent> {
  const filter = types === undefined ? {} : { types };
  const newest: TapeEvent[] = [];
  const end = (await session.refresh()).position;
  for await (const event of session.readLog({ ...filter, direction: "backwards", limit })) newest.push(event);
  let seen = end;
  for (const event of newest.reverse()) {
    seen = Math.max(seen, event.position);
    yield event;
  }
  if (follow === undefined) return;
  while (!follow.signal.aborted) {
    const { position } = await session.refresh();
    if (position < seen) throw new LogWentBack(session.log, seen, position);
    if (position > seen) {
      for await (const event of session.readLog({ ...filter, from: seen + 1, limit: position - seen })) {
        if (event.position > position) break;
        yield event;
      }
      seen = position;
      continue;
    }
    await follow.clock.wait(LOOK_MS, follow.signal);
  }
}

/** A log ends before where it was read to: an older copy was put in its place. */
export class LogWentBack extends Error {
  override readonly name = "LogWentBack";
  readonly code = "LOG_WENT_BACK";

  constructor(log: string, seen: number, position: number) {
    super(`${log} ends at position ${position} and was read to ${seen}: was an older copy restored?`);
  }
}
