import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { at, columnsOf, DAY_START, flatMinutes, onMinutes, type PlainEvent, runEngine } from "../../../test/support/engine-fixture.js";
import { amount, policyOf } from "../../../test/support/risk-runs.js";
import { externalKey, legacyExternalKey } from "../orders/idempotency-key.js";
import { ORDER_COLUMNS, orderCsv } from "../orders/order-csv.js";
import { ApprovedOrdersFold } from "./approved-orders.js";

const AAA = columnsOf("AAA", flatMinutes([100, 100, 101, 100]));

function exported(events: readonly PlainEvent[]): ReturnType<ApprovedOrdersFold["finish"]> {
  const fold = new ApprovedOrdersFold({
    run_id: "r1",
    strategy: { name: "hand", version: "1.0.0" },
    source: "backtest",
    calendars: new Map([["AAA", "24/7"]]),
  });
  for (const event of events) fold.apply(event);
  return fold.finish();
}

it("goes from a bar to an exported order: the close of a bar, a signal, an approval, a row of eighteen columns", () => {
  const { events } = runEngine({
    instruments: [{ columns: AAA }],
    strategy: {
      onBar: onMinutes({ 2: (ctx) => ctx.enterLong({ qty: 3, type: "limit", limit: 99.5, tif: "GTC", oco: "pair" }) }),
    },
  });
  const { orders, denied } = exported(events);
  expect(denied).toBe(0);
  expect(ORDER_COLUMNS.length).toBe(18);
  // The day's session of a market that never closes ends at midnight UTC; an order that is good till cancelled has no end.
  const key = `hand:AAA:buy:${at(2)}:1`;
  expect(orderCsv(orders)).toBe(
    `${ORDER_COLUMNS.join(",")}\nO1,${key},pair,r1,AAA,BUY,3,99.5,,,2024-01-02T00:02:00Z,,2024-01-02,GTC,backtest,hand,1.0.0,2024-01-02T00:02:00Z\n`,
  );
  const kinds = events.map((e) => e.type).filter((type) => /^(signal|order|risk)/.test(type));
  expect(kinds.slice(0, 3)).toEqual(["signal.emitted", "order.created", "risk.decided"]);
});

it("leaves out what the gate refused, and counts it", () => {
  const { events } = runEngine({
    instruments: [{ columns: AAA }],
    strategy: { onBar: onMinutes({ 1: (ctx) => ctx.enterLong({ qty: 5 }), 2: (ctx) => ctx.enterLong({ qty: 50 }) }) },
    risk: policyOf({ notional_max: amount("1000") }),
  });
  const { orders, denied } = exported(events);
  expect([orders.map(({ qty }) => qty), denied]).toEqual([["5"], 1]);
});

it("writes the exits of an entry as orders of their own, tied by the entry, with the end of their day", () => {
  const { events } = runEngine({
    instruments: [{ columns: AAA }],
    strategy: { onBar: onMinutes({ 1: (ctx) => ctx.enterLong({ qty: 5, stop_loss: 95, take_profit: 110, tif: "DAY" }) }) },
  });
  const rows = exported(events).orders.map((o) => [o.order_id, o.oco_id, o.side, o.limit_price, o.stop_price, o.take_profit_price]);
  expect(rows).toEqual([
    ["O1", null, "BUY", null, null, null],
    ["O2", "O1", "SELL", null, "95", null],
    ["O3", "O1", "SELL", "110", null, "110"],
  ]);
  expect(exported(events).orders[0]?.valid_to).toBe(DAY_START + 86_400_000);
});

it("the same signal twice is one order, two bars are two, and the external keys have their golden values", () => {
  const signal = { qty: 1, external_id: "desk-4711" } as const;
  const { events } = runEngine({
    instruments: [{ columns: AAA }],
    strategy: {
      onBar: onMinutes({
        1: (ctx) => ctx.enterLong(signal),
        2: (ctx) => ctx.enterLong(signal),
        3: (ctx) => ctx.enterLong({ qty: 1 }),
        4: (ctx) => ctx.enterLong({ qty: 1 }),
      }),
    },
  });
  const keys = exported(events).orders.map(({ idempotency_key }) => idempotency_key);
  expect(keys).toEqual(["desk-4711", `hand:AAA:buy:${at(3)}:1`, `hand:AAA:buy:${at(4)}:1`]);
  // Golden keys of the recipe's original: order files made elsewhere hold them.
  const sha1 = (text: string): string => createHash("sha1").update(text).digest("hex");
  const wish = { run_id: "r1", strategy: "inside_bar", strategy_version: "1.0.0", symbol: "AAPL", side: "BUY" } as const;
  expect(legacyExternalKey({ ...wish, qualifier: "" }, sha1)).toBe("62fe476f1b746a77");
  expect(externalKey({ ...wish, qualifier: "AAPL_20250102_150000" }, sha1)).toBe("f7ee2938e54aa4d3");
});
