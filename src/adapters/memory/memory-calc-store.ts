import { keyText } from "../../core/calc/calculation.js";
import type { CalcRow } from "../../core/calc/canonical-rows.js";
import { CORE_TABLES, type CoreChange } from "../../core/calc/core-tables.js";
import type { WeeklyFile } from "../../core/calc/finra-otc/weekly-intake.js";
import type { CalcStore, InsertOutcome, RowGroup, StoredWeek } from "../../ports/calc-store.js";

interface Stored {
  readonly group: RowGroup;
  readonly row: CalcRow;
}

/** Rows of calculations in memory, under the rules of every other store: for tests, and work that nobody keeps. */
export class MemoryCalcStore implements CalcStore {
  readonly #raw = new Map<string, WeeklyFile>();
  readonly #weeks = new Map<string, StoredWeek>();
  /** Rows per table by unique key. */
  readonly #tables = new Map<string, Map<string, Stored>>();
  /** Bookkeeping tables by name, their rows by key. */
  readonly #core = new Map<string, Map<string, CalcRow>>();
  #position = 0;

  async putRaw(captureId: string, file: WeeklyFile): Promise<void> {
    this.#raw.set(captureId, file);
  }

  async readRaw(captureId: string): Promise<WeeklyFile | null> {
    return this.#raw.get(captureId) ?? null;
  }

  async putWeek(captureId: string, week: StoredWeek): Promise<void> {
    this.#weeks.set(captureId, week);
  }

  async readWeek(captureId: string): Promise<StoredWeek | null> {
    return this.#weeks.get(captureId) ?? null;
  }

  async insertRows(group: RowGroup, rows: readonly CalcRow[], unique: readonly string[]): Promise<InsertOutcome> {
    return this.#insert(this.#table(group.table), group, rows, unique);
  }

  async replaceRows(group: RowGroup, rows: readonly CalcRow[], unique: readonly string[]): Promise<InsertOutcome> {
    const kept = new Map([...this.#table(group.table)].filter(([, { group: other }]) => !sameGroup(group, other)));
    const outcome = this.#insert(kept, group, rows, unique);
    if (outcome.kind === "stored") this.#tables.set(group.table, kept);
    return outcome;
  }

  async readRows(
    table: string,
    calc: string,
    versions: readonly string[],
    captures: readonly string[] | null,
  ): Promise<readonly CalcRow[]> {
    return [...this.#table(table).values()]
      .filter(
        ({ group }) =>
          group.calc_name === calc && versions.includes(group.calc_version) && (captures === null || captures.includes(group.capture_id)),
      )
      .map(({ row }) => row);
  }

  async removeCapture(captureId: string): Promise<number> {
    this.#raw.delete(captureId);
    this.#weeks.delete(captureId);
    let removed = 0;
    for (const table of this.#tables.values()) {
      for (const [key, { group }] of [...table]) {
        if (group.capture_id !== captureId) continue;
        table.delete(key);
        removed += 1;
      }
    }
    return removed;
  }

  async removeVersion(calc: string, version: string): Promise<number> {
    let removed = 0;
    for (const table of this.#tables.values()) {
      for (const [key, { group }] of [...table]) {
        if (group.calc_name !== calc || group.calc_version !== version) continue;
        table.delete(key);
        removed += 1;
      }
    }
    return removed;
  }

  /** Views of the newest rows are a database's business. */
  async setCurrent(): Promise<void> {}

  async corePosition(): Promise<number> {
    return this.#position;
  }

  async applyCore(changes: readonly CoreChange[], position: number): Promise<void> {
    for (const { table, row } of changes) {
      const definition = coreTable(table);
      const rows = this.#core.get(table) ?? new Map<string, CalcRow>();
      this.#core.set(table, rows);
      const key = keyText(row, definition.key);
      const empty = Object.fromEntries(definition.columns.map(([name]) => [name, null]));
      rows.set(key, { ...(rows.get(key) ?? empty), ...row });
    }
    this.#position = position;
  }

  async readCore(table: string): Promise<readonly CalcRow[]> {
    const { key } = coreTable(table);
    const before = (a: CalcRow, b: CalcRow): number => {
      for (const column of key) {
        const [x, y] = [a[column] ?? null, b[column] ?? null];
        if (x !== y && x !== null && y !== null) return x < y ? -1 : 1;
      }
      return 0;
    };
    return [...(this.#core.get(table)?.values() ?? [])].sort(before);
  }

  async listGroups(): Promise<readonly RowGroup[]> {
    const found: RowGroup[] = [];
    for (const table of this.#tables.values())
      for (const { group } of table.values())
        if (!found.some((known) => known.table === group.table && sameGroup(known, group))) found.push(group);
    return found;
  }

  async removeGroup(group: RowGroup): Promise<void> {
    const table = this.#table(group.table);
    for (const [key, { group: other }] of [...table]) if (sameGroup(group, other)) table.delete(key);
  }

  async clear(): Promise<void> {
    for (const kept of [this.#raw, this.#weeks, this.#tables, this.#core]) kept.clear();
    this.#position = 0;
  }

  async close(): Promise<void> {}

  #table(name: string): Map<string, Stored> {
    const known = this.#tables.get(name);
    if (known !== undefined) return known;
    const made = new Map<string, Stored>();
    this.#tables.set(name, made);
    return made;
  }

  #insert(table: Map<string, Stored>, group: RowGroup, rows: readonly CalcRow[], unique: readonly string[]): InsertOutcome {
    const added = new Map<string, Stored>();
    for (const row of rows) {
      const key = `${group.calc_name} ${keyText(row, unique)}`;
      if (table.has(key) || added.has(key)) return { kind: "duplicate_key", key };
      added.set(key, { group, row });
    }
    for (const [key, stored] of added) table.set(key, stored);
    return { kind: "stored" };
  }
}

function coreTable(name: string): (typeof CORE_TABLES)[number] {
  const found = CORE_TABLES.find((table) => table.name === name);
  if (found === undefined) throw new RangeError(`there is no bookkeeping table ${name}`);
  return found;
}

function sameGroup(a: RowGroup, b: RowGroup): boolean {
  return a.calc_name === b.calc_name && a.calc_version === b.calc_version && a.capture_id === b.capture_id;
}
