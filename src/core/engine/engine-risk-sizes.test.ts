import { describe, expect, it } from "vitest";
import { columnsOf, flatMinutes, ofType, onMinutes, type PlainEvent, runEngine } from "../../../test/support/engine-fixture.js";
import { none } from "../../../test/support/risk-runs.js";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import type { RiskPolicy } from "../gate/policy.js";
import { policyFingerprint } from "../gate/policy-fingerprint.js";

describe("sizes under a policy's drawdown table", () => {
  const table: RiskPolicy = {
    ...none,
    drawdown_scaling: [
      { from: "0.05", multiply: "0.5" },
      { from: "0.1", multiply: "0" },
    ],
  };

  /** Signals at 0 %, 7 % and 12 % below the peak, each made good again before the next. */
  const run = (enter: (ctx: Parameters<NonNullable<Parameters<typeof onMinutes>[0][number]>>[0]) => void, risk = table) =>
    runEngine({
      // 900 shares at 100.00 of an account of 100000: 7.78 down is 7.002 %, 13.34 down is 12.006 %.
      instruments: [
        { columns: columnsOf("AAA", flatMinutes([100, 100, 100, 92.22, 92.22, 86.66, 86.66])) },
        { columns: columnsOf("BBB", flatMinutes([10, 10, 10, 10, 10, 10, 10])) },
      ],
      execution: { cash_short: "reject" },
      strategy: {
        onBar: (bar, ctx) => {
          if (bar.symbol === "AAA") onMinutes({ 1: (c) => c.enterLong({ symbol: "AAA", qty: 900 }) })(bar, ctx);
          else onMinutes({ 3: enter, 4: enter, 6: enter })(bar, ctx);
        },
      },
      sizing: { mode: "fixed", qty: "11" },
      risk,
    }).events;
  const sizes = (events: readonly PlainEvent[]): readonly string[] =>
    ofType(events, "order.created")
      .map((e) => e.payload.qty)
      .slice(1);
  const refusals = (events: readonly PlainEvent[]): readonly string[] => ofType(events, "signal.declined").map((e) => e.payload.code);

  it("are halved at a drawdown of 7 % and blocked at 12 %, floored to the lot", () => {
    const events = run((ctx) => ctx.enterLong({ symbol: "BBB" }));
    expect(sizes(events)).toEqual(["11", "5"]);
    const fingerprint = policyFingerprint(table, sha256);
    expect(ofType(events, "risk.decided").map((e) => e.payload.policy_sha256)).toEqual(Array(3).fill(fingerprint));
    expect(ofType(events, "signal.declined").map((e) => e.payload)).toMatchObject([
      { code: "DRAWDOWN_LIMIT_EXCEEDED", detail: "at a drawdown of 12.006 % sizes are multiplied by 0" },
    ]);
  });

  it("hold for quantities that the strategy names as well", () => {
    expect(sizes(run((ctx) => ctx.enterLong({ symbol: "BBB", qty: 20 })))).toEqual(["20", "10"]);
    const events = run((ctx) => ctx.enterLong({ symbol: "BBB", qty: 1 }));
    expect(sizes(events)).toEqual(["1"]);
    expect(refusals(events)).toEqual(["SIZE_BELOW_MINIMUM", "DRAWDOWN_LIMIT_EXCEEDED"]);
  });

  it("leave exits and observed guards alone", () => {
    expect(
      sizes(run((ctx) => (ctx.position("BBB").qty > 0 ? ctx.exitLong({ symbol: "BBB" }) : ctx.enterLong({ symbol: "BBB", qty: 20 })))),
    ).toEqual(["20", "20"]);
    const observed = { ...table, enforcement: { ...none.enforcement, guards: "observe" as const } };
    expect(sizes(run((ctx) => ctx.enterLong({ symbol: "BBB", qty: 2 }), observed))).toEqual(["2", "2", "2"]);
  });

  it("make targets smaller where they add, and never sell what is held for it", () => {
    // 5 % of 100000 at 10.00 is 500; 8 % of 92998 would be 743, half of it is less than what is held.
    const grows = run((ctx) => ctx.targetPercent(ctx.position("BBB").qty === 0 ? 5 : 8, { symbol: "BBB" }));
    expect(sizes(grows)).toEqual(["500"]);
    expect(refusals(grows)).toEqual(["AT_TARGET", "DRAWDOWN_LIMIT_EXCEEDED"]);
    // 30 % would be 2789, half of it 1394, of which 500 are held.
    const adds = run((ctx) => ctx.targetPercent(ctx.position("BBB").qty === 0 ? 5 : 30, { symbol: "BBB" }));
    expect(sizes(adds)).toEqual(["500", "894"]);
    const closes = run((ctx) => ctx.targetPercent(ctx.position("BBB").qty === 0 ? 5 : 2, { symbol: "BBB" }));
    expect(
      ofType(closes, "order.created")
        .slice(1)
        .map((e) => `${e.payload.side} ${e.payload.qty}`),
    ).toEqual(["buy 500", "sell 315", "sell 10"]);
  });
});
