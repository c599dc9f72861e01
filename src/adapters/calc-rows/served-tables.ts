/** The tables that a database serves rows of calculations from: made when first needed, widened when a column comes up. */
import type { CalcValue } from "../../core/calc/canonical-rows.js";
import type { RowColumn } from "../../core/calc/row-columns.js";
import { type CalcDatabase, type CalcDialect, columnsOfRows, quoted, type SqlCell, type SqlColumnCells } from "./calc-database.js";
import type { StoredGroup } from "./calc-groups.js";
import { addColumn, ROW_SEQ, rowsTable } from "./calc-table-schema.js";
import { FACT_COLUMNS, isFact, RESULT, RESULTS_TABLE, sharedFacts } from "./result-tables.js";
import { tableOfRows, viewsOfRows } from "./served-schema.js";

export class ServedTables {
  readonly #database: CalcDatabase;
  /** Columns and versions of tables that were looked at. */
  readonly #known = new Map<string, { readonly columns: Set<string>; readonly versions: Set<string> }>();

  constructor(database: CalcDatabase) {
    this.#database = database;
  }

  /** Inserts a group's rows, inside the caller's transaction. */
  async insert(group: Omit<StoredGroup, "sha256" | "bytes">, columns: readonly RowColumn[], unique: readonly string[]): Promise<void> {
    if (group.row_count === 0) return;
    try {
      await this.#prepare(group, unique);
      const { dialect } = this.#database;
      const typed = new Set(group.columns.filter(({ type }) => type !== "null").map(({ name }) => name));
      const filled = columns.filter(({ name }) => typed.has(name));
      const rows = dialect === "sqlite" ? await this.#results(group, filled, unique) : null;
      const place = rows?.place ?? { name: ROW_SEQ, first: group.seq, values: null };
      const cells = (rows?.own ?? filled).map(({ name, first, values }): SqlColumnCells => {
        return { name, first: cellOf(dialect, first), values: values?.map((value) => cellOf(dialect, value)) ?? null };
      });
      await this.#database.insert(rowsTable(group.table), [place, ...cells], group.row_count);
    } catch (error) {
      // What the transaction made is taken back with it.
      this.#known.delete(group.table);
      throw error;
    }
  }

  /** Writes down what the rows share, once for each result. @returns what is left to stand in rows, and their results' numbers. */
  async #results(
    { table, seq, row_count }: Omit<StoredGroup, "sha256" | "bytes">,
    columns: readonly RowColumn[],
    unique: readonly string[],
  ): Promise<{ readonly place: SqlColumnCells; readonly own: readonly RowColumn[] }> {
    const { results, places, own } = sharedFacts(columns, row_count, unique);
    const [row] = await this.#database.all(`SELECT COALESCE(MAX(${RESULT}), 0) + 1 FROM ${RESULTS_TABLE}`);
    const next = Number(row?.[0] ?? 1);
    const cells = results.map((facts, at) => [next + at, table, ...facts.map((value) => cellOf("sqlite", value)), seq]);
    await this.#database.insert(RESULTS_TABLE, columnsOfRows([RESULT, "table_name", ...FACT_COLUMNS, ROW_SEQ], cells), cells.length);
    return { place: { name: RESULT, first: next, values: places?.map((place) => next + place) ?? null }, own };
  }

  async remove({ table, calc_name, calc_version, capture_id, seq }: StoredGroup): Promise<void> {
    if ((await this.#columns(table)).columns.size === 0) return;
    if (this.#database.dialect === "sqlite") {
      const results = `SELECT ${RESULT} FROM ${RESULTS_TABLE} WHERE ${ROW_SEQ} = ?`;
      await this.#database.run(`DELETE FROM ${quoted(rowsTable(table))} WHERE ${RESULT} IN (${results})`, [seq]);
      await this.#database.run(`DELETE FROM ${RESULTS_TABLE} WHERE ${ROW_SEQ} = ?`, [seq]);
      return;
    }
    await this.#database.run(`DELETE FROM ${quoted(rowsTable(table))} WHERE capture_id = ? AND calc_version = ? AND calc_name = ?`, [
      capture_id,
      calc_version,
      calc_name,
    ]);
  }

  async #columns(table: string): Promise<{ readonly columns: Set<string>; readonly versions: Set<string> }> {
    const known = this.#known.get(table);
    if (known !== undefined) return known;
    const found = { columns: new Set(await this.#database.columnsOf(rowsTable(table))), versions: new Set<string>() };
    this.#known.set(table, found);
    return found;
  }

  async #prepare(
    { table, columns, calc_version }: Pick<StoredGroup, "table" | "columns" | "calc_version">,
    unique: readonly string[],
  ): Promise<void> {
    const known = await this.#columns(table);
    const { dialect } = this.#database;
    const typed = columns.filter(({ name, type }) => type !== "null" && !(dialect === "sqlite" && isFact(name, unique)));
    const added = known.columns.size === 0 ? [] : typed.filter(({ name }) => !known.columns.has(name));
    if (known.columns.size > 0 && added.length === 0 && known.versions.has(calc_version)) return;
    const statements: string[] = [];
    if (known.columns.size === 0) statements.push(...tableOfRows(dialect, table, columns, unique));
    for (const column of added) statements.push(addColumn(dialect, table, column));
    for (const { name } of typed) known.columns.add(name);
    known.versions.add(calc_version);
    const views = viewsOfRows(dialect, table, [...known.columns], unique, [calc_version]);
    // A view keeps the columns that its table had when it was made.
    if (added.length > 0 || statements.length > 0)
      for (const [name] of [...views].reverse()) statements.push(`DROP VIEW IF EXISTS ${quoted(name)}`);
    for (const [name, select] of views) statements.push(await this.#viewStatement(name, select));
    for (const statement of statements) if (statement !== "") await this.#database.run(statement);
  }

  async #viewStatement(name: string, select: string): Promise<string> {
    if (this.#database.dialect === "sqlite") return `CREATE VIEW IF NOT EXISTS ${quoted(name)} AS ${select}`;
    return `CREATE OR REPLACE VIEW ${quoted(name)} AS ${select}`;
  }
}

function cellOf(dialect: CalcDialect, value: CalcValue): SqlCell {
  switch (typeof value) {
    case "bigint": {
      const number = Number(value);
      return dialect === "sqlite" && Number.isSafeInteger(number) ? number : String(value);
    }
    case "boolean":
      return dialect === "sqlite" ? (value ? 1 : 0) : String(value);
    default:
      return value;
  }
}
