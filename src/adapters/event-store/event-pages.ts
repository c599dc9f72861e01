import type { ReadOptions } from "../../ports/event-store.js";
import type { ScanRequest } from "./log-backend.js";

/** Most events of a page: enough that a wait for each page is nothing, few enough that a page dies young. */
export const PAGE_EVENTS = 1_000;

/** What a caller's options ask of a log, or of one of its streams by its stored name. Null where no event is wanted. */
export function scanRequest(stream: string | null, options: ReadOptions): ScanRequest | null {
  const { from = null, direction = "forwards", types = null, limit = Number.POSITIVE_INFINITY } = options;
  return limit > 0 ? { stream, from, direction, types, limit: Math.ceil(limit) } : null;
}

/** Events in pages. What came before a failure is handed out before it is thrown. */
export function* inPages<Event>(events: Iterable<Event>, limit: number): Generator<readonly Event[]> {
  const size = Math.min(PAGE_EVENTS, limit);
  let page: Event[] = [];
  try {
    for (const event of events) {
      if (page.push(event) < size) continue;
      yield page;
      page = [];
    }
  } catch (error) {
    if (page.length > 0) yield page;
    throw error;
  }
  if (page.length > 0) yield page;
}

/** Pages up to a number of events. */
export async function* limited<Event>(
  pages: Iterable<readonly Event[]> | AsyncIterable<readonly Event[]>,
  limit: number,
): AsyncGenerator<readonly Event[]> {
  let remaining = limit;
  for await (const page of pages) {
    yield page.length > remaining ? page.slice(0, remaining) : page;
    remaining -= page.length;
    if (remaining <= 0) return;
  }
}

/** One by one what came in pages. */
export async function* oneByOne<Event>(pages: AsyncIterable<readonly Event[]>): AsyncGenerator<Event> {
  for await (const page of pages) for (const event of page) yield event;
}
