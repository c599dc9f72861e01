import { canonicalPayload } from "./canonical-json.js";
import { isSurelyCanonical } from "./canonical-text.js";
import { auditHashOfBlock, contentHash, eventHash, payloadHash } from "./chain.js";
import type { BlockEnd } from "./committed-block.js";
import type { Anchor, Head, TapeEvent } from "./event.js";
import { explainBrokenLink } from "./explain-broken-link.js";
import type { Sha256Fn, Sha256Hex } from "./hash.js";
import { GENESIS_HASH } from "./hash.js";
import { differingField, publishedAt, publishedFailure } from "./published-anchors.js";

/** An event as a store keeps it, audit text included. `log` and `epoch` stand in the columns `log_id` and `writer_epoch`. */
export interface StoredEvent extends TapeEvent {
  /** ISO 8601 text in UTC, derived from `recorded_at`. */
  readonly created_at: string;
}

/** An event with its audit text, field by field: spreading one of so many fields takes longer than to hash it. */
export function storedEvent(event: TapeEvent, created_at: string): StoredEvent {
  return {
    log: event.log,
    position: event.position,
    stream: event.stream,
    version: event.version,
    id: event.id,
    type: event.type,
    schema_version: event.schema_version,
    occurred_at: event.occurred_at,
    source_at: event.source_at,
    causation_id: event.causation_id,
    correlation_id: event.correlation_id,
    payload: event.payload,
    payload_hash: event.payload_hash,
    event_hash: event.event_hash,
    recorded_at: event.recorded_at,
    epoch: event.epoch,
    created_at,
  };
}

/** Where a log stops being what was written, and how that shows. */
export interface ChainFailure {
  readonly level: "L1" | "L2";
  readonly position: number;
  /** Column of `events`, or `table.column` elsewhere; null where the hash cannot tell. */
  readonly column: string | null;
  readonly expected: string;
  readonly actual: string;
  readonly message: string;
}

export interface ChainVerifierOptions {
  readonly log: string;
  readonly level: "L1" | "L2";
  readonly sha256: Sha256Fn;
  /** Anchors inside the store, by position. */
  readonly anchors: readonly Anchor[];
  /** Anchors published outside the store, by position; `missing` where their file is gone, null where the store publishes none. */
  readonly published: readonly Anchor[] | "missing" | null;
  /** Types that may have stood where a type was changed. */
  readonly types: readonly string[];
  /** Payload of a stored event, or null; asked for once, to explain a broken link. */
  readonly payloadOf: (position: number) => string | null;
  /** The `created_at` text that belongs to a `recorded_at`. */
  readonly createdAt: (recordedAt: number) => string;
  /** Where it begins; left out, with the log. */
  readonly start?: ChainStart;
}

/** The end of a committed block, behind which a verification begins. */
export interface ChainStart {
  readonly end: BlockEnd;
  /** Anchors up to there. */
  readonly anchors: number;
  /** Last version of each stream up to there, kept up to date from there on. */
  readonly versions: Map<string, number>;
  /** Where given, `versions` is not known: the first version of each stream is noted here, for who knows it to check. */
  readonly firsts: Map<string, number> | null;
  /** Ids of the events just before, oldest first; asked for once, to explain a broken link. */
  readonly recentIds: () => readonly string[];
}

/** Of how many recent events the ids are kept to explain a broken link. */
export const RECENT_EVENTS = 1_024;

/**
 * Checks a log event by event, in order of position.
 *
 * L1 recomputes both chains, the density of positions and versions, anchors and audit hashes; payloads are taken at their stored
 * hash. L2 also hashes every payload and compares it with its canonical form.
 */
export class ChainVerifier {
  readonly #options: ChainVerifierOptions;
  /** Published anchors by position: more than one where somebody added a line later. */
  readonly #published: ReadonlyMap<number, readonly Anchor[]>;
  readonly #versions: Map<string, number>;
  readonly #firsts: Map<string, number> | null;
  readonly #recentIds: string[] = [];
  #position = 0;
  #hash: Sha256Hex = GENESIS_HASH;
  #content: Sha256Hex = GENESIS_HASH;
  #audit: Sha256Hex = GENESIS_HASH;
  /** Correlation ids since the last anchor; all else that the audit hash covers is compared with the next anchor, event by event. */
  #correlations: (string | null)[] = [];
  #nextAnchor = 0;
  /** What the next anchor's `recorded_at` reads as text. */
  #createdAt: { readonly anchor: Anchor; readonly text: string } | null = null;
  /** An event whose hash did not verify; what follows it helps to say why. */
  #suspect: { readonly event: StoredEvent; readonly previous: Sha256Hex } | null = null;

  constructor(options: ChainVerifierOptions) {
    this.#options = options;
    const { start } = options;
    this.#versions = start?.versions ?? new Map();
    this.#firsts = start?.firsts ?? null;
    if (start !== undefined) {
      const { head, audit_hash } = start.end;
      this.#position = head.position;
      this.#hash = head.hash;
      this.#content = head.content_hash;
      this.#audit = audit_hash;
      this.#nextAnchor = start.anchors;
    }
    this.#published = publishedAt(options.published);
  }

  /** Events found good. */
  get events(): number {
    return this.#position;
  }

  /** Head as recomputed. */
  get head(): Head {
    return { position: this.#position, hash: this.#hash, content_hash: this.#content };
  }

  /** Audit hash as recomputed up to the last anchor. */
  get auditHash(): Sha256Hex {
    return this.#audit;
  }

  /** @returns the first failure, or null while all is well. Do not go on after a failure. */
  next(event: StoredEvent): ChainFailure | null {
    if (this.#suspect !== null) return this.#explain(event, null);
    const placed = this.#checkPlace(event);
    if (placed !== null) return placed;
    const version = this.#nextVersion(event);
    const hash = eventHash(this.#hash, event, this.#options.sha256);
    if (hash !== event.event_hash) {
      this.#suspect = { event, previous: this.#hash };
      return null;
    }
    if (event.version !== version) {
      return this.#failure(
        event.position,
        "version",
        String(version),
        String(event.version),
        `stream ${event.stream} has version ${event.version} where ${version} follows`,
      );
    }
    if (this.#options.level === "L2") {
      const payload = this.#checkPayload(event);
      if (payload !== null) return payload;
    }
    this.#versions.set(event.stream, version);
    this.#recentIds.push(event.id);
    if (this.#recentIds.length > 2 * RECENT_EVENTS) this.#recentIds.splice(0, RECENT_EVENTS);
    this.#position = event.position;
    this.#hash = hash;
    this.#content = contentHash(this.#content, event, this.#options.sha256);
    return this.#checkAnchor(event);
  }

  /** What is wrong with the last event, where its hash did not verify and nothing readable follows. */
  suspicion(): ChainFailure | null {
    return this.#explain(null, null);
  }

  /** Compares the end of the log with where the store says it stands. */
  finish(head: Head): ChainFailure | null {
    if (this.#suspect !== null) return this.#explain(null, head.hash);
    const last = this.#position;
    if (head.position > last) return this.#missing(last + 1, `the log's head is at position ${head.position}, its last event at ${last}`);
    if (head.position < last) {
      return this.#failure(
        head.position + 1,
        "log_head.position",
        String(last),
        String(head.position),
        `events follow the head at position ${head.position}`,
      );
    }
    if (head.hash !== this.#hash)
      return this.#failure(last, "log_head.head_hash", this.#hash, head.hash, "the head names another hash than the last event's");
    if (head.content_hash !== this.#content) {
      return this.#failure(
        last,
        "log_head.content_hash",
        this.#content,
        head.content_hash,
        "the head names another content hash than the events give",
      );
    }
    const beyond = this.#options.anchors[this.#nextAnchor];
    if (beyond !== undefined) return this.#missing(last + 1, `an anchor stands at position ${beyond.position}, the last event at ${last}`);
    if (this.#correlations.length > 0) {
      const first = last - this.#correlations.length + 1;
      return this.#failure(first, "anchors.position", String(last), "none", `no anchor covers the events from position ${first}`);
    }
    const { published, anchors } = this.#options;
    return published === null ? null : publishedFailure(published, anchors, last);
  }

  #nextVersion(event: StoredEvent): number {
    const before = this.#versions.get(event.stream);
    if (before !== undefined) return before + 1;
    if (this.#firsts === null) return 1;
    this.#firsts.set(event.stream, event.version);
    return event.version;
  }

  #checkPlace(event: StoredEvent): ChainFailure | null {
    const expected = this.#position + 1;
    if (event.position > expected)
      return this.#missing(expected, `position ${expected} is missing; ${event.position} follows ${expected - 1}`);
    if (event.position < expected) {
      return this.#failure(
        expected,
        "position",
        String(expected),
        String(event.position),
        `position ${event.position} stands where ${expected} belongs`,
      );
    }
    if (event.log !== this.#options.log)
      return this.#failure(expected, "log_id", this.#options.log, event.log, `the event belongs to the log ${event.log}`);
    const anchor = this.#options.anchors[this.#nextAnchor];
    if (anchor === undefined) return null;
    if (anchor.first_position > expected || anchor.position < expected) {
      const range = `${anchor.first_position} to ${anchor.position}`;
      return this.#failure(
        expected,
        "anchors.first_position",
        String(expected),
        String(anchor.first_position),
        `the next anchor covers ${range}, not position ${expected}`,
      );
    }
    const createdAt = this.#createdAtOf(anchor);
    if (anchor.recorded_at === event.recorded_at && anchor.epoch === event.epoch && createdAt === event.created_at) return null;
    for (const [column, wanted, found] of [
      ["recorded_at", String(anchor.recorded_at), String(event.recorded_at)],
      ["writer_epoch", String(anchor.epoch), String(event.epoch)],
      ["created_at", createdAt, event.created_at],
    ] as const) {
      if (wanted !== found) return this.#failure(expected, column, wanted, found, `${column} differs from that of the committed block`);
    }
    return null;
  }

  #createdAtOf(anchor: Anchor): string {
    if (this.#createdAt?.anchor !== anchor) this.#createdAt = { anchor, text: this.#options.createdAt(anchor.recorded_at) };
    return this.#createdAt.text;
  }

  #checkPayload(event: StoredEvent): ChainFailure | null {
    const hash = payloadHash(event.payload, this.#options.sha256);
    if (hash !== event.payload_hash) {
      return this.#failure(
        event.position,
        "payload",
        event.payload_hash,
        hash,
        "the payload does not have the hash that was stored for it",
        "L2",
      );
    }
    if (isSurelyCanonical(event.payload)) return null;
    const canonical = canonicalPayload(parse(event.payload));
    if (canonical.ok && canonical.text === event.payload) return null;
    const expected = canonical.ok ? canonical.text : canonical.violations.map((violation) => violation.message).join("; ");
    return this.#failure(event.position, "payload", expected, event.payload, "the payload is not canonical JSON", "L2");
  }

  #checkAnchor(event: StoredEvent): ChainFailure | null {
    this.#correlations.push(event.correlation_id);
    const anchor = this.#options.anchors[this.#nextAnchor];
    if (anchor === undefined || anchor.position !== event.position) return null;
    const count = this.#correlations.length;
    const block = { first_position: event.position - count + 1, count, correlations: this.#correlations };
    const audit = auditHashOfBlock(this.#audit, block, event, this.#options.sha256);
    for (const [column, wanted, found] of [
      ["anchors.hash", this.#hash, anchor.hash],
      ["anchors.content_hash", this.#content, anchor.content_hash],
    ] as const) {
      if (wanted !== found) return this.#failure(event.position, column, wanted, found, "an anchor differs from the events that it covers");
    }
    const published = this.#published.get(event.position) ?? [];
    if (audit !== anchor.audit_hash) return this.#auditFailure(anchor, audit, published[0]);
    for (const line of published) {
      const differing = differingField(line, anchor);
      if (differing !== null) {
        const message = "the store differs from the anchor that was published when this block was committed";
        return this.#failure(
          anchor.first_position,
          `anchor file.${differing}`,
          String(line[differing]),
          String(anchor[differing]),
          message,
        );
      }
    }
    this.#audit = audit;
    this.#correlations = [];
    this.#nextAnchor += 1;
    return null;
  }

  /** Everything else that the audit hash covers was compared one by one, so either a correlation id or the anchor was changed. */
  #auditFailure(anchor: Anchor, audit: Sha256Hex, published: Anchor | undefined): ChainFailure {
    if (published !== undefined && published.audit_hash === audit) {
      return this.#failure(anchor.position, "anchors.audit_hash", audit, anchor.audit_hash, "the anchor's audit hash was changed");
    }
    const range =
      anchor.first_position === anchor.position
        ? `position ${anchor.position}`
        : `positions ${anchor.first_position} to ${anchor.position}`;
    return this.#failure(anchor.first_position, "correlation_id", anchor.audit_hash, audit, `a correlation id was changed within ${range}`);
  }

  #explain(next: StoredEvent | null, headHash: Sha256Hex | null): ChainFailure | null {
    const suspect = this.#suspect;
    if (suspect === null) return null;
    const explained = explainBrokenLink({
      event: { ...suspect.event, payload: this.#options.payloadOf(suspect.event.position) ?? suspect.event.payload },
      previous: suspect.previous,
      next,
      head_hash: headHash ?? this.#published.get(suspect.event.position)?.[0]?.hash ?? null,
      versions: this.#versions,
      recent_ids: [...(this.#options.start?.recentIds() ?? []), ...this.#recentIds],
      types: this.#options.types,
      sha256: this.#options.sha256,
    });
    return this.#failure(suspect.event.position, explained.column, explained.expected, explained.actual, explained.message);
  }

  #missing(position: number, message: string): ChainFailure {
    return this.#failure(position, "position", String(position), "none", message);
  }

  #failure(
    position: number,
    column: string | null,
    expected: string,
    actual: string,
    message: string,
    level: "L1" | "L2" = "L1",
  ): ChainFailure {
    return { level, position, column, expected, actual, message };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
