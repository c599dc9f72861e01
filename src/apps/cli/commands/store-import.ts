import { resolve } from "node:path";
import { ndjsonLogFiles } from "../../../adapters/log-file/ndjson-log-files.js";
import { sha256 } from "../../../adapters/node-hash/sha256.js";
import { grouped } from "../../../core/numeric/grouped.js";
import type { LogLayout } from "../../../ports/event-store.js";
import { type ImportLogOutcome, importLogFile } from "../../../usecases/import-log.js";
import { placeOf } from "../../../usecases/workspace-logs.js";
import type { CommandResult, Invocation } from "../command.js";
import { type Failure, failureOf } from "../failure.js";
import { withLogStores } from "../with-logs.js";

export async function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags, io, signal } = invocation;
  const path = resolve(args[0] ?? "");
  const file = await ndjsonLogFiles.read(path);
  if ("code" in file) {
    const next = file.code === "LOG_FILE_PARTIAL" ? "onetape store export" : "onetape store import --help";
    return {
      kind: "failed",
      failure: failureOf("DATA_INVALID", file.message, next, { file: path, ...(file.line === 0 ? {} : { line: file.line }) }),
    };
  }
  return withLogStores(invocation, async (stores) => {
    const { log } = file.header;
    const progress = io.progress(`import ${log}`, "events");
    const layout = layoutOf(flags.text("layout"));
    const outcome = await importLogFile({
      file,
      store: stores[placeOf(log)],
      ...(layout === null ? {} : { layout }),
      accept_loss: flags.on("accept-loss"),
      hash: sha256,
      onProgress: (phase, done, total) => progress.update({ done, total, at: null, phase: { label: phase, unit: "events" } }),
      signal,
    }).finally(() => progress.end());
    if (outcome.kind === "aborted") {
      const kept = `stopped: nobody sees ${log} before it is whole; the same command goes on with it`;
      return { kind: "aborted", kept, json: { schema: "onetape.store-import/1", log, imported: false } };
    }
    if (outcome.kind !== "imported" && outcome.kind !== "present") return { kind: "failed", failure: importFailure(outcome, path) };
    const { head } = outcome;
    const imported = outcome.kind === "imported";
    const told = imported ? `imported ${io.out.bold(log)}` : `${io.out.bold(log)} is there already, the same to its head`;
    return {
      kind: "done",
      json: { schema: "onetape.store-import/1", log, imported, present: !imported, head },
      human: () => `${told}: ${grouped(head.position)} events, verified, head ${head.hash.slice(0, 16)}\n`,
      next: [`onetape store verify ${log} --level 3`],
    };
  });
}

function layoutOf(text: string | undefined): LogLayout | null {
  return text === "rows" || text === "segments" ? text : null;
}

/** What kept a file from being taken over, and what to do about it. */
export function importFailure(
  outcome: Exclude<ImportLogOutcome, { readonly kind: "imported" | "present" | "aborted" }>,
  path: string,
): Failure {
  switch (outcome.kind) {
    case "file_fault": {
      const { message, line } = outcome.fault;
      return failureOf("DATA_INVALID", `${message}; nothing was imported`, null, { file: path, ...(line === 0 ? {} : { line }) });
    }
    case "damaged": {
      const message = `position ${outcome.position} of ${outcome.log}: ${outcome.cause}; nothing was imported`;
      return failureOf("VERIFICATION_FAILED", message, null, { file: path, field: outcome.log });
    }
    case "exists": {
      const { log, head, file_head } = outcome;
      const message = `there is a log ${log} already, which ends at position ${head.position} with another hash than the file, which ends at ${file_head.position}`;
      const expected = "a workspace without the log: another --home, or another database";
      return failureOf("USAGE", message, `onetape store head ${log}`, { field: log, value: head.hash, expected });
    }
    case "older_than_anchors":
      return olderThanAnchors(outcome);
    case "unavailable":
      return failureOf("STORE_UNAVAILABLE", outcome.cause, "onetape store doctor");
  }
}

function olderThanAnchors({ log, head, anchor }: Extract<ImportLogOutcome, { kind: "older_than_anchors" }>): Failure {
  const what =
    anchor.position > head.position
      ? `${log} ends here at position ${head.position}, and an anchor was published at ${anchor.position}: ${anchor.position - head.position} events are missing`
      : `${log} has another history here: its anchor at position ${anchor.position} has another hash`;
  const next = "find a newer copy, or the same command with --accept-loss, which keeps the anchors beside";
  return failureOf("VERIFICATION_FAILED", what, next, { field: log, value: head.hash, expected: anchor.hash });
}
