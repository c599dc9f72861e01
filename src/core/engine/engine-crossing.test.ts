/** Orders that would turn a position over, under each of the ways that a policy has for them. */
import { describe, expect, it } from "vitest";
import { at, type FixtureRun, ofType, runEngine } from "../../../test/support/engine-fixture.js";
import { oneSymbol, verdicts } from "../../../test/support/gated-run.js";
import { policyWith, usd } from "../../../test/support/hand-account.js";

describe("an order that would turn a position over", () => {
  const reverse = {
    1: (ctx: { enterLong(o: object): void }) => ctx.enterLong({ qty: 10 }),
    3: (ctx: { enterShort(o: object): void }) => ctx.enterShort({ qty: 15 }),
  };
  const orders = (crossing: "allow" | "split" | "refuse", more: Partial<FixtureRun> = {}) =>
    runEngine(oneSymbol([100, 100, 100, 100, 100], policyWith({}, { crossing }), reverse, more));

  it("is made as a close and an opening, each with its key and its decision, where the policy splits", () => {
    const { events, engine } = orders("split");
    const created = ofType(events, "order.created").slice(1);
    expect(created.map(({ payload }) => [payload.order_id, payload.qty, payload.reduce_only, payload.idempotency_key])).toEqual([
      ["O2", "10", true, `hand:AAA:sell:${at(3)}:1:closing_part`],
      ["O3", "5", false, `hand:AAA:sell:${at(3)}:1`],
    ]);
    expect(ofType(events, "risk.decided").map(({ payload }) => `${payload.order_id} ${payload.decision}`)).toEqual([
      "O1 approved",
      "O2 approved",
      "O3 approved",
    ]);
    expect(engine.state.position(0).qty).toBe(-5);
  });

  it("closes in spite of a limit that refuses the opening part", () => {
    const policy = policyWith({ gross_exposure: usd("1000") }, { crossing: "split", blacklist: [] });
    const { events, engine } = runEngine(oneSymbol([100, 100, 300, 300, 300], policy, reverse));
    expect(ofType(events, "risk.decided").map(({ payload }) => payload.code ?? "ok")).toEqual(["ok", "ok", "MAX_TOTAL_EXPOSURE_EXCEEDED"]);
    expect(engine.state.position(0).qty).toBe(0);
  });

  it("is one order where the policy allows it, judged as the entry that it is, and none where it refuses", () => {
    expect(orders("allow").engine.state.position(0).qty).toBe(-5);
    expect(ofType(orders("allow").events, "order.created")).toHaveLength(2);
    const refused = orders("refuse");
    expect(ofType(refused.events, "risk.decided").at(-1)?.payload).toMatchObject({ code: "POSITION_SIGN_FLIP_WITHOUT_CLOSE" });
    expect(refused.engine.state.position(0).qty).toBe(10);
    const frozen = oneSymbol([100, 100, 300, 300], policyWith({ gross_exposure: usd("1000") }), reverse);
    expect(verdicts(frozen)).toEqual(["ok", "MAX_TOTAL_EXPOSURE_EXCEEDED"]);
  });

  it("knows the whole of a split order by its key again", () => {
    const again = { qty: 15, external_id: "reverse-0001" };
    const policy = policyWith({}, { crossing: "split" });
    const run = oneSymbol([100, 100, 100, 100, 100, 100], policy, {
      1: (ctx) => ctx.enterLong({ qty: 10 }),
      3: (ctx) => ctx.enterShort(again),
      5: (ctx) => {
        ctx.enterShort(again);
        ctx.enterShort({ ...again, qty: 5 });
      },
    });
    const { events } = runEngine(run);
    expect(
      ofType(events, "order.created")
        .map(({ payload }) => payload.idempotency_key)
        .slice(1),
    ).toEqual(["reverse-0001:closing_part", "reverse-0001"]);
    expect(ofType(events, "signal.declined").map(({ payload }) => payload.code)).toEqual(["DUPLICATE_INTENT", "IDEMPOTENCY_CONFLICT"]);
  });

  it("is declined in a group, whose orders end each other", () => {
    const run = oneSymbol([100, 100, 100, 100], policyWith({}, { crossing: "split" }), {
      1: (ctx) => ctx.enterLong({ qty: 10 }),
      3: (ctx) => ctx.enterShort({ qty: 15, oco: "pair" }),
    });
    expect(ofType(runEngine(run).events, "signal.declined")[0]?.payload.code).toBe("CROSSING_IN_GROUP");
  });

  it("leaves its brackets with the part that opens", () => {
    const run = oneSymbol([100, 100, 100, 100, 100], policyWith({}, { crossing: "split" }), {
      1: (ctx) => ctx.enterLong({ qty: 10 }),
      3: (ctx) => ctx.enterShort({ qty: 15, stop_loss: 110 }),
    });
    const stop = ofType(runEngine(run).events, "order.created").at(-1);
    expect(stop?.payload).toMatchObject({ parent_id: "O3", qty: "5", side: "buy" });
  });
});
