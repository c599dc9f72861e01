import { join, relative } from "node:path";
import { grouped } from "../../../core/numeric/grouped.js";
import { nearestName } from "../../../core/quality/nearest-name.js";
import { type ReadReport, readReport } from "../../../usecases/read-report.js";
import { type ReportFormat, reportText, tableOf, type WrittenReport, writeDocument, writeTables } from "../../../usecases/write-report.js";
import { reportPorts } from "../../library/reporting.js";
import type { CommandResult, Invocation } from "../command.js";
import { withBacktestPorts } from "../compose-backtest.js";
import { type Failure, failure, failureOf } from "../failure.js";
import { findRun } from "../find-run.js";
import { openPage } from "../open-page.js";

const formats: readonly ReportFormat[] = ["html", "json", "csv", "parquet"];
/** Where a report goes unless it is told: beside the run's artifacts. */
const names: Readonly<Record<ReportFormat, string>> = {
  html: "tear-sheet.html",
  json: "tear-sheet.json",
  csv: "tear-sheet",
  parquet: "tear-sheet",
};

type Report = Extract<ReadReport, { kind: "read" }>;

export async function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags, io, settings } = invocation;
  const output = flags.text("output");
  const format = formatOf(flags.text("format"), output);
  if (typeof format !== "string") return { kind: "failed", failure: format };
  const misuse = misuseOf(invocation, format);
  if (misuse !== null) return { kind: "failed", failure: misuse };
  return withBacktestPorts(settings, async (backtests) => {
    const ports = reportPorts(backtests);
    const found = await findRun(backtests.runs, args[0] ?? "");
    if (found.kind === "failed") return found;
    const read = await readReport(ports, found.run);
    if (read.kind !== "read") return { kind: "failed", failure: refused(read, found.run.name) };
    const table = flags.text("table");
    if (output === "-") return toStdout(invocation, ports, read, format, table);
    const path = output ?? join(found.run.dir, names[format]);
    const written =
      format === "html" || format === "json"
        ? await writeDocument(ports, path, await reportText(ports, read.sheet, format))
        : await writeTables(ports, path, read, format);
    if (flags.text("open") === "yes" && format === "html") {
      const why = await openPage(path);
      if (why !== null) io.warn(`could not open ${path}: ${why}`);
    }
    return told(written, { runId: found.run.manifest.run_id, format, io });
  });
}

function told(
  written: WrittenReport,
  about: { readonly runId: string; readonly format: ReportFormat; readonly io: Invocation["io"] },
): CommandResult {
  const { path, files, unchanged } = written;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const what = files.length === 1 ? `${grouped(Math.ceil(bytes / 1024))} KB` : `${files.length} tables`;
  const human = (): string => `${unchanged ? "unchanged: " : "wrote "}${about.io.out.bold(shown(path))}, ${what}\n`;
  const json = { schema: "onetape.report/1", run_id: about.runId, format: about.format, path, files, unchanged };
  return { kind: "done", json, human };
}

/** A path as a reader of this folder would write it. */
export function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("../../..") ? path : short;
}

function formatOf(stated: string | undefined, output: string | undefined): ReportFormat | Failure {
  if (stated === undefined) return formats.find((name) => output?.endsWith(`.${name}`) === true) ?? "html";
  const known = formats.find((name) => name === stated);
  if (known !== undefined) return known;
  return failureOf("USAGE", `a report has no format ${stated}`, "onetape report --help", {
    field: "--format",
    value: stated,
    expected: `one of ${formats.join(", ")}`,
  });
}

function misuseOf({ flags, io }: Invocation, format: ReportFormat): Failure | null {
  const toStdout = flags.text("output") === "-";
  const table = flags.text("table");
  const tables = format === "csv" || format === "parquet";
  const usage = (message: string, field: string, expected: string): Failure =>
    failureOf("USAGE", message, "onetape report --help", { field, expected });
  if (toStdout && io.json) return usage("--json tells about a report in a file; on stdout is the report itself", "--output", "a file");
  if (toStdout && format === "parquet") return usage("Parquet is written to a folder", "--output", "a folder");
  if (toStdout && tables && table === undefined) return usage("several tables cannot share stdout", "--table", "the name of one table");
  if (table !== undefined && !(toStdout && tables))
    return usage("--table chooses what goes to stdout", "--table", "--format csv --output -");
  if (flags.text("open") === "yes" && (format !== "html" || toStdout))
    return usage("only a page in a file can be opened", "--open", "--format html");
  return null;
}

async function toStdout(
  { io }: Invocation,
  ports: ReturnType<typeof reportPorts>,
  read: Report,
  format: ReportFormat,
  name: string | undefined,
): Promise<CommandResult> {
  if (format === "html" || format === "json") {
    await io.write(await reportText(ports, read.sheet, format));
    return { kind: "streamed" };
  }
  const found = tableOf(name ?? "", read);
  if (found.kind === "unknown") {
    const near = nearestName(name ?? "", found.known);
    const message = `a report has no table ${name}${near === null ? "" : `; did you mean ${near}?`}`;
    const rest = { field: "--table", value: name ?? "", expected: `one of ${found.known.join(", ")}` };
    return { kind: "failed", failure: failureOf("USAGE", message, "onetape report --help", rest) };
  }
  for (const chunk of ports.artifacts.csvOf(found.table)) await io.write(chunk);
  return { kind: "streamed" };
}

/** Why there is no report of a run. */
export function refused(read: Exclude<ReadReport, Report>, name: string): Failure {
  if (read.kind === "no_figures")
    return failureOf("RUN_INVALID", read.message, `onetape events ${name} --limit 20`, { field: "RUN", value: name });
  return failure("VERIFICATION_FAILED", read.violations, `onetape verify ${name}`);
}
