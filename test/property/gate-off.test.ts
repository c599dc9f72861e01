/** The ladder from a policy that only watches to one that refuses: with every stage off, a run is the run without a policy. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_EXECUTION } from "../../src/core/engine/run-config.js";
import type { RiskPolicy } from "../../src/core/gate/policy.js";
import { PRESETS } from "../../src/core/gate/policy-presets.js";
import { isRiskEvent } from "../../src/core/gate/risk-events.js";
import { arbitraryPolicy } from "../support/arbitrary-policy.js";
import { type FixtureRun, foldable, ofType, type PlainEvent, runEngine, tradingEvents } from "../support/engine-fixture.js";
import { inOneCurrency, openTo, randomOrders, randomRun } from "../support/random-orders.js";

const STAGES = ["contracts", "sla", "guards"] as const;
type Stage = (typeof STAGES)[number];

/** Enforces some stages and observes the others. */
function enforcing(policy: RiskPolicy, stages: readonly Stage[]): RiskPolicy {
  const of = (stage: Stage): "enforce" | "observe" => (stages.includes(stage) ? "enforce" : "observe");
  return { ...policy, enforcement: { contracts: of("contracts"), sla: of("sla"), guards: of("guards") } };
}

/** What a run traded: every event of its orders, and of a decision only what became of it. */
function traded(events: readonly PlainEvent[]): readonly unknown[] {
  return tradingEvents(events)
    .filter((event) => !isRiskEvent(foldable(event)))
    .map(({ type, occurred_at, stream, version, payload }) => {
      // Each gate explains a refusal in words of its own.
      if (type === "order.modify_rejected") return { type, occurred_at, stream, version, order_id: payload.order_id, code: payload.code };
      if (type !== "risk.decided") return { type, occurred_at, stream, version, payload };
      const { order_id, decision, code, subject } = payload;
      return { type, occurred_at, stream, version, order_id, decision, code, subject };
    });
}

/** Small lots, orders below the minimum, shorts, reversals, accounts that cannot pay: whatever a run without a policy refuses by itself. */
const terms = fc.record({
  min_qty: fc.constantFrom("1", "20"),
  lot_step: fc.constantFrom("1", "5"),
  cash: fc.constantFrom("1000000", "3000"),
  fill_timing: fc.constantFrom("next_open" as const, "signal_close" as const),
  forbids: fc.boolean(),
});
type Terms = typeof terms extends fc.Arbitrary<infer T> ? T : never;

const policies = fc.oneof(arbitraryPolicy, arbitraryPolicy.map(openTo), fc.constantFrom(...PRESETS)).map(inOneCurrency);

function fixture(orders: Parameters<typeof randomRun>[0], { min_qty, lot_step, cash, fill_timing, forbids }: Terms): FixtureRun {
  const run = { ...randomRun(orders, { min_qty, lot_step }), cash, execution: { ...DEFAULT_EXECUTION, fill_timing } };
  return forbids ? { ...run, forbid_flips: true } : run;
}

/** Codes that no stage holds. */
const ALWAYS = ["TICK_MISMATCH", "LOT_MISMATCH", "NO_ACCOUNT", "NO_PRICE", "NO_FX_RATE", "NON_FINITE_INPUT", "NEGATIVE_CASH"];
const DATA = ["STALE_PRICE", "DATA_NOT_READY"];

describe("over random policies and order flows", () => {
  it("with every stage off a run trades as without a policy: the same orders, refusals and fills, shorts, reversals and small orders among them", () => {
    const seen = { fills: 0, denied: 0, shorts: 0, observed: 0, small: 0, flips: 0 };
    fc.assert(
      fc.property(randomOrders, policies, terms, (orders, policy, of) => {
        const run = fixture(orders, of);
        const without = runEngine(run).events;
        const { events } = runEngine({ ...run, risk: enforcing(policy, []) });
        expect(traded(events)).toEqual(traded(without));
        seen.fills += ofType(events, "order.filled").length;
        seen.shorts += ofType(events, "signal.emitted").filter(({ payload }) => payload.action === "enter_short").length;
        for (const { payload } of ofType(events, "risk.decided")) {
          if (payload.decision === "denied") seen.denied += 1;
          if (payload.observed !== undefined) seen.observed += 1;
          if (payload.code === "LOT_MISMATCH") seen.small += 1;
          if (payload.code === "POSITION_SIGN_FLIP_WITHOUT_CLOSE") seen.flips += 1;
        }
      }),
      { numRuns: 300 },
    );
    expect(seen.fills).toBeGreaterThan(200);
    for (const count of [seen.denied, seen.shorts, seen.observed, seen.small]) expect(count).toBeGreaterThan(50);
    expect(seen.flips).toBeGreaterThan(5);
  }, 120_000);

  it("each step of the ladder refuses by the stages that it enforces, and only tells of the others", () => {
    const refused = new Set<string>();
    const told = new Set<string>();
    const allowed = (stages: readonly Stage[], forbids: boolean): ((code: string) => boolean) => {
      const data = stages.includes("sla") || stages.includes("contracts");
      return (code) => {
        if (ALWAYS.includes(code) || (forbids && code === "POSITION_SIGN_FLIP_WITHOUT_CLOSE")) return true;
        return DATA.includes(code) ? data : stages.includes("guards");
      };
    };
    fc.assert(
      fc.property(randomOrders, policies, terms, fc.nat({ max: STAGES.length }), (orders, policy, of, step) => {
        const stages = STAGES.slice(0, step);
        const refuses = allowed(stages, of.forbids);
        for (const { payload } of ofType(runEngine({ ...fixture(orders, of), risk: enforcing(policy, stages) }).events, "risk.decided")) {
          for (const { code } of payload.explanation ?? []) {
            expect(refuses(code), `${code} under ${stages.join(", ")}`).toBe(true);
            refused.add(code);
          }
          for (const { code } of payload.observed ?? []) {
            if (!DATA.includes(code)) expect(refuses(code) && stages.includes("guards"), `${code} under ${stages.join(", ")}`).toBe(false);
            told.add(code);
          }
        }
      }),
      { numRuns: 300 },
    );
    expect(refused.size).toBeGreaterThan(12);
    expect(told.size).toBeGreaterThan(12);
  }, 120_000);
});
