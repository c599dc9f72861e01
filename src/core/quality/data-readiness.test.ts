import { describe, expect, test } from "vitest";
import { dataReadiness } from "./data-readiness.js";
import { QualityIndex } from "./quality-index.js";
import type { QualityResult } from "./quality-result.js";
import type { SlaEvent } from "./sla-events.js";

const SET = "a".repeat(64);
const BARS = { symbol: "AAA", column_set: SET };

function measured(at: number, results: readonly Partial<QualityResult>[]): readonly SlaEvent[] {
  const series = {
    checks: "bars/v1",
    symbol: "AAA",
    timeframe: "1m",
    basis: "trade",
    column_set: SET,
    from_ts: 1,
    to_ts: 2,
    rows: 2,
  } as const;
  return results.map((result): SlaEvent => {
    const facts = { category: "COMPLETENESS", severity: "ERROR", measured: 0.9, threshold: 0.99, message: "short" } as const;
    const payload = {
      measurement_id: `m${at}`,
      calendar: "XNYS@1",
      ...series,
      check: "m1_completeness",
      status: "FAIL",
      ...facts,
      ...result,
    };
    return { type: "sla.measured", occurred_at: at, payload } as SlaEvent;
  });
}

function indexOf(...events: readonly SlaEvent[]): QualityIndex {
  const index = new QualityIndex();
  for (const event of events) index.apply(event);
  return index;
}

const RAISED: SlaEvent = {
  type: "bar_anomaly.raised",
  occurred_at: 1,
  payload: {
    anomaly_id: "x",
    symbol: "AAA",
    column_set: SET,
    check: "m1_completeness",
    category: "COMPLETENESS",
    severity: "ERROR",
    message: "short",
  },
} as SlaEvent;
const RESOLVED: SlaEvent = { type: "bar_anomaly.resolved", occurred_at: 2, payload: { anomaly_id: "x", by: "desk", note: "halted" } };

describe("what bars are fit for", () => {
  test("those that nobody measured are fit for research alone", () => {
    const { ready_for, measured_at, blocking } = dataReadiness(indexOf(), BARS);
    expect([ready_for, measured_at]).toEqual([{ research: true, orders: false, promotion: false }, null]);
    expect(blocking.orders[0]).toContain("nobody measured");
  });

  test("those that pass every check are fit for everything", () => {
    const index = indexOf(...measured(1, [{ status: "PASS", severity: "INFO", measured: 1 }]));
    expect(dataReadiness(index, BARS)).toMatchObject({ ready_for: { research: true, orders: true, promotion: true }, measured_at: 1 });
    expect(dataReadiness(index, { ...BARS, column_set: "b".repeat(64) }).ready_for.orders).toBe(false);
  });

  test("an open failure refuses orders and promotion; once resolved orders pass, and a promotion still does not", () => {
    const failing = measured(1, [{}]);
    expect(dataReadiness(indexOf(...failing, RAISED), BARS)).toMatchObject({
      ready_for: { research: true, orders: false, promotion: false },
      blocking: { orders: ["m1_completeness: short"] },
    });
    expect(dataReadiness(indexOf(...failing, RAISED, RESOLVED), BARS)).toMatchObject({
      ready_for: { orders: true, promotion: false },
      blocking: { promotion: ["m1_completeness: short, resolved by hand"] },
    });
  });

  test("a critical failure keeps bars from research too, and the newest measurement counts", () => {
    const critical = measured(1, [{ severity: "CRITICAL" }]);
    expect(dataReadiness(indexOf(...critical), BARS).ready_for.research).toBe(false);
    const better = measured(2, [{ status: "PASS", severity: "INFO", measured: 1 }]);
    expect(dataReadiness(indexOf(...critical, ...better), BARS).ready_for).toEqual({ research: true, orders: true, promotion: true });
  });

  test("completeness that nobody could measure is no evidence", () => {
    const index = indexOf(...measured(1, [{ status: "WARN", severity: "WARN", measured: null, message: "no calendar" }]));
    expect(dataReadiness(index, BARS).ready_for).toEqual({ research: true, orders: true, promotion: false });
  });
});
