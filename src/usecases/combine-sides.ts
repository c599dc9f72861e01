/** What an import stores of one side of the quote, or of two. */
import type { IntakeResult } from "../core/market/bar-intake.js";
import type { BarColumns } from "../core/market/bars.js";
import { type AlignedQuotes, alignQuotes } from "../core/market/quote-set.js";
import type { StoredBars } from "../ports/bar-archive.js";
import { type DataRefusal, refusal } from "./data-ports.js";

export type CombinedSides = { readonly kind: "combined"; readonly bars: StoredBars; readonly aligned: AlignedQuotes | null } | DataRefusal;

/** One side as it is; two sides on one time axis. */
export function combineSides(results: readonly IntakeResult[]): CombinedSides {
  const [first, second] = results as [IntakeResult, IntakeResult | undefined];
  if (second === undefined) return { kind: "combined", bars: { closed: [first.closed], open: [first.open] }, aligned: null };
  try {
    const closed = alignQuotes(first.closed, second.closed);
    const open = alignQuotes(first.open, second.open);
    // Sizes that are zero throughout are no sizes: some sources write them for want of any.
    const sized = [closed.set.bid, closed.set.ask].some((side) => side.volume.some((size) => size > 0));
    const named = (side: BarColumns): BarColumns => ({ ...side, has_volume: side.has_volume && sized });
    return {
      kind: "combined",
      bars: { closed: [named(closed.set.bid), named(closed.set.ask)], open: [named(open.set.bid), named(open.set.ask)] },
      aligned: closed,
    };
  } catch (error) {
    if (error instanceof RangeError)
      return refusal("invalid", [{ code: "NUMBER_TOO_WIDE", message: error.message, expected: "fewer decimals: --price-decimals N" }]);
    throw error;
  }
}
