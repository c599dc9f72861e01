/** What the store knows about each group of rows: its file, its columns, and what all of its rows share. */
import type { StoredColumn } from "../../core/calc/stored-columns.js";
import type { RowGroup } from "../../ports/calc-store.js";
import { type CalcDatabase, columnsOfRows, type SqlCell } from "./calc-database.js";

/** A group as it is stored. */
export interface StoredGroup extends RowGroup {
  readonly seq: number;
  readonly row_count: number;
  /** File of the rows; null where there are none. */
  readonly sha256: string | null;
  readonly bytes: number;
  readonly columns: readonly StoredColumn[];
  /** What belongs to the group and to no row: the layout of a source, columns of the unique key. */
  readonly facts: { readonly [name: string]: unknown };
  readonly served: boolean;
  readonly captured_at: number | null;
  /** That of all rows; it stands in no file, so that a file's hash is that of the result. */
  readonly calculated_at: number | null;
}

const COLUMNS =
  "table_name, calc_name, calc_version, capture_id, seq, row_count, sha256, bytes, columns_json, facts_json, served, captured_at, calculated_at";

export class CalcGroups {
  readonly #database: CalcDatabase;

  constructor(database: CalcDatabase) {
    this.#database = database;
  }

  async find(group: RowGroup): Promise<StoredGroup | null> {
    const rows = await this.#database.all(
      `SELECT ${COLUMNS} FROM calc_groups WHERE table_name = ? AND calc_name = ? AND calc_version = ? AND capture_id = ?`,
      [group.table, group.calc_name, group.calc_version, group.capture_id],
    );
    return rows[0] === undefined ? null : groupOf(rows[0]);
  }

  /** Groups of one calculation of a table, ascending by the time they first came. Null takes every version, every capture. */
  async list(
    table: string,
    calc: string,
    versions: readonly string[] | null,
    captures: readonly string[] | null,
  ): Promise<readonly StoredGroup[]> {
    const rows = await this.#database.all(`SELECT ${COLUMNS} FROM calc_groups WHERE table_name = ? AND calc_name = ? ORDER BY seq`, [
      table,
      calc,
    ]);
    const wanted = captures === null ? null : new Set(captures);
    return rows.map(groupOf).filter((group) => (versions?.includes(group.calc_version) ?? true) && (wanted?.has(group.capture_id) ?? true));
  }

  async all(): Promise<readonly StoredGroup[]> {
    return (await this.#database.all(`SELECT ${COLUMNS} FROM calc_groups ORDER BY seq`)).map(groupOf);
  }

  async ofCapture(captureId: string): Promise<readonly StoredGroup[]> {
    return (await this.#database.all(`SELECT ${COLUMNS} FROM calc_groups WHERE capture_id = ? ORDER BY seq`, [captureId])).map(groupOf);
  }

  async ofVersion(calc: string, version: string): Promise<readonly StoredGroup[]> {
    const rows = await this.#database.all(`SELECT ${COLUMNS} FROM calc_groups WHERE calc_name = ? AND calc_version = ? ORDER BY seq`, [
      calc,
      version,
    ]);
    return rows.map(groupOf);
  }

  /** The place of a group that comes new. */
  async nextSeq(): Promise<number> {
    const [row] = await this.#database.all("SELECT COALESCE(MAX(seq), 0) + 1 FROM calc_groups");
    return Number(row?.[0] ?? 1);
  }

  async put(group: StoredGroup): Promise<void> {
    await this.remove(group);
    const cells: readonly SqlCell[] = [
      group.table,
      group.calc_name,
      group.calc_version,
      group.capture_id,
      group.seq,
      group.row_count,
      group.sha256,
      group.bytes,
      JSON.stringify(group.columns.map(({ name, type }) => [name, type])),
      JSON.stringify(group.facts),
      group.served ? 1 : 0,
      group.captured_at,
      group.calculated_at,
    ];
    await this.#database.insert("calc_groups", columnsOfRows(COLUMNS.split(", "), [cells]), 1);
  }

  async remove(group: RowGroup): Promise<void> {
    await this.#database.run("DELETE FROM calc_groups WHERE table_name = ? AND calc_name = ? AND calc_version = ? AND capture_id = ?", [
      group.table,
      group.calc_name,
      group.calc_version,
      group.capture_id,
    ]);
  }

  /** Whether some group still has its rows in this file. */
  async holds(sha256: string): Promise<boolean> {
    return (await this.#database.all("SELECT 1 FROM calc_groups WHERE sha256 = ? LIMIT 1", [sha256])).length > 0;
  }
}

function groupOf(row: readonly unknown[]): StoredGroup {
  const [table, calc, version, capture, seq, count, sha256, bytes, columns, facts, served, captured, calculated] = row;
  const number = (value: unknown): number | null => (value === null || value === undefined ? null : Number(value));
  const pairs = JSON.parse(String(columns)) as readonly (readonly [string, StoredColumn["type"]])[];
  return {
    table: String(table),
    calc_name: String(calc),
    calc_version: String(version),
    capture_id: String(capture),
    seq: Number(seq),
    row_count: Number(count),
    sha256: sha256 === null ? null : String(sha256),
    bytes: Number(bytes),
    columns: pairs.map(([name, type]) => ({ name, type })),
    facts: JSON.parse(String(facts)) as { readonly [name: string]: unknown },
    served: Number(served) === 1,
    captured_at: number(captured),
    calculated_at: number(calculated),
  };
}
