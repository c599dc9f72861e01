import type { EventBlock } from "./block.js";
import { CAUSE_NONE, pinOfCause } from "./block.js";
import { type BlockDigests, contentAfter, digestsOf, HASH_LENGTH, ID_LENGTH, typeFieldsOf } from "./block-digests.js";
import type { EventCatalogue } from "./catalogue.js";
import { EVENT_HASH_PREFIX, prefixed } from "./chain.js";
import type { Head } from "./event.js";
import type { Sha256Fn, Sha256Hex } from "./hash.js";
import type { SealedBlock } from "./sealed-block.js";

/** Where sealing stands between two blocks. */
export interface SealState {
  readonly head: Head;
  /** Ids of the log's pinned events, in order. */
  readonly pins: readonly string[];
  /** Ids of the last events of the log: a command may have begun in an earlier block. Oldest first. */
  readonly recent: readonly string[];
}

/** A block contradicts itself, the catalogue or the log. */
export class BlockRefused extends Error {
  override readonly name = "BlockRefused";
}

/**
 * Computes ids, causes and hashes of accepted events, block after block, in order.
 *
 * Holds the ids of the current command and of pinned events, nothing else. A block that could not be stored leaves the sealer ahead
 * of the log: make a new one from what the log holds.
 */
export class BlockSealer {
  readonly #log: string;
  readonly #sha256: Sha256Fn;
  readonly #types: readonly { readonly type: string; readonly schema_version: number }[];
  readonly #pinned: readonly boolean[];
  /** `type` and `schema_version` as they stand in preimages, by type index. */
  readonly #typeFields: readonly string[];
  readonly #pins: string[];
  #head: Head;
  #command: string[];

  constructor(log: string, catalogue: EventCatalogue, sha256: Sha256Fn, state: SealState) {
    this.#log = log;
    this.#sha256 = sha256;
    this.#types = catalogue.definitions.map(({ type, schema_version }) => ({ type, schema_version }));
    this.#pinned = catalogue.definitions.map((definition) => definition.pinned);
    this.#typeFields = typeFieldsOf(catalogue);
    this.#pins = [...state.pins];
    this.#head = state.head;
    this.#command = [...state.recent];
  }

  /** Head after the last block sealed. */
  get head(): Head {
    return this.#head;
  }

  /** @throws {BlockRefused} for a block that does not follow the last one or contradicts itself. */
  seal(block: EventBlock): SealedBlock {
    const count = block.count;
    if (block.first_position !== this.#head.position + 1) {
      throw new BlockRefused(`a block from position ${block.first_position} cannot follow position ${this.#head.position}`);
    }
    checkColumns(block, this.#types.length);
    const digests = this.#digests(block);
    const sha256 = this.#sha256;
    const logField = prefixed(this.#log);
    const streamStart = `:${this.#log}/`;
    const logLength = this.#log.length + 1;
    const ids = new Array<string>(count);
    const causes = new Array<string | null>(count);
    const payloadHashes = new Array<Sha256Hex>(count);
    const eventHashes = new Array<Sha256Hex>(count);
    let { hash } = this.#head;
    let time = Number.NaN;
    let timeField = "";
    for (let i = 0; i < count; i++) {
      const occurredAt = at(block.occurred_at, i);
      if (occurredAt !== time) {
        time = occurredAt;
        timeField = prefixed(String(occurredAt));
      }
      const index = at(block.index_in_command, i);
      const id = digests.ids.slice(ID_LENGTH * i, ID_LENGTH * (i + 1));
      const cause = this.#cause(at(block.causes, i), index, block.first_position + i);
      this.#remember(id, index, block.first_position + i);
      const type = at(block.types, i);
      const typeField = textAt(this.#typeFields, type);
      const payloadHash = digests.payload_hashes.slice(HASH_LENGTH * i, HASH_LENGTH * (i + 1));
      const stream = textAt(block.streams, i);
      hash = sha256(
        `${EVENT_HASH_PREFIX}64:${hash}${logField}${prefixed(String(block.first_position + i))}${stream.length + logLength}${streamStart}${stream}${prefixed(String(at(block.versions, i)))}36:${id}${typeField}${timeField}-${cause === null ? "-" : `36:${cause}`}64:${payloadHash}`,
      );
      ids[i] = id;
      causes[i] = cause;
      payloadHashes[i] = payloadHash;
      eventHashes[i] = hash;
      if (this.#pinned[type] === true) this.#pins.push(id);
    }
    this.#head = { position: block.first_position + count - 1, hash, content_hash: this.#content(block, digests) };
    return {
      log: this.#log,
      first_position: block.first_position,
      count,
      types: this.#types,
      type_of: block.types,
      streams: block.streams,
      versions: block.versions,
      occurred_at: block.occurred_at,
      source_at: null,
      ids,
      causation_ids: causes,
      correlation_ids: null,
      payloads: block.payloads,
      payload_ends: block.payload_ends,
      payload_hashes: payloadHashes,
      event_hashes: eventHashes,
      head: this.#head,
    };
  }

  #digests(block: EventBlock): BlockDigests {
    const { digests, count } = block;
    if (digests === undefined) return digestsOf(block, this.#log, this.#sha256);
    if (digests.log !== this.#log) throw new BlockRefused(`the ids of the block are those of ${digests.log}, not of ${this.#log}`);
    if (digests.ids.length !== ID_LENGTH * count || digests.payload_hashes.length !== HASH_LENGTH * count)
      throw new BlockRefused(`the block's ids and payload hashes are not those of ${count} events`);
    return digests;
  }

  /** What the block's own thread found is taken where it began where the log ends. */
  #content(block: EventBlock, { content, payload_hashes }: BlockDigests): Sha256Hex {
    const before = this.#head.content_hash;
    return content?.before === before ? content.after : contentAfter(before, block, payload_hashes, this.#typeFields, this.#sha256);
  }

  #cause(cause: number, index: number, position: number): string | null {
    if (cause === CAUSE_NONE) return null;
    // After a restart `#command` holds the log's last events, of which the newest `index` ones belong to this command.
    const id = cause < 0 ? this.#pins[pinOfCause(cause)] : cause < index ? this.#command[this.#command.length - index + cause] : undefined;
    if (id === undefined) throw new BlockRefused(`the cause ${cause} of the event at position ${position} is not known`);
    return id;
  }

  #remember(id: string, index: number, position: number): void {
    if (index === 0) this.#command.length = 0;
    else if (this.#command.length < index)
      throw new BlockRefused(`the event at position ${position} is number ${index} of its command, whose start is not known`);
    this.#command.push(id);
  }
}

/** Refuses columns of the wrong length and indices that point nowhere. */
function checkColumns(block: EventBlock, types: number): void {
  const { count } = block;
  if (!Number.isInteger(count) || count < 1) throw new BlockRefused(`a block of ${count} events`);
  for (const [name, length] of [
    ["payload_ends", block.payload_ends.length],
    ["types", block.types.length],
    ["streams", block.streams.length],
    ["versions", block.versions.length],
    ["occurred_at", block.occurred_at.length],
    ["command_of", block.command_of.length],
    ["index_in_command", block.index_in_command.length],
    ["causes", block.causes.length],
  ] as const) {
    if (length !== count) throw new BlockRefused(`the column ${name} has ${length} entries for ${count} events`);
  }
  let start = 0;
  for (let i = 0; i < count; i++) {
    const end = at(block.payload_ends, i);
    if (end <= start) throw new BlockRefused(`the payload of event ${i} ends at ${end}, where it begins or before`);
    start = end;
    if (at(block.types, i) >= types) throw new BlockRefused(`event ${i} has the unknown type index ${at(block.types, i)}`);
    textAt(block.commands, at(block.command_of, i));
  }
  if (start !== block.payloads.length) throw new BlockRefused(`the payloads end at ${start}, their text at ${block.payloads.length}`);
}

function at(column: { readonly [index: number]: number | undefined }, i: number): number {
  const value = column[i];
  if (value === undefined) throw new BlockRefused(`a column has no entry ${i}`);
  return value;
}

function textAt(texts: readonly string[], i: number): string {
  const value = texts[i];
  if (value === undefined) throw new BlockRefused(`there is no text ${i}`);
  return value;
}
