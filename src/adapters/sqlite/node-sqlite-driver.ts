import type { SqliteConnection, SqliteDriver, SqliteStatement, SqlRow, SqlValue } from "./sqlite-driver.js";
import { sqliteFailure } from "./sqlite-driver.js";

/** The part of Node's module that is used; the types of the oldest supported Node do not know it. */
interface NodeSqlite {
  readonly DatabaseSync: new (path: string) => NodeDatabase;
}

interface NodeDatabase {
  exec(sql: string): void;
  prepare(sql: string): NodeStatement;
  close(): void;
}

interface NodeStatement {
  setReturnArrays(enabled: boolean): void;
  run(...values: readonly SqlValue[]): unknown;
  all(...values: readonly SqlValue[]): readonly SqlRow[];
}

/** SQLite through Node's own module. @throws {Error} on a Node without it. */
export function nodeSqliteDriver(): SqliteDriver {
  const module = loadQuietly();
  return { name: "node:sqlite", open: (path) => attempt(() => new NodeConnection(new module.DatabaseSync(path))) };
}

class NodeConnection implements SqliteConnection {
  readonly #database: NodeDatabase;

  constructor(database: NodeDatabase) {
    this.#database = database;
  }

  exec(sql: string): void {
    attempt(() => this.#database.exec(sql));
  }

  prepare(sql: string): SqliteStatement {
    const statement = attempt(() => this.#database.prepare(sql));
    statement.setReturnArrays(true);
    return {
      run: (values) => {
        attempt(() => statement.run(...values));
      },
      all: (values) => attempt(() => statement.all(...values)),
    };
  }

  close(): void {
    attempt(() => this.#database.close());
  }
}

/** Node 22 and 24 warn on loading that the module is experimental; its file format is SQLite's and the contract suite runs on it, so users are spared. */
function loadQuietly(): NodeSqlite {
  const emitWarning = process.emitWarning;
  process.emitWarning = () => undefined;
  try {
    const module: unknown =
      "getBuiltinModule" in process && typeof process.getBuiltinModule === "function" ? process.getBuiltinModule("node:sqlite") : undefined;
    if (!isNodeSqlite(module)) throw new Error(`Node ${process.versions.node} has no node:sqlite`);
    return module;
  } finally {
    process.emitWarning = emitWarning;
  }
}

function isNodeSqlite(module: unknown): module is NodeSqlite {
  return typeof module === "object" && module !== null && "DatabaseSync" in module && typeof module.DatabaseSync === "function";
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw sqliteFailure(error, error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode : null);
  }
}
