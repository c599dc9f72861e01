import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CalcDatabase } from "../../src/adapters/calc-rows/calc-database.js";
import { openPostgresCalcDatabase } from "../../src/adapters/calc-rows/postgres-calc-database.js";
import { RowFiles } from "../../src/adapters/calc-rows/row-files.js";
import { openSqliteCalcDatabase } from "../../src/adapters/calc-rows/sqlite-calc-database.js";
import { StoredCalcStore } from "../../src/adapters/calc-rows/stored-calc-store.js";
import { FileObjectStore } from "../../src/adapters/objects/file-object-store.js";
import { postgresTarget } from "../../src/adapters/postgres/postgres-dsn.js";

export interface OpenedCalcStore {
  readonly store: StoredCalcStore;
  readonly database: CalcDatabase;
  readonly folder: string;
  reopen(): Promise<StoredCalcStore>;
  dispose(): Promise<void>;
}

/** A store of its own folder over SQLite, or over the database of a connection string. */
export async function openCalcStore(dsn: string | null = null): Promise<OpenedCalcStore> {
  const folder = mkdtempSync(join(tmpdir(), "onetape-calc-"));
  const opened: StoredCalcStore[] = [];
  const database = (): Promise<CalcDatabase> =>
    dsn === null ? openSqliteCalcDatabase(join(folder, "rows.db")) : openPostgresCalcDatabase(postgresTarget(dsn));
  const open = async (on: CalcDatabase): Promise<StoredCalcStore> => {
    const store = await StoredCalcStore.open(on, new RowFiles(new FileObjectStore(join(folder, "objects")), join(folder, "tmp")));
    opened.push(store);
    return store;
  };
  const first = await database();
  const store = await open(first);
  return {
    store,
    database: first,
    folder,
    reopen: async () => {
      await store.close();
      return open(await database());
    },
    dispose: async () => {
      for (const each of opened) await each.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
