import { describe, expect, test } from "vitest";
import {
  bookOfAllKinds,
  codesIn,
  exampleMarket,
  examplePositions,
  measuredValue,
  valuationOfAllKinds,
} from "../../../../test/support/risk-book.js";
import { blackScholes } from "../v1/black-scholes.js";
import { portfolioSnapshot } from "../v1/semantics.js";
import { type BookInput, type PositionValue, valueBook } from "./book-valuation.js";
import { concentration } from "./concentration.js";
import { exposures } from "./exposures.js";
import { marginHeuristic } from "./margin-heuristic.js";
import type { OptionPosition } from "./position.js";

function worthOf(id: string, input: BookInput = bookOfAllKinds): PositionValue {
  const cell = measuredValue(valueBook(input)).positions.find((one) => one.id === id);
  if (cell?.ok !== true) throw new Error(`${id} has no value`);
  return cell.value;
}

describe("a portfolio on a market", () => {
  // Python's math.erfc on the same terms: parity forwards, Black-Scholes and discounted coupons written out by hand.
  test.each([
    ["stock-usd", 44_895],
    ["stock-eur", -7_884],
    ["cash-eur", 39_420],
    ["forward", 83.10229974056143],
    ["call", 8432.995850990412],
    ["euro-put", 171.40940138022773],
    ["bond", 11025.283169230957],
  ])("values %s as an outside calculation does", (id, pv) => {
    expect(Math.abs(worthOf(id).pv - pv)).toBeLessThan(1e-8);
  });

  test("names the pricer behind each value", () => {
    const pricers = valuationOfAllKinds.positions.map((cell) => (cell.ok ? `${cell.id} ${cell.value.pricer}` : cell.id));
    expect(pricers).toEqual([
      "bond price.bond_curve@v1",
      "call price.black_scholes@v1",
      "cash-eur quote",
      "euro-put price.garman_kohlhagen@v1",
      "forward price.fx_forward@v1",
      "put price.american_lattice@v1",
      "stock-eur quote",
      "stock-usd quote",
    ]);
  });

  test("D.3 10: scales three contracts of a hundred once, values and Greeks alike, as the locked version 1 does", () => {
    const market = {
      ...exampleMarket,
      spots: [{ symbol: "S", currency: "USD", price: "100", dividend_yield: "0" }],
      volatilities: [{ underlying: "S", expiry: null, strike: null, volatility: "0.2" }],
      curves: [
        {
          currency: "USD",
          day_count: "ACT/365F" as const,
          interpolation: "linear_zero" as const,
          extrapolation: "flat_zero" as const,
          nodes: [{ day: "2030-01-01", zero_rate: "0" }],
        },
      ],
    };
    const call: OptionPosition = {
      id: "S",
      kind: "option",
      quantity: "3",
      underlying: "S",
      currency: "USD",
      multiplier: "100",
      right: "call",
      exercise: "european",
      strike: "100",
      expiry: "2026-05-14",
    };
    const here = measuredValue(measuredValue(valueBook({ positions: [call], market, currency: "ILS", totals: "whole" })).total);
    const unit = blackScholes({ right: "call", exercise: "european", spot: 100, strike: 100, sigma: 0.2, t: 73 / 365, r: 0 });
    if (!unit.ok) throw new Error(unit.error.message);
    const holding = { symbol: "S", quantity: 3, multiplier: 100, currency: "USD", unit_pv: unit.value.pv, unit_greeks: unit.value.greeks };
    const there = portfolioSnapshot([holding], "ILS", { "USD/ILS": 3.65 });
    if (!there.ok) throw new Error(there.error.message);
    expect(here.pv).toBeCloseTo(there.value.total_pv, 9);
    for (const name of ["delta", "gamma", "vega", "theta", "rho"] as const)
      expect(here.greeks[name]).toBeCloseTo(there.value.greeks[name], 9);
    expect(here.greeks.delta).toBeCloseTo(300 * 3.65 * unit.value.greeks.delta, 9);
  });

  test("a position without a price fails alone, and totals are refused unless asked for", () => {
    const positions = [...examplePositions, { ...examplePositions[0], id: "nameless", symbol: "GONE" } as (typeof examplePositions)[0]];
    const whole = measuredValue(valueBook({ ...bookOfAllKinds, positions }));
    const cell = whole.positions.find(({ id }) => id === "nameless");
    expect(cell).toMatchObject({ ok: false, errors: [{ code: "PRICE_MISSING", details: { symbol: "GONE" } }] });
    expect(whole.positions.filter(({ ok }) => ok)).toHaveLength(8);
    expect(whole.total).toMatchObject({ ok: false, errors: [{ code: "TOTAL_INCOMPLETE", details: { positions: "nameless" } }] });
    expect(codesIn(exposures({ valuation: whole, dimension: "currency", clusters: null }))).toEqual(["TOTAL_INCOMPLETE"]);
    expect(codesIn(marginHeuristic({ valuation: whole }))).toEqual(["TOTAL_INCOMPLETE"]);

    const asked = measuredValue(valueBook({ ...bookOfAllKinds, positions, totals: "priced_only" }));
    const total = measuredValue(asked.total);
    expect(total.excluded).toEqual(["nameless"]);
    expect(total.pv).toBe(measuredValue(valuationOfAllKinds.total).pv);
  });

  test("a null price fails the positions that need it, not the snapshot", () => {
    const spots = exampleMarket.spots.map((spot) => (spot.symbol === "ACME" ? { ...spot, price: null } : spot));
    const valued = measuredValue(valueBook({ ...bookOfAllKinds, market: { ...exampleMarket, spots } }));
    expect(valued.positions.filter(({ ok }) => !ok).map(({ id }) => id)).toEqual(["call", "put", "stock-usd"]);
  });

  test("everything that stands against one price is named at once", () => {
    const [option] = examplePositions.filter(({ id }) => id === "call");
    const valued = measuredValue(
      valueBook({
        ...bookOfAllKinds,
        positions: option === undefined ? [] : [option],
        market: { ...exampleMarket, spots: [], volatilities: [], curves: [] },
      }),
    );
    const [cell] = valued.positions;
    expect(cell?.ok === false ? cell.errors.map(({ code }) => code) : []).toEqual(["PRICE_MISSING", "VOLATILITY_MISSING", "CURVE_MISSING"]);
  });
});

describe("exposures", () => {
  test("by currency take the legs of an exchange apart and add up to the total", () => {
    const table = measuredValue(exposures({ valuation: valuationOfAllKinds, dimension: "currency", clusters: null }));
    expect(table.lines.map(({ key }) => key)).toEqual(["EUR", "USD"]);
    expect(Math.abs(table.net_value - measuredValue(valuationOfAllKinds.total).pv)).toBeLessThan(1e-9);
    const forward = worthOf("forward");
    const [base, quote] = forward.legs;
    expect(base?.currency).toBe("EUR");
    expect((base?.value ?? 0) + (quote?.value ?? 0)).toBeCloseTo(forward.pv, 9);
    // Discounted at the euro's 2.2 %: 5000 euros in 274 days, at 1.08 and 3.65.
    expect(base?.value).toBeCloseTo(5000 * 1.08 * 3.65 * Math.exp((-0.022 * 274) / 365), 6);
  });

  test("by underlying show units, value and size of what the option is over", () => {
    const table = measuredValue(exposures({ valuation: valuationOfAllKinds, dimension: "underlying", clusters: null }));
    const acme = table.lines.find(({ key }) => key === "ACME");
    const [call, put] = [worthOf("call"), worthOf("put")];
    expect(call.delta_units * 3.65).toBeCloseTo(568.2565411050902, 8);
    expect(acme?.delta_units).toBeCloseTo(120 + call.delta_units + put.delta_units, 9);
    expect(acme?.abs_notional).toBeCloseTo((120 + 300 + 200) * 102.5 * 3.65, 6);
    expect(acme?.gross_value).toBeCloseTo(44_895 + call.pv - put.pv, 6);
    expect(acme?.net_value).toBeCloseTo(44_895 + call.pv + put.pv, 6);
  });

  test("by cluster file underlyings under their cluster, and others as unclustered", () => {
    const clusters = {
      calc_name: "risk.correlation_clusters",
      calc_version: "v1",
      capture_id: "c",
      linkage: "single",
      cut_distance: 0.3,
      clusters: [{ cluster_id: "cluster:ACME", members: ["ACME", "ROSE"] }],
    } as const;
    const table = measuredValue(exposures({ valuation: valuationOfAllKinds, dimension: "cluster", clusters }));
    expect(table.lines.map(({ key }) => key)).toEqual(["cluster:ACME", "unclustered"]);
    expect(codesIn(exposures({ valuation: valuationOfAllKinds, dimension: "cluster", clusters: null }))).toEqual(["UNKNOWN_NAME"]);
  });

  test("four equal lines have a concentration of a quarter, one line of one, none none", () => {
    const line = { net_value: 0, gross_delta: 0, net_delta: 0, abs_notional: 0, delta_units: null };
    const of = (values: readonly number[]) => ({
      dimension: "underlying" as const,
      currency: "USD",
      lines: values.map((gross_value, n) => ({ ...line, key: `L${n}`, gross_value })),
      gross_value: values.reduce((a, b) => a + b, 0),
      net_value: 0,
    });
    expect(measuredValue(concentration({ exposures: of([5, 5, 5, 5]) }))).toMatchObject({ herfindahl: 0.25, effective_lines: 4 });
    expect(measuredValue(concentration({ exposures: of([7]) })).herfindahl).toBe(1);
    expect(measuredValue(concentration({ exposures: of([1, 3]) })).ranked).toEqual([
      { key: "L1", share: 0.75 },
      { key: "L0", share: 0.25 },
    ]);
    expect(codesIn(concentration({ exposures: of([]) }))).toEqual(["ZERO_VARIANCE"]);
  });

  test("the margin placeholder is its four weights, theta and rho left out", () => {
    const { delta, gamma, vega } = measuredValue(valuationOfAllKinds.total).greeks;
    const { margin, abs_notional } = measuredValue(marginHeuristic({ valuation: valuationOfAllKinds }));
    expect(margin).toBeCloseTo(0.1 * Math.abs(delta) + 0.2 * Math.abs(gamma) + 0.15 * Math.abs(vega) + 0.05 * abs_notional, 6);
  });
});
