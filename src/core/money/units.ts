import type { Instrument, Settlement } from "../market/instrument.js";
import { bigOf, decimalPlaces, divideHalfEven, divideSafe, pow10, pow10Big, scaledOf } from "./decimal.js";

/** The integer units in which one instrument's numbers are kept during a run. */
export interface Units {
  readonly symbol: string;
  readonly price_scale: number;
  readonly qty_scale: number;
  /** Scale of the account currency's balances. */
  readonly money_scale: number;
  /** `10^price_scale`: divide a price by it to get the nearest double. */
  readonly price_unit: number;
  readonly qty_unit: number;
  /** Smallest order price step, at price scale. */
  readonly tick: number;
  /** Smallest order quantity step and smallest order, at quantity scale. */
  readonly lot: number;
  readonly min_qty: number;
  readonly settlement: Settlement;
  /**
   * price x qty x `numerator` / `denominator` = money of the account, at the rate of exchange in force. They move with the rate for an
   * instrument quoted in another currency, see {@link setRate}, and never otherwise.
   */
  numerator: bigint;
  denominator: bigint;
  /** The same as doubles; past the safe integers they are near, and exact arithmetic goes by BigInt. */
  up: number;
  down: number;
  readonly fx: ExchangeRate;
}

/** What one unit of an instrument's currency is worth in the account's. 1 / 1 where the two are the same. */
export interface ExchangeRate {
  numerator: bigint;
  denominator: bigint;
  /** The rate as the tape writes it; null for an instrument in the account's own currency, or before its first rate. */
  text: string | null;
}

/**
 * Fixes the units of an instrument whose bars have `priceScale` decimals.
 * @throws {RangeError} when tick, lot or multiplier is not positive or cannot be expressed exactly.
 */
export function unitsOf(instrument: Instrument, priceScale: number, moneyScale: number): Units {
  const qtyScale = Math.max(places(instrument.lot_step), places(instrument.min_qty));
  const multiplierScale = places(instrument.multiplier);
  const up = bigOf(instrument.multiplier, multiplierScale);
  const tick = scaledOf(instrument.price_tick, priceScale);
  const lot = scaledOf(instrument.lot_step, qtyScale);
  if (tick <= 0 || lot <= 0 || up <= 0n) throw new RangeError(`tick, lot and multiplier of ${instrument.symbol} must be positive`);
  const shift = priceScale + qtyScale + multiplierScale - moneyScale;
  const numerator = shift < 0 ? up * pow10Big(-shift) : up;
  const denominator = shift > 0 ? pow10Big(shift) : 1n;
  return {
    symbol: instrument.symbol,
    price_scale: priceScale,
    qty_scale: qtyScale,
    money_scale: moneyScale,
    price_unit: pow10(priceScale),
    qty_unit: pow10(qtyScale),
    tick,
    lot,
    min_qty: scaledOf(instrument.min_qty, qtyScale),
    settlement: instrument.settlement,
    numerator,
    denominator,
    up: Number(numerator),
    down: Number(denominator),
    fx: { numerator: 1n, denominator: 1n, text: null },
  };
}

/** Scale of the rates of exchange that the tape carries. */
export const RATE_SCALE = 18;

/** Puts a rate of exchange in force: every later value of the instrument is converted at it. @param text positive decimal of at most 18 places. */
export function setRate(units: Units, text: string): void {
  if (units.fx.text === text) return;
  const scale = decimalPlaces(text) ?? 0;
  const rate = bigOf(text, scale);
  if (rate <= 0n || scale > RATE_SCALE) throw new RangeError(`"${text}" is no rate of exchange of ${units.symbol}`);
  const { fx } = units;
  units.numerator = (units.numerator / fx.numerator) * rate;
  units.denominator = (units.denominator / fx.denominator) * pow10Big(scale);
  units.up = Number(units.numerator);
  units.down = Number(units.denominator);
  fx.numerator = rate;
  fx.denominator = pow10Big(scale);
  fx.text = text;
}

/** Value of `qty` at `price` in the instrument's own currency, half-even at the account's scale. Signed like `qty`. */
export function quotedValue(units: Units, price: number, qty: number): bigint {
  const { fx } = units;
  if (fx.text === null) return notional(units, price, qty);
  return divideHalfEven(BigInt(price) * BigInt(qty) * (units.numerator / fx.numerator), units.denominator / fx.denominator);
}

/** An amount in the instrument's currency as the account's money, half-even, at the rate in force. */
export function toAccount(units: Units, amount: bigint): bigint {
  const { fx } = units;
  return fx.text === null ? amount : divideHalfEven(amount * fx.numerator, fx.denominator);
}

/** Value of `qty` at `price` in the account's money, half-even at its scale. Signed like `qty`. */
export function notional(units: Units, price: number, qty: number): bigint {
  const safe = safeNotional(units, price, qty);
  if (!Number.isNaN(safe)) return BigInt(safe);
  return divideHalfEven(BigInt(price) * BigInt(qty) * units.numerator, units.denominator);
}

/** {@link notional} as a safe integer; NaN where it, or what it is made of, is none. */
export function safeNotional(units: Units, price: number, qty: number): number {
  return divideSafe(price * qty * units.up, units.down);
}

function places(text: string): number {
  const n = decimalPlaces(text);
  if (n === null) throw new RangeError(`"${text}" is not a plain decimal`);
  return n;
}
