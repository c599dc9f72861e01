import { sha256Bytes } from "../../../adapters/node-hash/sha256.js";
import { grouped } from "../../../core/numeric/grouped.js";
import type { Violation } from "../../../core/quality/violation.js";
import { reportText } from "../../../core/session/session-report.js";
import type { RiskSession } from "../../../usecases/risk-session.js";
import { writeDocument } from "../../../usecases/write-report.js";
import type { CommandResult, Invocation } from "../command.js";
import { riskPageRenderer } from "../compose-risk-report.js";
import { type Failure, failure, failureOf } from "../failure.js";
import { openPage } from "../open-page.js";
import { renderSessionReport, reportProblem } from "../render-session-report.js";
import { programVersion } from "../version.js";
import { withRiskSession } from "../with-risk-session.js";
import { shown } from "./report.js";

const HELP = "onetape session report --help";

export async function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags, io } = invocation;
  const name = args[0] ?? "";
  const output = flags.text("output");
  const format = flags.text("format") ?? (output?.endsWith(".html") === true ? "html" : "json");
  const violations: Violation[] = [];
  const usage = (message: string, field: string, expected: string) => violations.push({ code: "USAGE", message, field, expected });
  if (format !== "html" && format !== "json") usage("a report of a session has no such format", "--format", "html or json");
  if (output === "-" && io.json) usage("--json tells about a report in a file; on stdout is the report itself", "--output", "a file");
  if (format === "html" && output === undefined) usage("a page needs a place", "--output", "a file, or - for stdout");
  if (flags.text("open") === "yes" && (format !== "html" || output === "-"))
    usage("only a page in a file can be opened", "--open", "--format html");
  if (violations.length > 0) return { kind: "failed", failure: failure("USAGE", violations, HELP) };
  return withRiskSession(invocation, "read", async (session): Promise<CommandResult> => {
    const request = flags.text("request") ?? null;
    const report = await session.report(request);
    if (report === null) return { kind: "failed", failure: await absent(session, request) };
    const problem = reportProblem(report, name);
    const told = problem === null ? {} : { problem };
    if (output === undefined)
      return {
        kind: "done",
        json: { schema: "onetape.session-report/1", ...report },
        human: () => renderSessionReport(report, io.out),
        next: [`onetape session replay ${name}`],
        ...told,
      };
    let text = reportText(report);
    if (format === "html") {
      const made = await session.riskReport(report.request);
      if (made === null) {
        const message = `${report.request} is a ${report.kind} without a history of levels: a page needs one`;
        return {
          kind: "failed",
          failure: failureOf("DATA_INVALID", message, `onetape session compute ${name} --history 250`, { field: "--format" }),
        };
      }
      if (!made.ok) {
        const details = made.errors.map(({ code, message, details: fields }) => ({ code, message, ...fields }));
        return { kind: "failed", failure: failure("DATA_INVALID", details, `onetape session report ${name}`) };
      }
      text = await riskPageRenderer.page(made.value, { files: {}, version: programVersion() });
    }
    if (output === "-") {
      await io.write(text);
      return { kind: "streamed", ...told };
    }
    const written = await writeDocument({ hashBytes: sha256Bytes }, output, text);
    if (flags.text("open") === "yes") {
      const why = await openPage(written.path);
      if (why !== null) io.warn(`could not open ${written.path}: ${why}`);
    }
    const [file] = written.files;
    if (file === undefined) return { kind: "failed", failure: failureOf("IO", "nothing was written", "onetape doctor") };
    const { unchanged } = written;
    const path = shown(written.path);
    return {
      kind: "done",
      json: { schema: "onetape.session-report-file/1", format, path, sha256: file.sha256, bytes: file.bytes, unchanged },
      human: () => `${unchanged ? "unchanged: " : "wrote "}${io.out.bold(path)}, ${grouped(Math.ceil(file.bytes / 1024))} KB\n`,
      ...told,
    };
  });
}

async function absent({ name, requests }: RiskSession, request: string | null): Promise<Failure> {
  if (requests.length === 0) return failureOf("NOT_FOUND", `nothing was asked of ${name} yet`, `onetape session compute ${name}`);
  const ids = requests.map(({ command_id }) => command_id);
  return failureOf("NOT_FOUND", `${name} was not asked ${request ?? ""}`, `onetape session show ${name}`, {
    field: "--request",
    value: request ?? "",
    expected: `one of ${ids.slice(-5).join(", ")}`,
  });
}
