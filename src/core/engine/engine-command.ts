import type { UtcMillis } from "../tape/event.js";
import type { Sequencer } from "./sequencer.js";

export type CommandKind = "start" | "slice" | "request" | "end" | "close";

/** The command in hand: what the ids of its events derive from. Every slice is one, and every close that lies between two slices. */
export class EngineCommand {
  /** Rises by one with every command that proposes something. */
  count: number = 0;
  /** Calendar and session of a close. */
  closing: string = "";
  readonly #sequencer: Sequencer;
  #kind: CommandKind = "start";
  #requests = 0;

  constructor(sequencer: Sequencer) {
    this.#sequencer = sequencer;
  }

  begin(kind: CommandKind): void {
    this.#kind = kind;
    if (kind === "request") this.#requests += 1;
    this.count += 1;
    this.#sequencer.begin();
  }

  /** @param ts close time of the slice in hand. */
  id(ts: UtcMillis): string {
    switch (this.#kind) {
      case "slice":
        return `slice/${ts}`;
      case "request":
        return `request/${this.#requests}`;
      case "close":
        return `close/${this.closing}`;
      default:
        return this.#kind;
    }
  }
}
