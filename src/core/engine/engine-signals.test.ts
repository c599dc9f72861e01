import { describe, expect, it } from "vitest";
import {
  columnsOf,
  type FixtureRun,
  flatMinutes,
  ofType,
  onMinutes,
  outline,
  type PlainEvent,
  runEngine,
} from "../../../test/support/engine-fixture.js";

const rising = flatMinutes([100, 101, 102, 103, 104, 105]);

function run(actions: Parameters<typeof onMinutes>[0], more: Partial<FixtureRun> = {}): readonly PlainEvent[] {
  return runEngine({ instruments: [{ columns: columnsOf("AAA", rising) }], strategy: { onBar: onMinutes(actions) }, ...more }).events;
}

function fills(events: readonly PlainEvent[]): readonly string[] {
  return ofType(events, "order.filled").map((e) => `${e.payload.side} ${e.payload.qty}@${e.payload.price}`);
}

describe("exits", () => {
  it("take the whole position, entries still on their way included", () => {
    const events = run({
      1: (ctx) => ctx.enterLong({ qty: 4 }),
      2: (ctx) => {
        ctx.enterLong({ qty: 3 });
        ctx.exitLong();
      },
    });
    expect(fills(events)).toEqual(["buy 4@101", "buy 3@102", "sell 7@102"]);
  });

  it("without a position, of nothing, or of more than is held, are declined with the reason", () => {
    const events = run({
      1: (ctx) => {
        ctx.exitLong();
        ctx.exitShort();
        ctx.enterLong({ qty: 2 });
      },
      3: (ctx) => {
        ctx.exitLong({ qty: 3 });
        ctx.exitLong({ qty: 0 });
        ctx.exitShort();
      },
    });
    expect(ofType(events, "signal.declined").map((e) => e.payload.code)).toEqual([
      "NO_POSITION",
      "NO_POSITION",
      "QTY_EXCEEDS_POSITION",
      "BAD_QUANTITY",
      "NO_POSITION",
    ]);
  });
});

describe("what a strategy may ask for", () => {
  it("a hold is recorded and trades nothing", () => {
    expect(outline(run({ 1: (ctx) => ctx.hold({ metadata: { why: "flat" } }) }))).toEqual(["1 signal.emitted"]);
  });

  it("a zero quantity, or one below a lot, is declined", () => {
    const events = run({
      1: (ctx) => {
        ctx.enterLong({ qty: 0 });
        ctx.enterLong({ qty: "0" });
        ctx.enterLong({ qty: 0.99 });
      },
    });
    expect(ofType(events, "signal.declined").map((e) => e.payload.code)).toEqual(["BAD_QUANTITY", "BAD_QUANTITY", "BAD_QUANTITY"]);
    expect(ofType(events, "order.created")).toEqual([]);
  });

  it("numbers become exact: floored to the lot, rounded half-even to the tick", () => {
    const events = run({ 1: (ctx) => ctx.enterLong({ qty: 2.9, type: "limit", limit: 90.125 }) });
    expect(ofType(events, "order.created")[0]?.payload).toMatchObject({ qty: "2", limit_price: "90.12" });
  });

  it("text is taken as it stands, and refused by the gate beside tick or lot", () => {
    const events = run(
      {
        1: (ctx) => {
          ctx.enterLong({ qty: "3", type: "limit", limit: "90.1" });
          ctx.enterLong({ qty: "5", type: "limit", limit: "90.05" });
        },
      },
      { instruments: [{ columns: columnsOf("AAA", rising), instrument: { price_tick: "0.1", lot_step: "5", min_qty: "5" } }] },
    );
    expect(ofType(events, "risk.decided").map((e) => e.payload.code)).toEqual(["LOT_MISMATCH", "TICK_MISMATCH"]);
  });
});
