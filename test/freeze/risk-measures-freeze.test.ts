import { expect, test } from "vitest";
import { calcKey } from "../../src/core/calc/identity.js";
import { riskMeasures } from "../../src/core/risk/measure-registry.js";
import { RISK_ERROR_CODES, riskError } from "../../src/core/risk/risk-outcome.js";
import { measureExamples } from "../support/risk-measure-examples.js";

/** A number by its bits beside its digits, so that none is lost in text. */
function frozen(value: unknown): unknown {
  if (typeof value === "number") {
    if (Number.isInteger(value)) return Object.is(value, -0) ? "-0" : value;
    return `${value} ${new BigUint64Array(new Float64Array([value]).buffer)[0]?.toString(16).padStart(16, "0")}`;
  }
  if (Array.isArray(value)) return value.map(frozen);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, frozen(part)]));
}

const results = Object.fromEntries(
  riskMeasures.map((measure) => {
    const outcome = measure.compute(measureExamples[calcKey(measure)] as never);
    return [calcKey(measure), outcome.ok ? frozen(outcome.value) : outcome];
  }),
);

test("every measure has one example, and gives a value for it without a negative zero", () => {
  expect(Object.keys(measureExamples).sort()).toEqual(Object.keys(results));
  expect(Object.entries(results).filter(([, value]) => typeof value === "object" && value !== null && "ok" in value)).toEqual([]);
  expect(JSON.stringify(results)).not.toContain('"-0"');
});

test("every measure gives the bits that it gave: another number for any input is a new version", async () => {
  await expect(`${JSON.stringify(results, null, 1)}\n`).toMatchFileSnapshot("risk-measures.golden.json");
});

test("the error codes with their messages are frozen", async () => {
  const codes = Object.fromEntries(RISK_ERROR_CODES.map((code) => [code, riskError(code, {}).message]));
  await expect(`${JSON.stringify(codes, null, 1)}\n`).toMatchFileSnapshot("risk-error-codes.golden.json");
});
