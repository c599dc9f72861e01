import { decimalOfNumber } from "../../src/core/money/from-number.js";
import { money, orNotAvailable, percent } from "../text/format.js";

/** An amount at the decimals of its currency. */
export function amount(value: number | null, currency: string, sign: "auto" | "always" = "auto"): string {
  return orNotAvailable(value, (known) => money(decimalOfNumber(known), currency, sign));
}

/** A confidence with the decimals that it has: 99 %, 97.5 %. */
export function confidenceText(confidence: string): string {
  const decimals = confidence.replace(/^[^.]*\.?/, "").replace(/0+$/, "").length;
  return percent(Number(confidence), Math.max(0, decimals - 2));
}
