import type { EventBlock } from "./block.js";
import { BlockEncoder } from "./block-encoder.js";
import type { EventCatalogue } from "./catalogue.js";
import type { CommandInHand } from "./command-in-hand.js";
import type { UtcMillis } from "./event.js";
import type { ProposedEvent } from "./proposed-event.js";

/** An accepted event as {@link MemoryTapeWriter} shows it. */
export interface AcceptedEvent {
  readonly position: number;
  readonly command: string;
  readonly index_in_command: number;
  readonly type: string;
  readonly stream: string;
  readonly version: number;
  readonly occurred_at: UtcMillis;
  readonly cause: number;
  /** Canonical JSON. */
  readonly payload: string;
}

/** A tape in memory: what it accepts is committed at once and can be looked at. */
export class MemoryTapeWriter {
  readonly #catalogue: EventCatalogue;
  readonly #encoder: BlockEncoder;
  readonly #blocks: EventBlock[] = [];

  constructor(catalogue: EventCatalogue) {
    this.#catalogue = catalogue;
    this.#encoder = new BlockEncoder(catalogue, 0, 0);
  }

  get position(): number {
    return this.#encoder.position;
  }

  /** One block per accepted batch. */
  get blocks(): readonly EventBlock[] {
    return this.#blocks;
  }

  begin({ command }: CommandInHand): void {
    this.#encoder.begin(command);
  }

  accept(events: readonly ProposedEvent[]): void {
    for (const event of events) this.#encoder.add(event);
    this.flush();
  }

  flush(): void {
    if (this.#encoder.count > 0) this.#blocks.push(this.#encoder.take());
  }

  /** Everything accepted so far, in order. */
  events(): readonly AcceptedEvent[] {
    return this.#blocks.flatMap((block) => Array.from({ length: block.count }, (_, i) => this.#event(block, i)));
  }

  #event(block: EventBlock, i: number): AcceptedEvent {
    return {
      position: block.first_position + i,
      command: block.commands[block.command_of[i] ?? -1] ?? "",
      index_in_command: block.index_in_command[i] ?? 0,
      type: this.#catalogue.definitions[block.types[i] ?? -1]?.type ?? "",
      stream: block.streams[i] ?? "",
      version: block.versions[i] ?? 0,
      occurred_at: block.occurred_at[i] ?? 0,
      cause: block.causes[i] ?? -1,
      payload: block.payloads.slice(i === 0 ? 0 : block.payload_ends[i - 1], block.payload_ends[i]),
    };
  }
}
