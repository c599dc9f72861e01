/** Which right an option gives. */
export type OptionRight = "call" | "put";

/**
 * What an option is worth for one unit of its underlying, and how that moves. Greeks are derivatives of the pricing formula in the units of
 * {@link GREEK_UNITS}; nothing is rounded.
 */
export interface OptionValue {
  readonly price: number;
  readonly delta: number;
  readonly gamma: number;
  readonly vega: number;
  readonly theta: number;
  readonly rho: number;
  /** By dividend yield or foreign rate; zero in a model on the forward, which does not know it. */
  readonly rho_carry: number;
}

/** What each Greek is the change of the price by. */
export const GREEK_UNITS: Readonly<Record<Exclude<keyof OptionValue, "price">, string>> = {
  delta: "per 1.00 of spot (of forward in a model on the forward)",
  gamma: "of delta, per 1.00 of spot (of forward in a model on the forward)",
  vega: "per 0.01 of volatility",
  theta: "per calendar day, a 365th of a year",
  rho: "per 1.00 of the discounting rate, continuously compounded",
  rho_carry: "per 1.00 of dividend yield or foreign rate, continuously compounded",
};

export const VOLATILITY_POINT = 0.01;
export const DAYS_PER_YEAR = 365;

export function sideOf(right: OptionRight): 1 | -1 {
  return right === "call" ? 1 : -1;
}

/** Share of the payoff's slope that counts at a kink: whole in the money, half exactly at it, none out of it. */
export function slopeAtKink(moneyness: number): number {
  if (moneyness === 0) return 0.5;
  return moneyness > 0 ? 1 : 0;
}
