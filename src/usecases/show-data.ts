import type { BarColumns, PriceBasis, Timeframe } from "../core/market/bars.js";
import type { Calendar } from "../core/market/calendar.js";
import { calendarById, isCalendarId } from "../core/market/calendars/registry.js";
import type { CaptureTaken } from "../core/market/capture.js";
import { requiresPositivePrices } from "../core/market/check-bars.js";
import { findGaps, sessionGaps } from "../core/market/gaps.js";
import type { Instrument } from "../core/market/instrument.js";
import { checkColumns } from "../core/quality/check-columns.js";
import type { QualityResult } from "../core/quality/quality-result.js";
import { type CaptureSummary, type GapText, gapTexts, summarise } from "./capture-summary.js";
import { readDataIndex } from "./catalogue-log.js";
import { chooseCapture } from "./choose-capture.js";
import { type DataPorts, type DataRefusal, refusal } from "./data-ports.js";
import { loadBasis } from "./resolve-data.js";

export interface ShowDataOptions {
  /** A symbol, or the beginning of a capture's or column set's id. */
  readonly what: string;
  readonly timeframe?: Timeframe | undefined;
  readonly basis?: PriceBasis | undefined;
  /** Gaps to list. Default 20. */
  readonly gap_limit?: number | undefined;
}

/** How much of one session is there. */
export interface SessionText {
  readonly session: string;
  readonly half_day: boolean;
  readonly expected: number;
  readonly present: number;
}

export interface ShownData extends CaptureSummary {
  readonly kind: "shown";
  readonly gaps: readonly GapText[];
  /** Quality facts; for quotes those of the bid side. */
  readonly quality: readonly QualityResult[];
  /** Completeness on the instrument's calendar; null where the calendar is unknown or does not cover the data. */
  readonly sessions: {
    readonly calendar: string;
    readonly calendar_version: string;
    readonly expected: number;
    readonly present: number;
    readonly completeness: number;
    readonly outside: number;
    /** Sessions that are not whole; the first 100. */
    readonly incomplete: readonly SessionText[];
  } | null;
}

const LISTED_SESSIONS = 100;

/** One capture in full: counts, gaps, quality, instrument. */
export async function showData(ports: DataPorts, options: ShowDataOptions): Promise<ShownData | DataRefusal> {
  const read = await readDataIndex(ports);
  if (read.kind === "refused") return read;
  const chosen = chooseCapture(read.index, options);
  if (chosen.kind === "missing") return refusal("not_found", chosen.violations, "onetape data list");
  const { capture } = chosen;
  const loaded = await loadBasis(ports, capture, capture.content === "quotes" ? (options.basis ?? "bid") : capture.basis);
  if (loaded.kind === "refused") return loaded;
  const instrument = read.index.instruments.get(capture.symbol) ?? null;
  const calendar = calendarOf(instrument, loaded.columns);
  return {
    kind: "shown",
    ...summarise(capture, instrument),
    gaps: gapTexts(findGaps(loaded.columns), options.gap_limit ?? 20),
    quality: qualityOf(capture, loaded.columns, instrument, calendar),
    sessions: calendar === null ? null : sessionsOf(loaded.columns, calendar),
  };
}

/** The instrument's calendar, where it covers the data. */
export function calendarOf(instrument: Pick<Instrument, "calendar"> | null, columns: BarColumns): Calendar | null {
  if (instrument === null || !isCalendarId(instrument.calendar)) return null;
  const calendar = calendarById(instrument.calendar);
  try {
    calendar.sessionDay(columns.ts[0] as number);
    calendar.sessionDay(columns.ts[columns.rows - 1] as number);
    return calendar;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Quality facts of a capture's columns. */
export function qualityOf(
  capture: CaptureTaken,
  columns: BarColumns,
  instrument: Instrument | null,
  calendar: Calendar | null,
): readonly QualityResult[] {
  const positive_prices = instrument === null || requiresPositivePrices(instrument.asset_class);
  return checkColumns(columns, { calendar, positive_prices, duplicates_removed: capture.counts.duplicates });
}

function sessionsOf(columns: BarColumns, calendar: Calendar): NonNullable<ShownData["sessions"]> {
  const report = sessionGaps(columns, calendar, 1);
  return {
    calendar: report.calendar,
    calendar_version: report.calendar_version,
    expected: report.expected,
    present: report.present,
    completeness: report.completeness,
    outside: report.outside,
    incomplete: report.sessions.filter((session) => session.present < session.expected).slice(0, LISTED_SESSIONS),
  };
}
