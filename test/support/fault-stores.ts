/** The two real stores that faults are injected into. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { loadSqliteDriver } from "../../src/adapters/sqlite/load-sqlite-driver.js";
import { anchorPathOf, logFilesIn } from "../../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../src/adapters/sqlite/sqlite-event-store.js";
import type { FaultedStore } from "./fault-record.js";
import { administer, newDatabase, postgresStore } from "./postgres-store.js";
import type { StoreWithProjections } from "./projection-fixture.js";
import { sharedServer } from "./shared-postgres.js";
import { MONDAY } from "./tape-fixture.js";

/** One empty store, as a new process sees it each time that it is opened. */
export interface StoreUnderFault {
  readonly name: FaultedStore;
  /** Of the agent; see fault-agent.child.ts. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  store(now?: () => number): StoreWithProjections;
  /** Runs SQL as somebody who may do everything, triggers and constraints set aside. */
  tamper(...sql: readonly string[]): Promise<void>;
  /** Closes every store that was handed out. */
  release(): Promise<void>;
  /** Path of the log's file; null where it is not in a file of its own. */
  readonly file: string | null;
  dispose(): Promise<void>;
}

export const bothStores: readonly { readonly name: FaultedStore; readonly make: () => Promise<StoreUnderFault> }[] = [
  { name: "SQLite", make: async () => sqliteUnderFault() },
  { name: "PostgreSQL", make: async () => postgresUnderFault(await newDatabase(await sharedServer(), "faults")) },
];

export function sqliteUnderFault(): StoreUnderFault {
  const folder = mkdtempSync(join(tmpdir(), "onetape-faults-"));
  const files = logFilesIn(join(folder, "store"));
  const open = new Set<SqliteEventStore>();
  const release = (): Promise<void> => closeAll(open);
  return {
    name: "SQLite",
    folder,
    env: {},
    file: files.pathOf("run/one"),
    store(now = () => MONDAY) {
      const store = new SqliteEventStore({ files, sha256, sha256Bytes, now });
      open.add(store);
      return store;
    },
    async tamper(...sql) {
      const connection = (await loadSqliteDriver()).open(files.pathOf("run/one"));
      const triggers = connection.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all([]);
      for (const [name] of triggers) connection.exec(`DROP TRIGGER "${String(name)}"`);
      for (const statement of sql) connection.exec(statement);
      for (const [, text] of triggers) connection.exec(String(text));
      connection.close();
    },
    release,
    async dispose() {
      await release();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function postgresUnderFault(dsn: string): StoreUnderFault {
  const folder = mkdtempSync(join(tmpdir(), "onetape-faults-pg-"));
  const open = new Set<ReturnType<typeof postgresStore>>();
  const release = (): Promise<void> => closeAll(open);
  return {
    name: "PostgreSQL",
    folder,
    // The server's connection string comes in the environment: a command line is open to everybody on the machine.
    env: { POSTGRES_DSN: dsn },
    file: null,
    store(now = () => MONDAY) {
      const store = postgresStore(dsn, { now });
      open.add(store);
      return store;
    },
    tamper: async (...sql) => {
      await administer(dsn, "SET session_replication_role = replica", ...sql);
    },
    release,
    async dispose() {
      await release();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Path of the anchor file of a log's file. */
export const anchorFileOf = (file: string): string => anchorPathOf(file);

async function closeAll(stores: Set<{ close(): Promise<void> }>): Promise<void> {
  for (const store of stores) await store.close();
  stores.clear();
}
