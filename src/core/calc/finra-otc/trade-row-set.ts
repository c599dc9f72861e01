/** Identity of a normalised week, found without keeping the text of every row. */
import type { Sha256Fn, Sha256Hex } from "../../tape/hash.js";
import { cellText, orderedSetHash, rowSetHash } from "../canonical-rows.js";
import type { TradeRow } from "./normalise.js";

/** Lines of seven digits and rows below 2^20: a line and a place then fit into one double. */
const LINE_DIGITS = 7;
const SEVEN_DIGITS = 1_000_000;
const MOST_ROWS = 1_048_576;
const DIGITS_BASE = 8;

/** `rowSetHash` of the rows. Their texts begin with their lines, which nearly always order them. */
export function tradeRowSet(rows: readonly TradeRow[], sha256: Sha256Fn): Sha256Hex {
  const order = lineOrder(rows);
  if (order === null) return rowSetHash(rows, sha256);
  return orderedSetHash(rows.length, (place) => tradeRowText(rows[(order[place] as number) % MOST_ROWS] as TradeRow), sha256);
}

/** The row as `canonicalRow` writes it. */
function tradeRowText({ line, mpid, shares, symbol, trades }: TradeRow): string {
  return `{"line":${line},"mpid":${cellText(mpid, "mpid")},"shares":${shares},"symbol":${cellText(symbol, "symbol")},"trades":${trades}}`;
}

/**
 * Places of the rows, each below a number that orders lines as texts: 10 before 2, and 1 before 10, as a comma is before every digit.
 * Null where lines are too many or too large, or one comes twice.
 */
function lineOrder(rows: readonly TradeRow[]): Float64Array | null {
  if (rows.length > MOST_ROWS) return null;
  const keys = new Float64Array(rows.length);
  let last = 0;
  for (const [at, { line }] of rows.entries()) {
    if (!Number.isInteger(line) || line <= last || line >= 10 * SEVEN_DIGITS) return null;
    last = line;
    let digits = LINE_DIGITS;
    let filled = line;
    for (; filled < SEVEN_DIGITS; digits--) filled *= 10;
    keys[at] = (filled * DIGITS_BASE + digits) * MOST_ROWS + at;
  }
  return keys.sort();
}
