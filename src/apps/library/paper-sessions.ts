import { join } from "node:path";
import { systemClock } from "../../adapters/clock/system-clock.js";
import { WorkerEngineHost } from "../../adapters/engine-host/worker-engine-host.js";
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
import { type PaperOutcome, type PaperPorts, type PaperRequest, runPaperSession } from "../../usecases/paper-session.js";
import { watchedStore } from "../../usecases/watched-store.js";
import { workspacePaths } from "../../usecases/workspace.js";
import { anchoredStore, anchorsFrom } from "./anchored-store.js";
import { chainThreads } from "./chain-threads.js";
import { postgresStore, type WorkspaceChoice } from "./event-stores.js";
import { engineWorkerEntry } from "./installation.js";
import { observed } from "./telemetry.js";
import type { WorkspacePorts } from "./workspace.js";

/** The tapes of a workspace's sessions: a file each, or logs of its database. */
export function sessionTapes({ home, store, anchors = anchorsFrom(process.env) }: WorkspaceChoice): EventStore {
  if (store === "postgres") return anchoredStore(observed(postgresStore(process.env), "postgresql"), anchors);
  const files = logFilesIn(workspacePaths(home).sessions);
  return anchoredStore(
    observed(new SqliteEventStore({ files, sha256, sha256Bytes, now: Date.now, threads: chainThreads }), "sqlite"),
    anchors,
  );
}

/** What the workspace's sessions need beside their tapes. */
export function sessionInputs({ home }: Pick<WorkspaceChoice, "home">): SessionInputs {
  return new FileSessionInputs(workspacePaths(home).session_inputs);
}

/** How a paper session gets its bars, and who hears what it asks to be told. */
export interface PaperManner {
  /** Recorded time passes so many times as fast as on the clock; null delivers as fast as bars are taken. */
  readonly speed: number | null;
  /** Told what people should read: notifications, and what the ops log did not take. */
  readonly note: (text: string) => void;
}

/** What runs a paper session in a workspace. */
export interface PaperOptions extends Omit<PaperRequest, "signal"> {
  /** Stops the session; the same call goes on with it. Default: nothing does, it ends with its bars. */
  readonly signal?: AbortSignal;
  readonly speed?: PaperManner["speed"];
  readonly onNote?: PaperManner["note"];
}

/** @throws {RangeError} for a speed that is not a number above 0. */
export async function runPaper(
  opened: WorkspacePorts,
  workspace: WorkspaceChoice,
  { speed = null, onNote, signal, ...request }: PaperOptions,
): Promise<PaperOutcome> {
  if (speed !== null && !(Number.isFinite(speed) && speed > 0)) throw new RangeError(`a speed is a number above 0, or null, not ${speed}`);
  return withPaperPorts(opened, workspace, { speed, note: onNote ?? (() => {}) }, (ports) =>
    runPaperSession(ports, { ...request, signal: signal ?? new AbortController().signal }),
  );
}

/** Gives work the ports of this machine's paper sessions, on an engine's thread of their own, and releases both afterwards. The workspace stays open. */
export async function withPaperPorts<T>(
  { home, data, backtests }: WorkspacePorts,
  workspace: WorkspaceChoice,
  { speed, note }: PaperManner,
  work: (ports: PaperPorts) => Promise<T>,
): Promise<T> {
  const host = new WorkerEngineHost(engineWorkerEntry());
  const journal = opsJournal(data.store, systemClock, sha256, ({ type }, why) => note(`the ops log did not take ${type}: ${why}`));
  const sessions = watchedStore(sessionTapes(workspace), systemClock, journal);
  const pace = speed === null ? UNPACED : pacedBy(speed, systemClock);
  const file = new NotificationFile(join(home, "notifications.ndjson"), Date.now, (text) => note(`notification: ${text}`));
  // Other channels are named by policies and told of as given up.
  const notifiers = new Map([["log", file]]);
  try {
    return await work({
      ...backtests,
      host,
      sessions,
      workspace: data.store,
      pace,
      clock: systemClock,
      broker: new PaperBroker(),
      inputs: sessionInputs(workspace),
      notifiers,
    });
  } finally {
    await sessions.close();
    await host.close();
  }
}
