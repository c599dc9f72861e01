import type { FeeModel } from "../engine/run-config.js";
import { bigOf, decimalPlaces, divideHalfEven, divideSafe, pow10Big } from "../money/decimal.js";
import type { Units } from "../money/units.js";

/** Whether a fill's order rested at its price, or took one. */
export type Liquidity = "maker" | "taker";

/** Commission of one fill at the account's scale, half-even, never negative. */
export type Commission = (units: Units, price: number, qty: number, liquidity: Liquidity) => bigint;

/** @throws {RangeError} when an amount has more decimals than the account's currency. */
export function commissionOf(fees: FeeModel, moneyScale: number): Commission {
  switch (fees.model) {
    case "none":
      return () => 0n;
    case "bps":
      return bpsCommission(fees.bps);
    case "maker_taker": {
      const maker = bpsCommission(fees.maker_bps);
      const taker = bpsCommission(fees.taker_bps);
      return (units, price, qty, liquidity) => (liquidity === "maker" ? maker : taker)(units, price, qty, liquidity);
    }
    case "fixed": {
      const amount = bigOf(fees.amount, moneyScale);
      return () => amount;
    }
    case "per_share":
      return perShareCommission(fees, moneyScale);
  }
}

/** Tax on the value of a sale, in basis points, at the account's scale. */
export type SalesTax = (units: Units, price: number, qty: number) => bigint;

export function salesTaxOf(bps: string): SalesTax {
  const tax = bpsCommission(bps);
  return (units, price, qty) => tax(units, price, qty, "taker");
}

function bpsCommission(bps: string): Commission {
  const scale = decimalPlaces(bps) ?? 0;
  const rate = bigOf(bps, scale);
  if (rate === 0n) return () => 0n;
  const denominator = 10_000n * pow10Big(scale);
  const up = Number(rate);
  const down = Number(denominator);
  return (units, price, qty) => {
    const safe = divideSafe(price * qty * units.up * up, units.down * down);
    return Number.isNaN(safe) ? share(units, price, qty, rate, denominator) : BigInt(safe);
  };
}

/** Amount per unit, raised to the minimum; the cap is a fraction of the trade's value, and the minimum wins over it. */
function perShareCommission(fees: Extract<FeeModel, { model: "per_share" }>, moneyScale: number): Commission {
  const amountScale = decimalPlaces(fees.amount) ?? 0;
  const amount = bigOf(fees.amount, amountScale);
  const minimum = bigOf(fees.minimum, moneyScale);
  const capScale = fees.cap_fraction === null ? 0 : (decimalPlaces(fees.cap_fraction) ?? 0);
  const cap = fees.cap_fraction === null ? null : bigOf(fees.cap_fraction, capScale);
  return (units, price, qty) => {
    const raw = divideHalfEven(amount * BigInt(qty) * pow10Big(moneyScale), pow10Big(amountScale + units.qty_scale));
    const capped = cap === null ? raw : min(raw, share(units, price, qty, cap, pow10Big(capScale)));
    return capped < minimum ? minimum : capped;
  };
}

/** `rate / denominator` of the exact value of a trade, rounded once. */
function share(units: Units, price: number, qty: number, rate: bigint, denominator: bigint): bigint {
  return divideHalfEven(BigInt(price) * BigInt(qty) * units.numerator * rate, units.denominator * denominator);
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
