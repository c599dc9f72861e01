import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, extname } from "node:path";
import { addAbortSignal, type Readable } from "node:stream";
import { sha256Bytes } from "../../../adapters/node-hash/sha256.js";
import { commandLines } from "../../../adapters/risk-files/command-lines.js";
import { readPositions } from "../../../adapters/risk-files/read-positions.js";
import { readQuotes } from "../../../adapters/risk-files/read-quotes.js";
import { grouped } from "../../../core/numeric/grouped.js";
import type { Violation } from "../../../core/quality/violation.js";
import type { PlacedCommand } from "../../../core/session/placed-command.js";
import { upsertCommand } from "../../../core/session/position-commands.js";
import { type IngestReport, ingestCommands } from "../../../usecases/ingest-commands.js";
import type { CommandResult, Invocation } from "../command.js";
import { refused } from "../data-refusal.js";
import { type Failure, failure } from "../failure.js";
import { atFlag, withRiskSession } from "../with-risk-session.js";

const HELP = "onetape session ingest --help";
/** Commands of one durable batch. */
const BATCH = 1_000;

export async function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags, io, signal } = invocation;
  const name = args[0] ?? "";
  const files = await filesOf(invocation);
  if (files.kind === "failed") return files;
  const { known, stream } = files;
  return withRiskSession(invocation, "write", async (session): Promise<CommandResult> => {
    const progress = io.progress(`ingest ${name}`, "commands");
    const total = stream === null ? known.length : null;
    const onProgress = (done: number): void => progress.update({ done, total, at: null });
    let report: Awaited<ReturnType<typeof ingestCommands>>;
    try {
      report = await ingestCommands(session, inBatches(known, stream, invocation), { signal, onProgress });
    } finally {
      progress.end();
    }
    if (report.kind === "refused") return { kind: "failed", failure: refused(report) };
    const { kind: _, ...told } = report;
    const json = { schema: "onetape.session-ingest/1", session: name, ...told };
    if (report.stopped) {
      const how = stream?.file === "-" ? "send the rest, or all of it again" : "the same command goes on";
      return { kind: "aborted", kept: `stopped: ${countsOf(report)}; all of it is kept, and ${how}`, json };
    }
    const problem = problemOf(report);
    return {
      kind: "done",
      json,
      human: () => `${countsOf(report)}; state ${report.state_hash.slice(0, 16)} at version ${grouped(report.state_version)}\n`,
      ...(problem === null ? {} : { problem }),
      next: [`onetape session compute ${name}${flags.text("portfolio") === undefined ? "" : ` --portfolio ${flags.text("portfolio")}`}`],
    };
  });
}

interface CommandStream {
  readonly file: string;
  readonly bytes: () => Readable;
}

type Files =
  | { readonly kind: "files"; readonly known: readonly PlacedCommand[]; readonly stream: CommandStream | null }
  | { readonly kind: "failed"; readonly failure: Failure };

/** Reads what can be read at once; positions are taken whole or not at all. */
async function filesOf({ flags }: Invocation): Promise<Files> {
  const violations: Violation[] = [];
  const [positionsFile, quotesFile, commandsFile] = [flags.text("positions"), flags.text("quotes"), flags.text("commands")];
  const at = atFlag(flags, violations);
  if (positionsFile === undefined && quotesFile === undefined && commandsFile === undefined)
    violations.push({ code: "USAGE", message: "there is nothing to take in", expected: "--positions, --quotes or --commands" });
  if (positionsFile !== undefined && at === null && flags.text("at") === undefined) {
    const message = "positions have no event time";
    violations.push({
      code: "MISSING_EVENT_TS",
      message,
      field: "--at",
      expected: "since when they are held, as 2026-03-31 or 2026-03-31T09:00:00Z",
    });
  }
  const usage = violations.length > 0;
  const feed = flags.text("feed") ?? feedOf(quotesFile ?? "");
  if (!/^[A-Za-z0-9_:@+-][A-Za-z0-9._:@+-]{0,79}$/.test(feed))
    violations.push({
      code: "USAGE",
      message: `${JSON.stringify(feed)} cannot name a source`,
      field: "--feed",
      value: feed,
      expected: "1 to 80 of A-Z a-z 0-9 . _ : @ + -",
    });
  const positions = positionsFile === undefined ? null : await readPositions(positionsFile, sha256Bytes);
  const quotes = quotesFile === undefined ? null : await readQuotes(quotesFile, feed, sha256Bytes);
  for (const read of [positions, quotes]) if (read?.kind === "invalid") violations.push(...read.violations);
  if (commandsFile !== undefined && commandsFile !== "-" && !(await isFile(commandsFile)))
    violations.push({
      code: "FILE_NOT_FOUND",
      message: `${commandsFile} is no file`,
      field: "--commands",
      value: commandsFile,
      expected: "a file that exists, or - for stdin",
    });
  if (violations.length > 0) return { kind: "failed", failure: failure(usage ? "USAGE" : "DATA_INVALID", violations, HELP) };
  const portfolio = flags.text("portfolio") ?? "main";
  const held = positions?.kind === "read" ? positions : { positions: [], lines: new Map<string, number>() };
  const upserts = held.positions.map((position): PlacedCommand => {
    const command = upsertCommand(portfolio, position, at ?? 0);
    return { file: positionsFile ?? "", line: held.lines.get(position.id) ?? 0, command, unreadable: null };
  });
  const known = [...upserts, ...(quotes?.kind === "read" ? quotes.commands : [])];
  if (commandsFile === undefined) return { kind: "files", known, stream: null };
  const bytes = (): Readable => (commandsFile === "-" ? process.stdin : createReadStream(commandsFile));
  return { kind: "files", known, stream: { file: commandsFile, bytes } };
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile() || found.isFIFO(),
    () => false,
  );
}

/** A source's name from a file's. */
function feedOf(file: string): string {
  const name = basename(file, extname(file)).replace(/[^A-Za-z0-9._:@+-]/g, "-");
  return name === "" || name.startsWith(".") ? "file" : name.slice(0, 80);
}

async function* inBatches(
  known: readonly PlacedCommand[],
  stream: CommandStream | null,
  { signal }: Invocation,
): AsyncGenerator<readonly PlacedCommand[]> {
  for (let at = 0; at < known.length; at += BATCH) yield known.slice(at, at + BATCH);
  if (stream === null) return;
  const bytes = addAbortSignal(signal, stream.bytes());
  try {
    yield* commandLines(stream.file, bytes as AsyncIterable<Uint8Array>);
  } catch (error) {
    // A reader that waits for its sender is woken by the signal.
    if (!signal.aborted) throw error;
  }
}

function countsOf({ accepted, repeated, rejected }: IngestReport): string {
  const parts = [`${grouped(accepted)} taken`];
  if (repeated > 0) parts.push(`${grouped(repeated)} known before`);
  if (rejected > 0) parts.push(`${grouped(rejected)} refused`);
  return parts.join(", ");
}

/** Refusals that are told one by one. */
const TOLD = 10;

function problemOf({ accepted, repeated, rejected, codes, refused: named }: IngestReport): Failure | null {
  if (rejected === 0) return null;
  const details: Violation[] = named.slice(0, TOLD).map(({ file, line, code, message, details: faults, command_id }) => {
    const [fault] = faults;
    const values = fault === undefined ? {} : { field: fault.field, value: fault.value, expected: fault.expected };
    return { code, message: command_id === "" ? message : `${command_id}: ${message}`, file, line, ...values };
  });
  if (rejected > TOLD) {
    const counted = codes.map(({ code, count }) => `${grouped(count)} ${code}`).join(", ");
    details.push({ code: "COUNTED", message: `${grouped(rejected)} refused in all: ${counted}` });
  }
  return failure(accepted + repeated > 0 ? "PARTIAL" : "DATA_INVALID", details, HELP);
}
