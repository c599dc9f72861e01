import { describe, expect, test } from "vitest";
import { arriving } from "../../test/support/arriving-fixture.js";
import { columnsOf, flatMinutes, onMinutes, specOf } from "../../test/support/engine-fixture.js";
import { policyWith, usd } from "../../test/support/hand-account.js";
import { MemoryEventStore } from "../adapters/memory/memory-event-store.js";
import { sha256 } from "../adapters/node-hash/sha256.js";
import { PaperBroker } from "../adapters/paper-venue/paper-broker.js";
import { Engine } from "../core/engine/engine.js";
import { policyInForce } from "../core/engine/policy-in-force.js";
import { runCatalogue } from "../core/engine/run-event-schemas.js";
import type { RiskApproved } from "../core/gate/approval.js";
import type { OrderTicket } from "../core/orders/ticket.js";
import { outboxCatalogue } from "../core/session/outbox-events.js";
import type { EventBlock } from "../core/tape/block.js";
import { payloadHash } from "../core/tape/chain.js";
import type { TapeEvent } from "../core/tape/event.js";
import { MemoryTapeWriter } from "../core/tape/memory-tape-writer.js";
import type { SubmitOutcome } from "../ports/broker.js";
import type { LogSession } from "../ports/event-store.js";
import { driveBacktest } from "./drive-backtest.js";
import { Outbox } from "./outbox.js";
import { orderEffect, type SendingPorts, type SubmittedOrder, SubmittedOrders } from "./session-orders.js";

/** Three orders: one passes, one is too large, one passes and is changed while it works. */
const spec = specOf({
  instruments: [{ columns: columnsOf("AAA", flatMinutes([100, 100, 100, 100, 100])) }],
  strategy: {
    onBar: onMinutes({
      1: (ctx) => {
        ctx.enterLong({ qty: 5 });
        ctx.enterLong({ qty: 11 });
      },
      2: (ctx) => ctx.enterLong({ qty: 2, type: "limit", limit: 90, tif: "GTC" }),
      3: (ctx) => {
        for (const order of ctx.openOrders()) ctx.modify(order.order_id, { qty: 3 });
      },
    }),
  },
  risk: policyWith({ notional_max: usd("1000") }),
});
const policy_sha256 = policyInForce(spec.config, sha256);

function blocks(): readonly EventBlock[] {
  const tape = new MemoryTapeWriter(runCatalogue);
  driveBacktest(new Engine(arriving(spec)), tape);
  return tape.blocks;
}

/** A broker that remembers what it was asked, and dies or answers as the test says. */
class Venue extends PaperBroker {
  readonly asked: string[] = [];
  death: "before" | "after" | null = null;
  answer: SubmitOutcome | null = null;

  override async submit(order: RiskApproved<OrderTicket>): Promise<SubmitOutcome> {
    const { death } = this;
    this.death = null;
    if (death === "before") throw new Error("the process died");
    this.asked.push(order.order_id);
    const answer = await super.submit(order);
    if (death === "after") throw new Error("the process died");
    return this.answer ?? answer;
  }
}

class Desk {
  readonly store = new MemoryEventStore({ sha256, now: () => 0 });
  readonly venue = new Venue();

  async tape(): Promise<LogSession> {
    const opened = await this.store.open({ log: "session/hand", catalogue: runCatalogue, mode: "write", layout: "rows" });
    if (opened.kind !== "opened") throw new Error(opened.kind);
    return opened.session;
  }

  /** Writes the session's tape. @returns what the engine submits, made again. */
  async recorded(): Promise<readonly SubmittedOrder[]> {
    const tape = await this.tape();
    for (const block of blocks()) await tape.appendBlock(block);
    return this.submitted();
  }

  submitted(): readonly SubmittedOrder[] {
    const follower = new SubmittedOrders("session/hand", sha256);
    return blocks().flatMap((block) => follower.follow(block));
  }

  /** Sends as one process does, from opening the outbox on. */
  async send(orders: readonly SubmittedOrder[], changes: Partial<SendingPorts> = {}): Promise<void> {
    const tape = await this.tape();
    const verified = (await tape.verify("L2")).failure === null;
    const ports: SendingPorts = { broker: this.venue, tape, hash: sha256, policy_sha256, verified, ...changes };
    const clock = { now: () => 0, wait: () => Promise.resolve() };
    const outbox = await Outbox.open({ store: this.store, clock, hash: sha256, notifiers: new Map() }, "hand");
    await outbox.perform(orders.map((order) => orderEffect(ports, order)));
    await outbox.close();
  }

  /** What the outbox recorded. */
  async steps(): Promise<readonly string[]> {
    const opened = await this.store.open({ log: "outbox/hand", catalogue: outboxCatalogue, mode: "read" });
    if (opened.kind !== "opened") throw new Error(opened.kind);
    const found: string[] = [];
    for await (const { type, payload } of opened.session.readLog()) {
      const { result = "", found: seen = "", cause = "" } = JSON.parse(payload) as Record<string, string>;
      found.push([type.slice("outbox.".length), result, seen, cause].filter((word) => word !== "").join(" "));
    }
    return found;
  }
}

/** A tape on which one event says something else. */
function saying(tape: LogSession, type: string, alter: (event: TapeEvent) => TapeEvent | null): Pick<LogSession, "findEvent"> {
  return {
    findEvent: async (id) => {
      const found = await tape.findEvent(id);
      return found === null || found.type !== type ? found : alter(found);
    },
  };
}

/** The event with another payload, hashed again as one would who knows how. */
function rewritten(event: TapeEvent, changes: Record<string, unknown>): TapeEvent {
  const payload = JSON.stringify({ ...(JSON.parse(event.payload) as object), ...changes });
  return { ...event, payload, payload_hash: payloadHash(payload, sha256) };
}

describe("orders on their way to a broker", () => {
  test("are those that the gate approved, each sent once with its approval, and changes are none", async () => {
    const desk = new Desk();
    const orders = await desk.recorded();
    expect(orders.map(({ order_id }) => order_id)).toEqual(["O1", "O3"]);
    await desk.send(orders);
    await desk.send(orders);
    expect(desk.venue.asked).toEqual(["O1", "O3"]);
    expect(desk.venue.orders.map(({ ticket }) => [ticket.order_id, ticket.qty])).toEqual([
      ["O1", "5"],
      ["O3", "2"],
    ]);
    expect(await desk.steps()).toEqual(["attempting", "resulted delivered", "attempting", "resulted delivered"]);
  });

  test("that were decided on before a restart are sent after it, on the approval that the tape gives back", async () => {
    const desk = new Desk();
    await desk.recorded();
    // The process ended here: what follows knows the store alone, and the blocks that its engine makes again.
    await desk.send(desk.submitted());
    expect(desk.venue.asked).toEqual(["O1", "O3"]);
  });

  test.each([
    ["before", ["O1"], ["resulted unknown the process ended before the result", "reconciled absent", "attempting", "resulted delivered"]],
    ["after", ["O1"], ["resulted unknown the process ended before the result", "reconciled delivered"]],
  ] as const)("of a process that died %s the venue took one are looked up and never sent twice", async (death, asked, settled) => {
    const desk = new Desk();
    const [order] = (await desk.recorded()) as [SubmittedOrder];
    desk.venue.death = death;
    await expect(desk.send([order])).rejects.toThrow("the process died");
    await desk.send([order]);
    expect(desk.venue.asked).toEqual(asked);
    expect(desk.venue.orders).toHaveLength(1);
    expect(await desk.steps()).toEqual(["attempting", ...settled]);
  });

  const tampered: readonly (readonly [what: string, type: string, alter: (event: TapeEvent) => TapeEvent | null, code: string])[] = [
    [
      "the decision's payload is another than was hashed",
      "risk.decided",
      (e) => ({ ...rewritten(e, { checks: 1 }), payload_hash: e.payload_hash }),
      "PAYLOAD_HASH_MISMATCH",
    ],
    ["the decision denies", "risk.decided", (e) => rewritten(e, { decision: "denied", code: "NO_PRICE" }), "NOT_APPROVED"],
    ["the decision is on a change of the order", "risk.decided", (e) => rewritten(e, { subject: "modification" }), "NOT_APPROVED"],
    [
      "the decision was made under another policy",
      "risk.decided",
      (e) => rewritten(e, { policy_sha256: "f".repeat(64) }),
      "POLICY_MISMATCH",
    ],
    ["the decision is on another order", "risk.decided", (e) => rewritten(e, { order_id: "O3" }), "DECISION_NOT_OF_ORDER"],
    ["the decision answers something else", "risk.decided", (e) => ({ ...e, causation_id: null }), "DECISION_NOT_OF_ORDER"],
    ["the order has another quantity, hashed again", "order.created", (e) => rewritten(e, { qty: "500" }), "ORDER_HASH_MISMATCH"],
    [
      "the order's payload is another than was hashed",
      "order.created",
      (e) => ({ ...rewritten(e, { qty: "500" }), payload_hash: e.payload_hash }),
      "PAYLOAD_HASH_MISMATCH",
    ],
    ["the order is malformed", "order.created", (e) => rewritten(e, { qty: 5 }), "EVENT_MALFORMED"],
    ["the decision is gone", "risk.decided", () => null, "EVENT_NOT_FOUND"],
    ["the order's creation is gone", "order.created", () => null, "EVENT_NOT_FOUND"],
  ];

  test.each(tampered)("are refused where %s: recorded with the code, never sent, and not tried again", async (_, type, alter, code) => {
    const desk = new Desk();
    const [order] = (await desk.recorded()) as [SubmittedOrder];
    const tape = saying(await desk.tape(), type, alter);
    await desk.send([order], { tape });
    await desk.send([order]);
    expect(desk.venue.asked).toEqual([]);
    expect(await desk.steps()).toEqual(["attempting", expect.stringMatching(new RegExp(`^resulted refused ${code}: `))]);
  });

  test("are refused where the engine made the order otherwise than it was decided on", async () => {
    const desk = new Desk();
    const [order] = (await desk.recorded()) as [SubmittedOrder];
    await desk.send([{ ...order, order_sha256: sha256("another order") }]);
    expect(desk.venue.asked).toEqual([]);
    expect((await desk.steps()).at(-1)).toContain("refused ORDER_HASH_MISMATCH: order O1 was decided on as ");
  });

  test("are refused where the policy in force is another, or the tape's chain is broken", async () => {
    const desk = new Desk();
    const [first, second] = (await desk.recorded()) as [SubmittedOrder, SubmittedOrder];
    await desk.send([first], { policy_sha256: sha256("tighter") });
    await desk.send([second], { verified: false });
    expect(desk.venue.asked).toEqual([]);
    expect((await desk.steps()).filter((step) => step.startsWith("resulted")).map((step) => step.split(" ")[2])).toEqual([
      "POLICY_MISMATCH:",
      "TAPE_NOT_VERIFIED:",
    ]);
  });

  test("that the broker does not answer are looked up, and what it rejects is recorded with its reason", async () => {
    const desk = new Desk();
    const [first, second] = (await desk.recorded()) as [SubmittedOrder, SubmittedOrder];
    desk.venue.answer = { kind: "unknown", cause: "no answer" };
    await desk.send([first]);
    desk.venue.answer = { kind: "rejected", reason: "MARKET_CLOSED" };
    await desk.send([second]);
    expect(await desk.steps()).toEqual([
      ...["attempting", "resulted unknown no answer", "reconciled delivered"],
      ...["attempting", "resulted refused MARKET_CLOSED"],
    ]);
  });
});
