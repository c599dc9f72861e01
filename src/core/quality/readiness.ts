/**
 * Whether an instrument's bars are fit to act on: sound, in order, and new enough. Fed with bars as they come, before anything cleans them.
 *
 * A fault holds until a sound bar has closed after it: the newest bar is what orders are judged by.
 */
import { scanTime, type TimeScan } from "../market/scan-time.js";
import type { UtcMillis } from "../tape/event.js";

/** A bar as a feed hands it over: nothing is taken for granted. */
export interface RawBar {
  /** Close time: UTC milliseconds, or ISO 8601 text with its zone. */
  readonly ts: unknown;
  readonly open?: unknown;
  readonly high?: unknown;
  readonly low?: unknown;
  readonly close?: unknown;
  readonly volume?: unknown;
  /** False for a bar that has not closed yet: it is no bar to act on, and no fault. Default: true. */
  readonly is_closed?: boolean;
}

export type ReadinessFault = "DUPLICATE_BAR" | "OUT_OF_ORDER_BAR" | "MISSING_FIELD" | "NAIVE_TIME";

export interface Readiness {
  /** Age of the newest sound closed bar; null where there was none. */
  readonly age_ms: number | null;
  readonly faults: readonly ReadinessFault[];
}

interface Book {
  newest: UtcMillis | null;
  faults: ReadinessFault[];
}

const FIELDS = ["open", "high", "low", "close", "volume"] as const;
const NO_FAULTS: readonly ReadinessFault[] = [];

export class ReadinessBook {
  readonly #bySymbol = new Map<string, Book>();

  /** Takes a bar in. @returns what is wrong with it; nothing for a sound one. */
  observe(symbol: string, bar: RawBar): readonly ReadinessFault[] {
    if (bar.is_closed === false) return NO_FAULTS;
    const book = this.#bookOf(symbol);
    const ts = instantOf(bar.ts);
    const faults: ReadinessFault[] = [];
    if (typeof ts === "string") faults.push(ts);
    else if (ts === book.newest) faults.push("DUPLICATE_BAR");
    else if (book.newest !== null && ts < book.newest) faults.push("OUT_OF_ORDER_BAR");
    if (!faults.includes("MISSING_FIELD") && FIELDS.some((field) => !isNumber(bar[field]))) faults.push("MISSING_FIELD");
    book.faults = faults;
    if (typeof ts === "number" && faults.length === 0) book.newest = ts;
    return faults;
  }

  /** Takes in the close of a bar that is known to be sound. */
  closed(symbol: string, ts: UtcMillis): void {
    const book = this.#bookOf(symbol);
    book.newest = ts;
    if (book.faults.length > 0) book.faults = [];
  }

  /** @param now event time. */
  stateOf(symbol: string, now: UtcMillis): Readiness {
    const book = this.#bySymbol.get(symbol);
    if (book === undefined) return { age_ms: null, faults: NO_FAULTS };
    return { age_ms: book.newest === null ? null : now - book.newest, faults: book.faults };
  }

  #bookOf(symbol: string): Book {
    const known = this.#bySymbol.get(symbol);
    if (known !== undefined) return known;
    const book: Book = { newest: null, faults: [] };
    this.#bySymbol.set(symbol, book);
    return book;
  }
}

/** The instant of a time field, or what is wrong with it. */
function instantOf(ts: unknown): UtcMillis | ReadinessFault {
  if (typeof ts === "number") return Number.isSafeInteger(ts) ? ts : "MISSING_FIELD";
  if (typeof ts !== "string") return "MISSING_FIELD";
  const scan: TimeScan = { kind: "local", ms: 0, date_only: false };
  const fault = scanTime(
    Uint8Array.from(ts, (char) => char.charCodeAt(0)),
    0,
    ts.length,
    scan,
  );
  if (fault !== null || scan.date_only) return "MISSING_FIELD";
  return scan.kind === "utc" ? scan.ms : "NAIVE_TIME";
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value);
}
