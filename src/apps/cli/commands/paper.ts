import type { PaperOutcome } from "../../../usecases/paper-session.js";
import { runPaper } from "../../library/paper-sessions.js";
import { openWorkspacePorts } from "../../library/workspace.js";
import type { CommandResult, Invocation } from "../command.js";
import { qualityGate } from "../compose-quality.js";
import { refused } from "../data-refusal.js";
import { failure, failureOf } from "../failure.js";
import { paperDocument, renderPaper } from "../render-paper.js";
import { afterRefusal } from "../run-refusal.js";
import { statedPairs } from "../stated-params.js";

export async function run({ args, flags, io, settings, signal }: Invocation): Promise<CommandResult> {
  const [configPath = ""] = args;
  const usage = (message: string, field: string): CommandResult => ({
    kind: "failed",
    failure: failureOf("USAGE", message, "onetape paper --help", { field }),
  });
  const params = statedPairs("param", flags.list("param"));
  if (params.violations.length > 0) return { kind: "failed", failure: failure("USAGE", params.violations, "onetape paper --help") };
  const captures = flags.list("replay");
  if (captures.length === 0) return usage("a paper session needs bars: --replay latest delivers those of the config", "--replay");
  const speed = speedOf(flags.text("speed"));
  if (speed === "invalid") return usage(`--speed ${flags.text("speed")} is neither max nor a number above 0`, "--speed");
  const progress = io.progress("paper", "bars");
  const opened = openWorkspacePorts(settings);
  try {
    const outcome = await runPaper(opened, settings, {
      speed,
      onNote: (text) => io.note(text),
      quality: qualityGate({ settings, io }, opened.data.store),
      configPath,
      captures,
      session: flags.text("session"),
      params: params.pairs,
      onProgress: ({ bars, total_bars, ts, resuming }) =>
        progress.update({ done: bars, total: total_bars, at: ts, ...(resuming ? { phase: { label: "resume", unit: "bars" } } : {}) }),
      signal,
    }).finally(() => progress.end());
    return result(outcome, configPath, io);
  } finally {
    await opened.close();
  }
}

/** @returns null for as fast as bars are taken. */
function speedOf(text: string | undefined): number | null | "invalid" {
  if (text === undefined || text === "max") return null;
  const speed = Number(text);
  return /^[0-9]+(\.[0-9]+)?$/.test(text) && speed > 0 && Number.isFinite(speed) ? speed : "invalid";
}

function result(outcome: PaperOutcome, configPath: string, { out }: Pick<Invocation["io"], "out">): CommandResult {
  switch (outcome.kind) {
    case "completed":
      return {
        kind: "done",
        json: paperDocument("completed", outcome.standing),
        human: () => renderPaper("completed: its bars are over", outcome.standing, out),
      };
    case "failed": {
      const { failure: fault, standing } = outcome;
      const when = fault.bar_ts === null ? "" : ` on the bar that closed at ${new Date(fault.bar_ts).toISOString()}`;
      return {
        kind: "done",
        json: paperDocument("failed", standing),
        human: () => renderPaper(out.bad("failed"), standing, out),
        problem: failureOf("STRATEGY_FAILED", `${fault.handler} failed${when}: ${fault.message}`, null, { field: fault.code }),
      };
    }
    case "stopped": {
      const { standing, cause } = outcome;
      const json = paperDocument("stopped", standing);
      const kept = `the session ${standing.session} stands at event ${standing.head.position}; the same command goes on with it`;
      if (cause === null) return { kind: "aborted", kept, json };
      return {
        kind: "done",
        json,
        human: () => renderPaper("stopped", standing, out),
        problem: failureOf("STORE_UNAVAILABLE", `${cause}; ${kept}`, null),
      };
    }
    case "halted":
      return {
        kind: "failed",
        failure: failureOf(
          "HALTED",
          `the workspace's kill switch is tripped, and ${outcome.session} has no risk policy whose gate would ask it`,
          "onetape kill-switch status",
          { field: "/risk", expected: "an armed switch, or a policy such as risk: { policy: axiom }" },
        ),
      };
    case "parted": {
      const { position, recorded, type } = outcome.parting;
      const message = `position ${position} of the session ${outcome.session} is ${recorded?.type ?? "nothing"} on the tape, and ${type} when it is made again`;
      return {
        kind: "failed",
        failure: failureOf("MISMATCH", message, `onetape paper ${configPath} --replay latest --session NEW`, { field: "--session" }),
      };
    }
    case "refused":
      return { kind: "failed", failure: refused(outcome.refusal) };
    case "invalid":
      return { kind: "failed", failure: failure("RUN_INVALID", outcome.violations, afterRefusal(outcome.violations, configPath)) };
    case "unavailable":
      return { kind: "failed", failure: failure("STORE_UNAVAILABLE", outcome.violations, "onetape doctor") };
  }
}
