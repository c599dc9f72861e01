import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  at,
  columnsOf,
  type FixtureRun,
  flatMinutes,
  ofType,
  onMinutes,
  type PlainEvent,
  runEngine,
} from "../../../test/support/engine-fixture.js";
import { amount, DAY, dailyLoss, drawdown, holding, ofEquity, policyOf, told } from "../../../test/support/risk-runs.js";

describe("the gate under a tripped switch and a frozen day", () => {
  /** Enters one share at every close. */
  const eager = {
    onBar: (bar: { readonly symbol: string }, ctx: Parameters<ReturnType<typeof onMinutes>>[1]) =>
      ctx.enterLong({ symbol: bar.symbol, qty: 1 }),
  };
  const decided = (events: readonly PlainEvent[]): readonly string[] =>
    ofType(events, "risk.decided").map((e) => `${(e.occurred_at - at(0)) / 60_000} ${e.payload.code ?? e.payload.decision}`);

  it("submits nothing more once the drawdown is past its kill level, day after day, and the position stays", () => {
    const bars = [...flatMinutes([100, 100, 50, 50]), ...flatMinutes([100, 100], DAY + 1), ...flatMinutes([100], 2 * DAY + 1)];
    const { events, engine } = runEngine({
      instruments: [{ columns: columnsOf("AAA", bars) }],
      cash: "1000",
      strategy: eager,
      risk: policyOf(drawdown([], [], ofEquity("0.03"))),
    });
    // One share at 100.00 loses half: 5 % of the account.
    expect(told(events)).toEqual(["3 kill_switch.tripped"]);
    expect(decided(events)).toEqual([
      "1 approved",
      "2 approved",
      ...[3, 4, DAY + 1, DAY + 2, 2 * DAY + 1].map((minute) => `${minute} KILL_SWITCH_ACTIVE`),
    ]);
    expect(ofType(events, "order.submitted")).toHaveLength(2);
    expect(engine.state.position(0).qty).toBe(2);
  });

  it("refuses entries of a frozen day, lets exits pass, and entries again on the next session day", () => {
    const bars = [...flatMinutes([100, 100, 50, 100]), ...flatMinutes([100, 100], DAY + 1)];
    const run = (strategy: FixtureRun["strategy"]): readonly PlainEvent[] =>
      runEngine({
        instruments: [{ columns: columnsOf("AAA", bars) }],
        cash: "1000",
        strategy,
        risk: policyOf(dailyLoss([], amount("40"), []), {}, { daily_freeze: { enabled: true } }),
      }).events;
    expect(decided(run(eager))).toEqual([
      "1 approved",
      "2 approved",
      "3 DAILY_FREEZE_ACTIVE",
      "4 DAILY_FREEZE_ACTIVE",
      `${DAY + 1} approved`,
      `${DAY + 2} approved`,
    ]);
    const leaves = run({ onBar: onMinutes({ 1: (ctx) => ctx.enterLong({ qty: 1 }), 3: (ctx) => ctx.exitLong() }) });
    expect(decided(leaves)).toEqual(["1 approved", "3 approved"]);
  });
});

describe("what a run tells of its losses", () => {
  const scale = 100;
  /** The same rules on plain integers: 100 shares bought at 100.00, every close judged. */
  function naive(closes: readonly number[], levels: { alert: number; limit: number; kill: number; drawdown: number }): readonly string[] {
    const said: string[] = [];
    let [peak, alerted, frozen, tripped] = [100_000 * scale, false, false, false];
    closes.forEach((close, n) => {
      const equity = 90_000 * scale + 100 * close;
      peak = Math.max(peak, equity);
      const [loss, drop] = [100_000 * scale - equity, peak - equity];
      const say = (what: string): void => void said.push(`${n + 3} ${what}`);
      if (!alerted && loss > levels.alert * scale) say("risk.alerted");
      alerted ||= loss > levels.alert * scale;
      if (!frozen && loss > levels.limit * scale) say("daily_freeze.began");
      frozen ||= loss > levels.limit * scale;
      // A fraction of the peak in thousandths.
      const kills = loss > levels.kill * scale || drop * 1000 > peak * levels.drawdown;
      if (!tripped && kills) say("kill_switch.tripped");
      tripped ||= kills;
    });
    return said;
  }

  it("is what judging every close by hand tells, on any path", () => {
    const cases = fc.record({
      // A walk in cents around 100.00, so that closes lie at the levels and a cent beside them.
      steps: fc.array(fc.constantFrom(-400, -100, -1, 0, 1, 100, 400), { minLength: 1, maxLength: 60 }),
      alert: fc.constantFrom(100, 500),
      limit: fc.constantFrom(500, 1000),
      kill: fc.constantFrom(1000, 2000),
      drawdown: fc.constantFrom(5, 10, 20),
    });
    fc.assert(
      fc.property(cases, ({ steps, ...levels }) => {
        let close = 100 * scale;
        const closes = steps.map((step) => {
          close = Math.max(1, close + step);
          return close;
        });
        const risk = policyOf(
          {
            ...dailyLoss(amount(String(levels.alert)), amount(String(levels.limit)), amount(String(levels.kill))),
            ...drawdown([], [], ofEquity(`0.${String(levels.drawdown).padStart(3, "0")}`)),
          },
          {},
          { daily_freeze: { enabled: true } },
        );
        const events = holding(
          closes.map((cents) => cents / scale),
          risk,
        );
        expect(told(events)).toEqual(naive(closes, levels));
      }),
      { numRuns: 300 },
    );
  });
});
