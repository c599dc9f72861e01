import { positionedEvents } from "../core/projections/positioned-event.js";
import type { EventBlock } from "../core/tape/block.js";
import { type ProjectedRun, type ProjectRunRequest, RunFold } from "./project-run.js";

/**
 * Folds committed blocks while the engine works on the next ones, so that a run's artifacts need not read its tape again.
 *
 * What goes wrong here is not told here: whoever asks for the result gets none, and reads the tape, which says what is wrong with it.
 */
export class BlockFold {
  readonly #fold: RunFold;
  #failed = false;

  constructor(parts: Pick<ProjectRunRequest, "config" | "columns" | "inputs">) {
    this.#fold = new RunFold(parts);
  }

  /** Takes a block that the store has committed. It is folded in a turn of its own: first its writer is told. */
  follow(block: EventBlock): void {
    setImmediate(() => {
      if (this.#failed) return;
      try {
        for (const event of positionedEvents(block)) this.#fold.apply(event);
      } catch {
        this.#failed = true;
      }
    });
  }

  /** The run as its blocks give it; null where they are not the whole log. */
  async finish(position: number): Promise<ProjectedRun | null> {
    // Blocks are folded in order, each in a turn before this one.
    await new Promise((resolve) => setImmediate(resolve));
    return this.#failed || this.#fold.events !== position ? null : this.#fold.finish();
  }
}
