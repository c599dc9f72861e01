import { join, resolve } from "node:path";
import { ndjsonLogFiles } from "../../../adapters/log-file/ndjson-log-files.js";
import { sha256 } from "../../../adapters/node-hash/sha256.js";
import { fileSha256 } from "../../../adapters/objects/file-object-store.js";
import { counted, grouped } from "../../../core/numeric/grouped.js";
import { restoreLogs, unitOf } from "../../../usecases/backup-logs.js";
import type { CommandResult, Invocation } from "../command.js";
import { failureOf } from "../failure.js";
import { withLogStores } from "../with-logs.js";
import { importFailure } from "./store-import.js";

export function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags, io, signal } = invocation;
  const folder = resolve(args[0] ?? "");
  return withLogStores(invocation, async (stores) => {
    const progress = io.progress("restore", "events");
    const onProgress = (log: string, done: number, total: number): void =>
      progress.update({ done, total, at: null, phase: { label: log, unit: unitOf(log) } });
    const accept_loss = flags.on("accept-loss");
    const outcome = await restoreLogs({
      ...{ stores, folder, files: ndjsonLogFiles, hash: sha256, accept_loss, onProgress, signal },
      workspace: { home: invocation.settings.home, digest: fileSha256 },
    }).finally(() => progress.end());
    if (outcome.kind === "aborted") {
      const kept = "stopped while files were copied; the same command goes on";
      return { kind: "aborted", kept, json: { schema: "onetape.store-restore/1", folder, restored: false } };
    }
    if (outcome.kind === "bad_file") {
      const rest = { field: outcome.path, value: folder };
      return {
        kind: "failed",
        failure: failureOf("VERIFICATION_FAILED", `${outcome.path}: ${outcome.cause}`, "another backup, or another --home", rest),
      };
    }
    if (outcome.kind === "no_backup")
      return {
        kind: "failed",
        failure: failureOf("NOT_FOUND", outcome.why, "onetape store backup FOLDER", { field: "FOLDER", value: folder }),
      };
    const { list, items } = outcome;
    const last = items.at(-1)?.outcome;
    if (outcome.kind === "stopped" && last !== undefined && last.kind !== "imported" && last.kind !== "present") {
      if (last.kind !== "aborted")
        return { kind: "failed", failure: importFailure(last, join(folder, list.logs[items.length - 1]?.file ?? "")) };
      const kept = `stopped after ${items.length - 1} of ${list.logs.length} logs; the same command goes on`;
      return { kind: "aborted", kept, json: { schema: "onetape.store-restore/1", folder, restored: false } };
    }
    const present = items.filter((item) => item.outcome.kind === "present").length;
    const events = list.logs.reduce((sum, { head }) => sum + head.position, 0);
    const told = items.map(({ log, outcome: came }) => ({ log, outcome: came.kind, ...("head" in came ? { head: came.head } : {}) }));
    const taken = new Date(list.taken_at).toISOString();
    const there = present === 0 ? "" : `, of which ${grouped(present)} were there already`;
    const files = outcome.kind === "restored" ? outcome.files : null;
    const copied = files === null ? "" : `, ${counted(files.copied, "file")} copied, ${grouped(files.present)} there already`;
    return {
      kind: "done",
      json: { schema: "onetape.store-restore/1", folder, restored: true, taken_at: taken, items: told, files },
      human: () => `restored ${counted(items.length, "log")} with ${counted(events, "event")}, as of ${taken}${there}${copied}\n`,
      next: ["onetape store verify --level 3", "onetape projections list"],
    };
  });
}
