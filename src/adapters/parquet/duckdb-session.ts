import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

/** The driver, loaded on first use: it takes 0.1 s. */
export type DuckDb = typeof import("@duckdb/node-api");

/** The driver is CommonJS: bundled it has a default export alone, as a package of its own its names as well. */
export async function loadDuckDb(): Promise<DuckDb> {
  const loaded: DuckDb & { readonly default?: DuckDb } = await import("@duckdb/node-api");
  return loaded.default ?? loaded;
}

export interface DuckDbSession {
  readonly duckdb: DuckDb;
  readonly connection: DuckDBConnection;
}

/**
 * Runs work on a database of its own: one thread, so that order and sums repeat; UTC; and no extension is ever fetched.
 *
 * @param path of a database file for work that may not fit in memory, or `:memory:`.
 */
export async function withDuckDb<T>(path: string, work: (session: DuckDbSession) => Promise<T>): Promise<T> {
  const duckdb = await loadDuckDb();
  const instance: DuckDBInstance = await duckdb.DuckDBInstance.create(path, {
    threads: "1",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  try {
    const connection = await instance.connect();
    try {
      await connection.run("SET TimeZone='UTC'");
      return await work({ duckdb, connection });
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

/** An SQL text literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** An SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Whether a path would be taken for a pattern: DuckDB has no way to quote one. */
export function isPattern(path: string): boolean {
  return /[*?[\]{}]/.test(path);
}
