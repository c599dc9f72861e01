/** What a workspace's catalogue holds: a fold of its events, and the answer to "which bars?". */
import type { Violation } from "../quality/violation.js";
import type { JsonObject } from "../tape/event.js";
import type { PriceBasis, PriceMode, Timeframe } from "./bars.js";
import type { CaptureTaken } from "./capture.js";
import type { Instrument } from "./instrument.js";

/** Captures in the order taken, and the latest statement per instrument. */
export interface DataIndex {
  readonly captures: readonly CaptureTaken[];
  readonly instruments: ReadonlyMap<string, Instrument>;
}

/** Folds events in log order. Payloads have passed their schemas when they were stored. */
export class DataIndexFold implements DataIndex {
  readonly captures: CaptureTaken[] = [];
  readonly instruments: Map<string, Instrument> = new Map();

  apply(type: string, payload: JsonObject): void {
    if (type === "capture.taken") this.captures.push(payload as CaptureTaken);
    else if (type === "instrument.stated") {
      const instrument = payload as unknown as Instrument;
      this.instruments.set(instrument.symbol, instrument);
    }
  }
}

export interface SetWanted {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** `latest`, or the beginning (6 characters or more) of a column set's or a capture's id. */
  readonly set: string;
  readonly basis: PriceBasis;
  /** Null takes either. */
  readonly price_mode: PriceMode | null;
}

export type SetFound =
  | { readonly kind: "found"; readonly capture: CaptureTaken }
  | { readonly kind: "missing"; readonly violations: readonly Violation[]; readonly next: string };

const SHORTEST_PREFIX = 6;

/** Chooses the capture that answers, or says what there is instead. */
export function selectSet(index: DataIndex, wanted: SetWanted): SetFound {
  const importIt = `onetape data import FILE --symbol ${wanted.symbol} --timeframe ${wanted.timeframe} --price-mode ${wanted.price_mode ?? "raw"} --stamp close --tz UTC`;
  const missing = (code: string, message: string, field: string, value: string, expected: string, next = importIt): SetFound => ({
    kind: "missing",
    violations: [{ code, message, field, value, expected }],
    next,
  });
  const ofSymbol = index.captures.filter((capture) => capture.symbol === wanted.symbol);
  if (ofSymbol.length === 0) {
    const symbols = [...new Set(index.captures.map((capture) => capture.symbol))].sort();
    const there = symbols.length === 0 ? "the workspace has no data" : `the workspace has ${listed(symbols)}`;
    return missing("SYMBOL_UNKNOWN", `there are no bars of ${wanted.symbol}: ${there}`, "symbol", wanted.symbol, "an imported symbol");
  }
  const named = wanted.set === "latest" ? ofSymbol : ofSymbol.filter((capture) => names(capture, wanted.set));
  if (wanted.set !== "latest" && wanted.set.length < SHORTEST_PREFIX) {
    return missing(
      "SET_TOO_SHORT",
      `"${wanted.set}" is too short to name a set`,
      "set",
      wanted.set,
      `at least ${SHORTEST_PREFIX} characters of its id`,
      "onetape data list",
    );
  }
  if (named.length === 0) {
    const ids = ofSymbol.map((capture) => short(capture.column_set));
    return missing(
      "SET_UNKNOWN",
      `no set of ${wanted.symbol} is named ${wanted.set}: it has ${listed([...new Set(ids)])}`,
      "set",
      wanted.set,
      "the id of a set, or latest",
      "onetape data list",
    );
  }
  const fitting = named.filter((capture) => fits(capture, wanted));
  const latest = fitting.at(-1);
  if (latest === undefined) {
    const shapes = [...new Set(named.map(shapeOf))].sort();
    const asked = `${wanted.timeframe} ${wanted.basis}${wanted.price_mode === null ? "" : ` ${wanted.price_mode}`}`;
    return missing("SHAPE_UNKNOWN", `${wanted.symbol} has no ${asked} bars: it has ${listed(shapes)}`, "timeframe", asked, listed(shapes));
  }
  const sets = new Set(fitting.map((capture) => capture.column_set));
  if (wanted.set !== "latest" && sets.size > 1) {
    return missing(
      "SET_AMBIGUOUS",
      `"${wanted.set}" begins several ids: ${listed([...sets].map(short))}`,
      "set",
      wanted.set,
      "more characters of one id",
      "onetape data list",
    );
  }
  return { kind: "found", capture: latest };
}

function names(capture: CaptureTaken, text: string): boolean {
  return (
    capture.column_set.startsWith(text) || capture.capture_id.startsWith(text) || capture.side_sets.some((set) => set.startsWith(text))
  );
}

function fits(capture: CaptureTaken, wanted: SetWanted): boolean {
  if (capture.timeframe !== wanted.timeframe) return false;
  if (wanted.price_mode !== null && capture.price_mode !== wanted.price_mode) return false;
  return capture.content === "quotes" ? wanted.basis !== "trade" : capture.basis === wanted.basis;
}

function shapeOf(capture: CaptureTaken): string {
  return `${capture.timeframe} ${capture.content === "quotes" ? "bid/ask/mid" : capture.basis} ${capture.price_mode}`;
}

function short(id: string): string {
  return id.slice(0, 12);
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).join(", ");
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown;
}
