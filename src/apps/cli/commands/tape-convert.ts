import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { sha256, sha256Bytes } from "../../../adapters/node-hash/sha256.js";
import { anchorPathOf, type LogFiles } from "../../../adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../../adapters/sqlite/sqlite-event-store.js";
import { runCatalogue } from "../../../core/engine/run-event-schemas.js";
import { grouped } from "../../../core/numeric/grouped.js";
import type { LogLayout, LogSession } from "../../../ports/event-store.js";
import { openTape } from "../../../usecases/compare-runs.js";
import { convertLog } from "../../../usecases/convert-log.js";
import { chainThreads } from "../../library/chain-threads.js";
import type { CommandResult, Invocation } from "../command.js";
import { runPorts } from "../compose-runs.js";
import { failureOf } from "../failure.js";
import { findRun } from "../find-run.js";

export async function run({ args, flags, io, settings }: Invocation): Promise<CommandResult> {
  const layout = flags.text("layout");
  const output = flags.text("output");
  if (layout !== "rows" && layout !== "segments") return usage("--layout", "rows or segments");
  if (output === undefined || output === "-") return usage("--output", "a file for the converted log");
  if (existsSync(output)) {
    return {
      kind: "failed",
      failure: failureOf("USAGE", `${output} exists already`, "the same command with another --output", {
        field: "--output",
        value: output,
        expected: "a name that is free",
      }),
    };
  }
  const ports = runPorts(settings.home);
  const found = await findRun(ports.runs, args[0] ?? "");
  if (found.kind === "failed") return found;
  const store = ports.tapes(found.run.dir);
  try {
    const opened = await openTape(store, found.run.manifest.tape.log);
    if (opened.session === null) return broken(found.run.name, opened.why);
    return await convert(opened.session, layout, output, found.run.name, io);
  } finally {
    await store.close();
  }
}

function usage(flag: string, expected: string): CommandResult {
  return { kind: "failed", failure: failureOf("USAGE", `${flag} is missing`, "onetape tape convert --help", { field: flag, expected }) };
}

function broken(name: string, why: string): CommandResult {
  return {
    kind: "failed",
    failure: failureOf("STORE_UNAVAILABLE", `the tape of ${name} cannot be read: ${why}`, `onetape verify ${name}`, { field: name }),
  };
}

/** Writes under a temporary name, verifies the copy as a whole, and only then gives it the name that was asked for. */
async function convert(from: LogSession, layout: LogLayout, output: string, name: string, io: Invocation["io"]): Promise<CommandResult> {
  await mkdir(dirname(output), { recursive: true });
  const partial = `${output}.${process.pid}.part.db`;
  const files: LogFiles = { pathOf: () => partial, list: () => (existsSync(partial) ? [from.log] : []) };
  const to = new SqliteEventStore({ files, sha256, sha256Bytes, now: Date.now, threads: chainThreads });
  try {
    const outcome = await convertLog(from, to, { catalogue: runCatalogue, layout });
    if (outcome.kind !== "imported") return broken(name, "cause" in outcome ? outcome.cause : outcome.kind);
    const opened = await openTape(to, from.log);
    if (opened.session === null) return broken(name, opened.why);
    const head = from.head();
    const report = await opened.session.verify("L2");
    if (report.failure !== null || report.head.hash !== head.hash) {
      return {
        kind: "failed",
        failure: failureOf(
          "VERIFICATION_FAILED",
          `the converted log is not the original: ${report.failure?.message ?? "another head"}`,
          `onetape verify ${name}`,
          { field: name },
        ),
      };
    }
    await to.close();
    await rename(anchorPathOf(partial), anchorPathOf(output));
    await rename(partial, output);
    return {
      kind: "done",
      json: {
        schema: "onetape.tape-convert/1",
        run: name,
        layout,
        output,
        anchors: anchorPathOf(output),
        events: report.events,
        head_position: head.position,
        head_hash: head.hash,
      },
      human: () =>
        `wrote ${io.out.bold(output)}: ${grouped(report.events)} events as ${layout}, verified, head ${head.hash.slice(0, 16)}\n`,
    };
  } finally {
    await to.close();
    for (const path of [partial, `${partial}-wal`, `${partial}-shm`, anchorPathOf(partial)]) await rm(path, { force: true });
  }
}
