import type { Side } from "../engine/run-events.js";
import { bigOf, decimalPlaces, divideHalfEven, pow10Big } from "../money/decimal.js";

/** A price made worse for the taker: up for a buy, down for a sell, half-even at the price's own scale, at least one unit. */
export type Slippage = (price: number, side: Side) => number;

/** Slippage in basis points of the price. */
export function slippageOf(bps: string): Slippage {
  const scale = decimalPlaces(bps) ?? 0;
  const rate = bigOf(bps, scale);
  if (rate === 0n) return (price) => price;
  const denominator = 10_000n * pow10Big(scale);
  return (price, side) => {
    const shift = Number(divideHalfEven(BigInt(price) * rate, denominator));
    return side === "buy" ? price + shift : Math.max(1, price - shift);
  };
}
