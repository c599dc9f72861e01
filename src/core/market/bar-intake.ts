/**
 * Takes the rows of an import in ingestion order and makes the columns of a set of them.
 *
 * Every row is checked against the bar contract with its line at hand; what is wrong goes to the log and the row is left out.
 * Rows are then ordered by close time; of rows with one close time the last in ingestion order stays. Missing bars stay missing.
 */
import { formatScaled, pow10 } from "../money/decimal.js";
import type { ViolationLog } from "../quality/violation-log.js";
import { isOnGrid } from "./bar-grid.js";
import { BarStore, SLOT_FIELDS } from "./bar-store.js";
import { BAR_RULES, type BarRule } from "./bar-violations.js";
import type { BarColumns, PriceBasis, PriceMode, Timeframe } from "./bars.js";
import type { Calendar } from "./calendar.js";
import { utcText } from "./scan-time.js";

/** One row on its way in, reused from row to row: numbers as `mantissa x 10^-decimals` in the order open, high, low, close, volume. */
export interface BarSlot {
  /** 1-based line (or row) in the file. */
  line: number;
  /** Close time in UTC milliseconds. */
  ts: number;
  readonly mantissa: Float64Array;
  readonly decimals: Uint8Array;
  closed: boolean;
}

export function newBarSlot(): BarSlot {
  return { line: 0, ts: 0, mantissa: new Float64Array(SLOT_FIELDS.length), decimals: new Uint8Array(SLOT_FIELDS.length), closed: true };
}

export interface IntakeRules {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly price_mode: PriceMode;
  readonly basis: PriceBasis;
  readonly has_volume: boolean;
  readonly positive_prices: boolean;
  /** Tells where bars longer than 15 minutes may close; null when unknown. */
  readonly calendar: Calendar | null;
  /** Refuses rows that are older than one before them, instead of sorting and counting. */
  readonly strict: boolean;
}

/** A place in the order of an import where something was put right. */
export interface IntakeNote {
  readonly file: string;
  readonly line: number;
  readonly ts: number;
}

/** What came of an import's rows. `open` holds bars with `is_closed=false`: stored, never run. */
export interface IntakeResult {
  readonly closed: BarColumns;
  readonly open: BarColumns;
  /** Rows that kept every rule, duplicates included. */
  readonly rows_taken: number;
  /** Rows that a later row with the same close time replaced; the first ones are listed. */
  readonly duplicates: number;
  readonly duplicate_rows: readonly IntakeNote[];
  /** Rows older than one before them; the first ones are listed. */
  readonly out_of_order: number;
  readonly out_of_order_rows: readonly IntakeNote[];
}

const MAX = Number.MAX_SAFE_INTEGER;
/** Decimals that prices and volumes get where the source has fewer and they fit. */
export const USUAL_SCALE = 8;
const NOTES = 20;
const VOLUME = 4;

/** See the top of this file. */
export class BarIntake {
  readonly #rules: IntakeRules;
  readonly #log: ViolationLog;
  readonly #store = new BarStore();
  readonly #files: { readonly name: string; readonly first_row: number }[] = [];
  readonly #outOfOrder: IntakeNote[] = [];
  readonly #scaled = new Float64Array(SLOT_FIELDS.length);
  #outOfOrderCount = 0;
  #newest = Number.NEGATIVE_INFINITY;
  #ascending = true;
  #priceScale = 0;
  #volumeScale = 0;
  #largestPrice = 0;
  #largestVolume = 0;

  constructor(rules: IntakeRules, log: ViolationLog) {
    this.#rules = rules;
    this.#log = log;
  }

  get rows(): number {
    return this.#store.rows;
  }

  /** The rows that follow come from this file. */
  beginFile(name: string): void {
    this.#log.file = name;
    this.#files.push({ name, first_row: this.#store.rows });
  }

  /** Takes one row. @returns whether it kept every rule. */
  push(slot: BarSlot): boolean {
    const before = this.#log.total;
    this.#checkTime(slot);
    if (!this.#fit(slot)) return false;
    this.#checkNumbers(slot);
    if (this.#log.total !== before) return false;
    this.#note(slot);
    const [open = 0, high = 0, low = 0, close = 0, volume = 0] = this.#scaled;
    this.#store.append(slot.ts, open, high, low, close, volume, slot.line, slot.closed);
    return true;
  }

  /**
   * Reports what else is wrong with a row that cannot be taken because a part of it could not be read.
   *
   * @param slot with NaN for a time or a mantissa that could not be read.
   */
  reject(slot: BarSlot): void {
    if (!Number.isNaN(slot.ts)) this.#checkTime(slot);
    // A scale of the row's own: rounding to a double keeps the order of numbers, so nothing sound is called wrong.
    const scale = Math.max(...slot.decimals);
    for (let i = 0; i < SLOT_FIELDS.length; i++) {
      this.#scaled[i] = (slot.mantissa[i] as number) * pow10(scale - (slot.decimals[i] as number));
    }
    this.#checkNumbers(slot);
  }

  /** The columns. Call once; the intake is empty afterwards. */
  finish(): IntakeResult {
    const store = this.#store;
    const taken = store.rows;
    this.#priceScale = this.#widen(this.#priceScale, this.#largestPrice, [1, 2, 3, 4]);
    this.#volumeScale = this.#widen(this.#volumeScale, this.#largestVolume, [5]);
    const { kept, replaced } = this.#ascending ? { kept: identity(taken), replaced: [] } : this.#order(taken);
    const duplicates = taken - kept.length;
    const notes = replaced.map((row) => this.#noteOf(row));
    const closedRows = kept.filter((row) => store.isClosed(row));
    const openRows = closedRows.length === kept.length ? new Uint32Array(0) : kept.filter((row) => !store.isClosed(row));
    const opened = Array.from({ length: 6 }, (_, column) => store.gather(column, openRows, false));
    const closed = Array.from({ length: 6 }, (_, column) => store.gather(column, closedRows, true));
    return {
      closed: this.#columns(closed),
      open: this.#columns(opened),
      rows_taken: taken,
      duplicates,
      duplicate_rows: notes,
      out_of_order: this.#outOfOrderCount,
      out_of_order_rows: this.#outOfOrder,
    };
  }

  #checkTime(slot: BarSlot): void {
    const { timeframe, calendar, strict } = this.#rules;
    if (!isOnGrid(slot.ts, timeframe, calendar)) {
      this.#refuse(
        "TS_OFF_GRID",
        slot.line,
        "ts",
        utcText(slot.ts),
        `a close time of ${timeframe} bars (is the stamp the bar's open or its close?)`,
      );
    }
    if (strict && slot.ts < this.#newest)
      this.#refuse("TS_NOT_INCREASING", slot.line, "ts", utcText(slot.ts), `after ${utcText(this.#newest)}`);
  }

  /** Brings the row to the scales of the columns, widening them as far as the row needs. */
  #fit(slot: BarSlot): boolean {
    const { mantissa, decimals } = slot;
    let needed = this.#priceScale;
    for (let i = 0; i < VOLUME; i++) needed = Math.max(needed, decimals[i] as number);
    const priceFits = needed === this.#priceScale || this.#rescalePrices(needed, slot);
    const volumeDecimals = decimals[VOLUME] as number;
    const volumeFits = volumeDecimals <= this.#volumeScale || this.#rescaleVolume(volumeDecimals, slot);
    if (!priceFits || !volumeFits) return false;
    let ok = true;
    for (let i = 0; i < SLOT_FIELDS.length; i++) {
      const scale = i === VOLUME ? this.#volumeScale : this.#priceScale;
      const value = (mantissa[i] as number) * pow10(scale - (decimals[i] as number));
      this.#scaled[i] = value;
      const size = Math.abs(value);
      if (size > MAX) {
        this.#overflow(SLOT_FIELDS[i] as string, slot, i, scale);
        ok = false;
      } else if (i === VOLUME) this.#largestVolume = Math.max(this.#largestVolume, size);
      else this.#largestPrice = Math.max(this.#largestPrice, size);
    }
    return ok;
  }

  #rescalePrices(scale: number, slot: BarSlot): boolean {
    const factor = pow10(scale - this.#priceScale);
    if (this.#largestPrice * factor > MAX) {
      this.#overflow("price", slot, slot.decimals.indexOf(scale), scale);
      return false;
    }
    for (const column of [1, 2, 3, 4]) this.#store.multiply(column, factor);
    this.#largestPrice *= factor;
    this.#priceScale = scale;
    return true;
  }

  #rescaleVolume(scale: number, slot: BarSlot): boolean {
    const factor = pow10(scale - this.#volumeScale);
    if (this.#largestVolume * factor > MAX) {
      this.#overflow("volume", slot, VOLUME, scale);
      return false;
    }
    this.#store.multiply(5, factor);
    this.#largestVolume *= factor;
    this.#volumeScale = scale;
    return true;
  }

  #overflow(field: string, slot: BarSlot, index: number, scale: number): void {
    const value = formatScaled(slot.mantissa[index] as number, slot.decimals[index] as number);
    this.#log.add({
      code: "NUMBER_TOO_WIDE",
      message: `${field} ${value} does not fit: with the ${scale} decimals that the file needs, numbers leave the exact range of 2^53`,
      line: slot.line,
      field,
      value,
      expected: "fewer decimals: --price-decimals N or --volume-decimals N rounds half-even and records it",
    });
  }

  #checkNumbers(slot: BarSlot): void {
    const [open = 0, high = 0, low = 0, close = 0, volume = 0] = this.#scaled;
    const sound = high >= open && high >= close && low <= open && low <= close && volume >= 0;
    if (sound && (!this.#rules.positive_prices || low > 0)) return;
    const text = (index: number): string => formatScaled(slot.mantissa[index] as number, slot.decimals[index] as number);
    const ends = [
      ["open", 0],
      ["close", 3],
    ] as const;
    const body = (): string =>
      ends
        .filter(([, index]) => !Number.isNaN(this.#scaled[index]))
        .map(([field, index]) => `${field} ${text(index)}`)
        .join(" and ");
    if (high < open || high < close) this.#refuse("HIGH_BELOW_BODY", slot.line, "high", text(1), `at least ${body()}`);
    if (low > open || low > close) this.#refuse("LOW_ABOVE_BODY", slot.line, "low", text(2), `at most ${body()}`);
    if (volume < 0) this.#refuse("VOLUME_NEGATIVE", slot.line, "volume", text(VOLUME), "0 or more");
    if (!this.#rules.positive_prices) return;
    for (let i = 0; i < VOLUME; i++) {
      if ((this.#scaled[i] as number) <= 0) this.#refuse("PRICE_NOT_POSITIVE", slot.line, SLOT_FIELDS[i] as string, text(i), "more than 0");
    }
  }

  #refuse(code: BarRule, line: number, field: string, value: string, expected: string): void {
    this.#log.add({ code, message: `${BAR_RULES[code]}: ${field} is ${value}, expected ${expected}`, line, field, value, expected });
  }

  #note(slot: BarSlot): void {
    if (slot.ts > this.#newest) {
      this.#newest = slot.ts;
      return;
    }
    this.#ascending = false;
    if (slot.ts === this.#newest) return;
    this.#outOfOrderCount += 1;
    if (this.#outOfOrder.length < NOTES) {
      this.#outOfOrder.push({ file: this.#files.at(-1)?.name ?? "", line: slot.line, ts: slot.ts });
    }
  }

  #noteOf(row: number): IntakeNote {
    const file = this.#files.findLast((f) => f.first_row <= row);
    return { file: file?.name ?? "", line: this.#store.line(row), ts: this.#store.ts(row) };
  }

  /** Rows in time order, the last of each close time only, and the first of those that were replaced. */
  #order(taken: number): { kept: Uint32Array; replaced: number[] } {
    const store = this.#store;
    const rows = identity(taken).sort((a, b) => store.ts(a) - store.ts(b) || a - b);
    const replaced: number[] = [];
    let length = 0;
    for (let i = 0; i < taken; i++) {
      const row = rows[i] as number;
      if (i + 1 < taken && store.ts(rows[i + 1] as number) === store.ts(row)) {
        if (replaced.length < NOTES) replaced.push(row);
      } else {
        rows[length] = row;
        length += 1;
      }
    }
    return { kept: rows.slice(0, length), replaced };
  }

  #widen(scale: number, largest: number, columns: readonly number[]): number {
    if (scale >= USUAL_SCALE || largest * pow10(USUAL_SCALE - scale) > MAX) return scale;
    for (const column of columns) this.#store.multiply(column, pow10(USUAL_SCALE - scale));
    return USUAL_SCALE;
  }

  #columns(columns: readonly Float64Array[]): BarColumns {
    const [ts, open, high, low, close, volume] = columns as readonly [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const { symbol, timeframe, price_mode, basis, has_volume } = this.#rules;
    return {
      symbol,
      timeframe,
      price_mode,
      basis,
      price_scale: this.#priceScale,
      volume_scale: this.#volumeScale,
      has_volume,
      rows: ts.length,
      ts,
      open,
      high,
      low,
      close,
      volume,
    };
  }
}

function identity(length: number): Uint32Array {
  const rows = new Uint32Array(length);
  for (let i = 0; i < length; i++) rows[i] = i;
  return rows;
}
