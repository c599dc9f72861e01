import { nearestName } from "../../core/quality/nearest-name.js";
import type { StoredSweep, SweepStore } from "../../ports/sweep-store.js";
import { type Failure, failureOf } from "./failure.js";

export type FoundSweep = { readonly kind: "found"; readonly sweep: StoredSweep } | { readonly kind: "failed"; readonly failure: Failure };

/** The sweep that a word on the command line means: an id, its beginning, or `latest`. */
export async function findSweep(sweeps: SweepStore, word: string): Promise<FoundSweep> {
  const found = await sweeps.find(word);
  if (found.kind === "found") return found;
  const where = { field: "SWEEP", value: word };
  if (found.kind === "ambiguous") {
    const message = `${word} is the beginning of ${found.matches.length} sweeps: ${found.matches.slice(0, 5).join(", ")}`;
    return { kind: "failed", failure: failureOf("USAGE", message, "onetape sweep list", { ...where, expected: "more of the id" }) };
  }
  const near = nearestName(word, found.known);
  const none = found.known.length === 0;
  const message = none ? "this workspace has no sweeps yet" : `there is no sweep ${word}${near === null ? "" : `; did you mean ${near}?`}`;
  return { kind: "failed", failure: failureOf("NOT_FOUND", message, none ? "onetape sweep --help" : "onetape sweep list", where) };
}
