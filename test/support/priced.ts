import type { Priced } from "../../src/core/risk/pricing/refusal.js";

/** The value of something that must have been priced. @throws {Error} that names what stood against it. */
export function pricedValue<T>(priced: Priced<T>): T {
  if (priced.kind === "priced") return priced.value;
  throw new Error(`refused: ${priced.violations.map(({ code, message }) => `${code} ${message}`).join("; ")}`);
}

/** The codes of a refusal in their order, or none where there is a price. */
export function codesOf(priced: Priced<unknown>): readonly string[] {
  return priced.kind === "priced" ? [] : priced.violations.map(({ code, field }) => `${code} ${field}`);
}
