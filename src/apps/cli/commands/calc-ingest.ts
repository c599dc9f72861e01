import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { ingestWeek } from "../../../usecases/ingest-week.js";
import { normaliseCapture } from "../../../usecases/normalise-week.js";
import { NO_STEP, type PipelineStep, pipelineReport } from "../../../usecases/pipeline-report.js";
import { gradeBlocks } from "../calc-grade.js";
import type { CommandResult, Invocation } from "../command.js";
import { failure } from "../failure.js";
import { pipelineResult } from "../render-pipeline.js";
import { withCalculations } from "../with-calculations.js";

/** Takes weekly files in and judges their lines. A file that is refused stops no other. */
export async function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags, io, signal } = invocation;
  const [tier, second] = flags.list("tier");
  const [week] = flags.list("week");
  if (second !== undefined || flags.list("week").length > 1) {
    const detail = { code: "USAGE", message: "one tier and one week at a time", field: "--tier", expected: "each at most once" };
    return { kind: "failed", failure: failure("USAGE", [detail], "onetape calc ingest --help") };
  }
  const files = args.flatMap(filesAt);
  return withCalculations(invocation, "write", async ({ ports, log }) => {
    const progress = io.progress("ingest", "files");
    const steps: PipelineStep[] = [];
    const warnings: string[] = [];
    for (const path of files) {
      if (signal.aborted) break;
      const force = flags.on("force");
      const taken = await ingestWeek(ports, log, {
        path,
        force,
        ...(tier === undefined ? {} : { tier }),
        ...(week === undefined ? {} : { week_ending: week }),
      });
      if (taken.kind === "refused") {
        const [first] = taken.violations;
        const message = `${first?.message ?? ""}${first?.expected === undefined ? "" : `; expected ${first.expected}`}`;
        steps.push({ ...NO_STEP, what: path, status: "failed", code: first?.code ?? "REFUSED", message });
      } else {
        const { capture_id, week_ending, tier: taken_tier } = taken;
        const judged = await normaliseCapture(ports, log, capture_id, force);
        const facts = { ...NO_STEP, what: "ingest", week_ending, tier: taken_tier, capture_id };
        if (judged.kind === "refused")
          steps.push({ ...facts, status: "failed", code: judged.violations[0]?.code ?? "", message: judged.violations[0]?.message ?? "" });
        else {
          const { grade, rows, rejects, rejected } = judged;
          const counted =
            rejected === 0 ? "" : `, ${rejected} rejected: ${rejects.map(({ code, count }) => `${count} ${code}`).join(", ")}`;
          if (grade === "F") warnings.push(gradeBlocks(capture_id));
          const code = taken.skipped ? "IDENTICAL" : taken.outcome.toUpperCase();
          steps.push({
            ...facts,
            row_count: rows,
            status: taken.skipped && judged.skipped ? "skipped" : "processed",
            code,
            message: `grade ${grade}${counted}`,
          });
        }
      }
      progress.update({ done: steps.length, total: files.length, at: null });
    }
    progress.end();
    const report = pipelineReport("ingest", steps, warnings, false);
    if (signal.aborted && steps.length < files.length)
      return {
        kind: "aborted",
        kept: `${steps.length} of ${files.length} files were taken; the same command goes on with the others`,
        json: { schema: "onetape.calc-ingest/1", ...report },
      };
    const done = steps.find(({ status }) => status !== "failed");
    const next =
      done === undefined ? [] : [`onetape calc run venue_share -p week_ending=${done.week_ending ?? ""} -p tier=${done.tier ?? ""}`];
    return pipelineResult("onetape.calc-ingest/1", report, io, next);
  });
}

/** A file, or every weekly file of a folder by name. */
function filesAt(path: string): readonly string[] {
  const full = resolve(process.cwd(), path);
  try {
    if (!statSync(full).isDirectory()) return [full];
    return readdirSync(full)
      .filter((name) => /\.(?:psv|csv|txt|gz|zip)$/i.test(name))
      .sort()
      .map((name) => join(full, name));
  } catch {
    // What is not there is told by whoever reads it.
    return [full];
  }
}
