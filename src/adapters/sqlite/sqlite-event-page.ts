/**
 * A page of events as one column: a column of its own for every field of every row costs more to hand over than to read.
 *
 * Fields end at U+001F, rows at U+001E; neither may stand in a name, an id or canonical JSON. Whatever does not come apart as it was put
 * together is left to be read row by row, which says what is wrong with it and where.
 */
import type { StoredEvent } from "../../core/tape/chain-verifier.js";
import { storedEvent } from "../../core/tape/chain-verifier.js";
import type { ReplayEvent, TapeEvent } from "../../core/tape/event.js";
import { utf8Text } from "../event-store/utf8-text.js";
import type { SqlRow, SqlValue } from "./sqlite-driver.js";

const FIELD_END = "\u001f";
const ROW_END = "\u001e";
const ROW_END_BYTE = 0x1e;
/** Bytes that become text at once: texts of a hundred thousand characters and more cost several times as much each. */
const PIECE_BYTES = 65_536;
const FIELDS = 17;
/** Where `created_at` and the payload stand in a row. */
const CREATED_AT = 15;
const PAYLOAD = 16;

const orNull = (column: string): string => `coalesce('t' || ${column}, 'n')`;

/** Stands for a field that is not read. No empty text: some versions of SQLite leave that out of a line. */
const LEFT_OUT = "'-'";

/** What a page is read for: events as the port gives them, or as they lie there, for verification. */
export type PageContent = "event" | "stored" | "stored without payload";

const line = (content: PageContent): string =>
  [
    "log_id",
    "position",
    "stream",
    "version",
    "id",
    "type",
    "schema_version",
    "occurred_at",
    orNull("source_at"),
    orNull("causation_id"),
    orNull("correlation_id"),
    "payload_hash",
    "event_hash",
    "recorded_at",
    "writer_epoch",
    content === "event" ? LEFT_OUT : "created_at",
    content === "stored without payload" ? LEFT_OUT : "payload",
  ].join(", ");

/** @param rest of a SELECT on `events`, or on `from`, from WHERE on. @returns a statement whose one row {@link eventsOfPage} takes apart. */
export function pageSql(rest: string, content: PageContent, from = "events"): string {
  return `SELECT count(*), CAST(group_concat(line, '${ROW_END}') AS BLOB) FROM (SELECT concat_ws('${FIELD_END}', ${line(content)}) AS line FROM ${from} ${rest})`;
}

/** Events in the order of the statement, or null where they must be read row by row. */
export function eventsOfPage(page: SqlRow | undefined): readonly TapeEvent[] | null {
  return takeApart(page, eventOf);
}

/**
 * The same for what a fold asks for, column by column: numbers come as the elements of JSON arrays, which are the fastest to read. A
 * column that has not as many elements as there are rows is left to be read row by row.
 */
export function replaySql(rest: string): string {
  const columns = ["position", "type", "schema_version", "occurred_at", "payload"];
  const lists = columns.map((column) => `CAST(group_concat(${column}, ${column === "payload" ? `'${ROW_END}'` : "','"}) AS BLOB)`);
  return `SELECT count(*), ${lists.join(", ")} FROM (SELECT ${columns.join(", ")} FROM events ${rest})`;
}

/** Events in the order of the statement, or null where they must be read row by row. */
export function replayOfPage(page: SqlRow | undefined): readonly ReplayEvent[] | null {
  const [count, ...lists] = page ?? [];
  if (count === 0) return [];
  const [places, names, schemas, times] = lists.map(decoded);
  const position = integers(places);
  const type = names?.split(",");
  const schema = integers(schemas);
  const occurred = integers(times);
  const payload = rowsOf(lists[4]);
  if (position === null || type === undefined || schema === null || occurred === null || payload === null) return null;
  if ([position, type, schema, occurred, payload].some(({ length }) => length !== count)) return null;
  return payload.map((text, i) => ({
    position: position[i] as number,
    type: type[i] as string,
    schema_version: schema[i] as number,
    occurred_at: occurred[i] as number,
    payload: text,
  }));
}

function decoded(bytes: SqlValue | undefined): string | null {
  if (!(bytes instanceof Uint8Array)) return null;
  try {
    return utf8Text(bytes);
  } catch {
    return null;
  }
}

/** What stands between the ends of rows. */
function rowsOf(bytes: SqlValue | undefined): readonly string[] | null {
  if (!(bytes instanceof Uint8Array)) return null;
  const rows: string[] = [];
  for (let at = 0; at <= bytes.length; ) {
    // A row that is longer than a piece is a piece of its own.
    const border = at + PIECE_BYTES < bytes.length ? bytes.lastIndexOf(ROW_END_BYTE, at + PIECE_BYTES) : bytes.length;
    const next = border >= at ? border : bytes.indexOf(ROW_END_BYTE, at);
    const end = next < 0 ? bytes.length : next;
    const text = decoded(bytes.subarray(at, end));
    if (text === null) return null;
    rows.push(...text.split(ROW_END));
    at = end + 1;
  }
  return rows;
}

function integers(list: string | null | undefined): readonly number[] | null {
  if (list === null || list === undefined) return null;
  let values: unknown;
  try {
    values = JSON.parse(`[${list}]`);
  } catch {
    return null;
  }
  return Array.isArray(values) && values.every(Number.isInteger) ? values : null;
}

/** {@link eventsOfPage} with the text of `created_at`. */
export function storedOfPage(page: SqlRow | undefined, content: PageContent): readonly StoredEvent[] | null {
  return takeApart(page, (fields) => {
    if (content === "stored without payload") fields[PAYLOAD] &&= "";
    const event = eventOf(fields);
    return event === null ? null : storedEvent(event, fields[CREATED_AT] ?? "");
  });
}

function takeApart<Event>(page: SqlRow | undefined, toEvent: (fields: string[]) => Event | null): readonly Event[] | null {
  const [count, bytes] = page ?? [];
  if (count === 0) return [];
  const rows = rowsOf(bytes);
  if (rows === null || rows.length !== count) return null;
  const events: Event[] = [];
  for (const row of rows) {
    const event = toEvent(row.split(FIELD_END));
    if (event === null) return null;
    events.push(event);
  }
  return events;
}

function eventOf(fields: readonly string[]): TapeEvent | null {
  if (fields.length !== FIELDS) return null;
  const [
    log,
    position,
    stream,
    version,
    id,
    type,
    schema,
    occurred,
    source,
    causation,
    correlation,
    payloadHash,
    eventHash,
    recorded,
    epoch,
  ] = fields;
  const event = {
    log: log ?? "",
    position: Number(position),
    stream: stream ?? "",
    version: Number(version),
    id: id ?? "",
    type: type ?? "",
    schema_version: Number(schema),
    occurred_at: Number(occurred),
    source_at: source === "n" ? null : Number(source?.slice(1)),
    causation_id: causation === "n" ? null : (causation?.slice(1) ?? null),
    correlation_id: correlation === "n" ? null : (correlation?.slice(1) ?? null),
    payload: fields[PAYLOAD] ?? "",
    payload_hash: payloadHash ?? "",
    event_hash: eventHash ?? "",
    recorded_at: Number(recorded),
    epoch: Number(epoch),
  };
  const whole =
    Number.isInteger(event.position) &&
    Number.isInteger(event.version) &&
    Number.isInteger(event.schema_version) &&
    Number.isInteger(event.occurred_at) &&
    Number.isInteger(event.source_at ?? 0) &&
    Number.isInteger(event.recorded_at) &&
    Number.isInteger(event.epoch);
  return whole ? event : null;
}
