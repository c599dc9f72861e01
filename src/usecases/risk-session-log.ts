/** The log of a risk session: how its events are written, and folded again. */
import { streamOf } from "../core/session/decide-risk-command.js";
import type { RiskSessionEvent } from "../core/session/risk-session-events.js";
import { RiskSessionState } from "../core/session/risk-session-state.js";
import type { JsonObject, NewEvent, TapeEvent } from "../core/tape/event.js";
import { eventId } from "../core/tape/event-id.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { LogSession, StreamBatch } from "../ports/event-store.js";

/** What a log says, and where its streams stand. */
export interface Folded {
  readonly state: RiskSessionState;
  readonly versions: Map<string, number>;
  readonly events: number;
}

/** Folds a log from its start. @param onEvent told of each event with the state before it, and its position */
export async function foldSession(
  log: LogSession,
  onEvent: (event: RiskSessionEvent, state: RiskSessionState, position: number) => void = () => {},
): Promise<Folded> {
  const state = new RiskSessionState();
  const versions = new Map<string, number>();
  let events = 0;
  for await (const stored of log.readLog()) {
    const event = riskEventOf(stored);
    onEvent(event, state, stored.position);
    state.apply(event);
    versions.set(streamOf(event), stored.version);
    events += 1;
  }
  return { state, versions, events };
}

/** An event as it was written: the store checked type and payload against the catalogue when it took the event. */
export function riskEventOf({ type, occurred_at, payload }: TapeEvent): RiskSessionEvent {
  return { type, occurred_at, payload: JSON.parse(payload) as JsonObject } as unknown as RiskSessionEvent;
}

/** Batches of events in their order, each run of one stream together, and the versions after them. */
export function batchesOf(
  events: readonly RiskSessionEvent[],
  before: ReadonlyMap<string, number>,
  log: string,
  hash: Sha256Fn,
): { readonly batches: readonly StreamBatch[]; readonly versions: Map<string, number> } {
  const versions = new Map(before);
  const batches: { readonly stream: string; readonly expected: number | "no_stream"; readonly events: NewEvent[] }[] = [];
  for (const event of events) {
    const stream = streamOf(event);
    const version = versions.get(stream) ?? 0;
    versions.set(stream, version + 1);
    const last = batches.at(-1);
    const fresh = newEvent(event, log, stream, version + 1, hash);
    if (last?.stream === stream) last.events.push(fresh);
    else batches.push({ stream, expected: version === 0 ? "no_stream" : version, events: [fresh] });
  }
  return { batches, versions };
}

function newEvent(event: RiskSessionEvent, log: string, stream: string, version: number, hash: Sha256Fn): NewEvent {
  const { type, occurred_at, payload } = event;
  return {
    id: eventId(occurred_at, log, `${stream}/${version}`, 0, hash),
    type,
    schema_version: 1,
    occurred_at,
    payload: { ...payload } as JsonObject,
  };
}

/** Whether every event of a lost answer stands in the log. */
export async function allStand(session: LogSession, batches: readonly StreamBatch[]): Promise<boolean> {
  for (const { events } of batches) for (const event of events) if ((await session.findEvent(event.id)) === null) return false;
  return true;
}
