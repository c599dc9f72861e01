import type { BarColumns } from "../core/market/bars.js";
import { calendarById, isCalendarId } from "../core/market/calendars/registry.js";
import { captureId } from "../core/market/capture.js";
import { isStorableSymbol } from "../core/market/catalogue-events.js";
import { emptyColumns } from "../core/market/empty-columns.js";
import {
  GENERATE_BARS,
  GENERATE_DEFAULTS,
  type GenerateBarsOptions,
  generateBars,
  SYNTHETIC_SOURCE,
} from "../core/market/generate-bars.js";
import { type InstrumentHints, resolveInstrument, type StatedInstrument } from "../core/market/resolve-instrument.js";
import type { Violation } from "../core/quality/violation.js";
import { type CaptureSummary, summarise } from "./capture-summary.js";
import { readDataIndex } from "./catalogue-log.js";
import { type DataPorts, type DataRefusal, refusal } from "./data-ports.js";
import { identify, storeCapture } from "./store-capture.js";

/** What to generate; everything but symbol, calendar and range has a default. */
export interface GenerateDataOptions extends Partial<Omit<GenerateBarsOptions, "symbol" | "calendar" | "from" | "to">> {
  readonly symbol: string;
  /** A calendar's id, such as `24/7` or `XNYS`. */
  readonly calendar: string;
  /** Close times in `(from, to]`, UTC milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly instrument?: StatedInstrument | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface GeneratedData extends CaptureSummary {
  readonly kind: "generated";
  readonly already_generated: boolean;
}

/** Seeded synthetic minute bars, stored like an import and marked as synthetic wherever they are shown. */
export async function generateData(ports: DataPorts, options: GenerateDataOptions): Promise<GeneratedData | DataRefusal> {
  const { symbol, calendar: calendarId, from, to, instrument: stated = {}, signal, ...chosen } = options;
  const violations: Violation[] = [];
  if (!isCalendarId(calendarId)) {
    violations.push({
      code: "CALENDAR_UNKNOWN",
      message: `there is no calendar ${calendarId}`,
      field: "calendar",
      value: calendarId,
      expected: "24/7, FX24x5, or a market such as XNYS",
    });
  }
  if (!isStorableSymbol(symbol)) {
    violations.push({
      code: "SYMBOL_INVALID",
      message: `"${symbol}" cannot be a symbol`,
      field: "symbol",
      value: symbol,
      expected: "letters, digits and . _ : @ + - /, at most 64",
    });
  }
  if (violations.length > 0) return refusal("invalid", violations);
  const calendar = calendarById(calendarId);
  const settings = { ...GENERATE_DEFAULTS, ...chosen };
  const columns = generated({ ...settings, symbol, calendar, from, to });
  if ("code" in columns) return refusal("invalid", [columns], "onetape data generate --help");
  signal?.throwIfAborted();
  const instrument = resolveInstrument(
    symbol,
    columns,
    { price_tick: settings.tick, ...stated, calendar: calendarId },
    hintsOf(calendarId),
  );
  if (instrument.kind !== "resolved")
    return refusal("invalid", instrument.kind === "invalid" ? instrument.violations : [instrument.reason]);
  const read = await readDataIndex(ports);
  if (read.kind === "refused") return read;
  const bars = { closed: [columns], open: [emptyColumns(symbol)] } as const;
  const { gaps, ...identity } = identify(bars, ports);
  const choices = { ...GENERATE_BARS, ...settings, symbol, calendar: `${calendar.id}@${calendar.version}`, from, to };
  const source = `${SYNTHETIC_SOURCE} seed=${settings.seed}`;
  const captured_at = ports.now();
  const outcome = await storeCapture(ports, read.index, {
    capture: {
      capture_id: captureId([{ role: "bars", sha256: identity.column_set }], choices, ports.hash),
      ...identity,
      symbol,
      timeframe: "1m",
      price_mode: columns.price_mode,
      basis: columns.basis,
      clocks: { business_from: columns.ts[0] as number, business_to: columns.ts[columns.rows - 1] as number, source_at: null, captured_at },
      counts: {
        rows_read: columns.rows,
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
      sources: [{ file: source, role: "bars", sha256: identity.column_set, bytes: columns.rows * 48 }],
      source_count: 1,
      options: choices,
      tzdata: null,
      synthetic: true,
      derived: null,
      notes: ["synthetic bars: they say nothing about any market"],
    },
    bars,
    labels: { source, ingested_at: captured_at, more: [] },
    instrument: instrument.instrument,
    signal: signal ?? null,
  });
  if (outcome.kind === "refused") return outcome;
  return { kind: "generated", already_generated: outcome.already, ...summarise(outcome.capture, instrument.instrument, gaps) };
}

function generated(options: GenerateBarsOptions): BarColumns | Violation {
  try {
    const columns = generateBars(options);
    return columns.rows > 0
      ? columns
      : { code: "NOTHING_GENERATED", message: "no session of the calendar lies in the range", expected: "a longer range" };
  } catch (error) {
    if (error instanceof RangeError) return { code: "OPTION_INVALID", message: error.message };
    throw error;
  }
}

function hintsOf(calendar: string): InstrumentHints {
  const asset_class = calendar === "24/7" ? "crypto" : calendar === "FX24x5" ? "fx" : "equity";
  return { asset_class, calendar, currency: calendar === "XKRX" ? "KRW" : calendar === "XMOS" ? "RUB" : "USD" };
}
