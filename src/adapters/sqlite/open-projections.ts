import type { OpenProjectionsOutcome } from "../../ports/projection-store.js";
import { BackendProjectionStore } from "../event-store/backend-projection-store.js";
import { BackendFailure } from "../event-store/log-backend.js";
import type { SqliteConnection, SqliteDriver, SqliteStatement } from "./sqlite-driver.js";
import { SqliteProjectionTables } from "./sqlite-projection-tables.js";
import { readSchema, STORE_VERSION } from "./sqlite-schema.js";

/** Opens what is derived from a log, in the log's own file, through a connection of its own: the log's writer stays the writer. */
export function openProjectionsFile(driver: SqliteDriver, path: string, log: string, busyTimeoutMs: number): OpenProjectionsOutcome {
  try {
    const connection = driver.open(path);
    try {
      connection.exec(`PRAGMA busy_timeout = ${Math.trunc(busyTimeoutMs)}`);
      // State and checkpoint are one transaction, so a commit that power loss takes away is folded again.
      connection.exec("PRAGMA synchronous = NORMAL");
      const state = readSchema(connection);
      if (state.kind !== "version" || state.version > STORE_VERSION) return refuse(connection, `${path} holds no tape of this version`);
      const known = connection.prepare("SELECT 1 FROM log_head WHERE log_id = ?").all([log]).length > 0;
      if (!known) {
        connection.close();
        return { kind: "not_found", log };
      }
      const tables = new SqliteProjectionTables(log, runner(connection), closing(connection));
      return { kind: "opened", store: new BackendProjectionStore(log, tables) };
    } catch (error) {
      connection.close();
      throw error;
    }
  } catch (error) {
    if (!(error instanceof BackendFailure)) throw error;
    return { kind: "unavailable", cause: error.message };
  }
}

function refuse(connection: SqliteConnection, cause: string): OpenProjectionsOutcome {
  connection.close();
  return { kind: "unavailable", cause };
}

function closing(connection: SqliteConnection): () => void {
  let closed = false;
  return () => {
    if (closed) return;
    closed = true;
    connection.close();
  };
}

function runner(connection: SqliteConnection): ConstructorParameters<typeof SqliteProjectionTables>[1] {
  const statements = new Map<string, SqliteStatement>();
  const statement = (sql: string): SqliteStatement => {
    const known = statements.get(sql) ?? connection.prepare(sql);
    statements.set(sql, known);
    return known;
  };
  return {
    exec: (sql) => connection.exec(sql),
    run: (sql, values) => statement(sql).run(values),
    all: (sql, values) => statement(sql).all(values),
  };
}
