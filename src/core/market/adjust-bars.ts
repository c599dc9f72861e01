import type { CalcIdentity } from "../calc/identity.js";
import { bigOf, decimalPlaces, divideHalfEven, pow10, pow10Big } from "../money/decimal.js";
import type { Violation } from "../quality/violation.js";
import type { BarColumns } from "./bars.js";
import type { Calendar } from "./calendar.js";
import { type CivilDay, dayOfText } from "./civil-date.js";
import { type FactorRow, factorGaps, UNIT_FACTORS } from "./factor-file.js";

/** The calculation behind adjusted bars. */
export const ADJUST_BARS: CalcIdentity = { calc_name: "bars.adjust", calc_version: "v1" };

/** Digits after the point that a price column can have. */
const MAX_PRICE_SCALE = 15;

export interface AdjustBarsOptions {
  readonly factors: readonly FactorRow[];
  /** Name of the factor file, for messages. */
  readonly file: string;
  /** Says on which exchange day a bar closes. */
  readonly calendar: Calendar;
  /** Digits of prices to keep, rounding half-even; null keeps all of them, and refuses where they do not fit. */
  readonly price_decimals: number | null;
}

export type AdjustedBars =
  | {
      readonly kind: "adjusted";
      readonly columns: BarColumns;
      /** Rows whose factors are not both 1. */
      readonly changed: number;
      /** False when digits were cut by `price_decimals`. */
      readonly exact: boolean;
    }
  | { readonly kind: "refused"; readonly violations: readonly Violation[] };

/**
 * Bars as traded, made comparable over splits and dividends.
 *
 * Price = raw x priceFactor x splitFactor of the first factor row dated on or after the bar's exchange day; both are 1 after the last
 * row. Prices keep every digit: their scale grows by that of the factors. Volume is divided by the split factor, half-even at its own
 * scale, so that it counts the same shares as the prices.
 *
 * @throws {RangeError} for a row outside what the calendar covers.
 */
export function adjustBars(bars: BarColumns, options: AdjustBarsOptions): AdjustedBars {
  const { calendar, file, factors } = options;
  if (bars.price_mode === "adjusted") {
    const message = `the bars of ${bars.symbol} carry factors already`;
    return refused([{ code: "ALREADY_ADJUSTED", message, field: "price_mode", value: "adjusted", expected: "raw bars" }]);
  }
  if (bars.rows === 0) return { kind: "adjusted", columns: { ...bars, price_mode: "adjusted" }, changed: 0, exact: true };
  const days = dayColumn(bars, calendar);
  const gaps = factorGaps(factors, { first: days[0] as number, last: days.at(-1) as number }, file);
  if (gaps.length > 0) return refused(gaps);
  const stretches = stretchesOf(days, factors);
  const exactScale = usedDecimals(bars) + Math.max(...stretches.map((s) => s.scale));
  const scale = Math.min(options.price_decimals ?? exactScale, exactScale);
  // More digits than needed do no harm and keep sets alike; they give way where they do not fit.
  const out =
    (options.price_decimals === null && scale < bars.price_scale ? priced(bars, stretches, bars.price_scale) : null) ??
    priced(bars, stretches, scale);
  if (out === null) return refused([tooWide(bars, exactScale)]);
  const changed = stretches.filter((s) => !s.unit).reduce((sum, s) => sum + s.until - s.from, 0);
  return { kind: "adjusted", columns: out, changed, exact: scale === exactScale };
}

/** Rows `[from, until)` that share their factors. */
interface Stretch {
  readonly from: number;
  readonly until: number;
  /** priceFactor x splitFactor as an integer at `scale`. */
  readonly factor: bigint;
  readonly scale: number;
  readonly split: bigint;
  readonly split_scale: number;
  readonly unit: boolean;
}

function stretchesOf(days: Float64Array, factors: readonly FactorRow[]): Stretch[] {
  const stretches: Stretch[] = [];
  let at = 0;
  let from = 0;
  while (from < days.length) {
    const day = days[from] as CivilDay;
    while (at < factors.length && (factors[at] as FactorRow).day < day) at += 1;
    const row = factors[at];
    const last = row?.day ?? Number.POSITIVE_INFINITY;
    let until = from + 1;
    while (until < days.length && (days[until] as number) <= last) until += 1;
    stretches.push({ from, until, ...factorOf(row ?? UNIT_FACTORS) });
    from = until;
  }
  return stretches;
}

function factorOf({ price_factor, split_factor }: Pick<FactorRow, "price_factor" | "split_factor">): Omit<Stretch, "from" | "until"> {
  const priceScale = decimalPlaces(price_factor) ?? 0;
  const splitScale = decimalPlaces(split_factor) ?? 0;
  const split = bigOf(split_factor, splitScale);
  let factor = bigOf(price_factor, priceScale) * split;
  let scale = priceScale + splitScale;
  while (scale > 0 && factor % 10n === 0n) {
    factor /= 10n;
    scale -= 1;
  }
  return { factor, scale, split, split_scale: splitScale, unit: factor === 1n && scale === 0 };
}

/** Digits after the point that the prices really have. */
function usedDecimals(bars: BarColumns): number {
  let zeros = bars.price_scale;
  for (const column of [bars.open, bars.high, bars.low, bars.close]) {
    for (let row = 0; row < bars.rows && zeros > 0; row++) {
      const value = column[row] as number;
      while (zeros > 0 && value % pow10(zeros) !== 0) zeros -= 1;
    }
  }
  return bars.price_scale - zeros;
}

/** @returns null where a price does not fit. */
function priced(bars: BarColumns, stretches: readonly Stretch[], scale: number): BarColumns | null {
  if (scale > MAX_PRICE_SCALE) return null;
  const column = (source: Float64Array, value: (raw: number, stretch: Stretch) => bigint): Float64Array | null => {
    const out = new Float64Array(source.length);
    for (const stretch of stretches) {
      for (let row = stretch.from; row < stretch.until; row++) {
        const made = Number(value(source[row] as number, stretch));
        if (!Number.isSafeInteger(made)) return null;
        out[row] = made;
      }
    }
    return out;
  };
  const price = (raw: number, { factor, scale: digits }: Stretch): bigint => {
    const from = bars.price_scale + digits;
    const value = BigInt(raw) * factor;
    return scale >= from ? value * pow10Big(scale - from) : divideHalfEven(value, pow10Big(from - scale));
  };
  const volume = (raw: number, { split, split_scale }: Stretch): bigint => divideHalfEven(BigInt(raw) * pow10Big(split_scale), split);
  const open = column(bars.open, price);
  const high = column(bars.high, price);
  const low = column(bars.low, price);
  const close = column(bars.close, price);
  const traded = column(bars.volume, volume);
  if (open === null || high === null || low === null || close === null || traded === null) return null;
  return { ...bars, price_mode: "adjusted", price_scale: scale, ts: bars.ts.slice(), open, high, low, close, volume: traded };
}

/** Exchange day of each row. */
function dayColumn(bars: BarColumns, calendar: Calendar): Float64Array {
  const days = new Float64Array(bars.rows);
  let text = "";
  let day = 0;
  for (let row = 0; row < bars.rows; row++) {
    const now = calendar.sessionDay(bars.ts[row] as number);
    if (now !== text) {
      text = now;
      day = dayOfText(now);
    }
    days[row] = day;
  }
  return days;
}

function tooWide(bars: BarColumns, exactScale: number): Violation {
  return {
    code: "NUMBER_TOO_WIDE",
    message: `the exact prices of ${bars.symbol} need ${exactScale} decimals, more than a price column holds`,
    field: "price_decimals",
    value: String(exactScale),
    expected: "a number of decimals to round half-even to, such as --price-decimals 8",
  };
}

function refused(violations: readonly Violation[]): AdjustedBars {
  return { kind: "refused", violations };
}
