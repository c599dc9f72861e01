import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { ndjsonLogFiles, partialPathOf } from "../../../adapters/log-file/ndjson-log-files.js";
import { sha256 } from "../../../adapters/node-hash/sha256.js";
import { grouped } from "../../../core/numeric/grouped.js";
import { exportLog } from "../../../usecases/export-log.js";
import type { CommandResult, Invocation } from "../command.js";
import { failureOf } from "../failure.js";
import { withLog } from "../with-logs.js";

export function run(invocation: Invocation): Promise<CommandResult> {
  const { flags, io, signal } = invocation;
  return withLog(invocation, async (session) => {
    const path = resolve(flags.text("output") ?? `${session.log.replaceAll("/", "~").replaceAll(":", "=")}.ndjson`);
    if (existsSync(path)) {
      const where = { field: "--output", value: path, expected: "a name that is free" };
      return { kind: "failed", failure: failureOf("USAGE", `${path} exists already`, "the same command with another --output", where) };
    }
    const progress = io.progress(`export ${session.log}`, "events");
    const onProgress = (done: number, total: number): void => progress.update({ done, total, at: null });
    const request = { session, path, files: ndjsonLogFiles, hash: sha256, onProgress, signal };
    const outcome = await exportLog(request).finally(() => progress.end());
    const { log } = session;
    switch (outcome.kind) {
      case "aborted":
        return {
          kind: "aborted",
          kept: `stopped at position ${outcome.position}; ${partialPathOf(path)} is no export yet, and the same command goes on with it`,
          json: { schema: "onetape.store-export/1", log, exported: false, position: outcome.position },
        };
      case "damaged": {
        const message = `${log} is damaged, and no file was made of it: position ${outcome.position}: ${outcome.cause}`;
        return { kind: "failed", failure: failureOf("VERIFICATION_FAILED", message, `onetape store verify ${log}`, { field: log }) };
      }
      case "exported": {
        const { head, events, bytes, sha256: digest, resumed_from } = outcome;
        const lacks = lackedBy(log);
        const resumed = resumed_from === 0 ? "" : `, gone on with from position ${grouped(resumed_from)}`;
        return {
          kind: "done",
          json: {
            schema: "onetape.store-export/1",
            log,
            exported: true,
            file: path,
            head,
            events,
            bytes,
            sha256: digest,
            resumed_from,
            lacks,
          },
          human: () =>
            `wrote ${io.out.bold(path)}: ${grouped(events)} events of ${log}${resumed}, ${grouped(bytes)} bytes, head ${head.hash.slice(0, 16)}\n${lacks.length === 0 ? "" : `replaying it elsewhere also takes its ${lacks.join(", ")}: onetape store backup carries them\n`}`,
        };
      }
    }
  });
}

/** What running a log again takes beside it. */
function lackedBy(log: string): readonly string[] {
  if (log.startsWith("run/")) return ["bars", "strategy", "config and texts"];
  return log.startsWith("session/") ? ["strategy", "texts that its config names"] : [];
}
