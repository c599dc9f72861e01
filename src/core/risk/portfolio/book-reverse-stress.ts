/** How far markets have to go until a portfolio has lost a given amount. */

import { bookPnl } from "../aggregate-pnl.js";
import { measured, type RiskOutcome } from "../risk-outcome.js";
import { reverseStress } from "../stress.js";
import { type BookInput, openBook } from "./book-valuation.js";
import type { Scenario } from "./scenario.js";
import { pnlOfBook } from "./scenario-run.js";

/** Ways that everything of a kind goes together. */
export const STRESS_DIRECTIONS = ["spots_fall", "spots_rise", "volatilities_rise", "rates_fall", "rates_rise"] as const;
export type StressDirection = (typeof STRESS_DIRECTIONS)[number];

/** Farthest that a direction is followed: nearly all, four times, and plain additions. */
const FARTHEST: Readonly<Record<StressDirection, number>> = {
  spots_fall: 0.99,
  spots_rise: 3,
  volatilities_rise: 2,
  rates_fall: 0.2,
  rates_rise: 0.2,
};

export interface BookReverseInput extends BookInput {
  readonly direction: StressDirection;
  /** Loss in the reporting currency that is looked for, above 0. */
  readonly loss: number;
}

export interface BookReverse {
  /** A fraction for spots, an addition to volatilities or zero rates; the first that loses more than was asked, to 1e-6. */
  readonly move: number;
}

/** Reprices in full at every step. @returns refused with `LIMIT_NOT_REACHED` where the direction never costs that much, or as a valuation is */
export function bookReverseStress({ direction, loss, ...book }: BookReverseInput): RiskOutcome<BookReverse> {
  const opened = openBook(book);
  if (!opened.ok) return opened;
  const lossAt = (move: number): number => {
    const pnl = pnlOfBook(opened.value, [scenarioOf(direction, move, book)]);
    const total = pnl.ok ? bookPnl(pnl.value.positions) : pnl;
    return total.ok ? -(total.value.total[0] ?? Number.NaN) : Number.NaN;
  };
  const found = reverseStress({ lossAt, limit: loss, largest: FARTHEST[direction] });
  return found.ok ? measured({ move: found.value }) : found;
}

function scenarioOf(direction: StressDirection, move: number, { market }: BookInput): Scenario {
  const text = move.toFixed(12);
  const still = { underlyings: "all", spot_pct: "0", vol_abs: "0", vol_pct: "0" } as const;
  const scenario = { name: direction, shocks: [still], fx: null, rates: {} };
  switch (direction) {
    case "spots_fall":
      return { ...scenario, shocks: [{ ...still, spot_pct: move === 0 ? "0" : `-${text}` }] };
    case "spots_rise":
      return { ...scenario, shocks: [{ ...still, spot_pct: text }] };
    case "volatilities_rise":
      return { ...scenario, shocks: [{ ...still, vol_abs: text }] };
    case "rates_fall":
    case "rates_rise": {
      const by = direction === "rates_fall" && move !== 0 ? `-${text}` : text;
      return { ...scenario, rates: Object.fromEntries(market.curves.map(({ currency }) => [currency, by])) };
    }
  }
}
