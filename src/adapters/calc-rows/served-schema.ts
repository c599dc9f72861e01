/** How a database holds and shows the rows of one calculation: PostgreSQL row by row, SQLite with what a result's rows share apart. */
import type { StoredColumn } from "../../core/calc/stored-columns.js";
import type { CalcDialect } from "./calc-database.js";
import { calcTable, completeOnly, rowViews, servedViews, type Views } from "./calc-table-schema.js";
import { latestResultRows, resultRows, resultRowsTable } from "./result-tables.js";

/** The table of a calculation's rows with its key and indexes. */
export function tableOfRows(
  dialect: CalcDialect,
  table: string,
  columns: readonly StoredColumn[],
  unique: readonly string[],
): readonly string[] {
  return dialect === "sqlite" ? resultRowsTable(table, columns, unique) : calcTable(table, columns, unique);
}

/** The views of a calculation, by name. @param columns of the table of rows, as it was made. */
export function viewsOfRows(
  dialect: CalcDialect,
  table: string,
  columns: readonly string[],
  unique: readonly string[],
  versions: readonly string[],
): Views {
  const views =
    dialect === "postgres"
      ? rowViews(table, columns, unique)
      : { all: resultRows(table, columns, unique), latest: latestResultRows(table, columns, unique, completeOnly(columns)) };
  return servedViews(table, views, columns, unique, versions);
}
