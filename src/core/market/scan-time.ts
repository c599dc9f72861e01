/**
 * Date and time text to milliseconds, from bytes, by arithmetic alone.
 *
 * Reads `YYYY-MM-DD`, `YYYY/MM/DD` and `YYYYMMDD`, then optionally a time `HH:MM[:SS[.fraction]]`, `HHMM` or `HHMMSS` after a
 * `T` or blanks, then optionally `Z`, `UTC` or an offset `+09`, `+0900`, `+09:00`. Day-first and month-first dates are refused:
 * `03/04/2024` is two days.
 */
import { civilDay, formatDay, MS_PER_DAY } from "./civil-date.js";

/** What a scan found. Reused from cell to cell. */
export interface TimeScan {
  /** `local`: the wall clock of a zone that the text does not name. `utc`: an instant. */
  kind: "local" | "utc";
  /** Milliseconds since 1970-01-01T00:00:00, of the wall clock when `local`. */
  ms: number;
  /** Whether the text has no time of day. */
  date_only: boolean;
}

export type TimeFault = "empty" | "not_a_time" | "no_such_time" | "below_millisecond";

/** `YYYY-MM-DDTHH:MM:SS[.mmm]` of a wall clock, without a zone mark. */
export function civilText(ms: number): string {
  const days = Math.floor(ms / MS_PER_DAY);
  const rest = ms - days * MS_PER_DAY;
  const seconds = Math.floor(rest / 1000);
  const fraction = rest - seconds * 1000;
  const clock = `${pad(Math.floor(seconds / 3600), 2)}:${pad(Math.floor(seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}`;
  return `${formatDay(days)}T${clock}${fraction === 0 ? "" : `.${pad(fraction, 3)}`}`;
}

/** ISO 8601 text of an instant, in UTC: `2021-12-31T23:01:00Z`. */
export function utcText(ms: number): string {
  return `${civilText(ms)}Z`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

/** Reads one date and time; see the top of this file for the forms. */
export function scanTime(bytes: Uint8Array, start: number, end: number, out: TimeScan): TimeFault | null {
  const cursor = new Cursor(bytes, start, end);
  if (cursor.done()) return "empty";
  const date = scanDate(cursor);
  if (date === null) return "not_a_time";
  if (Number.isNaN(date)) return "no_such_time";
  out.kind = "local";
  out.ms = date * MS_PER_DAY;
  out.date_only = true;
  if (cursor.done()) return null;
  if (!cursor.takeSeparator()) return "not_a_time";
  return scanClock(cursor, out);
}

/** Reads a date cell and a time cell as one. */
export function scanDateAndTime(
  bytes: Uint8Array,
  dateStart: number,
  dateEnd: number,
  timeStart: number,
  timeEnd: number,
  out: TimeScan,
): TimeFault | null {
  const fault = scanTime(bytes, dateStart, dateEnd, out);
  if (fault !== null) return fault;
  if (!out.date_only) return "not_a_time";
  const cursor = new Cursor(bytes, timeStart, timeEnd);
  return cursor.done() ? "empty" : scanClock(cursor, out);
}

function scanDate(cursor: Cursor): number | null {
  const year = cursor.digits(4);
  if (year === null) return null;
  const mark = cursor.peek();
  const dashed = mark === 45 || mark === 47;
  if (dashed) cursor.skip();
  const month = cursor.digits(2);
  if (month === null) return null;
  if (dashed) {
    if (cursor.peek() !== mark) return null;
    cursor.skip();
  }
  const day = cursor.digits(2);
  if (day === null) return null;
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return Number.NaN;
  return civilDay(year, month, day);
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function scanClock(cursor: Cursor, out: TimeScan): TimeFault | null {
  const hour = cursor.digits(2);
  if (hour === null) return "not_a_time";
  const colons = cursor.peek() === 58;
  if (colons) cursor.skip();
  const minute = cursor.digits(2);
  if (minute === null) return "not_a_time";
  let second = 0;
  if (colons ? cursor.take(58) : cursor.atDigit()) {
    const read = cursor.digits(2);
    if (read === null) return "not_a_time";
    second = read;
  }
  let millis = 0;
  if (cursor.take(46) || cursor.take(44)) {
    const read = cursor.fraction();
    if (read === null) return "not_a_time";
    if (read < 0) return "below_millisecond";
    millis = read;
  }
  if (hour > 23 || minute > 59 || second > 59) return "no_such_time";
  out.ms += ((hour * 60 + minute) * 60 + second) * 1000 + millis;
  out.date_only = false;
  cursor.blanks();
  if (cursor.done()) return null;
  const offset = scanOffset(cursor);
  if (offset === null || !cursor.done()) return "not_a_time";
  out.kind = "utc";
  out.ms -= offset;
  return null;
}

function scanOffset(cursor: Cursor): number | null {
  if (cursor.take(90) || cursor.take(122)) return 0;
  if (cursor.take(85)) return cursor.take(84) && cursor.take(67) ? 0 : null;
  const sign = cursor.peek();
  if (sign !== 43 && sign !== 45) return null;
  cursor.skip();
  const hours = cursor.digits(2);
  if (hours === null || hours > 15) return null;
  let minutes = 0;
  cursor.take(58);
  if (!cursor.done()) {
    const read = cursor.digits(2);
    if (read === null || read > 59) return null;
    minutes = read;
  }
  const ms = (hours * 60 + minutes) * 60_000;
  return sign === 45 ? -ms : ms;
}

class Cursor {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  done(): boolean {
    return this.#at >= this.#end;
  }

  peek(): number {
    return this.#at < this.#end ? (this.#bytes[this.#at] ?? 0) : -1;
  }

  skip(): void {
    this.#at += 1;
  }

  take(byte: number): boolean {
    if (this.peek() !== byte) return false;
    this.#at += 1;
    return true;
  }

  atDigit(): boolean {
    const byte = this.peek();
    return byte >= 48 && byte <= 57;
  }

  blanks(): void {
    while (this.peek() === 32) this.#at += 1;
  }

  takeSeparator(): boolean {
    if (this.take(84) || this.take(116)) return true;
    const before = this.#at;
    this.blanks();
    return this.#at > before;
  }

  digits(count: number): number | null {
    let value = 0;
    for (let i = 0; i < count; i++) {
      if (!this.atDigit()) return null;
      value = value * 10 + this.peek() - 48;
      this.#at += 1;
    }
    return value;
  }

  /** @returns milliseconds, -1 when digits below the millisecond are not zero, null without digits. */
  fraction(): number | null {
    let value = 0;
    let count = 0;
    let below = false;
    for (; this.atDigit(); count++) {
      const digit = this.peek() - 48;
      if (count < 3) value = value * 10 + digit;
      else if (digit !== 0) below = true;
      this.#at += 1;
    }
    if (count === 0) return null;
    if (below) return -1;
    return count === 1 ? value * 100 : count === 2 ? value * 10 : value;
  }
}
