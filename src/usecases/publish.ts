import type { Dispatcher } from "../core/tape/dispatcher.js";
import type { TapeEvent } from "../core/tape/event.js";
import type { AppendOutcome, LogSession, StreamBatch } from "../ports/event-store.js";

/**
 * Appends events and, once the store has taken them, hands them to the handlers that subscribed.
 *
 * Handlers run for `stored` alone: a duplicate was handled when it was stored, and after any other outcome there is nothing to handle.
 * A handler that throws does not undo the append; its error passes through.
 *
 * @throws {AsyncHandlerRefused} when a handler returns a promise.
 */
export async function publish(session: LogSession, dispatcher: Dispatcher, batches: readonly StreamBatch[]): Promise<AppendOutcome> {
  const outcome = await session.append(batches);
  if (outcome.kind !== "stored") return outcome;
  const first = outcome.positions[0];
  if (first === undefined) return outcome;
  const stored: TapeEvent[] = [];
  for await (const event of session.readLog({ from: first, limit: outcome.positions.length })) stored.push(event);
  dispatcher.dispatch(stored);
  return outcome;
}
