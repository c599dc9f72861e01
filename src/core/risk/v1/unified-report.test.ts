import { describe, expect, test } from "vitest";
import { riskContext } from "./risk-context.js";
import { portfolioSnapshot, scenarioReport, scenarioResult, type UnitPosition } from "./semantics.js";
import { contentOf, unifiedReport } from "./unified-report.js";
import type { V1Outcome } from "./v1-outcome.js";

function must<T>(outcome: V1Outcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.error.code);
  return outcome.value;
}

const greeks = { delta: 1, gamma: 0, vega: 0, theta: 0, rho: 0 };
const position = (unit_pv: number): UnitPosition => ({
  symbol: "AAA",
  quantity: 1,
  multiplier: 1,
  currency: "ILS",
  unit_pv,
  unit_greeks: greeks,
});
const base = must(portfolioSnapshot([position(100)], "ILS", {}));

/** Scenarios whose profits are -50 to 49, or the first of them. */
function scenarios(count: number) {
  const results = Array.from({ length: count }, (_, i) =>
    must(scenarioResult(`s${String(i).padStart(3, "0")}`, base, must(portfolioSnapshot([position(50 + i)], "ILS", {})))),
  );
  return must(scenarioReport(results));
}

const created_at = "2026-11-21T10:00:00Z";

describe("the unified report, version 1", () => {
  test("measures the scenarios' changes at the context's confidence", () => {
    const report = must(
      unifiedReport({ created_at, base_snapshot: base, scenario_report: scenarios(100), risk_context: must(riskContext()) }),
    );
    expect([report.historical_var, report.historical_cvar]).toEqual([49, 49.5]);
    expect(report.notes).toEqual([]);
  });

  test("says why there is no historical VaR below 20 scenarios", () => {
    const report = must(
      unifiedReport({ created_at, base_snapshot: base, scenario_report: scenarios(19), risk_context: must(riskContext()) }),
    );
    expect(report.historical_var).toBeUndefined();
    expect(report.notes).toEqual(["no historical VaR: 19 scenarios, 20 are needed"]);
  });

  test("leaves it out without a context, and carries the assumptions", () => {
    const risk_assumptions = ["rates are flat"];
    const report = must(unifiedReport({ created_at, base_snapshot: base, scenario_report: scenarios(20), risk_assumptions }));
    expect("historical_var" in report || "risk_context" in report).toBe(false);
    expect(report.risk_assumptions).toEqual(risk_assumptions);
    expect(Object.isFrozen(report)).toBe(true);
  });

  test("refuses a context in another currency", () => {
    const got = unifiedReport({
      created_at,
      base_snapshot: base,
      scenario_report: scenarios(20),
      risk_context: must(riskContext({ base_currency: "USD" })),
    });
    expect(got.ok || got.error.code).toBe("CURRENCY_MISMATCH");
  });

  test("has the same content whenever it was made", () => {
    const at = (moment: string) =>
      contentOf(must(unifiedReport({ created_at: moment, base_snapshot: base, scenario_report: scenarios(20) })));
    expect(at(created_at)).toEqual(at("2027-01-01T00:00:00Z"));
    expect("created_at" in at(created_at)).toBe(false);
  });
});

describe("the risk context, version 1", () => {
  test("is one day, 0.99 and ILS where nothing is said", () => {
    expect(must(riskContext())).toEqual({ horizon_days: 1, confidence: 0.99, base_currency: "ILS", notes: [] });
  });

  test.each([
    [{ horizon_days: 5 }, "HORIZON_NOT_SUPPORTED"],
    [{ confidence: 0.89 }, "CONFIDENCE_OUT_OF_RANGE"],
    [{ confidence: 0.99991 }, "CONFIDENCE_OUT_OF_RANGE"],
    [{ confidence: Number.NaN }, "CONFIDENCE_OUT_OF_RANGE"],
    [{ base_currency: "shekel" }, "CURRENCY_INVALID"],
  ])("refuses %o with %s", (input, code) => {
    const got = riskContext(input);
    expect(got.ok || got.error.code).toBe(code);
  });

  test.each([{ horizon_days: 10 }, { confidence: 0.9 }, { confidence: 0.9999 }, { as_of: "2026-11-20" }])("takes %o", (input) => {
    expect(must(riskContext(input))).toMatchObject(input);
  });
});
