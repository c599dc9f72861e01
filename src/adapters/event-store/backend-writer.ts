import type { EventBlock } from "../../core/tape/block.js";
import type { BlockSealer } from "../../core/tape/block-sealer.js";
import { BlockRefused } from "../../core/tape/block-sealer.js";
import { auditHashOfBlock } from "../../core/tape/chain.js";
import type { Anchor, Head, TapeEvent } from "../../core/tape/event.js";
import type { Sha256Fn } from "../../core/tape/hash.js";
import type { EventRegistry } from "../../core/tape/registry.js";
import type { SealedBlock, UnstampedEvent } from "../../core/tape/sealed-block.js";
import type { AppendParticipant } from "../../ports/append-participant.js";
import type { AppendOutcome, BlockOutcome, Durability } from "../../ports/event-store.js";
import { decideGroup } from "./append-group.js";
import type { AppendWriter } from "./append-queue.js";
import { joinParticipant } from "./join-participant.js";
import type { LogBackend, LogStanding } from "./log-backend.js";
import { BackendFailure } from "./log-backend.js";
import type { PreparedBatch } from "./prepare-append.js";
import { resumeSealing, sealingNeeds } from "./resume-sealing.js";
import type { Unwritten } from "./unwritten.js";
import { isUnwritten } from "./unwritten.js";

export interface WriterOptions {
  readonly log: string;
  readonly registry: EventRegistry;
  readonly backend: LogBackend;
  /** Generation of this writer. */
  readonly epoch: number;
  readonly durability: Durability;
  readonly sha256: Sha256Fn;
  /** Wall clock in UTC milliseconds, for `recorded_at` alone. */
  readonly now: () => number;
  /** Work that joins each write's transaction. */
  readonly participant?: AppendParticipant | undefined;
}

/** What a write would commit, and what to say once it is committed. */
interface Write<Outcome> {
  readonly block: SealedBlock | null;
  readonly outcome: Outcome;
  /** Told once the block is committed. */
  readonly stored: () => void;
}

/** Streams whose versions are remembered; beyond, they are asked for again. */
const REMEMBERED_STREAMS = 100_000;

/**
 * The writer of a log on a backend.
 *
 * A write is one transaction: standing, fence, decision, rows, anchor, head. A failure of the machine poisons the writer: what is
 * on disk is only known after reopening, so nothing more is written through it.
 */
export class BackendWriter implements AppendWriter {
  readonly #options: WriterOptions;
  readonly #backend: LogBackend;
  /** Last versions by stored names: nobody else writes while the epoch stands, and every transaction asks whether it does. */
  readonly #versions = new Map<string, number>();
  #sealer: BlockSealer | null = null;
  #head: Head;
  #poison: string | null = null;

  constructor(options: WriterOptions, head: Head) {
    this.#options = options;
    this.#backend = options.backend;
    this.#head = head;
  }

  get head(): Head {
    return this.#head;
  }

  async storeAppends(appends: readonly (readonly PreparedBatch[])[]): Promise<readonly AppendOutcome[] | Unwritten> {
    const together = this.#store(appends);
    if (appends.length === 1 || !isUnwritten(together) || together.kind !== "rejected") return together;
    // What one of them broke must not be held against the others.
    return appends.flatMap((append) => {
      const alone = this.#store([append]);
      return isUnwritten(alone) ? [alone] : alone;
    });
  }

  async storeBlock(block: EventBlock): Promise<BlockOutcome> {
    return this.#transact<BlockOutcome>((standing) => {
      const expected = standing.head.position + 1;
      if (block.first_position !== expected) {
        return {
          block: null,
          outcome: { kind: "out_of_order", expected_position: expected, actual_position: block.first_position },
          stored: () => {},
        };
      }
      const sealer = this.#sealer ?? this.#newSealer(block, standing.head);
      // Until the block is committed the sealer is ahead of the log.
      this.#sealer = null;
      const sealed = sealer.seal(block);
      return {
        block: sealed,
        outcome: { kind: "stored", head: sealed.head },
        stored: () => {
          // The sealer counts versions by itself.
          this.#versions.clear();
          this.#sealer = sealer;
        },
      };
    });
  }

  /** Nothing is ever under way between two calls: a commit of these backends has its answer at once. */
  async settle(): Promise<string | null> {
    return null;
  }

  #store(appends: readonly (readonly PreparedBatch[])[]): readonly AppendOutcome[] | Unwritten {
    if (!this.#backend.refusesKnownIds) return this.#decideAndCommit(appends, (id) => this.#backend.find(id));
    // Almost every id is new, as is a stream that ought to be, and the store's own constraints say so for less than a question each.
    const outcomes = this.#decideAndCommit(appends, () => undefined, presumedNew(appends));
    if (!isUnwritten(outcomes) || outcomes.kind !== "rejected") return outcomes;
    return this.#decideAndCommit(appends, (id) => this.#backend.find(id));
  }

  #decideAndCommit(
    appends: readonly (readonly PreparedBatch[])[],
    find: (id: string) => UnstampedEvent | null | undefined,
    fresh: ReadonlySet<string> | null = null,
  ): readonly AppendOutcome[] | Unwritten {
    const { log, durability, sha256 } = this.#options;
    return this.#transact<readonly AppendOutcome[]>(({ head }) => {
      const known = { log, head, durability, sha256, find, version: (stream: string) => this.#version(stream) };
      const presumed = (stream: string): number => this.#versions.get(stream) ?? (fresh?.has(stream) === true ? 0 : this.#version(stream));
      let decision = decideGroup(appends, { ...known, version: presumed });
      if (decision.kind === "look") decision = decideGroup(appends, { ...known, find: (id) => this.#backend.find(id) });
      if (decision.kind === "look") throw new Error("a backend that is asked at once leaves no id unseen");
      if (decision.block !== null) this.#sealer = null;
      const { block, outcomes, versions } = decision;
      return {
        block,
        outcome: outcomes,
        stored: () => {
          for (const [stream, version] of versions) this.#remember(stream, version);
        },
      };
    });
  }

  #version(stream: string): number {
    const known = this.#versions.get(stream);
    if (known !== undefined) return known;
    const version = this.#backend.version(stream);
    this.#remember(stream, version);
    return version;
  }

  #remember(stream: string, version: number): void {
    if (this.#versions.size >= REMEMBERED_STREAMS) this.#versions.clear();
    this.#versions.set(stream, version);
  }

  /** Runs `decide` in a write transaction and commits the block that it returns, if any. */
  #transact<Outcome>(decide: (standing: LogStanding) => Write<Outcome>): Outcome | Unwritten {
    const { log, epoch, participant } = this.#options;
    if (this.#poison !== null) return { kind: "unavailable", cause: `an earlier write failed (${this.#poison}); reopen the log ${log}` };
    const backend = this.#backend;
    let committing = false;
    let begun = false;
    let joined = false;
    try {
      const standing = backend.begin();
      begun = true;
      if (standing.epoch !== epoch) {
        backend.rollback();
        return { kind: "fenced", epoch: standing.epoch };
      }
      const { block, outcome, stored } = decide(standing);
      if (block === null) {
        backend.rollback();
        return outcome;
      }
      const anchor = this.#anchor(block, standing);
      backend.insert(block, anchor);
      joined = true;
      if (participant !== undefined) joinParticipant(participant, backend, block, anchor);
      committing = true;
      backend.commit();
      joined = false;
      this.#head = block.head;
      stored();
      participant?.ended("committed", block.head);
      backend.publish(anchor);
      return outcome;
    } catch (error) {
      if (joined) participant?.ended(committing ? "unknown" : "rolled_back", this.#head);
      return this.#failed(error, begun, committing);
    }
  }

  #failed(error: unknown, begun: boolean, committing: boolean): Unwritten {
    this.#versions.clear();
    const message = error instanceof Error ? error.message : String(error);
    if (committing) {
      this.#poison = message;
      this.#tryRollback();
      return { kind: "unknown", cause: message };
    }
    if (begun) this.#tryRollback();
    if (error instanceof BlockRefused) return { kind: "rejected", violations: [{ code: "BLOCK_REFUSED", message }] };
    if (!(error instanceof BackendFailure)) throw error;
    if (error.kind === "constraint") {
      return {
        kind: "rejected",
        violations: [{ code: "CONSTRAINT", message, ...(error.constraint === null ? {} : { field: error.constraint }) }],
      };
    }
    if (error.kind !== "busy") this.#poison = message;
    return { kind: "unavailable", cause: message };
  }

  #tryRollback(): void {
    try {
      this.#backend.rollback();
    } catch (error) {
      this.#poison ??= error instanceof Error ? error.message : String(error);
    }
  }

  #anchor(block: SealedBlock, standing: LogStanding): Anchor {
    const { log, epoch, sha256 } = this.#options;
    const stamp = { recorded_at: Math.max(Math.trunc(this.#options.now()), standing.recorded_at), epoch };
    const shared = { ...stamp, created_at: this.#backend.createdAt(stamp.recorded_at) };
    const { first_position, count, correlation_ids: correlations, head } = block;
    const audit = auditHashOfBlock(standing.audit_hash, { first_position, count, correlations }, shared, sha256);
    return { log, first_position, ...head, audit_hash: audit, ...stamp };
  }

  /** Takes up sealing where the log ends: the pinned events so far, and the start of a command that an earlier block may hold. */
  #newSealer(block: EventBlock, head: Head): BlockSealer {
    const { log, registry, sha256 } = this.#options;
    const { types, begun } = sealingNeeds(block, registry.catalogue, head);
    const whole = { stream: null, from: null, direction: "forwards", limit: Number.POSITIVE_INFINITY } as const;
    const pins = types.length === 0 ? [] : [...this.#backend.scan({ ...whole, types })].flatMap((page) => page.map((event) => event.id));
    const newest: TapeEvent[] = [];
    if (begun > 0) {
      for (const page of this.#backend.scan({ ...whole, direction: "backwards", types: null, limit: begun }))
        if (newest.push(...page) >= begun) break;
    }
    return resumeSealing(block, { log, catalogue: registry.catalogue, sha256, head }, pins, newest.slice(0, begun));
  }
}

/** Streams that their first append in the group takes to be new. */
function presumedNew(appends: readonly (readonly PreparedBatch[])[]): ReadonlySet<string> | null {
  let fresh: Set<string> | null = null;
  for (const batches of appends) {
    for (const { stream, expected } of batches) {
      if (expected !== 0 && expected !== "no_stream") continue;
      fresh ??= new Set();
      fresh.add(stream);
    }
  }
  return fresh;
}
