import type { LogSession } from "../ports/event-store.js";

/** An event that a term rests on. */
export interface EventBehind {
  readonly position: number;
  readonly type: string;
  readonly stream: string;
  readonly occurred_at: number;
}

/** Reads events by position. @param positions ascending */
export async function eventsAt(session: LogSession, positions: readonly number[]): Promise<readonly EventBehind[]> {
  const events: EventBehind[] = [];
  for (const from of positions) {
    for await (const { position, type, stream, occurred_at } of session.readLog({ from, limit: 1 })) {
      events.push({ position, type, stream: shortStream(stream, session.log), occurred_at });
    }
  }
  return events;
}

/** A stream without the name of its log. */
export function shortStream(stream: string, log: string): string {
  return stream.startsWith(`${log}/`) ? stream.slice(log.length + 1) : stream;
}
