import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { loadSqliteDriver } from "../sqlite/load-sqlite-driver.js";
import type { SqliteConnection, SqliteStatement } from "../sqlite/sqlite-driver.js";
import { batches, type CalcDatabase, insertStatement, type SqlCell } from "./calc-database.js";

const BUSY_TIMEOUT_MS = 5_000;
/** Places of one statement: few enough for every build of SQLite. */
const PLACES = 960;

/** Opens or creates a file. A commit that power loss takes away is made again from the log, so nothing waits for the disk. @throws {BackendFailure} */
export async function openSqliteCalcDatabase(path: string): Promise<CalcDatabase> {
  const driver = await loadSqliteDriver();
  mkdirSync(dirname(path), { recursive: true });
  const connection = driver.open(path);
  try {
    connection.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    connection.exec("PRAGMA journal_mode = WAL");
    connection.exec("PRAGMA synchronous = NORMAL");
  } catch (error) {
    connection.close();
    throw error;
  }
  return new SqliteCalcDatabase(connection);
}

class SqliteCalcDatabase implements CalcDatabase {
  readonly dialect = "sqlite";
  readonly #connection: SqliteConnection;
  readonly #statements = new Map<string, SqliteStatement>();

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  async all(sql: string, values: readonly SqlCell[] = []): Promise<readonly (readonly unknown[])[]> {
    return this.#statement(sql).all(values);
  }

  async run(sql: string, values: readonly SqlCell[] = []): Promise<void> {
    if (values.length === 0) this.#connection.exec(sql);
    else this.#statement(sql).run(values);
  }

  async insert(table: string, columns: readonly string[], rows: readonly (readonly SqlCell[])[], suffix: string = ""): Promise<void> {
    for (const batch of batches(rows, columns.length, PLACES))
      this.#statement(insertStatement(table, columns, batch.length, suffix)).run(batch.flat());
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    this.#connection.exec("BEGIN IMMEDIATE");
    try {
      const done = await work();
      this.#connection.exec("COMMIT");
      return done;
    } catch (error) {
      this.#connection.exec("ROLLBACK");
      throw error;
    }
  }

  async columnsOf(table: string): Promise<readonly string[]> {
    return this.#statement("SELECT name FROM pragma_table_info(?) ORDER BY cid")
      .all([table])
      .map(([name]) => String(name));
  }

  async close(): Promise<void> {
    this.#statements.clear();
    this.#connection.close();
  }

  #statement(sql: string): SqliteStatement {
    const known = this.#statements.get(sql) ?? this.#connection.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }
}
