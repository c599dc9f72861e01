/** What the gate without a policy compares, as text. */
import { formatBig, formatScaled } from "../money/decimal.js";
import type { Units } from "../money/units.js";
import type { CheckCode } from "./check-codes.js";
import type { GateInput } from "./gate.js";
import type { Shown } from "./rule.js";

/** Scales of an order's numbers, and the account's currency. */
export type ShownUnits = Pick<Units, "price_scale" | "qty_scale" | "money_scale"> & { readonly currency: string };

/** Orders that only reduce are not asked for means, and turning a position over is asked about where the run forbids it. */
export function asksFor(code: CheckCode, { reduce_only }: GateInput, forbidsFlips: boolean): boolean {
  if (code === "POSITION_SIGN_FLIP_WITHOUT_CLOSE") return forbidsFlips;
  return code !== "NEGATIVE_CASH" || !reduce_only;
}

export function shownOf(code: CheckCode, input: GateInput, units: ShownUnits): Shown {
  const word = (what: string, value: string, limit: string): Shown => ({ what, value, limit, unit: null, passes: "is" });
  switch (code) {
    case "TICK_MISMATCH": {
      const prices = [input.limit, input.stop].filter((price) => price !== null).map((price) => scaled(price, units.price_scale));
      const value = prices.length === 0 ? null : prices.join(", ");
      return { what: "prices", value, limit: scaled(input.tick, units.price_scale), unit: "price", passes: "multiple_of" };
    }
    case "LOT_MISMATCH": {
      const least = input.reduce_only ? "" : `, at least ${scaled(input.min_qty, units.qty_scale)}`;
      const limit = `${scaled(input.lot, units.qty_scale)}${least}`;
      return { what: "quantity", value: scaled(input.qty, units.qty_scale), limit, unit: "units", passes: "multiple_of" };
    }
    case "NO_ACCOUNT":
      return word("account", input.cash === null ? "unknown" : "known", "known");
    case "NO_PRICE":
      return word("price", input.last_price === null || input.last_price <= 0 ? "unknown" : "known", "known");
    case "NO_FX_RATE":
      return word("rate of exchange", input.rate_known ? "known" : "unknown", "known");
    case "POSITION_SIGN_FLIP_WITHOUT_CLOSE":
      return word("turns the position over", input.flips ? "it may" : "no", "no");
    case "NEGATIVE_CASH": {
      const value = means(input, units);
      return { what: "means short once every open order has filled", value, limit: "0", unit: units.currency, passes: "at_most" };
    }
    default: {
      const sound = [input.qty, input.limit, input.stop, input.last_price].every((n) => n === null || Number.isSafeInteger(n));
      return word("numbers", sound ? "sound" : "not sound", "sound");
    }
  }
}

/** Null where it cannot be told. */
function means(input: GateInput, { money_scale }: ShownUnits): string | null {
  const numbers = [input.qty, input.last_price, ...[input.limit, input.stop].filter((price) => price !== null)];
  if (input.cash === null || !numbers.every(Number.isSafeInteger)) return null;
  return formatBig(input.shortfall(), money_scale);
}

/** A number as text, whatever it is. */
function scaled(value: number, scale: number): string {
  return Number.isSafeInteger(value) ? formatScaled(value, scale) : String(value);
}
