/** What is known of the takings of one partition, and what a new one would be. */
import type { UtcMillis } from "../tape/event.js";
import type { Sha256Hex } from "../tape/hash.js";
import { keyText } from "./calculation.js";
import type { CalcRow, CalcValue } from "./canonical-rows.js";

/** Facts of one capture that its history is judged by. */
export interface CaptureFacts {
  readonly capture_id: string;
  readonly captured_at: UtcMillis;
  readonly sha256: Sha256Hex;
  /** When the source says it was last updated, `YYYY-MM-DD`. */
  readonly source_last_update: string | null;
  readonly retracted: boolean;
}

/** How a candidate relates to what is there. */
export interface CaptureVerdict {
  readonly outcome: "first_ingest" | "changed" | "identical";
  readonly detected_by: "none" | "last_update" | "content";
  /** Whether a capture is taken: identical bytes take none unless forced. */
  readonly take: boolean;
  /** The live capture it is compared with. */
  readonly against: string | null;
}

/** Compares with the newest capture that is not retracted: by the source's own clock where it moved, else by the bytes. */
export function judgeCapture(
  history: readonly CaptureFacts[],
  candidate: { readonly sha256: Sha256Hex; readonly source_last_update: string | null; readonly forced: boolean },
): CaptureVerdict {
  const newest = newestCapture(history);
  if (newest === null) return { outcome: "first_ingest", detected_by: "none", take: true, against: null };
  const against = newest.capture_id;
  if (newest.sha256 === candidate.sha256) return { outcome: "identical", detected_by: "content", take: candidate.forced, against };
  const moved =
    candidate.source_last_update !== null &&
    newest.source_last_update !== null &&
    candidate.source_last_update !== newest.source_last_update;
  return { outcome: "changed", detected_by: moved ? "last_update" : "content", take: true, against };
}

/** The newest live capture, at or before a moment where one is given. Of equal moments the one recorded later. */
export function newestCapture<C extends Pick<CaptureFacts, "captured_at" | "retracted">>(
  history: readonly C[],
  asOf: UtcMillis | null = null,
): C | null {
  let best: C | null = null;
  for (const capture of history) {
    if (capture.retracted || (asOf !== null && capture.captured_at > asOf)) continue;
    if (best === null || capture.captured_at >= best.captured_at) best = capture;
  }
  return best;
}

/**
 * For each key the row with the greatest `captured_at`, at or before a moment where one is given; of equal moments the row that stands later.
 *
 * A key that a newer capture no longer has keeps its last row: whoever wants one capture's rows alone names it.
 */
export function latestPerKey(rows: readonly CalcRow[], keys: readonly string[], asOf: UtcMillis | null = null): readonly CalcRow[] {
  const best = new Map<string, CalcRow>();
  for (const row of rows) {
    const at = moment(row["captured_at"] ?? null);
    if (asOf !== null && at > asOf) continue;
    const key = keyText(row, keys);
    const known = best.get(key);
    if (known === undefined || at >= moment(known["captured_at"] ?? null)) best.set(key, row);
  }
  return [...best].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

function moment(value: CalcValue): UtcMillis {
  return Number(value);
}
