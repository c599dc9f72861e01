/**
 * Rows of calculations as multisets: two sets of rows are equal when each row stands in both as often, whatever the order, and whatever
 * the audit fields say.
 */
import { quoteJson } from "../tape/canonical-json.js";
import type { Sha256Fn, Sha256Hex } from "../tape/hash.js";
import { rowColumns } from "./row-columns.js";

/** What a cell may hold. Shares, prices and other fractions are exact decimal text; counts and sums are integers. */
export type CalcValue = string | number | bigint | boolean | null;

export type CalcRow = { readonly [column: string]: CalcValue };

/** Columns that say when, by which event, with which batch or under which number a row was written. They are never hashed and never compared. */
export const AUDIT_FIELDS: readonly string[] = [
  "calculated_at",
  "ingested_at",
  "normalized_at",
  "computed_at",
  "id",
  "rn",
  "execution_id",
  "batch_id",
];

/** Domain and version of the hash over a set of rows. */
export const ROW_SET_PREFIX = "onetape:rows:v1\n";

const BLOCK_ROWS = 4096;
const LISTED_DIFFERENCES = 10;

/**
 * A row without its audit fields as canonical text: keys ascending, integers as digits whether they are numbers or BigInt.
 *
 * @throws {RangeError} for a number that is not finite or a text that is no Unicode.
 */
export function canonicalRow(row: CalcRow): string {
  const cells = Object.keys(row)
    .filter((column) => !AUDIT_FIELDS.includes(column))
    .sort()
    .map((column) => `${JSON.stringify(column)}:${cellText(row[column] ?? null, column)}`);
  return `{${cells.join(",")}}`;
}

/** Text that JSON writes as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** A value as a canonical row writes it. @throws {RangeError} for a number that is not finite or a text that is no Unicode. */
export function cellText(value: CalcValue, column: string): string {
  if (typeof value === "string") {
    if (PLAIN.test(value)) return `"${value}"`;
    const quoted = quoteJson(value);
    if (quoted === null) throw new RangeError(`${column} is no Unicode text`);
    return quoted;
  }
  if (typeof value === "number" && !Number.isFinite(value)) throw new RangeError(`${column} is ${value}`);
  return value === 0 ? "0" : String(value);
}

/** Canonical texts of rows, ascending: equal lists are equal multisets. */
export function canonicalRows(rows: readonly CalcRow[]): readonly string[] {
  const textAt = orderedTexts(rows);
  return rows.map((_, place) => textAt(place));
}

/** The canonical text at each place, from 0, in ascending order. Texts are made when they are asked for: a set of them is large. */
function orderedTexts(rows: readonly CalcRow[]): (place: number) => string {
  const columns = rowColumns(rows);
  if (columns === null) {
    const texts = rows.map(canonicalRow).sort();
    return (place) => texts[place] ?? "";
  }
  const hashed = columns.filter(({ name }) => !AUDIT_FIELDS.includes(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
  const varying: { readonly name: string; readonly values: readonly CalcValue[] }[] = [];
  // What stands before each varying cell, and behind the last one.
  const around: string[] = [];
  let text = "{";
  for (const [at, { name, first, values }] of hashed.entries()) {
    text += `${at === 0 ? "" : ","}${JSON.stringify(name)}:`;
    if (values === null) text += cellText(first, name);
    else {
      varying.push({ name, values });
      around.push(text);
      text = "";
    }
  }
  const pieces = [...around.flatMap((before) => [before, ""]), `${text}}`];
  const textOf = (row: number): string => {
    for (const [at, { name, values }] of varying.entries()) pieces[2 * at + 1] = cellText(values[row] ?? null, name);
    return pieces.join("");
  };
  const [leading] = varying;
  if (leading === undefined) return () => textOf(0);
  const next = (pieces[2] ?? "").charAt(0);
  const order = inOrder(
    leading.values.map((value) => cellText(value, leading.name) + next),
    textOf,
  );
  return (place) => textOf(order[place] ?? 0);
}

/**
 * Rows ascending by their texts. All texts begin alike, then comes their key: a cell and the character behind it. No key begins another,
 * so keys decide wherever they differ.
 */
function inOrder(keys: readonly string[], textOf: (row: number) => string): readonly number[] {
  const order = Array.from(keys, (_, row) => row);
  order.sort((a, b) => compareTexts(keys[a] ?? "", keys[b] ?? ""));
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && keys[order[to] as number] === keys[order[from] as number]) to += 1;
    if (to - from > 1) {
      const same = order.slice(from, to).map((row) => ({ row, text: textOf(row) }));
      same.sort((a, b) => compareTexts(a.text, b.text));
      for (const [at, { row }] of same.entries()) order[from + at] = row;
    }
    from = to;
  }
  return order;
}

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Identity of a set of rows: SHA-256 over the hashes of blocks of 4,096 canonical rows, ascending. */
export function rowSetHash(rows: readonly CalcRow[], sha256: Sha256Fn): Sha256Hex {
  return orderedSetHash(rows.length, orderedTexts(rows), sha256);
}

/** {@link rowSetHash} of so many rows. @param textAt the canonical text at a place, from 0, in ascending order. */
export function orderedSetHash(count: number, textAt: (place: number) => string, sha256: Sha256Fn): Sha256Hex {
  let list = "";
  for (let from = 0; from < count; from += BLOCK_ROWS) {
    const to = Math.min(count, from + BLOCK_ROWS);
    let block = textAt(from);
    for (let place = from + 1; place < to; place++) block += `\n${textAt(place)}`;
    list += `${sha256(block)}\n`;
  }
  return sha256(`${ROW_SET_PREFIX}${count}\n${list}`);
}

/** How two sets of rows differ: how many rows only one side has, and the first of them as canonical text. */
export interface RowDifference {
  readonly equal: boolean;
  readonly only_left: number;
  readonly only_right: number;
  readonly left: readonly string[];
  readonly right: readonly string[];
}

export function compareRows(left: readonly CalcRow[], right: readonly CalcRow[]): RowDifference {
  const a = canonicalRows(left);
  const b = canonicalRows(right);
  const onlyLeft: string[] = [];
  const onlyRight: string[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const x = a[i];
    const y = b[j];
    if (x === y) {
      i += 1;
      j += 1;
    } else if (y === undefined || (x !== undefined && x < y)) {
      onlyLeft.push(x as string);
      i += 1;
    } else {
      onlyRight.push(y);
      j += 1;
    }
  }
  return {
    equal: onlyLeft.length === 0 && onlyRight.length === 0,
    only_left: onlyLeft.length,
    only_right: onlyRight.length,
    left: onlyLeft.slice(0, LISTED_DIFFERENCES),
    right: onlyRight.slice(0, LISTED_DIFFERENCES),
  };
}
