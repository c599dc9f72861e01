/** Whether work that may have been done before is done again. */
import type { Sha256Hex } from "../tape/hash.js";

/**
 * `L1` appends: what is there stays, and more can only come under a new capture. `L2` compares inputs: the same input is skipped. `L3` compares
 * the target: the work is done, and what it gives replaces what is stored only where the two differ.
 */
export type IdempotencyLevel = "L1" | "L2" | "L3";

/** What an earlier run left. */
export interface KnownResult {
  readonly input_sha256: Sha256Hex;
  readonly row_set: Sha256Hex;
}

export type RunDecision =
  | { readonly kind: "run"; readonly replace: boolean }
  | { readonly kind: "skip"; readonly reason: "ALREADY_APPENDED" | "SAME_INPUT" };

/** Decided before the work: L3 always works, and {@link settles} decides after it. */
export function decideRun(request: {
  readonly level: IdempotencyLevel;
  readonly force: boolean;
  readonly input_sha256: Sha256Hex;
  readonly known: KnownResult | null;
}): RunDecision {
  const { level, force, input_sha256, known } = request;
  if (known === null) return { kind: "run", replace: false };
  if (level === "L1") return { kind: "skip", reason: "ALREADY_APPENDED" };
  if (level === "L2" && !force && known.input_sha256 === input_sha256) return { kind: "skip", reason: "SAME_INPUT" };
  return { kind: "run", replace: true };
}

/** Whether the rows that came of it are already the state that is wanted. */
export function settles(known: KnownResult | null, rowSet: Sha256Hex, force: boolean): boolean {
  return !force && known !== null && known.row_set === rowSet;
}
