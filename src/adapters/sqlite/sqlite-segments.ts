import { payloadHash } from "../../core/tape/chain.js";
import type { ChainFailure, StoredEvent } from "../../core/tape/chain-verifier.js";
import type { Anchor, TapeEvent } from "../../core/tape/event.js";
import type { Sha256BytesFn, Sha256Fn } from "../../core/tape/hash.js";
import { storedStream } from "../../core/tape/names.js";
import type { CommitStamp, SealedBlock } from "../../core/tape/sealed-block.js";
import { eventAt, payloadAt } from "../../core/tape/sealed-block.js";
import { isoTime } from "../event-store/iso-time.js";
import type { LogBackend, LogStanding, ScanRequest } from "../event-store/log-backend.js";
import { BackendFailure } from "../event-store/log-backend.js";
import type { SegmentColumns } from "./segment-body.js";
import { decodeSegment, encodeSegment, SegmentDamaged } from "./segment-body.js";
import type { SqlRow } from "./sqlite-driver.js";
import type { SqliteLog } from "./sqlite-log.js";
import { asAscii, bytesAt, integerAt, textAt } from "./sqlite-log.js";

const INSERT =
  "INSERT INTO segments (log_id, first_position, last_position, recorded_at, writer_epoch, created_at, body_sha256, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
const COLUMNS = `first_position, last_position, recorded_at, writer_epoch, body, ${asAscii("created_at", "body_sha256")}`;
const AT = `SELECT ${COLUMNS} FROM segments WHERE log_id = ? AND first_position <= ? ORDER BY first_position DESC LIMIT 1`;
const AFTER = `SELECT ${COLUMNS} FROM segments WHERE log_id = ? AND first_position > ? ORDER BY first_position LIMIT 1`;
// Where two begin at one position, the one of another log comes first: it would be passed over.
const NEXT_STORED = `SELECT ${COLUMNS}, ${asAscii("log_id")} FROM segments WHERE first_position > ? ORDER BY first_position, log_id = ? LIMIT 1`;

/** Ids and stream versions of a whole log, built only when someone asks for them. */
interface LogIndex {
  /** Last position that is indexed. */
  through: number;
  readonly positions: Map<string, number>;
  readonly versions: Map<string, number>;
}

interface Segment {
  readonly first_position: number;
  readonly last_position: number;
  readonly stamp: CommitStamp;
  readonly block: SealedBlock;
}

/** A log kept as one body of columns per committed block. Appending blocks indexes and looks up nothing. */
export class SqliteSegmentsBackend implements LogBackend {
  readonly layout = "segments";
  readonly publishes = true;
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

  *scan(request: ScanRequest): Generator<TapeEvent> {
    const forwards = request.direction === "forwards";
    const types = request.types === null ? null : new Set(request.types);
    const byPosition = request.stream === null ? request.from : null;
    for (const { block, stamp } of this.#segments(forwards, byPosition)) {
      if (request.stream !== null && !block.streams.some((stream) => storedStream(block.log, stream) === request.stream)) continue;
      if (types !== null && !block.types.some(({ type }) => types.has(type))) continue;
      for (let n = 0; n < block.count; n++) {
        const i = forwards ? n : block.count - 1 - n;
        const event = eventAt(block, i, stamp);
        if (types !== null && !types.has(event.type)) continue;
        if (request.stream !== null && event.stream !== request.stream) continue;
        const key = request.stream === null ? event.position : event.version;
        if (request.from !== null && (forwards ? key < request.from : key > request.from)) continue;
        yield event;
      }
    }
  }

  anchors(): readonly Anchor[] {
    return this.#file.anchors();
  }

  published(): readonly Anchor[] | "missing" {
    return this.#file.published();
  }

  *stored(): Generator<StoredEvent | ChainFailure> {
    let last = Number.MIN_SAFE_INTEGER;
    for (;;) {
      // Other logs are not passed over: the file holds one log, so a segment under another name is damage.
      const row = this.#file.all(NEXT_STORED, [last, this.#file.log])[0];
      if (row === undefined) return;
      last = integerAt(row, 0);
      yield* this.#storedIn(row);
    }
  }

  createdAt(recordedAt: number): string {
    return isoTime(recordedAt);
  }

  close(): void {
    this.#file.close();
  }

  *#storedIn(row: SqlRow): Generator<StoredEvent | ChainFailure> {
    const first = integerAt(row, 0);
    const intact = this.#sha256Bytes([bytesAt(row, 4)]) === textAt(row, 6);
    let block: SegmentColumns;
    try {
      block = decodeSegment(bytesAt(row, 4), textAt(row, 7));
    } catch (error) {
      if (!(error instanceof SegmentDamaged)) throw error;
      yield bodyFailure(first, "segments.body", "a segment", error.message, "the segment that begins here cannot be read");
      return;
    }
    const stamp = stampOf(row);
    const sealed = { ...block, head: { position: 0, hash: "", content_hash: "" } };
    for (let i = 0; i < block.count; i++) {
      const payload = payloadAt(sealed, i);
      const expected = block.payload_hashes[i] ?? "";
      const actual = intact ? expected : payloadHash(payload, this.#sha256);
      if (actual !== expected) {
        yield bodyFailure(
          block.first_position + i,
          "payload",
          expected,
          actual,
          "the payload does not have the hash that was stored for it",
        );
        return;
      }
      yield { ...eventAt(sealed, i, stamp), created_at: textAt(row, 5) };
    }
    const { first_position, count } = block;
    if (first_position !== first || integerAt(row, 1) !== first + count - 1) {
      yield bodyFailure(
        first,
        "segments.last_position",
        String(first_position + count - 1),
        String(integerAt(row, 1)),
        "the segment names other positions than its body",
      );
    }
    if (!intact) yield bodyFailure(first, "segments.body", textAt(row, 6), "another hash", "the segment's body or its hash was changed");
  }

  *#segments(forwards: boolean, from: number | null): Generator<Segment> {
    let segment = forwards ? this.#segment(AT, from ?? 1) : this.#segment(AT, from ?? Number.MAX_SAFE_INTEGER);
    while (segment !== null) {
      yield segment;
      segment = forwards ? this.#segment(AFTER, segment.first_position) : this.#segment(AT, segment.first_position - 1);
    }
  }

  #segment(sql: string, position: number): Segment | null {
    const row = this.#file.all(sql, [this.#file.log, position])[0];
    if (row === undefined) return null;
    const first_position = integerAt(row, 0);
    try {
      const columns = decodeSegment(bytesAt(row, 4), this.#file.log);
      if (columns.first_position !== first_position || integerAt(row, 1) !== first_position + columns.count - 1)
        throw new SegmentDamaged("its body names other positions than its row");
      const block = { ...columns, head: { position: integerAt(row, 1), hash: columns.event_hashes.at(-1) ?? "", content_hash: "" } };
      return { first_position, last_position: integerAt(row, 1), stamp: stampOf(row), block };
    } catch (error) {
      if (!(error instanceof SegmentDamaged)) throw error;
      throw new BackendFailure(
        "corrupt",
        `the segment at position ${first_position} of ${this.#file.log} cannot be read: ${error.message}`,
        null,
        error,
      );
    }
  }

  /** The index, brought up to what any process has committed by now. */
  #lookup(): LogIndex {
    const index = this.#index ?? { through: 0, positions: new Map(), versions: new Map() };
    this.#index = index;
    for (let segment = this.#segment(AFTER, index.through); segment !== null; segment = this.#segment(AFTER, index.through)) {
      addToIndex(index, segment.block);
    }
    return index;
  }
}

function addToIndex(index: LogIndex, block: SealedBlock): void {
  for (let i = 0; i < block.count; i++) {
    index.positions.set(block.ids[i] ?? "", block.first_position + i);
    index.versions.set(storedStream(block.log, block.streams[i] ?? ""), block.versions[i] ?? 0);
  }
  index.through = block.first_position + block.count - 1;
}

function stampOf(row: SqlRow): CommitStamp {
  return { recorded_at: integerAt(row, 2), epoch: integerAt(row, 3) };
}

function bodyFailure(position: number, column: string, expected: string, actual: string, message: string): ChainFailure {
  return { level: "L1", position, column, expected, actual, message };
}
