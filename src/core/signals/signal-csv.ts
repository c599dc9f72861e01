/** Bracket signals as CSV: read with every fault at once, and written. */
import { asciiBytes } from "../market/scan-decimal.js";
import { scanTime, type TimeFault, type TimeScan, utcText } from "../market/scan-time.js";
import { decimalOfNumber } from "../money/from-number.js";
import { nearestName } from "../quality/nearest-name.js";
import type { Violation } from "../quality/violation.js";
import type { UtcMillis } from "../tape/event.js";
import { type BracketSignal, judgeSignal } from "./bracket-signal.js";
import { type CsvRecord, csvCell, csvRecords } from "./csv-records.js";

/** A signal and where it stands in its file. */
export interface ReadSignal extends BracketSignal {
  readonly line: number;
}

export type SignalsRead =
  | { readonly kind: "read"; readonly signals: readonly ReadSignal[] }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

/** Columns in the order in which they are written. */
const HEADINGS: { readonly [field in keyof BracketSignal]: string } = {
  symbol: "Symbol",
  ts: "Timestamp",
  strategy: "Strategy",
  strategy_version: "StrategyVersion",
  long_entry: "LongEntry",
  short_entry: "ShortEntry",
  sl_long: "SL_Long",
  sl_short: "SL_Short",
  tp_long: "TP_Long",
  tp_short: "TP_Short",
  setup: "Setup",
  score: "Score",
};
const FIELDS = Object.keys(HEADINGS) as (keyof BracketSignal)[];
export const SIGNAL_HEADINGS: readonly string[] = Object.values(HEADINGS);
const REQUIRED: readonly string[] = [HEADINGS.symbol, HEADINGS.ts, HEADINGS.strategy, HEADINGS.strategy_version];
/** Begin the names of what is known only after a trade. */
const LATER = ["exit_", "fill_", "pnl", "trade_", "realized_", "dbg_trigger"];

const SYMBOL = /^[^\s:\p{C}]{1,64}$/u;
const VERSION = /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)$/;
const DECIMAL = /^\d+(?:\.\d+)?$/;
const LARGEST_DIGITS = 15;
const LONGEST_NAME = 64;
const LONGEST_TEXT = 100;

/**
 * Reads signals; columns in any order, those but the first four may be left out. They come back in time order, signals of one moment as
 * the file has them.
 *
 * @param file as its user named it, for the violations
 */
export function parseSignalCsv(text: string, file: string): SignalsRead {
  const split = csvRecords(text);
  if (split.kind === "broken") {
    const violation = { code: "SIGNAL_QUOTE", message: "a quoted cell has no end, or something after it", file, line: split.line };
    return { kind: "invalid", violations: [{ ...violation, expected: 'a cell such as "inside bar, wide", quotes inside it doubled' }] };
  }
  return new SignalReader(file).read(split.records);
}

/** The CSV of signals, all columns, one line each. */
export function signalCsv(signals: readonly BracketSignal[]): string {
  const lines = signals.map((signal) => FIELDS.map((field) => csvCell(cellOf(signal, field))).join(","));
  return `${[SIGNAL_HEADINGS.join(","), ...lines].join("\n")}\n`;
}

function cellOf(signal: BracketSignal, field: keyof BracketSignal): string {
  if (field === "ts") return utcText(signal.ts);
  if (field === "score") return signal.score === null ? "" : decimalOfNumber(signal.score);
  return signal[field] ?? "";
}

class SignalReader {
  readonly #file: string;
  readonly #violations: Violation[] = [];
  readonly #seen = new Map<string, number>();
  #line = 1;

  constructor(file: string) {
    this.#file = file;
  }

  read([header, ...rows]: readonly CsvRecord[]): SignalsRead {
    const columns = this.#columns(header);
    const signals = this.#violations.length > 0 ? [] : rows.flatMap((row) => this.#signal(row, columns) ?? []);
    if (this.#violations.length === 0 && signals.length === 0)
      this.#fault("SIGNAL_EMPTY", null, "the file holds no signal", null, "a line per signal below the headings");
    if (this.#violations.length > 0) return { kind: "invalid", violations: this.#violations };
    return { kind: "read", signals: signals.sort((a, b) => a.ts - b.ts) };
  }

  /** Where each heading stands. */
  #columns(header: CsvRecord | undefined): ReadonlyMap<string, number> {
    this.#line = header?.line ?? 1;
    const names = (header?.cells ?? []).map((cell) => cell.trim());
    const columns = new Map<string, number>();
    names.forEach((name, i) => {
      if (columns.has(name)) this.#fault("SIGNAL_COLUMN", name, `the column ${name} stands there twice`, name, "each column once");
      else if (SIGNAL_HEADINGS.includes(name)) columns.set(name, i);
      else this.#unknown(name);
    });
    for (const name of REQUIRED)
      if (!names.includes(name)) this.#fault("SIGNAL_COLUMN", name, `the column ${name} is missing`, null, SIGNAL_HEADINGS.join(","));
    return columns;
  }

  #unknown(name: string): void {
    const later = LATER.find((start) => name.toLowerCase().startsWith(start));
    const near = nearestName(name, SIGNAL_HEADINGS);
    if (later !== undefined) {
      const message = `the column ${name} tells what is known only after the trade: names that begin with ${later} have no place in a signal`;
      this.#fault("SIGNAL_LOOK_AHEAD", name, message, name, "only what was known at the signal's time");
    } else {
      const message = `there is no column ${JSON.stringify(name)}${near === null ? "" : `; did you mean ${near}?`}`;
      this.#fault("SIGNAL_COLUMN", name, message, name, near ?? SIGNAL_HEADINGS.join(","));
    }
  }

  #signal({ cells, line }: CsvRecord, columns: ReadonlyMap<string, number>): ReadSignal | null {
    this.#line = line;
    const before = this.#violations.length;
    if (cells.length !== columns.size) {
      this.#fault("SIGNAL_CELLS", null, `the line has ${cells.length} cells`, null, `${columns.size} cells, as the first line has`);
      return null;
    }
    const cell = (field: keyof BracketSignal): string => (cells[columns.get(HEADINGS[field]) ?? -1] ?? "").trim();
    const matching = (field: "symbol" | "strategy" | "strategy_version", pattern: RegExp, expected: string): string => {
      const value = cell(field);
      if (value.length > LONGEST_NAME || !pattern.test(value))
        this.#fault("SIGNAL_VALUE", HEADINGS[field], `"${value}" is no ${expected}`, value, expected);
      return value;
    };
    const price = (field: Exclude<keyof BracketSignal, "ts" | "score">): string | null => this.#price(cell(field), HEADINGS[field]);
    const signal: ReadSignal = {
      line,
      symbol: matching("symbol", SYMBOL, "symbol of 1 to 64 characters without blanks and colons"),
      ts: this.#time(cell("ts")),
      strategy: matching("strategy", /^[\x21-\x7e]{1,64}$/, "name of 1 to 64 printable characters without blanks"),
      strategy_version: matching("strategy_version", VERSION, "semantic version such as 1.0.0"),
      long_entry: price("long_entry"),
      short_entry: price("short_entry"),
      sl_long: price("sl_long"),
      sl_short: price("sl_short"),
      tp_long: price("tp_long"),
      tp_short: price("tp_short"),
      setup: this.#setup(cell("setup")),
      score: this.#score(cell("score")),
    };
    // A price that could not be read says nothing about its side.
    if (this.#violations.length > before) return null;
    for (const { code, field, message, expected } of judgeSignal(signal))
      this.#fault(code, HEADINGS[field], message, cell(field), expected);
    this.#once(signal);
    return signal;
  }

  #time(text: string): UtcMillis {
    const scan: TimeScan = { kind: "local", ms: 0, date_only: false };
    const fault = scanTime(asciiBytes(text), 0, text.length, scan) ?? (scan.kind === "utc" ? null : "naive");
    if (fault === null) return scan.ms;
    const code = fault === "naive" ? "TS_NAIVE" : "TS_INVALID";
    this.#fault(code, HEADINGS.ts, TIME_FAULTS[fault](text), text, "a time with its zone, such as 2024-01-02T15:00:00Z");
    return 0;
  }

  #price(text: string, field: string): string | null {
    if (text === "") return null;
    const digits = text.replace(".", "").replace(/^0+/, "").length;
    if (!DECIMAL.test(text) || digits === 0 || Number(text) === 0 || digits > LARGEST_DIGITS) {
      const expected = `a positive decimal of at most ${LARGEST_DIGITS} digits, or an empty cell`;
      this.#fault("SIGNAL_PRICE", field, `"${text}" is no price`, text, expected);
      return null;
    }
    const [whole = "", fraction = ""] = text.split(".");
    const places = fraction.replace(/0+$/, "");
    return `${whole.replace(/^0+(?=\d)/, "")}${places === "" ? "" : `.${places}`}`;
  }

  #setup(text: string): string | null {
    if (text.length > LONGEST_TEXT || /\p{C}/u.test(text)) {
      const expected = `at most ${LONGEST_TEXT} printable characters`;
      this.#fault("SIGNAL_VALUE", HEADINGS.setup, "the setup is too long, or holds characters that cannot be printed", text, expected);
    }
    return text === "" ? null : text;
  }

  #score(text: string): number | null {
    if (text === "") return null;
    const score = DECIMAL.test(text) ? Number(text) : Number.NaN;
    if (score >= 0 && score <= 1) return score;
    this.#fault(
      "SIGNAL_SCORE",
      HEADINGS.score,
      `the score "${text}" is no number from 0 to 1`,
      text,
      "a number from 0 to 1, or an empty cell",
    );
    return null;
  }

  /** A second signal of one strategy on one symbol at one moment would be a second order. */
  #once({ symbol, ts, strategy, strategy_version, line }: ReadSignal): void {
    const key = `${symbol} ${ts} ${strategy} ${strategy_version}`;
    const first = this.#seen.get(key);
    this.#seen.set(key, first ?? line);
    if (first === undefined) return;
    const message = `line ${first} has a signal of ${strategy} ${strategy_version} on ${symbol} at this time already`;
    this.#fault("SIGNAL_DUPLICATE", HEADINGS.ts, message, utcText(ts), "one signal per symbol, time, strategy and version");
  }

  #fault(code: string, field: string | null, message: string, value: string | null, expected: string): void {
    const where = { file: this.#file, line: this.#line, ...(field === null ? {} : { field }) };
    this.#violations.push({ code, message, ...where, ...(value === null ? {} : { value }), expected });
  }
}

const TIME_FAULTS: { readonly [fault in TimeFault | "naive"]: (text: string) => string } = {
  naive: (text) => `"${text}" names no zone`,
  empty: () => "the time is empty",
  not_a_time: (text) => `"${text}" is no time`,
  no_such_time: (text) => `the calendar or the clock has no "${text}"`,
  below_millisecond: (text) => `"${text}" is finer than a millisecond`,
};
