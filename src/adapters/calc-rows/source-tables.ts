/**
 * Tables of rows that stand for lines of a source: rejects, and in PostgreSQL also raw and normalised lines. SQLite leaves those two to
 * their files: one machine reads them there as fast, and would write everything twice.
 *
 * A table holds what is the line's own, under its capture; the view of the name that readers know adds the capture's facts.
 */
import type { CalcValue } from "../../core/calc/canonical-rows.js";
import type { StoredColumn } from "../../core/calc/stored-columns.js";
import { type CalcDatabase, type CalcDialect, quoted, type SqlCell, type SqlColumnCells } from "./calc-database.js";
import { columnType } from "./calc-table-schema.js";
import type { FileColumn } from "./row-text.js";
import { CAPTURE_FACTS, NORMALIZED_COLUMNS, NORMALIZED_TABLE, RAW_COLUMNS, RAW_TABLE, REJECT_COLUMNS, REJECTS_TABLE } from "./week-rows.js";

interface SourceTable {
  /** Name of the view. */
  readonly name: string;
  readonly columns: readonly StoredColumn[];
  /** Columns that name a line within its capture. */
  readonly key: readonly string[];
  readonly indexes: readonly (readonly string[])[];
  readonly dialects: readonly CalcDialect[];
}

/** Place of a reject among those of its capture: one line may have several reasons. */
const PLACE = "place";

const SOURCE_TABLES: readonly SourceTable[] = [
  {
    name: REJECTS_TABLE,
    columns: REJECT_COLUMNS,
    key: [PLACE],
    indexes: [["reason_code", "capture_id"]],
    dialects: ["sqlite", "postgres"],
  },
  { name: RAW_TABLE, columns: RAW_COLUMNS, key: ["line"], indexes: [["symbol", "capture_id"]], dialects: ["postgres"] },
  {
    name: NORMALIZED_TABLE,
    columns: NORMALIZED_COLUMNS,
    key: ["symbol", "mpid"],
    indexes: [
      ["symbol", "capture_id"],
      ["mpid", "capture_id"],
    ],
    dialects: ["postgres"],
  },
];

const rowsOf = ({ name }: SourceTable): string => `${name}_rows`;

/** Tables, indexes and views. The view reads the captures' table, which must be there. */
export function sourceTables(dialect: CalcDialect): readonly string[] {
  return SOURCE_TABLES.filter(({ dialects }) => dialects.includes(dialect)).flatMap((table) => {
    const { name, columns, key, indexes } = table;
    const text = columnType(dialect, "text");
    const placed = key.includes(PLACE) ? [`${PLACE} ${columnType(dialect, "integer")} NOT NULL`] : [];
    const lines = columns.map((column) => `${quoted(column.name)} ${columnType(dialect, column.type)}`);
    const constraint = `CONSTRAINT ${name}_key PRIMARY KEY (${["capture_id", ...key].map(quoted).join(", ")})`;
    const facts = ["domain", "week_ending", "tier"].map((column) => `c.${column}`);
    const own = columns.map((column) => `f.${quoted(column.name)}`);
    const select = `SELECT ${[...facts, ...own, CAPTURE_FACTS].join(", ")} FROM ${rowsOf(table)} AS f JOIN core_captures AS c ON c.capture_id = f.capture_id`;
    return [
      `CREATE TABLE IF NOT EXISTS ${rowsOf(table)} (\n  ${[`capture_id ${text} NOT NULL`, ...placed, ...lines, constraint].join(",\n  ")}\n)${dialect === "sqlite" ? " STRICT" : ""}`,
      ...indexes.map((list) => `CREATE INDEX IF NOT EXISTS ${name}_by_${list[0]} ON ${rowsOf(table)} (${list.map(quoted).join(", ")})`),
      dialect === "sqlite" ? `CREATE VIEW IF NOT EXISTS ${name} AS ${select}` : `CREATE OR REPLACE VIEW ${name} AS ${select}`,
    ];
  });
}

/** Whether rows under a name stand in such a table of the database. */
export function hasSourceTable(dialect: CalcDialect, name: string): boolean {
  return SOURCE_TABLES.some((table) => table.name === name && table.dialects.includes(dialect));
}

/** Inserts the lines of a capture, inside the caller's transaction. */
export async function insertLines(
  database: CalcDatabase,
  group: { readonly table: string; readonly capture_id: string; readonly row_count: number },
  columns: readonly FileColumn[],
): Promise<void> {
  const table = tableNamed(group.table);
  if (group.row_count === 0) return;
  const { dialect } = database;
  const cells = columns.map(({ name, first, at }): SqlColumnCells => {
    const values = at === null ? null : Array.from({ length: group.row_count }, (_, row) => lineCell(dialect, at(row)));
    return { name, first: lineCell(dialect, first), values };
  });
  const places: SqlColumnCells[] = table.key.includes(PLACE)
    ? [{ name: PLACE, first: 1, values: Array.from({ length: group.row_count }, (_, at) => at + 1) }]
    : [];
  await database.insert(
    rowsOf(table),
    [{ name: "capture_id", first: group.capture_id, values: null }, ...places, ...cells],
    group.row_count,
  );
}

export async function removeLines(database: CalcDatabase, name: string, captureId: string): Promise<void> {
  await database.run(`DELETE FROM ${rowsOf(tableNamed(name))} WHERE capture_id = ?`, [captureId]);
}

function tableNamed(name: string): SourceTable {
  const found = SOURCE_TABLES.find((table) => table.name === name);
  if (found === undefined) throw new RangeError(`${name} holds no lines of sources`);
  return found;
}

/** PostgreSQL's text has no zero character: it shows as its picture, and the file keeps the line as it came. */
function lineCell(dialect: CalcDialect, value: CalcValue): SqlCell {
  if (typeof value === "string") return dialect === "postgres" && value.includes("\0") ? value.replaceAll("\0", "\u2400") : value;
  if (typeof value === "bigint") return String(value);
  return typeof value === "boolean" ? String(value) : value;
}
