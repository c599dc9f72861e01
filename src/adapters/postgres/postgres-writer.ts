import type { EventBlock } from "../../core/tape/block.js";
import type { BlockSealer } from "../../core/tape/block-sealer.js";
import { BlockRefused } from "../../core/tape/block-sealer.js";
import { auditHashOfBlock } from "../../core/tape/chain.js";
import type { Anchor, Head, TapeEvent } from "../../core/tape/event.js";
import { storedStream } from "../../core/tape/names.js";
import type { CommitStamp, SealedBlock } from "../../core/tape/sealed-block.js";
import type { AppendOutcome, BlockOutcome } from "../../ports/event-store.js";
import { decideGroup } from "../event-store/append-group.js";
import type { AppendWriter } from "../event-store/append-queue.js";
import { isoTime } from "../event-store/iso-time.js";
import { BackendFailure } from "../event-store/log-backend.js";
import type { PreparedBatch } from "../event-store/prepare-append.js";
import { resumeSealing, sealingNeeds } from "../event-store/resume-sealing.js";
import { isUnwritten, type Unwritten } from "../event-store/unwritten.js";
import { commitJoined } from "./joined-commit.js";
import type { PostgresConnection } from "./postgres-connection.js";
import { PostgresFailure } from "./postgres-failure.js";
import type { PostgresStanding } from "./postgres-log.js";
import { commitBlock, readStanding } from "./postgres-log.js";
import type { SessionParts } from "./session-parts.js";
import type { Resumed } from "./take-over.js";

/** How often a group is decided again because the database knew an id or a version that this writer did not. */
const ATTEMPTS = 4;
/** Streams whose versions are remembered; beyond, they are asked for again. */
const REMEMBERED_STREAMS = 100_000;

const CONSTRAINTS: ReadonlyMap<string, string> = new Map([
  ["events_id", "events.id"],
  ["events_stream_version", "events.stream, events.version"],
  ["events_log_position", "events.log_id, events.position"],
]);

/**
 * The one that may write to a log: it knows where the log stands.
 *
 * Appends whose streams it knows are sealed on top of those under way and sent before these are answered. That is safe because the head
 * moves by compare-and-swap: where an earlier statement stores nothing, neither do those behind it, and all are decided again in their
 * order, one statement at a time. After a lost connection the next call takes the log up again under a higher epoch, which settles what
 * was under way.
 */
export class PostgresWriter implements AppendWriter {
  readonly lanes: number = 2;
  readonly #parts: SessionParts;
  /** As of the last answer. */
  #standing: PostgresStanding;
  /** Where the log stands once everything that was sent is stored. */
  #ahead: PostgresStanding;
  /** Statements sent ahead that have no answer yet. */
  readonly #sent: Set<Promise<unknown>> = new Set();
  /** The end of the line of those that wait for each other, and how long it is. */
  #line: Promise<unknown> = Promise.resolve();
  #inLine = 0;
  /** Where the log may stand if commits whose answer was lost did happen. */
  #pending: readonly Head[] = [];
  #writer: PostgresConnection;
  #versions = new Map<string, number>();
  #sealer: BlockSealer | null = null;
  #poison: string | null = null;

  /** @param connection the one that took the log over. */
  constructor(parts: SessionParts, standing: PostgresStanding, connection: PostgresConnection) {
    this.#parts = parts;
    this.#standing = standing;
    this.#ahead = standing;
    this.#writer = connection;
  }

  get standing(): PostgresStanding {
    return this.#standing;
  }

  /** Whether an answer was lost, so that nobody knows yet where the log stands. */
  get unsettled(): boolean {
    return this.#pending.length > 0;
  }

  storeAppends(appends: readonly (readonly PreparedBatch[])[]): Promise<readonly AppendOutcome[] | Unwritten> {
    const alone = (): Promise<readonly AppendOutcome[] | Unwritten> => this.#alone(() => this.#decideAndCommit(appends));
    return this.#sendAhead(appends, alone) ?? alone();
  }

  storeBlock(block: EventBlock): Promise<BlockOutcome> {
    return this.#alone(() => this.#sealAndCommit(block));
  }

  async settle(): Promise<string | null> {
    if (!this.unsettled) return null;
    const writer = await this.#alone(() => this.#connected());
    // Where another writer took the log over, what this one had under way came before that or never.
    return isUnwritten(writer) && writer.kind !== "fenced" ? ("cause" in writer ? writer.cause : writer.kind) : null;
  }

  /** @throws {BackendFailure} where commits that were left to the server's next flush could not be made durable. */
  async close(): Promise<void> {
    try {
      if (!this.#writer.lost && this.#parts.durability === "committed") await this.#flush(this.#writer);
    } finally {
      await this.#writer.close();
    }
  }

  /**
   * Sends appends on top of those that are under way, or null where that cannot be decided from memory.
   *
   * @param alone decides them again, where what they stand on was not stored.
   */
  #sendAhead(
    appends: readonly (readonly PreparedBatch[])[],
    alone: () => Promise<readonly AppendOutcome[] | Unwritten>,
  ): Promise<readonly AppendOutcome[] | Unwritten> | null {
    const { layout, sha256, durability, log, participant } = this.#parts;
    if (this.#inLine > 0 || this.#writer.lost || this.#poison !== null || participant !== undefined) return null;
    // Segments hold no constraint that would find an id again.
    if (layout.layout === "segments" || !this.#knowsStreams(appends)) return null;
    const from = this.#ahead;
    const version = (stream: string): number => this.#versions.get(stream) ?? 0;
    const decision = decideGroup(appends, { log, head: from.head, durability, sha256, version, find: () => undefined });
    if (decision.kind === "look" || decision.block === null) return null;
    const { block, outcomes } = decision;
    const anchor = this.#anchor(block, from);
    this.#ahead = { ...from, head: block.head, audit_hash: anchor.audit_hash, recorded_at: anchor.recorded_at };
    this.#remember(block);
    this.#sealer = null;
    const statement = commitBlock(
      this.#writer.change.bind(this.#writer),
      from,
      anchor,
      layout.insertion(block, anchor),
      durability === "durable" ? "on" : "off",
    );
    return this.#answer(statement, this.#ahead, outcomes, alone);
  }

  /** Versions that need not be asked for: remembered ones, and that of a stream that ought to be new, which the database's constraint proves. */
  #knowsStreams(appends: readonly (readonly PreparedBatch[])[]): boolean {
    return appends.every((batches) =>
      batches.every(({ stream, expected }) => this.#versions.has(stream) || expected === 0 || expected === "no_stream"),
    );
  }

  async #answer(
    statement: Promise<boolean>,
    to: PostgresStanding,
    outcomes: readonly AppendOutcome[],
    alone: () => Promise<readonly AppendOutcome[] | Unwritten>,
  ): Promise<readonly AppendOutcome[] | Unwritten> {
    this.#sent.add(statement);
    try {
      const swapped = await statement;
      this.#sent.delete(statement);
      if (swapped) {
        this.#standing = to;
        return outcomes;
      }
    } catch (error) {
      this.#sent.delete(statement);
      this.#forget();
      if (!(error instanceof PostgresFailure)) throw error;
      if (error.certainty === "unknown") this.#pending = [...this.#pending, to.head];
      if (error.kind !== "constraint") return this.#failed(error);
    }
    // In the line from here on: what comes after this stays behind it.
    this.#forget();
    return alone();
  }

  /** What was sent on top of a statement that failed stores nothing: everything is asked for again. */
  #forget(): void {
    this.#ahead = this.#standing;
    this.#versions.clear();
    this.#sealer = null;
  }

  /** Runs work whose failures are values, once everything before it is answered and before anything after it is sent. */
  async #alone<T>(work: () => Promise<T>): Promise<T | Unwritten> {
    const before = this.#line;
    this.#inLine += 1;
    const turn = (async () => {
      await before;
      while (this.#sent.size > 0) await Promise.allSettled(this.#sent);
      try {
        return await work();
      } catch (error) {
        if (error instanceof BlockRefused)
          return { kind: "rejected" as const, violations: [{ code: "BLOCK_REFUSED", message: error.message }] };
        if (!(error instanceof BackendFailure)) throw error;
        return this.#failed(error);
      } finally {
        this.#ahead = this.#standing;
        this.#inLine -= 1;
      }
    })();
    this.#line = turn.catch(() => {});
    return turn;
  }

  async #decideAndCommit(appends: readonly (readonly PreparedBatch[])[]): Promise<readonly AppendOutcome[] | Unwritten> {
    const writer = await this.#connected();
    if (isUnwritten(writer)) return writer;
    const { layout, sha256, durability } = this.#parts;
    const ask = writer.query.bind(writer);
    const ids = appends.flatMap((batches) => batches.flatMap((batch) => batch.events.map((event) => event.id)));
    const events = new Map<string, TapeEvent | null>();
    const look = async (wanted: readonly string[]): Promise<void> => {
      const found = await layout.find(ask, wanted);
      for (const id of wanted) events.set(id, found.get(id) ?? null);
    };
    // Segments hold no constraint that would find an id again.
    if (layout.layout === "segments") await look(ids);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const streams = new Set(appends.flatMap((batches) => batches.map((batch) => batch.stream)));
      const versions = await this.#versionsOf(ask, [...streams]);
      const known = {
        log: this.#parts.log,
        head: this.#standing.head,
        durability,
        sha256,
        version: (stream: string) => versions.get(stream) ?? 0,
        find: (id: string) => events.get(id),
      };
      let decision = decideGroup(appends, known);
      if (decision.kind === "look") {
        await look(decision.ids);
        decision = decideGroup(appends, known);
      }
      if (decision.kind === "look") throw new Error("an id was looked up and is still unknown");
      if (decision.block === null) return (await this.#displaced(writer)) ?? decision.outcomes;
      const stored = await this.#commit(writer, decision.block);
      if (stored === "stored") return decision.outcomes;
      if (isUnwritten(stored)) return stored;
      // The database knows an id or a version that this writer does not.
      if (stored.constraint === "events_id") await look(ids);
      else if (stored.constraint === "events_stream_version") this.#versions.clear();
      else return violated(stored);
      if (attempt === ATTEMPTS - 1) return violated(stored);
    }
    throw new Error("the last attempt has an answer");
  }

  async #sealAndCommit(block: EventBlock): Promise<BlockOutcome> {
    const writer = await this.#connected();
    if (isUnwritten(writer)) return writer;
    const expected = this.#standing.head.position + 1;
    if (block.first_position !== expected) {
      const outcome = { kind: "out_of_order", expected_position: expected, actual_position: block.first_position } as const;
      return (await this.#displaced(writer)) ?? outcome;
    }
    const sealer = this.#sealer ?? (await this.#newSealer(writer, block));
    // Until the block is committed the sealer is ahead of the log.
    this.#sealer = null;
    const sealed = sealer.seal(block);
    const stored = await this.#commit(writer, sealed);
    if (stored instanceof PostgresFailure) return violated(stored);
    if (stored !== "stored") return stored;
    this.#sealer = sealer;
    return { kind: "stored", head: sealed.head };
  }

  /** @returns the failure where a constraint held. */
  async #commit(writer: PostgresConnection, block: SealedBlock): Promise<"stored" | Unwritten | PostgresFailure> {
    const anchor = this.#anchor(block, this.#standing);
    const { layout, durability, participant } = this.#parts;
    this.#sealer = null;
    try {
      const insertion = layout.insertion(block, anchor);
      const synchronous = durability === "durable" ? "on" : "off";
      const commit = (): Promise<boolean> => commitBlock(writer.change.bind(writer), this.#standing, anchor, insertion, synchronous);
      const swapped = await (participant === undefined
        ? commit()
        : commitJoined(writer, participant, block, anchor, this.#standing.head, commit));
      if (!swapped) return (await this.#displaced(writer)) ?? this.#poisoned("the head did not move although it stands where it should");
    } catch (error) {
      if (!(error instanceof PostgresFailure)) throw error;
      if (error.certainty === "unknown") this.#pending = [block.head];
      if (error.kind === "constraint") return error;
      throw error;
    }
    this.#standing = { ...this.#standing, head: block.head, audit_hash: anchor.audit_hash, recorded_at: anchor.recorded_at };
    this.#remember(block);
    return "stored";
  }

  #remember(block: SealedBlock): void {
    if (this.#versions.size > REMEMBERED_STREAMS) this.#versions.clear();
    for (let i = 0; i < block.count; i++) this.#versions.set(storedStream(block.log, block.streams[i] ?? ""), block.versions[i] ?? 0);
  }

  /** Null where this writer still is the log's only one; an answer that needs no write is true only then. */
  async #displaced(writer: PostgresConnection): Promise<Unwritten | null> {
    const standing = await readStanding(writer.query.bind(writer), this.#parts.log);
    if (standing === null) return this.#poisoned(`the log ${this.#parts.log} is gone from the server`);
    if (standing.epoch !== this.#standing.epoch) return { kind: "fenced", epoch: standing.epoch };
    const { head } = standing;
    if (head.position === this.#standing.head.position && head.hash === this.#standing.head.hash) return null;
    return this.#poisoned(`the head moved to position ${head.position} under the only writer, at ${this.#standing.head.position}`);
  }

  #poisoned(cause: string): Unwritten {
    this.#poison = cause;
    return { kind: "unavailable", cause };
  }

  /** The writer's connection, made again where it was lost. */
  async #connected(): Promise<PostgresConnection | Unwritten> {
    if (this.#poison !== null)
      return { kind: "unavailable", cause: `an earlier write failed (${this.#poison}); reopen the log ${this.#parts.log}` };
    if (!this.#writer.lost) return this.#writer;
    const connection = await this.#parts.connect("write");
    let resumed: Resumed;
    try {
      resumed = await this.#parts.resume(connection, this.#standing.epoch, [this.#standing.head, ...this.#pending]);
    } catch (error) {
      connection.drop();
      throw error;
    }
    if (resumed.kind !== "resumed") {
      await connection.close();
      if (resumed.kind !== "fenced") return this.#poisoned(resumed.cause);
      // What was under way came before the other writer or never: what is read from now on says which.
      this.#pending = [];
      return resumed;
    }
    this.#writer = connection;
    this.#standing = resumed.standing;
    this.#pending = [];
    this.#versions.clear();
    this.#sealer = null;
    return connection;
  }

  #failed(error: BackendFailure): Unwritten {
    const unknown = error instanceof PostgresFailure && error.certainty === "unknown" && this.unsettled;
    if (error.kind === "corrupt") this.#poison = error.message;
    return { kind: unknown ? "unknown" : "unavailable", cause: error.message };
  }

  async #versionsOf(ask: PostgresConnection["query"], streams: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const unknown = streams.filter((stream) => !this.#versions.has(stream));
    if (unknown.length > 0) {
      for (const [stream, version] of await this.#parts.layout.versions(ask, unknown)) this.#versions.set(stream, version);
    }
    return this.#versions;
  }

  #anchor(block: SealedBlock, from: PostgresStanding): Anchor {
    const stamp: CommitStamp = { recorded_at: Math.max(Math.trunc(this.#parts.now()), from.recorded_at), epoch: from.epoch };
    const { first_position, count, correlation_ids: correlations, head } = block;
    const shared = { ...stamp, created_at: isoTime(stamp.recorded_at) };
    const covered = { first_position, count, correlations };
    return {
      log: this.#parts.log,
      first_position,
      ...head,
      audit_hash: auditHashOfBlock(from.audit_hash, covered, shared, this.#parts.sha256),
      ...stamp,
    };
  }

  async #newSealer(writer: PostgresConnection, block: EventBlock): Promise<BlockSealer> {
    const { registry, sha256, layout } = this.#parts;
    const { head } = this.#standing;
    const ask = writer.query.bind(writer);
    const { types, begun } = sealingNeeds(block, registry.catalogue, head);
    const whole = { stream: null, from: null, direction: "forwards", limit: Number.POSITIVE_INFINITY } as const;
    const pins: string[] = [];
    if (types.length > 0) for await (const page of layout.scan(ask, { ...whole, types })) pins.push(...page.map(({ id }) => id));
    const newest: TapeEvent[] = [];
    if (begun > 0) {
      for await (const page of layout.scan(ask, { ...whole, direction: "backwards", types: null, limit: begun }))
        if (newest.push(...page) >= begun) break;
    }
    return resumeSealing(block, { log: this.#parts.log, catalogue: registry.catalogue, sha256, head }, pins, newest.slice(0, begun));
  }

  /** Makes earlier commits survive power loss: a durable one takes all before it along. */
  async #flush(writer: PostgresConnection): Promise<void> {
    const touch =
      "UPDATE log_head SET updated_at = updated_at WHERE log_id = $1 AND epoch = $2 RETURNING set_config('synchronous_commit', 'on', true)";
    await writer.query(touch, [this.#parts.log, this.#standing.epoch]);
  }
}

function violated(failure: PostgresFailure): Unwritten {
  const field = CONSTRAINTS.get(failure.constraint ?? "") ?? failure.constraint;
  return { kind: "rejected", violations: [{ code: "CONSTRAINT", message: failure.message, ...(field === null ? {} : { field }) }] };
}
