/** Tells what a workspace's newest bars are fit for. */
import type { CaptureTaken } from "../core/market/capture.js";
import { type DataReadiness, type DataUse, dataReadiness } from "../core/quality/data-readiness.js";
import type { QualityIndex } from "../core/quality/quality-index.js";
import type { Violation } from "../core/quality/violation.js";
import { readDataIndex } from "./catalogue-log.js";
import { chooseCapture } from "./choose-capture.js";
import { type DataPorts, type DataRefusal, refusal } from "./data-ports.js";
import { readQuality } from "./quality-log.js";

export interface CapturedReadiness extends DataReadiness {
  readonly timeframe: string;
  readonly capture_id: string;
}

/** @param what a symbol, or the beginning of a capture's id; undefined takes the newest of every symbol and timeframe. */
export async function readDataReadiness(
  ports: DataPorts,
  what: string | undefined,
): Promise<{ readonly kind: "read"; readonly items: readonly CapturedReadiness[] } | DataRefusal> {
  const read = await readDataIndex(ports);
  if (read.kind === "refused") return read;
  const chosen = what === undefined ? null : chooseCapture(read.index, { what });
  if (chosen?.kind === "missing") return refusal("not_found", chosen.violations, "onetape data list");
  const quality = await readQuality(ports);
  if (quality.kind === "refused") return quality;
  const newest = new Map(read.index.captures.map((capture) => [`${capture.symbol} ${capture.timeframe}`, capture]));
  const captures: readonly CaptureTaken[] =
    chosen === null ? [...newest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, capture]) => capture) : [chosen.capture];
  const items = captures.flatMap(({ symbol, timeframe, capture_id, side_sets }) =>
    side_sets.map((column_set) => ({ timeframe, capture_id, ...dataReadiness(quality.index, { symbol, column_set }) })),
  );
  return { kind: "read", items };
}

/** What keeps bars from a use, as details of a refusal; empty where all of them are fit for it. */
export function readinessViolations(
  index: QualityIndex,
  bars: readonly { readonly symbol: string; readonly column_set: string }[],
  use: DataUse,
): readonly Violation[] {
  return bars.flatMap((each) => {
    const { ready_for, blocking } = dataReadiness(index, each);
    if (ready_for[use]) return [];
    const message = `${each.symbol} is not ready for ${use}: ${blocking[use].join("; ")}`;
    return [{ code: "DATA_NOT_READY", message, field: each.symbol, expected: "onetape quality readiness" }];
  });
}
