/** A workspace's quality log: a log of its own, so that no level of the ladder is part of a run's content. */
import { QualityIndex } from "../core/quality/quality-index.js";
import { QUALITY_LOG, qualityCatalogue, type SlaEvent, slaStream } from "../core/quality/sla-events.js";
import type { JsonObject, NewEvent, ReplayEvent, UtcMillis } from "../core/tape/event.js";
import { eventId } from "../core/tape/event-id.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { EventStore, LogSession, StreamBatch } from "../ports/event-store.js";
import { type DataRefusal, refusal } from "./data-ports.js";
import { appendToWorkspaceLog, readWorkspaceLog, type WorkspaceLog } from "./workspace-log.js";

export interface QualityPorts {
  /** Holds the workspace's own logs. */
  readonly store: EventStore;
  readonly hash: Sha256Fn;
  /** Wall clock in UTC milliseconds. */
  readonly now: () => UtcMillis;
}

const LOG: WorkspaceLog = { log: QUALITY_LOG, catalogue: qualityCatalogue, says: "the quality log" };

/** Everything that the log says. A workspace without one is empty. */
export async function readQuality(
  ports: Pick<QualityPorts, "store">,
): Promise<{ readonly kind: "read"; readonly index: QualityIndex } | DataRefusal> {
  const outcome = await readWorkspaceLog(ports.store, LOG, fold);
  return outcome.kind === "read" ? { kind: "read", index: outcome.value ?? new QualityIndex() } : outcome;
}

/** Appends what `decide` makes of the log as it stands, all of it or nothing. */
export function appendQuality(
  ports: QualityPorts,
  decide: (index: QualityIndex) => readonly SlaEvent[],
): Promise<{ readonly kind: "appended"; readonly events: number } | DataRefusal> {
  return appendToWorkspaceLog(ports.store, LOG, async (session) => batches(ports.hash, session, decide(await fold(session))));
}

/** Resolves an anomaly of bars: it no longer refuses what it stands for, and stays on the log with who and why. */
export async function resolveBarAnomaly(
  ports: QualityPorts,
  anomaly_id: string,
  decision: { readonly by: string; readonly note: string },
): Promise<{ readonly kind: "resolved" } | { readonly kind: "already" } | { readonly kind: "unknown" } | DataRefusal> {
  const faults = (["by", "note"] as const).filter((field) => decision[field].trim() === "");
  if (faults.length > 0)
    return refusal(
      "invalid",
      faults.map((field) => ({ code: "USAGE", message: `a resolution says ${field === "by" ? "who" : "why"}`, field, expected: "text" })),
    );
  let found: "resolved" | "already" | "unknown" = "unknown";
  const outcome = await appendQuality(ports, (index) => {
    const anomaly = index.anomaly(anomaly_id);
    found = anomaly === null ? "unknown" : anomaly.resolution === null ? "resolved" : "already";
    if (found !== "resolved") return [];
    return [{ type: "bar_anomaly.resolved", occurred_at: ports.now(), payload: { anomaly_id, ...decision } }];
  });
  return outcome.kind === "refused" ? outcome : { kind: found };
}

async function fold(session: LogSession): Promise<QualityIndex> {
  const index = new QualityIndex();
  for await (const page of session.replayPages()) for (const stored of page) index.apply(eventOf(stored));
  return index;
}

/** Payloads have passed their schemas when they were stored. */
function eventOf({ type, occurred_at, payload }: ReplayEvent): SlaEvent {
  return { type, occurred_at, payload: JSON.parse(payload) as JsonObject } as unknown as SlaEvent;
}

/** Events of one command, stream by stream, in the order given within each. */
async function batches(hash: Sha256Fn, session: LogSession, events: readonly SlaEvent[]): Promise<readonly StreamBatch[]> {
  const byStream = new Map<string, SlaEvent[]>();
  for (const event of events) byStream.set(slaStream(event), [...(byStream.get(slaStream(event)) ?? []), event]);
  const command = String(session.head().position + 1);
  let n = 0;
  const made: StreamBatch[] = [];
  for (const [stream, members] of byStream) {
    const version = await session.streamVersion(stream);
    const own = members.map(({ type, occurred_at, payload }): NewEvent => {
      const id = eventId(occurred_at, QUALITY_LOG, command, n++, hash);
      return { id, type, schema_version: 1, occurred_at, payload: { ...payload } as JsonObject };
    });
    made.push({ stream, expected: version === 0 ? "no_stream" : version, events: own });
  }
  return made;
}
