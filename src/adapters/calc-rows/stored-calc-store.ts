import { sharedKey } from "../../core/calc/calculation.js";
import type { CalcRow, CalcValue } from "../../core/calc/canonical-rows.js";
import { CORE_TABLES, type CoreChange } from "../../core/calc/core-tables.js";
import type { TradeRow } from "../../core/calc/finra-otc/normalise.js";
import type { FileLayout } from "../../core/calc/finra-otc/weekly-file.js";
import type { WeeklyFile } from "../../core/calc/finra-otc/weekly-intake.js";
import { type RowColumn, rowColumns } from "../../core/calc/row-columns.js";
import { storedColumns } from "../../core/calc/stored-columns.js";
import type { CalcStore, InsertOutcome, RowGroup, StoredWeek } from "../../ports/calc-store.js";
import type { StoredObject } from "../../ports/object-store.js";
import type { RowText, WrittenFile, WrittenWeeks } from "../../ports/weeks-ahead.js";
import { type CalcDatabase, columnsOfRows, quoted } from "./calc-database.js";
import { CalcGroups, type StoredGroup } from "./calc-groups.js";
import { filesOfLayout, prepareLayout } from "./calc-layout.js";
import { isServed } from "./calc-table-schema.js";
import { applyCoreChanges, corePosition, readCoreRows } from "./core-rows.js";
import { RememberedWeek } from "./remembered-week.js";
import type { RowFiles } from "./row-files.js";
import type { FileColumn } from "./row-text.js";
import { ServedTables } from "./served-tables.js";
import { hasSourceTable, insertLines, removeLines } from "./source-tables.js";
import {
  NORMALIZED_COLUMNS,
  NORMALIZED_TABLE,
  RAW_COLUMNS,
  RAW_TABLE,
  REJECTS_TABLE,
  rawColumns,
  rejectColumns,
  rejectsOf,
  StoredLines,
  tradeColumns,
  tradeRow,
} from "./week-rows.js";

/** Rows of normalised weeks that stay in memory: windows read the weeks before theirs again and again. */
const REMEMBERED_ROWS = 320_000;
/** Of those, the weeks whose rows stay as they are: the newest, and the one that it is compared with. */
const WEEKS_AS_ROWS = 2;

/** Rows of a group on their way to a file, and into a table of the database where it serves them. */
interface KeptRows {
  readonly columns: readonly FileColumn[];
  readonly count: number;
  readonly facts: StoredGroup["facts"];
  readonly served?: { readonly columns: readonly RowColumn[]; readonly unique: readonly string[] } | null;
  /** The rows as they were written before; their columns then have no cells. */
  readonly text?: RowText;
}

/**
 * Rows of calculations: each group a Parquet file by content, its bookkeeping in a database, and what is not as large as the source also
 * in tables of that database with their keys, indexes and views.
 *
 * Calls are taken one after another. A group appears with the transaction that names its file; a file that no group names is removed.
 */
export class StoredCalcStore implements CalcStore, WrittenWeeks {
  readonly #database: CalcDatabase;
  readonly #files: RowFiles;
  readonly #groups: CalcGroups;
  readonly #tables: ServedTables;
  readonly #weeks = new Map<string, RememberedWeek>();
  #raw: { readonly capture_id: string; readonly file: WeeklyFile } | null = null;
  #line: Promise<unknown> = Promise.resolve();
  #closed = false;

  private constructor(database: CalcDatabase, files: RowFiles) {
    this.#database = database;
    this.#files = files;
    this.#groups = new CalcGroups(database);
    this.#tables = new ServedTables(database);
  }

  /** Makes the tables where there are none. @throws {BackendFailure} @throws {CalcLayoutOutdated} where another version made them. */
  static async open(database: CalcDatabase, files: RowFiles): Promise<StoredCalcStore> {
    await prepareLayout(database);
    return new StoredCalcStore(database, files);
  }

  /** Drops whatever another version made, with its files. What it held is to be made again from the log. @throws {BackendFailure} */
  static async dropOutdated(database: CalcDatabase, files: RowFiles): Promise<void> {
    const held = await filesOfLayout(database);
    await database.drop();
    for (const sha256 of held) await files.remove(sha256);
  }

  begin(text: RowText): () => Promise<void> {
    return this.#files.beginAhead(text);
  }

  putRaw(captureId: string, file: WeeklyFile | WrittenFile): Promise<void> {
    return this.#inTurn(async () => {
      const { layout, raw_count } = file;
      if ("text" in file) {
        await this.#keep(sourceGroup(RAW_TABLE, captureId), written(file.text, { layout, raw_count }));
        this.#raw = null;
        return;
      }
      await this.#keep(sourceGroup(RAW_TABLE, captureId), { columns: rawColumns(file), count: raw_count, facts: { layout, raw_count } });
      this.#raw = { capture_id: captureId, file };
    });
  }

  readRaw(captureId: string): Promise<WeeklyFile | null> {
    return this.#inTurn(async () => {
      if (this.#raw?.capture_id === captureId) return this.#raw.file;
      const group = await this.#groups.find(sourceGroup(RAW_TABLE, captureId));
      if (group === null || group.sha256 === null) return null;
      const lines = new StoredLines(group.facts["layout"] as FileLayout);
      await this.#files.visit(group.sha256, RAW_COLUMNS.slice(0, 2), ([line, raw]) => lines.push(Number(line), String(raw)));
      return lines.finish();
    });
  }

  putWeek(captureId: string, week: StoredWeek, text: RowText | null = null): Promise<void> {
    return this.#inTurn(async () => {
      const rejects = rejectColumns(week.rejects);
      const count = week.rejects.reduce((sum, { reasons }) => sum + reasons.length, 0);
      await this.#keep(sourceGroup(REJECTS_TABLE, captureId), { columns: rejects, count, facts: {} });
      const rows = text === null ? { columns: tradeColumns(week.rows), count: week.rows.length, facts: {} } : written(text, {});
      await this.#keep(sourceGroup(NORMALIZED_TABLE, captureId), rows);
      this.#remember(captureId, new RememberedWeek(week));
      if (this.#raw?.capture_id === captureId) this.#raw = null;
    });
  }

  readWeek(captureId: string): Promise<StoredWeek | null> {
    return this.#inTurn(async () => {
      const known = this.#weeks.get(captureId);
      if (known !== undefined) return this.#remember(captureId, known);
      const group = await this.#groups.find(sourceGroup(NORMALIZED_TABLE, captureId));
      if (group === null) return null;
      const rows: TradeRow[] = [];
      const names = new Map<string, string>();
      if (group.sha256 !== null) await this.#files.visit(group.sha256, NORMALIZED_COLUMNS, (cells) => rows.push(tradeRow(cells, names)));
      const rejects = await this.#groups.find(sourceGroup(REJECTS_TABLE, captureId));
      return this.#remember(captureId, new RememberedWeek({ rows, rejects: rejects === null ? [] : rejectsOf(await this.#read(rejects)) }));
    });
  }

  insertRows(group: RowGroup, rows: readonly CalcRow[], unique: readonly string[]): Promise<InsertOutcome> {
    return this.#inTurn(async () => {
      const known = await this.#groups.find(group);
      const before = known === null ? [] : await this.#read(known);
      return this.#put(group, [...before, ...rows], unique, known);
    });
  }

  replaceRows(group: RowGroup, rows: readonly CalcRow[], unique: readonly string[]): Promise<InsertOutcome> {
    return this.#inTurn(async () => this.#put(group, rows, unique, await this.#groups.find(group)));
  }

  readRows(table: string, calc: string, versions: readonly string[], captures: readonly string[] | null): Promise<readonly CalcRow[]> {
    return this.#inTurn(async () => {
      const found: CalcRow[] = [];
      for (const group of await this.#groups.list(table, calc, versions, captures))
        for (const row of await this.#read(group)) found.push(row);
      return found;
    });
  }

  removeCapture(captureId: string): Promise<number> {
    return this.#inTurn(async () => {
      this.#weeks.delete(captureId);
      if (this.#raw?.capture_id === captureId) this.#raw = null;
      return this.#remove(await this.#groups.ofCapture(captureId));
    });
  }

  removeVersion(calc: string, version: string): Promise<number> {
    return this.#inTurn(async () => this.#remove(await this.#groups.ofVersion(calc, version)));
  }

  /** Reads the rows of a served table or view where columns have these values. @returns how many there are. */
  readServed(table: string, where: { readonly [column: string]: string }): Promise<number> {
    const places = Object.keys(where).map((column) => `${quoted(column)} = ?`);
    return this.#inTurn(async () => {
      const rows = await this.#database.all(`SELECT * FROM ${quoted(table)} WHERE ${places.join(" AND ")}`, Object.values(where));
      return rows.length;
    });
  }

  setCurrent(current: ReadonlyMap<string, string>): Promise<void> {
    return this.#inTurn(async () => {
      const known = new Map(
        (await this.#database.all("SELECT calc_name, calc_version FROM calc_current")).map(([calc, version]) => [
          String(calc),
          String(version),
        ]),
      );
      const changed = [...current].filter(([calc, version]) => known.get(calc) !== version);
      if (changed.length === 0) return;
      await this.#database.transaction(async () => {
        await this.#database.insert(
          "calc_current",
          columnsOfRows(["calc_name", "calc_version"], changed),
          changed.length,
          "ON CONFLICT (calc_name) DO UPDATE SET calc_version = excluded.calc_version",
        );
      });
    });
  }

  corePosition(): Promise<number> {
    return this.#inTurn(() => corePosition(this.#database));
  }

  applyCore(changes: readonly CoreChange[], position: number): Promise<void> {
    return this.#inTurn(() => applyCoreChanges(this.#database, changes, position));
  }

  readCore(table: string): Promise<readonly CalcRow[]> {
    return this.#inTurn(() => readCoreRows(this.#database, table));
  }

  async listGroups(): Promise<readonly RowGroup[]> {
    const groups = await this.#inTurn(() => this.#groups.all());
    return groups
      .filter(({ calc_name }) => calc_name !== "")
      .map(({ table, calc_name, calc_version, capture_id }) => ({ table, calc_name, calc_version, capture_id }));
  }

  removeGroup(group: RowGroup): Promise<void> {
    return this.#inTurn(async () => {
      const known = await this.#groups.find(group);
      if (known !== null) await this.#remove([known]);
    });
  }

  /** Every group, and where its file lies. */
  groups(): Promise<readonly (StoredGroup & { readonly path: string | null })[]> {
    return this.#inTurn(async () =>
      (await this.#groups.all()).map((group) => ({ ...group, path: group.sha256 === null ? null : this.#files.pathOf(group.sha256) })),
    );
  }

  /** Reads the file of a group again. */
  verify(group: StoredGroup): Promise<"ok" | "missing" | "changed"> {
    return group.sha256 === null ? Promise.resolve("ok") : this.#files.verify(group.sha256);
  }

  clear(): Promise<void> {
    return this.#inTurn(async () => {
      this.#weeks.clear();
      this.#raw = null;
      await this.#remove(await this.#groups.all());
      await this.#database.transaction(async () => {
        for (const name of [...CORE_TABLES.map((table) => table.name), "calc_checkpoint"]) await this.#database.run(`DELETE FROM ${name}`);
      });
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#line;
    await this.#files.close();
    await this.#database.close();
  }

  async #put(group: RowGroup, rows: readonly CalcRow[], unique: readonly string[], known: StoredGroup | null): Promise<InsertOutcome> {
    const twice = sharedKey(rows, unique);
    if (twice !== null) return { kind: "duplicate_key", key: `${group.calc_name} ${twice}` };
    const types = storedColumns(rows);
    const turned = rowColumns(rows) ?? [];
    const columns = turned.map(({ name, first, values }, place): FileColumn => {
      const at = values === null ? null : (row: number): CalcValue => values[row] ?? null;
      return { name, type: types[place]?.type ?? "null", first, at };
    });
    const served = isServed(this.#database.dialect, unique) ? { columns: turned, unique } : null;
    await this.#keep(group, { columns, count: rows.length, facts: { unique }, served }, known);
    return { kind: "stored" };
  }

  /** Writes the file, and in one transaction the rows that the database serves and the group itself. */
  async #keep(
    group: RowGroup,
    { columns, count, facts, served = null, text }: KeptRows,
    known: StoredGroup | null | undefined = undefined,
  ): Promise<void> {
    const before = known === undefined ? await this.#groups.find(group) : known;
    const moment = columns.find(({ name, first, at }) => name === AUDIT && typeof first === "number" && at === null);
    const filed = columns.filter((column) => column !== moment);
    const typed = filed.some(({ type }) => type !== "null");
    const lines = group.calc_name === "" && hasSourceTable(this.#database.dialect, group.table);
    if (lines && text !== undefined) throw new RangeError(`the database serves ${group.table}: it needs rows, and got their text`);
    const begin = async (): Promise<{ readonly done: Promise<StoredObject> }> =>
      text === undefined ? this.#files.begin(filed, count) : this.#files.beginText(text);
    const writing = count === 0 || !typed ? null : await begin();
    const stored = {
      table: group.table,
      calc_name: group.calc_name,
      calc_version: group.calc_version,
      capture_id: group.capture_id,
      row_count: count,
      columns: columns.map(({ name, type }) => ({ name, type })),
      facts,
      served: lines || served !== null,
      captured_at: momentOf(columns.find(({ name }) => name === "captured_at")),
      calculated_at: momentOf(moment),
    };
    try {
      await this.#database.transaction(async () => {
        const seq = before?.seq ?? (await this.#groups.nextSeq());
        if (before?.served === true) await this.#unserve(before);
        if (lines) await insertLines(this.#database, stored, columns);
        if (served !== null) await this.#tables.insert({ ...stored, seq }, served.columns, served.unique);
        const object = await writing?.done;
        await this.#groups.put({ ...stored, seq, sha256: object?.sha256 ?? null, bytes: object?.bytes ?? 0 });
      });
    } finally {
      await writing?.done.catch(() => {});
    }
    if (before?.sha256 !== null && before?.sha256 !== undefined) await this.#release(before.sha256);
  }

  async #read(group: StoredGroup): Promise<CalcRow[]> {
    if (group.sha256 === null) return [];
    const apart = group.columns.findIndex(({ name }) => name === AUDIT && group.calculated_at !== null);
    if (apart < 0) return this.#files.read(group.sha256, group.columns);
    const rows = await this.#files.read(
      group.sha256,
      group.columns.map((column, at) => (at === apart ? { name: AUDIT, type: "null" } : column)),
    );
    return rows.map((row) => Object.assign(row, { [AUDIT]: group.calculated_at }));
  }

  async #remove(groups: readonly StoredGroup[]): Promise<number> {
    await this.#database.transaction(async () => {
      for (const group of groups) {
        if (group.served) await this.#unserve(group);
        await this.#groups.remove(group);
      }
    });
    for (const { sha256 } of groups) if (sha256 !== null) await this.#release(sha256);
    return groups.reduce((sum, { calc_name, row_count }) => sum + (calc_name === "" ? 0 : row_count), 0);
  }

  /** Takes a group's rows out of the tables that serve them. */
  async #unserve(group: StoredGroup): Promise<void> {
    if (group.calc_name === "") await removeLines(this.#database, group.table, group.capture_id);
    else await this.#tables.remove(group);
  }

  async #release(sha256: string): Promise<void> {
    if (!(await this.#groups.holds(sha256))) await this.#files.remove(sha256);
  }

  /** Keeps a week at hand, and lets go of those that were asked for longest ago. */
  #remember(captureId: string, newest: RememberedWeek): StoredWeek {
    this.#weeks.delete(captureId);
    this.#weeks.set(captureId, newest);
    let [rows, weeks] = [0, 0];
    for (const [id, remembered] of [...this.#weeks].reverse()) {
      rows += remembered.count;
      weeks += 1;
      if (rows > REMEMBERED_ROWS && id !== captureId) this.#weeks.delete(id);
      else if (weeks > WEEKS_AS_ROWS) remembered.putAside();
    }
    return newest.week;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#line.then(work);
    this.#line = next.catch(() => {});
    return next;
  }
}

const AUDIT = "calculated_at";

function sourceGroup(table: string, captureId: string): RowGroup {
  return { table, calc_name: "", calc_version: "", capture_id: captureId };
}

/** Rows that are text already. */
function written(text: RowText, facts: StoredGroup["facts"]): KeptRows {
  return { columns: text.columns.map(({ name, type }) => ({ name, type, first: null, at: null })), count: text.count, facts, text };
}

/** A moment that all rows share; null where the column has none. */
function momentOf(column: FileColumn | undefined): number | null {
  return typeof column?.first === "number" ? column.first : null;
}
