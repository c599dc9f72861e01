import { readFile } from "node:fs/promises";
import { ADJUST_BARS, adjustBars } from "../core/market/adjust-bars.js";
import type { BarColumns, PriceBasis, Timeframe } from "../core/market/bars.js";
import { calendarById, isCalendarId } from "../core/market/calendars/registry.js";
import { type FactorRow, factorLine, parseFactorFile } from "../core/market/factor-file.js";
import type { CaptureSummary } from "./capture-summary.js";
import { readDataIndex } from "./catalogue-log.js";
import { chooseCapture } from "./choose-capture.js";
import { type DataPorts, type DataRefusal, refusal } from "./data-ports.js";
import { loadBasis } from "./resolve-data.js";
import { type FoundFile, findFiles, hashFiles, nameOf } from "./source-files.js";
import { closedBars, storeDerived } from "./store-derived.js";

export interface AdjustDataOptions {
  /** A symbol (its latest capture of raw prices), or the beginning of a capture's or column set's id. */
  readonly what: string;
  readonly timeframe?: Timeframe | undefined;
  /** Which side's capture, where a symbol has bars of several. */
  readonly basis?: PriceBasis | undefined;
  /** A factor file. */
  readonly factors: string;
  /** A calendar's id, which says on which exchange day a bar closes. Default: the instrument's. */
  readonly calendar?: string | undefined;
  /** Digits of prices to keep, rounding half-even. Default: all of them. */
  readonly price_decimals?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface AdjustedData extends CaptureSummary {
  readonly kind: "adjusted";
  readonly already_derived: boolean;
  /** Bars whose factors are not both 1. */
  readonly adjusted_bars: number;
  /** False when digits were cut. */
  readonly exact: boolean;
}

/**
 * Adjusted bars from stored raw ones and a factor file, stored with the calculation that made them. The factors are kept in the capture's
 * options, so that the bars can be made again without the file.
 *
 * @param folder relative file names are taken from here.
 */
export async function adjustData(ports: DataPorts, options: AdjustDataOptions, folder: string): Promise<AdjustedData | DataRefusal> {
  const faults = decimalFaults(options.price_decimals);
  if (faults !== null) return faults;
  const factors = await readFactors(options.factors, folder, options.signal);
  if (factors.kind === "refused") return factors;
  const read = await readDataIndex(ports);
  if (read.kind === "refused") return read;
  const raw = { ...read.index, captures: read.index.captures.filter((capture) => capture.price_mode === "raw") };
  const named = { what: options.what, timeframe: options.timeframe, basis: options.basis };
  const chosen = chooseCapture(raw, named);
  if (chosen.kind === "missing") return refusal("not_found", chosen.violations, chosen.next);
  const { capture } = chosen;
  const name = options.calendar ?? read.index.instruments.get(capture.symbol)?.calendar;
  if (name === undefined || !isCalendarId(name)) {
    const message =
      name === undefined ? `nothing tells when ${capture.symbol} trades, and factors hold by exchange day` : `there is no calendar ${name}`;
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
  const bases: readonly PriceBasis[] = capture.content === "quotes" ? ["bid", "ask"] : [capture.basis];
  const sides: BarColumns[] = [];
  let changed = 0;
  let exact = true;
  for (const basis of bases) {
    const loaded = await loadBasis(ports, capture, basis);
    if (loaded.kind === "refused") return loaded;
    try {
      const made = adjustBars(loaded.columns, {
        factors: factors.rows,
        file: factors.file.name,
        calendar,
        price_decimals: options.price_decimals ?? null,
      });
      if (made.kind === "refused") return refusal("invalid", made.violations);
      sides.push(made.columns);
      changed = made.changed;
      exact &&= made.exact;
    } catch (error) {
      if (error instanceof RangeError) return refusal("invalid", [{ code: "CANNOT_ADJUST", message: error.message }]);
      throw error;
    }
  }
  const outcome = await storeDerived(ports, read.index, {
    from: capture,
    bars: closedBars(sides),
    timeframe: capture.timeframe,
    price_mode: "adjusted",
    calc: ADJUST_BARS,
    calendar,
    options: { factors: factors.rows.map(factorLine), price_decimals: options.price_decimals ?? null },
    sources: [{ file: nameOf(factors.file), role: "factors", sha256: factors.sha256, bytes: factors.file.bytes }],
    notes: exact ? [] : [`prices are rounded half-even to ${options.price_decimals} decimals`],
    signal: options.signal ?? null,
  });
  if (outcome.kind === "refused") return outcome;
  return { kind: "adjusted", already_derived: outcome.already, adjusted_bars: changed, exact, ...outcome.summary };
}

type FactorsRead =
  | { readonly kind: "read"; readonly file: FoundFile; readonly sha256: string; readonly rows: readonly FactorRow[] }
  | DataRefusal;

async function readFactors(name: string, folder: string, signal: AbortSignal | undefined): Promise<FactorsRead> {
  const found = await findFiles([name], folder);
  if (found.kind === "refused") return refusal("not_found", found.violations);
  const [file] = found.files as [FoundFile];
  const [sha256 = ""] = await hashFiles([file], signal);
  const parsed = parseFactorFile(await readFile(file.path, "utf8"), file.name);
  return parsed.kind === "invalid" ? refusal("invalid", parsed.violations) : { kind: "read", file, sha256, rows: parsed.rows };
}

function decimalFaults(decimals: number | undefined): DataRefusal | null {
  if (decimals === undefined || (Number.isInteger(decimals) && decimals >= 0 && decimals <= 15)) return null;
  const message = `prices cannot have ${decimals} decimals`;
  return refusal("invalid", [
    { code: "DECIMALS_INVALID", message, field: "price_decimals", value: String(decimals), expected: "a whole number from 0 to 15" },
  ]);
}
