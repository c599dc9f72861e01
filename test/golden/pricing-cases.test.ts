/** Prices from textbooks and from 40 digits; each case names its source in the file of cases, and its tolerances stand there too. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { priceBachelier } from "../../src/core/risk/pricing/bachelier-option.js";
import type { BondTerms } from "../../src/core/risk/pricing/bond-flows.js";
import { bondAtPrice, bondAtYield } from "../../src/core/risk/pricing/bond-yield.js";
import { flatCurve } from "../../src/core/risk/pricing/discount-curve.js";
import { priceBlack76, priceBlackScholes } from "../../src/core/risk/pricing/european-option.js";
import { priceFxForward } from "../../src/core/risk/pricing/fx-forward.js";
import { impliedBlack76 } from "../../src/core/risk/pricing/implied-volatility.js";
import type { OptionRight } from "../../src/core/risk/pricing/option-value.js";
import { pricedValue } from "../support/priced.js";

type Numbers = Readonly<Record<string, number>>;
interface Case {
  readonly inputs: Record<string, unknown>;
  readonly expected: Record<string, number | readonly number[]>;
  readonly published?: Record<string, number | readonly number[]>;
  readonly tolerance: {
    readonly rel_expected?: number;
    readonly rel?: number;
    readonly abs?: number;
    readonly abs_by_published_digits?: boolean;
  };
}
type Row = Numbers & { readonly type: "c" | "p"; readonly greek: string };

const cases = JSON.parse(readFileSync(new URL("pricing-cases.golden.json", import.meta.url), "utf8")) as Readonly<Record<string, Case>>;

function found(id: string): Case {
  const one = cases[id];
  if (one === undefined) throw new Error(`no case ${id}`);
  return one;
}

const right = ({ type }: { readonly type: string }): OptionRight => (type === "c" ? "call" : "put");
const rows = ({ inputs }: Case): readonly Row[] => inputs["rows"] as readonly Row[];
const list = (value: number | readonly number[] | undefined): readonly number[] => (typeof value === "number" ? [value] : (value ?? []));

/** Against 40 digits by the case's relative tolerance, and against print by its absolute one or by half a unit of the last printed digit. */
function expectCase(
  id: string,
  actual: Readonly<Record<string, number | readonly number[]>>,
  printed: Readonly<Record<string, string>> = {},
): void {
  const { expected, published = {}, tolerance } = found(id);
  for (const [name, value] of Object.entries(actual))
    for (const [n, a] of list(value).entries()) {
      const e = list(expected[name])[n] ?? Number.NaN;
      const rel = tolerance.rel_expected ?? tolerance.rel ?? 0;
      expect(Math.abs(a - e) <= rel * Math.abs(e), `${id} ${name}: ${a} is not within ${rel} of ${e}`).toBe(true);
      const p = list(published[printed[name] ?? name])[n];
      if (p === undefined) continue;
      const digits = String(p).split(".")[1]?.length ?? 0;
      const abs = tolerance.abs ?? (tolerance.abs_by_published_digits === true ? 0.5 * 10 ** -digits : 0);
      if (abs > 0) expect(Math.abs(a - p) <= abs * (1 + 1e-9), `${id} ${name}: ${a} is not within ${abs} of the printed ${p}`).toBe(true);
    }
}

const blackScholes = (row: Row, type: "c" | "p" = row.type) =>
  pricedValue(
    priceBlackScholes({
      right: right({ type }),
      spot: row["S"] ?? NaN,
      strike: row["K"] ?? NaN,
      expiry_years: row["T"] ?? NaN,
      volatility: row["vol"] ?? NaN,
      rate: row["r"] ?? NaN,
      dividend_yield: row["q"] ?? 0,
    }),
  );

test.each(["opt-haug-page2-8", "opt-haug-page24-T0.1"])("%s", (id) => {
  expectCase(id, { price: rows(found(id)).map((row) => blackScholes(row).price) }, { price: "price_4dp" });
});

test("opt-haug-greeks-a", () => {
  const value = rows(found("opt-haug-greeks-a")).map((row) => {
    const { delta, gamma, vega } = blackScholes(row);
    return row.greek === "delta" ? delta : row.greek === "gamma" ? gamma : vega * 100;
  });
  expectCase("opt-haug-greeks-a", { value }, { value: "value_4dp" });
});

test("opt-hull-42-40", () => {
  const inputs = found("opt-hull-42-40").inputs as unknown as Row;
  const [call, put] = [blackScholes(inputs, "c").price, blackScholes(inputs, "p").price];
  expectCase("opt-hull-42-40", { call, put });
});

test("opt-hull-greeks-49-50", () => {
  const value = blackScholes(found("opt-hull-greeks-49-50").inputs as unknown as Row);
  expectCase("opt-hull-greeks-49-50", { ...pick(value), vega: value.vega * 100, theta: value.theta * 365 });
});

function pick({ price, delta, gamma, rho }: { price: number; delta: number; gamma: number; rho: number }): Record<string, number> {
  return { price, delta, gamma, rho };
}

test("opt-hull-index-futures", () => {
  const { index, futures } = found("opt-hull-index-futures").inputs as unknown as { index: Row; futures: Row };
  const { F = NaN, K = NaN, T = NaN, r = NaN, vol = NaN } = futures as Numbers;
  const onFuture = priceBlack76({ right: right(futures), forward: F, strike: K, expiry_years: T, volatility: vol, rate: r });
  expectCase("opt-hull-index-futures", { index: blackScholes(index).price, futures: pricedValue(onFuture).price });
});

test("opt-implied-vol-extremes", () => {
  const vol = rows(found("opt-implied-vol-extremes")).map((row) => {
    const { F = NaN, K = NaN, T = NaN, undiscounted_price = NaN } = row as Numbers;
    return pricedValue(impliedBlack76({ right: right(row), forward: F, strike: K, expiry_years: T, rate: 0, price: undiscounted_price }))
      .volatility;
  });
  expectCase("opt-implied-vol-extremes", { vol });
});

test("opt-bachelier", () => {
  const price = rows(found("opt-bachelier")).map((row) => {
    const { F = NaN, K = NaN, T = NaN, normal_vol = NaN } = row as Numbers;
    return pricedValue(
      priceBachelier({ right: right(row), forward: F, strike: K, expiry_years: T, normal_volatility: normal_vol, rate: 0 }),
    ).price;
  });
  expectCase("opt-bachelier", { price });
});

/** From year 2000 on, so that periods are regular whatever the count. */
function bondOf({ face = NaN, coupon = NaN, freq = NaN, years = NaN }: Numbers): BondTerms {
  const start = 10_957;
  const plain = { day_count: "ACT/ACT ICMA", stub: "short_first", end_of_month: false, convention: "unadjusted", calendar: null } as const;
  const leapDays = Math.floor((years + 3) / 4);
  return { ...plain, face, coupon_rate: coupon, per_year: freq as 1 | 2, effective: start, maturity: start + 365 * years + leapDays };
}

test("bond-hull-duration", () => {
  const inputs = found("bond-hull-duration").inputs as Numbers;
  const terms = bondOf(inputs);
  const { yield_cc = NaN, dy = NaN } = inputs;
  const value = pricedValue(bondAtYield(terms, terms.effective, yield_cc, "continuous"));
  const half = pricedValue(bondAtPrice(terms, terms.effective, value.clean_price, "street"));
  expectCase("bond-hull-duration", {
    price: value.dirty_price,
    macaulay_duration: value.macaulay_duration,
    convexity_cc: value.convexity,
    price_linear: value.dirty_price * (1 - value.modified_duration * dy),
    price_exact: pricedValue(bondAtYield(terms, terms.effective, yield_cc + dy, "continuous")).dirty_price,
    yield_semi: half.yield,
    modified_duration_semi: half.modified_duration,
  });
});

test("bond-mu-5y8", () => {
  const inputs = found("bond-mu-5y8").inputs as Numbers;
  const terms = bondOf(inputs);
  const at = (move: number) => pricedValue(bondAtYield(terms, terms.effective, (inputs["ytm"] ?? NaN) + move, "street"));
  const value = at(0);
  expectCase("bond-mu-5y8", {
    price: value.dirty_price,
    macaulay: value.macaulay_duration,
    modified: value.modified_duration,
    convexity: value.convexity,
    price_at_11pct: at(0.01).dirty_price,
    price_at_9pct: at(-0.01).dirty_price,
  });
});

test("fx-forward-hull", () => {
  const { spot = NaN, r = NaN, rf = NaN, T = NaN } = found("fx-forward-hull").inputs as Numbers;
  const curve = (rate: number) => pricedValue(flatCurve(0, rate));
  const dates = { spot_day: 0, maturity: 365 * T };
  const { forward } = pricedValue(priceFxForward({ spot, strike: spot, ...dates, base_curve: curve(rf), quote_curve: curve(r) }));
  expectCase("fx-forward-hull", { forward });
});

test("every case is tested", () => {
  expect(Object.keys(cases)).toHaveLength(11);
});
