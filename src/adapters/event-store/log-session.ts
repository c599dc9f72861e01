import type { EventBlock } from "../../core/tape/block.js";
import type { BlockSealer } from "../../core/tape/block-sealer.js";
import { BlockRefused } from "../../core/tape/block-sealer.js";
import { auditHashOfBlock } from "../../core/tape/chain.js";
import type { ChainFailure } from "../../core/tape/chain-verifier.js";
import { ChainVerifier } from "../../core/tape/chain-verifier.js";
import type { Anchor, Head, TapeEvent } from "../../core/tape/event.js";
import type { Sha256Fn } from "../../core/tape/hash.js";
import { storedStream } from "../../core/tape/names.js";
import type { EventRegistry } from "../../core/tape/registry.js";
import type { SealedBlock } from "../../core/tape/sealed-block.js";
import type { AppendParticipant } from "../../ports/append-participant.js";
import type {
  AppendOutcome,
  BlockOutcome,
  Durability,
  LogLayout,
  LogSession,
  ReadOptions,
  StreamBatch,
  VerifyReport,
} from "../../ports/event-store.js";
import { decideAppend } from "./decide-append.js";
import { joinParticipant } from "./join-participant.js";
import type { LogBackend, LogStanding } from "./log-backend.js";
import { BackendFailure } from "./log-backend.js";
import type { PayloadCheck } from "./payload-check.js";
import { compilePayloadChecks } from "./payload-check.js";
import { prepareAppend } from "./prepare-append.js";
import { resumeSealing, sealingNeeds } from "./resume-sealing.js";
import { standingFailure, unreadable } from "./standing-failure.js";

export interface SessionOptions {
  readonly log: string;
  readonly registry: EventRegistry;
  readonly backend: LogBackend;
  /** Generation of this writer, or null for a reader. */
  readonly epoch: number | null;
  readonly durability: Durability;
  readonly sha256: Sha256Fn;
  /** Wall clock in UTC milliseconds, for `recorded_at` alone. */
  readonly now: () => number;
  /** Work that joins each write's transaction. */
  readonly participant?: AppendParticipant | undefined;
}

/** What a transaction ended as, before it is told in the words of the port. */
type Unwritten =
  | { readonly kind: "fenced"; readonly epoch: number }
  | {
      readonly kind: "rejected";
      readonly violations: readonly { readonly code: string; readonly message: string; readonly field?: string }[];
    }
  | { readonly kind: "unknown"; readonly cause: string }
  | { readonly kind: "unavailable"; readonly cause: string };

/** Events between two reports of verification progress. */
const PROGRESS_STEP = 10_000;

/**
 * One open log on any backend.
 *
 * A write is one transaction: standing, fence, decision, rows, anchor, head. A failure of the machine poisons the session: what is
 * on disk is only known after reopening, so nothing more is written through this handle.
 */
export class BackendLogSession implements LogSession {
  readonly log: string;
  readonly epoch: number;
  readonly #options: SessionOptions;
  readonly #backend: LogBackend;
  #checks: Promise<ReadonlyMap<string, PayloadCheck>> | null = null;
  #sealer: BlockSealer | null = null;
  #head: Head;
  #poison: string | null = null;
  #closed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#backend = options.backend;
    this.log = options.log;
    const standing = options.backend.standing();
    this.#head = standing.head;
    this.epoch = options.epoch ?? standing.epoch;
  }

  get layout(): LogLayout {
    return this.#backend.layout;
  }

  async refresh(): Promise<Head> {
    return this.head();
  }

  head(): Head {
    // A reader follows the writer; a writer knows what it wrote.
    if (this.#options.epoch === null && !this.#closed) this.#head = this.#backend.standing().head;
    return this.#head;
  }

  async append(batches: readonly StreamBatch[]): Promise<AppendOutcome> {
    this.#checks ??= compilePayloadChecks(this.#options.registry.catalogue);
    const { registry, sha256 } = this.#options;
    const prepared = prepareAppend(batches, { log: this.log, registry, checks: await this.#checks, sha256 });
    if (!prepared.ok) return { kind: "rejected", violations: prepared.violations };
    return this.#transact<AppendOutcome>((standing) => {
      const lookup = {
        log: this.log,
        head: standing.head,
        find: (id: string) => this.#backend.find(id),
        version: (stream: string) => this.#backend.version(stream),
      };
      const decision = decideAppend(prepared.batches, lookup, sha256);
      if (decision.kind === "answer") return { block: null, outcome: decision.outcome };
      this.#sealer = null;
      const outcome = {
        kind: "stored",
        positions: decision.positions,
        head: decision.block.head,
        durability: this.#options.durability,
      } as const;
      return { block: decision.block, outcome };
    });
  }

  async appendBlock(block: EventBlock): Promise<BlockOutcome> {
    return this.#transact<BlockOutcome>((standing) => {
      const expected = standing.head.position + 1;
      if (block.first_position !== expected) {
        return { block: null, outcome: { kind: "out_of_order", expected_position: expected, actual_position: block.first_position } };
      }
      const sealer = this.#sealer ?? this.#newSealer(block, standing.head);
      // Until the block is committed the sealer is ahead of the log.
      this.#sealer = null;
      const sealed = sealer.seal(block);
      return {
        block: sealed,
        outcome: { kind: "stored", head: sealed.head },
        stored: () => {
          this.#sealer = sealer;
        },
      };
    });
  }

  async streamVersion(stream: string): Promise<number> {
    this.#assertOpen();
    return this.#backend.version(storedStream(this.log, stream));
  }

  readLog(options: ReadOptions = {}): AsyncIterable<TapeEvent> {
    return this.#read(null, options);
  }

  readStream(stream: string, options: ReadOptions = {}): AsyncIterable<TapeEvent> {
    return this.#read(storedStream(this.log, stream), options);
  }

  async findEvent(id: string): Promise<TapeEvent | null> {
    this.#assertOpen();
    return this.#backend.find(id);
  }

  async anchors(): Promise<readonly Anchor[]> {
    this.#assertOpen();
    return this.#backend.anchors();
  }

  async verify(level: "L1" | "L2", onProgress?: (events: number) => void): Promise<VerifyReport> {
    this.#assertOpen();
    const backend = this.#backend;
    const base = { log: this.log, level, events: 0, head: this.#head };
    let standing: LogStanding;
    let anchors: readonly Anchor[];
    let published: readonly Anchor[] | "missing" | null;
    try {
      standing = backend.standing();
      anchors = backend.anchors();
      published = backend.published();
    } catch (error) {
      if (!(error instanceof BackendFailure)) throw error;
      return { ...base, failure: unreadable(level, 1, error) };
    }
    const verifier = new ChainVerifier({
      log: this.log,
      level,
      sha256: this.#options.sha256,
      anchors,
      published,
      types: this.#options.registry.catalogue.definitions.map((definition) => definition.type),
      payloadOf: (position) => this.#payloadAt(position),
      createdAt: (recordedAt) => backend.createdAt(recordedAt),
    });
    const failure =
      this.#findFailure(verifier, level, onProgress) ??
      verifier.finish(standing.head) ??
      standingFailure(level, verifier, standing, anchors);
    onProgress?.(verifier.events);
    return { log: this.log, level, events: verifier.events, head: verifier.head, failure };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#backend.close();
  }

  async *#read(stream: string | null, options: ReadOptions): AsyncGenerator<TapeEvent> {
    this.#assertOpen();
    const limit = options.limit ?? Number.POSITIVE_INFINITY;
    let remaining = limit;
    if (!(remaining > 0)) return;
    const request = {
      stream,
      from: options.from ?? null,
      direction: options.direction ?? "forwards",
      types: options.types ?? null,
      limit,
    } as const;
    for (const event of this.#backend.scan(request)) {
      yield event;
      remaining -= 1;
      if (remaining <= 0) return;
    }
  }

  #findFailure(verifier: ChainVerifier, level: "L1" | "L2", onProgress: ((events: number) => void) | undefined): ChainFailure | null {
    let seen = 0;
    try {
      for (const stored of this.#backend.stored(level)) {
        const failure = "message" in stored ? (verifier.suspicion() ?? stored) : verifier.next(stored);
        if (failure !== null) return failure;
        seen += 1;
        if (seen % PROGRESS_STEP === 0) onProgress?.(seen);
      }
      return null;
    } catch (error) {
      if (!(error instanceof BackendFailure)) throw error;
      return unreadable(level, verifier.events + 1, error);
    }
  }

  /** Runs `decide` in a write transaction and commits the block that it returns, if any. */
  #transact<Outcome>(
    decide: (standing: LogStanding) => { readonly block: SealedBlock | null; readonly outcome: Outcome; readonly stored?: () => void },
  ): Outcome | Unwritten {
    const refusal = this.#refusal();
    if (refusal !== null) return refusal;
    const backend = this.#backend;
    let committing = false;
    let begun = false;
    const { participant } = this.#options;
    let joined = false;
    try {
      const standing = backend.begin();
      begun = true;
      if (standing.epoch !== this.epoch) {
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
      participant?.ended("committed", block.head);
      backend.publish(anchor);
      stored?.();
      return outcome;
    } catch (error) {
      if (joined) participant?.ended(committing ? "unknown" : "rolled_back", this.#head);
      return this.#failed(error, begun, committing);
    }
  }

  #refusal(): Unwritten | null {
    if (this.#closed) return { kind: "unavailable", cause: `the session of ${this.log} is closed` };
    if (this.#options.epoch === null) {
      return { kind: "rejected", violations: [{ code: "READ_ONLY", message: `the log ${this.log} was opened for reading` }] };
    }
    if (this.#poison !== null)
      return { kind: "unavailable", cause: `an earlier write failed (${this.#poison}); reopen the log ${this.log}` };
    return null;
  }

  #failed(error: unknown, begun: boolean, committing: boolean): Unwritten {
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
    const stamp = { recorded_at: Math.max(Math.trunc(this.#options.now()), standing.recorded_at), epoch: this.epoch };
    const shared = { ...stamp, created_at: this.#backend.createdAt(stamp.recorded_at) };
    const { first_position, count, correlation_ids: correlations } = block;
    return {
      log: this.log,
      first_position,
      position: block.head.position,
      hash: block.head.hash,
      content_hash: block.head.content_hash,
      audit_hash: auditHashOfBlock(standing.audit_hash, { first_position, count, correlations }, shared, this.#options.sha256),
      ...stamp,
    };
  }

  /** Takes up sealing where the log ends: the pinned events so far, and the start of a command that an earlier block may hold. */
  #newSealer(block: EventBlock, head: Head): BlockSealer {
    const { registry, sha256 } = this.#options;
    const { types, begun } = sealingNeeds(block, registry.catalogue, head);
    const pins = types.length === 0 ? [] : Array.from(this.#scanAll(types), (event) => event.id);
    const newest =
      begun === 0 ? [] : [...this.#backend.scan({ stream: null, from: null, direction: "backwards", types: null, limit: begun })];
    return resumeSealing(block, { log: this.log, catalogue: registry.catalogue, sha256, head }, pins, newest.slice(0, begun));
  }

  /** Null where damage keeps the event from being read. */
  #payloadAt(position: number): string | null {
    try {
      for (const event of this.#backend.scan({ stream: null, from: position, direction: "forwards", types: null, limit: 1 })) {
        return event.position === position ? event.payload : null;
      }
      return null;
    } catch (error) {
      if (error instanceof BackendFailure) return null;
      throw error;
    }
  }

  #scanAll(types: readonly string[]): Iterable<TapeEvent> {
    return this.#backend.scan({ stream: null, from: null, direction: "forwards", types, limit: Number.POSITIVE_INFINITY });
  }

  #assertOpen(): void {
    if (this.#closed) throw new Error(`the session of ${this.log} is closed`);
  }
}
