import { describe, expect, it } from "vitest";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import type { OrderTicket } from "../orders/ticket.js";
import { type GateInput, isApproved, policyText, RiskGate } from "./gate.js";

const gate = new RiskGate(sha256, { forbid_flips: false });

/** An order of 10 at a limit of 100.00, lots of 10, ticks of 0.05, with means to spare of exactly nothing. */
function input(changes: Partial<GateInput> = {}): GateInput {
  return {
    qty: 10,
    lot: 10,
    min_qty: 10,
    tick: 5,
    limit: 10_000,
    stop: null,
    reduce_only: false,
    last_price: 9_990,
    rate_known: true,
    flips: false,
    cash: 100_000n,
    shortfall: () => 0n,
    ...changes,
  };
}

const ticket: OrderTicket = {
  order_id: "O1",
  idempotency_key: "s:AAA:buy:0:1",
  symbol: "AAA",
  side: "buy",
  order_type: "market",
  time_in_force: "DAY",
  qty: "10",
  reduce_only: false,
  limit_price: null,
  stop_price: null,
  trail_amount: null,
  trail_pct: null,
  expire_at: null,
  oco: null,
  parent_id: null,
};

describe("the risk gate", () => {
  it("approves an order that just fits, with every check's bit set and no explanation", () => {
    expect(gate.decide(input())).toEqual({
      decision: "approved",
      policy_sha256: sha256(policyText({ forbid_flips: false })),
      checks: 0b11111111,
    });
  });

  it.each<[string, Partial<GateInput>, Partial<GateInput>, string]>([
    ["a limit beside the tick", { limit: 10_001 }, { limit: 10_005 }, "TICK_MISMATCH"],
    ["a stop beside the tick", { stop: 9_999 }, { stop: 9_995 }, "TICK_MISMATCH"],
    ["a limit of zero", { limit: 0 }, { limit: 5 }, "TICK_MISMATCH"],
    ["a negative stop", { stop: -5 }, { stop: 5 }, "TICK_MISMATCH"],
    ["a quantity beside the lot", { qty: 15 }, { qty: 20 }, "LOT_MISMATCH"],
    ["a quantity of zero", { qty: 0 }, { qty: 10 }, "LOT_MISMATCH"],
    ["a negative quantity", { qty: -10 }, { qty: 10 }, "LOT_MISMATCH"],
    ["a quantity below the minimum", { min_qty: 20 }, { min_qty: 20, qty: 20 }, "LOT_MISMATCH"],
    ["an unknown account", { cash: null }, { cash: 0n }, "NO_ACCOUNT"],
    ["no price", { last_price: null }, { last_price: 1 }, "NO_PRICE"],
    ["a price of zero", { last_price: 0 }, { last_price: 1 }, "NO_PRICE"],
    ["an unknown rate of exchange", { rate_known: false }, { rate_known: true }, "NO_FX_RATE"],
    ["a price that is no number", { last_price: Number.NaN }, {}, "NON_FINITE_INPUT"],
    ["a price without end", { last_price: Number.POSITIVE_INFINITY }, {}, "NON_FINITE_INPUT"],
    ["means short by one unit", { shortfall: () => 1n }, { shortfall: () => 0n }, "NEGATIVE_CASH"],
  ])("refuses %s and passes its neighbour", (_, refused, passed, code) => {
    expect(gate.decide(input(refused))).toMatchObject({ decision: "denied", code });
    expect(gate.decide(input(passed))).toMatchObject({ decision: "approved" });
  });

  it.each<[Partial<GateInput>, string]>([
    [{ limit: 10_001 }, "price 10001 is no positive multiple of the tick 5"],
    [{ stop: -5 }, "price -5 is no positive multiple of the tick 5"],
    [{ qty: 0 }, "quantity 0 is not a positive number of units"],
    [{ qty: 15 }, "quantity 15 is no multiple of the lot 10"],
    [{ min_qty: 20 }, "quantity 10 is below the minimum 20"],
    [{ cash: null }, "the account's cash is unknown"],
    [{ last_price: null }, "no price is known for the instrument"],
    [{ rate_known: false }, "no rate of exchange between the instrument's currency and the account's is known now"],
    [{ last_price: Number.NaN }, "a number is not finite"],
    [{ shortfall: () => 7n }, "the account would be short by 7 money units"],
  ])("explains the refusal of %o", (changes, detail) => {
    expect(gate.decide(input(changes)).explanation?.[0]?.detail).toBe(detail);
    if (changes.cash === null || changes.last_price === null)
      expect(gate.decide(input(changes)).explanation?.at(-1)).toEqual({ code: "NEGATIVE_CASH", detail: "means cannot be computed" });
  });

  it("refuses an order that may turn a position over where the policy forbids it, and only there", () => {
    const strict = new RiskGate(sha256, { forbid_flips: true });
    expect(strict.decide(input({ flips: true }))).toMatchObject({
      decision: "denied",
      code: "POSITION_SIGN_FLIP_WITHOUT_CLOSE",
      checks: 0b10111111,
      explanation: [{ code: "POSITION_SIGN_FLIP_WITHOUT_CLOSE", detail: "the order may turn the position over; close it first" }],
    });
    expect(strict.decide(input())).toMatchObject({ decision: "approved" });
    expect(gate.decide(input({ flips: true }))).toMatchObject({ decision: "approved", checks: 0b11111111 });
  });

  it("states its policy as canonical JSON, the checks in their order", () => {
    const checks =
      '"TICK_MISMATCH","LOT_MISMATCH","NO_ACCOUNT","NO_PRICE","NO_FX_RATE","NON_FINITE_INPUT","POSITION_SIGN_FLIP_WITHOUT_CLOSE","NEGATIVE_CASH"';
    expect(policyText({ forbid_flips: true })).toBe(`{"checks":[${checks}],"forbid_flips":true,"policy":"base","version":1}`);
    expect(new RiskGate((text) => text, { forbid_flips: true }).policy_sha256).toBe(policyText({ forbid_flips: true }));
    expect(policyText({ forbid_flips: false })).toBe(`{"checks":[${checks}],"forbid_flips":false,"policy":"base","version":1}`);
  });

  it("lets no number that is not finite through, in whichever field", () => {
    for (const field of ["qty", "limit", "stop", "last_price"] as const) {
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 10.5, 2 ** 53]) {
        const decision = gate.decide(input({ [field]: bad }));
        expect(decision.decision, `${field} ${bad}`).toBe("denied");
      }
    }
  });

  it("asks for the means only where every number is sound", () => {
    const unsound: Partial<GateInput>[] = [
      { qty: Number.NaN },
      { limit: Number.NaN },
      { stop: Number.POSITIVE_INFINITY },
      { last_price: Number.NaN },
      { last_price: null },
      { cash: null },
    ];
    for (const changes of unsound) {
      const decision = gate.decide(
        input({
          ...changes,
          shortfall: () => {
            throw new Error("asked");
          },
        }),
      );
      // What cannot be computed fails closed.
      expect(decision.explanation?.map((e) => e.code)).toContain("NEGATIVE_CASH");
    }
  });

  it("never blocks an order that only reduces for want of means or for being small", () => {
    const broke = { reduce_only: true, shortfall: () => 1_000_000n, cash: -5n };
    expect(gate.decide(input(broke))).toMatchObject({ decision: "approved", checks: 0b11111111 });
    expect(gate.decide(input({ ...broke, min_qty: 1_000 }))).toMatchObject({ decision: "approved" });
    expect(gate.decide(input({ ...broke, last_price: null }))).toMatchObject({ decision: "denied", code: "NO_PRICE" });
  });

  it("names the first failing check, clears the bit of every failing one and explains them all", () => {
    const decision = gate.decide(input({ limit: 10_001, qty: 3, cash: null, last_price: null }));
    expect(decision).toMatchObject({ decision: "denied", code: "TICK_MISMATCH", policy_sha256: gate.policy_sha256, checks: 0b01110000 });
    expect(decision.explanation?.map((e) => e.code)).toEqual(["TICK_MISMATCH", "LOT_MISMATCH", "NO_ACCOUNT", "NO_PRICE", "NEGATIVE_CASH"]);
    for (const { detail } of decision.explanation ?? []) expect(detail.length).toBeGreaterThan(5);
  });

  it("says by how much the means fall short", () => {
    const decision = gate.decide(input({ shortfall: () => 12_345n }));
    expect(decision.explanation).toEqual([{ code: "NEGATIVE_CASH", detail: expect.stringContaining("12345") }]);
  });
});

describe("an approval", () => {
  const yes = { decision: "approved", policy_sha256: gate.policy_sha256 } as const;
  const given = (): ReturnType<typeof gate.approve> => gate.approve(ticket, "O1", gate.decide(input(), "O1"));

  it("carries the policy's fingerprint and is known to the gate", () => {
    const approved = given();
    expect(approved).toMatchObject({ ...ticket, policy_sha256: gate.policy_sha256 });
    expect(isApproved(approved)).toBe(true);
  });

  it("is not made from a denial or under another policy", () => {
    expect(() => gate.approve(ticket, "O1", { ...yes, decision: "denied" })).toThrow(/not approved/);
    expect(() => gate.approve(ticket, "O1", { ...yes, policy_sha256: "0".repeat(64) })).toThrow(/another policy/);
  });

  it("is not made from the decision on another order", () => {
    expect(() => gate.approve(ticket, "O2", yes)).toThrow(/O2 does not approve/);
  });

  it("is made once for each order that the gate itself let through, whatever a decision says", () => {
    expect(() => gate.approve(ticket, "O1", yes)).toThrow(/no approval of this gate/);
    gate.decide(input());
    gate.decide(input({ qty: 0 }), "O1");
    gate.decide(input(), "O2");
    expect(() => gate.approve(ticket, "O1", yes)).toThrow(/no approval of this gate/);
    const other = new RiskGate(sha256, { forbid_flips: false });
    const decision = other.decide(input(), "O1");
    expect(() => gate.approve(ticket, "O1", decision)).toThrow(/no approval of this gate/);
    expect(isApproved(other.approve(ticket, "O1", decision))).toBe(true);
    expect(() => other.approve(ticket, "O1", decision)).toThrow(/or had it before/);
  });

  it("cannot be forged by shape, by copying or by parsing", () => {
    const approved = given();
    expect(isApproved({ ...approved })).toBe(false);
    expect(isApproved(structuredClone(approved))).toBe(false);
    expect(isApproved(JSON.parse(JSON.stringify(approved)))).toBe(false);
    expect(isApproved(Object.create(approved))).toBe(false);
    expect(isApproved(ticket)).toBe(false);
  });

  it("cannot be changed after it was given", () => {
    const approved = given();
    expect(() => Object.assign(approved, { qty: "1000000" })).toThrow(TypeError);
    expect(approved.qty).toBe("10");
  });
});
