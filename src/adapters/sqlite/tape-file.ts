import type { Sha256BytesFn, Sha256Fn } from "../../core/tape/hash.js";
import type { ChainThreads } from "../event-store/chain-threads.js";
import { loadSqliteDriver } from "./load-sqlite-driver.js";
import { SqliteEventStore } from "./sqlite-event-store.js";

/** A single file that holds one log, under whatever name it has: what a converted or copied tape is. */
export interface TapeFile {
  readonly log: string;
  readonly store: SqliteEventStore;
}

/** @returns null where the file holds no log, or more than one. */
export async function openTapeFile(
  path: string,
  hashes: { readonly sha256: Sha256Fn; readonly sha256Bytes: Sha256BytesFn },
  threads: ChainThreads | undefined,
): Promise<TapeFile | null> {
  const log = await logIn(path);
  if (log === null) return null;
  return { log, store: new SqliteEventStore({ ...hashes, files: { pathOf: () => path, list: () => [log] }, now: Date.now, threads }) };
}

async function logIn(path: string): Promise<string | null> {
  const driver = await loadSqliteDriver();
  try {
    const connection = driver.open(path);
    try {
      const rows = connection.prepare("SELECT log_id FROM log_head LIMIT 2").all([]);
      const name = rows[0]?.[0];
      return rows.length === 1 && typeof name === "string" ? name : null;
    } finally {
      connection.close();
    }
  } catch {
    // No database, or one without our tables: whatever it is, it is no tape.
    return null;
  }
}
