import { createRequire } from "node:module";
import type LibsqlDatabase from "libsql";
import type { SqliteConnection, SqliteDriver, SqliteStatement, SqlRow, SqlValue } from "./sqlite-driver.js";
import { sqliteFailure } from "./sqlite-driver.js";

/** CommonJS: as an import, Node would first look through its text for the names that it exports. */
const Database: typeof LibsqlDatabase = createRequire(import.meta.url)("libsql");

/** SQLite through the `libsql` package, for Node versions without a usable `node:sqlite`. */
export function libsqlDriver(): SqliteDriver {
  return { name: "libsql", open: (path) => attempt(() => new LibsqlConnection(path)) };
}

class LibsqlConnection implements SqliteConnection {
  readonly #database: LibsqlDatabase.Database;

  constructor(path: string) {
    this.#database = new Database(path);
  }

  exec(sql: string): void {
    attempt(() => this.#database.exec(sql));
  }

  prepare(sql: string): SqliteStatement {
    const statement = attempt(() => this.#database.prepare<[SqlValue[]]>(sql));
    // Rows as objects would carry a clock reading of the library's own.
    const reader = attempt(() => (statement.reader ? statement.raw(true) : statement));
    return {
      run: (values) => {
        attempt(() => statement.run([...values]));
      },
      all: (values) => attempt(() => reader.all([...values]).map(toRow)),
    };
  }

  close(): void {
    attempt(() => this.#database.close());
  }
}

function toRow(row: unknown): SqlRow {
  if (!Array.isArray(row)) throw new TypeError("a row did not come as an array");
  return row;
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw sqliteFailure(error, error instanceof Error && "rawCode" in error && typeof error.rawCode === "number" ? error.rawCode : null);
  }
}
