/**
 * A capture is one taking of data from a source: what was read, how, when, and what came of it.
 *
 * Its id is content: the bytes of the source files and the choices they were read by. The columns that came of it have an identity of
 * their own, which two captures may share; runs rest on that one, and the capture is their provenance.
 */
import { canonicalJson } from "../tape/canonical-json.js";
import type { JsonObject, UtcMillis } from "../tape/event.js";
import type { Sha256Fn, Sha256Hex } from "../tape/hash.js";
import type { PriceBasis, PriceMode, Timeframe } from "./bars.js";

/** One file (or other origin) that a capture was taken from. */
export type CaptureSource = {
  /** File name without its folder, or `synthetic:...`. */
  readonly file: string;
  /** `factors`: splits and dividends that adjusted bars were made with. */
  readonly role: "bars" | "bid" | "ask" | "factors";
  readonly sha256: Sha256Hex;
  readonly bytes: number;
};

/** What was counted on the way from rows to columns. */
export type CaptureCounts = {
  readonly rows_read: number;
  readonly rows_of_other_symbols: number;
  readonly duplicates: number;
  readonly out_of_order: number;
  /** Volumes written with more digits than fit, of which the first 15 were kept. */
  readonly rounded_volumes: number;
  /** Bars with `is_closed=false`: stored, never run. */
  readonly open_bars: number;
  readonly unmatched_bid: number;
  readonly unmatched_ask: number;
  /** Places where two neighbouring bars are not one timeframe apart, and the bars missing in all of them. */
  readonly gap_count: number;
  readonly missing_bars: number;
};

/** The three clocks of a capture, in UTC milliseconds. */
export type CaptureClocks = {
  /** Close times of the first and the last closed bar. */
  readonly business_from: UtcMillis;
  readonly business_to: UtcMillis;
  /** When the source says that it was made: stated, or the newest modification time of its files. */
  readonly source_at: UtcMillis | null;
  readonly captured_at: UtcMillis;
};

/** The calculation that made derived bars, and from which set. */
export type Derivation = {
  readonly calc_name: string;
  readonly calc_version: string;
  readonly calendar: string;
  readonly calendar_version: string;
  readonly from_column_set: Sha256Hex;
  readonly from_capture: string;
};

/** Payload of `capture.taken`. */
export type CaptureTaken = {
  readonly capture_id: string;
  readonly content: "bars" | "quotes";
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly price_mode: PriceMode;
  /** Of bars; quotes carry `bid` here and hold both sides. */
  readonly basis: PriceBasis;
  readonly price_scale: number;
  readonly volume_scale: number;
  readonly has_volume: boolean;
  readonly rows: number;
  /** Identity of the closed bars: a column set's, or a quote set's. */
  readonly column_set: Sha256Hex;
  /** Identity of each side's columns: one for bars, bid and ask for quotes. */
  readonly side_sets: readonly Sha256Hex[];
  readonly clocks: CaptureClocks;
  readonly counts: CaptureCounts;
  readonly sources: readonly CaptureSource[];
  /** Files in all; the list above ends at 1,000. */
  readonly source_count: number;
  readonly options: JsonObject;
  /** Release of the time zone database, where local times were read. */
  readonly tzdata: string | null;
  readonly synthetic: boolean;
  readonly derived: Derivation | null;
  /** The stored file; its own hash is for integrity, not identity. */
  readonly object: { readonly sha256: Sha256Hex; readonly bytes: number };
  /** What was recognised or put right, in words. */
  readonly notes: readonly string[];
};

const CAPTURE_PREFIX = "onetape/capture/v1\n";

/** Sources listed in full in a capture. */
export const LISTED_SOURCES = 1000;

/**
 * The id of a capture: SHA-256 over the hashes of its sources in ingestion order, and the canonical JSON of the choices they are read by.
 *
 * @throws {RangeError} where the options have no canonical form.
 */
export function captureId(sources: readonly Pick<CaptureSource, "role" | "sha256">[], options: JsonObject, sha256: Sha256Fn): string {
  const text = canonicalJson(options);
  if (!text.ok) throw new RangeError(`import options have no canonical form: ${text.violations[0]?.message ?? ""}`);
  const list = sources.map(({ role, sha256: hash }) => `${role} ${hash}\n`).join("");
  return sha256(`${CAPTURE_PREFIX}${text.text}\n${list}`);
}
