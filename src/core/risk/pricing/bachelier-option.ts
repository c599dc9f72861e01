/**
 * European options on something normal, whose forward may be zero or negative.
 *
 * @see L. Bachelier, Théorie de la spéculation (1900)
 */
import { fastExp } from "../../numeric/fast-exponential.js";
import { millsSlope } from "../../numeric/mills-ratio.js";
import { normalCdf, normalPdf } from "../../numeric/normal-distribution.js";
import { DAYS_PER_YEAR, type OptionRight, type OptionValue, sideOf, slopeAtKink, VOLATILITY_POINT } from "./option-value.js";
import { InputCheck, type Priced, pricedIfFinite } from "./refusal.js";

export interface BachelierInputs {
  readonly right: OptionRight;
  /** Any finite number, as the strike. */
  readonly forward: number;
  readonly strike: number;
  readonly expiry_years: number;
  /** Yearly standard deviation in units of the forward. */
  readonly normal_volatility: number;
  /** Continuously compounded, yearly. */
  readonly rate: number;
}

/** An option on a forward under the normal model; delta and gamma are by the forward, and rho holds it still. */
export function priceBachelier(inputs: BachelierInputs): Priced<OptionValue> {
  const { right, forward, strike, expiry_years: years, normal_volatility, rate } = inputs;
  const { violations } = new InputCheck()
    .finite({ forward, strike })
    .expiry(years)
    .volatility("normal_volatility", normal_volatility)
    .finite({ rate });
  if (violations.length > 0) return { kind: "refused", violations };
  const side = sideOf(right);
  const discount = fastExp(-rate * years);
  const root = Math.sqrt(years);
  const s = normal_volatility * root;
  const distance = side * (forward - strike);
  const undiscounted = bachelierValue(distance, s);
  const certain = !(s > 0);
  const d = certain ? 0 : distance / s;
  const held = certain ? slopeAtKink(distance) : normalCdf(d);
  const density = certain && distance !== 0 ? 0 : normalPdf(d);
  const price = discount * undiscounted;
  const decay = certain ? 0 : (-discount * normal_volatility * density) / (2 * root);
  return pricedIfFinite({
    price,
    delta: side * discount * held,
    gamma: certain ? 0 : (discount * density) / s,
    vega: discount * root * density * VOLATILITY_POINT,
    theta: years > 0 ? (decay + rate * price) / DAYS_PER_YEAR : 0,
    rho: -years * price,
    rho_carry: 0,
  });
}

/** Undiscounted; with a = |distance| / s the value out of the money is `s n(a) (1 - a M(a))`, in which nothing cancels. */
function bachelierValue(distance: number, s: number): number {
  const intrinsic = Math.max(distance, 0);
  if (!(s > 0)) return intrinsic;
  const a = Math.abs(distance) / s;
  return intrinsic + s * normalPdf(a) * millsSlope(a);
}
