/**
 * Moves one projection of one log on, batch by batch, from another process or beside the writer.
 *
 * State and checkpoint are stored in one transaction under a lease, so that two workers of one projection fold each event once, and one
 * that was killed goes on where its last transaction ended. One batch is in memory at a time; there is no waiting while it is behind.
 */
import { foldEvents, type PoisonedEvent, type PoisonPolicy } from "../core/projection/fold-events.js";
import { canonicalState, type ProjectedState, stateHash } from "../core/projection/projected-state.js";
import { codeVersion, type Projection } from "../core/projection/projection.js";
import { DEFAULT_SNAPSHOT_POLICY, type SnapshotPolicy, snapshotDue, snapshotOf } from "../core/projection/snapshot.js";
import type { EventCatalogue } from "../core/tape/catalogue.js";
import type { JsonObject, TapeEvent } from "../core/tape/event.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import { buildRegistry, type EventRegistry } from "../core/tape/registry.js";
import type { Clock, CommitSignal } from "../ports/clock.js";
import type { LogSession } from "../ports/event-store.js";
import type { OpsJournal } from "../ports/ops-journal.js";
import type { ProjectionHead, ProjectionKey, ProjectionLease, ProjectionRecord, ProjectionStore } from "../ports/projection-store.js";
import { StoreFailed } from "../ports/store-failed.js";
import { believedSnapshots, hashAt, snapshotStream } from "./believed-snapshots.js";
import { LogAhead } from "./log-ahead.js";
import { baseBeforeLate } from "./recompute-late.js";

export interface ProjectionWorkerOptions<S extends JsonObject = JsonObject> {
  readonly projection: Projection<S>;
  readonly catalogue: EventCatalogue;
  /** Open for reading, or the writer's own. */
  readonly session: Pick<LogSession, "log" | "refresh" | "readLog" | "readPages">;
  readonly store: ProjectionStore;
  readonly hash: Sha256Fn;
  readonly clock: Clock;
  readonly journal: OpsJournal;
  /** Unlike that of any other worker. */
  readonly owner: string;
  /** Default `halt`. */
  readonly policy?: PoisonPolicy;
  /** Events of one batch. Default 1,000. */
  readonly batch_events?: number;
  /** How long others wait for a worker that says nothing. Default 30,000. */
  readonly lease_ms?: number;
  /** Takes the lease from whoever holds it: for the one writer of the log. */
  readonly force?: boolean;
  /** Builds a new generation beside the active one, even where that one is sound. */
  readonly rebuild?: boolean;
  /** Null keeps no snapshots. Default: every 50 events, the newest two; eight where event time decides, as bases for late events. */
  readonly snapshots?: { readonly policy: SnapshotPolicy; readonly keep: number } | null;
}

/** Why a worker may not go on: the log is not the one that the projection was folded from. A stop, never a silent new start. */
export type StopFault = "beyond_head" | "other_history";

/** What one step did. */
export type WorkerStep =
  | { readonly kind: "claimed"; readonly key: ProjectionKey; readonly position: number }
  | { readonly kind: "worked"; readonly events: number; readonly position: number; readonly recomputed: boolean }
  | { readonly kind: "activated"; readonly key: ProjectionKey; readonly position: number }
  | { readonly kind: "idle"; readonly position: number }
  | { readonly kind: "held"; readonly lease: ProjectionLease }
  | { readonly kind: "halted"; readonly at: PoisonedEvent }
  | { readonly kind: "stopped"; readonly fault: StopFault; readonly position: number }
  /** Another worker took over, or a new generation took its place; the next step claims again. */
  | { readonly kind: "lost" }
  | { readonly kind: "unavailable"; readonly cause: string };

/** What a worker knows of the generation whose lease it has. */
export interface HeldProjection<S extends JsonObject> {
  readonly key: ProjectionKey;
  readonly role: "active" | "building";
  readonly lease_epoch: number;
  readonly lease_until: number;
  readonly at: ProjectedState<S>;
  readonly halted: PoisonedEvent | null;
}

const BATCH_EVENTS = 1_000;
const LEASE_MS = 30_000;

export class ProjectionWorker<S extends JsonObject = JsonObject> {
  readonly #options: ProjectionWorkerOptions<S>;
  readonly #registry: EventRegistry;
  readonly #codeVersion: string;
  readonly #snapshots: { readonly policy: SnapshotPolicy; readonly keep: number } | null;
  readonly #ahead: LogAhead;
  #held: HeldProjection<S> | null = null;
  #lastSnapshot = 0;
  #rebuild: boolean;

  constructor(options: ProjectionWorkerOptions<S>) {
    this.#options = options;
    this.#ahead = new LogAhead(options.session);
    this.#registry = buildRegistry(options.catalogue);
    this.#codeVersion = codeVersion(options.projection, options.catalogue);
    const keep = options.projection.order === "event_time" ? 8 : 2;
    this.#snapshots = options.snapshots === undefined ? { policy: DEFAULT_SNAPSHOT_POLICY, keep } : options.snapshots;
    this.#rebuild = options.rebuild ?? false;
  }

  /** The generation whose lease it has, or null. */
  get held(): HeldProjection<S> | null {
    return this.#held;
  }

  /** One bounded piece of work. A store that fails in the middle of it is a step too: what was saved is known after claiming again. */
  async step(): Promise<WorkerStep> {
    try {
      return await this.#step();
    } catch (error) {
      if (!(error instanceof StoreFailed)) throw error;
      return this.#lose({ kind: "unavailable", cause: error.message });
    }
  }

  async #step(): Promise<WorkerStep> {
    const held = this.#held;
    if (held === null) return this.#take();
    if (held.halted !== null) return { kind: "halted", at: held.halted };
    const { session } = this.#options;
    const head = await session.refresh();
    if (head.position < held.at.position) return this.#stop("beyond_head", held.key, held.at.position);
    const events = await this.#batch(held.at);
    if (events.length > 0) return this.#fold(held, events);
    return held.role === "building" ? this.#activate(held) : this.#idle(held);
  }

  /**
   * Steps until the signal is aborted, or until only a person can help.
   *
   * @param wake what tells of new events; without it the log is looked at every `poll_ms`.
   */
  async run(signal: AbortSignal, wake: CommitSignal | null, pollMs = 1_000): Promise<WorkerStep | { readonly kind: "ended" }> {
    const { clock, session } = this.#options;
    while (!signal.aborted) {
      const step = await this.step();
      if (step.kind === "halted" || step.kind === "stopped") {
        await this.close();
        return step;
      }
      if (step.kind === "idle") await (wake?.wait(session.log, step.position, pollMs, signal) ?? clock.wait(pollMs, signal));
      else if (step.kind === "held") await clock.wait(Math.max(1, Math.min(pollMs, step.lease.until - clock.now())), signal);
      else if (step.kind === "unavailable") await clock.wait(pollMs, signal);
      // Others of this process get their turn between two batches.
      else await clock.wait(0, signal);
    }
    await this.close();
    return { kind: "ended" };
  }

  /** Lets go of the lease, so that nobody waits for it. Idempotent. */
  async close(): Promise<void> {
    const held = this.#held;
    this.#held = null;
    if (held !== null) await this.#options.store.release(held.key, held.lease_epoch);
  }

  async #take(): Promise<WorkerStep> {
    const { store, owner, clock, force } = this.#options;
    const key = await this.#target();
    const now = clock.now();
    const lease_until = now + this.#leaseMs();
    const claim = await store.claim(key, { owner, now, until: lease_until, ...(force === true ? { force } : {}) });
    if (claim.kind === "gone") return { kind: "lost" };
    if (claim.kind !== "granted") return claim;
    const { record } = claim;
    const believed = await this.#believe(record);
    if (believed === "altered") return this.#startAgain(record);
    if (typeof believed === "string") return this.#stop(believed, record, record.position);
    const { role, lease_epoch } = record;
    // A halted event is tried once more by whoever takes over.
    this.#held = { key, role, lease_epoch, lease_until, at: believed, halted: null };
    this.#ahead.forget();
    this.#lastSnapshot = (await this.#newestSnapshot()) ?? 0;
    return { kind: "claimed", key, position: record.position };
  }

  /** The generation to work on: the active one where this code made it, else the one that will take its place. */
  async #target(): Promise<ProjectionKey> {
    const { store, projection } = this.#options;
    const heads = (await store.heads()).filter(({ name }) => name === projection.name);
    const active = heads.find(({ role }) => role === "active");
    if (active === undefined) return this.#begin("active");
    if (!this.#rebuild && active.code_version === this.#codeVersion) return active;
    const building = heads.find(({ role }) => role === "building");
    if (building !== undefined && building.code_version !== this.#codeVersion) await store.remove(building);
    return this.#begin("building");
  }

  async #begin(role: "active" | "building"): Promise<ProjectionHead> {
    const { store, projection, hash, clock } = this.#options;
    const text = canonicalState(projection.initial);
    const state_hash = stateHash(projection.name, text, hash);
    return store.begin({ name: projection.name, role, code_version: this.#codeVersion, state: text, state_hash, at: clock.now() });
  }

  /** The stored state, or why it may not be gone on from. */
  async #believe(record: ProjectionRecord): Promise<ProjectedState<S> | "altered" | StopFault> {
    const { projection, session, hash } = this.#options;
    if (stateHash(projection.name, record.state, hash) !== record.state_hash) return "altered";
    if (record.position > (await session.refresh()).position) return "beyond_head";
    if (record.position > 0 && (await hashAt(session, record.position)) !== record.event_hash) return "other_history";
    const { position, event_hash, events, as_of } = record;
    // Its hash shows that this code wrote it.
    return { state: JSON.parse(record.state) as S, position, event_hash, events, as_of };
  }

  /** An altered state is a broken cache: a new generation is built, and said so. */
  async #startAgain(record: ProjectionRecord): Promise<WorkerStep> {
    await this.#note(record, "altered", "its state does not have its hash");
    await this.#options.store.release(record, record.lease_epoch);
    if (record.role === "building") await this.#options.store.remove(record);
    else this.#rebuild = true;
    return { kind: "lost" };
  }

  async #stop(fault: StopFault, key: ProjectionKey, position: number): Promise<WorkerStep> {
    const { position: head } = await this.#options.session.refresh();
    const detail = fault === "beyond_head" ? `the log ends at position ${head}` : "the log has another event at this position";
    await this.#note({ ...key, position }, fault, detail);
    await this.close();
    if (this.#rebuild) await this.#options.store.remove(key);
    return this.#rebuild ? { kind: "lost" } : { kind: "stopped", fault, position };
  }

  /** Events that follow, cut where a snapshot is due. */
  async #batch({ position, events: folded }: ProjectedState<S>): Promise<readonly TapeEvent[]> {
    const { projection, batch_events } = this.#options;
    const snapshots = this.#snapshots;
    let version = folded;
    return this.#ahead.take(position, batch_events ?? BATCH_EVENTS, ({ type }) => {
      if (snapshots === null || !projection.types.includes(type)) return false;
      version += 1;
      return snapshotDue(snapshots.policy, version, this.#lastSnapshot);
    });
  }

  async #fold(held: HeldProjection<S>, batch: readonly TapeEvent[]): Promise<WorkerStep> {
    const { projection, policy = "halt", store, hash, clock } = this.#options;
    const request = { projection, registry: this.#registry, policy };
    let from = held.at;
    let folded = foldEvents({ ...request, from, events: batch });
    const recomputed = folded.kind === "late";
    if (folded.kind === "late") {
      const base = await this.#beforeLate(batch.at(-1)?.position ?? from.position);
      from = base.from;
      folded = foldEvents({ ...request, from, events: base.events });
    }
    if (folded.kind === "late") throw new Error(`${projection.name} found an event before the state that was chosen to lie before it`);
    const { to, text, parked, halted } = folded;
    const now = clock.now();
    const lease_until = now + this.#leaseMs();
    const { position, event_hash, events, as_of } = to;
    const saved = await store.save({
      key: held.key,
      lease_epoch: held.lease_epoch,
      expected_position: held.at.position,
      position,
      event_hash,
      events,
      as_of,
      state: text,
      state_hash: stateHash(projection.name, text, hash),
      halted,
      parked,
      parked_after: from.position,
      updated_at: now,
      lease_until,
    });
    if (saved.kind === "unavailable") return this.#lose(saved);
    if (saved.kind !== "saved") return this.#lose({ kind: "lost" });
    this.#held = { ...held, lease_until, at: to, halted };
    await this.#tell(held.key, parked, halted);
    await this.#keepSnapshot(to, text);
    return halted === null ? { kind: "worked", events: batch.length, position, recomputed } : { kind: "halted", at: halted };
  }

  async #beforeLate(to: number): ReturnType<typeof baseBeforeLate<S>> {
    const { projection, catalogue, session, store, journal, hash } = this.#options;
    const { believed } = await believedSnapshots({ projection, catalogue, session, store, journal, hash });
    return baseBeforeLate(projection, session, believed, to);
  }

  async #keepSnapshot(at: ProjectedState<S>, text: string): Promise<void> {
    const { projection, store, hash } = this.#options;
    if (this.#snapshots === null || !snapshotDue(this.#snapshots.policy, at.events, this.#lastSnapshot)) return;
    const made = { text, code_version: this.#codeVersion, name: projection.name };
    await store.putSnapshot(snapshotOf(snapshotStream(projection), at, made, hash), this.#snapshots.keep);
    this.#lastSnapshot = at.events;
  }

  async #newestSnapshot(): Promise<number | null> {
    const [newest] = await this.#options.store.snapshots(snapshotStream(this.#options.projection));
    return newest?.code_version === this.#codeVersion ? newest.version : null;
  }

  async #activate(held: HeldProjection<S>): Promise<WorkerStep> {
    const { store, session, projection, hash } = this.#options;
    const outcome = await store.activate(held.key, held.lease_epoch);
    if (outcome.kind === "unavailable") return this.#lose(outcome);
    if (outcome.kind === "behind") return this.#whenBehind(held, outcome.active_position);
    if (outcome.kind !== "activated") return this.#lose({ kind: "lost" });
    this.#rebuild = false;
    this.#held = { ...held, role: "active" };
    const state_sha256 = stateHash(projection.name, canonicalState(held.at.state), hash);
    const payload = { log: session.log, projection: projection.name, generation: held.key.generation };
    const { position } = held.at;
    await this.#options.journal.note({
      type: "projection.activated",
      payload: { ...payload, code_version: this.#codeVersion, position, state_sha256 },
    });
    return { kind: "activated", key: held.key, position };
  }

  /** The active generation looked further: the log grew meanwhile, or the active one belongs to a log that is no more. */
  async #whenBehind(held: HeldProjection<S>, active: number): Promise<WorkerStep> {
    const { store, session, projection } = this.#options;
    if (active <= (await session.refresh()).position) return { kind: "worked", events: 0, position: held.at.position, recomputed: false };
    const gone = (await store.heads()).find(({ name, role }) => name === projection.name && role === "active");
    if (gone !== undefined) {
      await this.#note(gone, "beyond_head", `the log ends at position ${(await session.refresh()).position}`);
      await store.remove(gone);
    }
    return { kind: "worked", events: 0, position: held.at.position, recomputed: false };
  }

  async #idle(held: HeldProjection<S>): Promise<WorkerStep> {
    const { store, clock } = this.#options;
    const idle = { kind: "idle", position: held.at.position } as const;
    const now = clock.now();
    if (held.lease_until - now > this.#leaseMs() / 2) return idle;
    const lease_until = now + this.#leaseMs();
    const renewed = await store.renew(held.key, held.lease_epoch, lease_until);
    if (renewed.kind === "unavailable") return this.#lose(renewed);
    if (renewed.kind !== "saved") return this.#lose({ kind: "lost" });
    this.#held = { ...held, lease_until };
    return idle;
  }

  #lose(step: WorkerStep): WorkerStep {
    this.#held = null;
    return step;
  }

  async #tell(key: ProjectionKey, parked: readonly PoisonedEvent[], halted: PoisonedEvent | null): Promise<void> {
    const { journal, session } = this.#options;
    const about = { log: session.log, projection: key.name, generation: key.generation, code_version: this.#codeVersion };
    for (const event of parked) await journal.note({ type: "projection.parked", payload: { ...about, ...event } });
    if (halted !== null) await journal.note({ type: "projection.halted", payload: { ...about, ...halted } });
  }

  async #note({ name, generation, position }: ProjectionKey & { readonly position: number }, fault: string, detail: string): Promise<void> {
    const payload = { log: this.#options.session.log, projection: name, generation, position, fault, detail };
    await this.#options.journal.note({ type: "projection.refused", payload });
  }

  #leaseMs(): number {
    return this.#options.lease_ms ?? LEASE_MS;
  }
}
