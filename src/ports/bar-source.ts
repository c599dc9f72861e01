import type { BarCells } from "../core/market/bar-cells.js";
import type { BarIntake } from "../core/market/bar-intake.js";
import type { Timeframe } from "../core/market/bars.js";
import type { Instrument } from "../core/market/instrument.js";
import type { StampReader } from "../core/market/stamp-reader.js";
import type { Violation } from "../core/quality/violation.js";
import type { ViolationLog } from "../core/quality/violation-log.js";

/** Kinds of file that bars come in. */
export type BarFormat = "csv" | "binance" | "parquet" | "lean";

/** Whether the first row of a CSV file names its columns, is to be passed over, or is data. `auto` looks at it. */
export type HeaderMode = "auto" | "present" | "skip" | "absent";

/** What the user said about the layout of the files. */
export interface LayoutChoices {
  /** Bar field to column name, or to 1-based position. Fields left out are recognised by their usual names. */
  readonly columns: Readonly<Record<string, string>>;
  readonly header: HeaderMode;
  /** One character, or null to detect it. */
  readonly delimiter: string | null;
  /** Part of the name of the one CSV to read where an archive holds several, such as an expiry `201312`. */
  readonly entry: string | null;
  /** Market whose conventions hold, such as `equity/usa`, where the files' path does not say. */
  readonly market: string | null;
  /** Which of an archive folder's kinds of file to read. */
  readonly content: "trade" | "quote" | null;
}

/** A file to read, by its absolute path and by the name the user gave it. */
export interface SourceFile {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
}

/** What files say about themselves. Null where they do not say. */
export interface SourceFacts {
  /** The files to read, in ingestion order: folders are expanded. */
  readonly files: readonly SourceFile[];
  /** Bars of trades (or of one side), or rows with a bid and an ask side. */
  readonly content: "bars" | "quotes";
  readonly has_volume: boolean;
  readonly stamp: "open" | "close" | null;
  readonly tz: string | null;
  readonly symbol: string | null;
  readonly timeframe: Timeframe | null;
  readonly asset_class: Instrument["asset_class"] | null;
  readonly calendar: string | null;
  readonly currency: string | null;
  /** What was recognised, in words: columns taken and passed over, delimiter, header. */
  readonly notes: readonly string[];
}

export type Inspection =
  | { readonly kind: "readable"; readonly facts: SourceFacts }
  | { readonly kind: "refused"; readonly violations: readonly Violation[] };

/** Where rows go. One intake for bars; for quotes the bid's and the ask's. */
export interface BarSink {
  readonly intakes: readonly [BarIntake] | readonly [BarIntake, BarIntake];
  readonly cells: BarCells;
  readonly stamps: StampReader;
  readonly log: ViolationLog;
  /** Symbol of the rows to take. */
  readonly symbol: string;
  /** Whether rows of other symbols are passed over (true) or refused (false), where rows name a symbol. */
  readonly select_symbol: boolean;
  readonly timeframe: Timeframe;
}

export interface ReadControl {
  readonly signal: AbortSignal | null;
  /** Called as bytes of the source files are consumed. */
  readonly onProgress: ((doneBytes: number, rows: number) => void) | null;
}

export interface ReadReport {
  /** Data rows seen, those refused or passed over included. */
  readonly rows_read: number;
  readonly rows_of_other_symbols: number;
}

/** Reads bars from files of one format. */
export interface BarSource {
  /** Looks at names and first rows. */
  inspect(paths: readonly SourceFile[], choices: LayoutChoices): Promise<Inspection>;
  /** Reads every row in ingestion order. What is wrong with the data goes to the sink's log; @throws only when the machine fails or the signal aborts. */
  read(facts: SourceFacts, choices: LayoutChoices, sink: BarSink, control: ReadControl): Promise<ReadReport>;
}
