import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { ndjsonLogFiles } from "../../../adapters/log-file/ndjson-log-files.js";
import { sha256 } from "../../../adapters/node-hash/sha256.js";
import { fileSha256 } from "../../../adapters/objects/file-object-store.js";
import { counted } from "../../../core/numeric/grouped.js";
import { backupListPath, backupLogs, unitOf } from "../../../usecases/backup-logs.js";
import type { CommandResult, Invocation } from "../command.js";
import { failureOf } from "../failure.js";
import { withLogStores } from "../with-logs.js";

export function run(invocation: Invocation): Promise<CommandResult> {
  const { args, io, signal } = invocation;
  const folder = resolve(args[0] ?? "");
  return withLogStores(invocation, async (stores) => {
    if (existsSync(backupListPath(folder))) {
      const where = { field: "FOLDER", value: folder, expected: "a folder without a backup" };
      return {
        kind: "failed",
        failure: failureOf("USAGE", `${folder} holds a backup already`, "the same command with another folder", where),
      };
    }
    const progress = io.progress("backup", "events");
    const onProgress = (log: string, done: number, total: number): void =>
      progress.update({ done, total, at: null, phase: { label: log, unit: unitOf(log) } });
    const outcome = await backupLogs({
      ...{ stores, folder, files: ndjsonLogFiles, hash: sha256, now: Date.now, onProgress, signal },
      workspace: { home: invocation.settings.home, digest: fileSha256 },
    }).finally(() => progress.end());
    switch (outcome.kind) {
      case "aborted":
        return {
          kind: "aborted",
          kept: `stopped at ${outcome.log}; ${folder} is no backup yet, and the same command goes on with it`,
          json: { schema: "onetape.store-backup/1", folder, taken: false },
        };
      case "failed": {
        const message = `${outcome.log} could not be backed up: ${outcome.cause}`;
        return { kind: "failed", failure: failureOf("VERIFICATION_FAILED", message, "onetape store verify", { field: outcome.log }) };
      }
      case "done": {
        const { logs, files = [] } = outcome.list;
        const events = logs.reduce((sum, { head }) => sum + head.position, 0);
        return {
          kind: "done",
          json: { ...outcome.list, schema: "onetape.store-backup/1", folder, taken: true },
          human: () =>
            `backed up ${counted(logs.length, "log")} with ${counted(events, "event")} and ${counted(files.length, "file")}, verified, to ${io.out.bold(folder)}\n`,
          next: [`onetape drill restore ${args[0] ?? ""}`],
        };
      }
    }
  });
}
