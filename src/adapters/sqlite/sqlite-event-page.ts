/**
 * A page of events as one column: a column of its own for every field of every row costs more to hand over than to read.
 *
 * Fields end at U+001F, rows at U+001E; neither may stand in a name, an id or canonical JSON. Whatever does not come apart as it was put
 * together is left to be read row by row, which says what is wrong with it and where.
 */
import type { StoredEvent } from "../../core/tape/chain-verifier.js";
import { storedEvent } from "../../core/tape/chain-verifier.js";
import type { TapeEvent } from "../../core/tape/event.js";
import type { SqlRow } from "./sqlite-driver.js";

const FIELD_END = "\u001f";
const ROW_END = "\u001e";
const FIELDS = 17;
/** Where `created_at` and the payload stand in a row. */
const CREATED_AT = 15;
const PAYLOAD = 16;

const orNull = (column: string): string => `CASE WHEN ${column} IS NULL THEN 'n' ELSE 't' || ${column} END`;

const line = (payload: string): string =>
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
    "created_at",
    payload,
  ].join(", ");

/** @param rest of a SELECT on `events`, or on `from`, from WHERE on. @returns a statement whose one row {@link eventsOfPage} takes apart. */
export function pageSql(rest: string, payloads: boolean, from = "events"): string {
  return `SELECT count(*), CAST(group_concat(line, char(30)) AS BLOB) FROM (SELECT concat_ws(char(31), ${line(payloads ? "payload" : "''")}) AS line FROM ${from} ${rest})`;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Events in the order of the statement, or null where they must be read row by row. */
export function eventsOfPage(page: SqlRow | undefined): readonly TapeEvent[] | null {
  return takeApart(page, eventOf);
}

/** {@link eventsOfPage} with the text of `created_at`. */
export function storedOfPage(page: SqlRow | undefined): readonly StoredEvent[] | null {
  return takeApart(page, (fields) => {
    const event = eventOf(fields);
    return event === null ? null : storedEvent(event, fields[CREATED_AT] ?? "");
  });
}

function takeApart<Event>(page: SqlRow | undefined, toEvent: (fields: readonly string[]) => Event | null): readonly Event[] | null {
  const [count, bytes] = page ?? [];
  if (count === 0) return [];
  if (!(bytes instanceof Uint8Array)) return null;
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return null;
  }
  const rows = text.split(ROW_END);
  if (rows.length !== count) return null;
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
