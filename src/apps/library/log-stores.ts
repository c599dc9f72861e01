import { systemClock } from "../../adapters/clock/system-clock.js";
import { sha256, sha256Bytes } from "../../adapters/node-hash/sha256.js";
import { logFilesIn } from "../../adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../adapters/sqlite/sqlite-event-store.js";
import { workspacePaths } from "../../usecases/workspace.js";
import type { LogStores } from "../../usecases/workspace-logs.js";
import { anchoredStore, anchorsFrom } from "./anchored-store.js";
import { chainThreads } from "./chain-threads.js";
import { postgresStore, type WorkspaceChoice } from "./event-stores.js";
import { observed } from "./telemetry.js";

/**
 * The stores of a workspace's logs: a file for each log, or one database for all.
 *
 * @param environment names the database, and the anchors that writers publish where the choice says nothing of them.
 * @throws {StoreNotNamed}
 */
export function openLogStores(
  { home, store: kind, anchors }: WorkspaceChoice,
  environment: NodeJS.ProcessEnv = process.env,
): LogStores & { close(): Promise<void> } {
  const published = anchors ?? anchorsFrom(environment);
  if (kind === "postgres") {
    const database = anchoredStore(observed(postgresStore(environment), "postgresql"), published);
    return { store: database, sessions: database, close: () => database.close() };
  }
  const paths = workspacePaths(home);
  const open = (folder: string): SqliteEventStore =>
    anchoredStore(
      observed(
        new SqliteEventStore({ files: logFilesIn(folder), sha256, sha256Bytes, now: systemClock.now, threads: chainThreads }),
        "sqlite",
      ),
      published,
    );
  const [store, sessions] = [open(paths.store), open(paths.sessions)];
  return {
    store,
    sessions,
    close: async () => {
      await store.close();
      await sessions.close();
    },
  };
}
