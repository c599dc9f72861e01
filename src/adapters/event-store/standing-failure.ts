import type { ChainFailure, ChainVerifier } from "../../core/tape/chain-verifier.js";
import type { Anchor } from "../../core/tape/event.js";
import type { BackendFailure, LogStanding } from "./log-backend.js";

/** A store that cannot be read on. */
export function unreadable(level: "L1" | "L2", position: number, error: BackendFailure): ChainFailure {
  const message = `the store cannot be read from position ${position} on: ${error.message}`;
  return { level, position, column: null, expected: "a readable event", actual: error.message, message };
}

/** The audit chain goes on from what the head remembers, and the next writer's epoch from its epoch: both must be where the log stands. */
export function standingFailure(
  level: "L1" | "L2",
  verifier: Pick<ChainVerifier, "auditHash">,
  standing: LogStanding,
  anchors: readonly Anchor[],
): ChainFailure | null {
  const { position } = standing.head;
  if (standing.audit_hash !== verifier.auditHash) {
    const message = "the head names another audit hash than the last anchor's";
    return { level, position, column: "log_head.audit_hash", expected: verifier.auditHash, actual: standing.audit_hash, message };
  }
  const committed = anchors.at(-1)?.epoch ?? 0;
  if (standing.epoch >= committed) return null;
  const message = "the head's epoch is older than the last block's: a writer that was fenced off could write again";
  return { level, position, column: "log_head.epoch", expected: `at least ${committed}`, actual: String(standing.epoch), message };
}
