import { civilDay, MS_PER_DAY } from "../../core/market/civil-date.js";
import { type DecimalScan, scanDecimal } from "../../core/market/scan-decimal.js";
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
import type { ColumnLayout } from "../csv/csv-layout.js";
import { CsvRows, type RowRules, type StampOf } from "../csv/csv-rows.js";
import { BadCsv, CsvScanner } from "../csv/csv-scanner.js";
import { BadZip, readZipEntry, type ZipEntry, zipEntries } from "../zip/zip-archive.js";
import { LEAN_MARKETS, type LeanPath, leanMarket, leanPath } from "./lean-path.js";

/** Bars in LEAN's zip files: headerless rows in market-local time, stamped at the bar's start. A folder of days is one import. */
export const leanBarSource: BarSource = { inspect: inspectLean, read: readLean };

interface LeanFile {
  readonly file: SourceFile;
  readonly path: LeanPath;
}

async function inspectLean(files: readonly SourceFile[], choices: LayoutChoices): Promise<Inspection> {
  const known = files.flatMap((file) => {
    const path = leanPath(file.path);
    return path === null ? [] : [{ file, path }];
  });
  const contents = new Set(known.map(({ path }) => path.content));
  const content = choices.content ?? (contents.has("trade") ? "trade" : "quote");
  const chosen = known.filter(({ path }) => path.content === content);
  const first = chosen[0];
  if (first === undefined) {
    return refused(
      "NOT_LEAN",
      "none of the files is a LEAN bar file",
      `YYYYMMDD_${content}.zip under minute/TICKER/, or TICKER.zip under hour/ or daily/`,
    );
  }
  const market = choices.market ?? first.path.market;
  const conventions = market === null ? undefined : leanMarket(market);
  if (conventions === undefined) {
    return refused(
      "MARKET_UNKNOWN",
      `the conventions of market ${market ?? "(none in the path)"} are not known`,
      `--market with one of ${LEAN_MARKETS.join(", ")}`,
    );
  }
  const odd = chosen.find(({ path }) => path.timeframe !== first.path.timeframe || path.ticker !== first.path.ticker);
  if (odd !== undefined) {
    return refused(
      "FILES_DIFFER",
      `${odd.file.name} and ${first.file.name} differ in ticker or resolution`,
      "one ticker and one resolution in one import",
    );
  }
  const picked = await pickEntries(chosen, choices.entry);
  if (picked.kind === "refused") return picked;
  const ticker = first.path.ticker?.toUpperCase() ?? null;
  const contract = picked.contract;
  const facts: SourceFacts = {
    files: picked.files,
    content: content === "quote" ? "quotes" : "bars",
    has_volume: true,
    stamp: "open",
    tz: conventions.tz,
    symbol: ticker === null ? null : contract === null ? ticker : `${ticker}-${contract}`,
    timeframe: first.path.timeframe,
    asset_class: conventions.asset_class,
    calendar: conventions.calendar,
    currency: conventions.currency,
    notes: [
      `LEAN ${market ?? ""} ${content} bars: ${conventions.tz} time, stamped at the start, prices ${conventions.price_digits === 0 ? "as written" : "times 10000"}`,
      ...picked.notes,
    ],
  };
  return { kind: "readable", facts };
}

function refused(code: string, message: string, expected: string): Inspection & { kind: "refused" } {
  return { kind: "refused", violations: [{ code, message, expected }] };
}

type Picked =
  | { readonly kind: "picked"; readonly files: readonly SourceFile[]; readonly contract: string | null; readonly notes: readonly string[] }
  | { readonly kind: "refused"; readonly violations: readonly Violation[] };

/** The archives that hold the entry asked for. A contract that did not trade on some day is missing in that day's archive. */
async function pickEntries(chosen: readonly LeanFile[], part: string | null): Promise<Picked> {
  const violations: Violation[] = [];
  const files: SourceFile[] = [];
  const contracts = new Set<string>();
  let absent = 0;
  for (const { file } of chosen) {
    try {
      const entries = await csvEntries(file.path);
      const wanted = part === null ? entries : entries.filter((entry) => entry.name.includes(part));
      for (const entry of wanted) contracts.add(contractOf(entry.name));
      if (wanted.length > 0) files.push(file);
      else absent += 1;
    } catch (error) {
      if (!(error instanceof BadZip)) throw error;
      violations.push({ code: "FILE_CORRUPT", message: `${file.name} ${error.message}`, file: file.name });
    }
  }
  if (violations.length > 0) return { kind: "refused", violations };
  if (contracts.size > 1) {
    const names = [...contracts].sort();
    return refused(
      "SYMBOL_MIXED",
      `the archives hold several contracts: ${names.join(", ")}`,
      `--entry with one of them, such as --entry ${names[0] ?? ""}`,
    );
  }
  if (files.length === 0)
    return refused(
      "ENTRY_MISSING",
      part === null ? "the archives hold no CSV" : `no archive holds an entry with "${part}" in its name`,
      "an entry of the archives",
    );
  const contract = [...contracts][0] ?? "";
  return {
    kind: "picked",
    files,
    contract: contract === "" ? null : contract,
    notes: absent === 0 ? [] : [`${absent} of ${chosen.length} archives hold no such entry`],
  };
}

async function csvEntries(path: string): Promise<ZipEntry[]> {
  return (await zipEntries(path)).filter((entry) => entry.name.toLowerCase().endsWith(".csv"));
}

/** The expiry (and more) after the kind of a file: `20131007_es_minute_trade_201312.csv` holds `201312`. */
function contractOf(entry: string): string {
  return /_(?:trade|quote)_(.+)\.csv$/i.exec(entry)?.[1] ?? "";
}

async function readLean(facts: SourceFacts, choices: LayoutChoices, sink: BarSink, control: ReadControl): Promise<ReadReport> {
  const layout = leanLayout(facts.content);
  const path = leanPath(facts.files[0]?.path ?? "");
  const digits = leanMarket(choices.market ?? path?.market ?? "")?.price_digits ?? 0;
  const rows = new CsvRows(sink, { layout, price_digits: digits, stamp_of: null });
  let done = 0;
  for (const file of facts.files) {
    const entries = await csvEntries(file.path);
    const entry = choices.entry === null ? entries[0] : entries.find((e) => e.name.includes(choices.entry ?? ""));
    const date = leanPath(file.path)?.date ?? null;
    if (entry === undefined) continue;
    const rules: RowRules = { layout, price_digits: digits, stamp_of: date === null ? null : minuteStamp(date, sink) };
    rows.beginFile(file.name, rules);
    await readEntry(file, entry, rows, sink, control, (share) => {
      control.onProgress?.(done + share * file.bytes, rows.report.rows_read);
    });
    done += file.bytes;
  }
  return rows.report;
}

async function readEntry(
  file: SourceFile,
  entry: ZipEntry,
  rows: CsvRows,
  sink: BarSink,
  control: ReadControl,
  onShare: (share: number) => void,
): Promise<void> {
  const scanner = new CsvScanner(44, rows.take);
  let seen = 0;
  try {
    for await (const chunk of readZipEntry(file.path, entry)) {
      control.signal?.throwIfAborted();
      scanner.write(chunk);
      seen += chunk.length;
      onShare(entry.bytes === 0 ? 1 : seen / entry.bytes);
    }
    scanner.end();
  } catch (error) {
    if (error instanceof BadZip) sink.log.add({ code: "FILE_CORRUPT", message: `${file.name} ${error.message}` });
    else if (error instanceof BadCsv) sink.log.add({ code: "CSV_MALFORMED", message: error.message, line: error.line });
    else throw error;
  }
}

function leanLayout(content: SourceFacts["content"]): ColumnLayout {
  const quotes = content === "quotes";
  return {
    content,
    width: quotes ? 11 : 6,
    header_rows: 0,
    split: false,
    ts: 0,
    time: -1,
    symbol: -1,
    timeframe: -1,
    is_closed: -1,
    sides: quotes
      ? [
          [1, 2, 3, 4, 5],
          [6, 7, 8, 9, 10],
        ]
      : [[1, 2, 3, 4, 5]],
    has_volume: true,
    stamp: "open",
    notes: [],
  };
}

/** Reads milliseconds since local midnight of the file's date. */
function minuteStamp(date: string, sink: BarSink): StampOf {
  const midnight = civilDay(Number(date.slice(0, 4)), Number(date.slice(4, 6)), Number(date.slice(6, 8))) * MS_PER_DAY;
  const scan: DecimalScan = { mantissa: 0, decimals: 0 };
  return (bytes, starts, ends) => {
    const start = starts[0] as number;
    const end = ends[0] as number;
    const fault = scanDecimal(bytes, start, end, scan, -1);
    const good = fault === null && scan.decimals === 0 && scan.mantissa >= 0 && scan.mantissa < MS_PER_DAY;
    return good
      ? sink.stamps.readLocal(midnight + scan.mantissa)
      : sink.stamps.refuse(bytes, start, end, "milliseconds since local midnight");
  };
}
