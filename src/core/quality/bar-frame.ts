/** Bars as a frame of named columns over an index of times, as other tools hold them, and the contract that they must keep. */
import { isOnGrid } from "../market/bar-grid.js";
import type { BarColumns, Timeframe } from "../market/bars.js";
import type { Calendar } from "../market/calendar.js";
import { MS_PER_DAY, MS_PER_MINUTE, parseDay } from "../market/civil-date.js";
import { emptyColumns } from "../market/empty-columns.js";
import { sessionGaps } from "../market/gaps.js";
import { utcText } from "../market/scan-time.js";
import { pow10 } from "../money/decimal.js";
import type { UtcMillis } from "../tape/event.js";
import type { Violation } from "./violation.js";

/** Columns of a frame, exactly so. */
export const FRAME_COLUMNS = ["Open", "High", "Low", "Close", "Volume"] as const;
type FrameColumn = (typeof FRAME_COLUMNS)[number];

/** Bars of one instrument. Prices and volumes are doubles. */
export interface BarFrame {
  /** Close times: UTC milliseconds, or ISO 8601 text with its zone. */
  readonly index: readonly (string | number)[];
  readonly columns: { readonly [name: string]: readonly number[] };
}

export interface FrameOptions {
  /** Asks more of intraday bars: inside sessions, on the grid, and no hole inside a session. */
  readonly intraday?: { readonly timeframe: Timeframe; readonly calendar: Calendar };
}

export interface FrameVerdict {
  readonly ok: boolean;
  /** All of them. */
  readonly violations: readonly Violation[];
}

/** A frame of engine columns. */
export function frameOf(bars: BarColumns): BarFrame {
  const price = pow10(bars.price_scale);
  const volume = pow10(bars.volume_scale);
  const scaled = (values: Float64Array, unit: number): readonly number[] =>
    Array.from(values.subarray(0, bars.rows), (value) => value / unit);
  return {
    index: Array.from(bars.ts.subarray(0, bars.rows)),
    columns: {
      Open: scaled(bars.open, price),
      High: scaled(bars.high, price),
      Low: scaled(bars.low, price),
      Close: scaled(bars.close, price),
      Volume: scaled(bars.volume, volume),
    },
  };
}

/** Whether bars are engine columns. */
export function isBarColumns(bars: BarFrame | BarColumns): bars is BarColumns {
  return "ts" in bars;
}

/**
 * Checks bars against the contract: columns `Open High Low Close Volume`, an increasing index in UTC without duplicates, no NaN among the
 * prices, High at least and Low at most every price, Volume not negative. Everything wrong is found; columns whose names differ in case are
 * told and still checked.
 */
export function validate(bars: BarFrame | BarColumns, options: FrameOptions = {}): FrameVerdict {
  const frame = isBarColumns(bars) ? frameOf(bars) : bars;
  const found: Violation[] = [];
  const columns = namedColumns(frame, found);
  const times = readIndex(frame.index, found);
  for (const [name, values] of columns) {
    if (values.length !== frame.index.length)
      found.push({
        code: "LENGTH_DIFFERS",
        message: `${name} has ${values.length} values for ${frame.index.length} times`,
        field: name,
        expected: `${frame.index.length} values`,
      });
  }
  for (let row = 0; row < frame.index.length; row++) checkRow(columns, row, found);
  if (options.intraday !== undefined) checkSessions(times, options.intraday, found);
  return { ok: found.length === 0, violations: found };
}

/** {@link validate}, for those who cannot go on. @throws {RangeError} listing every violation. */
export function assertValid(bars: BarFrame | BarColumns, options: FrameOptions = {}): void {
  const { ok, violations } = validate(bars, options);
  if (!ok) throw new RangeError(`the bars break their contract: ${violations.map(({ message }) => message).join("; ")}`);
}

function namedColumns(frame: BarFrame, found: Violation[]): ReadonlyMap<FrameColumn, readonly number[]> {
  const columns = new Map<FrameColumn, readonly number[]>();
  const given = Object.keys(frame.columns);
  for (const name of FRAME_COLUMNS) {
    const like = given.includes(name) ? name : given.find((other) => other.toLowerCase() === name.toLowerCase());
    const values = like === undefined ? undefined : frame.columns[like];
    if (values !== undefined) columns.set(name, values);
    if (like !== name) {
      const message = like === undefined ? `there is no column ${name}` : `the column ${like} must be named ${name}`;
      found.push({
        code: "COLUMN_NAME",
        message,
        field: name,
        ...(like === undefined ? {} : { value: like }),
        expected: FRAME_COLUMNS.join(" "),
      });
    }
  }
  for (const name of given) {
    if (FRAME_COLUMNS.every((known) => known.toLowerCase() !== name.toLowerCase()))
      found.push({
        code: "COLUMN_UNKNOWN",
        message: `the column ${name} belongs to no bar`,
        field: name,
        expected: FRAME_COLUMNS.join(" "),
      });
  }
  return columns;
}

const TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/;

/** UTC milliseconds of an index entry; null where it is no time, `naive` where it has no zone. */
export function frameTime(entry: string | number): { readonly ts: UtcMillis | null; readonly zone: "utc" | "other" | "naive" } {
  if (typeof entry === "number") return { ts: Number.isSafeInteger(entry) ? entry : null, zone: "utc" };
  const parts = TIME.exec(entry.trim());
  const day = parts === null ? null : parseDay(parts[1] ?? "");
  if (parts === null || day === null) return { ts: null, zone: "utc" };
  const [hour, minute, second] = [Number(parts[2]), Number(parts[3]), Number(parts[4] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59) return { ts: null, zone: "utc" };
  const clock = day * MS_PER_DAY + (hour * 60 + minute) * MS_PER_MINUTE + second * 1000 + Number((parts[5] ?? "").padEnd(3, "0"));
  const zone = parts[6];
  if (zone === undefined) return { ts: clock, zone: "naive" };
  if (zone === "Z") return { ts: clock, zone: "utc" };
  const offset = (zone.startsWith("-") ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))) * MS_PER_MINUTE;
  return { ts: clock - offset, zone: offset === 0 ? "utc" : "other" };
}

function readIndex(index: BarFrame["index"], found: Violation[]): readonly UtcMillis[] {
  const times: UtcMillis[] = [];
  let naive = 0;
  let elsewhere = 0;
  for (const [row, entry] of index.entries()) {
    const { ts, zone } = frameTime(entry);
    if (ts === null) {
      found.push({
        code: "INDEX_INVALID",
        message: `row ${row}: ${JSON.stringify(entry)} is no time`,
        field: "index",
        value: String(entry),
        expected: "a time in UTC",
      });
      continue;
    }
    if (zone === "naive") naive += 1;
    if (zone === "other") elsewhere += 1;
    const before = times.at(-1);
    if (before !== undefined && ts === before)
      found.push({
        code: "INDEX_DUPLICATE",
        message: `row ${row}: ${utcText(ts)} stands twice`,
        field: "index",
        value: String(entry),
        expected: "each time once",
      });
    else if (before !== undefined && ts < before)
      found.push({
        code: "INDEX_NOT_INCREASING",
        message: `row ${row}: ${utcText(ts)} follows ${utcText(before)}`,
        field: "index",
        value: String(entry),
        expected: "times that increase",
      });
    times.push(ts);
  }
  if (naive > 0)
    found.push({ code: "INDEX_NAIVE", message: `${naive} times have no zone`, field: "index", expected: "times with their zone, in UTC" });
  if (elsewhere > 0)
    found.push({ code: "INDEX_NOT_UTC", message: `${elsewhere} times are not in UTC`, field: "index", expected: "times in UTC" });
  return times;
}

function checkRow(columns: ReadonlyMap<FrameColumn, readonly number[]>, row: number, found: Violation[]): void {
  const at = (name: FrameColumn): number | undefined => columns.get(name)?.[row];
  const [open, high, low, close, volume] = [at("Open"), at("High"), at("Low"), at("Close"), at("Volume")];
  for (const [name, value] of [
    ["Open", open],
    ["High", high],
    ["Low", low],
    ["Close", close],
  ] as const) {
    if (value !== undefined && !Number.isFinite(value))
      found.push({
        code: "PRICE_MISSING",
        message: `row ${row}: ${name} is ${value}`,
        field: name,
        value: String(value),
        expected: "a number",
      });
  }
  if (volume !== undefined && !(volume >= 0))
    found.push({
      code: "VOLUME_NEGATIVE",
      message: `row ${row}: Volume is ${volume}`,
      field: "Volume",
      value: String(volume),
      expected: "0 or more",
    });
  // A comparison with NaN or a missing column is no second violation.
  if (high !== undefined && ((open !== undefined && high < open) || (close !== undefined && high < close)))
    found.push({
      code: "HIGH_BELOW_BODY",
      message: `row ${row}: High ${high} is below Open ${open} or Close ${close}`,
      field: "High",
      value: String(high),
      expected: "at least Open and Close",
    });
  if (low !== undefined && ((open !== undefined && low > open) || (close !== undefined && low > close)))
    found.push({
      code: "LOW_ABOVE_BODY",
      message: `row ${row}: Low ${low} is above Open ${open} or Close ${close}`,
      field: "Low",
      value: String(low),
      expected: "at most Open and Close",
    });
}

/** Increasing times as columns without prices: enough to measure them against a calendar. */
export function timesOnly(times: readonly UtcMillis[], timeframe: Timeframe): BarColumns {
  const ts = Float64Array.from(new Set([...times].sort((a, b) => a - b)));
  return { ...emptyColumns(""), timeframe, rows: ts.length, ts };
}

function checkSessions(
  times: readonly UtcMillis[],
  { timeframe, calendar }: NonNullable<FrameOptions["intraday"]>,
  found: Violation[],
): void {
  const inside: UtcMillis[] = [];
  for (const ts of times) {
    if (calendar.sessionAt(ts) === null)
      found.push({
        code: "OUTSIDE_SESSION",
        message: `${utcText(ts)} lies outside every session of ${calendar.id}`,
        field: "index",
        value: utcText(ts),
        expected: "a time of a session",
      });
    else if (!isOnGrid(ts, timeframe, calendar))
      found.push({
        code: "OFF_GRID",
        message: `${utcText(ts)} is no close of a ${timeframe} bar`,
        field: "index",
        value: utcText(ts),
        expected: `a close of a ${timeframe} bar`,
      });
    else inside.push(ts);
  }
  for (const gap of sessionGaps(timesOnly(inside, timeframe), calendar).gaps) {
    if (gap.missing_in_session === 0) continue;
    const message = `${gap.missing_in_session} bars are missing between ${utcText(gap.prev_ts)} and ${utcText(gap.next_ts)}`;
    found.push({ code: "SESSION_HOLE", message, field: "index", value: utcText(gap.prev_ts), expected: "every bar of a session" });
  }
}
