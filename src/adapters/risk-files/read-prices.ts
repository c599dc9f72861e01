/** Reads levels by day from a CSV or Parquet file: prices, volatilities, rates of exchange, zero rates, dividend yields. */
import { parseDay } from "../../core/market/civil-date.js";
import { KNOWN_CURRENCIES } from "../../core/money/known-currencies.js";
import type { Violation } from "../../core/quality/violation.js";
import { LEVEL_KINDS, type Level, type LevelKind } from "../../core/risk/report/price-history.js";
import type { Sha256BytesFn, Sha256Hex } from "../../core/tape/hash.js";
import { CellReader } from "./cell-reader.js";
import { readTable, type TableRow } from "./read-table.js";

export type ReadPrices =
  | {
      readonly kind: "read";
      readonly levels: readonly Level[];
      /** Line of each level, by day, kind and name with blanks between. */
      readonly lines: ReadonlyMap<string, number>;
      readonly sha256: Sha256Hex;
    }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

const NAMES: Readonly<Record<LevelKind, string>> = {
  spot: "a symbol",
  volatility: "a symbol, or a pair as EUR/USD",
  fx: "a pair of two currencies in use, as EUR/USD",
  rate: "a currency in use, as USD",
  dividend: "a symbol",
  volume: "a symbol",
  spread: "a symbol",
};

/** An empty value is a level that is missing; its row stays. @param file path as its user wrote it */
export async function readPrices(file: string, hash: Sha256BytesFn): Promise<ReadPrices> {
  const table = await readTable(file, { required: ["day", "kind", "name", "value"], optional: ["currency"] }, hash);
  if (table.kind === "invalid") return table;
  const reader = new CellReader(file);
  const levels: Level[] = [];
  const firsts = new Map<string, number>();
  const currencies = new Map<string, string>();
  for (const row of table.rows) {
    const level = levelOf(row, reader);
    if (level === null) continue;
    const key = `${level.day} ${level.kind} ${level.name}`;
    const first = firsts.get(key);
    if (first !== undefined) reader.refuse(row, "name", level.name, `one level a day; line ${first} has one`, "DUPLICATE_NAME");
    firsts.set(key, first ?? row.line);
    if (level.kind === "spot") {
      const known = currencies.get(level.name);
      if (known !== undefined && known !== level.currency)
        reader.refuse(row, "currency", level.currency ?? "", `${known}, as in the lines before`, "CURRENCY_MISMATCH");
      currencies.set(level.name, known ?? level.currency ?? "");
    }
    levels.push(level);
  }
  return reader.violations.length > 0
    ? { kind: "invalid", violations: reader.violations }
    : { kind: "read", levels, lines: firsts, sha256: table.sha256 };
}

function levelOf(row: TableRow, reader: CellReader): Level | null {
  const day = reader.text(row, "day", "a day as 2026-03-31");
  if (day !== "" && parseDay(day) === null) reader.refuse(row, "day", day, "a day as 2026-03-31", "DAY_INVALID");
  const kind = reader.choice(row, "kind", LEVEL_KINDS);
  if (kind === null) return null;
  const name = reader.text(row, "name", NAMES[kind]);
  const codes = kind === "fx" ? name.split("/") : kind === "rate" ? [name] : [];
  const sound = codes.every((code) => KNOWN_CURRENCIES.has(code)) && (kind !== "fx" || (codes.length === 2 && codes[0] !== codes[1]));
  if (name !== "" && !sound) reader.refuse(row, "name", name, NAMES[kind], kind === "fx" ? "FX_PAIR_INVALID" : "CURRENCY_UNKNOWN");
  return { day, kind, name, value: levelValue(row, kind, reader), currency: currencyOf(row, kind, reader) };
}

function levelValue(row: TableRow, kind: LevelKind, reader: CellReader): string | null {
  if (row.cell("value") === null) return null;
  const any = kind === "rate" || kind === "dividend";
  const expected = any ? "a plain decimal as a fraction, as 0.035" : "a plain decimal above 0; nothing where there is none";
  const value = reader.decimal(row, "value", expected);
  if (value !== "" && !any && !(Number(value) > 0)) reader.refuse(row, "value", value, expected, "NOT_POSITIVE");
  return value;
}

function currencyOf(row: TableRow, kind: LevelKind, reader: CellReader): string | null {
  if (kind !== "spot") {
    reader.onlyEmpty(row, ["currency"], "only a spot has one");
    return null;
  }
  const code = reader.text(row, "currency", "the currency of the price, as USD");
  if (code !== "" && !KNOWN_CURRENCIES.has(code)) reader.refuse(row, "currency", code, "a currency in use, as USD", "CURRENCY_UNKNOWN");
  return code;
}
