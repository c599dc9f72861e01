import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { postgresTarget } from "../../src/adapters/postgres/postgres-dsn.js";
import type { PostgresEventStoreOptions } from "../../src/adapters/postgres/postgres-event-store.js";
import { PostgresEventStore } from "../../src/adapters/postgres/postgres-event-store.js";
import { MONDAY } from "./tape-fixture.js";

/** A store over the database of a connection string. */
export function postgresStore(dsn: string, changes: Partial<PostgresEventStoreOptions> = {}): PostgresEventStore {
  return new PostgresEventStore({ target: postgresTarget(dsn), sha256, sha256Bytes, now: () => MONDAY, ...changes });
}

/** What an administrator says to a database, rows as arrays of whatever the driver makes of them. */
export async function administer(dsn: string, ...statements: readonly string[]): Promise<readonly unknown[][]> {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: dsn });
  await client.connect();
  try {
    let rows: unknown[][] = [];
    for (const text of statements) rows = (await client.query<unknown[]>({ text, rowMode: "array" })).rows;
    return rows;
  } finally {
    await client.end();
  }
}

let databases = 0;

/** A database of its own, empty. @param dsnOf connection strings of the server. */
export async function emptyDatabase(dsnOf: (database: string) => string, name: string = "t"): Promise<string> {
  databases += 1;
  const database = `onetape_${name}_${process.pid}_${Date.now().toString(36)}_${databases}`;
  await administer(dsnOf("postgres"), `CREATE DATABASE ${database}`);
  return dsnOf(database);
}

/** A database of its own with Onetape's tables. */
export async function newDatabase(dsnOf: (database: string) => string, name?: string): Promise<string> {
  const dsn = await emptyDatabase(dsnOf, name);
  const store = postgresStore(dsn);
  await store.migrate();
  await store.close();
  return dsn;
}

/** Empties the tables behind the triggers' back: sooner done than a new database, or TRUNCATE, which makes new files. */
export async function clearDatabase(dsn: string): Promise<void> {
  const logs = ["events", "segments", "anchors", "log_head", "snapshots", "checkpoints", "outbox"];
  const tables = [...logs, "snapshot_history", "projections", "projection_builds", "projection_parked", "log_imports"];
  await administer(dsn, `SET session_replication_role = replica; ${tables.map((table) => `DELETE FROM ${table}`).join("; ")}`);
}
