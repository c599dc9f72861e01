import { currentVersions } from "../../../usecases/govern-calculations.js";
import type { PipelineStep } from "../../../usecases/pipeline-report.js";
import { runPipeline } from "../../../usecases/run-pipeline.js";
import type { OpenCalculations } from "../../library/calculations.js";
import type { CommandResult, Invocation } from "../command.js";
import { refused } from "../data-refusal.js";
import { explainSource } from "../explain-source.js";
import { failure } from "../failure.js";
import { pipelineResult } from "../render-pipeline.js";
import { pairsOf, waitFor, withCalculations } from "../with-calculations.js";

export async function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags, io, signal } = invocation;
  const violations: Parameters<typeof pairsOf>[2] = [];
  const parameters = pairsOf(flags, "param", violations);
  const [name = ""] = args;
  if (violations.length > 0) return { kind: "failed", failure: failure("USAGE", violations, `onetape calc describe ${name}`) };
  return withCalculations(invocation, "write", async (calculations) => {
    const { ports, log, registry } = calculations;
    const progress = io.progress("calc", "partitions");
    const version = flags.text("calc-version");
    const concurrency = flags.number("workers");
    try {
      const outcome = await runPipeline(
        ports,
        log,
        registry,
        {
          name,
          parameters,
          cwd: process.cwd(),
          force: flags.on("force"),
          dry_run: flags.on("dry-run"),
          onProgress: (done, total) => progress.update({ done, total, at: null }),
          signal,
          ...(version === undefined ? {} : { version }),
          ...(concurrency === undefined ? {} : { concurrency }),
        },
        waitFor,
      );
      progress.end();
      if (outcome.kind === "refused") return { kind: "failed", failure: refused(outcome) };
      const result = pipelineResult("onetape.calc-run/1", outcome, io, nextOf(calculations, outcome.steps[0]));
      return flags.on("explain-source") ? explainSource(result, calculations, outcome.steps, io) : result;
    } catch (error) {
      if (!signal.aborted) throw error;
      progress.end();
      const kept = "stopped: what was done is stored; the same command skips it and goes on";
      return { kind: "aborted", kept, json: { schema: "onetape.calc-run/1", status: "aborted" } };
    } finally {
      progress.end();
    }
  });
}

function nextOf({ log, registry }: OpenCalculations, step: PipelineStep | undefined): readonly string[] {
  if (step === undefined || step.capture_id === null) return [];
  const { what, version, capture_id } = step;
  if (version === null) return ["onetape calc query captures"];
  const other = currentVersions(log, registry).get(what) === version ? "" : ` --calc-version ${version}`;
  return [`onetape calc query ${what}${other} --capture ${capture_id}`];
}
