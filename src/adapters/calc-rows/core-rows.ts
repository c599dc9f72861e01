/** Bookkeeping tables in a database: rows that follow the log, and the position up to which they do. */
import type { CalcRow } from "../../core/calc/canonical-rows.js";
import { CORE_TABLES, type CoreChange, type CoreTable } from "../../core/calc/core-tables.js";
import { restoredValue } from "../../core/calc/stored-columns.js";
import { type CalcDatabase, columnsOfRows, quoted } from "./calc-database.js";

const CHECKPOINT = "core";

export async function corePosition(database: CalcDatabase): Promise<number> {
  const [row] = await database.all("SELECT position FROM calc_checkpoint WHERE name = ?", [CHECKPOINT]);
  return Number(row?.[0] ?? 0);
}

/** Applies changes in their order, and the position that they come up to, in one transaction. */
export function applyCoreChanges(database: CalcDatabase, changes: readonly CoreChange[], position: number): Promise<void> {
  return database.transaction(async () => {
    for (const { table, row } of changes) {
      const { key } = tableNamed(table);
      const columns = Object.keys(row);
      const set = columns.filter((column) => !key.includes(column)).map((column) => `${quoted(column)} = excluded.${quoted(column)}`);
      const suffix = `ON CONFLICT (${key.map(quoted).join(", ")}) DO ${set.length === 0 ? "NOTHING" : `UPDATE SET ${set.join(", ")}`}`;
      const cells = columns.map((column) => row[column] as string | number | null);
      await database.insert(table, columnsOfRows(columns, [cells]), 1, suffix);
    }
    await database.insert(
      "calc_checkpoint",
      columnsOfRows(["name", "position"], [[CHECKPOINT, position]]),
      1,
      "ON CONFLICT (name) DO UPDATE SET position = excluded.position",
    );
  });
}

/** Every row of a table, in the order of its key. */
export async function readCoreRows(database: CalcDatabase, table: string): Promise<readonly CalcRow[]> {
  const { columns, key } = tableNamed(table);
  const list = (names: readonly string[]): string => names.map(quoted).join(", ");
  const rows = await database.all(`SELECT ${list(columns.map(([name]) => name))} FROM ${table} ORDER BY ${list(key)}`);
  return rows.map((cells) => Object.fromEntries(columns.map(([name, type], at) => [name, restoredValue(type, cells[at])])));
}

function tableNamed(table: string): CoreTable {
  const definition = CORE_TABLES.find(({ name }) => name === table);
  if (definition === undefined) throw new RangeError(`there is no bookkeeping table ${table}`);
  return definition;
}
