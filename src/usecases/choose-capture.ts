import type { PriceBasis, Timeframe } from "../core/market/bars.js";
import type { CaptureTaken } from "../core/market/capture.js";
import { type DataIndex, type SetFound, selectSet } from "../core/market/data-index.js";

/** What a person names on the command line. */
export interface Named {
  /** A symbol (its latest capture, one-minute bars before others), or the beginning of a capture's or column set's id. */
  readonly what: string;
  readonly timeframe?: Timeframe | undefined;
  readonly basis?: PriceBasis | undefined;
}

/** The one capture that is meant, or what there is instead. */
export function chooseCapture(index: DataIndex, named: Named): SetFound {
  const { what, timeframe, basis } = named;
  const fits = (capture: CaptureTaken): boolean => timeframe === undefined || capture.timeframe === timeframe;
  const ofSymbol = index.captures.filter((capture) => capture.symbol === what && fits(capture) && hasBasis(capture, basis));
  // Minutes are what everything else is made of: they are meant unless another timeframe is named.
  const latest = ofSymbol.findLast((capture) => capture.timeframe === "1m") ?? ofSymbol.at(-1);
  if (latest !== undefined) return { kind: "found", capture: latest };
  const byId =
    what.length < 6
      ? []
      : index.captures.filter((capture) => fits(capture) && (capture.capture_id.startsWith(what) || capture.column_set.startsWith(what)));
  const captures = new Set(byId.map((capture) => capture.column_set));
  const only = byId.at(-1);
  if (only !== undefined && captures.size === 1) return { kind: "found", capture: only };
  if (captures.size > 1) {
    const ids = [...captures].map((id) => id.slice(0, 12)).join(", ");
    const violation = {
      code: "SET_AMBIGUOUS",
      message: `"${what}" begins several ids: ${ids}`,
      field: "set",
      value: what,
      expected: "more characters of one id",
    };
    return { kind: "missing", violations: [violation], next: "onetape data list" };
  }
  return selectSet(index, { symbol: what, timeframe: timeframe ?? "1m", set: "latest", basis: basis ?? "trade", price_mode: null });
}

function hasBasis(capture: CaptureTaken, basis: PriceBasis | undefined): boolean {
  if (basis === undefined) return true;
  return capture.content === "quotes" ? basis !== "trade" : capture.basis === basis;
}
