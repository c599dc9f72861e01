/** Changes of open orders before the gate of a policy. */
import { describe, expect, it } from "vitest";
import { columnsOf, type FixtureRun, flatMinutes, ofType, onMinutes, runEngine } from "../../../test/support/engine-fixture.js";
import { policyWith, usd } from "../../../test/support/hand-account.js";
import type { RiskPolicy } from "../gate/policy.js";

/** What became of each order: `ok`, or the code of its refusal, in the order of decision. */
function verdicts(run: FixtureRun): readonly string[] {
  return ofType(runEngine(run).events, "risk.decided").map(({ payload }) => payload.code ?? "ok");
}

const risk = (
  limits: Parameters<typeof policyWith>[0],
  trading?: Parameters<typeof policyWith>[1],
  more?: Parameters<typeof policyWith>[2],
): RiskPolicy => policyWith(limits, trading, more);

function oneSymbol(
  prices: readonly number[],
  policy: RiskPolicy,
  actions: Parameters<typeof onMinutes>[0],
  more: Partial<FixtureRun> = {},
): FixtureRun {
  return {
    instruments: [{ columns: columnsOf("AAA", flatMinutes(prices)) }],
    strategy: { onBar: onMinutes(actions) },
    risk: policy,
    ...more,
  };
}

describe("a change under a policy", () => {
  it("measures a change of a bracket's entry at the stop that it brought", () => {
    const of = (limits: Parameters<typeof risk>[0], change: { readonly qty?: number; readonly limit?: number }): readonly string[] =>
      verdicts(
        oneSymbol([100, 100, 100], risk(limits), {
          1: (ctx) => ctx.enterLong({ qty: 100, type: "limit", limit: 99, stop_loss: 97, tif: "GTC" }),
          2: (ctx) => ctx.modify("O1", change),
        }),
      );
    const atStop = { risk_per_trade: usd("300").map((limit) => ({ ...limit, measure: "stop_distance" as const })) };
    expect(of(atStop, { limit: 100 })).toEqual(["ok", "ok", "ok"]);
    expect(of(atStop, { limit: 100.01 })).toEqual(["ok", "ok", "MAX_RISK_PER_TRADE_EXCEEDED"]);
    // 100 at the market's 100.00, with their stop at 97.00; each one more adds 3.00.
    expect(of({ portfolio_heat: usd("330") }, { qty: 110 })).toEqual(["ok", "ok", "ok"]);
    expect(of({ portfolio_heat: usd("330") }, { qty: 111 })).toEqual(["ok", "ok", "PORTFOLIO_HEAT_EXCEEDED"]);
  });
});
