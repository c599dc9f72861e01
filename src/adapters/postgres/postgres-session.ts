import type { EventBlock } from "../../core/tape/block.js";
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
import { AppendQueue } from "../event-store/append-queue.js";
import { limited, oneByOne, scanRequest } from "../event-store/event-pages.js";
import type { ScanRequest } from "../event-store/log-backend.js";
import { BackendFailure } from "../event-store/log-backend.js";
import type { PayloadCheck } from "../event-store/payload-check.js";
import { compilePayloadChecks } from "../event-store/payload-check.js";
import { prepareAppend } from "../event-store/prepare-append.js";
import type { Unwritten } from "../event-store/unwritten.js";
import type { Ask, PostgresStanding } from "./postgres-log.js";
import { readAnchors, readStanding } from "./postgres-log.js";
import type { PostgresWriter } from "./postgres-writer.js";
import type { SessionParts } from "./session-parts.js";
import { verifyLog } from "./verify-log.js";

/** One open log on PostgreSQL. Reads go over a connection of their own, so that they do not hold up appends. */
export class PostgresLogSession implements LogSession {
  readonly log: string;
  readonly layout: LogLayout;
  readonly #parts: SessionParts;
  readonly #ask: Ask;
  readonly #writer: PostgresWriter | null;
  readonly #queue: AppendQueue | null;
  #checks: Promise<ReadonlyMap<string, PayloadCheck>> | null = null;
  /** Where a reader last found the log. */
  #seen: PostgresStanding;
  #closed = false;

  /** @param writer null where the log was opened for reading. */
  constructor(parts: SessionParts, standing: PostgresStanding, writer: PostgresWriter | null) {
    this.#parts = parts;
    this.#ask = (text, values, name) => parts.reader.read(text, values, name);
    this.#seen = standing;
    this.#writer = writer;
    this.#queue = writer === null ? null : new AppendQueue(writer);
    this.log = parts.log;
    this.layout = parts.layout.layout;
  }

  get epoch(): number {
    return (this.#writer?.standing ?? this.#seen).epoch;
  }

  head(): Head {
    return (this.#writer?.standing ?? this.#seen).head;
  }

  async refresh(): Promise<Head> {
    this.#assertOpen();
    if (this.#writer !== null) {
      await this.#settled();
      return this.head();
    }
    const standing = await readStanding(this.#ask, this.log);
    if (standing === null) throw new BackendFailure("corrupt", `the log ${this.log} has no head`, null, undefined);
    this.#seen = standing;
    return standing.head;
  }

  async append(batches: readonly StreamBatch[]): Promise<AppendOutcome> {
    const { registry, sha256 } = this.#parts;
    this.#checks ??= compilePayloadChecks(registry.catalogue);
    const prepared = prepareAppend(batches, { log: this.log, registry, checks: await this.#checks, sha256 });
    if (!prepared.ok) return { kind: "rejected", violations: prepared.violations };
    const queue = this.#open();
    return queue instanceof AppendQueue ? queue.append(prepared.batches) : queue;
  }

  async appendBlock(block: EventBlock): Promise<BlockOutcome> {
    const queue = this.#open();
    return queue instanceof AppendQueue ? queue.appendBlock(block) : queue;
  }

  async streamVersion(stream: string): Promise<number> {
    await this.#settled();
    const name = storedStream(this.log, stream);
    return (await this.#parts.layout.versions(this.#ask, [name])).get(name) ?? 0;
  }

  readLog(options: ReadOptions = {}): AsyncIterable<TapeEvent> {
    return oneByOne(this.readPages(options));
  }

  readPages(options: ReadOptions = {}): AsyncIterable<readonly TapeEvent[]> {
    return this.#read(scanRequest(null, options), (request) => this.#parts.layout.scan(this.#ask, request));
  }

  replayPages(options: ReadOptions = {}): AsyncIterable<readonly ReplayEvent[]> {
    return this.#read(scanRequest(null, options), (request) => this.#parts.layout.replay(this.#ask, request));
  }

  readStream(stream: string, options: ReadOptions = {}): AsyncIterable<TapeEvent> {
    const request = scanRequest(storedStream(this.log, stream), options);
    return oneByOne(this.#read(request, (asked) => this.#parts.layout.scan(this.#ask, asked)));
  }

  async findEvent(id: string): Promise<TapeEvent | null> {
    await this.#settled();
    const found = (await this.#parts.layout.find(this.#ask, [id])).get(id);
    return found === undefined || found.log !== this.log ? null : found;
  }

  async anchors(): Promise<readonly Anchor[]> {
    await this.#settled();
    return readAnchors(this.#ask, this.log);
  }

  async verify(level: "L1" | "L2", onProgress?: (events: number) => void): Promise<VerifyReport> {
    this.#assertOpen();
    return verifyLog(this.#parts, this.head(), level, onProgress);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#queue?.drained();
    try {
      await this.#writer?.close();
    } finally {
      await this.#parts.reader.close();
    }
  }

  async *#read<Event>(
    request: ScanRequest | null,
    pages: (request: ScanRequest) => AsyncIterable<readonly Event[]>,
  ): AsyncGenerator<readonly Event[]> {
    await this.#settled();
    if (request !== null) yield* limited(pages(request), request.limit);
  }

  /** The queue of a writer, or why nothing may be written. */
  #open(): AppendQueue | Unwritten {
    if (this.#closed) return { kind: "unavailable", cause: `the session of ${this.log} is closed` };
    if (this.#queue !== null) return this.#queue;
    return { kind: "rejected", violations: [{ code: "READ_ONLY", message: `the log ${this.log} was opened for reading` }] };
  }

  /** An append whose answer was lost may still be on its way: what is read after this holds it or never will. @throws {BackendFailure} */
  async #settled(): Promise<void> {
    this.#assertOpen();
    if (this.#writer === null || this.#queue === null || !this.#writer.unsettled) return;
    const why = await this.#queue.settle();
    if (why !== null) throw new BackendFailure("other", why, null, undefined);
  }

  #assertOpen(): void {
    if (this.#closed) throw new Error(`the session of ${this.log} is closed`);
  }
}
