import type { Violation } from "../../core/quality/violation.js";
import type {
  BarSink,
  BarSource,
  Inspection,
  LayoutChoices,
  ReadControl,
  ReadReport,
  SourceFacts,
  SourceFile,
} from "../../ports/bar-source.js";
import { type ColumnLayout, columnLayout, isKline, klineLayout } from "./csv-layout.js";
import { CsvRows } from "./csv-rows.js";
import { BadCsv, CsvScanner } from "./csv-scanner.js";
import { BadTextFile, textBytes } from "./text-bytes.js";

const HEAD_RECORDS = 20;
const HEAD_BYTES = 1 << 16;
const DELIMITERS = [",", ";", "\t", "|"];

/** Bars from CSV files: any delimiter and column names, plain, `.gz`, or one CSV in a `.zip`. */
export const csvBarSource: BarSource = {
  inspect: (files, choices) => inspectCsv(files, choices, null),
  read: (facts, choices, sink, control) => readCsv(facts, choices, sink, control, null),
};

/** Bars from Binance kline files, whatever their header. */
export const binanceBarSource: BarSource = {
  inspect: (files, choices) => inspectCsv(files, choices, "kline"),
  read: (facts, choices, sink, control) => readCsv(facts, choices, sink, control, "kline"),
};

/** What the head of one file says. */
interface FileHead {
  readonly layout: ColumnLayout;
  readonly delimiter: string;
  readonly symbol: string | null;
  readonly timeframe: string | null;
}

type HeadOutcome =
  | { readonly kind: "known"; readonly head: FileHead }
  | { readonly kind: "unknown"; readonly violations: readonly Violation[] };

async function inspectCsv(files: readonly SourceFile[], choices: LayoutChoices, preset: "kline" | null): Promise<Inspection> {
  const violations: Violation[] = [];
  const heads: FileHead[] = [];
  for (const file of files) {
    const outcome = await readHead(file, choices, preset);
    if (outcome.kind === "known") heads.push(outcome.head);
    else violations.push(...outcome.violations.map((violation) => ({ ...violation, file: file.name })));
  }
  const first = heads[0];
  if (violations.length > 0 || first === undefined) return { kind: "refused", violations };
  for (const [i, head] of heads.entries()) {
    if (head.layout.content === first.layout.content && head.layout.has_volume === first.layout.has_volume) continue;
    violations.push({
      code: "FILES_DIFFER",
      message: `${files[i]?.name ?? ""} and ${files[0]?.name ?? ""} do not have the same kind of columns (bars or quotes, with or without volume)`,
      expected: "files of one shape in one import",
    });
  }
  if (violations.length > 0) return { kind: "refused", violations };
  const facts: SourceFacts = {
    files,
    content: first.layout.content,
    has_volume: first.layout.has_volume,
    stamp: first.layout.stamp,
    tz: null,
    symbol: first.symbol,
    timeframe: null,
    asset_class: null,
    calendar: null,
    currency: null,
    notes: [...first.layout.notes, `delimiter: ${JSON.stringify(first.delimiter)}`],
  };
  return { kind: "readable", facts };
}

async function readCsv(
  facts: SourceFacts,
  choices: LayoutChoices,
  sink: BarSink,
  control: ReadControl,
  preset: "kline" | null,
): Promise<ReadReport> {
  let done = 0;
  let rows: CsvRows | null = null;
  for (const file of facts.files) {
    const outcome = await readHead(file, choices, preset);
    if (outcome.kind === "unknown") {
      for (const violation of outcome.violations) sink.log.add({ ...violation, file: file.name });
      continue;
    }
    const { layout, delimiter } = outcome.head;
    const rules = { layout, price_digits: 0, stamp_of: null };
    const reader: CsvRows = rows ?? new CsvRows(sink, rules);
    rows = reader;
    reader.beginFile(file.name, rules);
    const scanner = new CsvScanner(delimiter.charCodeAt(0), reader.take);
    try {
      for await (const chunk of textBytes(file.path, choices.entry, (count) => (done += count))) {
        control.signal?.throwIfAborted();
        scanner.write(chunk);
        control.onProgress?.(done, reader.report.rows_read);
      }
      scanner.end();
    } catch (error) {
      if (error instanceof BadCsv)
        sink.log.add({ code: "CSV_MALFORMED", message: error.message, line: error.line, expected: "CSV as in RFC 4180" });
      else if (error instanceof BadTextFile) sink.log.add({ code: "FILE_CORRUPT", message: `${file.name} ${error.message}` });
      else throw error;
    }
  }
  return rows?.report ?? { rows_read: 0, rows_of_other_symbols: 0 };
}

async function readHead(file: SourceFile, choices: LayoutChoices, preset: "kline" | null): Promise<HeadOutcome> {
  const unknown = (code: string, message: string, more: Partial<Violation> = {}): HeadOutcome => ({
    kind: "unknown",
    violations: [{ code, message: `${file.name} ${message}`, ...more }],
  });
  let bytes: Uint8Array;
  try {
    bytes = await headBytes(file.path, choices.entry);
  } catch (error) {
    if (error instanceof BadTextFile) return unknown("FILE_CORRUPT", error.message);
    throw error;
  }
  if (bytes.length === 0) return unknown("FILE_EMPTY", "is empty");
  // UTF-16 with its mark has zero bytes too, and is named by the scanner.
  const zero = (bytes[0] ?? 0) >= 0xfe ? -1 : bytes.indexOf(0);
  if (zero >= 0) return unknown("FILE_CORRUPT", `is no text: byte ${zero + 1} is zero`, { expected: "CSV in UTF-8 or ASCII" });
  const delimiter = choices.delimiter ?? detectDelimiter(bytes);
  if (delimiter.length !== 1 || delimiter.charCodeAt(0) > 127)
    return unknown("DELIMITER_INVALID", `cannot be split at ${JSON.stringify(delimiter)}`, { expected: "one ASCII character" });
  const records: string[][] = [];
  try {
    headRecords(bytes, delimiter, records);
  } catch (error) {
    if (error instanceof BadCsv) return unknown("CSV_MALFORMED", error.message, { line: error.line });
    throw error;
  }
  const first = records[0];
  if (first === undefined) return unknown("FILE_EMPTY", "has no line with data");
  const decided = decideLayout(records, first, choices, preset);
  if (decided.kind === "unknown") return decided;
  const { layout } = decided;
  const row = records[layout.header_rows];
  if (row === undefined) return unknown("FILE_EMPTY", "has a header but no rows");
  const cell = (column: number): string | null => (column < 0 ? null : (row[column] ?? null));
  return { kind: "known", head: { layout, delimiter, symbol: cell(layout.symbol), timeframe: cell(layout.timeframe) } };
}

function decideLayout(
  records: readonly string[][],
  first: readonly string[],
  choices: LayoutChoices,
  preset: "kline" | null,
): ReturnType<typeof columnLayout> {
  const stated = Object.keys(choices.columns).length > 0 || choices.header !== "auto";
  const headed = records[1] !== undefined && !isKline(first) && isKline(records[1]);
  if (preset === "kline" || (!stated && isKline(first))) {
    const row = headed ? records[1] : first;
    if (row !== undefined && isKline(row)) return { kind: "known", layout: klineLayout(row.length, headed ? 1 : 0) };
    return {
      kind: "unknown",
      violations: [
        {
          code: "NOT_KLINES",
          message: "the rows are no Binance klines",
          line: 1,
          value: first.slice(0, 8).join(","),
          expected: "12 cells: open time, open, high, low, close, volume, close time, ...",
        },
      ],
    };
  }
  return columnLayout(records, choices);
}

async function headBytes(path: string, entry: string | null): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of textBytes(path, entry, () => undefined)) {
    parts.push(chunk);
    length += chunk.length;
    if (length >= HEAD_BYTES) break;
  }
  return Buffer.concat(parts);
}

/** The first records; the last one may be cut and is left out unless the file ends there. */
function headRecords(bytes: Uint8Array, delimiter: string, records: string[][]): void {
  const decoder = new TextDecoder();
  const scanner = new CsvScanner(delimiter.charCodeAt(0), (buffer, starts, ends, count) => {
    if (records.length < HEAD_RECORDS)
      records.push(Array.from({ length: count }, (_, i) => decoder.decode(buffer.subarray(starts[i], ends[i]))));
  });
  scanner.write(bytes);
  if (records.length < HEAD_RECORDS && bytes.length < HEAD_BYTES) scanner.end();
}

/** The candidate that the first line holds most of; a comma where none stands out. */
function detectDelimiter(bytes: Uint8Array): string {
  const end = bytes.indexOf(10);
  const line = new TextDecoder().decode(bytes.subarray(0, end < 0 ? bytes.length : end));
  let best = ",";
  let most = 0;
  for (const delimiter of DELIMITERS) {
    const count = line.split(delimiter).length - 1;
    if (count > most) {
      most = count;
      best = delimiter;
    }
  }
  return best;
}
