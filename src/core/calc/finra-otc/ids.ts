/** Ids and hashes of the domain, as they have been written since before this program: their recipes never change. */
import { civilText } from "../../market/scan-time.js";
import type { UtcMillis } from "../../tape/event.js";
import type { Sha256BytesFn, Sha256Fn } from "../../tape/hash.js";
import { FINRA_OTC, type Tier } from "./tiers.js";

/** `2025-12-30T10:00:00+00:00`; microseconds stand only where there are any. */
export function isoSeconds(ts: UtcMillis): string {
  const millis = ((ts % 1000) + 1000) % 1000;
  const [seconds = ""] = civilText(ts).split(".");
  return `${seconds}${millis === 0 ? "" : `.${String(millis).padStart(3, "0")}000`}+00:00`;
}

/** `finra.otc_transparency:{tier}:{week}:{h6}`: the first 6 hexadecimal digits of SHA-256 of `tier|week|captured_at`. */
export function captureIdOf(tier: Tier, week: string, capturedAt: UtcMillis, sha256: Sha256Fn): string {
  return `${FINRA_OTC}:${tier}:${week}:${sha256(`${tier}|${week}|${isoSeconds(capturedAt)}`).slice(0, 6)}`;
}

/** The id that a scheduled run takes: the same on one day, which makes a second run a replay. @param runDay `YYYY-MM-DD`. */
export function scheduledCaptureId(tier: Tier, week: string, runDay: string): string {
  return `${FINRA_OTC}:${tier}:${week}:${runDay.replaceAll("-", "")}`;
}

/** `reference.exchange_calendar:{mic}:{year}:{h6}`. */
export function calendarCaptureId(mic: string, year: number, capturedAt: UtcMillis, sha256: Sha256Fn): string {
  return `reference.exchange_calendar:${mic}:${year}:${sha256(`${mic}|${year}|${isoSeconds(capturedAt)}`).slice(0, 6)}`;
}

/** Identity of one record: the first 32 hexadecimal digits of SHA-256 of `week|tier|symbol|mpid|shares|trades`. */
export function recordHash(
  record: {
    readonly week_ending: string;
    readonly tier: string;
    readonly symbol: string;
    readonly mpid: string;
    readonly shares: number;
    readonly trades: number;
  },
  sha256: Sha256Fn,
): string {
  return sha256(`${record.week_ending}|${record.tier}|${record.symbol}|${record.mpid}|${record.shares}|${record.trades}`).slice(0, 32);
}

/** The first 16 hexadecimal digits of SHA-256 of a file's bytes. */
export function contentHash(bytes: Uint8Array, sha256: Sha256BytesFn): string {
  return sha256([bytes]).slice(0, 16);
}
