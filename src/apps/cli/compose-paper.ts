import { join } from "node:path";
import { systemClock } from "../../adapters/clock/system-clock.js";
import { sha256, sha256Bytes } from "../../adapters/node-hash/sha256.js";
import { NotificationFile } from "../../adapters/notifications/notification-file.js";
import { FileSessionInputs } from "../../adapters/objects/file-session-inputs.js";
import { PaperBroker } from "../../adapters/paper-venue/paper-broker.js";
import { logFilesIn } from "../../adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../adapters/sqlite/sqlite-event-store.js";
import type { EventStore } from "../../ports/event-store.js";
import type { SessionInputs } from "../../ports/session-inputs.js";
import { opsJournal } from "../../usecases/ops-log.js";
import { pacedBy, UNPACED } from "../../usecases/pace.js";
import type { PaperPorts } from "../../usecases/paper-session.js";
import { watchedStore } from "../../usecases/watched-store.js";
import { workspacePaths } from "../../usecases/workspace.js";
import { anchoredStore, anchorsFrom } from "../library/anchored-store.js";
import { postgresStore, type WorkspaceChoice } from "../library/event-stores.js";
import { observed } from "../library/telemetry.js";
import { openWorkspacePorts } from "../library/workspace.js";

/** The tapes of a workspace's sessions: a file each, or logs of its database. */
export function sessionTapes({ home, store, anchors = anchorsFrom(process.env) }: WorkspaceChoice): EventStore {
  if (store === "postgres") return anchoredStore(observed(postgresStore(process.env), "postgresql"), anchors);
  const files = logFilesIn(workspacePaths(home).sessions);
  return anchoredStore(observed(new SqliteEventStore({ files, sha256, sha256Bytes, now: Date.now }), "sqlite"), anchors);
}

/** What the workspace's sessions need beside their tapes. */
export function sessionInputs({ home }: Pick<WorkspaceChoice, "home">): SessionInputs {
  return new FileSessionInputs(workspacePaths(home).session_inputs);
}

/**
 * Gives work the ports of this machine's paper sessions, and releases them afterwards.
 * @param options speed: null delivers as fast as bars are taken. note: shows people what a session asks to be told.
 */
export async function withPaperPorts<T>(
  workspace: WorkspaceChoice,
  { speed, note }: { readonly speed: number | null; readonly note: (text: string) => void },
  work: (ports: PaperPorts) => Promise<T>,
): Promise<T> {
  const opened = openWorkspacePorts(workspace);
  const journal = opsJournal(opened.data.store, systemClock, sha256, ({ type }, why) => note(`the ops log did not take ${type}: ${why}`));
  const sessions = watchedStore(sessionTapes(workspace), systemClock, journal);
  const pace = speed === null ? UNPACED : pacedBy(speed, systemClock);
  const file = new NotificationFile(join(opened.home, "notifications.ndjson"), Date.now, (text) => note(`notification: ${text}`));
  // Other channels are named by policies and told of as given up.
  const notifiers = new Map([["log", file]]);
  try {
    return await work({
      ...opened.backtests,
      sessions,
      workspace: opened.data.store,
      pace,
      clock: systemClock,
      broker: new PaperBroker(),
      inputs: sessionInputs(workspace),
      notifiers,
    });
  } finally {
    await sessions.close();
    await opened.close();
  }
}
