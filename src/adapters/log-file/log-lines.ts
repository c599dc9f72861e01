/** Lines of a log's file: a header, the events of each committed block, its anchor, and an end that covers every line before it. */
import { canonicalPayload } from "../../core/tape/canonical-json.js";
import type { CommittedBlock } from "../../core/tape/committed-block.js";
import type { Anchor, Head, TapeEvent } from "../../core/tape/event.js";
import type { LogFileHeader } from "../../ports/log-file.js";

/** Names the form of the file and its version. */
export const LOG_FILE_SCHEMA = "onetape.log/1";

const EVENT_KEYS = [
  ...["position", "stream", "version", "id", "type", "schema_version", "occurred_at", "source_at", "causation_id", "correlation_id"],
  ...["payload_hash", "event_hash", "recorded_at", "epoch"],
];
const ANCHOR_KEYS = ["first_position", "position", "hash", "content_hash", "audit_hash", "epoch", "recorded_at"];

/** The last line: what the file holds when it is whole. */
export interface LogFileEnd {
  readonly events: number;
  readonly head: Head;
  /** SHA-256 of all bytes before this line. */
  readonly lines_sha256: string;
}

export type LogLine =
  | { readonly kind: "header"; readonly header: LogFileHeader }
  | { readonly kind: "event"; readonly event: TapeEvent }
  | { readonly kind: "anchor"; readonly anchor: Anchor }
  | { readonly kind: "end"; readonly end: LogFileEnd }
  | { readonly kind: "newer"; readonly schema: string }
  | { readonly kind: "invalid"; readonly cause: string };

export function headerLine({ log, layout, head }: LogFileHeader): string {
  return `${JSON.stringify({ schema: LOG_FILE_SCHEMA, log, layout, head: headOf(head) })}\n`;
}

/** A block as lines: the payload stands in its canonical text, last, so that any JSON reader sees it as an object. */
export function blockLines({ anchor, events }: CommittedBlock): string {
  let text = "";
  for (const event of events) text += `{"event":${JSON.stringify(event, EVENT_KEYS).slice(0, -1)},"payload":${event.payload}}}\n`;
  return `${text}{"anchor":${JSON.stringify(anchor, ANCHOR_KEYS)}}\n`;
}

export function endLine(end: LogFileEnd): string {
  return `${JSON.stringify({ end: { events: end.events, head: headOf(end.head), lines_sha256: end.lines_sha256 } })}\n`;
}

function headOf({ position, hash, content_hash }: Head): Head {
  return { position, hash, content_hash };
}

/** @param log that of the header: lines do not repeat it. */
export function parseLogLine(text: string, log: string): LogLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "invalid", cause: "the line is not JSON" };
  }
  const fields = fieldsOf(value);
  if (fields === null) return { kind: "invalid", cause: "the line is no JSON object" };
  const { schema, event, anchor, end } = fields;
  if (event !== undefined) return eventOf(fieldsOf(event), log);
  if (anchor !== undefined) return anchorOf(fieldsOf(anchor), log);
  if (end !== undefined) return endOf(fieldsOf(end));
  if (schema === LOG_FILE_SCHEMA) return headerOf(fields);
  if (typeof schema === "string" && /^onetape\.log\/\d+$/.test(schema)) return { kind: "newer", schema };
  return { kind: "invalid", cause: "the line is neither header, event, anchor nor end" };
}

type Fields = { readonly [key: string]: unknown };

function fieldsOf(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
}

const HASH = /^[0-9a-f]{64}$/;
const isHash = (value: unknown): value is string => typeof value === "string" && HASH.test(value);
const isText = (value: unknown): value is string => typeof value === "string";
const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);
const orNull =
  <T>(is: (value: unknown) => value is T) =>
  (value: unknown): value is T | null =>
    value === null || is(value);

function headerOf({ log, layout, head }: Fields): LogLine {
  const at = parsedHead(head);
  if (!isText(log) || (layout !== "rows" && layout !== "segments") || at === null)
    return { kind: "invalid", cause: "the header is not whole" };
  return { kind: "header", header: { log, layout, head: at } };
}

function parsedHead(value: unknown): Head | null {
  const { position, hash, content_hash } = fieldsOf(value) ?? {};
  return isWhole(position) && position >= 0 && isHash(hash) && isHash(content_hash) ? { position, hash, content_hash } : null;
}

function eventOf(fields: Fields | null, log: string): LogLine {
  const { position, stream, version, id, type, schema_version, occurred_at, source_at, causation_id, correlation_id } = fields ?? {};
  const { payload_hash, event_hash, recorded_at, epoch, payload } = fields ?? {};
  const numbers = isWhole(position) && isWhole(version) && isWhole(schema_version) && isWhole(occurred_at) && isWhole(recorded_at);
  const texts = isText(stream) && isText(id) && isText(type) && orNull(isText)(causation_id) && orNull(isText)(correlation_id);
  if (!numbers || !texts || !isWhole(epoch) || !orNull(isWhole)(source_at) || !isHash(payload_hash) || !isHash(event_hash))
    return { kind: "invalid", cause: "the event is not whole" };
  const canonical = canonicalPayload(payload);
  if (!canonical.ok) return { kind: "invalid", cause: `the payload at position ${position} is not one that a tape takes` };
  const place = { log, position, stream, version, id, type, schema_version, occurred_at, source_at, causation_id, correlation_id };
  return { kind: "event", event: { ...place, payload: canonical.text, payload_hash, event_hash, recorded_at, epoch } };
}

function anchorOf(fields: Fields | null, log: string): LogLine {
  const { first_position, position, hash, content_hash, audit_hash, epoch, recorded_at } = fields ?? {};
  const hashes = isHash(hash) && isHash(content_hash) && isHash(audit_hash);
  if (!hashes || !isWhole(first_position) || !isWhole(position) || !isWhole(epoch) || !isWhole(recorded_at))
    return { kind: "invalid", cause: "the anchor is not whole" };
  return { kind: "anchor", anchor: { log, first_position, position, hash, content_hash, audit_hash, epoch, recorded_at } };
}

function endOf(fields: Fields | null): LogLine {
  const { events, head, lines_sha256 } = fields ?? {};
  const at = parsedHead(head);
  if (!isWhole(events) || at === null || !isHash(lines_sha256)) return { kind: "invalid", cause: "the last line is not whole" };
  return { kind: "end", end: { events, head: at, lines_sha256 } };
}
