import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import { auditHash, contentHash, eventHash, payloadHash } from "../../src/core/tape/chain.js";
import type { StoredEvent } from "../../src/core/tape/chain-verifier.js";
import type { Anchor, Head } from "../../src/core/tape/event.js";
import { eventId } from "../../src/core/tape/event-id.js";
import { GENESIS_HASH } from "../../src/core/tape/hash.js";
import { MONDAY } from "./tape-fixture.js";

export interface StoredLog {
  readonly events: readonly StoredEvent[];
  readonly anchors: readonly Anchor[];
  readonly head: Head;
}

/** The text that a store keeps beside `recorded_at`. */
export const createdAt = (recordedAt: number): string => new Date(recordedAt).toISOString();

/**
 * A sound log of `run/one`: one event per draft, which may fix any field that hashes do not follow from.
 *
 * @param block events per committed block. The n-th block from 0 is recorded n seconds after the first, with epoch n + 1.
 */
export function storedLog(drafts: readonly Partial<StoredEvent>[], block: number): StoredLog {
  const events: StoredEvent[] = [];
  const anchors: Anchor[] = [];
  const versions = new Map<string, number>();
  let [hash, content, audit] = [GENESIS_HASH, GENESIS_HASH, GENESIS_HASH];
  for (const [i, draft] of drafts.entries()) {
    const first = i - (i % block);
    const recorded_at = MONDAY + 1_000 * (first / block);
    const epoch = first / block + 1;
    const stream = draft.stream ?? "run/one/account";
    const version = (versions.get(stream) ?? 0) + 1;
    const occurred_at = draft.occurred_at ?? MONDAY + i;
    const payload = draft.payload ?? `{"n":${i}}`;
    const event = {
      log: "run/one",
      position: i + 1,
      version,
      id: eventId(occurred_at, "run/one", `command/${i}`, 0, sha256),
      type: "money.moved",
      schema_version: 1,
      source_at: null,
      causation_id: null,
      correlation_id: null,
      created_at: createdAt(recorded_at),
      ...draft,
      stream,
      occurred_at,
      recorded_at,
      epoch,
      payload,
      payload_hash: payloadHash(payload, sha256),
    };
    versions.set(stream, event.version);
    hash = eventHash(hash, event, sha256);
    content = contentHash(content, event, sha256);
    events.push({ ...event, event_hash: hash });
    if (i - first !== block - 1 && i !== drafts.length - 1) continue;
    audit = auditHash(audit, events.slice(first), sha256);
    const range = { first_position: first + 1, position: i + 1 };
    anchors.push({ log: "run/one", ...range, hash, content_hash: content, audit_hash: audit, epoch, recorded_at });
  }
  return { events, anchors, head: { position: events.length, hash, content_hash: content } };
}
