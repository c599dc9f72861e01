/** American options: a European one that may be exercised at any time, by lattice. */
import { fastExp } from "../../numeric/fast-exponential.js";
import { fastLog } from "../../numeric/fast-logarithm.js";
import { type BlackScholesInputs, priceBlackScholes } from "./european-option.js";
import { type LatticeInputs, latticeValue } from "./leisen-reimer.js";
import { DAYS_PER_YEAR, type OptionValue, sideOf, VOLATILITY_POINT } from "./option-value.js";
import { type Priced, pricedIfFinite } from "./refusal.js";

/** Moves by which vega and the two rhos are measured, either way: a share of the volatility, and an amount of a rate. */
const VOLATILITY_MOVE = 0.02;
const RATE_MOVE = 0.002;

/**
 * An American option, under the terms and refusals of {@link priceBlackScholes}.
 *
 * Where waiting costs nothing (a call without yield, a put without interest) the price is the European one, exactly. Delta and gamma are read from
 * the lattice, theta follows from the pricing equation, vega and the rhos from repricing. Where the option is worth its exercise, delta is one,
 * and nothing else moves the price.
 */
export function priceAmerican(inputs: BlackScholesInputs): Priced<OptionValue> {
  const european = priceBlackScholes(inputs);
  if (european.kind === "refused" || inputs.expiry_years === 0 || neverEarly(inputs)) return european;
  const side = sideOf(inputs.right);
  const { price, delta, gamma } = worth(inputs, european.value.price);
  const exercise = Math.max(side * (inputs.spot - inputs.strike), 0);
  if (exercise > 0 && price <= exercise)
    return pricedIfFinite({ price: exercise, delta: side, gamma: 0, vega: 0, theta: 0, rho: 0, rho_carry: 0 });
  const { spot, volatility, rate, dividend_yield } = inputs;
  const carried = (rate - dividend_yield) * spot * delta;
  const spread = 0.5 * volatility * volatility * spot * spot * gamma;
  const by = (field: "volatility" | "rate" | "dividend_yield", move: number) =>
    move === 0 ? 0 : (moved(inputs, field, move) - moved(inputs, field, -move)) / (2 * move);
  return pricedIfFinite({
    price,
    delta,
    gamma,
    vega: by("volatility", volatility * VOLATILITY_MOVE) * VOLATILITY_POINT,
    theta: (rate * price - carried - spread) / DAYS_PER_YEAR,
    rho: by("rate", RATE_MOVE),
    rho_carry: by("dividend_yield", RATE_MOVE),
  });
}

/** The price alone, for revaluation: a seventh of the work. */
export function americanPrice(inputs: BlackScholesInputs): Priced<number> {
  const european = priceBlackScholes(inputs);
  if (european.kind === "refused") return european;
  return { kind: "priced", value: priceBeside(inputs, european.value.price) };
}

function moved(inputs: BlackScholesInputs, field: "volatility" | "rate" | "dividend_yield", move: number): number {
  const other = { ...inputs, [field]: inputs[field] + move };
  const european = priceBlackScholes(other);
  return european.kind === "priced" ? priceBeside(other, european.value.price) : Number.NaN;
}

function priceBeside(inputs: BlackScholesInputs, european: number): number {
  if (inputs.expiry_years === 0 || neverEarly(inputs)) return european;
  return worth(inputs, european).price;
}

/** Whether waiting is never worse: then the right to exercise early is worth nothing. */
function neverEarly({ right, rate, dividend_yield }: BlackScholesInputs): boolean {
  return right === "call" ? dividend_yield <= 0 && rate >= 0 : rate <= 0 && dividend_yield >= 0;
}

/** Never below the European price or the exercise, which an extrapolation may miss by its error. */
function worth(inputs: BlackScholesInputs, european: number): { price: number; delta: number; gamma: number } {
  const side = sideOf(inputs.right);
  const { spot, strike, expiry_years, volatility, rate, dividend_yield } = inputs;
  const terms: LatticeInputs = { side, spot, strike, expiry_years, volatility, rate, dividend_yield };
  const value = (volatility > 0 ? latticeValue(terms) : null) ?? certainValue(terms);
  return { ...value, price: Math.max(value.price, european, side * (spot - strike), 0) };
}

/** Without volatility: exercise at the best time, which is now, at expiry, or where the discounted payoff turns. */
function certainValue({ side, spot, strike, expiry_years, rate, dividend_yield }: LatticeInputs): {
  price: number;
  delta: number;
  gamma: number;
} {
  const turn = (rate * strike) / (dividend_yield * spot);
  const when = turn > 0 && rate !== dividend_yield ? fastLog(turn) / (rate - dividend_yield) : 0;
  let price = 0;
  let delta = 0;
  for (const years of [0, Math.min(Math.max(when, 0), expiry_years), expiry_years]) {
    const held = fastExp(-dividend_yield * years);
    const paid = side * (spot * held - strike * fastExp(-rate * years));
    if (paid > price) [price, delta] = [paid, side * held];
  }
  return { price, delta, gamma: 0 };
}
