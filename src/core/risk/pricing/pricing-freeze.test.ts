import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { pricedValue } from "../../../../test/support/priced.js";
import { priceAmerican } from "./american-option.js";
import { priceBachelier } from "./bachelier-option.js";
import type { BondTerms } from "./bond-flows.js";
import { bondOnCurve } from "./bond-on-curve.js";
import { bondAtPrice, bondAtYield } from "./bond-yield.js";
import { type CurveTerms, decayAt, openCurve } from "./discount-curve.js";
import { type BlackScholesInputs, priceBlack76, priceBlackScholes, priceGarmanKohlhagen } from "./european-option.js";
import { priceFxForward } from "./fx-forward.js";
import { impliedBachelier, impliedBlack76, impliedBlackScholes } from "./implied-volatility.js";
import { PRICERS, type PricerName } from "./pricers.js";
import { openRevaluation } from "./revaluation.js";

/** Results of every pricer over a grid, as digests of their bytes. A pricer that gives others is a new version, which ADR-021 must name. */
const frozen: Readonly<Record<string, string>> = {
  "curve.discount@v1": "1d2ea70c3c4a97d6fdfb50b00bf1af51",
  "implied.bachelier@v1": "78892bff1aca44583f4034ac8cc7e1ee",
  "implied.black@v1": "26711005befcc704eae04ef7dff7125b",
  "price.american_lattice@v1": "861bd21453effefcabe7475257052a46",
  "price.bachelier@v1": "f3a3b99e3802b9238ca06626dc299592",
  "price.black_76@v1": "e1f62c9dffae4fd02e76badec7a288a0",
  "price.black_scholes@v1": "d1c1cbfbbda218c367962f34cdbf105d",
  "price.bond_curve@v1": "80966676c464a6a575d3400a0847004e",
  "price.bond_yield@v1": "f88385a79533d9712b9ad0ccf4b55775",
  "price.fx_forward@v1": "c931cfb5362bfaa64556ddc80cc739cc",
  "price.garman_kohlhagen@v1": "d1c1cbfbbda218c367962f34cdbf105d",
  "price.revaluation@v1": "c67c078bc32eee456715b5e50a684948",
};

const GRID: readonly BlackScholesInputs[] = (["call", "put"] as const).flatMap((right) =>
  [60, 95, 100, 104, 180].flatMap((strike) =>
    [0, 0.01, 0.5, 7].flatMap((expiry_years) =>
      [0, 0.05, 0.2, 1.3].flatMap((volatility) =>
        (
          [
            [0, 0],
            [0.05, 0.02],
            [-0.01, 0.03],
          ] as const
        ).map(([rate, dividend_yield]) => ({
          right,
          spot: 100,
          strike,
          expiry_years,
          volatility,
          rate,
          dividend_yield,
        })),
      ),
    ),
  ),
);
const alive = GRID.filter(({ expiry_years, volatility }) => expiry_years > 0 && volatility > 0);
const forwards = GRID.map((one) => ({ ...one, forward: one.spot }));

const curveTerms = (interpolation: CurveTerms["interpolation"]): CurveTerms => ({
  anchor: 19_000,
  day_count: "ACT/365F",
  interpolation,
  extrapolation: "flat_forward",
  nodes: [
    { day: 19_100, zero_rate: 0.03 },
    { day: 19_700, discount_factor: 0.93 },
    { day: 22_000, zero_rate: 0.045 },
  ],
});
const curves = (["log_linear_discount", "linear_zero", "linear_discount"] as const).map((interpolation) =>
  pricedValue(openCurve(curveTerms(interpolation))),
);
const bonds: readonly BondTerms[] = (
  ["ACT/ACT ICMA", "30/360", "30U/360", "30E/360", "30E/360 ISDA", "ACT/360", "ACT/365F", "ACT/ACT ISDA"] as const
).flatMap((day_count) =>
  (["short_first", "long_first", "short_last", "long_last"] as const).map((stub) => ({
    face: 100,
    coupon_rate: 0.043,
    per_year: 2,
    effective: 18_950,
    maturity: 20_913,
    day_count,
    stub,
    end_of_month: true,
    convention: "unadjusted",
    calendar: null,
  })),
);

const results: Readonly<Record<PricerName, () => readonly number[]>> = {
  "price.black_scholes": () => GRID.flatMap((one) => Object.values(pricedValue(priceBlackScholes(one)))),
  "price.garman_kohlhagen": () =>
    GRID.flatMap((one) =>
      Object.values(pricedValue(priceGarmanKohlhagen({ ...one, domestic_rate: one.rate, foreign_rate: one.dividend_yield }))),
    ),
  "price.black_76": () => forwards.flatMap((one) => Object.values(pricedValue(priceBlack76(one)))),
  "price.bachelier": () =>
    forwards.flatMap((one) => Object.values(pricedValue(priceBachelier({ ...one, normal_volatility: one.volatility * 70 })))),
  "price.american_lattice": () => GRID.filter((_, n) => n % 7 === 0).flatMap((one) => Object.values(pricedValue(priceAmerican(one)))),
  "price.revaluation": revalued,
  "implied.black": () =>
    alive.flatMap((one) => {
      const onSpot = impliedBlackScholes({ ...one, price: pricedValue(priceBlackScholes(one)).price });
      const onForward = { ...one, forward: one.spot };
      return [onSpot, impliedBlack76({ ...onForward, price: pricedValue(priceBlack76(onForward)).price })].map((found) =>
        found.kind === "priced" ? found.value.volatility : -1,
      );
    }),
  "implied.bachelier": () =>
    alive.map((one) => {
      const terms = { ...one, forward: one.spot };
      const found = impliedBachelier({
        ...terms,
        price: pricedValue(priceBachelier({ ...terms, normal_volatility: one.volatility * 70 })).price,
      });
      return found.kind === "priced" ? found.value.volatility : -1;
    }),
  "curve.discount": () =>
    curves.flatMap((curve) => [19_000, 19_001, 19_100, 19_433, 21_999, 22_000, 23_000].map((day) => decayAt(curve, day))),
  "price.bond_yield": () =>
    bonds.flatMap((bond) =>
      (["street", "street_simple_last", "continuous"] as const).flatMap((convention) =>
        [18_950, 19_777, 20_900].flatMap((day) => [
          ...Object.values(pricedValue(bondAtYield(bond, day, 0.05, convention))),
          pricedValue(bondAtPrice(bond, day, 97.125, convention)).yield,
        ]),
      ),
    ),
  "price.bond_curve": () =>
    curves.flatMap((curve) =>
      bonds.flatMap((bond) => {
        const { key_rate_dv01, ...value } = pricedValue(bondOnCurve(bond, 19_050, curve));
        return [...Object.values(value), ...key_rate_dv01];
      }),
    ),
  "price.fx_forward": () =>
    curves.flatMap((base_curve) =>
      curves.flatMap((quote_curve) =>
        Object.values(
          pricedValue(priceFxForward({ spot: 1.0834, strike: 1.09, spot_day: 19_002, maturity: 19_400, base_curve, quote_curve })),
        ),
      ),
    ),
};

function revalued(): readonly number[] {
  const column = (of: (one: BlackScholesInputs) => number) => Float64Array.from(GRID, of);
  const shifts = [-0.3, -0.01, 0, 0.02, 0.4];
  const revaluation = pricedValue(
    openRevaluation(
      {
        side: Int8Array.from(GRID, ({ right }) => (right === "call" ? 1 : -1)),
        underlying: new Int32Array(GRID.length),
        strike: column(({ strike }) => strike),
        expiry_years: column(({ expiry_years }) => expiry_years),
        volatility: column(({ volatility }) => volatility),
        rate: column(({ rate }) => rate),
        dividend_yield: column(({ dividend_yield }) => dividend_yield),
      },
      {
        scenarios: shifts.length,
        spot: Float64Array.from(shifts, (shift) => 100 * (1 + shift)),
        volatility_add: Float64Array.from(shifts, (shift) => shift / 10),
        volatility_factor: Float64Array.from(shifts, (shift) => 1 - shift),
        rate_add: Float64Array.from(shifts, (shift) => shift / 20),
      },
    ),
  );
  const out = new Float64Array(GRID.length * shifts.length);
  for (let n = 0; n < GRID.length; n++) revaluation.priceInto(n, out, n * shifts.length);
  return [...out];
}

/** Of the numbers' bytes, most significant first, so that the machine's own order does not show. */
function digest(numbers: readonly number[]): string {
  const bytes = new DataView(new ArrayBuffer(8 * numbers.length));
  for (const [n, x] of numbers.entries()) bytes.setFloat64(8 * n, x);
  return createHash("sha256").update(bytes).digest("hex").slice(0, 32);
}

const names = Object.keys(PRICERS) as readonly PricerName[];

test.each(names)("%s keeps its results to the bit for as long as it keeps its version", (name) => {
  const numbers = results[name]();
  expect(numbers.every(Number.isFinite)).toBe(true);
  expect(`${name}@${PRICERS[name]} ${digest(numbers)}`).toBe(`${name}@${PRICERS[name]} ${frozen[`${name}@${PRICERS[name]}`]}`);
});

test("every pricer and its version is named by the accepted ADR, and the ADR names no other", () => {
  const adr = readFileSync(new URL("../../../../docs/adr/021-pricing-for-revaluation.md", import.meta.url), "utf8");
  expect(adr).toMatch(/^Accepted,/m);
  const named = [...adr.matchAll(/^\| `([a-z0-9_.]+)` \| (v\d+) \|/gm)].map(([, name, version]) => `${name}@${version}`);
  expect(named.sort()).toEqual(names.map((name) => `${name}@${PRICERS[name]}`).sort());
});
