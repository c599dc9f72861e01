/** Rows of one set turned on their side: whoever reads every cell of every row reads columns several times as fast. */
import type { CalcRow, CalcValue } from "./canonical-rows.js";

export interface RowColumn {
  readonly name: string;
  /** Value of the first row. */
  readonly first: CalcValue;
  /** One value per row; null where every row holds `first`. */
  readonly values: readonly CalcValue[] | null;
}

/** Columns of sets that are still in use: a set of rows is hashed, checked and stored, one after another. */
const turned = new WeakMap<readonly CalcRow[], readonly RowColumn[] | null>();

/** The columns of a set in the order of its first row; null where its rows have different columns. The rows must not change afterwards. */
export function rowColumns(rows: readonly CalcRow[]): readonly RowColumn[] | null {
  const known = turned.get(rows);
  if (known !== undefined) return known;
  const columns = turn(rows);
  turned.set(rows, columns);
  return columns;
}

/** Tells the columns of a set that was made from another one: they are those that {@link rowColumns} would find. */
export function knowColumns(rows: readonly CalcRow[], columns: readonly RowColumn[]): void {
  turned.set(rows, columns);
}

function turn(rows: readonly CalcRow[]): readonly RowColumn[] | null {
  const head = rows[0];
  if (head === undefined) return [];
  const names = Object.keys(head);
  const first: CalcValue[] = [];
  for (const name of names) {
    const value = head[name];
    if (value === undefined) return null;
    first.push(value);
  }
  const lists = names.map((): CalcValue[] | null => null);
  for (let at = 1; at < rows.length; at++) {
    const row = rows[at] as CalcRow;
    let place = 0;
    for (const own in row) {
      const name = names[place];
      if (name === undefined) return null;
      // Rows that are made by one function share their order; others are read by name.
      const value = own === name ? row[own] : row[name];
      if (value === undefined) return null;
      const list = lists[place] as CalcValue[] | null;
      if (list !== null) list.push(value);
      else if (value !== first[place]) lists[place] = spread(first[place] as CalcValue, at, value);
      place += 1;
    }
    if (place !== names.length) return null;
  }
  return names.map((name, place) => ({ name, first: first[place] as CalcValue, values: lists[place] as CalcValue[] | null }));
}

/** A column that held one value in all rows so far, and now another. */
function spread(value: CalcValue, rows: number, next: CalcValue): CalcValue[] {
  const list: CalcValue[] = [];
  for (let at = 0; at < rows; at++) list.push(value);
  list.push(next);
  return list;
}
