/**
 * From a bar's stamp in a file to its close time in UTC.
 *
 * A stamp without zone needs a zone; a local time that the clock change makes ambiguous or skips is a fault that names both
 * candidates, unless the import says which one it means. Nothing is guessed except the unit of epoch numbers, which is fixed by
 * the first one and reported.
 */
import type { UtcMillis } from "../tape/event.js";
import { civilDay, MS_PER_DAY } from "./civil-date.js";
import { asciiText, type DecimalScan, scanDecimal } from "./scan-decimal.js";
import { civilText, scanDateAndTime, scanTime, type TimeFault, type TimeScan, utcText } from "./scan-time.js";

/** The clock on the wall of one zone. */
export interface LocalClock {
  /** IANA name, such as `America/New_York`. */
  readonly zone: string;
  /** The instant at which the wall showed `localMs`, or NaN where it never did or did twice. */
  toUtc(localMs: number): number;
  /** Both readings of a local time that is ambiguous or skipped: by the offset before the change, and by the one after it. */
  candidates(localMs: number): { readonly kind: "ambiguous" | "missing"; readonly earlier: UtcMillis; readonly later: UtcMillis };
}

export type EpochUnit = "s" | "ms" | "us" | "ns";

export interface StampRules {
  /** Whether a stamp is the start or the end of its bar. */
  readonly stamp: "open" | "close";
  readonly timeframe_ms: number;
  /** Daily bars: their stamp names a day, and `day_close` its end. */
  readonly daily: boolean;
  /** Zone of stamps that name none; null refuses such stamps. */
  readonly clock: LocalClock | null;
  /** Which reading of an ambiguous or skipped local time is meant; null refuses them. */
  readonly ambiguous: "earlier" | "later" | null;
  /** Unit of stamps that are plain numbers; null detects it from the first. */
  readonly epoch: EpochUnit | null;
  /** Close time of the session on a day (days since 1970-01-01), or null where there is none. */
  readonly day_close: ((day: number) => UtcMillis | null) | null;
}

/** Why a stamp was refused. */
export interface StampFault {
  readonly code: string;
  readonly value: string;
  readonly message: string;
  readonly expected: string;
}

const EARLIEST = civilDay(1800, 1, 1) * MS_PER_DAY;
const LATEST = civilDay(2200, 1, 1) * MS_PER_DAY;
const FORMS = "ISO 8601 (2024-01-31T23:59:00Z), YYYY-MM-DD HH:MM[:SS], YYYYMMDD HH:MM, or an epoch number";

/** Reads stamps by one set of rules. Allocates nothing for a good one. */
export class StampReader {
  readonly #rules: StampRules;
  readonly #time: TimeScan = { kind: "local", ms: 0, date_only: false };
  readonly #number: DecimalScan = { mantissa: 0, decimals: 0 };
  #epoch: EpochUnit | null;
  #fault: StampFault | null = null;
  /** What a number-form stamp was, for its text in a fault. */
  #given = 0;
  readonly #wallText = (): string => (inRange(this.#given) ? civilText(this.#given) : String(this.#given));
  readonly #instantText = (): string => (inRange(this.#given) ? utcText(this.#given) : String(this.#given));

  constructor(rules: StampRules) {
    this.#rules = rules;
    this.#epoch = rules.epoch;
  }

  /** Unit of epoch numbers, once known. */
  get epochUnit(): EpochUnit | null {
    return this.#epoch;
  }

  /** Why the last read gave NaN. */
  get fault(): StampFault | null {
    return this.#fault;
  }

  /** @returns close time in UTC milliseconds, or NaN with {@link fault} set. */
  read(bytes: Uint8Array, start: number, end: number): number {
    if (this.#rules.epoch !== null || isEpoch(bytes, start, end)) return this.#readEpoch(bytes, start, end);
    const fault = scanTime(bytes, start, end, this.#time);
    return fault === null ? this.#close(asciiText, bytes, start, end) : this.#refuseText(fault, asciiText(bytes, start, end));
  }

  /** Like {@link read} for a date and a time in two cells. */
  readSplit(bytes: Uint8Array, dateStart: number, dateEnd: number, timeStart: number, timeEnd: number): number {
    const fault = scanDateAndTime(bytes, dateStart, dateEnd, timeStart, timeEnd, this.#time);
    if (fault !== null) return this.#refuseText(fault, `${asciiText(bytes, dateStart, dateEnd)} ${asciiText(bytes, timeStart, timeEnd)}`);
    this.#given = this.#time.ms;
    return this.#close(this.#wallText, bytes, 0, 0);
  }

  /** Like {@link read} for a wall-clock time that is already a number. */
  readLocal(localMs: number): number {
    return this.#readNumber("local", localMs, false, this.#wallText);
  }

  /** Like {@link read} for an instant that is already a number. */
  readUtc(utcMs: number): number {
    return this.#readNumber("utc", utcMs, false, this.#instantText);
  }

  /** Like {@link read} for a day without time, as days since 1970-01-01. */
  readDay(day: number): number {
    return this.#readNumber("local", day * MS_PER_DAY, true, this.#wallText);
  }

  /** Refuses a stamp that the caller found wrong. */
  refuse(bytes: Uint8Array, start: number, end: number, expected: string): number {
    return this.#refuse("TS_NOT_A_TIME", asciiText(bytes, start, end), "is no time", expected);
  }

  #readNumber(kind: TimeScan["kind"], ms: number, dateOnly: boolean, text: () => string): number {
    this.#time.kind = kind;
    this.#time.ms = ms;
    this.#time.date_only = dateOnly;
    this.#given = ms;
    return this.#close(text, NOTHING, 0, 0);
  }

  #close(text: (bytes: Uint8Array, start: number, end: number) => string, bytes: Uint8Array, start: number, end: number): number {
    const { kind, ms, date_only } = this.#time;
    const rules = this.#rules;
    if (date_only && !rules.daily) {
      return this.#refuse("TS_NOT_A_TIME", text(bytes, start, end), "has no time of day", "a date and a time, for bars shorter than a day");
    }
    // A daily bar stamped with a date, or with local midnight at its start, stands for that day's session.
    if (rules.daily && kind === "local" && (date_only || (rules.stamp === "open" && ms % MS_PER_DAY === 0))) {
      const close = rules.day_close === null ? null : rules.day_close(Math.floor(ms / MS_PER_DAY));
      if (close !== null) return close;
      return this.#refuse(
        "TS_NO_SESSION",
        text(bytes, start, end),
        "is no session day of the calendar, or lies outside its data",
        "a session day",
      );
    }
    const utc = kind === "utc" ? ms : this.#toUtc(ms, text, bytes, start, end);
    if (Number.isNaN(utc)) return utc;
    const close = rules.stamp === "open" ? utc + rules.timeframe_ms : utc;
    if (!inRange(close)) {
      return this.#refuse(
        "TS_OUT_OF_RANGE",
        text(bytes, start, end),
        "lies outside the years 1800 to 2199",
        "the right unit for epoch numbers: --epoch s|ms|us|ns",
      );
    }
    return close;
  }

  #toUtc(
    local: number,
    text: (bytes: Uint8Array, start: number, end: number) => string,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): number {
    const { clock, ambiguous } = this.#rules;
    if (clock === null) {
      return this.#refuse(
        "TS_NAIVE",
        text(bytes, start, end),
        "names no time zone",
        "an offset in the text, or the zone of the file with --tz ZONE",
      );
    }
    const utc = clock.toUtc(local);
    if (!Number.isNaN(utc)) return utc;
    const found = clock.candidates(local);
    if (ambiguous !== null) return ambiguous === "earlier" ? found.earlier : found.later;
    const both = `${utcText(found.earlier)} or ${utcText(found.later)}`;
    const what =
      found.kind === "ambiguous"
        ? `happened twice in ${clock.zone} (clocks went back)`
        : `never happened in ${clock.zone} (clocks went forward)`;
    return this.#refuse(
      found.kind === "ambiguous" ? "TS_AMBIGUOUS" : "TS_NOT_EXISTENT",
      text(bytes, start, end),
      `${what}: it could be ${both}`,
      "times with an offset, or --ambiguous earlier|later to choose",
    );
  }

  #readEpoch(bytes: Uint8Array, start: number, end: number): number {
    const unit = this.#epoch ?? detectUnit(bytes, start, end);
    if (unit === null) {
      return this.#refuse(
        "TS_NOT_A_TIME",
        asciiText(bytes, start, end),
        "is a number whose unit is not evident",
        "10 (s), 13 (ms), 16 (us) or 19 (ns) digits, or --epoch s|ms|us|ns",
      );
    }
    const ms = epochMillis(bytes, start, end, unit, this.#number);
    if (ms === null)
      return this.#refuse("TS_NOT_A_TIME", asciiText(bytes, start, end), `is no whole millisecond since 1970 in ${unit}`, FORMS);
    this.#epoch = unit;
    return this.readUtc(ms);
  }

  #refuseText(fault: TimeFault, value: string): number {
    if (fault === "no_such_time") return this.#refuse("TS_NO_SUCH_TIME", value, "is no date or time of the calendar", FORMS);
    if (fault === "below_millisecond")
      return this.#refuse("TS_BELOW_MILLISECOND", value, "has digits below the millisecond", "whole milliseconds");
    return this.#refuse("TS_NOT_A_TIME", value, fault === "empty" ? "is empty" : "is no date and time", FORMS);
  }

  #refuse(code: string, value: string, what: string, expected: string): number {
    this.#fault = { code, value, message: `time "${value}" ${what}`, expected };
    return Number.NaN;
  }
}

const NOTHING = new Uint8Array(0);

function inRange(ms: number): boolean {
  return ms >= EARLIEST && ms < LATEST;
}

/** Plain digits (with an optional fraction or exponent) other than the 8 of a compact date. */
function isEpoch(bytes: Uint8Array, start: number, end: number): boolean {
  let whole = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0;
    if (byte >= 48 && byte <= 57) whole += 1;
    else if (whole >= 1 && (byte === 46 || byte === 101 || byte === 69)) return whole !== 8;
    else return false;
  }
  return whole > 8;
}

function detectUnit(bytes: Uint8Array, start: number, end: number): EpochUnit | null {
  const scan: DecimalScan = { mantissa: 0, decimals: 0 };
  const digits = wholeDigits(bytes, start, end);
  if (digits === 19 && end - start === 19) return "ns";
  if (scanDecimal(bytes, start, end, scan, -1) !== null) return null;
  const size = String(Math.abs(scan.mantissa)).length - scan.decimals;
  return size === 9 || size === 10 ? "s" : size === 12 || size === 13 ? "ms" : size === 15 || size === 16 ? "us" : null;
}

function wholeDigits(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  while (start + count < end && (bytes[start + count] ?? 0) >= 48 && (bytes[start + count] ?? 0) <= 57) count += 1;
  return count;
}

const UNIT_DECIMALS: Readonly<Record<EpochUnit, number>> = { s: -3, ms: 0, us: 3, ns: 6 };

function epochMillis(bytes: Uint8Array, start: number, end: number, unit: EpochUnit, scan: DecimalScan): number | null {
  let last = end;
  let shift = UNIT_DECIMALS[unit];
  // Nanoseconds need more than 53 bits: their last six digits must be zeros and are cut before the number is read.
  if (unit === "ns" && wholeDigits(bytes, start, end) === end - start && end - start > 6) {
    for (let i = end - 6; i < end; i++) if (bytes[i] !== 48) return null;
    last = end - 6;
    shift = 0;
  }
  if (scanDecimal(bytes, start, last, scan, -1) !== null) return null;
  const places = scan.decimals + shift;
  if (places <= 0) {
    let ms = scan.mantissa;
    for (let i = places; i < 0; i++) ms *= 10;
    return Number.isSafeInteger(ms) ? ms : null;
  }
  let ms = scan.mantissa;
  for (let i = 0; i < places; i++) {
    if (ms % 10 !== 0) return null;
    ms /= 10;
  }
  return ms;
}
