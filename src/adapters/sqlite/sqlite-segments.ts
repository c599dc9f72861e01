import type { ChainFailure, StoredEvent } from "../../core/tape/chain-verifier.js";
import type { Anchor, ReplayEvent, TapeEvent } from "../../core/tape/event.js";
import type { Sha256BytesFn, Sha256Fn } from "../../core/tape/hash.js";
import type { SealedBlock } from "../../core/tape/sealed-block.js";
import { eventAt } from "../../core/tape/sealed-block.js";
import { isoTime } from "../event-store/iso-time.js";
import type { LogBackend, LogStanding, PackedEvents, PackedReading, ReplayRequest, ScanRequest } from "../event-store/log-backend.js";
import type { ProjectionTables } from "../event-store/projection-tables.js";
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
import { asAscii, bytesAt, integerAt, textAt } from "./sqlite-columns.js";
import type { SqlRow } from "./sqlite-driver.js";
import type { SqliteLog } from "./sqlite-log.js";

const INSERT =
  "INSERT INTO segments (log_id, first_position, last_position, recorded_at, writer_epoch, created_at, body_sha256, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
const COLUMNS = `first_position, last_position, recorded_at, writer_epoch, body, ${asAscii("created_at", "body_sha256")}`;
const AT = `SELECT ${COLUMNS} FROM segments WHERE log_id = ? AND first_position <= ? ORDER BY first_position DESC LIMIT 1`;
const AFTER = `SELECT ${COLUMNS} FROM segments WHERE log_id = ? AND first_position > ? ORDER BY first_position LIMIT 1`;
// Keys alone, which the index holds: whoever asks for the next row of any log asks the whole table, once for each row.
const FOREIGN = "SELECT rowid, first_position FROM segments WHERE log_id < ? OR log_id > ? ORDER BY first_position, log_id";
const EARLIER = "SELECT 1 FROM segments WHERE log_id = ? AND first_position < 1 LIMIT 1";
const BY_ROW = `SELECT ${COLUMNS}, ${asAscii("log_id")} FROM segments WHERE rowid = ?`;

/** A log kept as one body of columns per committed block. Appending blocks indexes and looks up nothing. */
export class SqliteSegmentsBackend implements LogBackend {
  readonly layout = "segments";
  readonly publishes = true;
  readonly refusesKnownIds = false;
  readonly #file: SqliteLog;
  readonly #sha256: Sha256Fn;
  readonly #sha256Bytes: Sha256BytesFn;
  #index: LogIndex | null = null;

  constructor(file: SqliteLog, sha256: Sha256Fn, sha256Bytes: Sha256BytesFn) {
    this.#file = file;
    this.#sha256 = sha256;
    this.#sha256Bytes = sha256Bytes;
  }

  begin(): LogStanding {
    return this.#file.begin();
  }

  insert(block: SealedBlock, anchor: Anchor): void {
    const body = encodeSegment(block);
    const { first_position, position, recorded_at, epoch } = anchor;
    this.#file.run(INSERT, [
      block.log,
      first_position,
      position,
      recorded_at,
      epoch,
      isoTime(recorded_at),
      this.#sha256Bytes([body]),
      body,
    ]);
    this.#file.insertAnchor(anchor);
  }

  commit(): void {
    this.#file.commit();
  }

  rollback(): void {
    this.#file.rollback();
  }

  publish(anchor: Anchor): void {
    this.#file.publish(anchor);
  }

  projections(): ProjectionTables {
    return this.#file.projections();
  }

  standing(): LogStanding {
    return this.#file.standing();
  }

  find(id: string): TapeEvent | null {
    const position = this.#lookup().positions.get(id);
    if (position === undefined) return null;
    const segment = this.#segment(AT, position);
    return segment === null ? null : eventAt(segment.block, position - segment.first_position, segment.stamp);
  }

  version(stream: string): number {
    return this.#lookup().versions.get(stream) ?? 0;
  }

  *scan(request: ScanRequest): Generator<readonly TapeEvent[]> {
    const { log } = this.#file;
    const byPosition = request.stream === null ? request.from : null;
    for (const row of this.#rows(request.direction === "forwards", byPosition)) yield* scanSegment(readSegment(row, log), request);
  }

  *replay(request: ReplayRequest): Generator<readonly ReplayEvent[]> {
    const { log } = this.#file;
    for (const row of this.#rows(request.direction === "forwards", request.from)) yield* replaySegment(readOpenSegment(row, log), request);
  }

  anchors(): readonly Anchor[] {
    return this.#file.anchors();
  }

  published(): readonly Anchor[] | "missing" {
    return this.#file.published();
  }

  readonly packed: PackedReading = {
    hasStrays: () => {
      const { log } = this.#file;
      return this.#file.all(FOREIGN, [log, log]).length > 0 || this.#file.all(EARLIER, [log]).length > 0;
    },
    pages: (_level, after, through) => this.#packed(after, through),
  };

  *#packed(after: number, through: number): Generator<PackedEvents> {
    const { log } = this.#file;
    for (let row = this.#row(AFTER, after); row !== null && row.first_position <= through; row = this.#row(AFTER, row.first_position))
      yield { kind: "segment", row: { ...row, log } };
  }

  *stored(_level: "L1" | "L2", after: number = Number.MIN_SAFE_INTEGER): Generator<StoredEvent | ChainFailure> {
    const { log } = this.#file;
    const hashes = { sha256: this.#sha256, sha256Bytes: this.#sha256Bytes };
    // Other logs are not passed over: the file holds one log, so a segment under another name is damage.
    const foreign = this.#file.all(FOREIGN, [log, log]).filter((row) => integerAt(row, 1) > after);
    for (let last = after; ; ) {
      const own = this.#file.all(AFTER, [log, last])[0];
      while (foreign[0] !== undefined && integerAt(foreign[0], 1) <= last) foreign.shift();
      const [other] = foreign;
      // Where two begin at one position, the one of another log comes first: it would be passed over.
      const isOther = other !== undefined && (own === undefined || integerAt(other, 1) <= integerAt(own, 0));
      const row = isOther ? this.#file.all(BY_ROW, [integerAt(other, 0)])[0] : own;
      if (row === undefined) return;
      last = integerAt(row, 0);
      yield* storedInSegment({ ...rowOf(row), log: isOther ? textAt(row, 7) : log }, hashes);
    }
  }

  createdAt(recordedAt: number): string {
    return isoTime(recordedAt);
  }

  close(): void {
    this.#file.close();
  }

  *#rows(forwards: boolean, from: number | null): Generator<StoredRow> {
    let row = this.#row(AT, from ?? (forwards ? 1 : Number.MAX_SAFE_INTEGER));
    while (row !== null) {
      yield row;
      row = forwards ? this.#row(AFTER, row.first_position) : this.#row(AT, row.first_position - 1);
    }
  }

  #segment(sql: string, position: number): Segment | null {
    const row = this.#row(sql, position);
    return row === null ? null : readSegment(row, this.#file.log);
  }

  #row(sql: string, position: number): StoredRow | null {
    const row = this.#file.all(sql, [this.#file.log, position])[0];
    return row === undefined ? null : rowOf(row);
  }

  /** The index, brought up to what any process has committed by now. */
  #lookup(): LogIndex {
    const index = this.#index ?? emptyIndex();
    this.#index = index;
    for (let segment = this.#segment(AFTER, index.through); segment !== null; segment = this.#segment(AFTER, index.through)) {
      addToIndex(index, segment.block);
    }
    return index;
  }
}

type StoredRow = Omit<SegmentRow, "log">;

function rowOf(row: SqlRow): StoredRow {
  return {
    first_position: integerAt(row, 0),
    last_position: integerAt(row, 1),
    stamp: { recorded_at: integerAt(row, 2), epoch: integerAt(row, 3) },
    body: bytesAt(row, 4),
    created_at: textAt(row, 5),
    body_sha256: textAt(row, 6),
  };
}
