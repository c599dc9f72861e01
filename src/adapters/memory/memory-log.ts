import type { StoredEvent } from "../../core/tape/chain-verifier.js";
import { storedEvent } from "../../core/tape/chain-verifier.js";
import type { Anchor, Head, TapeEvent } from "../../core/tape/event.js";
import { GENESIS_HASH } from "../../core/tape/hash.js";
import { storedStream } from "../../core/tape/names.js";
import type { SealedBlock } from "../../core/tape/sealed-block.js";
import { eventAt } from "../../core/tape/sealed-block.js";
import type { LogLayout } from "../../ports/event-store.js";
import { inPages } from "../event-store/event-pages.js";
import { isoTime } from "../event-store/iso-time.js";
import type { LogBackend, LogStanding, ReplayRequest, ScanRequest } from "../event-store/log-backend.js";
import { BackendFailure } from "../event-store/log-backend.js";
import type { ProjectionTables } from "../event-store/projection-tables.js";
import { MemoryProjectionTables } from "./memory-projection-tables.js";

interface Commit {
  readonly block: SealedBlock;
  readonly anchor: Anchor;
}

/** What a memory store keeps of one log; it outlives the sessions that open it. */
export class MemoryLog {
  readonly log: string;
  readonly layout: LogLayout;
  epoch = 0;
  readonly commits: Commit[] = [];
  readonly positions: Map<string, number> = new Map();
  readonly versions: Map<string, number> = new Map();
  readonly projections: MemoryProjectionTables = new MemoryProjectionTables();

  constructor(log: string, layout: LogLayout) {
    this.log = log;
    this.layout = layout;
  }

  get standing(): LogStanding {
    const last = this.commits.at(-1);
    const head: Head = last?.block.head ?? { position: 0, hash: GENESIS_HASH, content_hash: GENESIS_HASH };
    return {
      head,
      epoch: this.epoch,
      audit_hash: last?.anchor.audit_hash ?? GENESIS_HASH,
      recorded_at: last?.anchor.recorded_at ?? Number.NEGATIVE_INFINITY,
    };
  }

  /** The event at a position that the log holds. */
  at(position: number): TapeEvent {
    let low = 0;
    let high = this.commits.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.commits[middle]?.anchor.position ?? 0) < position) low = middle + 1;
      else high = middle;
    }
    const commit = this.commits[low];
    if (commit === undefined) throw new RangeError(`the log ${this.log} has no position ${position}`);
    return eventAt(commit.block, position - commit.block.first_position, commit.anchor);
  }
}

/** One session's hold on a {@link MemoryLog}: transactions are staged and applied at commit. */
export class MemoryBackend implements LogBackend {
  readonly publishes = false;
  readonly refusesKnownIds = false;
  readonly #log: MemoryLog;
  #staged: Commit | null = null;
  #projectionsBefore: ReturnType<MemoryProjectionTables["mark"]> | null = null;

  constructor(log: MemoryLog) {
    this.#log = log;
  }

  get layout(): LogLayout {
    return this.#log.layout;
  }

  begin(): LogStanding {
    this.#projectionsBefore = this.#log.projections.mark();
    return this.#log.standing;
  }

  insert(block: SealedBlock, anchor: Anchor): void {
    this.#refuseTaken(block);
    this.#staged = { block, anchor };
  }

  commit(): void {
    const staged = this.#staged;
    if (staged === null) return;
    const { block } = staged;
    this.#staged = null;
    this.#projectionsBefore = null;
    this.#log.commits.push(staged);
    // A copied block may come from a later epoch than the copy's own.
    this.#log.epoch = Math.max(this.#log.epoch, staged.anchor.epoch);
    for (let i = 0; i < block.count; i++) {
      this.#log.positions.set(block.ids[i] ?? "", block.first_position + i);
      this.#log.versions.set(storedStream(block.log, block.streams[i] ?? ""), block.versions[i] ?? 0);
    }
  }

  rollback(): void {
    this.#staged = null;
    if (this.#projectionsBefore !== null) this.#log.projections.restore(this.#projectionsBefore);
    this.#projectionsBefore = null;
  }

  projections(): ProjectionTables {
    return this.#log.projections;
  }

  publish(): void {}

  standing(): LogStanding {
    return this.#log.standing;
  }

  find(id: string): TapeEvent | null {
    const position = this.#log.positions.get(id);
    return position === undefined ? null : this.#log.at(position);
  }

  version(stream: string): number {
    return this.#log.versions.get(stream) ?? 0;
  }

  scan(request: ScanRequest): Iterable<readonly TapeEvent[]> {
    return inPages(this.#events(request), request.limit);
  }

  replay(request: ReplayRequest): Iterable<readonly TapeEvent[]> {
    return this.scan({ ...request, stream: null });
  }

  *#events(request: ScanRequest): Generator<TapeEvent> {
    const forwards = request.direction === "forwards";
    const types = request.types === null ? null : new Set(request.types);
    const last = this.#log.standing.head.position;
    const byPosition = request.stream === null ? request.from : null;
    const start = forwards ? Math.max(byPosition ?? 1, 1) : Math.min(byPosition ?? last, last);
    for (let position = start; position >= 1 && position <= last; position += forwards ? 1 : -1) {
      const event = this.#log.at(position);
      if (types !== null && !types.has(event.type)) continue;
      if (request.stream !== null) {
        if (event.stream !== request.stream) continue;
        if (request.from !== null && (forwards ? event.version < request.from : event.version > request.from)) continue;
      }
      yield event;
    }
  }

  anchors(): readonly Anchor[] {
    return this.#log.commits.map((commit) => commit.anchor);
  }

  published(): null {
    return null;
  }

  readonly packed: null = null;

  *stored(_level: "L1" | "L2", after: number = 0): Generator<StoredEvent> {
    for (const { block, anchor } of this.#log.commits) {
      for (let i = Math.max(0, after + 1 - block.first_position); i < block.count; i++)
        yield storedEvent(eventAt(block, i, anchor), isoTime(anchor.recorded_at));
    }
  }

  createdAt(recordedAt: number): string {
    return isoTime(recordedAt);
  }

  close(): void {}

  /** The constraints that a database would hold for rows. */
  #refuseTaken(block: SealedBlock): void {
    if (this.#log.layout !== "rows") return;
    const ids = new Set<string>();
    const versions = new Map<string, number>();
    for (let i = 0; i < block.count; i++) {
      const id = block.ids[i] ?? "";
      const stream = storedStream(block.log, block.streams[i] ?? "");
      const version = block.versions[i] ?? 0;
      if (this.#log.positions.has(id) || ids.has(id))
        throw new BackendFailure("constraint", `the id ${id} is taken`, "events.id", undefined);
      if (version <= (versions.get(stream) ?? this.#log.versions.get(stream) ?? 0)) {
        throw new BackendFailure("constraint", `version ${version} of ${stream} is taken`, "events.stream, events.version", undefined);
      }
      ids.add(id);
      versions.set(stream, version);
    }
  }
}
