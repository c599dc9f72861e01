import { expect, test } from "vitest";
import { v1Tail } from "./tail-v1.js";

const series = Float64Array.from({ length: 100 }, (_, n) => n - 50);
const terms = { pnl: series, confidence: "0.99", horizon_days: 1, currency: "USD" } as const;

// Golden numbers of the specification: 49 and 49.5 on -50..49 at 99 %, 73,565.5791 for a deviation of 10,000 over ten days.
test("historical VaR and ES of version 1 keep their float rank, and name the scenarios that they are made of", () => {
  const risk = v1Tail({ ...terms, method: "historical", measure: "var" });
  const shortfall = v1Tail({ ...terms, method: "historical", measure: "es" });
  expect(risk).toMatchObject({
    ok: true,
    value: { value: 49, calculation: { calc_name: "risk.var_historical", calc_version: "v1" }, scenarios: [{ scenario: 1 }] },
  });
  expect(shortfall).toMatchObject({
    ok: true,
    value: {
      value: 49.5,
      scenarios: [
        { scenario: 0, weight: 0.5 },
        { scenario: 1, weight: 0.5 },
      ],
    },
  });
});

test("parametric VaR of version 1 scales the deviation of a day by the root of the horizon", () => {
  // Two values d apart have the sample deviation d / sqrt 2.
  const pnl = Float64Array.of(0, 10_000 * Math.SQRT2);
  const made = v1Tail({ ...terms, pnl, horizon_days: 10, method: "parametric", measure: "var" });
  expect(made.ok ? made.value.value : 0).toBeCloseTo(73_565.5791, 3);
  expect(v1Tail({ ...terms, method: "parametric", measure: "es" })).toMatchObject({
    ok: false,
    errors: [{ code: "PARAMETER_OUT_OF_RANGE" }],
  });
});

test("19 scenarios and a confidence of one half are refused, as they were", () => {
  const few = v1Tail({ ...terms, pnl: series.slice(0, 19), method: "historical", measure: "var" });
  const half = v1Tail({ ...terms, confidence: "0.5", method: "historical", measure: "var" });
  expect([few, half].map((outcome) => (outcome.ok ? "" : outcome.errors[0]?.code))).toEqual([
    "TOO_FEW_SCENARIOS",
    "PARAMETER_OUT_OF_RANGE",
  ]);
});
