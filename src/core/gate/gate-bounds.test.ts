import { describe, expect, it } from "vitest";
import {
  gateOf,
  gateOrder,
  HandAccount,
  type HandInstrument,
  lossLimit,
  ofEquity,
  policyWith,
  usd,
  verdict,
} from "../../../test/support/hand-account.js";
import type { CheckCode } from "./check-codes.js";
import type { RiskLimits, TradingRules } from "./policy.js";
import type { GateOrder } from "./risk-view.js";

/** A limit with a value just below it, at it and just above it. */
interface Bound {
  readonly name: string;
  readonly code: CheckCode;
  readonly limits?: Partial<RiskLimits>;
  readonly trading?: Partial<TradingRules>;
  readonly instruments?: readonly HandInstrument[];
  readonly set: (n: number) => { readonly order?: Partial<GateOrder>; readonly account?: (view: HandAccount) => void };
  readonly below: number;
  readonly at: number;
  readonly above: number;
  /** Whether a value at the limit passes. */
  readonly atPasses: boolean;
}

const equityOf = (equity: number) => ({ account: (v: HandAccount) => v.setFigures({ equity: BigInt(equity) }) });
const many = (n: number, say: (v: HandAccount) => void) => ({
  account: (v: HandAccount) => {
    for (let i = 0; i < n; i++) say(v);
  },
});
const passedAt = (ago: number) => ({ account: (v: HandAccount) => v.flow.passed(gateOrder(), v.now - ago) });
const twoSymbols: readonly HandInstrument[] = [
  { symbol: "AAA", price: 10_000 },
  { symbol: "BBB", price: 5_000, held: -40 },
];

// Money by hand: the first symbol trades at 100.00, an order is a market order to buy 10 of it, equity is 1,000,000.00.
const bounds: readonly Bound[] = [
  {
    name: "age of the price",
    code: "STALE_PRICE",
    trading: { stale_price_seconds: 30 },
    set: (ms) => ({ account: (v) => v.marked_at.fill(v.now - ms) }),
    ...{ below: 29_999, at: 30_000, above: 30_001, atPasses: true },
  },
  {
    name: "age of the newest closed bar",
    code: "DATA_NOT_READY",
    trading: { readiness_seconds: 90 },
    set: (ms) => ({
      account: (v) => {
        v.data = { age_ms: ms, faults: [] };
      },
    }),
    ...{ below: 89_000, at: 90_000, above: 91_000, atPasses: true },
  },
  {
    name: "age of the same order",
    code: "DUPLICATE_INTENT",
    trading: { duplicate_seconds: 10 },
    set: (ms) => passedAt(10_000 - ms),
    ...{ below: -1, at: 0, above: 1, atPasses: true },
  },
  {
    name: "orders within a minute, the one in hand included",
    code: "ORDER_RATE_EXCEEDED",
    trading: { orders_per_minute: 5 },
    set: (n) => many(n - 1, (v) => v.flow.passed(gateOrder(), v.now - 59_999)),
    ...{ below: 4, at: 5, above: 6, atPasses: true },
  },
  {
    name: "cancels within a minute",
    code: "ORDER_RATE_EXCEEDED",
    trading: { cancels_per_minute: 3 },
    set: (n) => many(n, (v) => v.flow.cancelled(v.now - 1)),
    ...{ below: 2, at: 3, above: 4, atPasses: true },
  },
  {
    name: "distance of a limit price",
    code: "PRICE_COLLAR_EXCEEDED",
    trading: { price_collar: "0.05" },
    set: (limit) => ({ order: { limit } }),
    ...{ below: 10_499, at: 10_500, above: 10_501, atPasses: true },
  },
  {
    name: "distance of a stop price below the last price",
    code: "PRICE_COLLAR_EXCEEDED",
    trading: { price_collar: "0.05" },
    set: (distance) => ({ order: { side: "sell", type: "stop", stop: 10_000 - distance } }),
    ...{ below: 499, at: 500, above: 501, atPasses: true },
  },
  {
    name: "daily loss",
    code: "DAILY_LOSS_LIMIT_EXCEEDED",
    limits: { daily_loss: lossLimit(usd("1000")) },
    set: (lost) => equityOf(100_000_000 - lost),
    ...{ below: 99_999, at: 100_000, above: 100_001, atPasses: true },
  },
  {
    name: "daily loss that may not be reached",
    code: "DAILY_LOSS_LIMIT_EXCEEDED",
    limits: { daily_loss: lossLimit(ofEquity("0.05", "reaches")) },
    set: (lost) => equityOf(100_000_000 - lost),
    ...{ below: 4_999_999, at: 5_000_000, above: 5_000_001, atPasses: false },
  },
  {
    name: "drawdown from the peak",
    code: "DRAWDOWN_LIMIT_EXCEEDED",
    limits: { drawdown: lossLimit(ofEquity("0.2")) },
    set: (lost) => ({ account: (v) => v.setFigures({ peak_equity: 150_000_000n, equity: BigInt(150_000_000 - lost) }) }),
    ...{ below: 29_999_999, at: 30_000_000, above: 30_000_001, atPasses: true },
  },
  {
    name: "losses in a row",
    code: "CONSECUTIVE_LOSSES_EXCEEDED",
    limits: { consecutive_losses: { alert: null, limit: 5, kill: null } },
    set: (n) => ({ account: (v) => v.setFigures({ consecutive_losses: n }) }),
    ...{ below: 4, at: 5, above: 6, atPasses: false },
  },
  {
    name: "largest notional of an order",
    code: "NOTIONAL_ABOVE_MAXIMUM",
    limits: { notional_max: usd("1000") },
    set: (limit) => ({ order: { limit } }),
    ...{ below: 9_999, at: 10_000, above: 10_001, atPasses: true },
  },
  {
    name: "notional that an order may not reach",
    code: "MAX_RISK_PER_TRADE_EXCEEDED",
    limits: { risk_per_trade: [{ limit: { fraction: "0.01", fraction_of: "equity" }, comparison: "reaches", measure: "notional" }] },
    set: (qty) => ({ order: { qty, added: qty } }),
    ...{ below: 99, at: 100, above: 101, atPasses: false },
  },
  {
    name: "loss at the stop that an entry brings",
    code: "MAX_RISK_PER_TRADE_EXCEEDED",
    limits: { risk_per_trade: [{ limit: { amount: "20", currency: "USD" }, comparison: "exceeds", measure: "stop_distance" }] },
    set: (distance) => ({ order: { protective_stop: 10_000 - distance } }),
    ...{ below: 199, at: 200, above: 201, atPasses: true },
  },
  {
    // A tenth of an average of 100 a bar.
    name: "quantity against average volume",
    code: "FAT_FINGER_QUANTITY",
    limits: { fat_finger: [{ fraction: "0.1", bars: 10 }] },
    set: (qty) => ({ order: { qty, added: qty } }),
    ...{ below: 9, at: 10, above: 11, atPasses: true },
  },
  {
    name: "value of a position",
    code: "MAX_POSITION_PER_SYMBOL_EXCEEDED",
    limits: { position_value: usd("1500") },
    instruments: [{ symbol: "AAA", held: 5 }],
    set: (qty) => ({ order: { qty, added: qty } }),
    ...{ below: 9, at: 10, above: 11, atPasses: true },
  },
  {
    name: "quantity of a short position",
    code: "MAX_POSITION_PER_SYMBOL_EXCEEDED",
    limits: { position_qty: { qty: "100", comparison: "exceeds" } },
    instruments: [{ symbol: "AAA", held: -60 }],
    set: (qty) => ({ order: { side: "sell", qty, added: qty } }),
    ...{ below: 39, at: 40, above: 41, atPasses: true },
  },
  {
    name: "number of positions",
    code: "MAX_POSITIONS_EXCEEDED",
    limits: { open_positions: { limit: 3 } },
    instruments: ["AAA", "BBB", "CCC", "DDD"].map((symbol) => ({ symbol })),
    // Others held, and the order's own.
    set: (n) => ({
      account: (v) => {
        for (let i = 1; i < n; i++) (v.positions[i] as { qty: number }).qty = i % 2 === 0 ? 1 : -1;
      },
    }),
    ...{ below: 2, at: 3, above: 4, atPasses: true },
  },
  {
    // 40 short at 50.00 are 2,000.00.
    name: "gross exposure, shorts included",
    code: "MAX_TOTAL_EXPOSURE_EXCEEDED",
    limits: { gross_exposure: usd("3000") },
    instruments: twoSymbols,
    set: (qty) => ({ order: { qty, added: qty } }),
    ...{ below: 9, at: 10, above: 11, atPasses: true },
  },
  {
    name: "net exposure on the long side",
    code: "MAX_TOTAL_EXPOSURE_EXCEEDED",
    limits: { net_exposure: usd("3000") },
    instruments: twoSymbols,
    set: (qty) => ({ order: { qty, added: qty } }),
    ...{ below: 49, at: 50, above: 51, atPasses: true },
  },
  {
    name: "net exposure on the short side",
    code: "MAX_TOTAL_EXPOSURE_EXCEEDED",
    limits: { net_exposure: usd("3000") },
    instruments: twoSymbols,
    set: (qty) => ({ order: { side: "sell", qty, added: qty } }),
    ...{ below: 9, at: 10, above: 11, atPasses: true },
  },
  {
    name: "exposure of an asset class",
    code: "MAX_TOTAL_EXPOSURE_EXCEEDED",
    limits: { asset_class_exposure: { equity: usd("3000") } },
    instruments: [...twoSymbols, { symbol: "CCC", asset_class: "crypto", held: 1_000 }],
    set: (qty) => ({ order: { qty, added: qty } }),
    ...{ below: 9, at: 10, above: 11, atPasses: true },
  },
  {
    name: "exposure of a correlation group",
    code: "CORRELATED_EXPOSURE_EXCEEDED",
    limits: { correlation_groups: [{ name: "PAIR", symbols: ["AAA", "BBB"], limits: usd("3000") }] },
    instruments: [...twoSymbols, { symbol: "CCC", held: 1_000 }],
    set: (qty) => ({ order: { qty, added: qty } }),
    ...{ below: 9, at: 10, above: 11, atPasses: true },
  },
  {
    // The short is unprotected and counts whole, 2,000.00; the order loses 10 x its distance.
    name: "portfolio heat",
    code: "PORTFOLIO_HEAT_EXCEEDED",
    limits: { portfolio_heat: usd("2050") },
    instruments: twoSymbols,
    set: (distance) => ({ order: { protective_stop: 10_000 - distance } }),
    ...{ below: 499, at: 500, above: 501, atPasses: true },
  },
  {
    name: "means",
    code: "NEGATIVE_CASH",
    set: (short) => ({
      account: (v) => {
        v.short = BigInt(short);
      },
    }),
    ...{ below: 0, at: 0, above: 1, atPasses: true },
  },
  {
    name: "slippage of a market order",
    code: "SLIPPAGE_LIMIT_EXCEEDED",
    limits: { slippage: { fraction: "0.01" } },
    set: (slip) => ({
      account: (v) => {
        v.slip = slip;
      },
    }),
    ...{ below: 99, at: 100, above: 101, atPasses: true },
  },
  {
    name: "worst price of a limit order to sell",
    code: "SLIPPAGE_LIMIT_EXCEEDED",
    limits: { slippage: { fraction: "0.01" } },
    set: (beyond) => ({ order: { side: "sell", limit: 10_000 - beyond } }),
    ...{ below: 99, at: 100, above: 101, atPasses: true },
  },
];

describe.each(bounds)("the limit on the $name", ({ code, limits = {}, trading = {}, instruments, set, below, at, above, atPasses }) => {
  const policy = policyWith(limits, trading);
  const at_ = (n: number): string => {
    const { order, account } = set(n);
    return verdict(policy, order, account, instruments);
  };

  it("passes just below, refuses just above, and at the limit does as its comparison says", () => {
    expect(at_(below)).toBe("ok");
    expect(at_(at)).toBe(atPasses ? "ok" : code);
    expect(at_(above)).toBe(code);
  });

  it("explains the value, the limit and what would pass", () => {
    const { order, account } = set(above);
    const view = new HandAccount(instruments);
    account?.(view);
    const [told] = gateOf(policy, view).decide(gateOrder(order)).explanation ?? [];
    expect(told?.code).toBe(code);
    expect(told?.detail).toMatch(/\d/);
    expect(told?.detail).toMatch(/pass/);
  });

  it("is not asked by a policy that does not state it, unless it is never switched off", () => {
    const { order, account } = set(above);
    expect(verdict(policyWith({}), order, account, instruments)).toBe(code === "NEGATIVE_CASH" ? code : "ok");
  });
});

describe("what a seller's order is worth", () => {
  it("is never less than the market, or its stop, would pay: a low limit hides nothing", () => {
    const policy = policyWith({ notional_max: usd("1000") });
    const sell = { side: "sell", limit: 100 } as const;
    expect(verdict(policy, sell)).toBe("ok");
    expect(verdict(policy, { ...sell, qty: 11 })).toBe("NOTIONAL_ABOVE_MAXIMUM");
    const waiting = { ...sell, type: "stop_limit", stop: 9_900 } as const;
    expect(verdict(policy, { ...waiting, qty: 10 })).toBe("ok");
    expect(verdict(policy, { ...waiting, qty: 11 })).toBe("NOTIONAL_ABOVE_MAXIMUM");
    expect(verdict(policyWith({ notional_min: usd("1000") }), sell)).toBe("ok");
  });
});

describe("the smallest notional", () => {
  it("passes at and above it, and under `reaches` only above it", () => {
    for (const [comparison, atVerdict] of [
      ["exceeds", "ok"],
      ["reaches", "NOTIONAL_BELOW_MINIMUM"],
    ] as const) {
      const policy = policyWith({ notional_min: usd("1000", comparison) });
      expect(verdict(policy, { limit: 9_999 })).toBe("NOTIONAL_BELOW_MINIMUM");
      expect(verdict(policy, { limit: 10_000 })).toBe(atVerdict);
      expect(verdict(policy, { limit: 10_001 })).toBe("ok");
    }
  });
});
