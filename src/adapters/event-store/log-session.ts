import type { EventBlock } from "../../core/tape/block.js";
import type { ChainFailure, ChainStart } from "../../core/tape/chain-verifier.js";
import { ChainVerifier, RECENT_EVENTS } from "../../core/tape/chain-verifier.js";
import type { Anchor, Head, ReplayEvent, TapeEvent } from "../../core/tape/event.js";
import { storedStream } from "../../core/tape/names.js";
import type {
  AppendOutcome,
  BlockOutcome,
  LogLayout,
  LogSession,
  ReadOptions,
  StreamBatch,
  VerifyReport,
} from "../../ports/event-store.js";
import { AppendQueue } from "./append-queue.js";
import type { WriterOptions } from "./backend-writer.js";
import { BackendWriter } from "./backend-writer.js";
import type { ChainThreads } from "./chain-threads.js";
import { limited, oneByOne, scanRequest } from "./event-pages.js";
import type { LogBackend, ScanRequest } from "./log-backend.js";
import { BackendFailure } from "./log-backend.js";
import type { PayloadCheck } from "./payload-check.js";
import { compilePayloadChecks } from "./payload-check.js";
import { prepareAppend } from "./prepare-append.js";
import type { LogStatement } from "./prove-parts.js";
import { proveParts, statementOf } from "./prove-parts.js";
import { standingFailure, unreadable } from "./standing-failure.js";
import type { Unwritten } from "./unwritten.js";

export type SessionOptions = Omit<WriterOptions, "epoch"> & {
  /** Generation of this writer, or null for a reader. */
  readonly epoch: number | null;
  /** Threads that verify long logs; left out, all of them are verified here. */
  readonly threads?: ChainThreads | undefined;
};

/** Events between two reports of verification progress. */
const PROGRESS_STEP = 10_000;

/** One open log on any backend. Appends that come in the same turn of the event loop share a transaction and its flush. */
export class BackendLogSession implements LogSession {
  readonly log: string;
  readonly epoch: number;
  readonly #options: SessionOptions;
  readonly #backend: LogBackend;
  readonly #writer: BackendWriter | null;
  readonly #queue: AppendQueue | null;
  #checks: ReadonlyMap<string, PayloadCheck> | Promise<ReadonlyMap<string, PayloadCheck>> | null = null;
  /** Where a reader last found the log. */
  #seen: Head;
  #closed = false;
  /** What threads are at, until it is over. */
  readonly #proving = new Set<Promise<void>>();

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#backend = options.backend;
    this.log = options.log;
    const { head, epoch } = options.backend.standing();
    this.#seen = head;
    this.epoch = options.epoch ?? epoch;
    this.#writer = options.epoch === null ? null : new BackendWriter({ ...options, epoch: options.epoch }, head);
    this.#queue = this.#writer === null ? null : new AppendQueue(this.#writer);
  }

  get layout(): LogLayout {
    return this.#backend.layout;
  }

  async refresh(): Promise<Head> {
    return this.head();
  }

  head(): Head {
    if (this.#writer !== null) return this.#writer.head;
    if (!this.#closed) this.#seen = this.#backend.standing().head;
    return this.#seen;
  }

  async append(batches: readonly StreamBatch[]): Promise<AppendOutcome> {
    const { registry, sha256 } = this.#options;
    this.#checks ??= compilePayloadChecks(registry.catalogue);
    if (this.#checks instanceof Promise) this.#checks = await this.#checks;
    const prepared = prepareAppend(batches, { log: this.log, registry, checks: this.#checks, sha256 });
    if (!prepared.ok) return { kind: "rejected", violations: prepared.violations };
    const queue = this.#open();
    return queue instanceof AppendQueue ? queue.append(prepared.batches) : queue;
  }

  async appendBlock(block: EventBlock): Promise<BlockOutcome> {
    const queue = this.#open();
    return queue instanceof AppendQueue ? queue.appendBlock(block) : queue;
  }

  async streamVersion(stream: string): Promise<number> {
    this.#assertOpen();
    return this.#backend.version(storedStream(this.log, stream));
  }

  readLog(options: ReadOptions = {}): AsyncIterable<TapeEvent> {
    return oneByOne(this.readPages(options));
  }

  readPages(options: ReadOptions = {}): AsyncIterable<readonly TapeEvent[]> {
    return this.#read(scanRequest(null, options), (request) => this.#backend.scan(request));
  }

  replayPages(options: ReadOptions = {}): AsyncIterable<readonly ReplayEvent[]> {
    return this.#read(scanRequest(null, options), (request) => this.#backend.replay(request));
  }

  readStream(stream: string, options: ReadOptions = {}): AsyncIterable<TapeEvent> {
    return oneByOne(this.#read(scanRequest(storedStream(this.log, stream), options), (request) => this.#backend.scan(request)));
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
    const base = { log: this.log, level, events: 0, head: this.#writer?.head ?? this.#seen };
    let said: LogStatement;
    let start: ChainStart | null;
    try {
      said = statementOf(backend);
      start = await this.#provedByThreads(level, said, onProgress);
      this.#assertOpen();
      // What was committed while threads were at work belongs to the log too.
      if (start !== null && backend.standing().head.position !== said.standing.head.position) said = statementOf(backend);
    } catch (error) {
      if (!(error instanceof BackendFailure)) throw error;
      return { ...base, failure: unreadable(level, 1, error) };
    }
    const { standing, anchors, published } = said;
    const verifier = new ChainVerifier({
      log: this.log,
      level,
      sha256: this.#options.sha256,
      anchors,
      published,
      types: this.#options.registry.catalogue.definitions.map((definition) => definition.type),
      payloadOf: (position) => this.#payloadAt(position),
      createdAt: (recordedAt) => backend.createdAt(recordedAt),
      ...(start === null ? {} : { start }),
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
    await Promise.all(this.#proving);
    await this.#queue?.drained();
    this.#backend.close();
  }

  async *#read<Event>(
    request: ScanRequest | null,
    pages: (request: ScanRequest) => Iterable<readonly Event[]>,
  ): AsyncGenerator<readonly Event[]> {
    this.#assertOpen();
    if (request !== null) yield* limited(pages(request), request.limit);
  }

  /** Where threads leave the rest of a verification to be checked event by event; null where they are not asked. */
  async #provedByThreads(
    level: "L1" | "L2",
    said: LogStatement,
    onProgress: ((events: number) => void) | undefined,
  ): Promise<ChainStart | null> {
    const { threads } = this.#options;
    const { packed } = this.#backend;
    if (threads === undefined || packed === null || said.standing.head.position < threads.least_events || packed.hasStrays()) return null;
    const proving = proveParts({ log: this.log, level, ...said, packed, threads, isClosed: () => this.#closed, onProgress });
    const settled = proving.then(
      () => {},
      () => {},
    );
    this.#proving.add(settled);
    try {
      const proved = await proving;
      return proved.start(() => this.#idsBefore(proved.events));
    } finally {
      this.#proving.delete(settled);
    }
  }

  /** Ids of the events up to a position, as many as help to explain what follows. */
  #idsBefore(position: number): readonly string[] {
    const ids: string[] = [];
    for (const stored of this.#backend.stored("L1", Math.max(0, position - RECENT_EVENTS))) {
      if ("message" in stored || stored.position > position) break;
      ids.push(stored.id);
    }
    return ids;
  }

  #findFailure(verifier: ChainVerifier, level: "L1" | "L2", onProgress: ((events: number) => void) | undefined): ChainFailure | null {
    let seen = verifier.events;
    try {
      for (const stored of this.#backend.stored(level, seen === 0 ? undefined : seen)) {
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

  /** Null where damage keeps the event from being read. */
  #payloadAt(position: number): string | null {
    try {
      const request = { stream: null, from: position, direction: "forwards", types: null, limit: 1 } as const;
      for (const [event] of this.#backend.scan(request)) return event?.position === position ? event.payload : null;
      return null;
    } catch (error) {
      if (error instanceof BackendFailure) return null;
      throw error;
    }
  }

  /** The queue of a writer, or why nothing may be written. */
  #open(): AppendQueue | Unwritten {
    if (this.#closed) return { kind: "unavailable", cause: `the session of ${this.log} is closed` };
    if (this.#queue !== null) return this.#queue;
    return { kind: "rejected", violations: [{ code: "READ_ONLY", message: `the log ${this.log} was opened for reading` }] };
  }

  #assertOpen(): void {
    if (this.#closed) throw new Error(`the session of ${this.log} is closed`);
  }
}
