/** Stores bars that a named calculation made of other stored bars: a capture whose source is a capture. */
import type { CalcIdentity } from "../core/calc/identity.js";
import type { BarColumns, PriceMode, Timeframe } from "../core/market/bars.js";
import type { Calendar } from "../core/market/calendar.js";
import { type CaptureSource, type CaptureTaken, captureId } from "../core/market/capture.js";
import type { DataIndex } from "../core/market/data-index.js";
import type { JsonObject } from "../core/tape/event.js";
import type { StoredBars } from "../ports/bar-archive.js";
import { type CaptureSummary, summarise } from "./capture-summary.js";
import type { DataPorts, DataRefusal } from "./data-ports.js";
import { identify, storeCapture } from "./store-capture.js";

export interface DerivedRequest {
  readonly from: CaptureTaken;
  readonly bars: StoredBars;
  readonly timeframe: Timeframe;
  readonly price_mode: PriceMode;
  readonly calc: CalcIdentity;
  readonly calendar: Calendar;
  /** Choices of the calculation, beyond its name, its calendar and where the bars came from. */
  readonly options: JsonObject;
  /** What else the calculation read. */
  readonly sources: readonly CaptureSource[];
  readonly notes: readonly string[];
  readonly signal: AbortSignal | null;
}

export type DerivedOutcome = { readonly kind: "stored"; readonly already: boolean; readonly summary: CaptureSummary } | DataRefusal;

/** One or two sides of closed bars, without open ones. */
export function closedBars(sides: readonly BarColumns[]): StoredBars {
  const [first, second] = sides as readonly [BarColumns, BarColumns | undefined];
  return second === undefined
    ? { closed: [first], open: [noBars(first)] }
    : { closed: [first, second], open: [noBars(first), noBars(second)] };
}

/** Stores derived bars, or finds that the same calculation made them before. */
export async function storeDerived(ports: DataPorts, index: DataIndex, request: DerivedRequest): Promise<DerivedOutcome> {
  const { from, bars, calc, calendar } = request;
  const { gaps, ...identity } = identify(bars, ports);
  const choices = { ...calc, ...request.options, calendar: `${calendar.id}@${calendar.version}`, from_capture: from.capture_id };
  const sources: CaptureSource[] = [
    { file: `capture:${from.capture_id}`, role: "bars", sha256: from.column_set, bytes: from.object.bytes },
    ...request.sources,
  ];
  const id = captureId(sources, choices, ports.hash);
  const instrument = index.instruments.get(from.symbol) ?? null;
  const existing = index.captures.find((capture) => capture.capture_id === id);
  if (existing !== undefined) return { kind: "stored", already: true, summary: summarise(existing, instrument, gaps) };
  const [first] = bars.closed;
  const captured_at = ports.now();
  const outcome = await storeCapture(ports, index, {
    capture: {
      capture_id: id,
      ...identity,
      symbol: from.symbol,
      timeframe: request.timeframe,
      price_mode: request.price_mode,
      basis: from.basis,
      clocks: {
        business_from: first.ts[0] as number,
        business_to: first.ts[first.rows - 1] as number,
        source_at: from.clocks.source_at,
        captured_at,
      },
      counts: {
        rows_read: from.rows,
        rows_of_other_symbols: 0,
        duplicates: 0,
        out_of_order: 0,
        rounded_volumes: 0,
        open_bars: 0,
        unmatched_bid: 0,
        unmatched_ask: 0,
        gap_count: gaps.gap_count,
        missing_bars: gaps.missing,
      },
      sources,
      source_count: sources.length,
      options: choices,
      tzdata: from.tzdata,
      synthetic: from.synthetic,
      derived: {
        ...calc,
        calendar: calendar.id,
        calendar_version: calendar.version,
        from_column_set: from.column_set,
        from_capture: from.capture_id,
      },
      notes: request.notes,
    },
    bars,
    labels: {
      source: from.synthetic ? `${from.sources[0]?.file ?? "synthetic"}` : `capture:${from.capture_id}`,
      ingested_at: captured_at,
      more: [
        ["calc_name", calc.calc_name],
        ["calc_version", calc.calc_version],
        ["capture_id", from.capture_id],
      ],
    },
    instrument: null,
    signal: request.signal,
  });
  if (outcome.kind === "refused") return outcome;
  return { kind: "stored", already: outcome.already, summary: summarise(outcome.capture, instrument, gaps) };
}

function noBars(columns: BarColumns): BarColumns {
  const empty = new Float64Array(0);
  return { ...columns, rows: 0, ts: empty, open: empty, high: empty, low: empty, close: empty, volume: empty };
}
