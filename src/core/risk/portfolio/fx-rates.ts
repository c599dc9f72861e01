/** The one rate set of a computation, read as doubles and moved by shocks. The set itself is exact. */
import { decimalPlaces, divideHalfEven, formatBig, parseBig, pow10Big } from "../../money/decimal.js";
import { type FxSet, openFxSet } from "../../money/fx-set.js";
import { RATE_SCALE } from "../../money/units.js";
import { measured, type RiskErrorCode, type RiskOutcome, refusedWith, riskError } from "../risk-outcome.js";

/** A stated rate: one of the first currency is `rate` of the second. */
export interface RateQuote {
  /** Such as `EUR/USD`. */
  readonly pair: string;
  readonly rate: string;
}

/** Rates of one run: a tree rooted at `pivot`. */
export interface RateSet {
  readonly pivot: string;
  readonly quotes: readonly RateQuote[];
}

/** Reads one rate between any two currencies, always along the same way. */
export interface RateReader {
  readonly stated: RateSet;
  /** What one `from` is worth in `to`; null where no way joins them. */
  rate(from: string, to: string): number | null;
}

const CODES: Readonly<Record<string, RiskErrorCode>> = {
  FX_PAIR_INVALID: "FX_PAIR_INVALID",
  FX_RATE_INVALID: "FX_RATE_INVALID",
  FX_RATE_CONFLICT: "FX_RATE_CONFLICT",
  FX_INVERSE_DISAGREES: "FX_INVERSE_DISAGREES",
  FX_SECOND_PATH: "FX_SECOND_PATH",
  FX_UNCONNECTED: "FX_UNCONNECTED",
};

/**
 * Opens a rate set.
 *
 * @returns refused with `FX_PAIR_INVALID`, `FX_RATE_INVALID`, `FX_RATE_CONFLICT`, `FX_INVERSE_DISAGREES`, `FX_SECOND_PATH` or `FX_UNCONNECTED`,
 * all faults at once.
 */
export function openRates(stated: RateSet): RiskOutcome<RateReader> {
  const quotes = stated.quotes.map(({ pair, rate }) => {
    const [base = "", quote = "", ...rest] = pair.split("/");
    return { base: rest.length > 0 ? pair : base, quote, rate, at: null };
  });
  const opened = openFxSet({ pivot: stated.pivot, max_age_ms: 0 }, quotes);
  if (opened.kind === "open") return measured(readerOf(stated, opened.set));
  return refusedWith(
    opened.violations.map(({ code, value, expected, message }) =>
      riskError(CODES[code] ?? "FX_RATE_INVALID", { field: "fx", value: value ?? "", expected: expected ?? "", what: message }),
    ),
  );
}

function readerOf(stated: RateSet, set: FxSet): RateReader {
  const known = new Map<string, number | null>();
  return {
    stated,
    rate(from: string, to: string): number | null {
      const key = `${from}/${to}`;
      const before = known.get(key);
      if (before !== undefined) return before;
      const answer = set.rateAt(from, to, 0);
      const rate = answer.kind === "rate" ? Number(answer.text) : null;
      known.set(key, rate);
      return rate;
    },
  };
}

/** The stated pairs on the way between two currencies of a tree; none where they are the same or nothing joins them. */
export function pairsBetween({ quotes }: RateSet, from: string, to: string): readonly string[] {
  const way = (at: string, seen: readonly string[]): readonly string[] | null => {
    if (at === to) return [];
    for (const { pair } of quotes) {
      const [base = "", quote = ""] = pair.split("/");
      const next = base === at ? quote : quote === at ? base : null;
      if (next === null || seen.includes(next)) continue;
      const rest = way(next, [...seen, next]);
      if (rest !== null) return [pair, ...rest];
    }
    return null;
  };
  return way(from, [from]) ?? [];
}

/**
 * A rate set with some stated rates multiplied; a factor for the inverse of a stated pair divides it.
 *
 * @param factors positive decimal text by pair. A pair that the set does not state is left to the caller to refuse.
 */
export function multipliedRates({ pivot, quotes }: RateSet, factors: ReadonlyMap<string, string>): RateSet {
  return {
    pivot,
    quotes: quotes.map(({ pair, rate }) => {
      const [base = "", quote = ""] = pair.split("/");
      const direct = factors.get(pair);
      const inverse = factors.get(`${quote}/${base}`);
      if (direct !== undefined) return { pair, rate: scaled(rate, direct, false) };
      return inverse === undefined ? { pair, rate } : { pair, rate: scaled(rate, inverse, true) };
    }),
  };
}

/** Exact where eighteen decimals hold it, else half-even there. */
function scaled(rate: string, factor: string, divide: boolean): string {
  const [p, q] = [decimalPlaces(rate) ?? 0, decimalPlaces(factor) ?? 0];
  const [r, f] = [parseBig(rate, p) ?? 0n, parseBig(factor, q) ?? 1n];
  const value = divide
    ? divideHalfEven(r * pow10Big(q + RATE_SCALE), f * pow10Big(p))
    : divideHalfEven(r * f * pow10Big(RATE_SCALE), pow10Big(p + q));
  return formatBig(value, RATE_SCALE);
}
