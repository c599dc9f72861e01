/** Reads a portfolio from a CSV or Parquet file. Every fault is told at once with line, field, value and what was expected. */
import type { Violation } from "../../core/quality/violation.js";
import { POSITION_KINDS, positionErrors, type RiskPosition } from "../../core/risk/portfolio/position.js";
import type { DayCount } from "../../core/risk/pricing/day-count.js";
import type { Stub } from "../../core/risk/pricing/schedule.js";
import type { Sha256BytesFn, Sha256Hex } from "../../core/tape/hash.js";
import { CellReader } from "./cell-reader.js";
import { readTable, type TableRow } from "./read-table.js";

/** A portfolio with the line of each position. */
export type ReadPositions =
  | {
      readonly kind: "read";
      readonly positions: readonly RiskPosition[];
      readonly lines: ReadonlyMap<string, number>;
      readonly sha256: Sha256Hex;
    }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

type Kind = RiskPosition["kind"];

/** Columns of each kind beside `id`, `kind` and `quantity`. */
const FIELDS: Readonly<Record<Kind, readonly string[]>> = {
  stock: ["symbol", "currency", "multiplier"],
  fx: ["currency"],
  fx_forward: ["base", "quote", "strike", "maturity"],
  bond: ["symbol", "currency", "face", "coupon_rate", "per_year", "effective", "maturity", "day_count", "stub", "end_of_month"],
  option: ["underlying", "currency", "multiplier", "right", "exercise", "strike", "expiry"],
  fx_option: ["base", "quote", "right", "strike", "expiry"],
};

/** Columns that a file of positions may have. */
export const POSITION_COLUMNS: readonly string[] = [...new Set(Object.values(FIELDS).flat())];

const DAY_COUNTS: readonly DayCount[] = [
  "ACT/360",
  "ACT/365F",
  "ACT/ACT ISDA",
  "30/360",
  "30U/360",
  "30E/360",
  "ACT/ACT ICMA",
  "30E/360 ISDA",
];
const STUBS: readonly Stub[] = ["short_first", "long_first", "short_last", "long_last"];
const PER_YEAR = ["1", "2", "3", "4", "6", "12"] as const;

/** @param file path as its user wrote it */
export async function readPositions(file: string, hash: Sha256BytesFn): Promise<ReadPositions> {
  const table = await readTable(file, { required: ["id", "kind", "quantity"], optional: POSITION_COLUMNS }, hash);
  if (table.kind === "invalid") return table;
  const reader = new CellReader(file);
  const lines = new Map<string, number>();
  const sound: RiskPosition[] = [];
  for (const row of table.rows) {
    const faults = reader.violations.length;
    const position = positionOf(row, reader);
    if (position === null || reader.violations.length > faults) continue;
    const first = lines.get(position.id);
    if (first !== undefined) reader.refuse(row, "id", position.id, `a name of its own; line ${first} has this one`, "DUPLICATE_NAME");
    else {
      lines.set(position.id, row.line);
      sound.push(position);
      for (const { code, message, details } of positionErrors([position])) {
        const field = (details["field"] ?? "").split("/").at(-1) ?? "";
        const value = details["value"] ?? "";
        const expected = details["expected"] ?? message;
        reader.violations.push({ code, message, file, line: row.line, field, value, expected });
      }
    }
  }
  if (reader.violations.length > 0) return { kind: "invalid", violations: reader.violations };
  return { kind: "read", positions: sound, lines, sha256: table.sha256 };
}

function positionOf(row: TableRow, reader: CellReader): RiskPosition | null {
  const id = reader.text(row, "id", "a name of the position");
  const quantity = reader.decimal(row, "quantity", "units held as a plain decimal, negative for short");
  const kind = reader.choice(row, "kind", POSITION_KINDS);
  if (kind === null) return null;
  reader.onlyEmpty(
    row,
    POSITION_COLUMNS.filter((column) => !FIELDS[kind].includes(column)),
    `a position of kind ${kind} has no such term`,
  );
  const text = (field: string) => reader.text(row, field, `text: a ${kind} needs it`);
  const decimal = (field: string, otherwise: string | null = null) =>
    reader.decimal(row, field, `a plain decimal: a ${kind} needs it`, otherwise);
  const day = (field: string) => reader.text(row, field, "a day as 2026-03-31");
  switch (kind) {
    case "stock":
      return { id, kind, quantity, symbol: text("symbol"), currency: text("currency"), multiplier: decimal("multiplier", "1") };
    case "fx":
      return { id, kind, quantity, currency: text("currency") };
    case "fx_forward":
      return { id, kind, quantity, base: text("base"), quote: text("quote"), strike: decimal("strike"), maturity: day("maturity") };
    case "bond": {
      const per_year = reader.choice(row, "per_year", PER_YEAR);
      const day_count = reader.choice(row, "day_count", DAY_COUNTS);
      const stub = reader.choice(row, "stub", STUBS, "short_first");
      const end_of_month = reader.choice(row, "end_of_month", ["true", "false"], "false") === "true";
      const effective = day("effective");
      const maturity = day("maturity");
      const terms = { symbol: text("symbol"), currency: text("currency"), face: decimal("face"), coupon_rate: decimal("coupon_rate") };
      if (per_year === null || day_count === null || stub === null) return null;
      return { id, kind, quantity, ...terms, per_year: PER_YEAR_NUMBERS[per_year], effective, maturity, day_count, stub, end_of_month };
    }
    case "option": {
      const right = reader.choice(row, "right", ["call", "put"]);
      const exercise = reader.choice(row, "exercise", ["european", "american"]);
      const terms = { underlying: text("underlying"), currency: text("currency"), multiplier: decimal("multiplier", "1") };
      const [strike, expiry] = [decimal("strike"), day("expiry")];
      return right === null || exercise === null ? null : { id, kind, quantity, ...terms, right, exercise, strike, expiry };
    }
    case "fx_option": {
      const right = reader.choice(row, "right", ["call", "put"]);
      const terms = { base: text("base"), quote: text("quote"), strike: decimal("strike"), expiry: day("expiry") };
      return right === null ? null : { id, kind, quantity, ...terms, right };
    }
  }
}

const PER_YEAR_NUMBERS = { "1": 1, "2": 2, "3": 3, "4": 4, "6": 6, "12": 12 } as const;
