/** First half of an append: everything that can be said about a request without looking at the log. */
import type { Violation } from "../../core/quality/violation.js";
import { canonicalPayload } from "../../core/tape/canonical-json.js";
import { payloadHash } from "../../core/tape/chain.js";
import type { NewEvent } from "../../core/tape/event.js";
import { MAX_EVENT_TIME, MIN_EVENT_TIME } from "../../core/tape/event-id.js";
import type { Sha256Fn, Sha256Hex } from "../../core/tape/hash.js";
import { isEventId, isOpaqueId, isTapeName, NAME_EXPECTATION, storedStream } from "../../core/tape/names.js";
import type { EventRegistry } from "../../core/tape/registry.js";
import type { ExpectedVersion, StreamBatch } from "../../ports/event-store.js";
import type { PayloadCheck } from "./payload-check.js";

/** An event of a request with its canonical bytes. */
export interface PreparedEvent {
  readonly id: string;
  readonly type: string;
  readonly schema_version: number;
  readonly occurred_at: number;
  readonly source_at: number | null;
  readonly causation_id: string | null;
  readonly correlation_id: string | null;
  /** Canonical JSON. */
  readonly payload: string;
  readonly payload_hash: Sha256Hex;
}

export interface PreparedBatch {
  /** Stored name, with its log. */
  readonly stream: string;
  /** Name as the caller gave it. */
  readonly name: string;
  readonly expected: ExpectedVersion;
  readonly events: readonly PreparedEvent[];
}

export interface AppendRules {
  readonly log: string;
  readonly registry: EventRegistry;
  readonly checks: ReadonlyMap<string, PayloadCheck>;
  readonly sha256: Sha256Fn;
}

export type Preparation =
  | { readonly ok: true; readonly batches: readonly PreparedBatch[] }
  | { readonly ok: false; readonly violations: readonly Violation[] };

/** Canonical bytes and hashes of a request, or everything wrong with it. */
export function prepareAppend(batches: readonly StreamBatch[], rules: AppendRules): Preparation {
  const violations: Violation[] = [];
  // Most appends are of one event, which cannot come twice.
  const seen = batches.length === 1 && batches[0]?.events.length === 1 ? null : new Set<string>();
  const prepared = batches.map((batch, b) => {
    const stream = storedStream(rules.log, batch.stream);
    checkStream(batch, stream, b, violations);
    const events: PreparedEvent[] = [];
    for (const [e, event] of batch.events.entries()) {
      const ready = prepareEvent(event, { batch: b, event: e }, rules, seen, violations);
      if (ready !== null) events.push(ready);
    }
    return { stream, name: batch.stream, expected: batch.expected, events };
  });
  if (batches.every((batch) => batch.events.length === 0)) {
    violations.push({ code: "NO_EVENTS", message: "an append needs at least one event", field: "batches", expected: "at least one event" });
  }
  return violations.length === 0 ? { ok: true, batches: prepared } : { ok: false, violations };
}

function checkStream(batch: StreamBatch, stored: string, b: number, violations: Violation[]): void {
  if (!isTapeName(batch.stream) || !isTapeName(stored)) {
    violations.push({
      code: "STREAM_NAME",
      message: `${JSON.stringify(batch.stream)} cannot name a stream`,
      field: `batches/${b}/stream`,
      value: batch.stream,
      expected: `${NAME_EXPECTATION}, the log's name included`,
    });
  }
  const { expected } = batch;
  if (typeof expected === "number" && !(Number.isSafeInteger(expected) && expected >= 0)) {
    const message = `${expected} cannot be an expected version`;
    violations.push({
      code: "EXPECTED_VERSION",
      message,
      field: `batches/${b}/expected`,
      value: String(expected),
      expected: "an integer >= 0, no_stream, stream_exists or any",
    });
  }
}

function prepareEvent(
  event: NewEvent,
  at: { readonly batch: number; readonly event: number },
  rules: AppendRules,
  seen: Set<string> | null,
  violations: Violation[],
): PreparedEvent | null {
  const before = violations.length;
  const place = (field: string): string => `batches/${at.batch}/events/${at.event}/${field}`;
  const say = (code: string, field: string, value: unknown, expected: string): void => {
    violations.push({
      code,
      message: `${field} ${JSON.stringify(value)} is not ${expected}`,
      field: place(field),
      value: String(value),
      expected,
    });
  };
  if (!isEventId(event.id)) say("EVENT_ID", "id", event.id, "a lower-case UUID");
  if (seen?.has(event.id) === true) say("EVENT_ID_TWICE", "id", event.id, "an id that this request names once");
  seen?.add(event.id);
  const definition = rules.registry.definition(event.type);
  if (definition === null) say("EVENT_TYPE_UNKNOWN", "type", event.type, `a type of the catalogue ${rules.registry.catalogue.name}`);
  else if (event.schema_version !== definition.schema_version)
    say("SCHEMA_VERSION", "schema_version", event.schema_version, `the newest version, ${definition.schema_version}`);
  if (!isEventTime(event.occurred_at))
    say("OCCURRED_AT", "occurred_at", event.occurred_at, "whole UTC milliseconds in the range of event ids");
  const sourceAt = event.source_at ?? null;
  if (sourceAt !== null && !isEventTime(sourceAt))
    say("SOURCE_AT", "source_at", sourceAt, "whole UTC milliseconds in the range of event ids, or null");
  const causationId = event.causation_id ?? null;
  if (causationId !== null && !isEventId(causationId)) say("CAUSATION_ID", "causation_id", causationId, "a lower-case UUID or null");
  const correlationId = event.correlation_id ?? null;
  if (correlationId !== null && !isOpaqueId(correlationId))
    say("CORRELATION_ID", "correlation_id", correlationId, "1 to 200 printable ASCII characters or null");
  const payload = canonicalPayload(event.payload);
  if (!payload.ok) {
    violations.push(...payload.violations.map((violation) => ({ ...violation, field: place(`payload${violation.field ?? ""}`) })));
    return null;
  }
  const misfits = rules.checks.get(event.type)?.(event.payload) ?? [];
  if (misfits.length > 0)
    violations.push(...misfits.map((violation) => ({ ...violation, field: place(`payload${violation.field ?? ""}`) })));
  if (violations.length > before) return null;
  return {
    id: event.id,
    type: event.type,
    schema_version: event.schema_version,
    occurred_at: event.occurred_at,
    source_at: sourceAt,
    causation_id: causationId,
    correlation_id: correlationId,
    payload: payload.text,
    payload_hash: payloadHash(payload.text, rules.sha256),
  };
}

function isEventTime(value: number): boolean {
  return Number.isInteger(value) && value >= MIN_EVENT_TIME && value <= MAX_EVENT_TIME;
}
