import { systemClock } from "../../adapters/clock/system-clock.js";
import { sha256, sha256Bytes } from "../../adapters/node-hash/sha256.js";
import { logFilesIn } from "../../adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../adapters/sqlite/sqlite-event-store.js";
import type { EventStore } from "../../ports/event-store.js";
import { pacedBy, UNPACED } from "../../usecases/pace.js";
import type { PaperPorts } from "../../usecases/paper-session.js";
import { workspacePaths } from "../../usecases/workspace.js";
import { postgresStore, type WorkspaceChoice } from "../library/event-stores.js";
import { openWorkspacePorts } from "../library/workspace.js";

/** The tapes of a workspace's sessions: a file each, or logs of its database. */
export function sessionTapes({ home, store }: WorkspaceChoice): EventStore {
  if (store === "postgres") return postgresStore(process.env);
  return new SqliteEventStore({ files: logFilesIn(workspacePaths(home).sessions), sha256, sha256Bytes, now: Date.now });
}

/** Gives work the ports of this machine's paper sessions, and releases them afterwards. @param speed null delivers as fast as bars are taken. */
export async function withPaperPorts<T>(
  workspace: WorkspaceChoice,
  speed: number | null,
  work: (ports: PaperPorts) => Promise<T>,
): Promise<T> {
  const opened = openWorkspacePorts(workspace);
  const sessions = sessionTapes(workspace);
  const pace = speed === null ? UNPACED : pacedBy(speed, systemClock);
  try {
    return await work({ ...opened.backtests, sessions, workspace: opened.data.store, pace, clock: systemClock });
  } finally {
    await sessions.close();
    await opened.close();
  }
}
