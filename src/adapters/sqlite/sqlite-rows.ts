import type { ChainFailure, StoredEvent } from "../../core/tape/chain-verifier.js";
import { storedEvent } from "../../core/tape/chain-verifier.js";
import type { Anchor, ReplayEvent, TapeEvent } from "../../core/tape/event.js";
import { storedStream } from "../../core/tape/names.js";
import type { SealedBlock } from "../../core/tape/sealed-block.js";
import { payloadAt } from "../../core/tape/sealed-block.js";
import { inPages, PAGE_EVENTS } from "../event-store/event-pages.js";
import { isoTime } from "../event-store/iso-time.js";
import type { LogBackend, LogStanding, PackedEvents, PackedReading, ReplayRequest, ScanRequest } from "../event-store/log-backend.js";
import type { ProjectionTables } from "../event-store/projection-tables.js";
import { asAscii, asBytes, integerAt, textAt } from "./sqlite-columns.js";
import type { SqlRow, SqlValue } from "./sqlite-driver.js";
import type { PageContent } from "./sqlite-event-page.js";
import { eventsOfPage, pageSql, replayOfPage, replaySql, storedOfPage } from "./sqlite-event-page.js";
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
const FIND = `SELECT ${AS_STORED} FROM events WHERE id = ? AND log_id = ?`;
const HAS_VERSION = (version: string): string => `EXISTS (SELECT 1 FROM asked CROSS JOIN events ON version = ${version} AND stream = name)`;
/** Versions are dense: those that there are are found by doubling, the last by halving. */
const VERSION = `WITH RECURSIVE asked(name) AS (SELECT ?),
up(n) AS (SELECT 1 WHERE ${HAS_VERSION("1")} UNION ALL SELECT n * 2 FROM up WHERE ${HAS_VERSION("n * 2")}),
down(n, step) AS (SELECT max(n), max(n) / 2 FROM up UNION ALL SELECT CASE WHEN ${HAS_VERSION("n + step")} THEN n + step ELSE n END, step / 2 FROM down WHERE step > 0)
SELECT coalesce(max(n), 0) FROM down`;
/** Every version from one to another, and the events that have it. */
const VERSIONS =
  "(WITH RECURSIVE turns(turn) AS (SELECT ? UNION ALL SELECT turn + 1 FROM turns WHERE turn < ?) SELECT turn FROM turns) CROSS JOIN events ON version = turn";
/** Rows of one INSERT: binding many at once costs less than calling often, and 32 x 12 stays below SQLite's oldest limit of 999 values. */
const ROWS_AT_ONCE = 32;

/** Read as {@link SqliteRowsBackend.stored} reads it, past the index: what the index does not know is found too. */
const STRAY = "SELECT payload FROM events NOT INDEXED WHERE log_id <> ? LIMIT 1";
const EARLIER = "SELECT 1 FROM events WHERE log_id = ? AND position < 1 LIMIT 1";
/** Rows of a page for threads: as many as are read and copied in the cache. */
const PACKED_EVENTS = 400;

/** How a page of rows becomes events, whole or, where it does not come apart, row by row. */
interface PageForm<Event> {
  readonly sqlOf: (rest: string) => string;
  readonly eventsOf: (page: SqlRow | undefined) => readonly Event[] | null;
  readonly eventOf: (row: SqlRow) => Event;
}

const wholeForm: PageForm<TapeEvent> = { sqlOf: (rest) => pageSql(rest, "event"), eventsOf: eventsOfPage, eventOf: toEvent };
const replayForm: PageForm<ReplayEvent> = { sqlOf: replaySql, eventsOf: replayOfPage, eventOf: toEvent };

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
    const shape = shapeOf(block);
    const [type] = block.types;
    const ofBlock: SqlValue[] = [block.log, anchor.recorded_at, anchor.epoch, isoTime(anchor.recorded_at)];
    if (shape.one_type) ofBlock.push(type?.type ?? null, type?.schema_version ?? null);
    for (let start = 0; start < block.count; start += ROWS_AT_ONCE) {
      const rows = Math.min(ROWS_AT_ONCE, block.count - start);
      const values: SqlValue[] = [...ofBlock, block.first_position + start];
      for (let i = start; i < start + rows; i++) pushRow(values, block, i, shape);
      this.#file.run(insertSql(shape, rows), values);
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

  scan(request: ScanRequest): Iterable<readonly TapeEvent[]> {
    return request.stream === null ? this.#scanLog(request, wholeForm) : this.#scanStream(request, request.stream);
  }

  replay(request: ReplayRequest): Iterable<readonly ReplayEvent[]> {
    return this.#scanLog(request, replayForm);
  }

  *#scanLog<Event extends ReplayEvent>(request: ReplayRequest, form: PageForm<Event>): Generator<readonly Event[]> {
    const forwards = request.direction === "forwards";
    const size = Math.min(PAGE_EVENTS, request.limit);
    const rest = `WHERE log_id = ? AND position ${forwards ? ">=" : "<="} ?${typesOf(request)} ORDER BY position ${forwards ? "ASC" : "DESC"} LIMIT ?`;
    const sql = { whole: form.sqlOf(rest), by_row: `SELECT ${AS_STORED} FROM events ${rest}` };
    let from = request.from ?? (forwards ? 1 : Number.MAX_SAFE_INTEGER);
    for (;;) {
      let read = 0;
      for (const page of this.#page(form, sql, [this.#file.log, from, ...(request.types ?? []), size])) {
        read += page.length;
        from = (page[page.length - 1] as Event).position + (forwards ? 1 : -1);
        yield page;
      }
      if (read < size) return;
    }
  }

  /** Asks for version after version: the index begins with the version, and a stream has one event of each. */
  *#scanStream(request: ScanRequest, stream: string): Generator<readonly TapeEvent[]> {
    const forwards = request.direction === "forwards";
    const newest = this.version(stream);
    const first = forwards ? Math.max(request.from ?? 1, 1) : 1;
    const last = forwards ? newest : Math.min(request.from ?? newest, newest);
    // A filter may pass over most of a page.
    const size = request.types === null ? Math.min(PAGE_EVENTS, request.limit) : PAGE_EVENTS;
    const rest = `WHERE stream = ?${typesOf(request)} ORDER BY turn ${forwards ? "ASC" : "DESC"}`;
    const sql = { whole: pageSql(rest, "event", VERSIONS), by_row: `SELECT ${AS_STORED} FROM ${VERSIONS} ${rest}` };
    for (let done = 0; done <= last - first; done += size) {
      const from = forwards ? first + done : Math.max(last - done - size + 1, first);
      const to = forwards ? Math.min(first + done + size - 1, last) : last - done;
      yield* this.#page(wholeForm, sql, [from, to, stream, ...(request.types ?? [])]);
    }
  }

  /** What one statement gives: one page, or as many as come before a row that cannot be read; none of them is empty. */
  #page<Event>({ eventsOf, eventOf }: PageForm<Event>, sql: PageSqls, values: readonly SqlValue[]): Iterable<readonly Event[]> {
    const whole = eventsOf(this.#file.all(sql.whole, values)[0]);
    if (whole === null) return inPages(this.#rowByRow(sql.by_row, values, eventOf), PAGE_EVENTS);
    return whole.length === 0 ? [] : [whole];
  }

  anchors(): readonly Anchor[] {
    return this.#file.anchors();
  }

  published(): readonly Anchor[] | "missing" {
    return this.#file.published();
  }

  readonly packed: PackedReading = {
    hasStrays: () => this.#file.all(STRAY, [this.#file.log]).length > 0 || this.#file.all(EARLIER, [this.#file.log]).length > 0,
    pages: (level, after, through) => this.#packed(level, after, through),
  };

  /** By positions rather than by number, so that whatever stands twice at one position comes in one page. */
  *#packed(level: "L1" | "L2", after: number, through: number): Generator<PackedEvents> {
    const sql = pageSql("WHERE log_id = ? AND position > ? AND position <= ? ORDER BY position", contentAt(level));
    for (let from = after; from < through; from += PACKED_EVENTS) {
      const [count, bytes] = this.#file.all(sql, [this.#file.log, from, Math.min(from + PACKED_EVENTS, through)])[0] ?? [];
      if (typeof count !== "number" || !(bytes instanceof Uint8Array)) return;
      yield { kind: "lines", level, count, bytes };
    }
  }

  *stored(level: "L1" | "L2", after: number = Number.MIN_SAFE_INTEGER): Generator<StoredEvent | ChainFailure> {
    const rest = `WHERE log_id = ? AND position > ? ORDER BY position LIMIT ${PAGE_EVENTS}`;
    // The file holds one log, so a row under another name is damage to be found, not to be passed over; the first is enough.
    const columns = level === "L2" ? AS_STORED : WITHOUT_PAYLOAD;
    const content = contentAt(level);
    const whole = pageSql(rest, content);
    let stray = this.#file.all(`SELECT ${columns} FROM events WHERE log_id <> ? AND position > ? ORDER BY position LIMIT 1`, [
      this.#file.log,
      after,
    ]);
    let last = after;
    for (;;) {
      const values = [this.#file.log, last];
      const page =
        storedOfPage(this.#file.all(whole, values)[0], content) ??
        this.#rowByRow(`SELECT ${columns} FROM events ${rest}`, values, toStored);
      for (const event of page) {
        last = event.position;
        const [first] = stray;
        if (first !== undefined && integerAt(first, 1) <= last) {
          stray = [];
          yield toStored(first);
        }
        yield event;
      }
      if (page.length < PAGE_EVENTS) break;
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

/** What the rows of a block share, and so is bound once for many rows; what none of them has is not bound at all. */
interface BlockShape {
  readonly one_type: boolean;
  readonly source_at: boolean;
  readonly causation_id: boolean;
  readonly correlation_id: boolean;
}

function shapeOf(block: SealedBlock): BlockShape {
  return {
    one_type: block.types.length === 1,
    source_at: block.source_at !== null,
    causation_id: block.causation_ids.some((id) => id !== null),
    correlation_id: block.correlation_ids !== null,
  };
}

/** One page of events, as one column and row by row. */
interface PageSqls {
  readonly whole: string;
  readonly by_row: string;
}

const contentAt = (level: "L1" | "L2"): PageContent => (level === "L2" ? "stored" : "stored without payload");

function typesOf(request: ReplayRequest): string {
  return request.types === null ? "" : ` AND type IN (${request.types.map(() => "?").join(", ")})`;
}

const insertStatements = new Map<string, string>();

/** Binds in the order of {@link SqliteRowsBackend.insert}: what the block shares, then {@link pushRow} for each row. */
function insertSql(shape: BlockShape, rows: number): string {
  const key = `${rows} ${shape.one_type} ${shape.source_at} ${shape.causation_id} ${shape.correlation_id}`;
  const known = insertStatements.get(key);
  if (known !== undefined) return known;
  const shared = ["log_id", "recorded_at", "writer_epoch", "created_at", ...(shape.one_type ? ["type", "schema_version"] : []), "first"];
  const own = ["stream", "version", "id", "occurred_at", "payload_hash", "event_hash", "payload"];
  if (!shape.one_type) own.push("type", "schema_version");
  own.push(...(["source_at", "causation_id", "correlation_id"] as const).filter((name) => shape[name]));
  // The columns of VALUES have names of SQLite's own: the first counts the rows.
  const from = (name: string): string =>
    shared.includes(name) ? name : own.includes(name) ? `column${own.indexOf(name) + 2}` : name === "position" ? "first + column1" : "NULL";
  const places = (count: number): string => Array.from({ length: count }, () => "?").join(", ");
  const values = Array.from({ length: rows }, (_, i) => `(${i}, ${places(own.length)})`).join(", ");
  const sql = `WITH block(${shared.join(", ")}) AS (SELECT ${places(shared.length)}) INSERT INTO events (${COLUMNS}) SELECT ${NAMES.map(from).join(", ")} FROM block, (VALUES ${values})`;
  insertStatements.set(key, sql);
  return sql;
}

/** Binds what the i-th event has of its own. */
function pushRow(values: SqlValue[], block: SealedBlock, i: number, shape: BlockShape): void {
  values.push(
    storedStream(block.log, block.streams[i] ?? ""),
    block.versions[i] ?? null,
    block.ids[i] ?? null,
    block.occurred_at[i] ?? null,
    block.payload_hashes[i] ?? null,
    block.event_hashes[i] ?? null,
    payloadAt(block, i),
  );
  if (!shape.one_type) {
    const type = block.types[block.type_of[i] ?? -1];
    values.push(type?.type ?? null, type?.schema_version ?? null);
  }
  if (shape.source_at) {
    const sourceAt = block.source_at?.[i] ?? Number.NaN;
    values.push(Number.isNaN(sourceAt) ? null : sourceAt);
  }
  if (shape.causation_id) values.push(block.causation_ids[i] ?? null);
  if (shape.correlation_id) values.push(block.correlation_ids?.[i] ?? null);
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
