/** The projections of a workspace's logs: what there is, how each stands, and how one is built again. */
import { runCatalogue } from "../core/engine/run-event-schemas.js";
import { CATALOGUE_LOG, dataCatalogue } from "../core/market/catalogue-events.js";
import type { PoisonPolicy } from "../core/projection/fold-events.js";
import { catalogueProjections, runProjections } from "../core/projection/known-projections.js";
import type { Projection } from "../core/projection/projection.js";
import { figuresOf } from "../core/projection/projection-figures.js";
import type { EventCatalogue } from "../core/tape/catalogue.js";
import type { JsonObject } from "../core/tape/event.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { Clock } from "../ports/clock.js";
import type { EventStore, LogSession } from "../ports/event-store.js";
import type { OpsJournal } from "../ports/ops-journal.js";
import type { ProjectionStore, ProjectionStores } from "../ports/projection-store.js";
import { type ProjectionHealth, projectionHealth } from "./projection-health.js";
import { ProjectionWorker, type WorkerStep } from "./projection-worker.js";
import { sessionLog, sessionNames } from "./recorded-session.js";

export interface ProjectionPorts {
  /** The workspace's own logs. */
  readonly store: EventStore & ProjectionStores;
  /** Logs of sessions. */
  readonly sessions: EventStore & ProjectionStores;
  readonly hash: Sha256Fn;
  readonly clock: Clock;
  readonly journal: OpsJournal;
  /** Unlike that of any other process. */
  readonly owner: string;
}

interface Source {
  readonly log: string;
  readonly catalogue: EventCatalogue;
  readonly store: EventStore & ProjectionStores;
  readonly projections: readonly Projection[];
}

/** A log that cannot be looked at, and why. */
export interface UnreadableLog {
  readonly log: string;
  readonly why: string;
}

export interface ListedProjections {
  readonly items: readonly ProjectionHealth[];
  readonly unreadable: readonly UnreadableLog[];
}

/** Every projection of every log, by log and name. */
export async function listProjections(ports: ProjectionPorts, log: string | null): Promise<ListedProjections> {
  const items: ProjectionHealth[] = [];
  const unreadable: UnreadableLog[] = [];
  for (const source of await sources(ports, log)) {
    const why = await withSource(source, async (session, store) => {
      for (const projection of source.projections) {
        const request = { projection, catalogue: source.catalogue, session, store, hash: ports.hash, now: ports.clock.now() };
        items.push((await projectionHealth(request)).health);
      }
    });
    if (why !== null) unreadable.push({ log: source.log, why });
  }
  return { items, unreadable };
}

/** Which projection of which log: `not_found` names what there is, `ambiguous` the logs that have one of the name. */
export type FoundProjection =
  | { readonly kind: "found"; readonly source: Source; readonly projection: Projection }
  | { readonly kind: "not_found"; readonly known: readonly string[] }
  | { readonly kind: "ambiguous"; readonly logs: readonly string[] };

export async function findProjection(ports: ProjectionPorts, name: string, log: string | null): Promise<FoundProjection> {
  const all = await sources(ports, log);
  const fitting = all.flatMap((source) => {
    const projection = source.projections.find((known) => known.name === name);
    return projection === undefined ? [] : [{ kind: "found" as const, source, projection }];
  });
  const [only] = fitting;
  if (only === undefined) {
    const names = all.flatMap(({ projections }) => projections.map((known) => known.name));
    return { kind: "not_found", known: [...new Set(names)].sort() };
  }
  return fitting.length === 1 ? only : { kind: "ambiguous", logs: fitting.map(({ source }) => source.log) };
}

export type ShownProjection =
  | { readonly kind: "shown"; readonly health: ProjectionHealth; readonly state: JsonObject | null; readonly figures: JsonObject | null }
  | { readonly kind: "unreadable"; readonly why: string };

export async function showProjection(
  ports: ProjectionPorts,
  { source, projection }: Extract<FoundProjection, { kind: "found" }>,
): Promise<ShownProjection> {
  let shown: ShownProjection | null = null;
  const why = await withSource(source, async (session, store) => {
    const request = { projection, catalogue: source.catalogue, session, store, hash: ports.hash, now: ports.clock.now() };
    const { health, state } = await projectionHealth(request);
    shown = { kind: "shown", health, state, figures: state === null ? null : figuresOf(projection.name, state, request.now) };
  });
  return shown ?? { kind: "unreadable", why: why ?? "" };
}

export interface RebuildOptions {
  readonly policy: PoisonPolicy;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export type RebuiltProjection =
  | { readonly kind: "rebuilt"; readonly before: ProjectionHealth; readonly after: ProjectionHealth }
  /** It did not reach the head; what answered before still answers. */
  | { readonly kind: "not_rebuilt"; readonly after: ProjectionHealth; readonly step: WorkerStep }
  | { readonly kind: "aborted"; readonly position: number }
  | { readonly kind: "unreadable"; readonly why: string };

/** Folds the log from its start into a new generation beside the active one, and switches when it has reached the head. */
export async function rebuildProjection(
  ports: ProjectionPorts,
  { source, projection }: Extract<FoundProjection, { kind: "found" }>,
  { policy, onProgress, signal }: RebuildOptions,
): Promise<RebuiltProjection> {
  const { catalogue } = source;
  let rebuilt: RebuiltProjection | null = null;
  const why = await withSource(source, async (session, store) => {
    const { hash, clock, journal, owner } = ports;
    const look = async (): Promise<ProjectionHealth> =>
      (await projectionHealth({ projection, catalogue, session, store, hash, now: clock.now() })).health;
    const before = await look();
    // What an earlier attempt left unfinished is begun again.
    for (const head of await store.heads()) if (head.name === projection.name && head.role === "building") await store.remove(head);
    const rebuild = before.condition !== "not_built";
    const worker = new ProjectionWorker({ projection, catalogue, session, store, hash, clock, journal, owner, policy, rebuild });
    try {
      for (;;) {
        const step = await worker.step();
        if (step.kind === "worked") onProgress?.(step.position, (await session.refresh()).position);
        if (signal?.aborted === true) {
          rebuilt = { kind: "aborted", position: worker.held?.at.position ?? 0 };
          return;
        }
        if (step.kind === "idle") {
          await worker.close();
          rebuilt = { kind: "rebuilt", before, after: await look() };
          return;
        }
        if (step.kind === "halted" || step.kind === "stopped" || step.kind === "held" || step.kind === "unavailable") {
          rebuilt = { kind: "not_rebuilt", after: await look(), step };
          return;
        }
        await clock.wait(0, signal);
      }
    } finally {
      await worker.close();
    }
  });
  return rebuilt ?? { kind: "unreadable", why: why ?? "" };
}

async function sources({ store, sessions }: ProjectionPorts, log: string | null): Promise<readonly Source[]> {
  const own = (await store.logs()).includes(CATALOGUE_LOG)
    ? [{ log: CATALOGUE_LOG, catalogue: dataCatalogue, store, projections: catalogueProjections }]
    : [];
  // A database holds the logs of runs and of the workspace beside those of sessions.
  const named = (await sessionNames(sessions)).map((name) => ({
    log: sessionLog(name),
    catalogue: runCatalogue,
    store: sessions,
    projections: runProjections,
  }));
  return [...own, ...named].filter((source) => log === null || source.log === log);
}

/** @returns null once the work is done, else why the log cannot be looked at. */
async function withSource(source: Source, work: (session: LogSession, store: ProjectionStore) => Promise<void>): Promise<string | null> {
  const opened = await source.store.open({ log: source.log, catalogue: source.catalogue, mode: "read" });
  if (opened.kind !== "opened") return "cause" in opened ? opened.cause : opened.kind.replaceAll("_", " ");
  try {
    const projections = await source.store.openProjections(source.log);
    if (projections.kind !== "opened") return "cause" in projections ? projections.cause : projections.kind.replaceAll("_", " ");
    try {
      await work(opened.session, projections.store);
      return null;
    } finally {
      await projections.store.close();
    }
  } finally {
    await opened.session.close();
  }
}
