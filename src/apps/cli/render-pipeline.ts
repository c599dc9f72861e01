import type { Style } from "../../adapters/terminal/style.js";
import { renderTable } from "../../adapters/terminal/table.js";
import { grouped } from "../../core/numeric/grouped.js";
import type { PipelineReport } from "../../usecases/pipeline-report.js";
import type { CommandResult } from "./command.js";
import { failure } from "./failure.js";
import type { Io } from "./io.js";

/** The report of a pipeline: a line per partition, and the numbers of the batch. */
export async function renderPipeline(report: PipelineReport, style: Style): Promise<string> {
  // What failed is told in full below the table, unless it is too much for that.
  const told = report.steps.filter((step) => step.status === "failed").length <= LISTED;
  const steps = report.steps.map(({ what, version, week_ending, tier, status, code, message, row_count }) => [
    status === "failed" ? style.bad(status) : status === "processed" ? style.good(status) : style.dim(status),
    version === null ? what : `${what} ${version}`,
    week_ending ?? "",
    tier ?? "",
    row_count === null ? "" : grouped(row_count),
    [code ?? "", told && status === "failed" && code !== null ? "" : (message ?? "")].filter((text) => text !== "").join(": "),
  ]);
  const columns = [
    { title: "" },
    { title: "what" },
    { title: "week ending" },
    { title: "tier" },
    { title: "rows", numeric: true },
    { title: "" },
  ];
  const table = steps.length === 0 ? "" : await renderTable(columns, steps, style);
  const { processed, skipped, failed, total, status } = report;
  const numbers =
    status === "dry_run"
      ? `would do ${total}: nothing was changed`
      : `${processed} processed, ${skipped} skipped, ${failed} failed of ${total}`;
  return `${table}${numbers}\n`;
}

/** What a report comes to as the result of a command: exit code 2 where only a part was done, 1 where nothing was. */
export function pipelineResult(schema: string, report: PipelineReport, io: Io, next: readonly string[]): CommandResult {
  for (const warning of report.warnings) io.note(`${io.err.bad("note")} ${warning}`);
  const { kind: _, exit_code: __, ...document } = report;
  const failed = report.steps.filter((step) => step.status === "failed");
  const details = failed.slice(0, LISTED).map(({ what, week_ending, tier, code, message }) => ({
    code: code ?? "FAILED",
    message: `${[what, week_ending, tier].filter((text) => text !== null).join(" ")}: ${message ?? "failed"}`,
  }));
  if (failed.length > LISTED) details.push({ code: "COUNTED", message: `${failed.length} partitions failed in all` });
  const hint = /onetape calc run [^\s;]+(?: -p \S+)*/.exec(failed[0]?.message ?? "")?.[0] ?? null;
  return {
    kind: "done",
    json: { schema, ...document },
    human: () => renderPipeline(report, io.out),
    next,
    ...(failed.length === 0 ? {} : { problem: failure(report.status === "failure" ? "NOTHING_DONE" : "PARTIAL", details, hint) }),
  };
}

const LISTED = 10;
