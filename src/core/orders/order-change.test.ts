import { describe, expect, it } from "vitest";
import { testOrder } from "../../../test/support/order-state.js";
import { testInstrument } from "../../../test/support/run-tape.js";
import type { OrderModifyRequested } from "../engine/run-events.js";
import { unitsOf } from "../money/units.js";
import type { OrderState } from "./order.js";
import { CHANGE_OF_NOTHING, type ChangeVerdict, judgeChange } from "./order-change.js";

const units = unitsOf(testInstrument("AAA"), 2, 2);
const NOW = 1_000;

function judge(order: OrderState, change: Omit<OrderModifyRequested, "order_id">, others: readonly OrderState[] = []): ChangeVerdict {
  return judgeChange(order, { order_id: order.id, ...change }, { units, now: NOW, working: [order, ...others] });
}

/** An order that can be spread: its key and its fills are fields. */
function plain(changes: Parameters<typeof testOrder>[0]): OrderState {
  const order = testOrder(changes);
  return { ...order, key: order.key, fill_ids: order.fill_ids };
}

const limit = plain({ type: "limit", limit: 10_000 });
const stop = plain({ type: "stop", stop: 10_500 });
const stopLimit = plain({ type: "stop_limit", stop: 10_500, limit: 10_600 });
const trailing = plain({ type: "trailing_stop", side: "sell", stop: 9_500, trail: { kind: "amount", amount: 500 } });
const dated = plain({ type: "limit", limit: 10_000, tif: "GTD", expire_at: 5_000 });

describe("a change of an open order is possible", () => {
  it.each<[string, OrderState, Omit<OrderModifyRequested, "order_id">, object]>([
    ["that names nothing", limit, {}, { qty: 10, limit: 10_000, stop: null }],
    ["of its limit", limit, { limit_price: "99.5" }, { qty: 10, limit: 9_950, stop: null }],
    ["of its stop", stop, { stop_price: "106" }, { qty: 10, limit: null, stop: 10_600 }],
    ["of both prices", stopLimit, { stop_price: "106", limit_price: "107" }, { qty: 10, limit: 10_700, stop: 10_600 }],
    ["of its quantity", limit, { qty: "12" }, { qty: 12, limit: 10_000, stop: null }],
    ["of its trail by amount", trailing, { trail_amount: "4" }, { qty: 10, limit: null, stop: 9_500 }],
    ["of its trail by percentage", trailing, { trail_pct: "4" }, { qty: 10, limit: null, stop: 9_500 }],
    ["of its moment", dated, { expire_at: NOW + 1 }, { qty: 10, limit: 10_000, stop: null }],
    ["to one more than is filled", { ...limit, filled: 7 }, { qty: "8" }, { qty: 8 }],
    [
      "of the limit of one whose stop was reached",
      { ...stopLimit, triggered: true },
      { limit_price: "107" },
      { limit: 10_700, stop: 10_500 },
    ],
  ])("%s", (_, order, change, possible) => {
    expect(judge(order, change)).toMatchObject({ kind: "possible", ...possible });
  });
});

describe("a change is refused", () => {
  const reached = "its stop was reached before and stands no more";
  it.each<[string, OrderState, Omit<OrderModifyRequested, "order_id">, string, string]>([
    ["of a limit that is not there", stop, { limit_price: "99" }, "TERM_NOT_APPLICABLE", "a stop order has no limit price"],
    ["of a stop that is not there", limit, { stop_price: "99" }, "TERM_NOT_APPLICABLE", "a limit order has no stop price"],
    ["of a trail that is not there", stop, { trail_amount: "1" }, "TERM_NOT_APPLICABLE", "a stop order does not trail"],
    ["of a percentage that is not there", limit, { trail_pct: "1" }, "TERM_NOT_APPLICABLE", "a limit order does not trail"],
    [
      "of a stop that moves by itself",
      trailing,
      { stop_price: "99" },
      "TERM_NOT_APPLICABLE",
      "a trailing stop moves by itself: change its trail",
    ],
    [
      "of a moment that is not there",
      limit,
      { expire_at: NOW + 1 },
      "TERM_NOT_APPLICABLE",
      "a DAY order has no moment of its own to expire at",
    ],
    [
      "of an exit's quantity",
      { ...limit, parent: "O0" },
      { qty: "5" },
      "TERM_NOT_APPLICABLE",
      "the quantity of an exit is that of its entry",
    ],
    ["of a stop that was reached", { ...stop, triggered: true }, { stop_price: "99" }, "STOP_REACHED", reached],
    ["of a trail whose stop was reached", { ...trailing, triggered: true }, { trail_amount: "1" }, "STOP_REACHED", reached],
    ["of a percentage whose stop was reached", { ...trailing, triggered: true }, { trail_pct: "1" }, "STOP_REACHED", reached],
    ["to this very moment", dated, { expire_at: NOW }, "EXPIRE_TIME_IN_PAST", "no bar that is still to come closes before the new moment"],
    [
      "to what is filled",
      { ...limit, filled: 7 },
      { qty: "7" },
      "QTY_NOT_ABOVE_FILLED",
      "the new quantity 7 is no more than what is filled",
    ],
    ["to less than is filled", { ...limit, filled: 7 }, { qty: "6" }, "QTY_NOT_ABOVE_FILLED", "the new quantity 6 is no more"],
  ])("%s", (_, order, change, code, detail) => {
    expect(judge(order, change)).toEqual({ kind: "refused", code, detail: expect.stringContaining(detail) });
  });

  it("of an order that has ended", () => {
    expect(CHANGE_OF_NOTHING).toEqual({ kind: "refused", code: "ORDER_NOT_OPEN", detail: "the order has ended" });
  });
});

describe("in a bracket, a change is judged by the prices that it would lead to", () => {
  const entry = plain({ id: "O1", type: "limit", limit: 10_000 });
  const target = plain({ id: "O2", side: "sell", type: "limit", limit: 11_000, parent: "O1" });
  const stopLoss = plain({ id: "O3", side: "sell", type: "stop", stop: 9_000, parent: "O1" });
  const code = (order: OrderState, change: Omit<OrderModifyRequested, "order_id">, others: readonly OrderState[]): string => {
    const verdict = judge(order, change, others);
    return verdict.kind === "possible" ? "possible" : verdict.code;
  };

  it("of the entry", () => {
    expect(code(entry, { limit_price: "109.99" }, [target, stopLoss])).toBe("possible");
    expect(code(entry, { limit_price: "110" }, [target, stopLoss])).toBe("TARGET_WRONG_SIDE");
    expect(code(entry, { limit_price: "90" }, [target, stopLoss])).toBe("STOP_WRONG_SIDE");
    expect(code(entry, { limit_price: "110" }, [stopLoss])).toBe("possible");
    expect(code(entry, { limit_price: "90" }, [target])).toBe("possible");
  });

  it("of an entry by stop", () => {
    const byStop = plain({ id: "O1", type: "stop", stop: 10_000 });
    expect(code(byStop, { stop_price: "110" }, [target, stopLoss])).toBe("TARGET_WRONG_SIDE");
    expect(code(byStop, { stop_price: "109" }, [target, stopLoss])).toBe("possible");
  });

  it("of its exits", () => {
    expect(code(target, { limit_price: "100" }, [entry, stopLoss])).toBe("TARGET_WRONG_SIDE");
    expect(code(target, { limit_price: "90" }, [entry, stopLoss])).toBe("BRACKET_LEGS_CROSS");
    expect(code(stopLoss, { stop_price: "100" }, [entry, target])).toBe("STOP_WRONG_SIDE");
    expect(code(stopLoss, { stop_price: "110" }, [entry, target])).toBe("BRACKET_LEGS_CROSS");
    expect(code(stopLoss, { stop_price: "99.99" }, [entry, target])).toBe("possible");
  });

  it("of its exits among themselves, once the entry began to fill or is gone", () => {
    const filled = { ...entry, filled: 1 };
    expect(code(stopLoss, { stop_price: "105" }, [filled, target])).toBe("possible");
    expect(code(stopLoss, { stop_price: "105" }, [target])).toBe("possible");
    expect(code(stopLoss, { stop_price: "110" }, [filled, target])).toBe("BRACKET_LEGS_CROSS");
    expect(code(target, { limit_price: "80" }, [])).toBe("possible");
  });

  it("of a short entry, the other way round", () => {
    const short = plain({ id: "O1", side: "sell", type: "limit", limit: 10_000 });
    const below = { ...target, side: "buy", limit: 9_000 } as const;
    const above = { ...stopLoss, side: "buy", stop: 11_000 } as const;
    expect(code(short, { limit_price: "90" }, [below, above])).toBe("TARGET_WRONG_SIDE");
    expect(code(short, { limit_price: "110" }, [below, above])).toBe("STOP_WRONG_SIDE");
    expect(code(short, { limit_price: "100.5" }, [below, above])).toBe("possible");
  });

  it("and exits of another entry do not count", () => {
    expect(code(entry, { limit_price: "120" }, [{ ...target, parent: "O9" }])).toBe("possible");
    expect(code({ ...target, parent: null }, { limit_price: "80" }, [entry, stopLoss])).toBe("possible");
  });
});
