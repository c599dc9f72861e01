import { describe, expect, it } from "vitest";
import {
  gateOf,
  gateOrder,
  HandAccount,
  type HandInstrument,
  lossLimit,
  policyWith,
  usd,
  verdict,
} from "../../../test/support/hand-account.js";
import type { OrderTicket } from "../orders/ticket.js";
import { CHECK_CODES } from "./check-codes.js";
import type { GateOrder } from "./risk-view.js";

describe("switches and lists", () => {
  const kill = (v: HandAccount): void => v.setFigures({ kill_switch_active: true });
  const frozen = (v: HandAccount): void => v.setFigures({ daily_freeze_active: true });
  const exit: Partial<GateOrder> = { side: "sell", reduce_only: true };
  const held: readonly HandInstrument[] = [{ symbol: "AAA", held: 10 }];

  it("lets nothing through under an active kill switch but the closing that it or an operator started", () => {
    const policy = policyWith({});
    expect(verdict(policy, {}, kill)).toBe("KILL_SWITCH_ACTIVE");
    expect(verdict(policy, exit, kill, held)).toBe("KILL_SWITCH_ACTIVE");
    expect(verdict(policy, { ...exit, flattens: true }, kill, held)).toBe("ok");
    expect(verdict(policy, { flattens: true }, kill)).toBe("KILL_SWITCH_ACTIVE");
  });

  it("lets a frozen, a disabled and a blacklisted account reduce and not enter", () => {
    const freeze = { daily_freeze: { enabled: true } };
    for (const [policy, code, account] of [
      [policyWith({}, {}, freeze), "DAILY_FREEZE_ACTIVE", frozen],
      [policyWith({}, { enabled: false }), "TRADING_DISABLED", undefined],
      [policyWith({}, { blacklist: ["AAA"] }), "SYMBOL_BLACKLISTED", undefined],
      [policyWith({}, { allowed: ["BBB"] }), "SYMBOL_NOT_ALLOWED", undefined],
      [policyWith({}, { allowed: [] }), "SYMBOL_NOT_ALLOWED", undefined],
    ] as const) {
      expect(verdict(policy, {}, account, held)).toBe(code);
      expect(verdict(policy, exit, account, held)).toBe("ok");
      // It reduces now, and opens a short once something else has closed what is held.
      expect(verdict(policy, { side: "sell" }, account, held)).toBe(code);
      expect(verdict(policy, { side: "sell", qty: 1 }, account, held)).toBe(code);
    }
    expect(verdict(policyWith({}, { allowed: ["AAA"], blacklist: ["BBB"] }))).toBe("ok");
    expect(verdict(policyWith({}, { allowed: null }))).toBe("ok");
  });

  it("refuses outside trading hours, exits as well, and a closing of everything passes", () => {
    const policy = policyWith({}, { hours_only: true });
    const closed = (v: HandAccount): void => {
      v.trading = false;
    };
    expect(verdict(policy)).toBe("ok");
    expect(verdict(policy, {}, closed)).toBe("OUTSIDE_TRADING_HOURS");
    expect(verdict(policy, exit, closed, held)).toBe("OUTSIDE_TRADING_HOURS");
    expect(verdict(policy, { ...exit, flattens: true }, closed, held)).toBe("ok");
  });

  it("refuses what would turn a position over only where the policy says so", () => {
    const refuse = policyWith({}, { crossing: "refuse" });
    expect(verdict(refuse, { side: "sell", qty: 11 }, undefined, held)).toBe("POSITION_SIGN_FLIP_WITHOUT_CLOSE");
    expect(verdict(refuse, { side: "sell", qty: 10 }, undefined, held)).toBe("ok");
    expect(verdict(refuse, { side: "sell", qty: 9 }, undefined, held)).toBe("ok");
    expect(verdict(policyWith({}, { crossing: "allow" }), { side: "sell", qty: 11 }, undefined, held)).toBe("ok");
  });

  it("refuses from the row of the scaling table on that enters nothing", () => {
    const policy = policyWith(
      {},
      {},
      {
        drawdown_scaling: [
          { from: "0.05", multiply: "0.5" },
          { from: "0.1", multiply: "0" },
        ],
      },
    );
    const down = (equity: bigint) => (v: HandAccount) => v.setFigures({ equity });
    expect(verdict(policy, {}, down(93_000_000n))).toBe("ok");
    expect(verdict(policy, {}, down(90_000_001n))).toBe("ok");
    expect(verdict(policy, {}, down(90_000_000n))).toBe("DRAWDOWN_LIMIT_EXCEEDED");
    expect(verdict(policy, {}, down(88_000_000n))).toBe("DRAWDOWN_LIMIT_EXCEEDED");
  });
});

describe("an order that may meet one of the account's own", () => {
  const policy = policyWith({}, { refuse_self_cross: true });
  const resting = (side: "buy" | "sell", limit: number) => (v: HandAccount) => void v.open(0, side, 5, { limit });

  it("is refused where its price reaches the other's, and passes one tick away", () => {
    expect(verdict(policy, { limit: 10_100 }, resting("sell", 10_101))).toBe("ok");
    expect(verdict(policy, { limit: 10_101 }, resting("sell", 10_101))).toBe("SELF_CROSS");
    expect(verdict(policy, { limit: 10_102 }, resting("sell", 10_101))).toBe("SELF_CROSS");
    expect(verdict(policy, { side: "sell", limit: 9_900 }, resting("buy", 9_899))).toBe("ok");
    expect(verdict(policy, { side: "sell", limit: 9_900 }, resting("buy", 9_900))).toBe("SELF_CROSS");
    expect(verdict(policy, { limit: 10_101 }, resting("buy", 10_101))).toBe("ok");
  });

  it("counts a market order at the last price", () => {
    expect(verdict(policy, {}, resting("sell", 10_001))).toBe("ok");
    expect(verdict(policy, {}, resting("sell", 10_000))).toBe("SELF_CROSS");
  });

  it("leaves alone what cannot trade: an exit whose entry has brought nothing, a stop that was not reached", () => {
    const asleep = (v: HandAccount): void => {
      v.asleep.add(v.open(0, "sell", 5, { limit: 10_000, reduce_only: true }).id);
    };
    const stop = (triggered: boolean) => (v: HandAccount) => {
      v.open(0, "sell", 5, { limit: 9_900, stop: 9_950 }).triggered = triggered;
    };
    expect(verdict(policy, {}, asleep)).toBe("ok");
    expect(verdict(policy, { sleeps: true }, resting("sell", 10_000))).toBe("ok");
    expect(verdict(policy, {}, stop(false))).toBe("ok");
    expect(verdict(policy, {}, stop(true))).toBe("SELF_CROSS");
  });
});

describe("a decision", () => {
  const strict = policyWith(
    {
      notional_max: usd("500"),
      gross_exposure: usd("2000"),
      position_value: usd("4000"),
    },
    { price_collar: "0.5" },
  );

  it("names the first failing check and explains all of them, in their order", () => {
    const view = new HandAccount([{ symbol: "AAA" }, { symbol: "BBB", held: 20 }]);
    view.short = 12_345n;
    const decision = gateOf(strict, view).decide(gateOrder());
    expect(decision).toMatchObject({ decision: "denied", code: "NOTIONAL_ABOVE_MAXIMUM" });
    expect(decision.explanation).toEqual([
      { code: "NOTIONAL_ABOVE_MAXIMUM", detail: "notional 1000 USD exceeds the limit of 500 USD; at most that passes" },
      {
        code: "MAX_TOTAL_EXPOSURE_EXCEEDED",
        detail:
          "with every open order filled in the worst order: gross exposure 3000 USD exceeds the limit of 2000 USD; at most that passes",
      },
      {
        code: "NEGATIVE_CASH",
        detail: "once every open order has filled the account is short of means by 123.45 USD; it passes where that is 0",
      },
    ]);
    expect(decision.utilisation).toBeUndefined();
  });

  it("numbers its bits by the policy's own checks", () => {
    const view = new HandAccount();
    const gate = gateOf(strict, view);
    expect(gate.codes).toEqual([
      "KILL_SWITCH_ACTIVE",
      "TICK_MISMATCH",
      "LOT_MISMATCH",
      "NO_ACCOUNT",
      "NO_PRICE",
      "NO_FX_RATE",
      "NON_FINITE_INPUT",
      "PRICE_COLLAR_EXCEEDED",
      "NOTIONAL_ABOVE_MAXIMUM",
      "MAX_POSITION_PER_SYMBOL_EXCEEDED",
      "MAX_TOTAL_EXPOSURE_EXCEEDED",
      "NEGATIVE_CASH",
    ]);
    expect(gate.decide(gateOrder({ qty: 1, limit: 10_000 })).checks).toBe(2 ** 12 - 1);
    expect(gate.decide(gateOrder()).checks).toBe(2 ** 12 - 1 - 2 ** 8);
  });

  it("numbers the bits of a policy that asks for everything beyond the thirty-first", () => {
    const all = policyWith(
      {
        daily_loss: lossLimit(usd("1")),
        drawdown: lossLimit(usd("1")),
        consecutive_losses: { alert: null, limit: 1, kill: null },
        notional_min: usd("1"),
        notional_max: usd("100000"),
        risk_per_trade: [{ limit: { amount: "100000", currency: "USD" }, comparison: "exceeds", measure: "notional" }],
        fat_finger: [{ fraction: "1", bars: 1 }],
        position_value: usd("100000"),
        open_positions: { limit: 5 },
        gross_exposure: usd("100000"),
        correlation_groups: [{ name: "G", symbols: ["AAA"], limits: usd("100000") }],
        portfolio_heat: usd("100000"),
        slippage: { fraction: "1" },
      },
      {
        enabled: true,
        hours_only: true,
        blacklist: ["ZZZ"],
        allowed: ["AAA"],
        orders_per_minute: 100,
        duplicate_seconds: 1,
        stale_price_seconds: 60,
        readiness_seconds: 60,
        price_collar: "1",
        refuse_self_cross: true,
        crossing: "refuse",
      },
      { daily_freeze: { enabled: true } },
    );
    const view = new HandAccount();
    const gate = gateOf(all, view);
    // TRADING_DISABLED is asked only by a policy that disables trading.
    expect(gate.codes).toEqual(CHECK_CODES.filter((code) => code !== "TRADING_DISABLED"));
    expect(gate.decide(gateOrder()).checks).toBe(2 ** 32 - 1);
    view.short = 1n;
    expect(gate.decide(gateOrder()).checks).toBe(2 ** 32 - 1 - 2 ** 30);
  });

  it("tells of an approval how much of the tightest limit it uses", () => {
    const view = new HandAccount([{ symbol: "AAA" }, { symbol: "BBB", held: 10 }]);
    const gate = gateOf(policyWith({ gross_exposure: usd("3000"), notional_max: usd("2000"), position_value: usd("10000") }), view);
    expect(gate.decide(gateOrder()).utilisation).toEqual({ code: "MAX_TOTAL_EXPOSURE_EXCEEDED", fraction: "0.666667" });
    expect(gate.decide(gateOrder({ qty: 20 })).utilisation).toEqual({ code: "NOTIONAL_ABOVE_MAXIMUM", fraction: "1" });
    expect(gateOf(policyWith({}), view).decide(gateOrder()).utilisation).toBeUndefined();
  });

  it("only tells of failures in a stage that the policy observes", () => {
    const watched = policyWith(
      { notional_max: usd("500"), gross_exposure: usd("500") },
      { readiness_seconds: 90 },
      { enforcement: { contracts: "observe", sla: "observe", guards: "observe" } },
    );
    const view = new HandAccount();
    view.data = { age_ms: 91_000, faults: ["OUT_OF_ORDER_BAR"] };
    const decision = gateOf(watched, view).decide(gateOrder());
    expect(decision).toMatchObject({ decision: "approved" });
    expect(decision.observed?.map((o) => o.code)).toEqual([
      "DATA_NOT_READY",
      "DATA_NOT_READY",
      "NOTIONAL_ABOVE_MAXIMUM",
      "MAX_TOTAL_EXPOSURE_EXCEEDED",
    ]);
    expect(decision.explanation).toBeUndefined();
    view.short = 1n;
    const refused = gateOf(watched, view).decide(gateOrder());
    expect(refused).toMatchObject({ decision: "denied", code: "NEGATIVE_CASH" });
    expect(refused.explanation?.map((e) => e.code)).toEqual(["NEGATIVE_CASH"]);
    expect(refused.observed).toHaveLength(4);
    const { enforcement } = policyWith({});
    const age = { ...watched, enforcement: { ...enforcement, sla: "observe" as const } };
    view.short = 0n;
    expect(gateOf({ ...age, limits: policyWith({}).limits }, view).decide(gateOrder())).toMatchObject({ code: "DATA_NOT_READY" });
  });

  it("refuses on cash, price and quantity whatever the policy observes", () => {
    const observing = policyWith({}, {}, { enforcement: { contracts: "observe", sla: "observe", guards: "observe" } });
    expect(verdict(observing, { limit: 10_000.5 })).toBe("TICK_MISMATCH");
    expect(verdict(observing, { qty: 0 })).toBe("LOT_MISMATCH");
    expect(verdict(observing, {}, (v) => v.set({ cash: null }))).toBe("NO_ACCOUNT");
    expect(verdict(observing, {}, undefined, [{ symbol: "AAA", price: null }])).toBe("NO_PRICE");
    expect(verdict(observing, {}, (v) => v.set({ short: 1n }))).toBe("NEGATIVE_CASH");
    // What buys a short back, and says not that it only reduces, is paid for like everything else.
    expect(verdict(observing, {}, (v) => v.set({ short: 1n }), [{ symbol: "AAA", held: -10 }])).toBe("NEGATIVE_CASH");
    expect(verdict(observing, { reduce_only: true }, (v) => v.set({ short: 1n }), [{ symbol: "AAA", held: -10 }])).toBe("ok");
  });

  it("refuses nothing while it observes that a gate without a policy would let through: rates and prices of others, and of limits", () => {
    const enforcement = { contracts: "observe", sla: "observe", guards: "observe" } as const;
    const euros = { notional_max: [{ limit: { amount: "800", currency: "EUR" }, comparison: "exceeds" }] } as const;
    const others = [{ symbol: "AAA" }, { symbol: "BBB", currency: "EUR", held: 1, price: null }] as const;
    const unrated = (v: HandAccount): void => v.set({ known: [true, false] });
    const view = new HandAccount(others);
    unrated(view);
    const seen = gateOf(policyWith(euros, {}, { enforcement }), view).decide(gateOrder());
    expect(seen.decision).toBe("approved");
    expect(seen.observed?.map(({ code }) => code)).toEqual(["NO_PRICE", "NO_FX_RATE", "NOTIONAL_ABOVE_MAXIMUM"]);
    expect(gateOf(policyWith(euros), view).decide(gateOrder())).toMatchObject({ decision: "denied", code: "NO_PRICE" });
    // Its own it asks whatever is observed.
    expect(verdict(policyWith({}, {}, { enforcement }), {}, (v) => v.set({ known: [false] }))).toBe("NO_FX_RATE");
  });

  it("approves an order once, and only one that it let through", () => {
    const view = new HandAccount();
    const gate = gateOf(policyWith({ notional_max: usd("1000") }), view);
    const ticket = { ...TICKET, order_id: "O7" };
    const decision = gate.decide(gateOrder());
    expect(() => gate.approve(ticket, "O7", decision)).toThrow(/no approval of this gate/);
    gate.decide(gateOrder({ qty: 11 }), "O7");
    expect(() => gate.approve(ticket, "O7", decision)).toThrow(/no approval of this gate/);
    expect(gate.approve(ticket, "O7", gate.decide(gateOrder(), "O7"))).toMatchObject({ order_id: "O7", policy_sha256: gate.policy_sha256 });
    expect(() => gate.approve(ticket, "O7", decision)).toThrow(/or had it before/);
  });

  it("carries the policy's fingerprint, which changes with the policy", () => {
    const view = new HandAccount();
    const one = gateOf(policyWith({ notional_max: usd("1") }), view).policy_sha256;
    expect(one).toBe(gateOf(policyWith({ notional_max: usd("1") }), view).policy_sha256);
    expect(one).not.toBe(gateOf(policyWith({ notional_max: usd("2") }), view).policy_sha256);
  });
});

const TICKET: OrderTicket = {
  ...{ order_id: "O1", idempotency_key: "k", symbol: "AAA", side: "buy", order_type: "market", time_in_force: "DAY", qty: "10" },
  ...{ reduce_only: false, limit_price: null, stop_price: null, trail_amount: null, trail_pct: null, expire_at: null, oco: null },
  parent_id: null,
};
