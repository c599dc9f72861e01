import { describe, expect, it } from "vitest";
import { gateOf, gateOrder, HandAccount, type HandInstrument, policyWith, usd, verdict } from "../../../test/support/hand-account.js";
import type { RiskPolicy } from "./policy.js";

describe("the projection", () => {
  const policy = policyWith({ position_qty: { qty: "100", comparison: "exceeds" } });
  const held = (qty: number): readonly HandInstrument[] => [{ symbol: "AAA", held: qty }];

  it("counts every open order in the order that is worst", () => {
    const buying = (qty: number) => (v: HandAccount) => {
      v.open(0, "buy", qty);
      v.open(0, "sell", 1_000_000, { reduce_only: true });
    };
    expect(verdict(policy, {}, buying(40), held(50))).toBe("ok");
    expect(verdict(policy, {}, buying(41), held(50))).toBe("MAX_POSITION_PER_SYMBOL_EXCEEDED");
    // Sales may not fill before the purchase.
    const selling = (v: HandAccount): void => void v.open(0, "sell", 50);
    expect(verdict(policy, { qty: 60 }, selling, held(50))).toBe("MAX_POSITION_PER_SYMBOL_EXCEEDED");
    // An exit may, and then the sale opens the whole of a short.
    const exiting = (v: HandAccount): void => void v.open(0, "sell", 50, { reduce_only: true });
    expect(verdict(policy, { side: "sell", qty: 120 }, undefined, held(50))).toBe("ok");
    expect(verdict(policy, { side: "sell", qty: 120 }, exiting, held(50))).toBe("MAX_POSITION_PER_SYMBOL_EXCEEDED");
  });

  it("counts the quantity that a change adds once", () => {
    const grown = { subject: "modification", qty: 100, added: 10 } as const;
    const open = (qty: number) => (v: HandAccount) => void v.open(0, "buy", qty);
    expect(verdict(policy, grown, open(90))).toBe("ok");
    expect(verdict(policy, grown, open(91))).toBe("MAX_POSITION_PER_SYMBOL_EXCEEDED");
  });

  it("values an instrument at the dearest price at which an open order may add to it, once that is above the market", () => {
    const gross = policyWith({ gross_exposure: usd("9000") });
    const two: readonly HandInstrument[] = [{ symbol: "AAA" }, { symbol: "BBB" }];
    // 50 at 150.00 come to 7,500.00 when the stop is reached, and 5,000.00 at the newest close.
    const waiting = (v: HandAccount): void => void v.open(1, "buy", 50, { stop: 15_000 });
    expect(verdict(gross, { qty: 15 }, waiting, two)).toBe("ok");
    expect(verdict(gross, { qty: 16 }, waiting, two)).toBe("MAX_TOTAL_EXPOSURE_EXCEEDED");
    // A short is worth what it is sold at; below the market the close is more, and an exit adds nothing.
    const selling = (v: HandAccount): void => void v.open(1, "sell", 50, { limit: 15_000 });
    expect(verdict(gross, { qty: 16 }, selling, two)).toBe("MAX_TOTAL_EXPOSURE_EXCEEDED");
    const below = (v: HandAccount): void => void v.open(1, "buy", 50, { limit: 5_000 });
    expect(verdict(gross, { qty: 40 }, below, two)).toBe("ok");
    expect(verdict(gross, { qty: 41 }, below, two)).toBe("MAX_TOTAL_EXPOSURE_EXCEEDED");
    const exit = (v: HandAccount): void => void v.open(1, "sell", 50, { limit: 15_000, reduce_only: true });
    expect(verdict(gross, { qty: 40 }, exit, [{ symbol: "AAA" }, { symbol: "BBB", held: 50 }])).toBe("ok");
  });

  it("counts a stop that moved, and no more an order that has gone", () => {
    const view = new HandAccount([{ symbol: "AAA" }, { symbol: "BBB" }]);
    const gate = gateOf(policyWith({ gross_exposure: usd("9000") }), view);
    const says = (): string => gate.decide(gateOrder({ qty: 15 })).decision;
    const order = view.open(1, "buy", 50, { stop: 15_000 });
    expect(says()).toBe("approved");
    order.stop = 15_001;
    view.pending.moved(1);
    expect(says()).toBe("denied");
    view.orders[1] = [];
    view.pending.shift(order, -50);
    expect(says()).toBe("approved");
  });

  it("follows prices, fills and ends of orders", () => {
    const view = new HandAccount([{ symbol: "AAA" }, { symbol: "BBB", held: 10 }]);
    const gate = gateOf(policyWith({ gross_exposure: usd("3000") }), view);
    const says = (): string => gate.decide(gateOrder()).decision;
    expect(says()).toBe("approved");
    view.hold(1, 20_001, 10);
    expect(says()).toBe("denied");
    view.hold(1, 20_000, 10);
    expect(says()).toBe("approved");
    const order = view.open(1, "buy", 1);
    expect(says()).toBe("denied");
    view.pending.shift(order, -1);
    expect(says()).toBe("approved");
    view.hold(1, 20_000, -11);
    expect(says()).toBe("denied");
  });

  it("lets an over-exposed account reduce and not add", () => {
    const small = policyWith({ gross_exposure: usd("1"), position_value: usd("1"), net_exposure: usd("1"), portfolio_heat: usd("1") });
    expect(verdict(small, { side: "sell", reduce_only: true }, undefined, held(50))).toBe("ok");
    expect(verdict(small, { side: "sell", qty: 50 }, undefined, held(50))).toBe("MAX_POSITION_PER_SYMBOL_EXCEEDED");
    expect(verdict(small, { qty: 1 }, undefined, held(50))).toBe("MAX_POSITION_PER_SYMBOL_EXCEEDED");
  });
});

describe("portfolio heat", () => {
  const heat = (amount: string): RiskPolicy => policyWith({ portfolio_heat: usd(amount) });
  const holding: readonly HandInstrument[] = [{ symbol: "AAA" }, { symbol: "BBB", held: 10, price: 10_000 }];

  it("counts what a position loses at its stops, and without a stop its whole value", () => {
    // The order is worth 1,000.00 and brings no stop.
    const stopAt =
      (stop: number, qty = 10) =>
      (v: HandAccount) =>
        void v.open(1, "sell", qty, { stop, reduce_only: true });
    expect(verdict(heat("2000"), {}, undefined, holding)).toBe("ok");
    expect(verdict(heat("1999.99"), {}, undefined, holding)).toBe("PORTFOLIO_HEAT_EXCEEDED");
    expect(verdict(heat("1050"), {}, stopAt(9_500), holding)).toBe("ok");
    expect(verdict(heat("1049.99"), {}, stopAt(9_500), holding)).toBe("PORTFOLIO_HEAT_EXCEEDED");
    // Four of ten are covered: 600.00 and 4 x 5.00.
    expect(verdict(heat("1620"), {}, stopAt(9_500, 4), holding)).toBe("ok");
    expect(verdict(heat("1619.99"), {}, stopAt(9_500, 4), holding)).toBe("PORTFOLIO_HEAT_EXCEEDED");
    // A stop beyond the price loses nothing.
    expect(verdict(heat("1000"), {}, stopAt(10_500), holding)).toBe("ok");
  });

  it("follows a stop that moves", () => {
    const view = new HandAccount(holding);
    const stop = view.open(1, "sell", 10, { stop: 9_000, reduce_only: true });
    const gate = gateOf(heat("1050"), view);
    expect(gate.decide(gateOrder())).toMatchObject({ code: "PORTFOLIO_HEAT_EXCEEDED" });
    stop.stop = 9_500;
    view.pending.moved(1);
    expect(gate.decide(gateOrder())).toMatchObject({ decision: "approved" });
  });
});
