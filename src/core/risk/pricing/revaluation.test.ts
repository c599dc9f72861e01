import { expect, test } from "vitest";
import { codesOf, pricedValue } from "../../../../test/support/priced.js";
import { priceBlack76, priceBlackScholes } from "./european-option.js";
import { IMPLIED_REFUSALS, impliedBlack76, impliedVolatilities } from "./implied-volatility.js";
import { type OptionColumns, openRevaluation, type ScenarioColumns } from "./revaluation.js";

const options: OptionColumns = {
  side: Int8Array.of(1, -1, 1, -1, 1),
  underlying: Int32Array.of(0, 0, 1, 1, 0),
  strike: Float64Array.of(100, 90, 1.2, 1.3, 400),
  expiry_years: Float64Array.of(0.5, 0.5, 2, 0, 1),
  volatility: Float64Array.of(0.2, 0.25, 0.1, 0.1, 0.3),
  rate: Float64Array.of(0.03, 0.03, 0.01, 0.01, 0.03),
  dividend_yield: Float64Array.of(0.01, 0.01, 0.04, 0.04, 0),
};
const shifts: ScenarioColumns = {
  scenarios: 3,
  spot: Float64Array.of(100, 80, 130, 1.25, 1.1, 1.5),
  volatility_add: Float64Array.of(0, 0.1, -0.5, 0, 0.02, 0),
  volatility_factor: Float64Array.of(1, 1.5, 1, 1, 1, 2),
  rate_add: Float64Array.of(0, -0.02, 0.01),
};

test("each cell is what the pricer says of the option in the scenario, to 1e-14 of forward plus strike", () => {
  const revaluation = pricedValue(openRevaluation(options, shifts));
  const out = new Float64Array(revaluation.count * revaluation.scenarios + 1);
  for (let n = 0; n < revaluation.count; n++) revaluation.priceInto(n, out, 1 + n * revaluation.scenarios);
  for (let n = 0; n < 5; n++)
    for (let s = 0; s < 3; s++) {
      const cell = (options.underlying[n] ?? 0) * 3 + s;
      const moved = ((options.volatility[n] ?? 0) + (shifts.volatility_add[cell] ?? 0)) * (shifts.volatility_factor[cell] ?? 0);
      const one = {
        right: options.side[n] === 1 ? ("call" as const) : ("put" as const),
        spot: shifts.spot[cell] ?? 0,
        strike: options.strike[n] ?? 0,
        expiry_years: options.expiry_years[n] ?? 0,
        volatility: Math.max(moved, 0),
        rate: (options.rate[n] ?? 0) + (shifts.rate_add[s] ?? 0),
        dividend_yield: options.dividend_yield[n] ?? 0,
      };
      const { price } = pricedValue(priceBlackScholes(one));
      expect(Math.abs((out[1 + n * 3 + s] ?? Number.NaN) - price)).toBeLessThanOrEqual(1e-14 * (one.spot + one.strike));
    }
});

test("an option has the same bits in any order and whatever was priced before it", () => {
  const revaluation = pricedValue(openRevaluation(options, shifts));
  const rows = (order: readonly number[]) => {
    const out = new Float64Array(15);
    for (const n of order) revaluation.priceInto(n, out, n * 3);
    return out;
  };
  expect(rows([4, 2, 0, 3, 1])).toEqual(rows([0, 1, 2, 3, 4]));
});

test("columns that do not fit or hold no prices are refused with every fault", () => {
  expect(codesOf(openRevaluation({ ...options, rate: new Float64Array(4) }, { ...shifts, rate_add: new Float64Array(2) }))).toEqual([
    "INVALID_TERMS rate",
    "INVALID_TERMS rate_add",
  ]);
  const wrong = {
    ...options,
    side: Int8Array.of(1, 0, 1, 1, 1),
    underlying: Int32Array.of(0, 0, 2, 0, 0),
    strike: Float64Array.of(100, 90, 1.2, 0, 400),
    expiry_years: Float64Array.of(0.5, 0.5, 2, 0, -1),
  };
  expect(codesOf(openRevaluation(wrong, shifts))).toEqual([
    "INVALID_TERMS side/1",
    "INVALID_TERMS underlying/2",
    "NOT_POSITIVE strike/3",
    "EXPIRED_OPTION expiry_years/4",
  ]);
  expect(
    codesOf(openRevaluation(options, { ...shifts, spot: Float64Array.of(1, 2, 0, 1, 1, NaN), rate_add: Float64Array.of(0, NaN, 0) })),
  ).toEqual(["NOT_POSITIVE spot/2", "NON_FINITE_INPUT spot/5", "NON_FINITE_INPUT rate_add/1"]);
});

test("implied volatilities of columns are those of single options, and refusals are numbers below zero", () => {
  const rows = [
    { side: 1, forward: 100, strike: 110, expiry_years: 0.5, volatility: 0.3 },
    { side: -1, forward: 100, strike: 130, expiry_years: 1, volatility: 0.2 },
    { side: 1, forward: 1.1, strike: 1.1, expiry_years: 0.01, volatility: 0.08 },
  ] as const;
  const prices = rows.map((row) => pricedValue(priceBlack76({ ...row, right: row.side === 1 ? "call" : "put", rate: 0 })).price);
  const bad = [
    [100, 90, 1, 9],
    [100, 90, 1, 100],
    [100, 90, 0, 11],
    [-1, 90, 1, 11],
    [100, 90, 1, Number.NaN],
    [100, 90, 1, 10],
  ] as const;
  const column = (of: (row: (typeof rows)[number]) => number, at: 0 | 1 | 2 | 3) =>
    Float64Array.from([...rows.map(of), ...bad.map((row) => row[at])]);
  const undiscounted_price = Float64Array.from([...prices, ...bad.map((row) => row[3])]);
  const out = new Float64Array(9);
  impliedVolatilities(
    {
      side: Int8Array.from([...rows.map(({ side }) => side), 1, 1, 1, 1, 1, 1]),
      forward: column(({ forward }) => forward, 0),
      strike: column(({ strike }) => strike, 1),
      expiry_years: column(({ expiry_years }) => expiry_years, 2),
      undiscounted_price,
    },
    out,
  );
  for (const [n, row] of rows.entries()) {
    const single = impliedBlack76({ ...row, right: row.side === 1 ? "call" : "put", rate: 0, price: prices[n] ?? 0 });
    expect(out[n]).toBe(pricedValue(single).volatility);
  }
  const { BELOW_INTRINSIC, ABOVE_MAXIMUM, EXPIRED_OPTION, NOT_POSITIVE, NON_FINITE_INPUT } = IMPLIED_REFUSALS;
  expect([...out.slice(3)]).toEqual([BELOW_INTRINSIC, ABOVE_MAXIMUM, EXPIRED_OPTION, NOT_POSITIVE, NON_FINITE_INPUT, 0]);
});
