import type { EventBlock } from "./block.js";
import { CAUSE_NONE } from "./block.js";
import type { EventCatalogue } from "./catalogue.js";
import { MAX_EVENT_TIME, MIN_EVENT_TIME } from "./event-id.js";
import { isOpaqueId, isTapeName, NAME_EXPECTATION } from "./names.js";
import type { PayloadEncoder } from "./payload-encoder.js";
import { compileEncoder } from "./payload-encoder.js";
import type { ProposedEvent } from "./proposed-event.js";

const INITIAL_CAPACITY = 1_024;

/** A proposed event breaks a rule of the tape: a bug of whoever proposed it. */
export class ProposalRefused extends Error {
  override readonly name = "ProposalRefused";
}

/**
 * Collects accepted events in columns until they are taken as a block.
 *
 * Memory is bounded by what is taken at a time: nothing of an event is kept after {@link BlockEncoder.take}.
 */
export class BlockEncoder {
  readonly #encoders: readonly PayloadEncoder[];
  readonly #typeNames: readonly string[];
  #first: number;
  #count = 0;
  #text = "";
  #streams: string[] = [];
  #commands: string[] = [];
  #command: string | null = null;
  #commandListed = false;
  #index = 0;
  #pinned = 0;
  readonly #pins: readonly boolean[];
  #ends = new Uint32Array(INITIAL_CAPACITY);
  #types = new Uint16Array(INITIAL_CAPACITY);
  #versions = new Uint32Array(INITIAL_CAPACITY);
  #times = new Float64Array(INITIAL_CAPACITY);
  #commandOf = new Uint32Array(INITIAL_CAPACITY);
  #indices = new Uint32Array(INITIAL_CAPACITY);
  #causes = new Int32Array(INITIAL_CAPACITY);

  /**
   * @param position events that the log already holds.
   * @param pinned pinned events among them.
   */
  constructor(catalogue: EventCatalogue, position: number, pinned: number) {
    this.#encoders = catalogue.definitions.map((definition) => compileEncoder(definition.schema));
    this.#typeNames = catalogue.definitions.map((definition) => definition.type);
    this.#pins = catalogue.definitions.map((definition) => definition.pinned);
    this.#first = position + 1;
    this.#pinned = pinned;
  }

  /** Position of the last event added. */
  get position(): number {
    return this.#first + this.#count - 1;
  }

  /** Events that wait to be taken. */
  get count(): number {
    return this.#count;
  }

  /** UTF-16 units of payload text that wait to be taken. */
  get characters(): number {
    return this.#text.length;
  }

  /** Starts a command. @throws {ProposalRefused} where the id is not 1 to 200 printable ASCII characters. */
  begin(command: string): void {
    if (!isOpaqueId(command))
      throw new ProposalRefused(`the command id ${JSON.stringify(command)} is not 1 to 200 printable ASCII characters`);
    this.#command = command;
    this.#commandListed = false;
    this.#index = 0;
  }

  /** Fixes an event's position and canonical bytes. @throws {ProposalRefused} and {PayloadRefused}; nothing was added then. */
  add(event: ProposedEvent): void {
    const encoder = this.#encoders[event.type];
    if (encoder === undefined) throw new ProposalRefused(`there is no event type with index ${event.type}`);
    this.#check(event);
    const payload = encoder(event.payload);
    if (this.#count === this.#ends.length) this.#grow();
    if (!this.#commandListed) {
      if (this.#command === null) throw new ProposalRefused("an event was proposed before any command began");
      this.#commands.push(this.#command);
      this.#commandListed = true;
    }
    const at = this.#count;
    this.#text += payload;
    this.#ends[at] = this.#text.length;
    this.#types[at] = event.type;
    this.#streams.push(event.stream);
    this.#versions[at] = event.version;
    this.#times[at] = event.occurred_at;
    this.#commandOf[at] = this.#commands.length - 1;
    this.#indices[at] = this.#index;
    this.#causes[at] = event.cause;
    this.#index += 1;
    this.#count += 1;
    if (this.#pins[event.type] === true) this.#pinned += 1;
  }

  /** Hands over what was added, as columns of their own that may be transferred to another thread. */
  take(): EventBlock {
    const count = this.#count;
    const block: EventBlock = {
      first_position: this.#first,
      count,
      payloads: this.#text,
      payload_ends: this.#ends.slice(0, count),
      types: this.#types.slice(0, count),
      streams: this.#streams,
      versions: this.#versions.slice(0, count),
      occurred_at: this.#times.slice(0, count),
      commands: this.#commands,
      command_of: this.#commandOf.slice(0, count),
      index_in_command: this.#indices.slice(0, count),
      causes: this.#causes.slice(0, count),
    };
    this.#first += count;
    this.#count = 0;
    this.#text = "";
    this.#streams = [];
    this.#commands = [];
    this.#commandListed = false;
    return block;
  }

  #check(event: ProposedEvent): void {
    // A stream's name is checked where it first appears; later versions carry the same name.
    if (event.version === 1 && !isTapeName(event.stream)) {
      throw new ProposalRefused(`the stream name ${JSON.stringify(event.stream)} is not ${NAME_EXPECTATION}`);
    }
    if (!(event.version >= 1 && event.version <= 0xffff_ffff && Number.isInteger(event.version))) {
      throw new ProposalRefused(`the version ${event.version} of stream ${event.stream} is not a positive 32-bit integer`);
    }
    if (!(event.occurred_at >= MIN_EVENT_TIME && event.occurred_at <= MAX_EVENT_TIME && Number.isInteger(event.occurred_at))) {
      throw new ProposalRefused(
        `the time ${event.occurred_at} of ${this.#typeNames[event.type]} is not a whole number of milliseconds in the id's range`,
      );
    }
    const cause = event.cause;
    if (cause === CAUSE_NONE) return;
    const known = cause >= 0 ? cause < this.#index : -cause - 2 < this.#pinned;
    if (!known || !Number.isInteger(cause)) {
      throw new ProposalRefused(
        `the cause ${cause} of ${this.#typeNames[event.type]} names neither an earlier event of its command nor a pinned one`,
      );
    }
  }

  #grow(): void {
    const capacity = this.#ends.length * 2;
    this.#ends = widen(this.#ends, new Uint32Array(capacity));
    this.#types = widen(this.#types, new Uint16Array(capacity));
    this.#versions = widen(this.#versions, new Uint32Array(capacity));
    this.#times = widen(this.#times, new Float64Array(capacity));
    this.#commandOf = widen(this.#commandOf, new Uint32Array(capacity));
    this.#indices = widen(this.#indices, new Uint32Array(capacity));
    this.#causes = widen(this.#causes, new Int32Array(capacity));
  }
}

function widen<T extends Uint32Array | Uint16Array | Float64Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
