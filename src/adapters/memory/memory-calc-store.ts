import { keyText } from "../../core/calc/calculation.js";
import type { CalcRow } from "../../core/calc/canonical-rows.js";
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

function sameGroup(a: RowGroup, b: RowGroup): boolean {
  return a.calc_name === b.calc_name && a.calc_version === b.calc_version && a.capture_id === b.capture_id;
}
