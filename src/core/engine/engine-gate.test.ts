/** The gate under a policy as a run meets it. Bars are flat minutes; market orders fill at the next open. */
import { describe, expect, it } from "vitest";
import { barColumns } from "../../../test/support/bar-columns.js";
import {
  at,
  columnsOf,
  type FixtureRun,
  flatMinutes,
  ofType,
  onMinutes,
  outline,
  runEngine,
} from "../../../test/support/engine-fixture.js";
import { oneSymbol, verdicts } from "../../../test/support/gated-run.js";
import { lossLimit, policyWith, usd } from "../../../test/support/hand-account.js";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import { policyFingerprint } from "../gate/policy-fingerprint.js";

describe("a run under a policy", () => {
  it("names the policy's fingerprint in every decision, and how much of the tightest limit is used", () => {
    const policy = policyWith({ gross_exposure: usd("4000"), notional_max: usd("2000") });
    const { events } = runEngine(oneSymbol([100, 100, 100], policy, { 1: (ctx) => ctx.enterLong({ qty: 10 }) }));
    const [decided] = ofType(events, "risk.decided");
    expect(decided?.payload).toEqual({
      order_id: "O1",
      decision: "approved",
      policy_sha256: policyFingerprint(policy, sha256),
      checks: 2 ** 10 - 1,
      utilisation: { code: "NOTIONAL_ABOVE_MAXIMUM", fraction: "0.5" },
    });
    expect(ofType(events, "order.filled")).toHaveLength(1);
  });

  it("records a refusal with its explanation and sends nothing", () => {
    const policy = policyWith({ notional_max: usd("999.99") });
    const { events } = runEngine(oneSymbol([100, 100], policy, { 1: (ctx) => ctx.enterLong({ qty: 10 }) }));
    expect(outline(events)).toEqual(["1 signal.emitted", "1 order.created", "1 risk.decided"]);
    expect(ofType(events, "risk.decided")[0]?.payload).toMatchObject({
      decision: "denied",
      code: "NOTIONAL_ABOVE_MAXIMUM",
      explanation: [{ code: "NOTIONAL_ABOVE_MAXIMUM", detail: "notional 1000 USD exceeds the limit of 999.99 USD; at most that passes" }],
    });
  });

  it("refuses the sixth order within a minute", () => {
    const six = (ctx: { enterLong(): void }): void => {
      for (let n = 0; n < 6; n++) ctx.enterLong();
    };
    const policy = policyWith({}, { orders_per_minute: 5 });
    expect(verdicts(oneSymbol([100, 100, 100], policy, { 1: six }))).toEqual(["ok", "ok", "ok", "ok", "ok", "ORDER_RATE_EXCEEDED"]);
    // A minute later the first five are a minute old.
    expect(verdicts(oneSymbol([100, 100, 100], policy, { 1: six, 2: (ctx) => ctx.enterLong() })).at(-1)).toBe("ok");
  });

  it("refuses a symbol on the blacklist and orders outside the calendar's hours", () => {
    expect(verdicts(oneSymbol([100, 100], policyWith({}, { blacklist: ["AAA"] }), { 1: (ctx) => ctx.enterLong() }))).toEqual([
      "SYMBOL_BLACKLISTED",
    ]);
    // New York opens at 14:30 UTC; bars of the minutes before belong to extended hours.
    const open = 14 * 60 + 30;
    const bars = flatMinutes([100, 100, 100, 100], open - 1);
    const run: FixtureRun = {
      instruments: [{ columns: columnsOf("AAA", bars), instrument: { calendar: "XNYS" } }],
      strategy: {
        meta: { session: "all" },
        onBar: onMinutes({ [open]: (ctx) => ctx.enterLong(), [open + 1]: (ctx) => ctx.enterLong() }),
      },
      risk: policyWith({}, { hours_only: true }),
    };
    expect(verdicts(run)).toEqual(["OUTSIDE_TRADING_HOURS", "ok"]);
  });

  it("trades on a newest bar of 89 and of 90 seconds and is blocked at 91", () => {
    // AAA's last bar closes at second 60; BBB's bars, on which the order for AAA is decided, at 149, 150 and 151.
    const policy = policyWith({}, { readiness_seconds: 90 });
    const seconds = (symbol: string, times: readonly number[]) =>
      barColumns(
        times.map((s) => [at(0) + s * 1000, 10_000, 10_000, 10_000, 10_000, 1] as const),
        { symbol },
      );
    const run: FixtureRun = {
      instruments: [{ columns: seconds("AAA", [60]) }, { columns: seconds("BBB", [60, 149, 150, 151]) }],
      strategy: {
        onBar: (bar, ctx) => {
          if (bar.symbol === "BBB" && bar.ts > at(1)) ctx.enterLong({ symbol: "AAA" });
        },
      },
      risk: policy,
    };
    const { events } = runEngine(run);
    const decided = ofType(events, "risk.decided");
    expect(decided.map(({ occurred_at, payload }) => [(occurred_at - at(1)) / 1000, payload.code ?? "ok"])).toEqual([
      [89, "ok"],
      [90, "ok"],
      [91, "DATA_NOT_READY"],
    ]);
    expect(decided[2]?.payload.explanation?.[0]?.detail).toBe("the newest closed bar is 91 s old, the limit is 90 s; at most that passes");
  });

  it("uses actual prices for exposure; an exit passes while entries are refused", () => {
    const policy = policyWith({ gross_exposure: usd("5000") });
    const run = oneSymbol([100, 100, 600, 600, 600], policy, {
      1: (ctx) => ctx.enterLong({ qty: 10 }),
      // The holding is worth 6,000.00 now.
      3: (ctx) => {
        ctx.enterLong({ qty: 1 });
        ctx.exitLong();
      },
    });
    const { events } = runEngine(run);
    expect(ofType(events, "risk.decided").map(({ payload }) => payload.code ?? "ok")).toEqual(["ok", "MAX_TOTAL_EXPOSURE_EXCEEDED", "ok"]);
    expect(ofType(events, "order.filled").map(({ payload }) => `${payload.side} ${payload.qty}`)).toEqual(["buy 10", "sell 10"]);
  });

  it("counts what works already: two orders that fit one by one do not fit together", () => {
    const policy = policyWith({ position_qty: { qty: "15", comparison: "exceeds" } });
    const twice = (ctx: { enterLong(options: { qty: number; type: "limit"; limit: number; tif: "GTC" }): void }): void => {
      ctx.enterLong({ qty: 10, type: "limit", limit: 50, tif: "GTC" });
      ctx.enterLong({ qty: 6, type: "limit", limit: 50, tif: "GTC" });
      ctx.enterLong({ qty: 5, type: "limit", limit: 50, tif: "GTC" });
    };
    expect(verdicts(oneSymbol([100, 100], policy, { 1: twice }))).toEqual(["ok", "MAX_POSITION_PER_SYMBOL_EXCEEDED", "ok"]);
  });

  it("counts an approved change while it is on its way", () => {
    const policy = policyWith({ position_qty: { qty: "20", comparison: "exceeds" } });
    const run = oneSymbol(
      [100, 100, 100, 100, 100, 100],
      policy,
      {
        1: (ctx) => ctx.enterLong({ qty: 5, type: "limit", limit: 50, tif: "GTC" }),
        4: (ctx) => {
          ctx.modify("O1", { qty: 15 });
          ctx.enterLong({ qty: 6, type: "limit", limit: 50, tif: "GTC" });
        },
        6: (ctx) => ctx.enterLong({ qty: 6, type: "limit", limit: 50, tif: "GTC" }),
      },
      { execution: { latency_bars: 1 } },
    );
    expect(verdicts(run)).toEqual(["ok", "ok", "MAX_POSITION_PER_SYMBOL_EXCEEDED", "MAX_POSITION_PER_SYMBOL_EXCEEDED"]);
    const { engine } = runEngine(run);
    expect(engine.state.pending.buys[0]).toBe(15);
  });

  it("refuses a change of an order that would break a limit, and leaves the order as it was", () => {
    const policy = policyWith({ position_qty: { qty: "10", comparison: "exceeds" } });
    const run = oneSymbol([100, 100, 100], policy, {
      1: (ctx) => ctx.enterLong({ qty: 10, type: "limit", limit: 50, tif: "GTC" }),
      2: (ctx) => ctx.modify("O1", { qty: 11 }),
    });
    const { events, engine } = runEngine(run);
    expect(ofType(events, "order.modify_rejected")[0]?.payload).toMatchObject({ code: "MAX_POSITION_PER_SYMBOL_EXCEEDED" });
    expect(engine.state.find("O1")?.qty).toBe(10);
  });

  it("refuses the same order again within the window, and not after it", () => {
    const policy = policyWith({}, { duplicate_seconds: 60 });
    const run = oneSymbol([100, 100, 100], policy, {
      1: (ctx) => {
        ctx.enterLong({ qty: 1 });
        ctx.enterLong({ qty: 1 });
        ctx.enterLong({ qty: 2 });
      },
      2: (ctx) => ctx.enterLong({ qty: 1 }),
    });
    expect(verdicts(run)).toEqual(["ok", "DUPLICATE_INTENT", "ok", "ok"]);
  });

  it("does not take an exit and an entry on its side for the same order", () => {
    const run = oneSymbol([100, 100, 100, 100], policyWith({}, { duplicate_seconds: 60 }), {
      1: (ctx) => ctx.enterLong({ qty: 1 }),
      3: (ctx) => {
        ctx.exitLong();
        ctx.enterShort({ qty: 1 });
      },
    });
    expect(verdicts(run)).toEqual(["ok", "ok", "ok"]);
  });

  it("measures an entry's risk at the stop that it brings", () => {
    const policy = policyWith({
      risk_per_trade: [{ limit: { amount: "50", currency: "base" }, comparison: "exceeds", measure: "stop_distance" }],
    });
    const run = oneSymbol([100, 100], policy, {
      1: (ctx) => {
        ctx.enterLong({ qty: 10, stop_loss: 95 });
        ctx.enterLong({ qty: 10, stop_loss: 94.99 });
        ctx.enterLong({ qty: 10 });
      },
    });
    // The first entry's exit is decided on with it.
    expect(verdicts(run)).toEqual(["ok", "ok", "MAX_RISK_PER_TRADE_EXCEEDED", "MAX_RISK_PER_TRADE_EXCEEDED"]);
  });

  it("lets a bracket's exits rest beside their entry, and refuses an order that would meet them", () => {
    const policy = policyWith({}, { refuse_self_cross: true });
    const run = oneSymbol([100, 100, 100, 100], policy, {
      1: (ctx) => ctx.enterLong({ qty: 10, take_profit: 101, stop_loss: 95 }),
      3: (ctx) => {
        ctx.enterLong({ qty: 1, type: "limit", limit: 101 });
        ctx.enterLong({ qty: 1, type: "limit", limit: 100.99 });
      },
    });
    expect(verdicts(run)).toEqual(["ok", "ok", "ok", "SELF_CROSS", "ok"]);
  });
});

describe("pre-trade numbers: 10,000 a trade, 5,000 exposure, 2,000 a day, 1,000 held, 10,000 cash", () => {
  const policy = policyWith({
    risk_per_trade: [{ limit: { amount: "10000", currency: "USD" }, comparison: "exceeds", measure: "notional" }],
    gross_exposure: usd("5000"),
    daily_loss: lossLimit(usd("2000")),
  });
  /** Holds BBB worth 1,000.00 of 11,000.00, then wants AAA. */
  const wants = (qty: number, price: number, more: Partial<FixtureRun> = {}): readonly string[] => {
    const bars = flatMinutes([price, price, price, price]);
    return verdicts({
      instruments: [{ columns: columnsOf("AAA", bars) }, { columns: columnsOf("BBB", flatMinutes([1000, 1000, 1000, 1000])) }],
      strategy: {
        onBar: (bar, ctx) => {
          if (bar.symbol === "BBB" && bar.ts === at(1)) ctx.enterLong({ qty: 1 });
          if (bar.symbol === "AAA" && bar.ts === at(3)) ctx.enterLong({ qty });
        },
      },
      cash: "11000",
      risk: policy,
      ...more,
    }).slice(1);
  };

  it("1 at 500 passes, 1 at 20,000 risks too much, 10 at 500 exposes too much", () => {
    expect(wants(1, 500)).toEqual(["ok"]);
    expect(wants(1, 20_000)).toEqual(["MAX_RISK_PER_TRADE_EXCEEDED"]);
    expect(wants(10, 500)).toEqual(["MAX_TOTAL_EXPOSURE_EXCEEDED"]);
  });

  it("200 with 100 of cash is refused for means", () => {
    expect(wants(1, 200, { cash: "1100" })).toEqual(["NEGATIVE_CASH"]);
    expect(wants(1, 100, { cash: "1100" })).toEqual(["ok"]);
  });

  it("a loss of 3,000 on the day is refused, and one at the limit passes", () => {
    const fallen = (to: number): readonly string[] =>
      verdicts(
        oneSymbol([5000, 5000, to, to, to], policyWith({ daily_loss: lossLimit(usd("2000")) }), {
          1: (ctx) => ctx.enterLong({ qty: 1 }),
          3: (ctx) => ctx.enterLong({ qty: 1 }),
        }),
      );
    expect(fallen(2000)).toEqual(["ok", "DAILY_LOSS_LIMIT_EXCEEDED"]);
    expect(fallen(3000)).toEqual(["ok", "ok"]);
    expect(fallen(2999.99)).toEqual(["ok", "DAILY_LOSS_LIMIT_EXCEEDED"]);
  });
});

describe("correlation: energy may be 200,000", () => {
  const policy = policyWith({
    correlation_groups: [
      { name: "ENERGY", symbols: ["BR", "NG"], limits: usd("200000") },
      { name: "FX_ENERGY", symbols: ["BR", "NG", "USDRUB"], limits: usd("200000") },
    ],
  });
  const then = (symbol: string, qty: number): ReturnType<typeof runEngine> => {
    const flat = (name: string) => ({ columns: columnsOf(name, flatMinutes([1000, 1000, 1000, 1000])) });
    return runEngine({
      instruments: [flat("BR"), flat("NG"), flat("SI")],
      strategy: {
        onBar: (bar, ctx) => {
          if (bar.symbol === "NG" && bar.ts === at(1)) ctx.enterLong({ qty: 150 });
          if (bar.symbol === symbol && bar.ts === at(3)) ctx.enterLong({ qty });
        },
      },
      cash: "1000000",
      risk: policy,
    });
  };
  const said = (symbol: string, qty: number): string | undefined => ofType(then(symbol, qty).events, "risk.decided")[1]?.payload.code;

  it("150,000 of NG and 60,000 of BR is refused, on the tape, once for each group; 50,000 passes", () => {
    const [, decided] = ofType(then("BR", 60).events, "risk.decided");
    expect(decided?.payload.code).toBe("CORRELATED_EXPOSURE_EXCEEDED");
    expect(decided?.payload.explanation?.map((e) => /exposure in group (\w+) (\d+)/.exec(e.detail)?.slice(1))).toEqual([
      ["ENERGY", "210000"],
      ["FX_ENERGY", "210000"],
    ]);
    expect(said("BR", 50)).toBeUndefined();
  });

  it("a symbol outside the groups passes", () => {
    expect(said("SI", 60)).toBeUndefined();
  });
});
