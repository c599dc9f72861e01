import { foldEvents, type PoisonedEvent } from "../core/projection/fold-events.js";
import { canonicalState, initialState, type ProjectedState, stateHash } from "../core/projection/projected-state.js";
import { codeVersion, type Projection } from "../core/projection/projection.js";
import {
  DEFAULT_SNAPSHOT_POLICY,
  type Snapshot,
  type SnapshotPolicy,
  snapshotDue,
  snapshotOf,
  stateOfSnapshot,
} from "../core/projection/snapshot.js";
import type { JsonObject } from "../core/tape/event.js";
import type { Sha256Hex } from "../core/tape/hash.js";
import { buildRegistry } from "../core/tape/registry.js";
import type { LogSession } from "../ports/event-store.js";
import type { SnapshotStore } from "../ports/snapshot-store.js";
import { believedSnapshots, type IgnoredSnapshot, noteIgnored, type SnapshotJudge, snapshotStream } from "./believed-snapshots.js";
import { LogAhead } from "./log-ahead.js";
import { baseBeforeLate } from "./recompute-late.js";

export interface LoadRequest<S extends JsonObject> extends SnapshotJudge {
  readonly projection: Projection<S>;
  readonly session: Pick<LogSession, "log" | "refresh" | "readLog" | "readPages">;
  readonly store: SnapshotStore;
  /** Last position to fold. Default: the head. */
  readonly to?: number;
  /** When to take a snapshot on the way, and how many to keep. Null takes none. Default: every 50 events, the newest two. */
  readonly snapshots?: { readonly policy: SnapshotPolicy; readonly keep: number } | null;
}

export interface LoadedState<S extends JsonObject> {
  readonly at: ProjectedState<S>;
  readonly state_hash: Sha256Hex;
  /** Position of the snapshot that was gone on from; 0 where the log was folded from its start. */
  readonly from_position: number;
  /** Events of the log that were folded: all, or the tail behind the snapshot. */
  readonly folded: number;
  /** Snapshots that were not believed. */
  readonly ignored: readonly IgnoredSnapshot[];
  /** The event that stopped the fold. */
  readonly halted: PoisonedEvent | null;
}

const DEFAULT_KEEPING = { policy: DEFAULT_SNAPSHOT_POLICY, keep: 2 } as const;
const BATCH = 1_000;

/**
 * The state of a projection at the head of its log: the newest snapshot that proves itself, and the events behind it. Equal to a fold of
 * the whole log, also where an event came late; a snapshot that does not prove itself costs time and nothing else.
 */
export async function loadState<S extends JsonObject>(request: LoadRequest<S>): Promise<LoadedState<S>> {
  const { believed, ignored } = await believedSnapshots(request);
  const to = request.to ?? (await request.session.refresh()).position;
  const fitting = believed.filter(({ position }) => position <= to);
  const loaded =
    request.projection.order === "event_time" ? await inEventTime(request, fitting, to) : await byPosition(request, fitting, to);
  return { ...loaded, ignored };
}

/**
 * Folds the whole log again and compares the outcome with every snapshot that would be believed: what nobody notices otherwise, a
 * snapshot that was altered with its hashes, or a fold that is not deterministic. What differs is removed and taken down.
 */
export async function checkSnapshots<S extends JsonObject>(request: LoadRequest<S>): Promise<readonly IgnoredSnapshot[]> {
  const { projection, catalogue, store, session, journal } = request;
  const { believed, ignored } = await believedSnapshots(request);
  const found = [...ignored];
  const wanted = codeVersion(projection, catalogue);
  for (const snapshot of believed) {
    const whole = await foldTo({ ...request, snapshots: null }, [], snapshot.position);
    if (whole.state_hash === snapshot.state_hash) continue;
    found.push({ snapshot, fault: "replay_differs" });
    await noteIgnored(journal, session.log, snapshot, "replay_differs", wanted);
    await store.removeSnapshots(snapshot.stream, [snapshot.position]);
  }
  return found;
}

type Loaded<S extends JsonObject> = Omit<LoadedState<S>, "ignored">;

function foldTo<S extends JsonObject>(request: LoadRequest<S>, believed: readonly Snapshot[], to: number): Promise<Loaded<S>> {
  return request.projection.order === "event_time" ? inEventTime(request, believed, to) : byPosition(request, believed, to);
}

async function byPosition<S extends JsonObject>(request: LoadRequest<S>, believed: readonly Snapshot[], to: number): Promise<Loaded<S>> {
  const { projection, catalogue, store, hash } = request;
  const keeping = request.snapshots === undefined ? DEFAULT_KEEPING : request.snapshots;
  const registry = buildRegistry(catalogue);
  const ahead = new LogAhead(request.session);
  const [newest] = believed;
  const start = newest === undefined ? initialState(projection) : stateOfSnapshot<S>(newest);
  let at = start;
  let last = start.events;
  let halted: PoisonedEvent | null = null;
  let text: string | null = null;
  while (at.position < to && halted === null) {
    let version = at.events;
    const events = await ahead.take(at.position, Math.min(BATCH, to - at.position), ({ type }) => {
      if (keeping === null || !projection.types.includes(type)) return false;
      version += 1;
      return snapshotDue(keeping.policy, version, last);
    });
    const folded = foldEvents({ projection, registry, from: at, events, policy: "halt" });
    if (folded.kind === "late") throw new Error(`${projection.name} is folded by position and knows no late events`);
    ({ to: at, halted, text } = folded);
    if (keeping === null || !snapshotDue(keeping.policy, at.events, last)) continue;
    const made = { text, code_version: codeVersion(projection, catalogue), name: projection.name };
    await store.putSnapshot(snapshotOf(request.stream ?? snapshotStream(projection), at, made, hash), keeping.keep);
    last = at.events;
  }
  return finish(request, start, at, text, halted);
}

async function inEventTime<S extends JsonObject>(request: LoadRequest<S>, believed: readonly Snapshot[], to: number): Promise<Loaded<S>> {
  const { projection, catalogue, session } = request;
  const { from, events } = await baseBeforeLate(projection, session, believed, to);
  const folded = foldEvents({ projection, registry: buildRegistry(catalogue), from, events, policy: "halt" });
  if (folded.kind === "late") throw new Error(`${projection.name} found an event before the state that was chosen to lie before it`);
  return finish(request, from, folded.to, folded.text, folded.halted);
}

function finish<S extends JsonObject>(
  { projection, hash }: LoadRequest<S>,
  start: ProjectedState<S>,
  at: ProjectedState<S>,
  text: string | null,
  halted: PoisonedEvent | null,
): Loaded<S> {
  const canonical = text ?? canonicalState(at.state);
  return {
    at,
    state_hash: stateHash(projection.name, canonical, hash),
    from_position: start.position,
    folded: at.events - start.events,
    halted,
  };
}
