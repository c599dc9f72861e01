/** Service levels of what an import brings, asked before anything of it is stored. */
import type { BarColumns, PriceBasis } from "../core/market/bars.js";
import type { CaptureTaken } from "../core/market/capture.js";
import { requiresPositivePrices } from "../core/market/check-bars.js";
import type { Instrument } from "../core/market/instrument.js";
import { isOff } from "../core/quality/ladder.js";
import type { DataPorts, DataRunOptions } from "./data-ports.js";
import { askQuality, type GateOutcome, type QualityGate, type QualityReport } from "./quality-gate.js";
import { loadBasis } from "./resolve-data.js";
import { calendarOf } from "./show-data.js";

/** What a gate found, where anything is asked. */
export function reported(report: QualityReport | null): { readonly quality?: QualityReport } {
  return report === null ? {} : { quality: report };
}

/** Bars that were stored before are asked as well: the ladder may have changed since. */
export async function askStored(
  ports: DataPorts,
  { quality }: DataRunOptions,
  capture: CaptureTaken,
  instrument: Instrument | null,
  stated?: string,
): Promise<GateOutcome> {
  if (quality === undefined || isOff(quality.ladder)) return { kind: "passed", report: null };
  const sides: readonly PriceBasis[] = capture.content === "quotes" ? ["bid", "ask"] : [capture.basis];
  const columns: BarColumns[] = [];
  for (const basis of sides) {
    const loaded = await loadBasis(ports, capture, basis);
    if (loaded.kind === "refused") return loaded;
    columns.push(loaded.columns);
  }
  return askImported(quality, capture, columns, instrument, stated);
}

/** Asks bars that are about to be stored, or are. @param sides one per side set @param stated calendar of an instrument that nobody described */
export function askImported(
  quality: QualityGate | undefined,
  { capture_id, side_sets, counts }: Pick<CaptureTaken, "capture_id" | "side_sets" | "counts">,
  sides: readonly BarColumns[],
  instrument: Instrument | null,
  stated?: string,
): Promise<GateOutcome> {
  const hours = instrument ?? (stated === undefined ? null : { calendar: stated });
  const series = sides.map((columns, i) => ({
    columns,
    column_set: side_sets[i] ?? "",
    calendar: calendarOf(hours, columns),
    positive_prices: instrument === null || requiresPositivePrices(instrument.asset_class),
    duplicates_removed: counts.duplicates,
    reference: quality?.now() ?? null,
  }));
  return askQuality(quality, "import", capture_id, series);
}
