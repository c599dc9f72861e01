import { expect, test } from "vitest";
import { ALERT_THROTTLE_MS, alertOf } from "./alert.js";
import type { AnomalyFacts } from "./anomaly.js";

const anomaly: AnomalyFacts = {
  anomaly_id: "a1",
  domain: "finra.otc_transparency",
  week_ending: "2025-12-26",
  tier: "OTC",
  capture_id: null,
  stage: "PENDING",
  check: "SOURCE_UNAVAILABLE",
  severity: "ERROR",
  category: "INCOMPLETE_INPUT",
  message: "no file",
};
const never = (): null => null;

test("errors and worse ring, warnings do not", () => {
  expect(alertOf(anomaly, 0, never)).toMatchObject({ alert_id: "a1", source: "finra.otc_transparency/PENDING/SOURCE_UNAVAILABLE" });
  expect(alertOf({ ...anomaly, severity: "CRITICAL" }, 0, never)?.severity).toBe("CRITICAL");
  for (const severity of ["WARN", "INFO", "DEBUG"] as const) expect(alertOf({ ...anomaly, severity }, 0, never)).toBeNull();
});

test("one source rings at most once in five minutes, and then again", () => {
  expect(ALERT_THROTTLE_MS).toBe(300_000);
  const last = (source: string): number | null => (source.endsWith("SOURCE_UNAVAILABLE") ? 1_000 : null);
  expect(alertOf(anomaly, 300_999, last)).toBeNull();
  expect(alertOf(anomaly, 301_000, last)).not.toBeNull();
  expect(alertOf({ ...anomaly, check: "PIPELINE_ERROR" }, 1_001, last)).not.toBeNull();
});
