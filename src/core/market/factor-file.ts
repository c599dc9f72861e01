/**
 * Price and split factors of one symbol, in LEAN's form: `YYYYMMDD,priceFactor,splitFactor,referencePrice`, ascending, without a header.
 *
 * A row holds for all days up to and including its date; after the last row both factors are 1. Where the factors change between two
 * rows, a corporate action takes effect on the day after the earlier one.
 */
import { compareExact, decimalPlaces, parseBig } from "../money/decimal.js";
import type { Violation } from "../quality/violation.js";
import { type CivilDay, formatDay, parseDay } from "./civil-date.js";

/** One row. Factors and price are decimal text as the file wrote it. */
export interface FactorRow {
  /** 1-based line in the file. */
  readonly line: number;
  /** Last day for which the factors hold. */
  readonly day: CivilDay;
  readonly price_factor: string;
  readonly split_factor: string;
  /** Close of that day as traded, or 0 where nothing changes after it. */
  readonly reference_price: string;
}

export type FactorFile =
  | { readonly kind: "parsed"; readonly rows: readonly FactorRow[] }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

/** The factors of a file without a row: every price is as traded. */
export const UNIT_FACTORS: Pick<FactorRow, "price_factor" | "split_factor"> = { price_factor: "1", split_factor: "1" };

const ROW_FORM = "YYYYMMDD,priceFactor,splitFactor,referencePrice";
/** Whole digits and decimals of a number in the file: far beyond any real one, and bounded. */
const MAX_DIGITS = 20;

/** Reads a factor file and collects everything that is wrong with it. `file` is its name for messages. */
export function parseFactorFile(text: string, file: string): FactorFile {
  const violations: Violation[] = [];
  const rows: FactorRow[] = [];
  const lines = text.split(/\r?\n/);
  lines.forEach((content, i) => {
    if (content.trim() === "") {
      if (lines.slice(i + 1).some((later) => later.trim() !== ""))
        violations.push(fault(file, i + 1, "FACTOR_ROW_MALFORMED", "the row is empty", null, content, ROW_FORM));
      return;
    }
    const row = readRow(content, i + 1, file, violations);
    if (row !== null) rows.push(row);
  });
  if (rows.length === 0 && violations.length === 0)
    violations.push(fault(file, 1, "FACTOR_FILE_EMPTY", `${file} holds no row`, null, "", ROW_FORM));
  checkOrder(rows, file, violations);
  checkSteps(rows, file, violations);
  violations.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  return violations.length > 0 ? { kind: "invalid", violations } : { kind: "parsed", rows };
}

/**
 * What is wrong with the factors for bars of some days: days before the first row are not known to the file, and a file that ends
 * early with factors other than 1 was cut.
 */
export function factorGaps(
  rows: readonly FactorRow[],
  days: { readonly first: CivilDay; readonly last: CivilDay },
  file: string,
): Violation[] {
  const first = rows[0];
  const last = rows.at(-1);
  if (first === undefined || last === undefined) return [];
  const violations: Violation[] = [];
  if (days.first < first.day) {
    const message = `the factors begin on ${formatDay(first.day)}, the bars on ${formatDay(days.first)}: those between may be of an earlier owner of the symbol`;
    violations.push(
      fault(
        file,
        first.line,
        "FACTORS_START_LATE",
        message,
        "date",
        formatDay(first.day),
        `a row dated ${formatDay(days.first)} or earlier, or later bars`,
      ),
    );
  }
  const open = last.price_factor !== "1" || last.split_factor !== "1";
  if (open && days.last > last.day && !(isOne(last.price_factor) && isOne(last.split_factor))) {
    const message = `the factors end on ${formatDay(last.day)} at ${last.price_factor} and ${last.split_factor}, the bars on ${formatDay(days.last)}: the file was cut`;
    violations.push(fault(file, last.line, "FACTORS_END_EARLY", message, "date", formatDay(last.day), "a last row 20501231,1,1,0"));
  }
  return violations;
}

/** The file's content in one form, whatever its line ends and trailing zeros: what identifies it. */
export function factorText(rows: readonly FactorRow[]): string {
  return rows.map((row) => `${factorLine(row)}\n`).join("");
}

/** One row in that form. */
export function factorLine(row: FactorRow): string {
  const day = formatDay(row.day).replaceAll("-", "");
  return [day, shortest(row.price_factor), shortest(row.split_factor), shortest(row.reference_price)].join(",");
}

function readRow(content: string, line: number, file: string, violations: Violation[]): FactorRow | null {
  const cells = content.split(",").map((cell) => cell.trim());
  const [date = "", price_factor = "", split_factor = "", reference_price = ""] = cells;
  if (cells.length !== 4) {
    violations.push(fault(file, line, "FACTOR_ROW_MALFORMED", `the row has ${cells.length} cells`, null, content, ROW_FORM));
    return null;
  }
  const before = violations.length;
  const day = /^\d{8}$/.test(date) ? parseDay(`${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6, 8)}`) : null;
  if (day === null)
    violations.push(fault(file, line, "FACTOR_DATE_INVALID", `"${date}" is no day`, "date", date, "a day of the calendar as YYYYMMDD"));
  for (const [field, text] of [
    ["priceFactor", price_factor],
    ["splitFactor", split_factor],
  ] as const) {
    const value = exact(text);
    if (value !== null && value > 0n) continue;
    violations.push(fault(file, line, "FACTOR_NOT_POSITIVE", `"${text}" is no positive decimal`, field, text, "a decimal number above 0"));
  }
  const reference = exact(reference_price);
  if (reference === null || reference < 0n)
    violations.push(
      fault(
        file,
        line,
        "FACTOR_PRICE_INVALID",
        `"${reference_price}" is no price`,
        "referencePrice",
        reference_price,
        "a decimal number, 0 or above",
      ),
    );
  return day === null || violations.length > before ? null : { line, day, price_factor, split_factor, reference_price };
}

function checkOrder(rows: readonly FactorRow[], file: string, violations: Violation[]): void {
  rows.forEach((row, i) => {
    const before = rows[i - 1];
    if (before === undefined || row.day > before.day) return;
    const same = row.day === before.day;
    const day = formatDay(row.day);
    violations.push(
      fault(
        file,
        row.line,
        same ? "FACTOR_DATE_DUPLICATE" : "FACTOR_ROWS_UNSORTED",
        same ? `${day} stands in line ${before.line} already` : `${day} follows ${formatDay(before.day)} of line ${before.line}`,
        "date",
        day,
        same ? "one row a day" : "rows ascending by date",
      ),
    );
  });
}

/** A dividend is never negative, and its amount rests on the price before it. */
function checkSteps(rows: readonly FactorRow[], file: string, violations: Violation[]): void {
  rows.forEach((row, i) => {
    const next = rows[i + 1]?.price_factor ?? UNIT_FACTORS.price_factor;
    const step = compareExact(next, row.price_factor);
    // A last row that does not end at 1 is judged against the bars, see factorGaps.
    if (step === 0 || i === rows.length - 1) return;
    if (step < 0) {
      const message = `the price factor falls from ${row.price_factor} to ${next}: a dividend would be negative`;
      violations.push(
        fault(file, rows[i + 1]?.line ?? row.line, "FACTOR_FALLS", message, "priceFactor", next, `at least ${row.price_factor}`),
      );
    } else if (exact(row.reference_price) === 0n) {
      const message = `the price factor rises from ${row.price_factor} to ${next} without the price before it`;
      violations.push(
        fault(file, row.line, "FACTOR_PRICE_MISSING", message, "referencePrice", row.reference_price, "the close of that day, above 0"),
      );
    }
  });
}

function exact(text: string): bigint | null {
  const places = decimalPlaces(text);
  if (places === null || text.startsWith("+") || text.length > 2 * MAX_DIGITS || places > MAX_DIGITS) return null;
  return parseBig(text, MAX_DIGITS);
}

function isOne(text: string): boolean {
  return compareExact(text, "1") === 0;
}

function shortest(text: string): string {
  return (text.includes(".") ? text.replace(/\.?0+$/, "") : text).replace(/^0+(?=\d)/, "");
}

function fault(
  file: string,
  line: number,
  code: string,
  message: string,
  field: string | null,
  value: string,
  expected: string,
): Violation {
  return { code, message, file, line, ...(field === null ? {} : { field }), value, expected };
}
