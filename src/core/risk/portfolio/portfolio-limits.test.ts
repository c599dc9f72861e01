import { describe, expect, test } from "vitest";
import {
  bookOfAllKinds,
  codesIn,
  exampleLimits,
  exampleScenarios,
  exampleTrade,
  measuredValue,
  valuationOfAllKinds,
} from "../../../../test/support/risk-book.js";
import { expectedShortfall } from "../expected-shortfall.js";
import { clusterMembers, clusterSet, clusterSetId } from "./cluster-set.js";
import { type PortfolioLimit, portfolioLimits } from "./portfolio-limits.js";
import { scenarioPnl } from "./scenario-run.js";
import { whatIf } from "./what-if.js";

const terms = { warn_at: "0.8", valuation: valuationOfAllKinds, clusters: null, measures: {} };
const measure = (id: string, name: string, limit: string): PortfolioLimit => ({ id, on: { kind: "measure", name }, limit });

describe("limits of a portfolio", () => {
  test("warn from their share on, break above and not at the limit, and do not pass what is missing", () => {
    const limits = ["79.99", "80", "100", "100.01"].map((_, n) => measure(`m${n}`, `f${n}`, "100"));
    const measures = { f0: 79.99, f1: 80, f2: -100, f3: 100.01 };
    const states = measuredValue(portfolioLimits({ ...terms, limits: [...limits, measure("gone", "nothing", "1")], measures }));
    expect(states.limits.map(({ status }) => status)).toEqual(["ok", "warning", "warning", "breach", "unknown"]);
    expect(states.limits[2]).toMatchObject({ value: "-100", utilisation: "1.000000" });
    expect(states).toMatchObject({ passed: false, breaches: ["m3"], warnings: ["m1", "m2"], unknown: ["gone"] });
  });

  test("read exposures, totals and concentration; a line that is not held is nothing", () => {
    const limits: readonly PortfolioLimit[] = [
      ...exampleLimits.limits.slice(0, 4),
      { id: "none", on: { kind: "exposure", dimension: "currency", key: "JPY", figure: "net_value" }, limit: "1" },
    ];
    const states = measuredValue(portfolioLimits({ ...terms, limits }));
    expect(states.limits.map(({ id, value }) => [id, value === null ? null : Math.round(Number(value) * 1e4) / 1e4])).toEqual([
      ["gross", expect.any(Number)],
      ["acme", expect.any(Number)],
      ["vega", expect.any(Number)],
      ["hhi", expect.any(Number)],
      ["none", 0],
    ]);
  });

  test("are unknown where the total is refused", () => {
    const valuation = { ...valuationOfAllKinds, positions: [{ id: "x", ok: false as const, errors: [] }] };
    const states = measuredValue(portfolioLimits({ ...terms, valuation, limits: exampleLimits.limits.slice(0, 2) }));
    expect(states.unknown).toEqual(["gross", "acme"]);
  });
});

describe("a trade before it is made", () => {
  const input = { ...bookOfAllKinds, ...exampleLimits, clusters: null, scenarios: exampleScenarios, confidence: "0.6" };

  test("changes the portfolio by exactly itself", () => {
    const seen = measuredValue(whatIf({ ...input, trades: [exampleTrade] }));
    expect(measuredValue(seen.change).pv).toBeCloseTo(200 * 102.5 * 3.65, 6);
    expect(measuredValue(seen.change).greeks.delta).toBeCloseTo(200 * 3.65, 6);
    expect(measuredValue(seen.exposures).map(({ dimension, key }) => `${dimension} ${key}`)).toEqual([
      "asset_class equity",
      "currency USD",
      "underlying ACME",
    ]);
    expect(seen.broken_by_trades).toContain("gross");
  });

  test("adds the risk of the whole portfolio with it less that without it", () => {
    const seen = measuredValue(whatIf({ ...input, trades: [exampleTrade] }));
    const es = (positions: typeof input.positions): number => {
      const pnl = measuredValue(scenarioPnl({ ...input, positions }));
      const total = exampleScenarios.map((_, s) => pnl.positions.reduce((sum, one) => sum + (one.pnl[s] ?? 0), 0));
      return measuredValue(expectedShortfall({ pnl: total, confidence: "0.6" })).es;
    };
    const risk = seen.risk === null ? null : measuredValue(seen.risk);
    expect(risk?.incremental_es).toBeCloseTo(es([...input.positions, exampleTrade]) - es(input.positions), 6);
  });

  test("needs an id of its own, and leaves everything as it is where there is none", () => {
    const again = { ...exampleTrade, id: "stock-usd" };
    expect(codesIn(whatIf({ ...input, trades: [again] }))).toEqual(["DUPLICATE_NAME"]);
    const nothing = measuredValue(whatIf({ ...input, trades: [] }));
    expect(nothing.after).toEqual(nothing.before);
    expect(nothing.broken_by_trades).toEqual([]);
    expect(codesIn(whatIf({ ...input, trades: [], confidence: "99%" }))).toEqual(["CONFIDENCE_INVALID"]);
  });
});

describe("a set of clusters", () => {
  const correlation = {
    names: ["C", "A", "B"],
    values: [
      [1, 0.1, 0.1],
      [0.1, 1, 0.9],
      [0.1, 0.9, 1],
    ],
  };
  const set = measuredValue(clusterSet({ correlation, linkage: "complete", cut_distance: 0.3, capture_id: "capture-1" }));

  test("is named by calculation, version and capture, and its clusters by their first members", () => {
    expect(set).toEqual({
      calc_name: "risk.correlation_clusters",
      calc_version: "v1",
      capture_id: "capture-1",
      linkage: "complete",
      cut_distance: 0.3,
      clusters: [
        { cluster_id: "cluster:A", members: ["A", "B"] },
        { cluster_id: "cluster:C", members: ["C"] },
      ],
    });
    expect(clusterSetId(set, (text) => text)).toContain('"capture_id":"capture-1"');
  });

  test("answers for its own version and capture alone", () => {
    const reference = { calc_version: "v1", capture_id: "capture-1", cluster_id: "cluster:A" };
    expect(measuredValue(clusterMembers(set, reference))).toEqual(["A", "B"]);
    for (const wrong of [{ calc_version: "v2" }, { capture_id: "capture-2" }, { cluster_id: "cluster:B" }])
      expect(codesIn(clusterMembers(set, { ...reference, ...wrong }))).toEqual(["UNKNOWN_NAME"]);
  });
});
