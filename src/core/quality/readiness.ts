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

export const READINESS_FAULTS = ["DUPLICATE_BAR", "OUT_OF_ORDER_BAR", "MISSING_FIELD", "NAIVE_TIME"] as const;

export type ReadinessFault = (typeof READINESS_FAULTS)[number];

export interface Readiness {
  /** Age of the newest sound closed bar; null where there was none. */
  readonly age_ms: number | null;
  readonly faults: readonly ReadinessFault[];
}

const FIELDS = ["open", "high", "low", "close", "volume"] as const;
const NO_FAULTS: readonly ReadinessFault[] = [];

/** The readiness of one instrument's bars. */
export class BarReadiness implements Readiness {
  #newest: UtcMillis | null = null;
  #now: UtcMillis = Number.NaN;
  faults: readonly ReadinessFault[] = NO_FAULTS;

  get age_ms(): number | null {
    return this.#newest === null ? null : this.#now - this.#newest;
  }

  /** Takes a bar in. @returns what is wrong with it; nothing for a sound one. */
  observe(bar: RawBar): readonly ReadinessFault[] {
    if (bar.is_closed === false) return NO_FAULTS;
    const ts = readTime(bar.ts);
    const faults: ReadinessFault[] = [];
    if (typeof ts === "string") faults.push(ts);
    else if (ts === this.#newest) faults.push("DUPLICATE_BAR");
    else if (this.#newest !== null && ts < this.#newest) faults.push("OUT_OF_ORDER_BAR");
    if (!faults.includes("MISSING_FIELD") && FIELDS.some((field) => !isNumber(bar[field]))) faults.push("MISSING_FIELD");
    this.faults = faults;
    if (typeof ts === "number" && faults.length === 0) this.#newest = ts;
    return faults;
  }

  /** Takes in a bar that was found faulty elsewhere. */
  refused(faults: readonly ReadinessFault[]): void {
    this.faults = faults;
  }

  /** Takes in the close of a bar that is known to be sound. */
  closed(ts: UtcMillis): void {
    this.#newest = ts;
    this.faults = NO_FAULTS;
  }

  /** How it stands at an event time; good until the next call. */
  at(now: UtcMillis): Readiness {
    this.#now = now;
    return this;
  }
}

/** The readiness of a feed's instruments. */
export class ReadinessBook {
  readonly #bySymbol = new Map<string, BarReadiness>();

  of(symbol: string): BarReadiness {
    const known = this.#bySymbol.get(symbol);
    if (known !== undefined) return known;
    const readiness = new BarReadiness();
    this.#bySymbol.set(symbol, readiness);
    return readiness;
  }
}

/** The instant of a sound bar's time field; NaN where there is none. */
export function instantOf(ts: unknown): UtcMillis {
  const read = readTime(ts);
  return typeof read === "number" ? read : Number.NaN;
}

/** The instant of a time field, or what is wrong with it. */
function readTime(ts: unknown): UtcMillis | ReadinessFault {
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
