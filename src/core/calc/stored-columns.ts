/** What it takes to keep rows of calculations in a table and to get the same values back. */
import type { CalcRow, CalcValue } from "./canonical-rows.js";
import { rowColumns } from "./row-columns.js";

/**
 * `integer` is a safe integer, `exact` an integer of any size in up to 38 digits, `digits` a longer one, `fraction` a binary fraction.
 * A column of nothing but nulls is `null`: it takes the type of whatever comes first.
 */
export type StoredType = "text" | "integer" | "exact" | "digits" | "fraction" | "boolean" | "null";

export interface StoredColumn {
  readonly name: string;
  readonly type: StoredType;
}

/** Digits that a decimal column of a columnar file holds. */
const WIDEST = BigInt(`1${"0".repeat(38)}`);

/**
 * The columns of rows that belong together, in the order of the first row.
 *
 * @throws {RangeError} where rows have other columns than the first, or one column holds values of different kinds.
 */
export function storedColumns(rows: readonly CalcRow[]): readonly StoredColumn[] {
  const columns = rowColumns(rows);
  if (columns === null) throw new RangeError("rows of one set have different columns");
  return columns.map(({ name, first, values }) => ({ name, type: columnType(name, values ?? [first]) }));
}

function columnType(name: string, values: readonly CalcValue[]): StoredType {
  let type: StoredType = "null";
  for (const value of values) {
    if (value === null) continue;
    const found = typeOf(value);
    if (found !== type) type = widened(type, found, name);
  }
  return type;
}

function typeOf(value: Exclude<CalcValue, null>): StoredType {
  switch (typeof value) {
    case "string":
      return "text";
    case "boolean":
      return "boolean";
    case "bigint":
      return value < WIDEST && value > -WIDEST ? "exact" : "digits";
    default:
      return Number.isSafeInteger(value) ? "integer" : "fraction";
  }
}

/**
 * The columns of several sets of rows as those of one, in the order in which they come up.
 *
 * @throws {RangeError} where a column holds values of different kinds.
 */
export function unitedColumns(sets: readonly (readonly StoredColumn[])[]): readonly StoredColumn[] {
  const found = new Map<string, StoredType>();
  for (const { name, type } of sets.flat()) {
    const known = found.get(name) ?? "null";
    found.set(name, type === "null" ? known : widened(known, type, name));
  }
  return [...found].map(([name, type]) => ({ name, type }));
}

const WIDER: readonly StoredType[] = ["integer", "exact", "digits"];

function widened(known: StoredType, found: StoredType, name: string): StoredType {
  if (known === found || known === "null") return found;
  if (WIDER.includes(known) && WIDER.includes(found)) return WIDER[Math.max(WIDER.indexOf(known), WIDER.indexOf(found))] as StoredType;
  if ((known === "integer" && found === "fraction") || (known === "fraction" && found === "integer")) return "fraction";
  throw new RangeError(`${name} holds ${known} and ${found}`);
}

/** A value as it came out of a store, as the one that went in. @param value text or number as the store gives it, or null. */
export function restoredValue(type: StoredType, value: unknown): CalcValue {
  if (value === null || value === undefined || type === "null") return null;
  switch (type) {
    case "text":
      return String(value);
    case "integer":
    case "fraction":
      return Number(value);
    case "boolean":
      return value === true || value === 1 || value === "1" || value === "t" || value === "true";
    case "exact":
    case "digits":
      return typeof value === "bigint" ? value : BigInt(String(value));
  }
}
