import { TIMEFRAME_MS } from "../core/market/bars.js";
import type { CaptureCounts, CaptureSource, CaptureTaken, Derivation } from "../core/market/capture.js";
import type { GapReport } from "../core/market/gaps.js";
import type { Instrument } from "../core/market/instrument.js";
import { utcText } from "../core/market/scan-time.js";
import type { JsonObject } from "../core/tape/event.js";

/** A gap with readable times. */
export interface GapText {
  readonly prev_ts: string;
  readonly next_ts: string;
  readonly missing: number;
}

/** A capture as people and programs read it: times as ISO 8601 text in UTC. */
export interface CaptureSummary {
  readonly capture_id: string;
  readonly column_set: string;
  /** Identity of each side's columns: what a run on that basis rests on. */
  readonly side_sets: readonly string[];
  readonly symbol: string;
  readonly timeframe: string;
  readonly content: "bars" | "quotes";
  readonly basis: string;
  readonly price_mode: string;
  readonly price_scale: number;
  readonly volume_scale: number;
  readonly has_volume: boolean;
  readonly synthetic: boolean;
  /** Not one-minute bars: runs on them are research and cannot be promoted. */
  readonly research: boolean;
  readonly derived: Derivation | null;
  readonly rows: number;
  readonly first_close: string;
  readonly last_close: string;
  readonly source_time: string | null;
  readonly captured_at: string;
  readonly counts: CaptureCounts;
  /** The first gaps; absent where they were not looked for. */
  readonly gaps?: readonly GapText[];
  readonly sources: readonly CaptureSource[];
  readonly source_count: number;
  readonly options: JsonObject;
  readonly tzdata: string | null;
  readonly object: { readonly sha256: string; readonly bytes: number };
  /** What is known of the instrument; `guessed` names the fields that nobody stated. */
  readonly instrument: Instrument | null;
  readonly notes: readonly string[];
}

const LISTED_GAPS = 20;

export function summarise(capture: CaptureTaken, instrument: Instrument | null, gaps?: GapReport): CaptureSummary {
  const { clocks, ...rest } = capture;
  return {
    ...rest,
    research: TIMEFRAME_MS[capture.timeframe] !== TIMEFRAME_MS["1m"],
    basis: capture.content === "quotes" ? "bid/ask" : capture.basis,
    first_close: utcText(clocks.business_from),
    last_close: utcText(clocks.business_to),
    source_time: clocks.source_at === null ? null : utcText(clocks.source_at),
    captured_at: utcText(clocks.captured_at),
    ...(gaps === undefined ? {} : { gaps: gapTexts(gaps, LISTED_GAPS) }),
    instrument,
  };
}

/** The first gaps of a report, with readable times. */
export function gapTexts(report: GapReport, limit: number): GapText[] {
  return report.gaps
    .slice(0, limit)
    .map(({ prev_ts, next_ts, missing }) => ({ prev_ts: utcText(prev_ts), next_ts: utcText(next_ts), missing }));
}
