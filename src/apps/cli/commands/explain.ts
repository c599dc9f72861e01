import { isOrderId } from "../../../usecases/explain-order.js";
import { explainRun } from "../../../usecases/explain-run.js";
import type { CommandResult, Invocation } from "../command.js";
import { withBacktestPorts } from "../compose-backtest.js";
import { failureOf } from "../failure.js";
import { findRun } from "../find-run.js";
import { explainDocument, renderExplanation } from "../render-explain.js";

export async function run({ args, flags, io, settings, signal }: Invocation): Promise<CommandResult> {
  const [name = "", what = ""] = args;
  const limit = flags.number("limit");
  const progress = io.progress("explain", "events");
  return withBacktestPorts(settings, async (ports): Promise<CommandResult> => {
    const found = await findRun(ports.runs, name);
    if (found.kind === "failed") return found;
    const { run } = found;
    const total = run.manifest.tape.head_position;
    const outcome = await explainRun(ports, {
      run,
      what,
      ...(limit === undefined ? {} : { limit }),
      onProgress: (done) => progress.update({ done, total, at: null }),
      signal,
    });
    progress.end();
    switch (outcome.kind) {
      case "explained": {
        const { explanation } = outcome;
        return {
          kind: "done",
          json: explainDocument(outcome.run, explanation),
          human: () => renderExplanation(explanation, io.out),
          next: [`onetape events ${run.name}`],
        };
      }
      case "unknown":
        return {
          kind: "failed",
          failure: failureOf(
            "NOT_FOUND",
            outcome.message,
            isOrderId(what) ? `onetape orders export ${run.name}` : `onetape runs show ${run.name}`,
            {
              field: "WHAT",
              value: what,
              expected: "a metric, a table, trade:N, an order or a session date",
            },
          ),
        };
      case "differs":
        return {
          kind: "failed",
          failure: failureOf("VERIFICATION_FAILED", outcome.message, `onetape verify ${run.name}`, { field: run.name }),
        };
      case "unreadable":
        return { kind: "failed", failure: failureOf("STORE_UNAVAILABLE", outcome.message, "onetape verify --all", { field: run.name }) };
    }
  }).finally(() => progress.end());
}
