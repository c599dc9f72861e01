/**
 * Rows of calculations as multisets: two sets of rows are equal when each row stands in both as often, whatever the order, and whatever
 * the audit fields say.
 */
import { quoteJson } from "../tape/canonical-json.js";
import type { Sha256Fn, Sha256Hex } from "../tape/hash.js";
import { type RowColumn, rowColumns } from "./row-columns.js";

/** What a cell may hold. Shares, prices and other fractions are exact decimal text; counts and sums are integers. */
export type CalcValue = string | number | bigint | boolean | null;

export type CalcRow = { readonly [column: string]: CalcValue };

/** Columns that say when or under which number a row was written. They are never hashed and never compared. */
export const AUDIT_FIELDS: readonly string[] = ["calculated_at", "ingested_at", "normalized_at", "computed_at", "id", "rn"];

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
  const columns = rowColumns(rows);
  return columns === null ? rows.map(canonicalRow).sort() : sortedTexts(columns, rows.length);
}

/** {@link canonicalRow} of every row of a set, from its columns, ascending. */
function sortedTexts(columns: readonly RowColumn[], count: number): readonly string[] {
  const hashed = columns.filter(({ name }) => !AUDIT_FIELDS.includes(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
  const parts: { readonly name: string; readonly before: string; readonly values: readonly CalcValue[] }[] = [];
  let before = "{";
  for (const [at, { name, first, values }] of hashed.entries()) {
    before += `${at === 0 ? "" : ","}${JSON.stringify(name)}:`;
    if (values === null) before += cellText(first, name);
    else {
      parts.push({ name, before, values });
      before = "";
    }
  }
  const end = `${before}}`;
  const [leading, ...others] = parts;
  if (leading === undefined) return Array.from({ length: count }, () => end);
  const keys: string[] = [];
  const texts: string[] = [];
  for (let row = 0; row < count; row++) {
    const key = cellText(leading.values[row] ?? null, leading.name);
    let text = leading.before + key;
    for (const part of others) text += part.before + cellText(part.values[row] ?? null, part.name);
    keys.push(key);
    texts.push(text + end);
  }
  return inOrder(texts, keys, (others[0]?.before ?? end).charAt(0));
}

/**
 * Texts ascending. All of them begin alike, then comes their key, then `next`: no key with `next` behind it begins another, so keys decide
 * wherever they differ, and they are shorter than the texts, which nobody has to lay out in one piece for it.
 */
function inOrder(texts: readonly string[], keys: readonly string[], next: string): readonly string[] {
  const whole = keys.map((key) => key + next);
  const order = Array.from(texts, (_, at) => at);
  order.sort((a, b) => {
    const [x = "", y = ""] = [whole[a], whole[b]];
    if (x !== y) return x < y ? -1 : 1;
    return compareTexts(texts[a] ?? "", texts[b] ?? "");
  });
  return order.map((at) => texts[at] as string);
}

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Identity of a set of rows: SHA-256 over the hashes of blocks of 4,096 canonical rows, ascending. */
export function rowSetHash(rows: readonly CalcRow[], sha256: Sha256Fn): Sha256Hex {
  const texts = canonicalRows(rows);
  return orderedSetHash(texts.length, (place) => texts[place] ?? "", sha256);
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
