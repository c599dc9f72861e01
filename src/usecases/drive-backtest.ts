import type { Engine } from "../core/engine/engine.js";
import type { TapeWriter } from "../ports/tape-writer.js";

/**
 * Runs an engine to its end over a tape: each list of proposals is appended as one batch and fed back, first in, first out,
 * before the next input. Synchronous: made for the engine's own thread.
 *
 * @throws {TapeStopped} when the tape can no longer be written; state after the last commit is void.
 */
export function driveBacktest(engine: Engine, tape: TapeWriter): void {
  let begun = 0;
  while (engine.advance()) {
    if (engine.commands !== begun) {
      begun = engine.commands;
      tape.begin(engine);
    }
    const batch = engine.take();
    tape.accept(batch);
    for (const proposal of batch) engine.feed(proposal);
  }
  tape.flush();
}
