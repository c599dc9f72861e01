import { MemoryEventStore } from "../../src/adapters/memory/memory-event-store.js";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import { PaperBroker } from "../../src/adapters/paper-venue/paper-broker.js";
import { runCatalogue } from "../../src/core/engine/run-event-schemas.js";
import type { NewEvent, TapeEvent } from "../../src/core/tape/event.js";
import type { Clock } from "../../src/ports/clock.js";
import type { EventStore, LogSession } from "../../src/ports/event-store.js";
import type { SessionInputs } from "../../src/ports/session-inputs.js";
import { UNPACED } from "../../src/usecases/pace.js";
import type { PaperPorts } from "../../src/usecases/paper-session.js";
import type { BacktestWorkspace } from "./backtest-workspace.js";

const clock: Clock = { now: () => 0, wait: () => Promise.resolve() };

/** What sessions need beside their tapes, in memory. */
export function memoryInputs(): SessionInputs & { readonly texts: Map<string, string> } {
  const texts = new Map<string, string>();
  return {
    texts,
    keepStrategy: async (source, bundle) => void texts.set(source, bundle),
    strategy: async (source) => texts.get(source) ?? null,
    keepText: async (text) => void texts.set(sha256(text), text),
    text: async (hash) => texts.get(hash) ?? null,
  };
}

/** Ports of paper sessions beside those of a workspace's backtests, with tapes in memory. */
export function paperPorts({
  ports,
}: Pick<BacktestWorkspace, "ports">): PaperPorts & BacktestWorkspace["ports"] & { readonly inputs: ReturnType<typeof memoryInputs> } {
  const store = (): EventStore => new MemoryEventStore({ sha256, now: () => 0 });
  return {
    ...ports,
    ...{ sessions: store(), workspace: store(), pace: UNPACED, clock, broker: new PaperBroker(), notifiers: new Map() },
    inputs: memoryInputs(),
  };
}

/** Every event of a session's tape. */
export async function eventsOf(sessions: EventStore, session: string): Promise<readonly TapeEvent[]> {
  const opened = await sessions.open({ log: `session/${session}`, catalogue: runCatalogue, mode: "read" });
  if (opened.kind !== "opened") throw new Error(opened.kind);
  const events: TapeEvent[] = [];
  for await (const event of opened.session.readLog()) events.push(event);
  await opened.session.close();
  return events;
}

/** A store whose one session has these events, its chain made anew. */
export async function sessionsWith(session: string, events: readonly TapeEvent[]): Promise<EventStore> {
  const store = new MemoryEventStore({ sha256, now: () => 0 });
  const opened = await store.open({ log: `session/${session}`, catalogue: runCatalogue, mode: "write", layout: "rows" });
  if (opened.kind !== "opened") throw new Error(opened.kind);
  for (const event of events) await appended(opened.session, event);
  await opened.session.close();
  return store;
}

async function appended(tape: LogSession, event: TapeEvent): Promise<void> {
  const { id, type, schema_version, occurred_at, source_at, causation_id, stream, version, payload } = event;
  const copied = { id, type, schema_version, occurred_at, source_at, causation_id, payload: JSON.parse(payload) } as NewEvent;
  const outcome = await tape.append([
    { stream: stream.slice(tape.log.length + 1), expected: version === 1 ? "no_stream" : version - 1, events: [copied] },
  ]);
  if (outcome.kind !== "stored") throw new Error(JSON.stringify(outcome));
}
