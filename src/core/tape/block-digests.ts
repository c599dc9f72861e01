import type { EventBlock } from "./block.js";
import type { EventCatalogue } from "./catalogue.js";
import { CONTENT_HASH_PREFIX, PAYLOAD_HASH_PREFIX, prefixed } from "./chain.js";
import { EVENT_ID_PREFIX, formatEventId, timeDigits } from "./event-id.js";
import { GENESIS_HASH, type Sha256Fn, type Sha256Hex } from "./hash.js";

/**
 * The part of sealing that does not need the tamper chain: ids and payload hashes, fixed widths in one text each, and the content chain.
 *
 * The tamper chain is computed by whoever writes, from what the log holds. The engine's thread makes the rest while the writer is still
 * busy with the block before.
 */
export interface BlockDigests {
  /** The log whose ids these are. */
  readonly log: string;
  /** {@link ID_LENGTH} characters an event. */
  readonly ids: string;
  /** {@link HASH_LENGTH} characters an event. */
  readonly payload_hashes: string;
  /** The content chain before and after the block: it needs payload hashes alone, and names no run. */
  readonly content?: { readonly before: Sha256Hex; readonly after: Sha256Hex };
}

export const ID_LENGTH = 36;
export const HASH_LENGTH = 64;

export function digestsOf(block: EventBlock, log: string, sha256: Sha256Fn): BlockDigests {
  const prefix = `${EVENT_ID_PREFIX}${log}\n`;
  const { payloads, payload_ends, occurred_at, commands, command_of, index_in_command } = block;
  let ids = "";
  let hashes = "";
  let start = 0;
  let time = Number.NaN;
  let timeInId = "";
  for (let i = 0; i < block.count; i++) {
    const occurredAt = occurred_at[i] as number;
    if (occurredAt !== time) {
      time = occurredAt;
      timeInId = timeDigits(occurredAt);
    }
    const end = payload_ends[i] as number;
    ids += formatEventId(timeInId, sha256(`${prefix}${commands[command_of[i] as number]}\n${index_in_command[i]}`));
    hashes += sha256(PAYLOAD_HASH_PREFIX + payloads.slice(start, end));
    start = end;
  }
  return { log, ids, payload_hashes: hashes };
}

/** Type and schema version of each event type as they stand in preimages of the chains, by type index. */
export function typeFieldsOf(catalogue: EventCatalogue): readonly string[] {
  return catalogue.definitions.map(({ type, schema_version }) => prefixed(type) + prefixed(String(schema_version)));
}

/** Follows the content chain over a block. @returns the chain after it. */
export function contentAfter(
  before: Sha256Hex,
  { count, types, occurred_at }: Pick<EventBlock, "count" | "types" | "occurred_at">,
  payloadHashes: string,
  typeFields: readonly string[],
  sha256: Sha256Fn,
): Sha256Hex {
  let content = before;
  let time = Number.NaN;
  let timeField = "";
  for (let i = 0; i < count; i++) {
    const occurredAt = occurred_at[i] as number;
    if (occurredAt !== time) {
      time = occurredAt;
      timeField = `${prefixed(String(occurredAt))}64:`;
    }
    const payloadHash = payloadHashes.slice(HASH_LENGTH * i, HASH_LENGTH * (i + 1));
    content = sha256(`${CONTENT_HASH_PREFIX}64:${content}${typeFields[types[i] as number]}${timeField}${payloadHash}`);
  }
  return content;
}

/** Makes the digests of a log's blocks, from its first event on. */
export class Digester {
  readonly #log: string;
  readonly #sha256: Sha256Fn;
  readonly #typeFields: readonly string[];
  #content: Sha256Hex = GENESIS_HASH;

  constructor(log: string, catalogue: EventCatalogue, sha256: Sha256Fn) {
    this.#log = log;
    this.#sha256 = sha256;
    this.#typeFields = typeFieldsOf(catalogue);
  }

  /** @param block follows the one before. */
  next(block: EventBlock): BlockDigests {
    const digests = digestsOf(block, this.#log, this.#sha256);
    const before = this.#content;
    this.#content = contentAfter(before, block, digests.payload_hashes, this.#typeFields, this.#sha256);
    return { ...digests, content: { before, after: this.#content } };
  }
}
