import type { StoredEvent } from "../../core/tape/chain-verifier.js";
import { storedEvent } from "../../core/tape/chain-verifier.js";
import type { Anchor, ReplayEvent, TapeEvent } from "../../core/tape/event.js";
import { storedStream } from "../../core/tape/names.js";
import type { SealedBlock } from "../../core/tape/sealed-block.js";
import { eventAt, payloadAt } from "../../core/tape/sealed-block.js";
import { inPages } from "../event-store/event-pages.js";
import { isoTime } from "../event-store/iso-time.js";
import type { ReplayRequest, ScanRequest } from "../event-store/log-backend.js";
import { canonicalOfJsonb, holdsCanonicalNumbers } from "./jsonb-text.js";
import type { PostgresRow } from "./postgres-connection.js";
import type { PostgresLayout } from "./postgres-layout.js";
import type { Ask, Insertion } from "./postgres-log.js";
import { bytea, createdAt, hashAt, integerAt, textAt } from "./postgres-log.js";

const COLUMNS =
  "log_id, position, stream, version, id, type, schema_version, occurred_at, source_at, causation_id, correlation_id, payload_hash, event_hash, recorded_at, writer_epoch";
const WITH_PAYLOAD = `${COLUMNS}, payload::text`;
const FOR_REPLAY = "position, type, schema_version, occurred_at, payload::text";

/** What is read of a row, and what becomes of it. */
interface PageForm<Event> {
  readonly columns: string;
  readonly eventOf: (row: PostgresRow) => Event;
  /** Where the event stands in the order of the read. */
  readonly keyOf: (event: Event) => number;
}

/** Rows of one read; nothing is locked or open between two reads. */
const PAGE = 2_000;

/** Arrays are unnested side by side; the payloads come as one JSON array, which needs no quoting. */
const INSERT = `INSERT INTO events (${COLUMNS}, created_at, payload)
  SELECT log_id, generate_series($3::bigint + 1, $5::bigint), unnest($13::text[]), unnest($14::bigint[]), unnest($15::uuid[]), unnest($16::text[]),
    unnest($17::int[]), unnest($18::bigint[]), unnest($19::bigint[]), unnest($20::uuid[]), unnest($21::text[]), unnest($22::bytea[]), unnest($23::bytea[]),
    $9::bigint, $10::bigint, $12::timestamptz, jsonb_array_elements($24::jsonb) FROM swap`;
/** One event needs no arrays: the server takes it in half the time. */
const INSERT_ONE = `INSERT INTO events (${COLUMNS}, created_at, payload)
  SELECT log_id, $5::bigint, $13::text, $14::bigint, $15::uuid, $16::text, $17::int, $18::bigint, $19::bigint, $20::uuid, $21::text, $22::bytea,
    $23::bytea, $9::bigint, $10::bigint, $12::timestamptz, $24::jsonb FROM swap`;

const FIND = `SELECT ${WITH_PAYLOAD} FROM events WHERE id = ANY($1::uuid[])`;
const VERSIONS = "SELECT s, (SELECT version FROM events WHERE stream = s ORDER BY version DESC LIMIT 1) FROM unnest($1::text[]) AS s";

/** A log kept as a row per event. */
export class PostgresRows implements PostgresLayout {
  readonly layout = "rows";
  readonly #log: string;

  constructor(log: string) {
    this.#log = log;
  }

  insertion(block: SealedBlock, anchor: Anchor): Insertion {
    if (block.count === 1) return insertionOfOne(block, anchor);
    const numbers = Array.from({ length: block.count }, (_, i) => i);
    const typeOf = (i: number): SealedBlock["types"][number] | undefined => block.types[block.type_of[i] ?? -1];
    const sources = block.source_at;
    const correlations = block.correlation_ids;
    const nulls = `{${new Array(block.count).fill("NULL").join(",")}}`;
    return {
      name: "rows",
      sql: INSERT,
      values: [
        isoTime(anchor.recorded_at),
        `{${block.streams.map((stream) => storedStream(block.log, stream)).join(",")}}`,
        `{${block.versions.join(",")}}`,
        `{${block.ids.join(",")}}`,
        `{${numbers.map((i) => typeOf(i)?.type).join(",")}}`,
        `{${numbers.map((i) => typeOf(i)?.schema_version).join(",")}}`,
        `{${block.occurred_at.join(",")}}`,
        sources === null ? nulls : `{${Array.from(sources, (at) => (Number.isNaN(at) ? "NULL" : at)).join(",")}}`,
        `{${block.causation_ids.map((id) => id ?? "NULL").join(",")}}`,
        correlations === null ? nulls : `{${correlations.map((id) => (id === null ? "NULL" : quoted(id))).join(",")}}`,
        `{"\\\\x${block.payload_hashes.join('","\\\\x')}"}`,
        `{"\\\\x${block.event_hashes.join('","\\\\x')}"}`,
        `[${numbers.map((i) => payloadAt(block, i)).join(",")}]`,
      ],
    };
  }

  async find(ask: Ask, ids: readonly string[]): Promise<ReadonlyMap<string, TapeEvent>> {
    const rows = await ask(FIND, [`{${ids.join(",")}}`], "onetape_find");
    return new Map(rows.map((row) => [textAt(row, 4), toEvent(row)]));
  }

  async versions(ask: Ask, streams: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await ask(VERSIONS, [`{${streams.join(",")}}`], "onetape_versions");
    return new Map(rows.map((row) => [textAt(row, 0), row[1] === null ? 0 : integerAt(row, 1)]));
  }

  scan(ask: Ask, request: ScanRequest): AsyncGenerator<readonly TapeEvent[]> {
    const keyOf = (event: TapeEvent): number => (request.stream === null ? event.position : event.version);
    return this.#pages(ask, request, { columns: WITH_PAYLOAD, eventOf: (row) => toEvent(row), keyOf });
  }

  replay(ask: Ask, request: ReplayRequest): AsyncGenerator<readonly ReplayEvent[]> {
    return this.#pages(ask, { ...request, stream: null }, { columns: FOR_REPLAY, eventOf: toReplay, keyOf: (event) => event.position });
  }

  async *#pages<Event>(ask: Ask, request: ScanRequest, { columns, eventOf, keyOf }: PageForm<Event>): AsyncGenerator<readonly Event[]> {
    const forwards = request.direction === "forwards";
    const key = request.stream === null ? "position" : "version";
    const scope = request.stream === null ? "log_id = $1" : "stream = $1";
    const types = request.types === null ? "" : " AND type = ANY($4::text[])";
    const size = Math.min(PAGE, request.limit);
    const sql = `SELECT ${columns} FROM events WHERE ${scope} AND ${key} ${forwards ? ">=" : "<="} $2${types} ORDER BY ${key} ${forwards ? "ASC" : "DESC"} LIMIT $3`;
    const filter = request.types === null ? [] : [`{${request.types.map(quoted).join(",")}}`];
    let from = request.from ?? (forwards ? 1 : Number.MAX_SAFE_INTEGER);
    for (;;) {
      const rows = await ask(sql, [request.stream ?? this.#log, Math.trunc(from), size, ...filter]);
      for (const page of inPages(each(rows, eventOf), size)) {
        const last = page.at(-1);
        if (last !== undefined) from = keyOf(last) + (forwards ? 1 : -1);
        yield page;
      }
      if (rows.length < size) return;
    }
  }

  async *stored(ask: Ask, level: "L1" | "L2"): AsyncGenerator<StoredEvent> {
    const columns = level === "L2" ? WITH_PAYLOAD : `${COLUMNS}, ''`;
    const sql = `SELECT ${columns}, created_at FROM events WHERE log_id = $1 AND position > $2 ORDER BY position LIMIT ${PAGE}`;
    let last = Number.MIN_SAFE_INTEGER;
    for (;;) {
      const page = await ask(sql, [this.#log, last], `onetape_stored_${level}`);
      for (const row of page) {
        const event = level === "L2" ? exactEvent(row) : toEvent(row, textAt(row, 15));
        last = event.position;
        yield storedEvent(event, createdAt(row, 16));
      }
      if (page.length < PAGE) return;
    }
  }

  async end(ask: Ask): Promise<{ readonly position: number; readonly hash: string | null }> {
    const [row] = await ask("SELECT position, event_hash FROM events WHERE log_id = $1 ORDER BY position DESC LIMIT 1", [this.#log]);
    return row === undefined ? { position: 0, hash: null } : { position: integerAt(row, 0), hash: hashAt(row, 1) };
  }
}

function insertionOfOne(block: SealedBlock, anchor: Anchor): Insertion {
  const event = eventAt(block, 0, anchor);
  return {
    name: "row",
    sql: INSERT_ONE,
    values: [
      isoTime(anchor.recorded_at),
      event.stream,
      event.version,
      event.id,
      event.type,
      event.schema_version,
      event.occurred_at,
      event.source_at,
      event.causation_id,
      event.correlation_id,
      bytea(event.payload_hash),
      bytea(event.event_hash),
      event.payload,
    ],
  };
}

/** An element of an array literal. */
function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** An event whose payload is canonical text only where JSONB holds exactly what that text says. */
function exactEvent(row: PostgresRow): TapeEvent {
  const text = textAt(row, 15);
  return toEvent(row, holdsCanonicalNumbers(text) ? canonicalOfJsonb(text) : text);
}

function* each<Event>(rows: readonly PostgresRow[], eventOf: (row: PostgresRow) => Event): Generator<Event> {
  for (const row of rows) yield eventOf(row);
}

function toReplay(row: PostgresRow): ReplayEvent {
  return {
    position: integerAt(row, 0),
    type: textAt(row, 1),
    schema_version: integerAt(row, 2),
    occurred_at: integerAt(row, 3),
    payload: canonicalOfJsonb(textAt(row, 4)),
  };
}

function toEvent(row: PostgresRow, payload: string = canonicalOfJsonb(textAt(row, 15))): TapeEvent {
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
    causation_id: row[9] ?? null,
    correlation_id: row[10] ?? null,
    payload_hash: hashAt(row, 11),
    event_hash: hashAt(row, 12),
    recorded_at: integerAt(row, 13),
    epoch: integerAt(row, 14),
    payload,
  };
}
