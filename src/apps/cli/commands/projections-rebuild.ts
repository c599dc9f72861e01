import { grouped } from "../../../core/numeric/grouped.js";
import { rebuildProjection } from "../../../usecases/workspace-projections.js";
import type { CommandResult, Invocation } from "../command.js";
import { failureOf } from "../failure.js";
import { projectionProblem } from "../projection-problem.js";
import { withProjection } from "../with-projections.js";

export function run(invocation: Invocation): Promise<CommandResult> {
  const { flags, io, signal } = invocation;
  return withProjection(invocation, async (ports, found) => {
    const progress = io.progress("rebuild", "events");
    const outcome = await rebuildProjection(ports, found, {
      policy: flags.on("park") ? "park" : "halt",
      onProgress: (done, total) => progress.update({ done, total, at: null }),
      signal,
    });
    progress.end();
    const { name } = found.projection;
    const { log } = found.source;
    switch (outcome.kind) {
      case "unreadable":
        return {
          kind: "failed",
          failure: failureOf("STORE_UNAVAILABLE", `the log ${log} cannot be opened: ${outcome.why}`, "onetape verify --all"),
        };
      case "aborted":
        return {
          kind: "aborted",
          kept: `${name} answers as before; the new generation had reached position ${outcome.position} and is begun again next time`,
          json: { schema: "onetape.projection-rebuild/1", log, name, rebuilt: false },
        };
      case "not_rebuilt": {
        const { step, after } = outcome;
        if (step.kind !== "halted") {
          const why = step.kind === "held" ? `${step.lease.owner} moves it on` : step.kind === "unavailable" ? step.cause : step.kind;
          const next = `onetape projections show ${name} --log ${log}`;
          return { kind: "failed", failure: failureOf("STORE_UNAVAILABLE", `${name} of ${log} could not be built: ${why}`, next) };
        }
        const { type, position, event_id, reason } = step.at;
        const message = `${name} of ${log} cannot fold ${type} at position ${position} (${event_id}): ${reason}; what answered before still answers`;
        const next = `onetape projections rebuild ${name} --log ${log} --park`;
        return { kind: "failed", failure: failureOf("VERIFICATION_FAILED", message, next, { field: after.name }) };
      }
      case "rebuilt": {
        const { before, after } = outcome;
        const same = before.state_sha256 === null ? null : before.state_sha256 === after.state_sha256;
        const told = same === null ? "built" : same ? "built again, with the same state" : "built again, with another state than before";
        return {
          kind: "done",
          json: { schema: "onetape.projection-rebuild/1", rebuilt: true, same_state: same, ...after },
          human: () =>
            `${name} of ${log}: ${told}; ${grouped(after.events)} events to position ${grouped(after.position)}, state ${after.state_sha256}\n`,
          next: [`onetape projections show ${name} --log ${log}`],
          ...projectionProblem([after]),
        };
      }
    }
  });
}
