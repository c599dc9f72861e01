/** Orders of a run whose account may not enter any more. Bars are flat minutes; market orders fill at the next open. */
import { describe, expect, it } from "vitest";
import { type Handlers, ofType, type PlainEvent, runEngine } from "../../../test/support/engine-fixture.js";
import { oneSymbol, verdicts } from "../../../test/support/gated-run.js";
import { lossLimit, policyWith, usd } from "../../../test/support/hand-account.js";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import type { RiskPolicy } from "../gate/policy.js";
import { policyFingerprint } from "../gate/policy-fingerprint.js";

type Ctx = Parameters<NonNullable<Handlers["onBar"]>>[1];

const GTC = { tif: "GTC" } as const;
const fills = (events: readonly PlainEvent[]): readonly string[] =>
  ofType(events, "order.filled").map(({ payload }) => `${payload.side} ${payload.qty}`);
const declined = (events: readonly PlainEvent[]): readonly string[] => ofType(events, "signal.declined").map(({ payload }) => payload.code);

describe("an account that is frozen", () => {
  /** A loss of more than 1,000.00 on the day freezes it: 10 bought at 300 are worth 150 each from the third bar on. */
  const frozen = (crossing: RiskPolicy["trading"]["crossing"]): RiskPolicy =>
    policyWith({ daily_loss: lossLimit(usd("1000")) }, { crossing }, { daily_freeze: { enabled: true } });
  const story = (crossing: RiskPolicy["trading"]["crossing"], inFreeze: (ctx: Ctx) => void): ReturnType<typeof oneSymbol> =>
    oneSymbol([300, 300, 150, 150, 150, 150, 150], frozen(crossing), {
      1: (ctx) => {
        ctx.enterLong({ qty: 10 });
        ctx.enterLong({ qty: 10, type: "limit", limit: 50, ...GTC });
      },
      3: inFreeze,
    });
  /** Each of the two sells no more than is held; together they sell twice as much. */
  const twice = (ctx: Ctx): void => {
    ctx.enterShort({ qty: 10, type: "limit", limit: 140, ...GTC });
    ctx.exitLong({ qty: 10 });
  };

  it("refuses a sale that only happens to reduce, and lets the exit pass", () => {
    const run = story("allow", twice);
    expect(verdicts(run)).toEqual(["ok", "ok", "DAILY_FREEZE_ACTIVE", "ok"]);
    const { events, engine } = runEngine(run);
    expect(fills(events)).toEqual(["buy 10", "sell 10"]);
    expect(engine.state.position(0).qty).toBe(0);
  });

  it("lets it pass as an order that only reduces where the policy splits, and ends flat", () => {
    const run = story("split", twice);
    expect(verdicts(run)).toEqual(["ok", "ok", "ok", "ok"]);
    const { events, engine } = runEngine(run);
    expect(ofType(events, "order.created").map(({ payload }) => payload.reduce_only)).toEqual([false, false, true, true]);
    expect(engine.state.position(0).qty).toBe(0);
    expect(ofType(events, "order.cancelled").map(({ payload }) => payload.reason)).toEqual(["NOTHING_TO_REDUCE"]);
  });

  it("lets the part of a sale pass that closes, and refuses the part that opens", () => {
    expect(
      verdicts(
        story("split", (ctx) => {
          ctx.enterShort({ qty: 25, type: "limit", limit: 140, ...GTC });
        }),
      ),
    ).toEqual(["ok", "ok", "ok", "DAILY_FREEZE_ACTIVE"]);
  });

  it("closes no more beside a sale from before than leaves that one something to close", () => {
    const beside = (qty: number): ReturnType<typeof oneSymbol> =>
      oneSymbol([300, 300, 150, 150, 150, 150], frozen("allow"), {
        1: (ctx) => {
          ctx.enterLong({ qty: 10 });
          ctx.enterLong({ qty: 10, type: "limit", limit: 50, ...GTC });
        },
        2: (ctx) => ctx.enterShort({ qty, type: "limit", limit: 400, ...GTC }),
        3: (ctx) => {
          ctx.exitLong({ type: "limit", limit: 500, ...GTC });
          ctx.exitLong();
        },
        4: (ctx) => ctx.modify("O4", { qty: 9 }),
      });
    const all = runEngine(beside(10));
    expect(declined(all.events)).toEqual(["NO_POSITION", "NO_POSITION"]);
    // Four of ten are promised: six are left, and the second exit finds nothing.
    const some = runEngine(beside(4));
    expect(ofType(some.events, "order.created").map(({ payload }) => payload.qty)).toEqual(["10", "10", "4", "6"]);
    expect(declined(some.events)).toEqual(["NO_POSITION"]);
    expect(ofType(some.events, "order.modify_rejected")[0]?.payload.code).toBe("QTY_EXCEEDS_POSITION");
    // Without a policy an exit takes what is held and what is still to come, less what is being sold.
    const { risk: _, ...free } = beside(4);
    expect(ofType(runEngine(free).events, "order.created").map(({ payload }) => payload.qty)).toEqual(["10", "10", "4", "16", "16"]);
  });
});

describe("a policy beside a config that forbids turning positions over", () => {
  it("keeps its fingerprint, and refuses by the config's word", () => {
    const policy = policyWith({}, { crossing: "split" });
    const run = oneSymbol(
      [100, 100, 100, 100],
      policy,
      { 1: (ctx) => ctx.enterLong({ qty: 10 }), 3: (ctx) => ctx.enterShort({ qty: 20 }) },
      { forbid_flips: true },
    );
    const decided = ofType(runEngine(run).events, "risk.decided").map(({ payload }) => payload);
    expect(decided.map(({ code = "ok" }) => code)).toEqual(["ok", "POSITION_SIGN_FLIP_WITHOUT_CLOSE"]);
    expect(new Set(decided.map(({ policy_sha256 }) => policy_sha256))).toEqual(new Set([policyFingerprint(policy, sha256)]));
  });
});
