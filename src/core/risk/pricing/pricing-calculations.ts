/** The pricers as entries of the registry. A pricer that {@link PRICERS} names and this table lacks does not type-check. */
import { finiteFigures } from "../../calc/figures.js";
import { type MountedCalculation, type MountedImplementation, mounted } from "../../calc/mounted-calculation.js";
import { priceAmerican } from "./american-option.js";
import { priceBachelier } from "./bachelier-option.js";
import { bondOnCurve } from "./bond-on-curve.js";
import { bondAtYield } from "./bond-yield.js";
import { discountFactor } from "./discount-curve.js";
import { priceBlack76, priceBlackScholes, priceGarmanKohlhagen } from "./european-option.js";
import { priceFxForward } from "./fx-forward.js";
import { impliedBachelier, impliedBlack76 } from "./implied-volatility.js";
import { PRICERS, type PricerName } from "./pricers.js";
import { openRevaluation } from "./revaluation.js";

const pricers: { readonly [name in PricerName]: readonly [description: string, compute: MountedImplementation] } = {
  "curve.discount": ["Discount factor of a curve", discountFactor],
  "implied.bachelier": ["Implied volatility of the normal model", impliedBachelier],
  "implied.black": ["Implied volatility of the Black models", impliedBlack76],
  "price.american_lattice": ["American option by lattice", priceAmerican],
  "price.bachelier": ["Option under the normal model", priceBachelier],
  "price.black_76": ["Option on a forward", priceBlack76],
  "price.black_scholes": ["European option with a yield", priceBlackScholes],
  "price.bond_curve": ["Bond on a curve", bondOnCurve],
  "price.bond_yield": ["Bond by its yield", bondAtYield],
  "price.fx_forward": ["Currency forward", priceFxForward],
  "price.garman_kohlhagen": ["European option on a currency", priceGarmanKohlhagen],
  "price.revaluation": ["Options under scenarios, over columns", openRevaluation],
};

/** In the order of their names. */
export const pricingCalculations: readonly MountedCalculation[] = mounted(
  (Object.entries(pricers) as [PricerName, (typeof pricers)[PricerName]][]).map(([calc_name, [description, compute]]) => ({
    calc_name,
    domain: "pricing",
    description,
    table: "pricing_values",
    business_keys: ["session_id", "position", "figure"],
    implementations: { [PRICERS[calc_name]]: compute },
    checks: [finiteFigures],
    runs_in: "onetape risk, and the pricers of the library",
  })),
);
