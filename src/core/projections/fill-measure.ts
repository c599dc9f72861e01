import type { OrderFill } from "../engine/run-events.js";
import type { FillMeasure } from "../metrics/run-measures.js";
import { bigOf, decimalPlaces, divideHalfEven, pow10Big, scaledOf } from "../money/decimal.js";
import { notional } from "../money/units.js";
import type { FillEffect } from "./account-fold.js";
import { moneyOf } from "./decimal-text.js";
import type { PositionedEvent } from "./positioned-event.js";

/** A fill as the statistics read it. */
export function fillMeasure(event: PositionedEvent, fill: OrderFill, effect: FillEffect): FillMeasure {
  return {
    position: event.position,
    symbol: fill.symbol,
    ts: event.occurred_at,
    side: fill.side,
    notional: effect.notional,
    commission: moneyOf(fill.commission, effect.units),
    tax: moneyOf(fill.tax ?? "0", effect.units),
    slippage: slippageOf(effect.notional, fill),
    participation: effect.participation,
    ambiguous: fill.ambiguous === true,
    other: otherOutcome(fill, effect),
  };
}

/**
 * What slippage took from a fill: a buyer paid (1 + s) of the price before it, a seller got (1 - s), s in basis points. Half-even.
 * A sale that slipped by all of its price says nothing about the price before it and counts as nothing.
 */
function slippageOf(notional: bigint, { side, slippage_bps }: OrderFill): bigint {
  const scale = decimalPlaces(slippage_bps) ?? 0;
  const rate = bigOf(slippage_bps, scale);
  const one = 10_000n * pow10Big(scale);
  const whole = side === "buy" ? one + rate : one - rate;
  return whole <= 0n ? 0n : divideHalfEven(notional * rate, whole);
}

/** What the same quantity would have brought more at the stated other price. */
function otherOutcome({ other_price }: OrderFill, { units, qty, side, notional: value }: FillEffect): bigint | null {
  if (other_price === undefined) return null;
  const other = notional(units, scaledOf(other_price, units.price_scale), qty);
  return side === "sell" ? other - value : value - other;
}
