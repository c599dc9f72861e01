/** Splits and cash dividends, read out of where the factors of a symbol change. */
import { bigOf, compareExact, decimalPlaces, divideHalfEven, formatBig, pow10Big } from "../money/decimal.js";
import type { CivilDay } from "./civil-date.js";
import { type FactorRow, UNIT_FACTORS } from "./factor-file.js";

/** What takes effect before the open of the first session on or after `ex_day`. */
export interface CorporateAction {
  readonly ex_day: CivilDay;
  /** Close of the day before as traded, decimal text. */
  readonly reference_price: string;
  readonly dividend: CashDividend | null;
  readonly split: Split | null;
}

export interface CashDividend {
  /** Decimal text, rounded half-even to the minor unit of the instrument's currency. */
  readonly per_share: string;
  readonly price_factor: string;
  readonly next_price_factor: string;
}

/** Each `denominator` shares become `numerator`: integers as text. */
export interface Split {
  readonly numerator: string;
  readonly denominator: string;
  readonly split_factor: string;
  readonly next_split_factor: string;
}

/**
 * The actions of a factor file, ascending.
 *
 * Cash per share = referencePrice x (1 - priceFactor / next priceFactor), rounded to `decimals`; one that rounds to nothing is none.
 */
export function corporateActions(rows: readonly FactorRow[], decimals: number): CorporateAction[] {
  const actions: CorporateAction[] = [];
  rows.forEach((row, i) => {
    const next = rows[i + 1] ?? UNIT_FACTORS;
    const dividend = dividendOf(row, next.price_factor, decimals);
    const split = splitOf(row.split_factor, next.split_factor);
    if (dividend === null && split === null) return;
    actions.push({ ex_day: row.day + 1, reference_price: shortText(row.reference_price), dividend, split });
  });
  return actions;
}

function dividendOf(row: FactorRow, next: string, decimals: number): CashDividend | null {
  const scale = Math.max(decimalPlaces(row.price_factor) ?? 0, decimalPlaces(next) ?? 0);
  const now = bigOf(row.price_factor, scale);
  const later = bigOf(next, scale);
  if (later <= now) return null;
  const places = decimalPlaces(row.reference_price) ?? 0;
  const reference = bigOf(row.reference_price, places);
  const cash = divideHalfEven(reference * (later - now) * pow10Big(decimals), later * pow10Big(places));
  if (cash === 0n) return null;
  return { per_share: formatBig(cash, decimals), price_factor: shortText(row.price_factor), next_price_factor: shortText(next) };
}

/** Numerators and denominators of ratios that are taken for what was meant. */
const LARGEST_TERM = 100n;
/** How far the quotient of two rounded factors may lie from the ratio that was meant: one in 5,000. */
const TOLERANCE = 5_000n;

/**
 * The ratio between two split factors. Files carry factors rounded to a few digits, so that a split of 7 for 1 reads 6.9999972: the simplest
 * ratio of whole numbers up to 100 within 1 in 5,000 is meant. Where there is none, the quotient of the two factors is taken as it is.
 */
function splitOf(now: string, next: string): Split | null {
  if (compareExact(now, next) === 0) return null;
  const scale = Math.max(decimalPlaces(now) ?? 0, decimalPlaces(next) ?? 0);
  const [numerator, denominator] = simplest(bigOf(next, scale), bigOf(now, scale)) ?? reduced(bigOf(next, scale), bigOf(now, scale));
  return {
    numerator: String(numerator),
    denominator: String(denominator),
    split_factor: shortText(now),
    next_split_factor: shortText(next),
  };
}

function simplest(up: bigint, down: bigint): readonly [bigint, bigint] | null {
  for (let d = 1n; d <= LARGEST_TERM; d++) {
    const n = divideHalfEven(up * d, down);
    if (n < 1n || n > LARGEST_TERM || n === d) continue;
    // |n / d - up / down| <= up / down / TOLERANCE, in integers.
    const difference = n * down - up * d;
    if ((difference < 0n ? -difference : difference) * TOLERANCE <= up * d) return [n, d];
  }
  return null;
}

function reduced(up: bigint, down: bigint): readonly [bigint, bigint] {
  let a = up;
  let b = down;
  while (b > 0n) [a, b] = [b, a % b];
  return [up / a, down / a];
}

function shortText(text: string): string {
  const places = decimalPlaces(text) ?? 0;
  return formatBig(bigOf(text, places), places);
}
