import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  bookOfAllKinds,
  codesIn,
  exampleHistory,
  exampleMarket,
  exampleScenarios,
  measuredValue,
} from "../../../../test/support/risk-book.js";
import { historicalScenarios } from "./historical-scenarios.js";
import { canonicalSnapshot, snapshotId } from "./market-snapshot.js";
import { type Scenario, shockedVolatility } from "./scenario.js";
import { scenarioGrid, scenarioGridKey } from "./scenario-grid.js";
import { scenarioPnl, scenarioRun } from "./scenario-run.js";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const still: Scenario = { name: "still", shocks: [], fx: null, rates: {} };

describe("scenarios over a portfolio", () => {
  // The same hand-written Python as the base values; the euro factor divides nothing, ILS/USD divides USD/ILS by 0.9.
  test.each([
    ["stock-usd", -4988.333333333336],
    ["stock-eur", 810.3000000000002],
    ["call", -2890.602087468659],
    ["forward", -1148.4892334988594],
  ])("reprice %s in full under a crash of spots, volatilities, currencies and rates", (id, expected) => {
    const run = measuredValue(scenarioRun({ ...bookOfAllKinds, scenarios: exampleScenarios }));
    const crash = run.results.find(({ scenario_name }) => scenario_name === "crash");
    const pnl = crash?.pnl.find((one) => one.id === id)?.pnl ?? Number.NaN;
    expect(Math.abs(pnl - expected)).toBeLessThan(1e-8);
  });

  test("come in the order of their names, with the extremes by name", () => {
    const run = measuredValue(scenarioRun({ ...bookOfAllKinds, scenarios: exampleScenarios.toReversed() }));
    expect(run.results.map(({ scenario_name }) => scenario_name)).toEqual(["calm", "crash", "rates up"]);
    const deltas = run.results.map(({ delta_pv_abs }) => delta_pv_abs);
    const lowest = run.results.find(({ delta_pv_abs }) => delta_pv_abs === Math.min(...deltas));
    const highest = run.results.find(({ delta_pv_abs }) => delta_pv_abs === Math.max(...deltas));
    expect([run.worst, run.best]).toEqual([lowest?.scenario_name, highest?.scenario_name]);
    expect([run.max_loss, run.max_gain]).toEqual([Math.max(0, -Math.min(...deltas)), Math.max(0, Math.max(...deltas))]);
  });

  test("an empty scenario changes nothing, to the bit", () => {
    const run = measuredValue(scenarioRun({ ...bookOfAllKinds, scenarios: [still] }));
    expect(run.results[0]?.pnl.every(({ pnl }) => Object.is(pnl, 0))).toBe(true);
    expect([run.max_loss, run.max_gain]).toEqual([0, 0]);
  });

  test("a volatility becomes (vol + abs)(1 + pct) and stops at zero", () => {
    expect(shockedVolatility(0.2, 0.05, 0.1)).toBe((0.2 + 0.05) * 1.1);
    expect(shockedVolatility(0.2, -0.5, 0.1)).toBe(0);
  });

  test("of several shocks the first that fits holds, and names in vain are listed", () => {
    const twice: Scenario = {
      ...still,
      shocks: [
        { underlyings: ["ACME", "NOBODY"], spot_pct: "-0.5", vol_abs: "0", vol_pct: "0" },
        { underlyings: "all", spot_pct: "0.5", vol_abs: "0", vol_pct: "0" },
      ],
      rates: { JPY: "0.01" },
    };
    const pnl = measuredValue(scenarioPnl({ ...bookOfAllKinds, scenarios: [twice] }));
    expect(pnl.positions.find(({ name }) => name === "stock-usd")?.pnl[0]).toBeCloseTo(-44_895 / 2, 8);
    expect(pnl.positions.find(({ name }) => name === "stock-eur")?.pnl[0]).toBeCloseTo(-7_884 / 2, 8);
    expect(pnl.unmatched).toEqual([["JPY", "NOBODY"]]);
  });

  test("one that moves a pair names every pair that is needed", () => {
    const half: Scenario = { ...still, fx: { "EUR/USD": "0.9" } };
    const outcome = scenarioRun({ ...bookOfAllKinds, scenarios: [half] });
    expect(outcome).toMatchObject({ ok: false, errors: [{ code: "FX_RATE_MISSING", details: { pair: "USD/ILS" } }] });
    const odd: Scenario = { ...still, fx: { "EUR/USD": "0.9", "USD/EUR": "1.1", "USD/ILS": "1", "GBP/USD": "1" } };
    expect(codesIn(scenarioRun({ ...bookOfAllKinds, scenarios: [odd] }))).toEqual(["FX_RATE_CONFLICT", "UNKNOWN_NAME"]);
  });

  test("a factor for the inverse of a pair divides it", () => {
    const direct: Scenario = { ...still, fx: { "EUR/USD": "0.8", "USD/ILS": "1" } };
    const inverse: Scenario = { ...still, fx: { "USD/EUR": "1.25", "USD/ILS": "1" } };
    const of = (scenario: Scenario) => measuredValue(scenarioPnl({ ...bookOfAllKinds, scenarios: [scenario] })).positions;
    expect(of(inverse)).toEqual(of(direct));
  });
});

describe("a grid", () => {
  const grid = { ...bookOfAllKinds, spot_pct: ["-0.10", "0", "0.1"], vol_abs: ["-1", "0"] };

  test("D.3 13: has the spots outside and the volatilities inside, volatilities stop at zero, and the extremes are told", () => {
    const { cells, base_pv, worst, best } = measuredValue(scenarioGrid(grid));
    expect(cells.map(({ spot_pct, vol_abs }) => `${spot_pct} ${vol_abs}`)).toEqual(["-0.1 -1", "-0.1 0", "0 -1", "0 0", "0.1 -1", "0.1 0"]);
    expect(cells[3]).toMatchObject({ pv: base_pv, pnl: 0 });
    const pnl = cells.map((cell) => cell.pnl);
    expect([pnl[worst], pnl[best]]).toEqual([Math.min(...pnl), Math.max(...pnl)]);
    const deeper = measuredValue(scenarioGrid({ ...grid, vol_abs: ["-5", "0"] })).cells;
    expect(deeper[0]?.pv).toBe(cells[0]?.pv);
  });

  test("has one key for what gives the same bytes, and another for anything else", () => {
    const shuffled = {
      ...grid,
      positions: grid.positions.toReversed(),
      spot_pct: ["-0.1", "0.0", "0.10"],
      market: { ...exampleMarket, spots: exampleMarket.spots.toReversed(), volatilities: exampleMarket.volatilities.toReversed() },
    };
    expect(scenarioGridKey(shuffled, sha256)).toBe(scenarioGridKey(grid, sha256));
    expect(JSON.stringify(scenarioGrid(shuffled))).toBe(JSON.stringify(scenarioGrid(grid)));
    const keys = [
      scenarioGridKey({ ...grid, currency: "USD" }, sha256),
      scenarioGridKey({ ...grid, vol_abs: ["0"] }, sha256),
      scenarioGridKey({ ...grid, totals: "priced_only" }, sha256),
      scenarioGridKey({ ...grid, market: { ...exampleMarket, as_of: "2026-03-03" } }, sha256),
      scenarioGridKey(grid, sha256),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("refuses axes that are empty, out of order, repeated, or take more than all away", () => {
    const axes = [[], ["0.1", "0"], ["0", "0.0"], ["-1"], ["x"]];
    const codes = axes.map((spot_pct) => codesIn(scenarioGrid({ ...grid, spot_pct })).join());
    expect(codes).toEqual([...Array<string>(4).fill("PARAMETER_OUT_OF_RANGE"), "DECIMAL_INVALID"]);
    const long = Array.from({ length: 101 }, (_, n) => String(n));
    expect(codesIn(scenarioGrid({ ...grid, spot_pct: long, vol_abs: long }))).toEqual(["PARAMETER_OUT_OF_RANGE"]);
  });
});

describe("a snapshot's name", () => {
  test("is the hash of what it says, not of how it is written", () => {
    const written = {
      ...exampleMarket,
      spots: exampleMarket.spots.map((spot) => ({ ...spot, price: `+0${spot.price ?? ""}.0`.replace("2.5.0", "2.500") })).reverse(),
    };
    expect(snapshotId(written, sha256)).toBe(snapshotId(exampleMarket, sha256));
    expect(snapshotId({ ...exampleMarket, as_of: "2026-03-03" }, sha256)).not.toBe(snapshotId(exampleMarket, sha256));
    expect(canonicalSnapshot(canonicalSnapshot(written))).toEqual(canonicalSnapshot(exampleMarket));
  });
});

describe("scenarios from history", () => {
  test("are one a step, by ratio and by difference, with what was carried forward counted", () => {
    const { scenarios, carried, dropped } = measuredValue(historicalScenarios(exampleHistory));
    expect([scenarios.map(({ name }) => name), carried, dropped]).toEqual([["2026-02-26", "2026-02-27", "2026-03-02"], 1, []]);
    expect(scenarios[0]).toEqual({
      name: "2026-02-26",
      shocks: [{ underlyings: ["ACME"], spot_pct: "-0.020000000000000018", vol_abs: "0", vol_pct: "0.1200000000000001" }],
      fx: { "EUR/USD": "1.004672897196261682" },
      rates: { USD: "-0.0005" },
    });
    expect(scenarios[1]?.shocks[0]?.vol_pct).toBe("0");
  });

  test("missing levels are refused by default, or drop both steps that touch them", () => {
    expect(codesIn(historicalScenarios({ ...exampleHistory, missing: "reject" }))).toEqual(["NOT_FINITE"]);
    const dropping = measuredValue(historicalScenarios({ ...exampleHistory, missing: "drop_scenario" }));
    expect(dropping.dropped).toEqual(["2026-02-27", "2026-03-02"]);
    const first = exampleHistory.rows.map((row, r) => (r === 0 ? { ...row, levels: [null, ...row.levels.slice(1)] } : row));
    expect(codesIn(historicalScenarios({ ...exampleHistory, rows: first }))).toEqual(["NOT_FINITE"]);
  });

  test("malformed tables are refused with everything that is wrong", () => {
    const rows = [
      { name: "a", levels: ["0", "0.2", "1", "x"] },
      { name: "a", levels: ["1"] },
    ];
    expect(codesIn(historicalScenarios({ ...exampleHistory, rows })).toSorted()).toEqual([
      "DECIMAL_INVALID",
      "DUPLICATE_NAME",
      "LENGTHS_DIFFER",
      "NOT_POSITIVE",
    ]);
  });
});
