import type { Instrument, Settlement } from "../market/instrument.js";
import { bigOf, decimalPlaces, divideHalfEven, pow10, pow10Big, scaledOf } from "./decimal.js";

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
  /** price x qty x `numerator` / `denominator` = money. */
  readonly numerator: bigint;
  readonly denominator: bigint;
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
    numerator: shift < 0 ? up * pow10Big(-shift) : up,
    denominator: shift > 0 ? pow10Big(shift) : 1n,
  };
}

/** Value of `qty` at `price` in money, half-even at the account's scale. Signed like `qty`. */
export function notional(units: Units, price: number, qty: number): bigint {
  return divideHalfEven(BigInt(price) * BigInt(qty) * units.numerator, units.denominator);
}

function places(text: string): number {
  const n = decimalPlaces(text);
  if (n === null) throw new RangeError(`"${text}" is not a plain decimal`);
  return n;
}
