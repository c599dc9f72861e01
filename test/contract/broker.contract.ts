import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { RiskApproved } from "../../src/core/gate/approval.js";
import { RiskGate } from "../../src/core/gate/gate.js";
import type { ChangeTicket } from "../../src/core/orders/order-requests.js";
import type { OrderTicket } from "../../src/core/orders/ticket.js";
import type { Broker } from "../../src/ports/broker.js";

const gate = new RiskGate((text) => createHash("sha256").update(text).digest("hex"), { forbid_flips: false });

export function approvedTicket(changes: Partial<OrderTicket> = {}): RiskApproved<OrderTicket> {
  const ticket: OrderTicket = {
    order_id: "O1",
    idempotency_key: "ema:BTCUSDT:buy:1640995260000:1",
    symbol: "BTCUSDT",
    side: "buy",
    order_type: "market",
    time_in_force: "DAY",
    qty: "0.001",
    reduce_only: false,
    limit_price: null,
    stop_price: null,
    trail_amount: null,
    trail_pct: null,
    expire_at: null,
    oco: null,
    parent_id: null,
    ...changes,
  };
  const decision = gate.decide(
    {
      ...{ qty: 1, lot: 1, min_qty: 1, tick: 1, limit: null, stop: null, reduce_only: false, last_price: 1 },
      ...{ rate_known: true, flips: false, cash: 1n, shortfall: () => 0n },
    },
    ticket.order_id,
  );
  return gate.approve(ticket, ticket.order_id, decision);
}

/** What every broker must do. `reopen` gives the same venue to a client that was restarted. */
export function brokerContract(name: string, open: () => { readonly broker: Broker; readonly reopen: () => Broker }): void {
  describe(`broker contract: ${name}`, () => {
    it("accepts an approved order and names it", async () => {
      const outcome = await open().broker.submit(approvedTicket());
      expect(outcome.kind).toBe("accepted");
    });

    it("answers the same key and payload with the order it made before", async () => {
      const { broker } = open();
      const first = await broker.submit(approvedTicket());
      const again = await broker.submit(approvedTicket());
      expect(again).toEqual({ kind: "known", venue_order_id: first.kind === "accepted" ? first.venue_order_id : "" });
    });

    it("finds an order by its key once it was accepted, also after a restart", async () => {
      const { broker, reopen } = open();
      const ticket = approvedTicket();
      expect(await broker.find(ticket.idempotency_key)).toBe("absent");
      await broker.submit(ticket);
      expect(await broker.find(ticket.idempotency_key)).toBe("delivered");
      expect(await reopen().find(ticket.idempotency_key)).toBe("delivered");
    });

    it("refuses the same key with another quantity and names the field", async () => {
      const { broker } = open();
      await broker.submit(approvedTicket());
      expect(await broker.submit(approvedTicket({ qty: "0.002" }))).toMatchObject({ kind: "conflict", field: "qty" });
    });

    it("still knows its keys after the client was restarted", async () => {
      const { broker, reopen } = open();
      await broker.submit(approvedTicket());
      const restarted = reopen();
      expect((await restarted.submit(approvedTicket())).kind).toBe("known");
      expect((await restarted.submit(approvedTicket({ side: "sell" }))).kind).toBe("conflict");
    });

    it("takes the end of an order once, by the request's id, also after a restart, and of no other order", async () => {
      const { broker, reopen } = open();
      const ticket = approvedTicket();
      const cancel = { request_id: "R1", order_id: ticket.order_id, idempotency_key: ticket.idempotency_key };
      expect((await broker.cancel(cancel)).kind).toBe("rejected");
      await broker.submit(ticket);
      expect(await broker.findRequest("R1")).toBe("absent");
      expect((await broker.cancel(cancel)).kind).toBe("accepted");
      expect((await broker.cancel(cancel)).kind).toBe("known");
      expect(await reopen().findRequest("R1")).toBe("delivered");
    });

    it("rejects a change that carries no approval", async () => {
      const { broker } = open();
      const { order_id, idempotency_key } = approvedTicket();
      await broker.submit(approvedTicket());
      const forged = { request_id: "R2", order_id, idempotency_key, qty: "5" } as RiskApproved<ChangeTicket>;
      expect(await broker.change(forged)).toEqual({ kind: "rejected", reason: "NOT_APPROVED" });
    });

    it("rejects an order that carries a forged approval", async () => {
      const forged = { ...approvedTicket() };
      expect(await open().broker.submit(forged)).toEqual({ kind: "rejected", reason: "NOT_APPROVED" });
    });
  });
}
