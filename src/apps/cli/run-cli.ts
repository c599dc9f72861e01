import { resolveSettings } from "../../adapters/config/workspace-settings.js";
import { makeStyle } from "../../adapters/terminal/style.js";
import type { CommandResult, JsonDocument } from "./command.js";
import { program } from "./command-table.js";
import { EXIT, type Failure, failure, failureDocument, unexpected } from "./failure.js";
import { readFlags } from "./flag-values.js";
import { drainTo, type Io, processIo } from "./io.js";
import { parseCommandLine } from "./program.js";
import { helpDocument, helpFor } from "./program-help.js";
import { renderFailure } from "./render-failure.js";
import { listenForSignals } from "./signals.js";
import { statedSettings } from "./stated-settings.js";
import { programVersion } from "./version.js";

/** Runs one command line in this process. @returns the exit code, after everything was written. */
export async function runCli(argv: readonly string[]): Promise<number> {
  const parsed = parseCommandLine(argv, program);
  // What was asked for decides how its own refusal is told.
  const asked = (flag: string): boolean => argv.includes(flag);
  if (parsed.kind === "invalid")
    return refuse(parsed.failure, plainIo(asked("--json"), asked("--verbose") || asked("-v"), asked("--no-color")));
  const { values, violations } = readFlags(parsed.given);
  const early = plainIo(values.on("json"), values.on("verbose"), values.on("no-color"));
  if (violations.length > 0)
    return refuse(failure("USAGE", violations, helpLine(parsed.kind === "command" ? parsed.spec.path : [])), early);
  const resolved = await resolveSettings(statedSettings(values), process.env, process.cwd());
  if (resolved.kind === "invalid") return refuse(failure("SETTINGS_INVALID", resolved.violations), early);
  const { settings } = resolved;
  const io = processIo({
    json: early.json,
    quiet: settings.quiet,
    verbose: early.verbose,
    noInput: values.on("no-input"),
    color: settings.color,
  });
  if (parsed.kind === "version") return print(io, { schema: "onetape.version/1", version: programVersion() }, `${programVersion()}\n`);
  if (parsed.kind === "help") return printHelp(io, parsed.path);
  // Nothing of it is loaded while it is off.
  const observing =
    settings.telemetry === "off"
      ? null
      : await (await import("./observe-command.js")).observeCommand(parsed.spec, settings.telemetry, process.env);
  if (observing?.kind === "invalid") return refuse(failure("SETTINGS_INVALID", observing.violations), io);
  const interruption = listenForSignals((text) => io.warn(text));
  let result: CommandResult;
  try {
    const { run } = await parsed.spec.load();
    result = await run({ program, args: parsed.args, flags: values, io, settings, signal: interruption.signal });
  } catch (error) {
    // A use case that a signal stops rejects with the signal's reason, and leaves everything as it was.
    result = interruption.signal.aborted
      ? { kind: "aborted", kept: "stopped: nothing was changed", json: { schema: "onetape.aborted/1", status: "aborted" } }
      : { kind: "failed", failure: unexpected(error) };
  }
  const told = await report(io, result);
  const lost = (await observing?.close(interruption.exit() ?? told, result.kind)) ?? null;
  if (lost !== null) io.warn(`telemetry was not handed over in full: ${lost}`);
  interruption.release();
  return interruption.exit() ?? told;
}

function plainIo(json: boolean, verbose: boolean, noColor: boolean): Io {
  return processIo({ json, quiet: false, verbose, noInput: true, color: noColor ? "never" : "auto" });
}

async function report(io: Io, result: CommandResult): Promise<number> {
  switch (result.kind) {
    case "failed":
      return refuse(result.failure, io);
    case "aborted":
      if (io.json) await io.write(`${JSON.stringify(result.json)}\n`);
      io.warn(result.kept);
      return EXIT.failure;
    case "streamed":
      if (result.problem !== undefined) io.warn(renderFailure(result.problem, io.err, io.verbose));
      return result.problem?.exit ?? EXIT.ok;
    case "done": {
      const { problem } = result;
      if (io.json) await io.write(`${JSON.stringify(withProblem(result.json, problem))}\n`);
      else await io.write(await result.human());
      if (problem !== undefined) io.warn(renderFailure(problem, io.err, io.verbose));
      else if (result.next !== undefined && !io.json) io.note(nextLines(result.next, io));
      return problem?.exit ?? EXIT.ok;
    }
  }
}

function withProblem(document: JsonDocument, problem: Failure | undefined): JsonDocument {
  if (problem === undefined) return document;
  const { category, code, message, details, next } = problem;
  return { ...document, error: { category, code, message, details, next } };
}

function nextLines(commands: readonly string[], io: Io): string {
  return commands.map((line, index) => `${io.err.dim(index === 0 ? "next:" : "     ")} ${line}`).join("\n");
}

/** A failure goes to stdout as a document for programs, and to stderr for people. */
async function refuse(problem: Failure, io: Io): Promise<number> {
  if (io.json) await io.write(`${JSON.stringify(failureDocument(problem))}\n`);
  if (!io.json || io.verbose) io.warn(renderFailure(problem, io.err, io.verbose));
  return problem.exit;
}

async function print(io: Io, document: JsonDocument, text: string): Promise<number> {
  await io.write(io.json ? `${JSON.stringify(document)}\n` : text);
  return EXIT.ok;
}

function helpLine(path: readonly string[]): string {
  return ["onetape", ...path, "--help"].join(" ");
}

async function printHelp(io: Io, path: readonly string[]): Promise<number> {
  return print(io, helpDocument(program, path), helpFor(program, path, io.out));
}

/** Tells a bug that broke the program itself. */
export async function reportCrash(error: unknown): Promise<number> {
  const problem = unexpected(error);
  await drainTo(process.stderr, `${renderFailure(problem, makeStyle(false), process.argv.includes("--verbose"))}\n`);
  return problem.exit;
}
