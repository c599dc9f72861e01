/** What an import is told, and what follows from it together with what the files say. */

import type { PriceBasis, PriceMode, Timeframe } from "../core/market/bars.js";
import { TIMEFRAME_MS } from "../core/market/bars.js";
import type { Calendar } from "../core/market/calendar.js";
import { calendarById, isCalendarId } from "../core/market/calendars/registry.js";
import { isStorableSymbol } from "../core/market/catalogue-events.js";
import { requiresPositivePrices } from "../core/market/check-bars.js";
import { formatDay, MS_PER_DAY } from "../core/market/civil-date.js";
import { emptyColumns } from "../core/market/empty-columns.js";
import { guessInstrument } from "../core/market/guess-instrument.js";
import type { Instrument } from "../core/market/instrument.js";
import {
  type InstrumentHints,
  type ResolvedInstrument,
  resolveInstrument,
  type StatedInstrument,
  statedOf,
} from "../core/market/resolve-instrument.js";
import type { EpochUnit, LocalClock, StampRules } from "../core/market/stamp-reader.js";
import type { Violation } from "../core/quality/violation.js";
import type { JsonObject } from "../core/tape/event.js";
import type { BarFormat, HeaderMode, SourceFacts } from "../ports/bar-source.js";
import type { TimeZones } from "../ports/time-zones.js";

/** Files of bars, or of the two sides of the quote apart. Folders stand for the files in them, in order of name. */
export type ImportFiles = { readonly bars: readonly string[] } | { readonly bid: readonly string[]; readonly ask: readonly string[] };

/** What the user states. Whatever the files say themselves can be left out. */
export interface ImportBarsOptions {
  readonly files: ImportFiles;
  /** Whether prices are as traded or carry split and dividend factors. Required, except for coins and currencies, which have neither. */
  readonly price_mode?: PriceMode | undefined;
  readonly symbol?: string | undefined;
  readonly timeframe?: Timeframe | undefined;
  readonly stamp?: "open" | "close" | undefined;
  /** IANA zone of times that name none. */
  readonly tz?: string | undefined;
  readonly ambiguous?: "earlier" | "later" | undefined;
  readonly epoch?: EpochUnit | undefined;
  /** Close of daily bars that are stamped with a date: the session's (default), local midnight, or a local time `HH:MM`. */
  readonly daily_close?: string | undefined;
  readonly format?: BarFormat | undefined;
  readonly columns?: Readonly<Record<string, string>> | undefined;
  readonly header?: HeaderMode | undefined;
  readonly delimiter?: string | undefined;
  readonly entry?: string | undefined;
  readonly market?: string | undefined;
  readonly content?: "trade" | "quote" | undefined;
  /** What the prices of a file of bars are. Default `trade`. */
  readonly basis?: PriceBasis | undefined;
  /** Refuses rows out of order instead of sorting them. */
  readonly strict?: boolean | undefined;
  /** Digits after the point to keep, rounding half-even. Left out, nothing is rounded. */
  readonly price_decimals?: number | undefined;
  readonly volume_decimals?: number | undefined;
  readonly instrument?: StatedInstrument | undefined;
  /** When the source says that it was made, UTC milliseconds. Default: the newest modification time. */
  readonly source_time?: number | undefined;
}

/** An import with everything settled that can be settled before the rows are read. */
export interface ImportPlan {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly price_mode: PriceMode;
  readonly basis: PriceBasis;
  readonly stamps: StampRules;
  readonly calendar: Calendar | null;
  readonly positive_prices: boolean;
  readonly hints: InstrumentHints;
  readonly select_symbol: boolean;
  /** Release of the time zone database, where local times are read. */
  readonly tzdata: string | null;
  /** All that decides what the rows become: part of the capture's id. */
  readonly identity: JsonObject;
}

/** Version of the rules by which rows become columns. */
export const IMPORTER = "bars-import/v1";

/** What can be said to be wrong before any file is looked at. */
export function optionFaults(options: ImportBarsOptions): readonly Violation[] {
  const violations: Violation[] = [];
  const calendar = options.instrument?.calendar;
  if (calendar !== undefined && !isCalendarId(calendar)) {
    violations.push({
      code: "CALENDAR_UNKNOWN",
      message: `there is no calendar ${calendar}`,
      field: "calendar",
      value: calendar,
      expected: "24/7, FX24x5, or a market such as XNYS",
    });
  }
  for (const field of ["price_decimals", "volume_decimals"] as const) {
    const value = options[field];
    if (value === undefined || (Number.isInteger(value) && value >= 0 && value <= 15)) continue;
    violations.push({
      code: "DECIMALS_INVALID",
      message: `${field} is ${value}`,
      field,
      value: String(value),
      expected: "a whole number from 0 to 15",
    });
  }
  const daily = options.daily_close;
  if (daily !== undefined && daily !== "session" && daily !== "midnight" && timeOfDay(daily) === null) {
    violations.push({
      code: "DAILY_CLOSE_INVALID",
      message: `"${daily}" is no close of a day`,
      field: "daily_close",
      value: daily,
      expected: "session, midnight, or HH:MM",
    });
  }
  return violations;
}

/** Puts statements and facts together. Both must agree where both speak. */
export function planImport(
  options: ImportBarsOptions,
  facts: SourceFacts,
  format: BarFormat,
  zones: TimeZones,
): { readonly kind: "planned"; readonly plan: ImportPlan } | { readonly kind: "refused"; readonly violations: readonly Violation[] } {
  const violations: Violation[] = [];
  const stamp = settle(
    "stamp",
    options.stamp,
    facts.stamp,
    "--stamp open|close (does a time name the start of its bar, or the end?)",
    violations,
  );
  const timeframe = settle("timeframe", options.timeframe, facts.timeframe, "--timeframe 1m|5m|15m|1h|1d", violations);
  const symbol = options.symbol ?? facts.symbol ?? missing("symbol", "--symbol NAME", violations);
  if (symbol !== null && !isStorableSymbol(symbol)) {
    violations.push({
      code: "SYMBOL_INVALID",
      message: `"${symbol}" cannot be a symbol`,
      field: "symbol",
      value: symbol,
      expected: "letters, digits and . _ : @ + - /, at most 64",
    });
  }
  const tz = zoneOf(options.tz, facts.tz, violations);
  const clock = tz === null ? null : zones.open(tz);
  if (tz !== null && clock === null) {
    violations.push({
      code: "TZ_UNKNOWN",
      message: `there is no time zone ${tz}`,
      field: "tz",
      value: tz,
      expected: "an IANA name such as America/New_York, or UTC",
    });
  }
  const hints = hintsOf(facts);
  const guess = guessInstrument(symbol ?? "", emptyColumns(symbol ?? ""));
  const byName = guess.kind === "guessed" ? guess.instrument : null;
  const assetClass = options.instrument?.asset_class ?? hints.asset_class ?? byName?.asset_class;
  const price_mode = priceMode(options.price_mode, assetClass, violations);
  if (violations.length > 0 || stamp === null || timeframe === null || symbol === null || price_mode === null)
    return { kind: "refused", violations };
  const calendarId = options.instrument?.calendar ?? hints.calendar ?? byName?.calendar;
  const calendar = calendarId === undefined ? null : coveredCalendar(calendarById(calendarId));
  const daily = timeframe === "1d";
  const dailyClose = options.daily_close ?? "session";
  const positive = assetClass === undefined || requiresPositivePrices(assetClass);
  const localTzdata = clock !== null && clock.zone !== "UTC" ? zones.version : null;
  const stamps: StampRules = {
    stamp,
    timeframe_ms: TIMEFRAME_MS[timeframe],
    daily,
    clock,
    ambiguous: options.ambiguous ?? null,
    epoch: options.epoch ?? null,
    day_close: daily ? dayClose(dailyClose, calendar, clock) : null,
  };
  const basis = options.basis ?? "trade";
  const plan: ImportPlan = {
    symbol,
    timeframe,
    price_mode,
    basis,
    stamps,
    calendar,
    positive_prices: positive,
    hints,
    select_symbol: options.symbol !== undefined,
    tzdata: localTzdata,
    identity: {
      importer: IMPORTER,
      format,
      symbol,
      timeframe,
      price_mode,
      content: facts.content,
      basis,
      stamp,
      tz: clock?.zone ?? null,
      tzdata: localTzdata,
      ambiguous: options.ambiguous ?? null,
      epoch: options.epoch ?? null,
      daily_close: daily ? dailyClose : null,
      calendar: daily || timeframe === "1h" ? (calendar === null ? null : `${calendar.id}@${calendar.version}`) : null,
      columns: { ...options.columns },
      header: options.header ?? "auto",
      delimiter: options.delimiter ?? null,
      entry: options.entry ?? null,
      market: options.market ?? null,
      strict: options.strict ?? false,
      select_symbol: options.symbol !== undefined,
      positive_prices: positive,
      price_decimals: options.price_decimals ?? null,
      volume_decimals: options.volume_decimals ?? null,
      // LEAN's files carry their date in their name; elsewhere a name changes nothing.
      file_names: format === "lean" ? facts.files.map((file) => file.name.split(/[\\/]/).at(-1) ?? "") : null,
    },
  };
  return { kind: "planned", plan };
}

/** Coins and currencies have no splits and dividends: their prices can only be raw. Of everything else it must be said. */
function priceMode(stated: PriceMode | undefined, assetClass: string | undefined, violations: Violation[]): PriceMode | null {
  if (stated !== undefined) return stated;
  if (assetClass === "crypto" || assetClass === "fx") return "raw";
  violations.push({
    code: "PRICE_MODE_REQUIRED",
    message: "whether prices are raw or adjusted must be said: dividends are paid on raw prices only",
    field: "price_mode",
    expected: "--price-mode raw (as traded) or --price-mode adjusted (for splits and dividends)",
  });
  return null;
}

function hintsOf(facts: SourceFacts): InstrumentHints {
  return {
    ...(facts.asset_class === null ? {} : { asset_class: facts.asset_class }),
    ...(facts.calendar === null ? {} : { calendar: facts.calendar }),
    ...(facts.currency === null ? {} : { currency: facts.currency }),
  };
}

function settle<T extends string>(field: string, stated: T | undefined, fact: T | null, flag: string, violations: Violation[]): T | null {
  if (stated !== undefined && fact !== null && stated !== fact) {
    violations.push({
      code: "OPTION_CONTRADICTS_FILE",
      message: `${field} was said to be ${stated}, but these files have ${fact}`,
      field,
      value: stated,
      expected: fact,
    });
    return null;
  }
  return stated ?? fact ?? missing(field, flag, violations);
}

function missing(field: string, flag: string, violations: Violation[]): null {
  violations.push({ code: "OPTION_REQUIRED", message: `the files do not say the ${field}`, field, expected: flag });
  return null;
}

function zoneOf(stated: string | undefined, fact: string | null, violations: Violation[]): string | null {
  if (stated !== undefined && fact !== null && stated.toLowerCase() !== fact.toLowerCase()) {
    violations.push({
      code: "OPTION_CONTRADICTS_FILE",
      message: `tz was said to be ${stated}, but these files are in ${fact}`,
      field: "tz",
      value: stated,
      expected: fact,
    });
  }
  return stated ?? fact;
}

/** The close of a day (days since 1970-01-01) as the user wants it; null where nothing can tell. */
function dayClose(choice: string, calendar: Calendar | null, clock: LocalClock | null): StampRules["day_close"] {
  if (choice === "session") return calendar === null ? null : (day) => calendar.sessionOn(formatDay(day))?.close ?? null;
  const offset = choice === "midnight" ? MS_PER_DAY : timeOfDay(choice);
  if (clock === null || offset === null) return null;
  return (day) => {
    const utc = clock.toUtc(day * MS_PER_DAY + offset);
    return Number.isNaN(utc) ? clock.candidates(day * MS_PER_DAY + offset).later : utc;
  };
}

function timeOfDay(text: string): number | null {
  const parts = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  return parts === null ? null : (Number(parts[1]) * 60 + Number(parts[2])) * 60_000;
}

/** The calendar with silence instead of exceptions outside what it covers: an import reports rows, not calendars. */
export function coveredCalendar(calendar: Calendar): Calendar {
  const quiet = <T>(ask: () => T): T | null => {
    try {
      return ask();
    } catch (error) {
      if (error instanceof RangeError) return null;
      throw error;
    }
  };
  return { ...calendar, sessionAt: (ts) => quiet(() => calendar.sessionAt(ts)), sessionOn: (day) => quiet(() => calendar.sessionOn(day)) };
}

/** A new statement over what was known before. Guesses that rest on bars are kept: the bars are not read again. */
export function restate(
  symbol: string,
  options: Pick<ImportBarsOptions, "instrument">,
  known: Instrument | null,
  hints: InstrumentHints,
): ResolvedInstrument {
  const stated = { ...statedOf(known ?? undefined), ...options.instrument };
  const resolved = resolveInstrument(symbol, emptyColumns(symbol), stated, hints);
  if (resolved.kind !== "resolved" || known === null || stated.price_tick !== undefined) return resolved;
  return { kind: "resolved", instrument: { ...resolved.instrument, price_tick: known.price_tick } };
}
