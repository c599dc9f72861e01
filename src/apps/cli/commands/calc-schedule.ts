import { resolve } from "node:path";
import { renderTable } from "../../../adapters/terminal/table.js";
import { parseTier, type Tier } from "../../../core/calc/finra-otc/tiers.js";
import type { Violation } from "../../../core/quality/violation.js";
import { type ScheduleOptions, type ScheduleReport, scheduleCalculations } from "../../../usecases/schedule-calculations.js";
import type { CommandResult, Invocation } from "../command.js";
import { refused } from "../data-refusal.js";
import { failure } from "../failure.js";
import { waitFor, withCalculations } from "../with-calculations.js";

/** Takes the weeks that are due through every stage. Meant for a timer of the machine: it runs once and ends. */
export async function run(invocation: Invocation): Promise<CommandResult> {
  const { flags, io, signal } = invocation;
  const violations: Violation[] = [];
  const tiers = flags.list("tier").flatMap((text): readonly Tier[] => {
    const parsed = parseTier(text);
    if (parsed.kind === "tier") return [parsed.tier];
    violations.push({ ...parsed.violation, field: "--tier" });
    return [];
  });
  const source = flags.text("source");
  if (source === undefined)
    violations.push({
      code: "MISSING_REQUIRED",
      message: "no folder of weekly files is named",
      field: "--source",
      expected: "--source FOLDER",
    });
  if (violations.length > 0) return { kind: "failed", failure: failure("USAGE", violations, "onetape calc schedule --help") };
  const weeks = flags.list("week");
  const back = flags.number("weeks");
  const stage = flags.text("stage") as ScheduleOptions["only_stage"];
  return withCalculations(invocation, "write", async ({ ports, log, registry }) => {
    const progress = io.progress("schedule", "partitions");
    try {
      const outcome = await scheduleCalculations(
        ports,
        log,
        registry,
        {
          source_dir: resolve(process.cwd(), source ?? ""),
          mode: flags.on("dry-run") ? "dry-run" : "run",
          fail_fast: flags.on("fail-fast"),
          force: flags.on("force"),
          onProgress: (done, total) => progress.update({ done, total, at: null }),
          signal,
          ...(tiers.length === 0 ? {} : { tiers }),
          ...(weeks.length === 0 ? {} : { weeks }),
          ...(back === undefined ? {} : { weeks_back: back }),
          ...(stage === undefined ? {} : { only_stage: stage }),
        },
        waitFor,
      );
      progress.end();
      if (outcome.kind === "refused") return { kind: "failed", failure: refused(outcome) };
      for (const warning of outcome.warnings) io.note(`${io.err.bad("note")} ${warning}`);
      return told(outcome, io);
    } catch (error) {
      if (!signal.aborted) throw error;
      progress.end();
      const kept = "stopped: what was done is stored; the same command skips it and goes on";
      return { kind: "aborted", kept, json: { schema: "onetape.calc-schedule/1", status: "aborted" } };
    } finally {
      progress.end();
    }
  });
}

function told({ kind: _, exit_code, schema, ...report }: ScheduleReport, { out }: Invocation["io"]): CommandResult {
  const failed = report.runs.filter(({ status }) => status === "failed");
  const details = failed.map(({ week_ending, tier, code, message }) => ({
    code: code ?? "FAILED",
    message: `${week_ending} ${tier}: ${message ?? "failed"}`,
  }));
  const rows = report.runs.map(({ week_ending, tier, status, code, file, capture_id }) => [
    week_ending,
    tier,
    status === "failed" ? out.bad(status) : status === "succeeded" ? out.good(status) : out.dim(status),
    code ?? "",
    capture_id ?? file ?? "",
  ]);
  const columns = [{ title: "week ending" }, { title: "tier" }, { title: "" }, { title: "" }, { title: "capture or file" }];
  const { attempted, succeeded, skipped } = report.stats;
  const sum =
    report.status === "dry_run"
      ? `would do ${report.runs.length}: nothing was changed`
      : `${attempted} attempted, ${succeeded} succeeded, ${failed.length} failed, ${skipped} skipped`;
  return {
    kind: "done",
    json: { schema: "onetape.calc-schedule/1", schema_version: schema, ...report },
    human: async () => `${await renderTable(columns, rows, out)}${sum}\n`,
    ...(exit_code === 0 ? {} : { problem: failure(exit_code === 2 ? "PARTIAL" : "NOTHING_DONE", details, "onetape calc query anomalies") }),
  };
}
