/** From the cells of a record to bars in their intakes. */
import { type BarSlot, newBarSlot } from "../../core/market/bar-intake.js";
import { asciiBytes, asciiText } from "../../core/market/scan-decimal.js";
import type { BarSink, ReadReport } from "../../ports/bar-source.js";
import type { ColumnLayout } from "./csv-layout.js";
import type { RecordHandler } from "./csv-scanner.js";

/** Reads a row's stamp: NaN where it was refused and reported. */
export type StampOf = (bytes: Uint8Array, starts: Int32Array, ends: Int32Array) => number;

export interface RowRules {
  readonly layout: ColumnLayout;
  /** Powers of ten by which the file's prices are too large. */
  readonly price_digits: number;
  /** Overrides the layout's own way to read the stamp. The reader's fault tells why it gave NaN. */
  readonly stamp_of: StampOf | null;
}

const TRUE = new Set(["true", "t", "1", "yes", "y"]);
const FALSE = new Set(["false", "f", "0", "no", "n"]);

/** Takes records of one file after another and counts them. */
export class CsvRows {
  readonly #sink: BarSink;
  readonly #slots: readonly BarSlot[];
  readonly #symbol: Uint8Array;
  readonly #timeframe: Uint8Array;
  #rules: RowRules;
  #skip = 0;
  #read = 0;
  #passed = 0;

  constructor(sink: BarSink, rules: RowRules) {
    this.#sink = sink;
    this.#rules = rules;
    this.#slots = sink.intakes.map(() => newBarSlot());
    this.#symbol = asciiBytes(sink.symbol);
    this.#timeframe = asciiBytes(sink.timeframe);
  }

  get report(): ReadReport {
    return { rows_read: this.#read, rows_of_other_symbols: this.#passed };
  }

  /** The records that follow are another file's. */
  beginFile(name: string, rules: RowRules): void {
    this.#rules = rules;
    this.#skip = rules.layout.header_rows;
    for (const intake of this.#sink.intakes) intake.beginFile(name);
  }

  readonly take: RecordHandler = (bytes, starts, ends, count, line) => {
    if (this.#skip > 0) {
      this.#skip -= 1;
      return;
    }
    this.#read += 1;
    const { layout } = this.#rules;
    if (count !== layout.width) {
      this.#refuse(
        "FIELD_COUNT",
        line,
        "",
        `${count} cells`,
        `the line has ${count} cells`,
        `${layout.width} cells as in the lines before`,
      );
      return;
    }
    if (layout.symbol >= 0 && !equals(bytes, starts[layout.symbol] ?? 0, ends[layout.symbol] ?? 0, this.#symbol)) {
      if (this.#sink.select_symbol) this.#passed += 1;
      else
        this.#refuseOther(
          "SYMBOL_MIXED",
          "symbol",
          bytes,
          starts,
          ends,
          layout.symbol,
          line,
          `${this.#sink.symbol}; choose one with --symbol`,
        );
      return;
    }
    const ok = layout.timeframe < 0 || equals(bytes, starts[layout.timeframe] ?? 0, ends[layout.timeframe] ?? 0, this.#timeframe);
    if (!ok) this.#refuseOther("TIMEFRAME_MIXED", "timeframe", bytes, starts, ends, layout.timeframe, line, this.#sink.timeframe);
    const ts = this.#stamp(bytes, starts, ends);
    if (Number.isNaN(ts)) {
      const fault = this.#sink.stamps.fault;
      if (fault !== null) this.#sink.cells.refuseStamp(fault, line, "ts");
    }
    const closed = this.#isClosed(bytes, starts, ends, line);
    for (let side = 0; side < layout.sides.length; side++) {
      const good = this.#readSide(side, bytes, starts, ends, line);
      const slot = this.#slots[side] as BarSlot;
      slot.ts = ts;
      if (good === null) continue;
      if (good && ok && closed !== null && !Number.isNaN(ts)) {
        slot.closed = closed;
        this.#sink.intakes[side]?.push(slot);
      } else this.#sink.intakes[side]?.reject(slot);
    }
  };

  #stamp(bytes: Uint8Array, starts: Int32Array, ends: Int32Array): number {
    const { layout, stamp_of } = this.#rules;
    if (stamp_of !== null) return stamp_of(bytes, starts, ends);
    const start = starts[layout.ts] as number;
    const end = ends[layout.ts] as number;
    if (!layout.split) return this.#sink.stamps.read(bytes, start, end);
    return this.#sink.stamps.readSplit(bytes, start, end, starts[layout.time] as number, ends[layout.time] as number);
  }

  /** Whether every cell of the side is a number; null where the side has no bar in this row. */
  #readSide(side: number, bytes: Uint8Array, starts: Int32Array, ends: Int32Array, line: number): boolean | null {
    const columns = this.#rules.layout.sides[side] as readonly [number, number, number, number, number];
    // A quote row may have no price on one side: that side has no bar there.
    if (this.#slots.length === 2 && isEmptySide(columns, starts, ends)) return null;
    const slot = this.#slots[side] as BarSlot;
    const cells = this.#sink.cells;
    slot.line = line;
    let good = true;
    for (let i = 0; i < 4; i++) {
      const column = columns[i] as number;
      if (!cells.read(slot, i, bytes, starts[column] as number, ends[column] as number, this.#rules.price_digits)) good = false;
    }
    const volume = columns[4];
    if (volume < 0) {
      slot.mantissa[4] = 0;
      slot.decimals[4] = 0;
    } else if (!cells.read(slot, 4, bytes, starts[volume] as number, ends[volume] as number, 0)) good = false;
    return good;
  }

  #isClosed(bytes: Uint8Array, starts: Int32Array, ends: Int32Array, line: number): boolean | null {
    const column = this.#rules.layout.is_closed;
    if (column < 0) return true;
    const value = asciiText(bytes, starts[column] as number, ends[column] as number);
    const text = value.toLowerCase();
    if (TRUE.has(text)) return true;
    if (FALSE.has(text)) return false;
    this.#refuse("IS_CLOSED_INVALID", line, "is_closed", value, `is_closed is "${value}"`, "true or false");
    return null;
  }

  #refuseOther(
    code: string,
    field: string,
    bytes: Uint8Array,
    starts: Int32Array,
    ends: Int32Array,
    column: number,
    line: number,
    expected: string,
  ): void {
    const value = asciiText(bytes, starts[column] as number, ends[column] as number);
    this.#refuse(code, line, field, value, `the bar belongs to another ${field}: ${value}`, expected);
  }

  #refuse(code: string, line: number, field: string, value: string, message: string, expected: string): void {
    this.#sink.log.add({ code, message, line, ...(field === "" ? {} : { field }), value, expected });
  }
}

function isEmptySide(columns: readonly [number, number, number, number, number], starts: Int32Array, ends: Int32Array): boolean {
  for (let i = 0; i < 4; i++) if ((starts[columns[i] as number] as number) < (ends[columns[i] as number] as number)) return false;
  return true;
}

function equals(bytes: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text[i]) return false;
  return true;
}
