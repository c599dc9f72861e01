/** How a trailing stop follows the price. Prices are integers in the instrument's units. */
import type { DecimalText, Side } from "../engine/run-events.js";
import { bigOf, formatBig, formatScaled, scaledOf } from "../money/decimal.js";
import type { Units } from "../money/units.js";

/** A distance in price units, or a share of the price in millionths of a percent. */
export type Trail = { readonly kind: "amount"; readonly amount: number } | { readonly kind: "pct"; readonly pct: bigint };

/** Decimals of a percentage. */
export const TRAIL_PCT_SCALE = 6;
const PCT_UNIT = 100_000_000n;

/** @returns null for an order that does not trail. @throws {RangeError} for text that has more decimals than the units. */
export function trailOf(terms: { readonly trail_amount?: DecimalText; readonly trail_pct?: DecimalText }, units: Units): Trail | null {
  if (terms.trail_amount !== undefined) return { kind: "amount", amount: scaledOf(terms.trail_amount, units.price_scale) };
  if (terms.trail_pct !== undefined) return { kind: "pct", pct: bigOf(terms.trail_pct, TRAIL_PCT_SCALE) };
  return null;
}

/** The terms as events and tickets carry them. */
export function trailTerms(trail: Trail | null, units: Units): { readonly trail_amount?: DecimalText; readonly trail_pct?: DecimalText } {
  if (trail === null) return {};
  return trail.kind === "amount"
    ? { trail_amount: formatScaled(trail.amount, units.price_scale) }
    : { trail_pct: formatBig(trail.pct, TRAIL_PCT_SCALE) };
}

/**
 * Where the stop stands when `reference` is the best price so far: below it for a sell, above it for a buy, on a tick, rounded
 * away from the market. At least one tick, so that a wide trail under a low price never makes a stop of nothing.
 */
export function trailLevel(side: Side, trail: Trail, reference: number, { tick }: Units): number {
  const distance = trail.kind === "amount" ? trail.amount : share(reference, trail.pct);
  const steps = side === "sell" ? Math.floor((reference - distance) / tick) : Math.ceil((reference + distance) / tick);
  return Math.max(steps, 1) * tick;
}

/** A share of a price, rounded up: a distance that is a little too long keeps away from the market. */
function share(price: number, pct: bigint): number {
  return Number((BigInt(price) * pct + PCT_UNIT - 1n) / PCT_UNIT);
}

/** Where the stop stands after a bar, or null where it stays: it only ever follows in the order's favour. */
export function trailed(
  order: { readonly side: Side; readonly stop: number | null; readonly trail: Trail | null },
  bar: { readonly high: number; readonly low: number },
  units: Units,
): number | null {
  if (order.trail === null || order.stop === null) return null;
  const level = trailLevel(order.side, order.trail, order.side === "sell" ? bar.high : bar.low, units);
  return (order.side === "sell" ? level > order.stop : level < order.stop) ? level : null;
}
