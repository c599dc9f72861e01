/**
 * The pricers by name and version. A changed result for any input is a new version, named by
 * [ADR-021](../../../../docs/adr/021-pricing-for-revaluation.md) like these.
 */
import type { CalcVersion } from "../../calc/identity.js";

export type PricerName =
  | "curve.discount"
  | "implied.bachelier"
  | "implied.black"
  | "price.american_lattice"
  | "price.bachelier"
  | "price.black_76"
  | "price.black_scholes"
  | "price.bond_curve"
  | "price.bond_yield"
  | "price.fx_forward"
  | "price.garman_kohlhagen"
  | "price.revaluation";

/** Version of each pricer; a number that one made carries both. */
export const PRICERS: Readonly<Record<PricerName, CalcVersion>> = {
  "curve.discount": "v1",
  "implied.bachelier": "v1",
  "implied.black": "v1",
  "price.american_lattice": "v1",
  "price.bachelier": "v1",
  "price.black_76": "v1",
  "price.black_scholes": "v1",
  "price.bond_curve": "v1",
  "price.bond_yield": "v1",
  "price.fx_forward": "v1",
  "price.garman_kohlhagen": "v1",
  "price.revaluation": "v1",
};
