/** What a policy refuses that only observes. */
import { describe, expect, it } from "vitest";
import { columnsOf, type FixtureRun, flatMinutes, ofType, type onMinutes, runEngine } from "../../../test/support/engine-fixture.js";
import { oneSymbol, verdicts } from "../../../test/support/gated-run.js";
import { policyWith, usd } from "../../../test/support/hand-account.js";

type Context = Parameters<Parameters<typeof onMinutes>[0][number]>[0];

describe("a policy that only observes", () => {
  it("tells of failures and lets the order pass", () => {
    const policy = policyWith({ notional_max: usd("1") }, {}, { enforcement: { contracts: "observe", sla: "observe", guards: "observe" } });
    const { events } = runEngine(oneSymbol([100, 100], policy, { 1: (ctx) => ctx.enterLong({ qty: 10 }) }));
    expect(ofType(events, "risk.decided")[0]?.payload).toMatchObject({
      decision: "approved",
      observed: [{ code: "NOTIONAL_ABOVE_MAXIMUM" }],
    });
    expect(ofType(events, "order.filled")).toHaveLength(1);
  });

  /** Codes of the checks that failed for each order after the first: refused where the policy enforces, told where it observes. */
  const failing = (crossing: "split" | "refuse" | "allow", guards: "enforce" | "observe", qty: number, prices = [100, 100, 200, 200]) => {
    const policy = policyWith({ notional_max: usd("1500") }, { crossing }, { enforcement: { contracts: guards, sla: guards, guards } });
    const { events } = runEngine(
      oneSymbol(prices, policy, { 1: (ctx) => ctx.enterLong({ qty: 10 }), 3: (ctx) => ctx.enterShort({ qty }) }),
    );
    const decided = ofType(events, "risk.decided").slice(1);
    return decided.map(({ payload }) => [...(payload.explanation ?? []), ...(payload.observed ?? [])].map(({ code }) => code));
  };

  it("tells of an order that only closes what it would refuse of it, nothing where enforcing would make it only reduce", () => {
    // 10 at 200 is worth 2000 and limited to 1500 as an entry; made to only reduce, no limit on entries asks it.
    expect(failing("split", "enforce", 10)).toEqual([[]]);
    expect(failing("split", "observe", 10)).toEqual([[]]);
    for (const crossing of ["refuse", "allow"] as const) {
      expect(failing(crossing, "enforce", 10), crossing).toEqual([["NOTIONAL_ABOVE_MAXIMUM"]]);
      expect(failing(crossing, "observe", 10), crossing).toEqual([["NOTIONAL_ABOVE_MAXIMUM"]]);
    }
    // What turns the position over is watched whole, where enforcing would make it two.
    expect(failing("split", "enforce", 15)).toEqual([[], []]);
    expect(failing("split", "observe", 15)).toEqual([["NOTIONAL_ABOVE_MAXIMUM"]]);
  });

  it("leaves such an order as it is: it may still open what another order closed before", () => {
    const policy = policyWith(
      { notional_max: usd("1500") },
      { crossing: "split" },
      { enforcement: { contracts: "observe", sla: "observe", guards: "observe" } },
    );
    const { events } = runEngine(
      oneSymbol([100, 100, 200, 200, 200], policy, { 1: (ctx) => ctx.enterLong({ qty: 10 }), 3: (ctx) => ctx.enterShort({ qty: 10 }) }),
    );
    expect(ofType(events, "order.created").map(({ payload }) => payload.reduce_only)).toEqual([false, false]);
    expect(ofType(events, "order.filled")).toHaveLength(2);
  });

  it("refuses what a run without a policy refuses, where the policy only observes", () => {
    const observing = policyWith({}, {}, { enforcement: { contracts: "observe", sla: "observe", guards: "observe" } });
    const both = (
      prices: readonly number[],
      actions: Parameters<typeof onMinutes>[0],
      more: Partial<FixtureRun>,
    ): readonly (readonly string[])[] => {
      const { risk: _, ...without } = oneSymbol(prices, observing, actions, more);
      return [verdicts(without), verdicts({ ...without, risk: observing })];
    };
    const same = (...codes: readonly string[]) => [codes, codes];
    const part = { 1: (ctx: Context) => ctx.enterLong({ qty: 10 }), 3: (ctx: Context) => ctx.enterShort({ qty: 2 }) };
    const columns = columnsOf("AAA", flatMinutes([100, 100, 100]));
    expect(both([], part, { instruments: [{ columns, instrument: { min_qty: "5" } }] })).toEqual(same("ok", "LOT_MISMATCH"));
    const flip = { 1: (ctx: Context) => ctx.enterLong({ qty: 10 }), 3: (ctx: Context) => ctx.enterShort({ qty: 20 }) };
    expect(both([100, 100, 100], flip, { forbid_flips: true })).toEqual(same("ok", "POSITION_SIGN_FLIP_WITHOUT_CLOSE"));
  });
});
