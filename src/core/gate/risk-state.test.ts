import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testInstrument } from "../../../test/support/run-tape.js";
import { unitsOf } from "../money/units.js";
import { applyFill, openPortfolio } from "../portfolio/portfolio.js";
import { unlimitedPolicy } from "./no-limits.js";
import type { RiskPolicy } from "./policy.js";
import type { RiskEvent } from "./risk-events.js";
import { RiskJudge } from "./risk-judge.js";
import { type RiskSnapshot, RiskState } from "./risk-state.js";

const MINUTE = 60_000;

function account(snapshot: RiskSnapshot | null = null) {
  const portfolio = openPortfolio([unitsOf(testInstrument("AAA"), 2, 2)], 10_000_00n);
  const state = new RiskState({ portfolio, money_scale: 2, window: 10 * MINUTE }, snapshot);
  return { portfolio, state };
}

/** What can happen to an account. */
type Step = (state: RiskState, portfolio: ReturnType<typeof account>["portfolio"], n: number) => void;

const event = (type: RiskEvent["type"], payload: object, occurred_at: number): RiskEvent => ({ type, occurred_at, payload }) as RiskEvent;
const trip: Step = (state, _, n) => {
  if (state.killSwitch.status === "tripped") return;
  state.apply(event("kill_switch.tripped", { trigger: "operator", reason: "r", locked_until: n, cancel_orders: true, flatten: false }, n));
};
const reset: Step = (state, _, n) => {
  if (state.killSwitch.status === "armed") return;
  state.apply(event("kill_switch.reset", { approver: "a", reason: "r", tripped_at: 1, equity: "9000.5" }, n));
};
const freeze: Step = (state, _, n) => {
  if (state.dailyFreeze.status === "frozen") return;
  state.apply(event("daily_freeze.began", { session_day: "d", day_start_equity: "1", equity: "1", loss: "1", level: "1" }, n));
};
const fill =
  (side: "buy" | "sell", price: number): Step =>
  (state, portfolio) => {
    const position = portfolio.positions[0];
    if (position === undefined) throw new Error("no position");
    applyFill(portfolio, position, { side, qty: 1, price, commission: 3n });
    state.filled(0, position);
  };
const steps: readonly Step[] = [
  trip,
  reset,
  freeze,
  fill("buy", 101),
  fill("sell", 99),
  fill("sell", 120),
  (state, _, n) => state.closed(BigInt(n) * 7_919n),
  (state, _, n) => state.beginDay(`day-${n}`, BigInt(n)),
  (state, _, n) => state.counted(n % 2 === 0 ? "rejected" : "submitted", n * MINUTE),
  (state, _, n) => state.apply(event("risk.alerted", { subject: "drawdown", session_day: `day-${n}`, observed: "1", level: "1" }, n)),
];

describe("a risk state", () => {
  it("made again from its snapshot goes on as if it had never stopped, wherever it is cut", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(steps.length - 1), { maxLength: 60 }), fc.nat(60), (walk, at) => {
        const { portfolio, state } = account();
        let restored: RiskState | null = null;
        walk.forEach((chosen, n) => {
          if (n === at) {
            // As stored: through text.
            const snapshot = JSON.parse(JSON.stringify(state.snapshot())) as RiskSnapshot;
            restored = new RiskState({ portfolio, money_scale: 2, window: 10 * MINUTE }, snapshot);
            expect(restored.text()).toBe(state.text());
          }
          const copies = restored;
          const step = steps[chosen] as Step;
          step(state, portfolio, n);
          if (copies === null) return;
          // The portfolio has moved already: the copy only follows it.
          const position = portfolio.positions[0];
          if (chosen >= 3 && chosen <= 5 && position !== undefined) copies.filled(0, position);
          else step(copies, portfolio, n);
          expect(copies.text()).toBe(state.text());
        });
      }),
      { numRuns: 200 },
    );
  });

  it("is not changed by being read, and its peak is moved by closes alone", () => {
    const { state } = account();
    const figures = state.figures(() => 99_999_99n);
    const before = state.text();
    expect(figures.equity).toBe(99_999_99n);
    expect(figures.peak_equity).toBe(10_000_00n);
    expect(state.text()).toBe(before);
    state.closed(10_500_00n);
    state.closed(9_000_00n);
    expect(figures.peak_equity).toBe(10_500_00n);
  });

  it("begins its figures anew with a reset, or the switch would trip again at once", () => {
    const { state } = account();
    state.closed(12_000_00n);
    trip(state, account().portfolio, 1);
    reset(state, account().portfolio, 2);
    expect([state.peakEquity, state.dayStartEquity, state.consecutiveLosses]).toEqual([9_000_50n, 9_000_50n, 0]);
  });
});

describe("the triggers beside losses", () => {
  const none = unlimitedPolicy("test");
  const judgeOf = (kill: Partial<RiskPolicy["kill_switch"]>): RiskJudge =>
    new RiskJudge({ ...none, kill_switch: { ...none.kill_switch, ...kill } }, { currency: "USD", scale: 2 }, () => ({
      numerator: 1n,
      denominator: 1n,
    }));
  const quiet = { equity: null, staleness_ms: null, reconciliation_difference: null };

  it("more than the fraction of the last orders was rejected: at it is not past it, fewer orders tell nothing, old ones are forgotten", () => {
    // "Rejections > 10 %" of at least 10 orders within 60 minutes.
    const judge = judgeOf({ rejection_rate: [{ fraction: "0.1", orders: 10, minutes: 5 }] });
    const { state } = account();
    for (let n = 1; n <= 9; n++) state.counted("submitted", n);
    state.counted("rejected", 9);
    expect(judge.judge(state, quiet, 10)).toEqual([]);
    state.counted("submitted", 10);
    expect(judge.judge(state, quiet, 10)).toEqual([]);
    state.counted("rejected", 11);
    expect(judge.judge(state, quiet, 11)[0]).toMatchObject({
      type: "kill_switch.tripped",
      payload: { trigger: "rejection_rate", observed: "2", level: "1", reason: "the venue rejected 2 of 10 orders within 5 minutes" },
    });
    expect(judge.judge(state, quiet, 5 * MINUTE + 1)).toEqual([]);
  });

  it.each([
    [100_00n, false],
    [100_01n, true],
    [-100_01n, true],
  ])("a difference of %s cents to the venue, where 100.00 passes: %s", (difference, trips) => {
    const judge = judgeOf({ reconciliation_difference: [{ amount: "100", currency: "base" }] });
    const found = judge.judge(account().state, { ...quiet, reconciliation_difference: difference }, 0);
    expect(found.map((f) => f.type)).toEqual(trips ? ["kill_switch.tripped"] : []);
    if (trips) expect(found[0]?.payload).toMatchObject({ trigger: "reconciliation_difference", observed: "100.01", level: "100" });
  });

  it("a level in a currency without a rate meets nothing: the gate refuses what it cannot value", () => {
    const judge = new RiskJudge(
      { ...none, kill_switch: { ...none.kill_switch, reconciliation_difference: [{ amount: "1", currency: "XXX" }] } },
      { currency: "USD", scale: 2 },
      () => null,
    );
    expect(judge.judge(account().state, { ...quiet, reconciliation_difference: 5_000n }, 0)).toEqual([]);
  });
});
