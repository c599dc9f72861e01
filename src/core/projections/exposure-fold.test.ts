import { expect, it } from "vitest";
import {
  at,
  columnsOf,
  type FixtureRun,
  flatMinutes,
  onMinutes,
  type PlainEvent,
  runEngine,
} from "../../../test/support/engine-fixture.js";
import { exposureOf } from "../../../test/support/exposure-of.js";
import { amount, DAY, dailyLoss, drawdown, none, ofEquity, policyOf } from "../../../test/support/risk-runs.js";
import type { RiskLimits, RiskPolicy } from "../gate/policy.js";
import { bigOf } from "../money/decimal.js";
import { DecisionTallyFold } from "./decision-tally.js";
import { ExposureMismatch } from "./exposure-fold.js";
import type { LimitUse } from "./risk-exposure.js";

function limitsOf(
  run: FixtureRun & { readonly risk: RiskPolicy },
  events: readonly PlainEvent[] = runEngine(run).events,
): readonly LimitUse[] {
  const { limits, proof } = exposureOf(run, events);
  // What the engine's own risk state was at each close is what it was here.
  expect(proof.agreeing).toBe(proof.sessions);
  return limits;
}

const days = (limits: readonly LimitUse[], what: string): readonly (readonly [string, string | undefined, string | undefined])[] =>
  (limits.find((l) => l.what === what)?.sessions ?? []).map((s) => [s.session_day, s.highest?.fraction, s.newest?.fraction]);

const AAA = columnsOf("AAA", [...flatMinutes([100, 100, 110, 90]), ...flatMinutes([95, 99], DAY + 1)]);

it("reads every limit after each close of a held position, day by day: the highest and the newest", () => {
  // 100 shares at 100.00 of cash 100000; closes 100, 110, 90, then 95, 99 on the next day. Gross over 60 % of equity, by hand:
  // 10000/60000, 11000/60600, 9000/59400; 9500/59700, 9900/59940. Loss of the day over 2000, of the peak 101000 over 10 %.
  const risk = policyOf({ ...dailyLoss([], amount("2000"), []), ...drawdown([], ofEquity("0.1"), []), gross_exposure: ofEquity("0.6") });
  const limits = limitsOf({
    instruments: [{ columns: AAA }],
    strategy: { onBar: onMinutes({ 1: (ctx) => ctx.enterLong({ qty: 100 }) }) },
    risk,
  });
  expect(limits.map(({ what, limit }) => `${what}: ${limit}`)).toEqual([
    "daily loss: at most 2000 in base currency",
    "drawdown: at most 10 % of equity",
    "gross exposure: at most 60 % of equity",
  ]);
  expect(days(limits, "gross exposure")).toEqual([
    ["2024-01-02", "0.181518", "0.151515"],
    ["2024-01-03", "0.165165", "0.165165"],
  ]);
  // From 100000: 1000 below at the close of 90. The next day begins at 99000 and is never below it.
  expect(days(limits, "daily loss")).toEqual([
    ["2024-01-02", "0.5", "0.5"],
    ["2024-01-03", "0", "0"],
  ]);
  // Peak 101000: 2000 below it at 90, 1500 at 95, 1100 at 99, over 10100.
  expect(days(limits, "drawdown")).toEqual([
    ["2024-01-02", "0.19802", "0.19802"],
    ["2024-01-03", "0.148515", "0.108911"],
  ]);
  const gross = limits.find((l) => l.what === "gross exposure");
  expect(gross?.highest).toEqual({ fraction: "0.181518", at: at(3), order_id: null });
});

it("counts an approved order as if it had filled, names it, and gives what the gate recorded as its tightest limit", () => {
  const limits: Partial<RiskLimits> = { position_value: amount("20000"), gross_exposure: ofEquity("0.9"), notional_max: amount("15000") };
  const risk = policyOf(limits);
  const run = {
    instruments: [{ columns: AAA }],
    strategy: {
      onBar: onMinutes({
        1: (ctx) => ctx.enterLong({ qty: 70, type: "limit", limit: 50 }),
        2: (ctx) => ctx.enterLong({ qty: 120 }),
        3: (ctx) => ctx.exitLong(),
      }),
    },
    risk,
  } as const;
  const { events } = runEngine(run);
  const folded = limitsOf(run, events);
  // The resting order at 50.00 is valued at the last price: 70 x 100 / 20000. With the second one 190 x 100 / 20000.
  const position = folded.find((l) => l.what === "position");
  expect(position?.highest).toEqual({ fraction: "1.045", at: at(3), order_id: null });
  const taped = events.flatMap((e) => (e.type === "risk.decided" ? [e.payload.utilisation] : []));
  expect(taped.slice(0, 2)).toEqual([
    { code: "MAX_POSITION_PER_SYMBOL_EXCEEDED", fraction: "0.35" },
    { code: "MAX_POSITION_PER_SYMBOL_EXCEEDED", fraction: "0.95" },
  ]);
  const notional = folded.find((l) => l.what === "an order's notional");
  expect(notional?.of).toBe("order");
  // 120 at 100.00 over 15000.
  expect(notional?.highest).toMatchObject({ fraction: "0.8", at: at(2) });
  expect(notional?.highest?.order_id).not.toBeNull();
  expect(notional?.sessions[1]).toEqual({ session_day: "2024-01-03", highest: null, newest: null });
});

it("reads kill levels that are no limits as limits of the switch", () => {
  const risk = policyOf({ ...drawdown([], ofEquity("0.2"), ofEquity("0.3")), ...dailyLoss([], amount("10"), amount("10")) });
  const limits = limitsOf({ instruments: [{ columns: AAA }], strategy: {}, risk });
  expect(limits.map(({ code, level, what, limit }) => `${code} ${level} ${what} ${limit}`)).toEqual([
    "DAILY_LOSS_LIMIT_EXCEEDED limit daily loss at most 10 in base currency",
    "DRAWDOWN_LIMIT_EXCEEDED limit drawdown at most 20 % of equity",
    "KILL_SWITCH_ACTIVE kill drawdown at most 30 % of equity",
  ]);
});

it("refuses bars that give another equity than the tape states", () => {
  const run = {
    instruments: [{ columns: AAA }],
    strategy: { onBar: onMinutes({ 1: (ctx) => ctx.enterLong({ qty: 100 }) }) },
    risk: policyOf({ gross_exposure: ofEquity("0.6") }),
  } as const satisfies FixtureRun;
  const { events } = runEngine(run);
  const close = AAA.close.slice();
  close[3] = Number(bigOf("91", 2));
  expect(() => limitsOf({ ...run, instruments: [{ columns: { ...AAA, close } }] }, events)).toThrow(ExposureMismatch);
});

it("tells refusals, observed failures and the closest calls of a run, with first and last time", () => {
  const tally = (risk: RiskPolicy) => {
    const { events } = runEngine({
      instruments: [{ columns: AAA }],
      strategy: {
        onBar: onMinutes({
          1: (ctx) => ctx.enterLong({ qty: 90 }),
          2: (ctx) => ctx.enterLong({ qty: 200 }),
          3: (ctx) => ctx.enterLong({ qty: 300 }),
          4: (ctx) => ctx.enterLong({ qty: 1 }),
        }),
      },
      risk,
    });
    const fold = new DecisionTallyFold();
    for (const event of events) fold.apply(event);
    return fold.finish();
  };
  const limits = { position_value: amount("10000") };
  const enforced = tally(policyOf(limits));
  expect(enforced.decisions).toEqual({ approved: 2, denied: 2 });
  const code = "MAX_POSITION_PER_SYMBOL_EXCEEDED";
  expect(enforced.refusals).toEqual([{ code, count: 2, first: at(2), last: at(3) }]);
  // 90 x 100, then 91 at the close of 90, of 10000.
  expect(enforced.closest.map(({ fraction, at: when, qty, code: of }) => [fraction, when, qty, of])).toEqual([
    ["0.9", at(1), "90", code],
    ["0.819", at(4), "1", code],
  ]);
  const observed = tally(policyOf(limits, {}, { enforcement: { ...none.enforcement, guards: "observe" } }));
  expect(observed.refusals).toEqual([]);
  expect(observed.observed).toEqual([{ code, count: 3, first: at(2), last: at(4) }]);
});

it("tells a trip with what was done, and a freeze with its end", () => {
  const risk = policyOf(
    { ...dailyLoss(amount("300"), amount("500"), amount("900")) },
    { actions: { cancel_orders: true, flatten: true, notify: ["log"] } },
    { daily_freeze: { enabled: true } },
  );
  const { events } = runEngine({
    instruments: [{ columns: columnsOf("AAA", [...flatMinutes([100, 100, 94, 94, 90, 90]), ...flatMinutes([90, 90], DAY + 1)]) }],
    strategy: {
      onBar: onMinutes({
        1: (ctx) => ctx.enterLong({ qty: 100 }),
        3: (ctx) => ctx.enterLong({ qty: 1 }),
        5: (ctx) => ctx.enterLong({ qty: 1 }),
        [DAY + 1]: (ctx) => ctx.enterLong({ qty: 1 }),
      }),
    },
    risk,
  });
  const fold = new DecisionTallyFold();
  for (const event of events) fold.apply(event);
  const { episodes, alerts, refusals } = fold.finish();
  expect(alerts).toEqual([{ at: at(3), subject: "daily_loss", session_day: "2024-01-02", observed: "600", level: "300" }]);
  expect(episodes).toMatchObject([
    { kind: "daily_freeze", from: at(3), to: at(DAY + 1), loss: "600", level: "500", refused: 1 },
    { kind: "kill_switch", from: at(5), to: null, trigger: "daily_loss", closings: 1, notified: ["log"], refused: 2, reset: null },
  ]);
  expect(refusals.map(({ code, count }) => [code, count])).toEqual([
    ["KILL_SWITCH_ACTIVE", 2],
    ["DAILY_FREEZE_ACTIVE", 1],
  ]);
});
