import { describe, expect, test } from "vitest";
import {
  bookOfAllKinds,
  codesIn,
  exampleHistory,
  exampleMarket,
  examplePositions,
  measuredValue,
} from "../../../../test/support/risk-book.js";
import { covarianceSample, varParametricV2 } from "../book-measures.js";
import { expectedShortfall } from "../expected-shortfall.js";
import { historicalVar } from "../historical-var.js";
import type { RiskErrorCode } from "../risk-outcome.js";
import { valueBook } from "./book-valuation.js";
import { historicalScenarios } from "./historical-scenarios.js";
import type { MarketSnapshot } from "./market-snapshot.js";
import type { RiskPosition } from "./position.js";

function position(id: string, change: object): RiskPosition {
  const found = examplePositions.find((one) => one.id === id);
  return { ...found, ...change } as RiskPosition;
}

function cellCodes(positions: readonly RiskPosition[], market: MarketSnapshot = exampleMarket): readonly string[] {
  const [cell] = measuredValue(valueBook({ ...bookOfAllKinds, positions, market })).positions;
  return cell?.ok === false ? cell.errors.map(({ code }) => code) : [];
}

const book = (change: object) => codesIn(valueBook({ ...bookOfAllKinds, ...change }));
const market = (change: object) => book({ market: { ...exampleMarket, ...change } });
const [acme] = exampleMarket.spots;

/** What arrives, the code that answers, and how. */
const cases: readonly (readonly [what: string, code: RiskErrorCode, codes: () => readonly string[]])[] = [
  ["a price that is NaN", "NOT_FINITE", () => market({ spots: [{ ...acme, price: "NaN" }] })],
  ["a price that is missing", "PRICE_MISSING", () => cellCodes([position("stock-usd", { symbol: "GONE" })])],
  ["a price in another currency", "CURRENCY_MISMATCH", () => cellCodes([position("stock-usd", { currency: "EUR" })])],
  ["too few scenarios", "TOO_FEW_SCENARIOS", () => codesIn(historicalVar({ pnl: [1], confidence: "0.99", rule: "nearest_rank" }))],
  [
    "a history of one row",
    "TOO_FEW_SCENARIOS",
    () => codesIn(historicalScenarios({ ...exampleHistory, rows: exampleHistory.rows.slice(0, 1) })),
  ],
  ["a confidence of 1", "CONFIDENCE_INVALID", () => codesIn(expectedShortfall({ pnl: [1, 2], confidence: "1" }))],
  ["a confidence of 99%", "CONFIDENCE_INVALID", () => codesIn(expectedShortfall({ pnl: [1, 2], confidence: "99%" }))],
  [
    "a matrix that is not positive definite",
    "MATRIX_NOT_PSD",
    () => {
      const covariance = {
        names: ["a", "b"],
        values: [
          [1, 2],
          [2, 1],
        ],
      };
      const exposures = [
        { name: "a", amount: 1 },
        { name: "b", amount: 1 },
      ];
      return codesIn(varParametricV2.compute({ exposures, covariance, confidence: "0.99" }) as never);
    },
  ],
  [
    "observations that are NaN",
    "NOT_FINITE",
    () => codesIn(covarianceSample.compute({ names: ["a"], rows: [[1], [Number.NaN]] }) as never),
  ],
  ["a reporting currency that nobody knows", "CURRENCY_UNKNOWN", () => book({ currency: "ZZZ" })],
  [
    "a position in a currency that nobody knows",
    "CURRENCY_UNKNOWN",
    () => book({ positions: [position("cash-eur", { currency: "eur" })] }),
  ],
  ["a currency without a rate", "FX_RATE_MISSING", () => cellCodes([position("cash-eur", { currency: "JPY" })])],
  [
    "two rates for a pair",
    "FX_RATE_CONFLICT",
    () => market({ fx: { pivot: "USD", quotes: [...exampleMarket.fx.quotes, { pair: "EUR/USD", rate: "1.09" }] } }),
  ],
  [
    "a rate and an inverse that disagree",
    "FX_INVERSE_DISAGREES",
    () => market({ fx: { pivot: "USD", quotes: [...exampleMarket.fx.quotes, { pair: "USD/EUR", rate: "0.99" }] } }),
  ],
  [
    "a second way between two currencies",
    "FX_SECOND_PATH",
    () => market({ fx: { pivot: "USD", quotes: [...exampleMarket.fx.quotes, { pair: "EUR/ILS", rate: "3.942" }] } }),
  ],
  [
    "a pair that nothing joins to the pivot",
    "FX_UNCONNECTED",
    () => market({ fx: { pivot: "USD", quotes: [...exampleMarket.fx.quotes, { pair: "GBP/JPY", rate: "190" }] } }),
  ],
  ["a rate of zero", "FX_RATE_INVALID", () => market({ fx: { pivot: "USD", quotes: [{ pair: "EUR/USD", rate: "0" }] } })],
  ["an expired option", "EXPIRED_OPTION", () => cellCodes([position("call", { expiry: "2026-03-01" })])],
  [
    "an option that expires before the bond market opens, on currencies",
    "EXPIRED_OPTION",
    () => cellCodes([position("euro-put", { expiry: "2025-01-01" })]),
  ],
  ["a negative quantity of a bond", "NEGATIVE_QUANTITY", () => book({ positions: [position("bond", { quantity: "-1" })] })],
  ["a bond that has been repaid", "MATURED_BOND", () => cellCodes([position("bond", { effective: "2020-02-15", maturity: "2026-02-15" })])],
  ["a strike of zero", "NOT_POSITIVE", () => book({ positions: [position("call", { strike: "0" })] })],
  ["a quantity that is no decimal", "DECIMAL_INVALID", () => book({ positions: [position("call", { quantity: "1e3" })] })],
  ["a day that is none", "DAY_INVALID", () => book({ positions: [position("call", { expiry: "2026-02-30" })] })],
  ["two positions of one name", "DUPLICATE_NAME", () => book({ positions: [position("call", {}), position("call", {})] })],
  [
    "a volatility below zero",
    "NEGATIVE_VOLATILITY",
    () => market({ volatilities: [{ underlying: "ACME", expiry: null, strike: null, volatility: "-0.1" }] }),
  ],
  ["an option without a volatility", "VOLATILITY_MISSING", () => cellCodes([position("call", {})], { ...exampleMarket, volatilities: [] })],
  ["an option without a curve", "CURVE_MISSING", () => cellCodes([position("call", {})], { ...exampleMarket, curves: [] })],
];

describe("bad input", () => {
  test.each(cases)("%s is answered with %s", (_, code, codes) => {
    expect(codes()).toEqual([code]);
  });

  test("everything that is wrong with a portfolio and its market is told at once, each with its path", () => {
    const outcome = valueBook({
      ...bookOfAllKinds,
      currency: "zz",
      positions: [position("bond", { quantity: "-1" }), position("call", { strike: "x", expiry: "soon" })],
      market: { ...exampleMarket, as_of: "today" },
    });
    const told = outcome.ok ? [] : outcome.errors.map(({ code, details }) => `${code} ${details["field"]}`);
    expect(told).toEqual([
      "CURRENCY_UNKNOWN currency",
      "NEGATIVE_QUANTITY positions/bond/quantity",
      "DECIMAL_INVALID positions/call/strike",
      "DAY_INVALID positions/call/expiry",
      "DAY_INVALID as_of",
    ]);
  });

  test("D.3 11: two rates of a pair are refused, a missing pair fails its cell, an inverse that says the same is accepted", () => {
    const { quotes } = exampleMarket.fx;
    expect(market({ fx: { pivot: "USD", quotes: [...quotes, { pair: "EUR/USD", rate: "1.0801" }] } })).toEqual(["FX_RATE_CONFLICT"]);
    expect(cellCodes([position("cash-eur", { currency: "GBP" })])).toEqual(["FX_RATE_MISSING"]);
    const fx = { pivot: "USD", quotes: [...exampleMarket.fx.quotes, { pair: "ILS/USD", rate: "0.274" }] };
    expect(market({ fx })).toEqual([]);
  });
});
