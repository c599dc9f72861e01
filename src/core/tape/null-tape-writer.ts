import type { CommandInHand } from "./command-in-hand.js";
import type { ProposedEvent } from "./proposed-event.js";

/** A tape that is switched off: counts events and keeps nothing. For measuring what the tape costs. */
export class NullTapeWriter {
  #position = 0;

  get position(): number {
    return this.#position;
  }

  begin(_source: CommandInHand): void {}

  accept(events: readonly ProposedEvent[]): void {
    this.#position += events.length;
  }

  flush(): void {}
}
