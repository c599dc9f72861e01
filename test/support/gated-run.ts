/** Runs under a policy, by hand. */
import type { RiskPolicy } from "../../src/core/gate/policy.js";
import { columnsOf, type FixtureRun, flatMinutes, ofType, onMinutes, runEngine } from "./engine-fixture.js";

/** What became of each order: `ok`, or the code of its refusal, in the order of decision. */
export function verdicts(run: FixtureRun): readonly string[] {
  return ofType(runEngine(run).events, "risk.decided").map(({ payload }) => payload.code ?? "ok");
}

/** A run of one symbol whose bars open, stay and close at one price each. */
export function oneSymbol(
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
