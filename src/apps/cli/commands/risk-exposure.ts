import { riskExposure } from "../../../usecases/risk-exposure.js";
import type { CommandResult, Invocation } from "../command.js";
import { withBacktestPorts } from "../compose-backtest.js";
import { failureOf } from "../failure.js";
import { findRun } from "../find-run.js";
import { renderExposure, renderNoPolicy } from "../render-exposure.js";

export async function run({ args, io, settings, signal }: Invocation): Promise<CommandResult> {
  const progress = io.progress("exposure", "events");
  return withBacktestPorts(settings, async (ports): Promise<CommandResult> => {
    const found = await findRun(ports.runs, args[0] ?? "");
    if (found.kind === "failed") return found;
    const { run } = found;
    const total = run.manifest.tape.head_position;
    const outcome = await riskExposure(ports, { run, onProgress: (done) => progress.update({ done, total, at: null }), signal });
    progress.end();
    const schema = "onetape.risk-exposure/1";
    switch (outcome.kind) {
      case "exposure":
        return {
          kind: "done",
          json: { schema, run: outcome.run, ...outcome.exposure },
          human: () => renderExposure(outcome.run, outcome.exposure, io.out),
          next: [`onetape report ${run.name}`],
        };
      case "no_policy":
        return {
          kind: "done",
          json: { schema, run: outcome.run, policy: null },
          human: () => renderNoPolicy(outcome.run),
          next: ["onetape policy show vibe"],
        };
      case "unreadable":
        return {
          kind: "failed",
          failure: failureOf("STORE_UNAVAILABLE", outcome.message, `onetape verify ${run.name}`, { field: run.name }),
        };
    }
  }).finally(() => progress.end());
}
