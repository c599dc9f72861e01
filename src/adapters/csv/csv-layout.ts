/** Which column of a CSV file is which field of a bar. */
import { asciiBytes, decimalOfText } from "../../core/market/scan-decimal.js";
import { scanTime } from "../../core/market/scan-time.js";
import type { Violation } from "../../core/quality/violation.js";
import type { HeaderMode, LayoutChoices } from "../../ports/bar-source.js";

const BAR_FIELDS = ["open", "high", "low", "close", "volume"] as const;
const QUOTE_FIELDS = [
  "bid_open",
  "bid_high",
  "bid_low",
  "bid_close",
  "bid_size",
  "ask_open",
  "ask_high",
  "ask_low",
  "ask_close",
  "ask_size",
] as const;
/** Every field that a column may be mapped to. */
const FIELDS = ["ts", "date", "time", ...BAR_FIELDS, "symbol", "timeframe", "is_closed", ...QUOTE_FIELDS] as const;
type Field = (typeof FIELDS)[number];

/** Names under which a field is recognised, lower case, without blanks, dots, brackets and underscores. */
const USUAL_NAMES: Readonly<Record<Field, readonly string[]>> = {
  ts: ["ts", "timestamp", "timestamputc", "datetime", "opentime", "closetime"],
  date: ["date", "day"],
  time: ["time"],
  open: ["open", "o"],
  high: ["high", "h"],
  low: ["low", "l"],
  close: ["close", "c"],
  volume: ["volume", "vol", "v"],
  symbol: ["symbol", "ticker"],
  timeframe: ["timeframe", "interval"],
  is_closed: ["isclosed"],
  bid_open: ["bidopen"],
  bid_high: ["bidhigh"],
  bid_low: ["bidlow"],
  bid_close: ["bidclose"],
  bid_size: ["bidsize"],
  ask_open: ["askopen"],
  ask_high: ["askhigh"],
  ask_low: ["asklow"],
  ask_close: ["askclose"],
  ask_size: ["asksize"],
};

/** Column numbers from 0 by field; -1 where a field has none. */
export interface ColumnLayout {
  readonly content: "bars" | "quotes";
  /** Cells that every row must have. */
  readonly width: number;
  /** Rows at the head of the file that are no data. */
  readonly header_rows: 0 | 1;
  /** `ts` of one column, or of a date and a time column. */
  readonly split: boolean;
  readonly ts: number;
  readonly time: number;
  readonly symbol: number;
  readonly timeframe: number;
  readonly is_closed: number;
  /** Columns of open, high, low, close and volume, once per side. */
  readonly sides: readonly (readonly [number, number, number, number, number])[];
  readonly has_volume: boolean;
  /** What the header calls the start or the end of a bar (`open_time`, `close_time`), if it does. */
  readonly stamp: "open" | "close" | null;
  readonly notes: readonly string[];
}

export type LayoutOutcome =
  | { readonly kind: "known"; readonly layout: ColumnLayout }
  | { readonly kind: "unknown"; readonly violations: readonly Violation[] };

/**
 * Decides from the first rows of a file.
 *
 * @param head its first records, as text cells; at least one.
 */
export function columnLayout(head: readonly (readonly string[])[], choices: Pick<LayoutChoices, "columns" | "header">): LayoutOutcome {
  const first = head[0] ?? [];
  const header = choices.header === "auto" ? (first.some(isValue) ? "absent" : "present") : choices.header;
  const dataRow = header === "absent" ? first : head[1];
  const width = dataRow?.length ?? first.length;
  const violations: Violation[] = [];
  const named = header === "present" ? first : [];
  if (header === "present" && dataRow !== undefined && dataRow.length !== first.length) {
    violations.push({
      code: "FIELD_COUNT",
      message: `the header names ${first.length} columns but the first row has ${dataRow.length} cells`,
      line: 2,
      value: String(dataRow.length),
      expected: `${first.length} cells; or pass over the header and give positions: --header skip --column date=1 --column time=2 --column open=3 ...`,
    });
  }
  const found = new Map<Field, number>();
  placeStated(choices.columns, named, width, found, violations);
  if (named.length > 0) placeUsual(named, found, violations);
  requireFields(found, named, header, first, violations);
  if (violations.length > 0) return { kind: "unknown", violations };
  return { kind: "known", layout: layoutOf(found, named, header, width) };
}

function isValue(cell: string): boolean {
  if (decimalOfText(cell) !== null) return true;
  return scanTime(asciiBytes(cell), 0, cell.length, { kind: "utc", ms: 0, date_only: false }) === null;
}

function placeStated(
  columns: LayoutChoices["columns"],
  named: readonly string[],
  width: number,
  found: Map<Field, number>,
  violations: Violation[],
): void {
  for (const [key, column] of Object.entries(columns)) {
    const field = FIELDS.find((f) => f === (key === "timestamp" ? "ts" : key));
    if (field === undefined) {
      violations.push({
        code: "UNKNOWN_FIELD",
        message: `"${key}" is no field of a bar`,
        field: key,
        value: column,
        expected: `one of ${FIELDS.join(", ")}`,
      });
      continue;
    }
    const at = positionOf(column, named);
    if (at < 0 || at >= Math.max(width, named.length)) {
      violations.push({
        code: "COLUMN_MISSING",
        message: `there is no column "${column}" for ${field}`,
        field,
        value: column,
        expected: named.length > 0 ? `one of ${listed(named)}` : `a position from 1 to ${width}: the file names no columns`,
      });
    } else found.set(field, at);
  }
}

function positionOf(column: string, named: readonly string[]): number {
  const exact = named.indexOf(column);
  if (exact >= 0) return exact;
  const alike = named.findIndex((name) => name.toLowerCase() === column.toLowerCase());
  if (alike >= 0) return alike;
  return /^[1-9]\d{0,3}$/.test(column) ? Number(column) - 1 : -1;
}

function placeUsual(named: readonly string[], found: Map<Field, number>, violations: Violation[]): void {
  const taken = new Set(found.values());
  const plain = named.map((name) => name.toLowerCase().replaceAll(/[\s_.<>()-]/g, ""));
  const hasTime = found.has("ts") || (found.has("date") && found.has("time"));
  for (const field of FIELDS) {
    if (found.has(field) || (hasTime && (field === "ts" || field === "date" || field === "time"))) continue;
    const matches = plain.flatMap((name, at) => (USUAL_NAMES[field].includes(name) && !taken.has(at) ? [at] : []));
    if (matches.length > 1 && field !== "ts") {
      violations.push({
        code: "COLUMN_AMBIGUOUS",
        message: `columns ${listed(matches.map((at) => named[at] ?? ""))} could all be ${field}`,
        field,
        expected: `--column ${field}=NAME`,
      });
    }
    const at = field === "ts" && matches.length > 1 ? preferredTime(matches, plain) : matches[0];
    if (at === undefined) continue;
    found.set(field, at);
    taken.add(at);
  }
  if (found.has("ts")) {
    found.delete("date");
    found.delete("time");
  }
  settleTime(found, plain);
}

/** Of a start and an end of the bar, the start: it is what such files sort by. */
function preferredTime(matches: readonly number[], plain: readonly string[]): number | undefined {
  return matches.find((at) => plain[at] === "opentime") ?? matches[0];
}

/** A lone `date` or `time` column holds both; failing all names, an unnamed first column is the time index of a saved data frame. */
function settleTime(found: Map<Field, number>, plain: readonly string[]): void {
  if (found.has("ts")) return;
  const date = found.get("date");
  const time = found.get("time");
  if (date !== undefined && time !== undefined) return;
  const lone = date ?? time ?? (plain[0] === "" || plain[0] === "unnamed:0" ? 0 : undefined);
  if (lone === undefined) return;
  found.delete("date");
  found.delete("time");
  found.set("ts", lone);
}

function requireFields(
  found: Map<Field, number>,
  named: readonly string[],
  header: HeaderMode,
  first: readonly string[],
  violations: Violation[],
): void {
  const needed: Field[] = isQuotes(found) ? QUOTE_FIELDS.filter((f) => !f.endsWith("_size")) : ["open", "high", "low", "close"];
  const time = found.has("ts") || (found.has("date") && found.has("time"));
  const missing = [...(time ? [] : (["ts"] as const)), ...needed.filter((field) => !found.has(field))];
  const there =
    header === "present" ? `the file has ${listed(named)}` : `the file names no columns; its first row is ${first.slice(0, 8).join(",")}`;
  for (const field of missing) {
    if (violations.some((v) => v.field === field)) continue;
    violations.push({
      code: "COLUMN_MISSING",
      message: `there is no column for ${field}: ${there}`,
      field,
      expected:
        header === "present"
          ? `--column ${field}=NAME`
          : "positions: --column ts=1 --column open=2 --column high=3 --column low=4 --column close=5 --column volume=6",
    });
  }
}

function isQuotes(found: Map<Field, number>): boolean {
  return !found.has("open") && QUOTE_FIELDS.some((field) => found.has(field));
}

function layoutOf(found: Map<Field, number>, named: readonly string[], header: HeaderMode, width: number): ColumnLayout {
  const at = (field: Field): number => found.get(field) ?? -1;
  const split = !found.has("ts");
  const quotes = isQuotes(found);
  const sides: [number, number, number, number, number][] = quotes
    ? [
        [at("bid_open"), at("bid_high"), at("bid_low"), at("bid_close"), at("bid_size")],
        [at("ask_open"), at("ask_high"), at("ask_low"), at("ask_close"), at("ask_size")],
      ]
    : [[at("open"), at("high"), at("low"), at("close"), at("volume")]];
  const used = new Set(found.values());
  const name = (column: number): string => named[column] ?? `column ${column + 1}`;
  const taken = [...found].map(([field, column]) => `${field} from ${name(column) === "" ? "the unnamed first column" : name(column)}`);
  const ignored = Array.from({ length: width }, (_, i) => i).filter((i) => !used.has(i));
  const notes = [`columns: ${taken.join(", ")}`];
  if (ignored.length > 0) notes.push(`columns not used: ${ignored.map(name).join(", ")}`);
  const stampName = split ? "" : (named[at("ts")] ?? "").toLowerCase().replaceAll(/[\s_.]/g, "");
  return {
    content: quotes ? "quotes" : "bars",
    width,
    header_rows: header === "absent" ? 0 : 1,
    split,
    ts: split ? at("date") : at("ts"),
    time: at("time"),
    symbol: at("symbol"),
    timeframe: at("timeframe"),
    is_closed: at("is_closed"),
    sides,
    has_volume: sides.every((side) => side[4] >= 0),
    stamp: stampName === "opentime" ? "open" : stampName === "closetime" ? "close" : null,
    notes,
  };
}

function listed(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}

/** Binance kline rows: open time, open, high, low, close, volume, close time, and more that bars do not have. */
export function klineLayout(width: number, headerRows: 0 | 1): ColumnLayout {
  return {
    content: "bars",
    width,
    header_rows: headerRows,
    split: false,
    ts: 0,
    time: -1,
    symbol: -1,
    timeframe: -1,
    is_closed: -1,
    sides: [[1, 2, 3, 4, 5]],
    has_volume: true,
    stamp: "open",
    notes: ["Binance kline rows: open time, open, high, low, close, volume; the other columns are not used"],
  };
}

/** Whether a row without header has the shape of a Binance kline: 12 cells, the seventh one unit before a whole number of minutes after the first. */
export function isKline(row: readonly string[]): boolean {
  if (row.length !== 12) return false;
  const open = Number(row[0]);
  const close = Number(row[6]);
  if (!Number.isSafeInteger(open) || !Number.isSafeInteger(close) || String(row[0]).length < 13) return false;
  const minute = String(row[0]).length >= 16 ? 60_000_000 : 60_000;
  return (close + 1 - open) % minute === 0 && close > open;
}
