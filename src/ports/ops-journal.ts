import type { OpsNote } from "../core/ops/ops-events.js";

/** Takes down what was noticed beside the tapes. Never rejects: an ops log that cannot be written stops no work. */
export interface OpsJournal {
  note(note: OpsNote): Promise<void>;
}
