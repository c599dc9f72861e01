/** The states of a drill: every projection of a restored log is built again, and held against those of the workspace. */
import { codeVersion, type Projection } from "../core/projection/projection.js";
import type { Sha256Fn, Sha256Hex } from "../core/tape/hash.js";
import type { Clock } from "../ports/clock.js";
import type { LogSession } from "../ports/event-store.js";
import type { OpsJournal } from "../ports/ops-journal.js";
import type { ProjectionRecord, ProjectionStore, ProjectionStores } from "../ports/projection-store.js";
import { ProjectionWorker } from "./projection-worker.js";
import { foldedHash } from "./verify-log.js";
import { catalogueOf, projectionsOf } from "./workspace-logs.js";

/** One projection of a drilled log. */
export interface DrilledState {
  readonly projection: string;
  /** Where the rebuilt state stands; before the head where an event halts the projection. */
  readonly position: number;
  readonly state_hash: Sha256Hex;
  /** What the workspace's log gives at that position; null where the workspace has no such log. */
  readonly live_hash: Sha256Hex | null;
  /** Where the state that the workspace keeps stands, and its hash; null where it keeps none that the restored log reaches. */
  readonly kept: { readonly position: number; readonly state_hash: Sha256Hex } | null;
}

export interface RebuildTerms {
  readonly hash: Sha256Fn;
  readonly clock: Clock;
}

/** Builds every projection of a log in the store's own tables. @returns them, or why one could not be built. */
export async function rebuildStates(
  session: LogSession,
  stores: ProjectionStores,
  terms: RebuildTerms,
): Promise<readonly ProjectionRecord[] | string> {
  const known = projectionsOf(session.log);
  if (known.length === 0) return [];
  const opened = await stores.openProjections(session.log);
  if (opened.kind !== "opened") return "cause" in opened ? opened.cause : opened.kind.replaceAll("_", " ");
  try {
    const records: ProjectionRecord[] = [];
    for (const projection of known) {
      const record = await rebuild(session, opened.store, projection, terms);
      if (typeof record === "string") return `the projection ${projection.name} cannot be built: ${record}`;
      records.push(record);
    }
    return records;
  } finally {
    await opened.store.close();
  }
}

async function rebuild(
  session: LogSession,
  store: ProjectionStore,
  projection: Projection,
  { hash, clock }: RebuildTerms,
): Promise<ProjectionRecord | string> {
  const catalogue = catalogueOf(session.log);
  const worker = new ProjectionWorker({
    ...{ projection, catalogue, session, store, hash, clock, journal: silent, owner: "drill", snapshots: null },
  });
  try {
    for (;;) {
      const step = await worker.step();
      // An event that halts it halts the workspace's too: what stands before it is compared.
      if (step.kind === "idle" || step.kind === "halted") break;
      if (step.kind === "unavailable") return step.cause;
      if (step.kind === "held" || step.kind === "stopped" || step.kind === "lost") return `its worker was ${step.kind}`;
    }
    const key = worker.held?.key;
    const record = key === undefined ? null : await store.read(key);
    return record ?? "its state is not there";
  } finally {
    await worker.close();
  }
}

/** Holds rebuilt states against what a workspace's log gives, and against the states that the workspace keeps. */
export async function compareStates(
  copy: LogSession,
  rebuilt: readonly ProjectionRecord[],
  live: { readonly session: LogSession; readonly stores: ProjectionStores } | null,
  hash: Sha256Fn,
): Promise<{ readonly states: readonly DrilledState[]; readonly fault: string | null }> {
  const states: DrilledState[] = [];
  let fault: string | null = null;
  const kept = live === null ? new Map<string, ProjectionRecord>() : await keptStates(copy.log, live.stores);
  for (const { name, position, state_hash } of rebuilt) {
    const projection = projectionsOf(copy.log).find((known) => known.name === name);
    if (projection === undefined) continue;
    const live_hash = live === null ? null : await foldedHash(live.session, projection, position, hash);
    const held = kept.get(name);
    const reached = held !== undefined && held.position > 0 && held.position <= position ? held : null;
    states.push({
      projection: name,
      position,
      state_hash,
      live_hash,
      kept: reached === null ? null : { position: reached.position, state_hash: reached.state_hash },
    });
    if (live_hash !== null && live_hash !== state_hash) fault ??= `the projection ${name} comes out otherwise`;
    if (reached === null) continue;
    const restored = reached.position === position ? state_hash : await foldedHash(copy, projection, reached.position, hash);
    if (restored !== reached.state_hash)
      fault ??= `the workspace keeps another state of the projection ${name} at position ${reached.position}`;
  }
  return { states, fault };
}

/** Active states of this code by projection; those that set events aside stand for another fold. */
async function keptStates(log: string, stores: ProjectionStores): Promise<ReadonlyMap<string, ProjectionRecord>> {
  const kept = new Map<string, ProjectionRecord>();
  const opened = await stores.openProjections(log);
  if (opened.kind !== "opened") return kept;
  try {
    const codes = new Map(projectionsOf(log).map((projection) => [projection.name, codeVersion(projection, catalogueOf(log))]));
    for (const head of await opened.store.heads()) {
      if (head.role !== "active" || head.parked > 0 || codes.get(head.name) !== head.code_version) continue;
      const record = await opened.store.read(head);
      if (record !== null) kept.set(head.name, record);
    }
    return kept;
  } finally {
    await opened.store.close();
  }
}

const silent: OpsJournal = { note: async () => {} };
