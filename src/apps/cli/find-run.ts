import { nearestName } from "../../core/quality/nearest-name.js";
import type { RunStore, StoredRun } from "../../ports/run-store.js";
import { type Failure, failureOf } from "./failure.js";

export type FoundRun = { readonly kind: "found"; readonly run: StoredRun } | { readonly kind: "failed"; readonly failure: Failure };

/** The run that a word on the command line means: a name, its beginning, or `latest`. */
export async function findRun(runs: RunStore, word: string): Promise<FoundRun> {
  const found = await runs.find(word);
  if (found.kind === "found") return found;
  if (found.kind === "ambiguous") {
    const failure = failureOf(
      "USAGE",
      `${word} is the beginning of ${found.matches.length} runs: ${found.matches.slice(0, 5).join(", ")}`,
      "onetape runs list",
      {
        field: "RUN",
        value: word,
        expected: "more of the id",
      },
    );
    return { kind: "failed", failure };
  }
  if (found.kind === "unreadable") {
    const failure = failureOf("NOT_FOUND", `the folder ${found.name} holds no run: ${found.why}`, "onetape verify --all", {
      field: "RUN",
      value: word,
    });
    return { kind: "failed", failure };
  }
  const near = nearestName(word, found.known);
  const none = found.known.length === 0;
  const message = none ? "this workspace has no runs yet" : `there is no run ${word}${near === null ? "" : `; did you mean ${near}?`}`;
  return {
    kind: "failed",
    failure: failureOf("NOT_FOUND", message, none ? "onetape backtest CONFIG" : "onetape runs list", { field: "RUN", value: word }),
  };
}
