import { rename, rm } from "node:fs/promises";
import type { DuckDBAppender } from "@duckdb/node-api";
import { identifier, literal, withDuckDb } from "../parquet/duckdb-session.js";
import type { SqlColumn, SqlValue } from "./calc-sql.js";

const TYPES: Readonly<Record<SqlColumn["type"], string>> = {
  text: "VARCHAR",
  integer: "BIGINT",
  exact: "VARCHAR",
  fraction: "DOUBLE",
  boolean: "BOOLEAN",
};

/** Writes rows as Parquet (zstd); exact integers as DECIMAL(38,0) where all of them fit, other exact numbers as decimal text. The file is there whole or not at all. */
export async function writeParquetTable(
  path: string,
  table: { readonly columns: readonly SqlColumn[]; readonly rows: readonly (readonly SqlValue[])[] },
): Promise<void> {
  const { columns, rows } = table;
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await withDuckDb(":memory:", async ({ connection }) => {
      await connection.run(`CREATE TABLE answer (${columns.map(({ name, type }) => `${identifier(name)} ${TYPES[type]}`).join(", ")})`);
      const appender = await connection.createAppender("answer");
      for (const row of rows) {
        for (const [at, { type }] of columns.entries()) append(appender, type, row[at] ?? null);
        appender.endRow();
      }
      appender.closeSync();
      const selected = columns.map(({ name, type }, at) => {
        const whole = type === "exact" && rows.every((row) => row[at] === null || /^-?\d{1,38}$/.test(String(row[at])));
        return whole ? `CAST(${identifier(name)} AS DECIMAL(38,0)) AS ${identifier(name)}` : identifier(name);
      });
      await connection.run(`COPY (SELECT ${selected.join(", ")} FROM answer) TO ${literal(temporary)} (FORMAT parquet, COMPRESSION zstd)`);
    });
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

function append(appender: DuckDBAppender, type: SqlColumn["type"], value: SqlValue): void {
  if (value === null) appender.appendNull();
  else if (type === "integer") appender.appendBigInt(BigInt(value));
  else if (type === "fraction") appender.appendDouble(Number(value));
  else if (type === "boolean") appender.appendBoolean(value === true);
  else appender.appendVarchar(String(value));
}
