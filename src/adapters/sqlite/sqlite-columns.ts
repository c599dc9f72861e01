import { BackendFailure } from "../event-store/log-backend.js";
import { utf8Text } from "../event-store/utf8-text.js";
import type { SqlRow } from "./sqlite-driver.js";

/**
 * Reads a text column as the bytes that are stored, for {@link textAt}.
 *
 * As text `libsql` ends it at a NUL, so that whatever was written behind it would never be seen, and ends the process at bytes that
 * are no UTF-8.
 */
export const asBytes = (column: string): string => `CAST(${column} AS BLOB)`;

/** Reads text columns that hold printable ASCII: as text, which is faster, unless damage made something else of them. */
export const asAscii = (...columns: readonly string[]): string =>
  columns
    .map((c) => `CASE WHEN length(${c}) = length(${asBytes(c)}) AND ${c} NOT GLOB '*[^ -~]*' THEN ${c} ELSE ${asBytes(c)} END`)
    .join(", ");

/** The integer in a column. @throws {BackendFailure} where the column holds something else. */
export function integerAt(row: SqlRow, column: number): number {
  const value = row[column];
  if (typeof value === "number") return value;
  throw new BackendFailure("corrupt", `column ${column} holds ${typeof value} where an integer belongs`, null, undefined);
}

/** The text in a column that was read {@link asBytes} or {@link asAscii}. @throws {BackendFailure} where the column holds something else. */
export function textAt(row: SqlRow, column: number): string {
  const value = row[column];
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) {
    try {
      return utf8Text(value);
    } catch (error) {
      throw new BackendFailure("corrupt", `column ${column} holds bytes that are no UTF-8`, null, error);
    }
  }
  throw new BackendFailure("corrupt", `column ${column} holds ${typeof value} where text belongs`, null, undefined);
}

/** The bytes in a column. @throws {BackendFailure} where the column holds something else. */
export function bytesAt(row: SqlRow, column: number): Uint8Array {
  const value = row[column];
  if (value instanceof Uint8Array) return value;
  throw new BackendFailure("corrupt", `column ${column} holds ${typeof value} where bytes belong`, null, undefined);
}
