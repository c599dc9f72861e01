/** Currency forwards by covered parity: two curves and a spot. */
import type { CivilDay } from "../../market/civil-date.js";
import { fastExp } from "../../numeric/fast-exponential.js";
import { yearsBetween } from "./day-count.js";
import { type DiscountCurve, decayAt, discountFactor } from "./discount-curve.js";
import { InputCheck, type Priced, pricedIfFinite } from "./refusal.js";

/** Buys one unit of base currency for `strike` of quote currency on `maturity`. */
export interface FxForwardInputs {
  /** Quote currency per unit of base currency, for delivery on `spot_day`. */
  readonly spot: number;
  readonly strike: number;
  /** At or after the curves' first day; that day itself where spot settles at once. */
  readonly spot_day: CivilDay;
  /** At or after `spot_day`. */
  readonly maturity: CivilDay;
  readonly base_curve: DiscountCurve;
  readonly quote_curve: DiscountCurve;
}

export interface FxForwardValue {
  /** Quote currency per unit of base currency that makes a forward for `maturity` worth nothing. */
  readonly forward: number;
  /** Forward less spot. */
  readonly points: number;
  /** Of a long position in one unit of base currency, in quote currency on the curves' first day. */
  readonly price: number;
  /** By spot. */
  readonly delta: number;
  /** By one per 1.00 of the zero rates of quote and base currency, each moved in parallel, spot held. */
  readonly rho: number;
  readonly rho_carry: number;
}

/** The forward rate, its points, and what an agreed rate is worth against it. */
export function priceFxForward(inputs: FxForwardInputs): Priced<FxForwardValue> {
  const { spot, strike, spot_day, maturity, base_curve, quote_curve } = inputs;
  const check = new InputCheck().positive({ spot, strike });
  const anchor = base_curve.terms.anchor;
  if (quote_curve.terms.anchor !== anchor)
    check.refuse("CURVES_DIFFER", "quote_curve", quote_curve.terms.anchor, "begins on another day than the base curve", String(anchor));
  if (!(spot_day <= maturity)) check.refuse("INVALID_TERMS", "maturity", maturity, "comes before spot", `${spot_day} or later`);
  if (check.violations.length > 0) return { kind: "refused", violations: check.violations };
  for (const curve of [base_curve, quote_curve])
    for (const day of [spot_day, maturity]) {
      const factor = discountFactor(curve, day);
      if (factor.kind === "refused") return factor;
    }
  const carry = (curve: DiscountCurve) => decayAt(curve, maturity) - decayAt(curve, spot_day);
  const forward = spot * fastExp(carry(quote_curve) - carry(base_curve));
  const discount = fastExp(-decayAt(quote_curve, maturity));
  const held = (forward / spot) * discount;
  const lives = (curve: DiscountCurve, from: CivilDay) => yearsOf(curve, maturity) - yearsOf(curve, from);
  return pricedIfFinite({
    forward,
    points: forward - spot,
    price: discount * (forward - strike),
    delta: held,
    rho: discount * (strike * lives(quote_curve, anchor) - forward * yearsOf(quote_curve, spot_day)),
    rho_carry: -discount * forward * lives(base_curve, spot_day),
  });
}

/** Years by which a parallel move of the zero rates moves a day's decay. */
function yearsOf(curve: DiscountCurve, day: CivilDay): number {
  const { day_count, anchor } = curve.terms;
  return yearsBetween(day_count, anchor, day);
}
