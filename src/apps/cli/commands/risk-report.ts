import { join } from "node:path";
import { loadScenarios } from "../../../adapters/config/load-scenarios.js";
import { readTextFile } from "../../../adapters/config/read-text-file.js";
import { sha256, sha256Bytes } from "../../../adapters/node-hash/sha256.js";
import { readLimits } from "../../../adapters/risk-files/read-limits.js";
import { readPositions } from "../../../adapters/risk-files/read-positions.js";
import { grouped } from "../../../core/numeric/grouped.js";
import type { Violation } from "../../../core/quality/violation.js";
import type { BookRisk } from "../../../core/risk/report/book-risk.js";
import type { Before } from "../../../core/risk/report/explained-change.js";
import { type RiskReport, riskReport } from "../../../core/risk/report/risk-report.js";
import { BACKTEST_WINDOW } from "../../../core/risk/report/rolling-backtest.js";
import { DEFAULT_TAIL_PARAMETERS, TAIL_METHODS, type TailMethod } from "../../../core/risk/report/tail-methods.js";
import { writeDocument } from "../../../usecases/write-report.js";
import type { CommandResult, FlagValues, Invocation } from "../command.js";
import { riskPageRenderer } from "../compose-risk-report.js";
import { failure, failureOf } from "../failure.js";
import { missingPositions } from "../missing-positions.js";
import { openPage } from "../open-page.js";
import { type RiskInputs, riskInputs } from "../risk-inputs.js";
import { programVersion } from "../version.js";
import { shown } from "./report.js";

const HELP = "onetape risk report --help";
const FORMATS = ["html", "json"] as const;

export async function run(invocation: Invocation): Promise<CommandResult> {
  const { flags, io } = invocation;
  const output = flags.text("output");
  const format = FORMATS.find((name) => name === (flags.text("format") ?? (output?.endsWith(".json") === true ? "json" : "html")));
  const violations: Violation[] = [];
  const usage = (message: string, field: string, expected: string) => violations.push({ code: "USAGE", message, field, expected });
  if (format === undefined) usage("a risk report has no such format", "--format", "html or json");
  if (output === "-" && io.json) usage("--json tells about a report in a file; on stdout is the report itself", "--output", "a file");
  if (flags.text("open") === "yes" && (format !== "html" || output === "-"))
    usage("only a page in a file can be opened", "--open", "--format html");
  const [scenarioFile, limitFile] = [flags.text("scenarios"), flags.text("limits")];
  const scenarios = scenarioFile === undefined ? null : await loadScenarios(scenarioFile);
  const limits = limitFile === undefined ? null : await readLimits(limitFile, sha256Bytes);
  const wrongFiles = [
    ...(scenarios?.kind === "invalid" ? scenarios.violations : []),
    ...(limits?.kind === "invalid" ? limits.violations : []),
  ];
  const read = await riskInputs(invocation, HELP);
  if (read.kind === "failed")
    return { kind: "failed", failure: { ...read.failure, details: [...violations, ...read.failure.details, ...wrongFiles] } };
  if (violations.length > 0 || format === undefined)
    return { kind: "failed", failure: failure("USAGE", [...violations, ...wrongFiles], HELP) };
  if (wrongFiles.length > 0) return { kind: "failed", failure: failure("DATA_INVALID", wrongFiles, HELP) };
  const { book, files, placed, method, confidence, horizon_days, earlier } = read.inputs;
  const before = await beforeOf(flags, book, method, earlier);
  if ("failed" in before) return { kind: "failed", failure: beforeFailure(before.failed(placed)) };
  const remarks = await remarksOf(flags);
  if ("violation" in remarks) return { kind: "failed", failure: failure("DATA_INVALID", [remarks.violation], HELP) };
  const terms = {
    method,
    confidence,
    horizon_days,
    parameters: DEFAULT_TAIL_PARAMETERS,
    window: flags.number("window") ?? BACKTEST_WINDOW,
    scenarios: scenarios?.kind === "loaded" ? scenarios.scenarios : null,
    limits: limits?.kind === "read" ? limits.limits : null,
    remarks: remarks.lines,
    ...(before.before === null ? {} : { before: before.before }),
  };
  const made = riskReport(book, terms, sha256);
  if (!made.ok) return { kind: "failed", failure: failure("DATA_INVALID", made.errors.map(placed), HELP) };
  const report: RiskReport = made.value;
  const origin = {
    files: { ...files, ...(limits?.kind === "read" ? { limits: { sha256: limits.sha256 } } : {}) },
    version: programVersion(),
  };
  const text =
    format === "html"
      ? await riskPageRenderer.page(report, origin)
      : `${JSON.stringify({ schema: "onetape.risk-report/1", ...report, origin })}\n`;
  const problem =
    report.valuation.excluded.length > 0 && report.basis.totals === "whole"
      ? missingPositions(report.valuation.positions, placed, invocation)
      : null;
  if (output === "-") {
    await io.write(text);
    return { kind: "streamed", ...(problem === null ? {} : { problem }) };
  }
  const written = await writeDocument({ hashBytes: sha256Bytes }, output ?? join(process.cwd(), `risk-report.${format}`), text);
  if (flags.text("open") === "yes") {
    const why = await openPage(written.path);
    if (why !== null) io.warn(`could not open ${written.path}: ${why}`);
  }
  const [file] = written.files;
  if (file === undefined) return { kind: "failed", failure: failureOf("IO", "nothing was written", "onetape doctor") };
  return {
    kind: "done",
    json: {
      schema: "onetape.risk-report-file/1",
      format,
      path: shown(written.path),
      sha256: file.sha256,
      bytes: file.bytes,
      unchanged: written.unchanged,
    },
    human: () =>
      `${written.unchanged ? "unchanged: " : "wrote "}${io.out.bold(shown(written.path))}, ${grouped(Math.ceil(file.bytes / 1024))} KB\n`,
    ...(problem === null ? {} : { problem }),
  };
}

type BeforeRead = { readonly before: Before | null } | { readonly failed: (placed: RiskInputs["placed"]) => readonly Violation[] };

/** The report that `--since` compares with. */
async function beforeOf(flags: FlagValues, now: BookRisk, method: TailMethod, earlier: RiskInputs["earlier"]): Promise<BeforeRead> {
  const [day, file] = [flags.text("since"), flags.text("previous-positions")];
  const usage = (message: string, field: string, expected: string): BeforeRead => ({
    failed: () => [{ code: "USAGE", message, field, ...(day === undefined ? {} : { value: day }), expected }],
  });
  if (day === undefined) {
    const alone = (["previous-positions", "previous-method"] as const).find((flag) => flags.text(flag) !== undefined);
    return alone === undefined ? { before: null } : usage(`--${alone} needs the day that it is of`, "--since", "a day of the prices");
  }
  const { days } = now.history;
  if (!days.slice(1, -1).includes(day))
    return usage("there is no such day between the first and the last of the prices", "--since", `a day as ${days.at(-2) ?? ""}`);
  const held = file === undefined ? null : await readPositions(file, sha256Bytes);
  if (held?.kind === "invalid") return { failed: () => held.violations };
  const made = earlier(day, held?.kind === "read" ? held.positions : null);
  if (!made.ok) return { failed: (placed) => made.errors.map(placed) };
  const before_method = TAIL_METHODS.find((name) => name === flags.text("previous-method")) ?? method;
  return { before: { book: made.value, method: before_method } };
}

async function remarksOf(flags: FlagValues): Promise<{ readonly lines: readonly string[] } | { readonly violation: Violation }> {
  const file = flags.text("notes");
  if (file === undefined) return { lines: [] };
  const read = await readTextFile(file);
  if (read.kind !== "read") return { violation: read.violation };
  return {
    lines: read.text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== ""),
  };
}

function beforeFailure(violations: readonly Violation[]): ReturnType<typeof failure> {
  return failure(violations[0]?.code === "USAGE" ? "USAGE" : "DATA_INVALID", violations, HELP);
}
