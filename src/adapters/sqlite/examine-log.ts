import { existsSync } from "node:fs";
import type { Finding } from "../../ports/finding.js";
import { BackendFailure } from "../event-store/log-backend.js";
import { loadSqliteDriver } from "./load-sqlite-driver.js";
import { anchorPathOf } from "./log-files.js";
import { readSchema, STORE_VERSION, TRIGGER_NAMES } from "./sqlite-schema.js";

/** What of a log's file its safety relies on: version, journal, triggers, the anchors beside it. Changes nothing. */
export async function examineLogFile(log: string, path: string): Promise<readonly Finding[]> {
  const driver = await loadSqliteDriver();
  const say = (what: string, status: Finding["status"], found: string, next: string): Finding => ({
    check: `${what} of ${log}`,
    status,
    found,
    next,
  });
  try {
    const connection = driver.open(path);
    try {
      connection.exec("PRAGMA query_only = ON");
      const state = readSchema(connection);
      const version = state.kind === "version" ? state.version : null;
      const journal = String(connection.prepare("PRAGMA journal_mode").all([])[0]?.[0]);
      const there = connection
        .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        .all([])
        .map(([name]) => String(name));
      const missing = TRIGGER_NAMES.filter((name) => !there.includes(name));
      return [
        version === STORE_VERSION
          ? say("version", "ok", `store version ${version}`, "")
          : say(
              "version",
              "failed",
              `store version ${version ?? "unknown"}, this Onetape knows ${STORE_VERSION}`,
              "use the Onetape that wrote it",
            ),
        journal === "wal"
          ? say("journal", "ok", "write-ahead log, flushed at each durable commit (synchronous = FULL)", "")
          : say(
              "journal",
              "warning",
              `journal mode ${journal}: durable when the log is closed, not at each commit`,
              "the next writer of a durable log sets it",
            ),
        missing.length === 0
          ? say("triggers", "ok", `all ${TRIGGER_NAMES.length} that refuse changes are there`, "")
          : say(
              "triggers",
              "failed",
              `missing: ${missing.join(", ")}`,
              "onetape store verify --level 3; where the log holds, export it and import it again",
            ),
        existsSync(anchorPathOf(path))
          ? say("anchors", "ok", "beside the log", "")
          : say(
              "anchors",
              "failed",
              `${anchorPathOf(path)} is missing`,
              "find out who removed it, and compare with published anchors: onetape store verify --anchors FILE",
            ),
      ];
    } finally {
      connection.close();
    }
  } catch (error) {
    if (!(error instanceof BackendFailure)) throw error;
    return [say("file", "failed", error.message, "onetape store restore --help")];
  }
}
