import type { Head, TapeEvent, UtcMillis } from "../core/tape/event.js";
import type { LogLayout, LogSession } from "../ports/event-store.js";

export interface TypeStats {
  readonly type: string;
  readonly events: number;
  /** Length of the payloads as canonical text, in characters. */
  readonly payload_chars: number;
  /** Schema versions that occur, ascending. */
  readonly schema_versions: readonly number[];
}

/** What a log holds, counted from its events. */
export interface LogStats {
  readonly log: string;
  readonly layout: LogLayout;
  readonly head: Head;
  readonly events: number;
  /** Committed blocks. */
  readonly blocks: number;
  readonly streams: number;
  readonly payload_chars: number;
  /** Event times and clock readings of the writer in UTC milliseconds; null for an empty log. */
  readonly first_occurred_at: UtcMillis | null;
  readonly last_occurred_at: UtcMillis | null;
  readonly first_recorded_at: UtcMillis | null;
  readonly last_recorded_at: UtcMillis | null;
  /** Writers that the log has had. */
  readonly epochs: number;
  /** By number of events, then by name. */
  readonly types: readonly TypeStats[];
}

interface Counted {
  events: number;
  payload_chars: number;
  readonly versions: Set<number>;
}

const PROGRESS_STEP = 20_000;

/** Reads a log once and counts it. @param onProgress called with the events read. */
export async function logStats(session: LogSession, onProgress: (events: number) => void = () => {}): Promise<LogStats> {
  const head = await session.refresh();
  const types = new Map<string, Counted>();
  const streams = new Set<string>();
  const epochs = new Set<number>();
  let first: TapeEvent | null = null;
  let last: TapeEvent | null = null;
  let earliest = Number.POSITIVE_INFINITY;
  let latest = Number.NEGATIVE_INFINITY;
  for await (const event of session.readLog({ limit: Math.max(1, head.position) })) {
    first ??= event;
    last = event;
    earliest = Math.min(earliest, event.occurred_at);
    latest = Math.max(latest, event.occurred_at);
    streams.add(event.stream);
    epochs.add(event.epoch);
    let counted = types.get(event.type);
    if (counted === undefined) {
      counted = { events: 0, payload_chars: 0, versions: new Set() };
      types.set(event.type, counted);
    }
    counted.events += 1;
    counted.payload_chars += event.payload.length;
    counted.versions.add(event.schema_version);
    if (event.position % PROGRESS_STEP === 0) onProgress(event.position);
  }
  const listed = [...types].map(([type, { events, payload_chars, versions }]) => ({
    type,
    events,
    payload_chars,
    schema_versions: [...versions].sort((a, b) => a - b),
  }));
  return {
    log: session.log,
    layout: session.layout,
    head,
    events: listed.reduce((sum, { events }) => sum + events, 0),
    blocks: (await session.anchors()).filter(({ position }) => position <= head.position).length,
    streams: streams.size,
    payload_chars: listed.reduce((sum, { payload_chars }) => sum + payload_chars, 0),
    first_occurred_at: first === null ? null : earliest,
    last_occurred_at: first === null ? null : latest,
    first_recorded_at: first?.recorded_at ?? null,
    last_recorded_at: last?.recorded_at ?? null,
    epochs: epochs.size,
    types: listed.sort((a, b) => b.events - a.events || (a.type < b.type ? -1 : 1)),
  };
}
