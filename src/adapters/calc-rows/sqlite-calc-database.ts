import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { loadSqliteDriver } from "../sqlite/load-sqlite-driver.js";
import type { SqliteConnection, SqliteStatement } from "../sqlite/sqlite-driver.js";
import { type CalcDatabase, inserts, quoted, type SqlCell, type SqlColumnCells } from "./calc-database.js";

const BUSY_TIMEOUT_MS = 5_000;
/** Places of one statement: few enough for every build of SQLite. */
const PLACES = 960;
/** Pages of indexes that rows of every symbol fall into, in KiB; with the default of 2 MB each week reads them anew. */
const CACHE_KIB = 16_384;
/** Pages in the write-ahead log before they are copied: a page that many groups change is copied once. */
const CHECKPOINT_PAGES = 8_000;

/** Opens or creates a file. A commit that power loss takes away is made again from the log, so nothing waits for the disk. @throws {BackendFailure} */
export async function openSqliteCalcDatabase(path: string): Promise<CalcDatabase> {
  const driver = await loadSqliteDriver();
  mkdirSync(dirname(path), { recursive: true });
  const connection = driver.open(path);
  try {
    connection.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    connection.exec("PRAGMA journal_mode = WAL");
    connection.exec("PRAGMA synchronous = NORMAL");
    connection.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
    connection.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  } catch (error) {
    connection.close();
    throw error;
  }
  return new SqliteCalcDatabase(connection);
}

/** Statements that stay prepared: each number of rows and each choice of shared columns is one of its own. */
const REMEMBERED_STATEMENTS = 64;

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

  async insert(table: string, columns: readonly SqlColumnCells[], count: number, suffix: string = ""): Promise<void> {
    const options = { place: (at: number) => `?${at}`, most: PLACES, suffix };
    for (const { sql, values } of inserts(table, columns, count, options)) this.#statement(sql).run(values);
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

  drop(): Promise<void> {
    return this.transaction(async () => {
      const made = "SELECT type, name FROM sqlite_master WHERE type IN ('view', 'table') AND name NOT LIKE 'sqlite_%' ORDER BY type DESC";
      for (const [type, name] of await this.all(made)) this.#connection.exec(`DROP ${String(type).toUpperCase()} ${quoted(String(name))}`);
      this.#statements.clear();
    });
  }

  async close(): Promise<void> {
    this.#statements.clear();
    this.#connection.close();
  }

  #statement(sql: string): SqliteStatement {
    const known = this.#statements.get(sql) ?? this.#connection.prepare(sql);
    if (this.#statements.size >= REMEMBERED_STATEMENTS) this.#statements.clear();
    this.#statements.set(sql, known);
    return known;
  }
}
