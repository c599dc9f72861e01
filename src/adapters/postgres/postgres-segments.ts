import type { ChainFailure, StoredEvent } from "../../core/tape/chain-verifier.js";
import type { Anchor, ReplayEvent, TapeEvent } from "../../core/tape/event.js";
import type { Sha256BytesFn, Sha256Fn } from "../../core/tape/hash.js";
import type { SealedBlock } from "../../core/tape/sealed-block.js";
import { eventAt } from "../../core/tape/sealed-block.js";
import { isoTime } from "../event-store/iso-time.js";
import type { ReplayRequest, ScanRequest } from "../event-store/log-backend.js";
import { encodeSegment } from "../event-store/segment-body.js";
import type { LogIndex, Segment } from "../event-store/segment-reading.js";
import {
  addToIndex,
  emptyIndex,
  readOpenSegment,
  readSegment,
  replaySegment,
  scanSegment,
  storedInSegment,
} from "../event-store/segment-reading.js";
import type { SegmentRow } from "../event-store/segment-row.js";
import type { PostgresRow } from "./postgres-connection.js";
import type { PostgresLayout } from "./postgres-layout.js";
import type { Ask, Insertion } from "./postgres-log.js";
import { bytea, createdAt, hashAt, integerAt } from "./postgres-log.js";

const INSERT = `INSERT INTO segments (log_id, first_position, last_position, recorded_at, writer_epoch, created_at, body_sha256, body)
  SELECT log_id, $3::bigint + 1, $5::bigint, $9::bigint, $10::bigint, $12::timestamptz, $13::bytea, $14::bytea FROM swap`;
const COLUMNS = "first_position, last_position, recorded_at, writer_epoch, body, created_at, body_sha256";
const AT = `SELECT ${COLUMNS} FROM segments WHERE log_id = $1 AND first_position <= $2 ORDER BY first_position DESC LIMIT 1`;
const AFTER = `SELECT ${COLUMNS} FROM segments WHERE log_id = $1 AND first_position > $2 ORDER BY first_position LIMIT 1`;

/** A log kept as one body of columns per committed block. Lookups by id and stream build an index of the whole log in memory. */
export class PostgresSegments implements PostgresLayout {
  readonly layout = "segments";
  readonly #log: string;
  readonly #hashes: { readonly sha256: Sha256Fn; readonly sha256Bytes: Sha256BytesFn };
  #index: LogIndex | null = null;

  constructor(log: string, hashes: { readonly sha256: Sha256Fn; readonly sha256Bytes: Sha256BytesFn }) {
    this.#log = log;
    this.#hashes = hashes;
  }

  insertion(block: SealedBlock, anchor: Anchor): Insertion {
    const body = encodeSegment(block);
    const hash = bytea(this.#hashes.sha256Bytes([body]));
    return { name: "segments", sql: INSERT, values: [isoTime(anchor.recorded_at), hash, body] };
  }

  async find(ask: Ask, ids: readonly string[]): Promise<ReadonlyMap<string, TapeEvent>> {
    const { positions } = await this.#lookup(ask);
    const found = new Map<string, TapeEvent>();
    for (const id of ids) {
      const position = positions.get(id);
      const segment = position === undefined ? null : await this.#segment(ask, AT, position);
      if (position !== undefined && segment !== null) {
        found.set(id, eventAt(segment.block, position - segment.first_position, segment.stamp));
      }
    }
    return found;
  }

  async versions(ask: Ask, streams: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { versions } = await this.#lookup(ask);
    return new Map(streams.map((stream) => [stream, versions.get(stream) ?? 0]));
  }

  async *scan(ask: Ask, request: ScanRequest): AsyncGenerator<readonly TapeEvent[]> {
    const from = request.stream === null ? request.from : null;
    for await (const row of this.#rows(ask, request.direction === "forwards", from))
      yield* scanSegment(readSegment(row, this.#log), request);
  }

  async *replay(ask: Ask, request: ReplayRequest): AsyncGenerator<readonly ReplayEvent[]> {
    for await (const row of this.#rows(ask, request.direction === "forwards", request.from))
      yield* replaySegment(readOpenSegment(row, this.#log), request);
  }

  async *stored(ask: Ask): AsyncGenerator<StoredEvent | ChainFailure> {
    let last = Number.MIN_SAFE_INTEGER;
    for (;;) {
      const [row] = await ask(AFTER, [this.#log, last], "onetape_segment_after");
      if (row === undefined) return;
      last = integerAt(row, 0);
      yield* storedInSegment(rowOf(row, this.#log), this.#hashes);
    }
  }

  async end(ask: Ask): Promise<{ readonly position: number; readonly hash: string | null }> {
    const [row] = await ask("SELECT coalesce(max(last_position), 0) FROM segments WHERE log_id = $1", [this.#log]);
    return { position: row === undefined ? 0 : integerAt(row, 0), hash: null };
  }

  async *#rows(ask: Ask, forwards: boolean, from: number | null): AsyncGenerator<SegmentRow> {
    let row = await this.#row(ask, AT, from ?? (forwards ? 1 : Number.MAX_SAFE_INTEGER));
    while (row !== null) {
      yield row;
      row = await (forwards ? this.#row(ask, AFTER, row.first_position) : this.#row(ask, AT, row.first_position - 1));
    }
  }

  async #segment(ask: Ask, sql: string, position: number): Promise<Segment | null> {
    const row = await this.#row(ask, sql, position);
    return row === null ? null : readSegment(row, this.#log);
  }

  async #row(ask: Ask, sql: string, position: number): Promise<SegmentRow | null> {
    const [row] = await ask(sql, [this.#log, Math.trunc(position)]);
    return row === undefined ? null : rowOf(row, this.#log);
  }

  /** The index, brought up to what any process has committed by now. */
  async #lookup(ask: Ask): Promise<LogIndex> {
    const index = this.#index ?? emptyIndex();
    this.#index = index;
    for (;;) {
      const segment = await this.#segment(ask, AFTER, index.through);
      if (segment === null) return index;
      addToIndex(index, segment.block);
    }
  }
}

function rowOf(row: PostgresRow, log: string): SegmentRow {
  return {
    log,
    first_position: integerAt(row, 0),
    last_position: integerAt(row, 1),
    stamp: { recorded_at: integerAt(row, 2), epoch: integerAt(row, 3) },
    body: Buffer.from(hashAt(row, 4), "hex"),
    created_at: createdAt(row, 5),
    body_sha256: hashAt(row, 6),
  };
}
