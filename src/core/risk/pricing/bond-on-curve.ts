/** A bond's worth and its rate sensitivities on a discount curve. */
import { fastExp } from "../../numeric/fast-exponential.js";
import { type BondFlows, type BondTerms, bondFlows } from "./bond-flows.js";
import { type DiscountCurve, decayAt, discountFactor, shiftZeroRates } from "./discount-curve.js";
import { type Priced, pricedIfFinite } from "./refusal.js";

export interface BondOnCurve {
  /** Worth on settlement, with accrued interest, per the face of the terms. */
  readonly dirty_price: number;
  readonly clean_price: number;
  readonly accrued: number;
  /** By how much the dirty price falls when every zero rate rises by one basis point: central, half of one either way. */
  readonly dv01: number;
  /** The same for each node of the curve alone, in its order. They add up to `dv01` but for terms of the second order. */
  readonly key_rate_dv01: readonly number[];
}

const HALF_BASIS_POINT = 0.5e-4;

/** Discounts every payment due after settlement on the day it is paid. */
export function bondOnCurve(terms: BondTerms, settlement: number, curve: DiscountCurve): Priced<BondOnCurve> {
  const flows = bondFlows(terms, settlement);
  if (flows.kind === "refused") return flows;
  for (const day of [settlement, ...flows.value.payments.map(({ paid }) => paid)]) {
    const factor = discountFactor(curve, day);
    if (factor.kind === "refused") return factor;
  }
  const at = (shift: number | ArrayLike<number>): number => worth(flows.value, settlement, shiftZeroRates(curve, shift));
  const fall = (up: number | ArrayLike<number>, down: number | ArrayLike<number>): number => at(down) - at(up);
  const dirty = worth(flows.value, settlement, curve);
  const one = (n: number, size: number) => Array.from(curve.years, (_, m) => (m === n ? size : 0));
  const key_rate_dv01 = Array.from(curve.years, (_, n) => fall(one(n, HALF_BASIS_POINT), one(n, -HALF_BASIS_POINT)));
  return pricedIfFinite({
    dirty_price: dirty,
    clean_price: dirty - flows.value.accrued,
    accrued: flows.value.accrued,
    dv01: fall(HALF_BASIS_POINT, -HALF_BASIS_POINT),
    key_rate_dv01,
  });
}

function worth({ payments }: BondFlows, settlement: number, curve: DiscountCurve): number {
  const today = decayAt(curve, settlement);
  let sum = 0;
  for (const { paid, amount } of payments) sum += amount * fastExp(today - decayAt(curve, paid));
  return sum;
}
