import type { StoredRun } from "../../../ports/run-store.js";
import { type ExposureOutcome, riskExposure } from "../../../usecases/risk-exposure.js";
import { sessionExposure } from "../../../usecases/session-exposure.js";
import type { CommandResult, Invocation } from "../command.js";
import { failureOf } from "../failure.js";
import { findRun } from "../find-run.js";
import { renderExposure, renderNoPolicy } from "../render-exposure.js";
import { withSessions } from "../with-sessions.js";

export async function run({ args, io, settings, signal }: Invocation): Promise<CommandResult> {
  const [word = ""] = args;
  const progress = io.progress("exposure", "events");
  return withSessions(settings, async (ports): Promise<CommandResult> => {
    const session = await sessionExposure(ports, {
      session: word,
      onProgress: (done) => progress.update({ done, total: null, at: null }),
      signal,
    });
    progress.end();
    if (session !== null) return told(session, word, null, io);
    const found = await findRun(ports.runs, word);
    if (found.kind === "failed") return found;
    const { run } = found;
    const total = run.manifest.tape.head_position;
    const outcome = await riskExposure(ports, { run, onProgress: (done) => progress.update({ done, total, at: null }), signal });
    progress.end();
    return told(outcome, run.name, run, io);
  }).finally(() => progress.end());
}

/** @param run null for a session. */
function told(outcome: ExposureOutcome, name: string, run: StoredRun | null, { out }: Pick<Invocation["io"], "out">): CommandResult {
  const schema = "onetape.risk-exposure/1";
  switch (outcome.kind) {
    case "exposure":
      return {
        kind: "done",
        json: { schema, run: outcome.run, ...outcome.exposure },
        human: () => renderExposure(outcome.run, outcome.exposure, out),
        next: [run === null ? `onetape runs show ${name}` : `onetape report ${name}`],
      };
    case "no_policy":
      return {
        kind: "done",
        json: { schema, run: outcome.run, policy: null },
        human: () => renderNoPolicy(outcome.run),
        next: ["onetape policy show vibe"],
      };
    case "unreadable": {
      const next = run === null ? `onetape store verify ${name}` : `onetape verify ${name}`;
      return { kind: "failed", failure: failureOf("STORE_UNAVAILABLE", outcome.message, next, { field: name }) };
    }
  }
}
