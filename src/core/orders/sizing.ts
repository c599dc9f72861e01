import type { SizingConfig } from "../engine/run-config.js";
import { bigOf, formatScaled, parseScaled } from "../money/decimal.js";
import type { Units } from "../money/units.js";

/** How many to trade, or why none. Quantity is in the instrument's units and a multiple of the lot. */
export type Sized =
  | { readonly kind: "qty"; readonly qty: number }
  | { readonly kind: "none"; readonly code: SizingRefusal; readonly detail: string };

export type SizingRefusal = "SIZE_BELOW_MINIMUM" | "NO_PRICE" | "NO_EQUITY" | "LOT_MISMATCH";

/**
 * Sizes an entry: a fixed quantity, or `floor(equity x pct / 100 / price)` floored to the lot.
 *
 * @param price reference price in the instrument's units, or null when none is known.
 * @param equity account equity at the money scale.
 */
export function sizeEntry(config: SizingConfig, units: Units, price: number | null, equity: bigint): Sized {
  if (config.mode === "fixed") {
    const qty = parseScaled(config.qty, units.qty_scale);
    if (qty === null || qty % units.lot !== 0) {
      return {
        kind: "none",
        code: "LOT_MISMATCH",
        detail: `quantity ${config.qty} is no multiple of the lot ${formatScaled(units.lot, units.qty_scale)}`,
      };
    }
    return atLeastMinimum(qty, units);
  }
  if (price === null || price <= 0) return { kind: "none", code: "NO_PRICE", detail: `no price is known for ${units.symbol}` };
  if (equity <= 0n) return { kind: "none", code: "NO_EQUITY", detail: "equity is not positive" };
  // One division at the end: the value of a single small lot may need more digits than the account's currency has.
  const perLot = BigInt(price) * BigInt(units.lot) * units.numerator * PCT_DENOMINATOR;
  const lots = Number((equity * bigOf(config.pct, PCT_SCALE) * units.denominator) / perLot);
  return Number.isSafeInteger(lots * units.lot)
    ? atLeastMinimum(lots * units.lot, units)
    : { kind: "none", code: "LOT_MISMATCH", detail: "the quantity leaves the safe integer range" };
}

const PCT_SCALE = 6;
/** Percent to fraction at {@link PCT_SCALE}. */
const PCT_DENOMINATOR = 100_000_000n;

function atLeastMinimum(qty: number, units: Units): Sized {
  if (qty > 0 && qty >= units.min_qty) return { kind: "qty", qty };
  const min = formatScaled(units.min_qty, units.qty_scale);
  return { kind: "none", code: "SIZE_BELOW_MINIMUM", detail: `${formatScaled(qty, units.qty_scale)} is below the minimum of ${min}` };
}
