import { codeVersion, type Projection } from "../core/projection/projection.js";
import { type Snapshot, type SnapshotFault, snapshotFault } from "../core/projection/snapshot.js";
import type { EventCatalogue } from "../core/tape/catalogue.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { LogSession } from "../ports/event-store.js";
import type { OpsJournal } from "../ports/ops-journal.js";
import type { SnapshotStore } from "../ports/snapshot-store.js";

export interface SnapshotJudge {
  readonly projection: Projection;
  readonly catalogue: EventCatalogue;
  readonly session: Pick<LogSession, "log" | "refresh" | "readLog">;
  readonly store: Pick<SnapshotStore, "snapshots" | "removeSnapshots">;
  readonly journal: OpsJournal;
  readonly hash: Sha256Fn;
  /** Stream under which its snapshots are kept. Default: {@link snapshotStream}. */
  readonly stream?: string;
}

export interface IgnoredSnapshot {
  readonly snapshot: Snapshot;
  readonly fault: SnapshotFault;
}

/** Where the snapshots of a projection of a whole log are kept. */
export function snapshotStream({ name }: Pick<Projection, "name">): string {
  return `projection/${name}`;
}

/**
 * Snapshots that prove themselves against the log, newest first. Every other one is ignored, with an event on the ops log, and removed,
 * so that a sound one can take its place; those of other code stay for whoever runs it.
 */
export async function believedSnapshots(
  judge: SnapshotJudge,
): Promise<{ readonly believed: readonly Snapshot[]; readonly ignored: readonly IgnoredSnapshot[] }> {
  const { projection, catalogue, session, store, hash } = judge;
  const code_version = codeVersion(projection, catalogue);
  const believed: Snapshot[] = [];
  const ignored: IgnoredSnapshot[] = [];
  const stream = judge.stream ?? snapshotStream(projection);
  for (const snapshot of await store.snapshots(stream)) {
    const event_hash = await hashAt(session, snapshot.position);
    const evidence = { head_position: (await session.refresh()).position, event_hash, code_version, name: projection.name };
    const fault = snapshotFault(snapshot, evidence, hash);
    if (fault === null) believed.push(snapshot);
    else {
      ignored.push({ snapshot, fault });
      await noteIgnored(judge.journal, session.log, snapshot, fault, code_version);
    }
  }
  const useless = ignored.filter(({ fault }) => fault !== "other_code").map(({ snapshot }) => snapshot.position);
  if (useless.length > 0) await store.removeSnapshots(stream, useless);
  return { believed, ignored };
}

/** Takes down that a snapshot was not believed. */
export async function noteIgnored(
  journal: OpsJournal,
  log: string,
  { stream, version, position, code_version }: Snapshot,
  fault: SnapshotFault,
  wanted: string,
): Promise<void> {
  await journal.note({ type: "snapshot.ignored", payload: { log, stream, version, position, fault, code_version, wanted } });
}

/** Chain hash of the event at a position; null where the log has none. */
export async function hashAt(session: Pick<LogSession, "readLog">, position: number): Promise<string | null> {
  if (!(position > 0)) return null;
  for await (const event of session.readLog({ from: position, limit: 1 })) return event.position === position ? event.event_hash : null;
  return null;
}
