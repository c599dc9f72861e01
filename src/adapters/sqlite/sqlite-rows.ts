import type { ChainFailure, StoredEvent } from "../../core/tape/chain-verifier.js";
import { storedEvent } from "../../core/tape/chain-verifier.js";
import type { Anchor, TapeEvent } from "../../core/tape/event.js";
import { storedStream } from "../../core/tape/names.js";
import type { SealedBlock } from "../../core/tape/sealed-block.js";
import { payloadAt } from "../../core/tape/sealed-block.js";
import { isoTime } from "../event-store/iso-time.js";
import type { LogBackend, LogStanding, ScanRequest } from "../event-store/log-backend.js";
import type { ProjectionTables } from "../event-store/projection-tables.js";
import { asAscii, asBytes, integerAt, textAt } from "./sqlite-columns.js";
import type { SqlRow, SqlValue } from "./sqlite-driver.js";
import { eventsOfPage, pageSql, storedOfPage } from "./sqlite-event-page.js";
import type { SqliteLog } from "./sqlite-log.js";

const COLUMNS =
  "log_id, position, stream, version, id, type, schema_version, occurred_at, source_at, causation_id, correlation_id, payload_hash, event_hash, recorded_at, writer_epoch, created_at, payload";
const NAMES = COLUMNS.split(", ");
const INTEGERS: ReadonlySet<string> = new Set([
  "position",
  "version",
  "schema_version",
  "occurred_at",
  "source_at",
  "recorded_at",
  "writer_epoch",
]);
const AS_STORED = NAMES.map((name) => (INTEGERS.has(name) ? name : name === "payload" ? asBytes(name) : asAscii(name))).join(", ");
const WITHOUT_PAYLOAD = AS_STORED.replace(asBytes("payload"), "x'' AS payload");
const COLUMN_COUNT = NAMES.length;
const FIND = `SELECT ${AS_STORED} FROM events WHERE id = ? AND log_id = ?`;
const VERSION = "SELECT coalesce(max(version), 0) FROM events WHERE stream = ?";
/** Rows of one INSERT: binding many at once costs less than calling often, and 32 x 17 stays below SQLite's oldest limit of 999 values. */
const ROWS_AT_ONCE = 32;
/** Rows of one read; nothing is locked or open between two reads. */
const PAGE = 1_000;

/** A log kept as a row per event. */
export class SqliteRowsBackend implements LogBackend {
  readonly layout = "rows";
  readonly publishes = true;
  readonly refusesKnownIds = true;
  readonly #file: SqliteLog;

  constructor(file: SqliteLog) {
    this.#file = file;
  }

  begin(): LogStanding {
    return this.#file.begin();
  }

  insert(block: SealedBlock, anchor: Anchor): void {
    const created = isoTime(anchor.recorded_at);
    for (let start = 0; start < block.count; start += ROWS_AT_ONCE) {
      const rows = Math.min(ROWS_AT_ONCE, block.count - start);
      const values: SqlValue[] = [];
      for (let i = start; i < start + rows; i++) pushRow(values, block, i, anchor, created);
      this.#file.run(insertSql(rows), values);
    }
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
    const row = this.#file.all(FIND, [id, this.#file.log])[0];
    return row === undefined ? null : toEvent(row);
  }

  version(stream: string): number {
    const row = this.#file.all(VERSION, [stream])[0];
    return row === undefined ? 0 : integerAt(row, 0);
  }

  *scan(request: ScanRequest): Generator<TapeEvent> {
    const forwards = request.direction === "forwards";
    const key = request.stream === null ? "position" : "version";
    const scope = request.stream === null ? "log_id = ?" : "stream = ?";
    const types = request.types === null ? "" : ` AND type IN (${request.types.map(() => "?").join(", ")})`;
    const size = Math.min(PAGE, request.limit);
    const rest = `WHERE ${scope} AND ${key} ${forwards ? ">=" : "<="} ?${types} ORDER BY ${key} ${forwards ? "ASC" : "DESC"} LIMIT ?`;
    const whole = pageSql(rest, true);
    let from = request.from ?? (forwards ? 1 : Number.MAX_SAFE_INTEGER);
    for (;;) {
      const values = [request.stream ?? this.#file.log, from, ...(request.types ?? []), size];
      const page =
        eventsOfPage(this.#file.all(whole, values)[0]) ?? this.#rowByRow(`SELECT ${AS_STORED} FROM events ${rest}`, values, toEvent);
      for (const event of page) {
        from = event[key] + (forwards ? 1 : -1);
        yield event;
      }
      if (page.length < size) return;
    }
  }

  anchors(): readonly Anchor[] {
    return this.#file.anchors();
  }

  published(): readonly Anchor[] | "missing" {
    return this.#file.published();
  }

  *stored(level: "L1" | "L2"): Generator<StoredEvent | ChainFailure> {
    const rest = `WHERE log_id = ? AND position > ? ORDER BY position LIMIT ${PAGE}`;
    // The file holds one log, so a row under another name is damage to be found, not to be passed over; the first is enough.
    const columns = level === "L2" ? AS_STORED : WITHOUT_PAYLOAD;
    const whole = pageSql(rest, level === "L2");
    let stray = this.#file.all(`SELECT ${columns} FROM events WHERE log_id <> ? ORDER BY position LIMIT 1`, [this.#file.log]);
    let last = Number.MIN_SAFE_INTEGER;
    for (;;) {
      const values = [this.#file.log, last];
      const page =
        storedOfPage(this.#file.all(whole, values)[0]) ?? this.#rowByRow(`SELECT ${columns} FROM events ${rest}`, values, toStored);
      for (const event of page) {
        last = event.position;
        const [first] = stray;
        if (first !== undefined && integerAt(first, 1) <= last) {
          stray = [];
          yield toStored(first);
        }
        yield event;
      }
      if (page.length < PAGE) break;
    }
    for (const row of stray) yield toStored(row);
  }

  /** Throws at the first row that cannot be read, once those before it were handed out. */
  #rowByRow<Event>(
    sql: string,
    values: readonly SqlValue[],
    toEvent: (row: SqlRow) => Event,
  ): Iterable<Event> & { readonly length: number } {
    const rows = this.#file.all(sql, values);
    return {
      length: rows.length,
      *[Symbol.iterator]() {
        for (const row of rows) yield toEvent(row);
      },
    };
  }

  createdAt(recordedAt: number): string {
    return isoTime(recordedAt);
  }

  close(): void {
    this.#file.close();
  }
}

const insertStatements = new Map<number, string>();

function insertSql(rows: number): string {
  const known = insertStatements.get(rows);
  if (known !== undefined) return known;
  const row = `(${Array.from({ length: COLUMN_COUNT }, () => "?").join(", ")})`;
  const sql = `INSERT INTO events (${COLUMNS}) VALUES ${Array.from({ length: rows }, () => row).join(", ")}`;
  insertStatements.set(rows, sql);
  return sql;
}

/** Binds the i-th event in the order of {@link COLUMNS}. */
function pushRow(values: SqlValue[], block: SealedBlock, i: number, anchor: Anchor, created: string): void {
  const type = block.types[block.type_of[i] ?? -1];
  const sourceAt = block.source_at?.[i] ?? Number.NaN;
  values.push(
    block.log,
    block.first_position + i,
    storedStream(block.log, block.streams[i] ?? ""),
    block.versions[i] ?? null,
    block.ids[i] ?? null,
    type?.type ?? null,
    type?.schema_version ?? null,
    block.occurred_at[i] ?? null,
    Number.isNaN(sourceAt) ? null : sourceAt,
    block.causation_ids[i] ?? null,
    block.correlation_ids?.[i] ?? null,
    block.payload_hashes[i] ?? null,
    block.event_hashes[i] ?? null,
    anchor.recorded_at,
    anchor.epoch,
    created,
    payloadAt(block, i),
  );
}

function toStored(row: SqlRow): StoredEvent {
  return storedEvent(toEvent(row), textAt(row, 15));
}

function toEvent(row: SqlRow): TapeEvent {
  return {
    log: textAt(row, 0),
    position: integerAt(row, 1),
    stream: textAt(row, 2),
    version: integerAt(row, 3),
    id: textAt(row, 4),
    type: textAt(row, 5),
    schema_version: integerAt(row, 6),
    occurred_at: integerAt(row, 7),
    source_at: row[8] === null ? null : integerAt(row, 8),
    causation_id: row[9] === null ? null : textAt(row, 9),
    correlation_id: row[10] === null ? null : textAt(row, 10),
    payload_hash: textAt(row, 11),
    event_hash: textAt(row, 12),
    recorded_at: integerAt(row, 13),
    epoch: integerAt(row, 14),
    payload: textAt(row, 16),
  };
}
