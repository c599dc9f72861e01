/** Service levels at a gate: what refuses, what only tells, and what a resolution changes. Half days are those of the exchange's published hours. */
import { describe, expect, test } from "vitest";
import { flatBars } from "../../../test/support/bar-columns.js";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import { calendarById } from "../market/calendars/registry.js";
import { LADDER_OFF, levelOf, type QualityLadder } from "./ladder.js";
import { QualityIndex } from "./quality-index.js";
import { passGate } from "./sla-gate.js";

const XNYS = calendarById("XNYS");
const AT = Date.parse("2026-01-02T03:04:05Z");
const fives = (open: string, count: number): readonly number[] =>
  Array.from({ length: count }, (_, n) => Date.parse(open) + (n + 1) * 300_000);
const REGULAR = "2024-03-04T14:30:00Z";
/** The day after Thanksgiving ends at 13:00 in New York: 42 bars of five minutes. */
const HALF_DAY = "2024-11-29T14:30:00Z";

function series(times: readonly number[], reference: number | null = null): Parameters<typeof passGate>[1]["series"][number] {
  return {
    columns: flatBars(times, { timeframe: "5m" }),
    column_set: sha256(times.join()),
    calendar: XNYS,
    positive_prices: true,
    duplicates_removed: null,
    reference,
  };
}

function pass(index: QualityIndex, ladder: QualityLadder, ...all: readonly ReturnType<typeof series>[]): ReturnType<typeof passGate> {
  const verdict = passGate(index, { stage: "backtest", subject: "run-1", series: all, ladder, at: AT }, sha256);
  for (const event of verdict.events) index.apply(event);
  return verdict;
}
const ENFORCE: QualityLadder = { level: "enforce", checks: {} };

describe("2: completeness on the exchange's calendar", () => {
  test("78 bars of five minutes pass, 77 are refused by name with what was measured", () => {
    expect(pass(new QualityIndex(), ENFORCE, series(fives(REGULAR, 78)))).toMatchObject({ verdict: "passed", grade: "A", blocking: [] });
    const cut = pass(new QualityIndex(), ENFORCE, series(fives(REGULAR, 77)));
    expect(cut).toMatchObject({ verdict: "refused", grade: "F" });
    expect(cut.blocking.map(({ result }) => [result.check, result.severity, result.threshold])).toEqual([
      ["m5_completeness", "ERROR", 0.99],
    ]);
    // 77 / 78
    expect(cut.blocking[0]?.result.measured).toBeCloseTo(0.98717948717, 10);
  });

  test("a half day with its 42 bars passes", () => {
    expect(pass(new QualityIndex(), ENFORCE, series(fives(HALF_DAY, 42))).verdict).toBe("passed");
    expect(pass(new QualityIndex(), ENFORCE, series(fives(HALF_DAY, 41))).verdict).toBe("refused");
  });
});

describe("3: lateness", () => {
  const times = fives(REGULAR, 78);
  const last = times.at(-1) ?? 0;
  const named: QualityLadder = { level: "off", checks: { lateness: "enforce" } };

  test("five minutes pass, and a little more is refused", () => {
    expect(pass(new QualityIndex(), named, series(times, last + 300_000)).verdict).toBe("passed");
    expect(pass(new QualityIndex(), named, series(times, last + 306_000))).toMatchObject({
      verdict: "refused",
      blocking: [{ result: { check: "lateness", category: "TIMELINESS", measured: 5.1, threshold: 5 } }],
    });
  });

  test("history is never late, and nobody is asked who is not named", () => {
    expect(pass(new QualityIndex(), named, series(times)).results).toEqual([]);
    const all = pass(new QualityIndex(), ENFORCE, series(times, last + 86_400_000));
    expect(all.verdict).toBe("passed");
    expect(all.results.map(({ check }) => check)).not.toContain("lateness");
    expect(levelOf(ENFORCE, "lateness")).toBe("off");
  });
});

describe("16: the ladder, step by step", () => {
  const holes = series(fives(REGULAR, 70));

  test("off asks nothing, warn tells and goes on, enforce refuses; each check has its own", () => {
    expect(pass(new QualityIndex(), LADDER_OFF, holes)).toMatchObject({ verdict: "passed", grade: "A", results: [] });
    const warned = pass(new QualityIndex(), { level: "warn", checks: {} }, holes);
    expect(warned).toMatchObject({ verdict: "warned", grade: "F", blocking: [] });
    expect(warned.warnings.map(({ result }) => result.check)).toEqual(["m5_completeness"]);
    expect(pass(new QualityIndex(), { level: "off", checks: { m5_completeness: "enforce" } }, holes).verdict).toBe("refused");
    expect(pass(new QualityIndex(), { level: "enforce", checks: { m5_completeness: "warn" } }, holes).verdict).toBe("warned");
  });

  test("every failure of every instrument is named at once", () => {
    const other = series(fives(HALF_DAY, 20));
    expect(pass(new QualityIndex(), ENFORCE, holes, other).blocking).toHaveLength(2);
  });
});

test("the same bars are measured once, and every decision is recorded", () => {
  const index = new QualityIndex();
  const first = pass(index, ENFORCE, series(fives(REGULAR, 77)));
  const second = pass(index, ENFORCE, series(fives(REGULAR, 77)));
  expect(first.events.map(({ type }) => type)).toEqual([...first.results.map(() => "sla.measured"), "bar_anomaly.raised", "sla.decided"]);
  expect(second.events.map(({ type }) => type)).toEqual(["sla.decided"]);
  expect(second.results).toEqual(first.results);
  expect(index.decisions).toHaveLength(2);
});

test("a resolved anomaly lets exactly these bars pass, and stays with who and why", () => {
  const index = new QualityIndex();
  const [finding] = pass(index, ENFORCE, series(fives(REGULAR, 77))).blocking;
  const anomaly_id = finding?.anomaly_id ?? "";
  index.apply({ type: "bar_anomaly.resolved", occurred_at: AT + 1, payload: { anomaly_id, by: "desk-1", note: "the exchange halted" } });
  expect(pass(index, ENFORCE, series(fives(REGULAR, 77)))).toMatchObject({ verdict: "warned", blocking: [], resolved: [{ anomaly_id }] });
  expect(pass(index, ENFORCE, series(fives(REGULAR, 76))).verdict).toBe("refused");
  expect(index.anomaly(anomaly_id)).toMatchObject({ resolution: { by: "desk-1", note: "the exchange halted", resolved_at: AT + 1 } });
});
