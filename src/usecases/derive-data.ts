import type { PriceBasis } from "../core/market/bars.js";
import type { Calendar } from "../core/market/calendar.js";
import { calendarById, isCalendarId } from "../core/market/calendars/registry.js";
import type { CaptureTaken } from "../core/market/capture.js";
import type { DataIndex } from "../core/market/data-index.js";
import { DERIVE_BARS, type DerivedBars, type DerivedTimeframe, deriveBars } from "../core/market/derive-bars.js";
import type { CaptureSummary } from "./capture-summary.js";
import { readDataIndex } from "./catalogue-log.js";
import { chooseCapture } from "./choose-capture.js";
import { type DataPorts, type DataRefusal, refusal } from "./data-ports.js";
import { loadBasis } from "./resolve-data.js";
import { closedBars, storeDerived } from "./store-derived.js";

export interface DeriveDataOptions {
  /** A symbol (its latest one-minute bars), or the beginning of a capture's or column set's id. */
  readonly what: string;
  readonly timeframe: DerivedTimeframe;
  /** A calendar's id. Default: the instrument's. */
  readonly calendar?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface DerivedData extends CaptureSummary {
  readonly kind: "derived";
  readonly already_derived: boolean;
  /** One-minute bars outside regular sessions, which enter no bar, and those whose bar has not closed yet. */
  readonly outside: number;
  readonly unfinished: number;
}

/** Bars of a longer timeframe from stored one-minute bars, stored with the calculation that made them. */
export async function deriveData(ports: DataPorts, options: DeriveDataOptions): Promise<DerivedData | DataRefusal> {
  const read = await readDataIndex(ports);
  if (read.kind === "refused") return read;
  const chosen = chooseCapture(read.index, { what: options.what, timeframe: "1m" });
  if (chosen.kind === "missing") return refusal("not_found", chosen.violations, chosen.next);
  const { capture } = chosen;
  const made = await deriveSides(ports, read.index, capture, options.timeframe, options.calendar);
  if (made.kind === "refused") return made;
  const { sides, calendar } = made;
  const [first] = sides as [DerivedBars, DerivedBars | undefined];
  const bars = closedBars(sides.map((side) => side.columns));
  const outcome = await storeDerived(ports, read.index, {
    from: capture,
    bars,
    timeframe: options.timeframe,
    price_mode: capture.price_mode,
    calc: DERIVE_BARS,
    calendar,
    options: { timeframe: options.timeframe },
    sources: [],
    notes: [],
    signal: options.signal ?? null,
  });
  if (outcome.kind === "refused") return outcome;
  const { already, summary } = outcome;
  return { kind: "derived", outside: first.outside, unfinished: first.unfinished, already_derived: already, ...summary };
}

type DerivedSides = { readonly kind: "made"; readonly sides: readonly DerivedBars[]; readonly calendar: Calendar } | DataRefusal;

async function deriveSides(
  ports: DataPorts,
  index: DataIndex,
  capture: CaptureTaken,
  timeframe: DerivedTimeframe,
  stated: string | undefined,
): Promise<DerivedSides> {
  const bases: readonly PriceBasis[] = capture.content === "quotes" ? ["bid", "ask"] : [capture.basis];
  const sides: DerivedBars[] = [];
  let used: Calendar | null = null;
  for (const basis of bases) {
    const loaded = await loadBasis(ports, capture, basis);
    if (loaded.kind === "refused") return loaded;
    const derived = derive(index, capture, loaded.columns, timeframe, stated);
    if (derived.kind === "refused") return derived;
    sides.push(derived.bars);
    used = derived.calendar;
  }
  if (used === null) throw new Error(`capture ${capture.capture_id} has no side`);
  return { kind: "made", sides, calendar: used };
}

/** Derives one side of a capture on the stated calendar or the instrument's. */
export function derive(
  index: DataIndex,
  capture: CaptureTaken,
  columns: DerivedBars["columns"],
  timeframe: DerivedTimeframe,
  stated: string | undefined,
): { readonly kind: "made"; readonly bars: DerivedBars; readonly calendar: Calendar } | DataRefusal {
  const name = stated ?? index.instruments.get(capture.symbol)?.calendar;
  if (capture.timeframe !== "1m") {
    const message = `bars are derived from one-minute bars; capture ${capture.capture_id.slice(0, 12)} has ${capture.timeframe}`;
    return refusal(
      "invalid",
      [{ code: "NOT_MINUTES", message, field: "timeframe", value: capture.timeframe, expected: "1m" }],
      "onetape data list",
    );
  }
  if (name === undefined || !isCalendarId(name)) {
    const message =
      name === undefined
        ? `nothing tells when ${capture.symbol} trades, and longer bars are cut by session`
        : `there is no calendar ${name}`;
    return refusal("invalid", [
      {
        code: "CALENDAR_UNKNOWN",
        message,
        field: "calendar",
        value: name ?? "",
        expected: "--calendar 24/7, FX24x5, or a market such as XNYS",
      },
    ]);
  }
  const calendar = calendarById(name);
  try {
    const bars = deriveBars(columns, {
      timeframe,
      calendar,
      source: { column_set: capture.column_set, captures: [capture.capture_id] },
      complete_until: null,
    });
    if (bars.columns.rows > 0) return { kind: "made", bars, calendar };
    return refusal("invalid", [
      {
        code: "NOTHING_DERIVED",
        message: `no ${timeframe} bar of ${capture.symbol} is complete`,
        expected: "one-minute bars in regular sessions, up to a bar's close",
      },
    ]);
  } catch (error) {
    if (error instanceof RangeError) return refusal("invalid", [{ code: "CANNOT_DERIVE", message: error.message }]);
    throw error;
  }
}
