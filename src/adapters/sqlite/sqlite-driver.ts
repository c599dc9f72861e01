import type { BackendFailureKind } from "../event-store/log-backend.js";
import { BackendFailure } from "../event-store/log-backend.js";

/** What is bound to a statement and read from a row. Integers beyond 2^53 are refused or rounded by the drivers; the tape has none. */
export type SqlValue = null | number | string | Uint8Array;
export type SqlRow = readonly SqlValue[];

export interface SqliteStatement {
  run(values: readonly SqlValue[]): void;
  /** Rows as arrays, in the order of the selected columns. */
  all(values: readonly SqlValue[]): readonly SqlRow[];
}

/** The little of SQLite that the tape uses, whichever library provides it. Failures are {@link BackendFailure}. */
export interface SqliteConnection {
  exec(sql: string): void;
  prepare(sql: string): SqliteStatement;
  close(): void;
}

export type SqliteDriverName = "node:sqlite" | "libsql";

export interface SqliteDriver {
  readonly name: SqliteDriverName;
  /** Opens or creates a file. @throws {BackendFailure} */
  open(path: string): SqliteConnection;
}

const RESULT_KINDS: ReadonlyMap<number, BackendFailureKind> = new Map([
  [5, "busy"],
  [6, "busy"],
  [10, "io"],
  [11, "corrupt"],
  [13, "full"],
  [19, "constraint"],
  [26, "corrupt"],
]);

/**
 * The failure that a driver's error stands for.
 *
 * @param resultCode SQLite's result code, plain or extended.
 * @see https://sqlite.org/rescode.html
 */
export function sqliteFailure(error: unknown, resultCode: number | null): BackendFailure {
  const message = error instanceof Error ? error.message : String(error);
  const kind = resultCode === null ? "other" : (RESULT_KINDS.get(resultCode & 0xff) ?? "other");
  const constraint = /constraint failed: (.+)$/.exec(message)?.[1] ?? null;
  return new BackendFailure(kind, message, constraint, error);
}
