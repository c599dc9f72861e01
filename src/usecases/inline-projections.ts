/**
 * Projections that are true the moment their events are: state and checkpoint are stored in the transaction of the append.
 *
 * An append never fails for them. A poisoned event halts or parks its projection, and one that was taken over, rebuilt or removed is let
 * go of; either way the events are on the log, and a worker goes on from the checkpoint.
 */
import { foldEvents, type PoisonedEvent, type PoisonPolicy } from "../core/projection/fold-events.js";
import { type ProjectedState, stateHash } from "../core/projection/projected-state.js";
import type { Projection } from "../core/projection/projection.js";
import type { EventCatalogue } from "../core/tape/catalogue.js";
import type { Head, TapeEvent } from "../core/tape/event.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import { buildRegistry, type EventRegistry } from "../core/tape/registry.js";
import type { AppendEnd, AppendParticipant } from "../ports/append-participant.js";
import type { Clock, CommitSignal } from "../ports/clock.js";
import type { LogSession } from "../ports/event-store.js";
import type { OpsJournal } from "../ports/ops-journal.js";
import type { ProjectionHead, ProjectionKey, ProjectionSave, ProjectionStore } from "../ports/projection-store.js";
import { ProjectionWorker, type WorkerStep } from "./projection-worker.js";

export interface InlineOptions {
  readonly projections: readonly Projection[];
  readonly catalogue: EventCatalogue;
  readonly log: string;
  readonly hash: Sha256Fn;
  readonly clock: Clock;
  readonly journal: OpsJournal;
  /** Default `halt`. */
  readonly policy?: PoisonPolicy;
  /** Told of every commit. */
  readonly signal?: CommitSignal;
}

/** The writer of a log lets go of its projections when it closes, not after a while. */
const FOR_EVER = Number.MAX_SAFE_INTEGER;

interface Kept {
  readonly projection: Projection;
  readonly key: ProjectionKey;
  readonly lease_epoch: number;
  readonly at: ProjectedState;
}

interface Untold {
  readonly key: ProjectionKey;
  readonly code_version: string;
  readonly event: PoisonedEvent;
  readonly halted: boolean;
}

/** Give it to the session that is opened, then {@link attach} it before the first append. */
export class InlineProjections implements AppendParticipant {
  readonly #options: InlineOptions;
  readonly #registry: EventRegistry;
  #kept: readonly Kept[] = [];
  /** What is kept once the transaction under way has committed. */
  #pending: readonly Kept[] | null = null;
  readonly #untold: Untold[] = [];
  #pendingUntold: Untold[] = [];

  /** @throws {RangeError} for a projection in event time: a late event would have the log read again inside an append. */
  constructor(options: InlineOptions) {
    const late = options.projections.find(({ order }) => order === "event_time");
    if (late !== undefined) throw new RangeError(`${late.name} is folded in event time and cannot be kept inside an append`);
    this.#options = options;
    this.#registry = buildRegistry(options.catalogue);
  }

  /** Names of the projections that appends keep true. */
  get names(): readonly string[] {
    return this.#kept.map(({ key }) => key.name);
  }

  /**
   * Brings every projection to the head of the log and takes it over from whoever kept it.
   *
   * @returns the last step of each projection that could not be taken over, by name.
   */
  async attach(session: LogSession, store: ProjectionStore): Promise<ReadonlyMap<string, WorkerStep>> {
    const { projections, catalogue, hash, clock, journal, policy, log } = this.#options;
    const kept: Kept[] = [];
    const refused = new Map<string, WorkerStep>();
    for (const projection of projections) {
      const owner = `inline ${log} ${session.epoch}`;
      const parts = { projection, catalogue, session, store, hash, clock, journal, owner, force: true, lease_ms: FOR_EVER - clock.now() };
      const worker = new ProjectionWorker({ ...parts, ...(policy === undefined ? {} : { policy }), snapshots: null });
      const last = await caughtUp(worker);
      const { held } = worker;
      if (last.kind === "idle" && held !== null) kept.push({ projection, key: held.key, lease_epoch: held.lease_epoch, at: held.at });
      else refused.set(projection.name, last);
    }
    this.#kept = kept;
    return refused;
  }

  /** Lets go of every projection, and takes down what was poisoned since. */
  async detach(store: ProjectionStore): Promise<void> {
    await this.report();
    for (const { key, lease_epoch } of this.#kept) await store.release(key, lease_epoch);
    this.#kept = [];
  }

  /** Takes down on the ops log what appends have set aside or halted at since the last report. */
  async report(): Promise<void> {
    const { journal, log } = this.#options;
    for (const { key, code_version, event, halted } of this.#untold.splice(0)) {
      const payload = { log, projection: key.name, generation: key.generation, code_version, ...event };
      await journal.note({ type: halted ? "projection.halted" : "projection.parked", payload });
    }
  }

  keys(): readonly ProjectionKey[] {
    return this.#kept.map(({ key }) => key);
  }

  join(events: readonly TapeEvent[], heads: readonly (ProjectionHead | null)[]): readonly ProjectionSave[] {
    const first = events[0];
    if (first === undefined) return [];
    const saves: ProjectionSave[] = [];
    const pending: Kept[] = [];
    const untold: Untold[] = [];
    for (const [i, kept] of this.#kept.entries()) {
      const head = heads[i] ?? null;
      const mine = head !== null && head.lease_epoch === kept.lease_epoch && head.lease !== null && head.position === kept.at.position;
      if (!mine || first.position !== kept.at.position + 1) continue;
      const { save, at } = this.#fold(kept, events);
      saves.push(save);
      const about = { key: kept.key, code_version: head.code_version };
      for (const event of save.parked) untold.push({ ...about, event, halted: false });
      if (save.halted === null) pending.push({ ...kept, at });
      else untold.push({ ...about, event: save.halted, halted: true });
    }
    this.#pending = pending;
    this.#pendingUntold = untold;
    return saves;
  }

  ended(how: AppendEnd, { position }: Head): void {
    const pending = this.#pending;
    this.#pending = null;
    if (how === "committed") {
      if (pending !== null) this.#kept = pending;
      this.#untold.push(...this.#pendingUntold.splice(0));
      this.#options.signal?.announce(this.#options.log, position);
      return;
    }
    this.#pendingUntold = [];
    // Nobody knows what the store holds now; who opens the log again brings its projections to the head.
    if (how === "unknown") this.#kept = [];
  }

  #fold(kept: Kept, events: readonly TapeEvent[]): { readonly save: ProjectionSave; readonly at: ProjectedState } {
    const { projection, key, lease_epoch, at: from } = kept;
    const { hash, clock, policy = "halt" } = this.#options;
    const folded = foldEvents({ projection, registry: this.#registry, from, events, policy });
    if (folded.kind === "late") throw new Error(`${projection.name} is folded by position and knows no late events`);
    const { to, text, parked, halted } = folded;
    const { position, event_hash, events: count, as_of } = to;
    const save: ProjectionSave = {
      key,
      lease_epoch,
      expected_position: from.position,
      position,
      event_hash,
      events: count,
      as_of,
      state: text,
      state_hash: stateHash(projection.name, text, hash),
      halted,
      parked,
      parked_after: from.position,
      updated_at: clock.now(),
      // One that halted is free for a worker that can go on.
      lease_until: halted === null ? null : 0,
    };
    return { save, at: to };
  }
}

async function caughtUp(worker: ProjectionWorker): Promise<WorkerStep> {
  for (;;) {
    const step = await worker.step();
    if (step.kind !== "claimed" && step.kind !== "worked" && step.kind !== "activated" && step.kind !== "lost") return step;
  }
}
