import { grouped } from "../../../core/numeric/grouped.js";
import { type ExportDataOptions, type ExportFormat, exportData } from "../../../usecases/export-data.js";
import type { CommandResult, Invocation } from "../command.js";
import { failureOf } from "../failure.js";
import { basisOf, timeframeOf } from "../import-options.js";
import { withData } from "../with-data.js";

const formats: readonly ExportFormat[] = ["csv", "ndjson", "parquet"];

export async function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags, io } = invocation;
  const path = flags.text("output") ?? "-";
  const format = formats.find((name) => name === flags.text("format")) ?? formats.find((name) => path.endsWith(`.${name}`)) ?? "csv";
  const stated = flags.text("format");
  if (stated !== undefined && stated !== format) {
    const failure = failureOf("USAGE", `bars have no format ${stated}`, "onetape data export --help", {
      field: "--format",
      value: stated,
      expected: `one of ${formats.join(", ")}`,
    });
    return { kind: "failed", failure };
  }
  if (path === "-" && io.json) {
    const next = "onetape data export DATA --output FILE --json, or --format ndjson";
    return {
      kind: "failed",
      failure: failureOf("USAGE", "--json tells about an export into a file; on stdout are the bars themselves", next, {
        field: "--output",
        expected: "a file",
      }),
    };
  }
  const options: ExportDataOptions = {
    what: args[0] ?? "",
    format,
    output: path === "-" ? { write: (text) => io.write(text) } : { path },
    timeframe: timeframeOf(flags),
    basis: basisOf(flags),
    calendar: flags.text("calendar"),
    from: flags.number("from"),
    to: flags.number("to"),
  };
  return withData(
    invocation,
    "export",
    (ports, run) => exportData(ports, options, run),
    ({ kind: _, ...exported }): CommandResult => {
      if (exported.path === null) return { kind: "streamed" };
      const marks = `${exported.calculation === null ? "" : `, derived by ${exported.calculation}`}${exported.synthetic ? ", synthetic" : ""}`;
      const human = (): string =>
        `wrote ${io.out.bold(exported.path ?? "")}: ${grouped(exported.rows)} bars of ${exported.symbol}, ${exported.timeframe}, ${exported.basis}${marks}\n`;
      return { kind: "done", json: { schema: "onetape.data-export/1", format, ...exported }, human };
    },
  );
}
