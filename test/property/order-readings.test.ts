/**
 * What the gate tells of its decisions, over random policies and order flows: the verdicts that are read afterwards are those that stand on the
 * tape, and each follows from the value and the limit that are shown with it.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Engine } from "../../src/core/engine/engine.js";
import { DEFAULT_EXECUTION } from "../../src/core/engine/run-config.js";
import { runCatalogue } from "../../src/core/engine/run-event-schemas.js";
import type { RiskDecided } from "../../src/core/engine/run-events.js";
import type { RiskPolicy } from "../../src/core/gate/policy.js";
import { PRESETS } from "../../src/core/gate/policy-presets.js";
import type { CheckReading, GateReadings } from "../../src/core/gate/readings.js";
import { compareExact } from "../../src/core/money/decimal.js";
import { MemoryTapeWriter } from "../../src/core/tape/memory-tape-writer.js";
import type { JudgedOrder } from "../../src/ports/engine-host.js";
import { driveBacktest } from "../../src/usecases/drive-backtest.js";
import { differenceOf } from "../../src/usecases/explain-order.js";
import { arbitraryPolicy } from "../support/arbitrary-policy.js";
import { type FixtureRun, ofType, plainEvents, specOf } from "../support/engine-fixture.js";
import { inOneCurrency, openTo, randomOrders, randomRun } from "../support/random-orders.js";

interface Told {
  readonly decided: readonly RiskDecided[];
  readonly judged: readonly JudgedOrder[];
}

function run(fixture: FixtureRun): Told {
  const tape = new MemoryTapeWriter(runCatalogue);
  const judged: JudgedOrder[] = [];
  driveBacktest(new Engine({ ...specOf(fixture), onJudged: (one, read) => judged.push({ ...one, readings: read() }) }), tape);
  return { decided: ofType(plainEvents(tape), "risk.decided").map(({ payload }) => payload), judged };
}

/** Whether a value passes by what is shown with it; null for words and what cannot be told. */
function passes({ value, limit, passes: how }: CheckReading): boolean | null {
  if (how === "is") return value === limit;
  if (value === null || limit === null || how === "multiple_of") return null;
  const order = compareExact(value, limit);
  return { at_most: order <= 0, below: order < 0, at_least: order >= 0, above: order > 0 }[how];
}

/** What contradicts itself in what is told of an order. */
function contradictions({ rules }: GateReadings): readonly CheckReading[] {
  return rules.filter((rule) => {
    const told = passes(rule);
    return rule.verdict !== "not_asked" && told !== null && told !== (rule.verdict === "passed");
  });
}

const policies: fc.Arbitrary<RiskPolicy | null> = fc.oneof(
  { weight: 3, arbitrary: arbitraryPolicy.map((policy) => inOneCurrency({ ...policy, trading: { ...policy.trading, enabled: true } })) },
  { weight: 3, arbitrary: arbitraryPolicy.map((policy) => inOneCurrency(openTo(policy))) },
  { weight: 3, arbitrary: fc.constantFrom(...PRESETS).map(inOneCurrency) },
  { weight: 1, arbitrary: fc.constant(null) },
);

describe("over random policies and order flows", () => {
  it("a decision that is read again is the one that stands on the tape, and its verdicts follow from the values and limits shown", () => {
    const seen = { decided: 0, denied: 0, changes: 0, tightest: 0, observed: 0, excused: 0, told: 0 };
    const codes = new Set<string>();
    fc.assert(
      fc.property(
        randomOrders,
        policies,
        fc.constantFrom("next_open" as const, "signal_close" as const),
        fc.constantFrom("1000000", "5000"),
        (orders, risk, fill_timing, cash) => {
          const { decided, judged } = run({
            ...randomRun(orders),
            cash,
            execution: { ...DEFAULT_EXECUTION, fill_timing },
            ...(risk === null ? {} : { risk }),
          });
          expect(judged.map(({ order_id }) => order_id)).toEqual(decided.map(({ order_id }) => order_id));
          for (const [i, payload] of decided.entries()) {
            const one = judged[i] as JudgedOrder;
            expect(differenceOf(payload, { ...one, policy_sha256: payload.policy_sha256 })).toBeNull();
            expect(contradictions(one.readings)).toEqual([]);
            seen.decided += 1;
            if (payload.decision === "denied") seen.denied += 1;
            if (payload.subject !== undefined) seen.changes += 1;
            if (payload.utilisation !== undefined) seen.tightest += 1;
            if (payload.observed !== undefined) seen.observed += 1;
            if (one.readings.exempt !== "none") seen.excused += 1;
            for (const rule of one.readings.rules) {
              if (rule.verdict !== "not_asked") codes.add(rule.code);
              if (passes(rule) !== null) seen.told += 1;
            }
          }
        },
      ),
      { numRuns: 400 },
    );
    expect(seen.decided).toBeGreaterThan(500);
    for (const count of [seen.denied, seen.tightest, seen.observed, seen.excused]) expect(count).toBeGreaterThan(100);
    expect(seen.changes).toBeGreaterThan(10);
    expect(seen.told).toBeGreaterThan(seen.decided);
    expect(codes.size).toBeGreaterThan(25);
  }, 120_000);
});
