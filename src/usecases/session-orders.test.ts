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
import type { CancelTicket, ChangeTicket } from "../core/orders/order-requests.js";
import type { OrderTicket } from "../core/orders/ticket.js";
import { outboxCatalogue } from "../core/session/outbox-events.js";
import type { EventBlock } from "../core/tape/block.js";
import { payloadHash } from "../core/tape/chain.js";
import type { TapeEvent } from "../core/tape/event.js";
import { MemoryTapeWriter } from "../core/tape/memory-tape-writer.js";
import type { RequestOutcome, SubmitOutcome } from "../ports/broker.js";
import type { LogSession } from "../ports/event-store.js";
import { driveBacktest } from "./drive-backtest.js";
import { type OrderIntent, OrderIntents } from "./order-intents.js";
import { Outbox } from "./outbox.js";
import { orderEffect, type SendingPorts } from "./session-orders.js";

/** Three orders: one passes, one is too large, one passes, is changed while it works (the second change is too large) and ended. */
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
        for (const order of ctx.openOrders()) {
          ctx.modify(order.order_id, { qty: 3 });
          ctx.modify(order.order_id, { qty: 30 });
        }
      },
      4: (ctx) => {
        for (const order of ctx.openOrders()) ctx.cancel(order.order_id);
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
  // It outlives the processes of these tests, as a venue of its own does.
  override readonly in_process: boolean = false;
  readonly asked: string[] = [];
  death: "before" | "after" | null = null;
  answer: SubmitOutcome | null = null;

  override async submit(order: RiskApproved<OrderTicket>): Promise<SubmitOutcome> {
    const answer = await this.#ask(order.order_id, () => super.submit(order));
    return this.answer ?? answer;
  }

  override change(change: RiskApproved<ChangeTicket>): Promise<RequestOutcome> {
    return this.#ask(`${change.order_id} to ${change.qty}`, () => super.change(change));
  }

  override cancel(cancel: CancelTicket): Promise<RequestOutcome> {
    return this.#ask(`${cancel.order_id} away`, () => super.cancel(cancel));
  }

  async #ask<T>(what: string, answer: () => Promise<T>): Promise<T> {
    const { death } = this;
    this.death = null;
    if (death === "before") throw new Error("the process died");
    this.asked.push(what);
    const answered = await answer();
    if (death === "after") throw new Error("the process died");
    return answered;
  }
}

class Desk {
  readonly store = new MemoryEventStore({ sha256, now: () => 0 });
  venue: Venue = new Venue();

  async tape(): Promise<LogSession> {
    const opened = await this.store.open({ log: "session/hand", catalogue: runCatalogue, mode: "write", layout: "rows" });
    if (opened.kind !== "opened") throw new Error(opened.kind);
    return opened.session;
  }

  /** Writes the session's tape. @returns the orders that the engine submits, made again. */
  async recorded(): Promise<readonly OrderIntent[]> {
    const tape = await this.tape();
    for (const block of blocks()) await tape.appendBlock(block);
    return this.submitted();
  }

  /** Everything that the engine asks the broker for, made again. */
  intents(): readonly OrderIntent[] {
    const follower = new OrderIntents("session/hand", sha256);
    return blocks().flatMap((block) => follower.follow(block));
  }

  submitted(): readonly OrderIntent[] {
    return this.intents().filter(({ kind }) => kind === "submit");
  }

  /** Sends as one process does, from opening the outbox on. */
  async send(orders: readonly OrderIntent[], changes: Partial<SendingPorts> = {}): Promise<void> {
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
  test("are those that the gate approved, each sent once with its approval", async () => {
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
    const [order] = (await desk.recorded()) as [OrderIntent];
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
    const [order] = (await desk.recorded()) as [OrderIntent];
    const tape = saying(await desk.tape(), type, alter);
    await desk.send([order], { tape });
    await desk.send([order]);
    expect(desk.venue.asked).toEqual([]);
    expect(await desk.steps()).toEqual(["attempting", expect.stringMatching(new RegExp(`^resulted refused ${code}: `))]);
  });

  test("are refused where the engine made the order otherwise than it was decided on", async () => {
    const desk = new Desk();
    const [order] = (await desk.recorded()) as [OrderIntent];
    await desk.send([{ ...order, order_sha256: sha256("another order") }]);
    expect(desk.venue.asked).toEqual([]);
    expect((await desk.steps()).at(-1)).toContain("refused ORDER_HASH_MISMATCH: order O1 was decided on as ");
  });

  test("are refused where the policy in force is another, or the tape's chain is broken", async () => {
    const desk = new Desk();
    const [first, second] = (await desk.recorded()) as [OrderIntent, OrderIntent];
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
    const [first, second] = (await desk.recorded()) as [OrderIntent, OrderIntent];
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

describe("changes and cancels on their way to a broker", () => {
  const all = ["O1", "O3", "O3 to 3", "O3 away"];
  const delivered = ["attempting", "resulted delivered"];

  async function stored(): Promise<{ readonly desk: Desk; readonly intents: readonly OrderIntent[] }> {
    const desk = new Desk();
    await desk.recorded();
    return { desk, intents: desk.intents() };
  }

  test("leave behind their orders, each once, and a change that the gate refused never", async () => {
    const { desk, intents } = await stored();
    expect(intents.map(({ kind, order_id }) => `${kind} ${order_id}`)).toEqual(["submit O1", "submit O3", "change O3", "cancel O3"]);
    await desk.send(intents);
    await desk.send(intents);
    expect(desk.venue.asked).toEqual(all);
    expect(desk.venue.orders.at(-1)).toMatchObject({ ticket: { qty: "2" }, changes: [{ order_id: "O3", qty: "3" }], cancelled: true });
    expect(await desk.steps()).toEqual(all.flatMap(() => delivered));
  });

  test("that were decided on before a restart leave after it", async () => {
    const { desk, intents } = await stored();
    await desk.send(intents.slice(0, 2));
    // The process ended here: what follows knows the store alone, and the blocks that its engine makes again.
    await desk.send(desk.intents());
    expect(desk.venue.asked).toEqual(all);
  });

  test.each([
    ["change", 2, "before", ["reconciled absent", ...delivered]],
    ["change", 2, "after", ["reconciled delivered"]],
    ["cancel", 3, "before", ["reconciled absent", ...delivered]],
    ["cancel", 3, "after", ["reconciled delivered"]],
  ] as const)("of a process that died are looked up and never made twice: %s, %s, %s the venue took it", async (_, at, death, settled) => {
    const { desk, intents } = await stored();
    await desk.send(intents.slice(0, at));
    desk.venue.death = death;
    await expect(desk.send([intents[at] as OrderIntent])).rejects.toThrow("the process died");
    await desk.send(desk.intents());
    expect(desk.venue.asked).toEqual(all);
    const unknown = "resulted unknown the process ended before the result";
    const before = all.slice(0, at).flatMap(() => delivered);
    const after = all.slice(at + 1).flatMap(() => delivered);
    expect(await desk.steps()).toEqual([...before, "attempting", unknown, ...settled, ...after]);
  });

  test("are told again to a venue that died with its process, so that it knows what it is asked to end", async () => {
    const { desk, intents } = await stored();
    class Inside extends Venue {
      override readonly in_process: boolean = true;
    }
    desk.venue = new Inside();
    await desk.send(intents.slice(0, 3));
    desk.venue = new Inside();
    await desk.send(desk.intents());
    expect(desk.venue.orders.map(({ ticket, changes, cancelled }) => [ticket.order_id, changes.length, cancelled])).toEqual([
      ["O1", 0, false],
      ["O3", 1, true],
    ]);
    expect(await desk.steps()).toEqual(all.flatMap(() => delivered));
  });

  const forged: readonly (readonly [what: string, type: string, alter: (event: TapeEvent) => TapeEvent | null, code: string])[] = [
    ["the decision denies", "risk.decided", (e) => rewritten(e, { decision: "denied", code: "NO_PRICE" }), "NOT_APPROVED"],
    ["the decision is on the order itself", "risk.decided", (e) => without(e, "subject"), "NOT_APPROVED"],
    ["the decision answers something else", "risk.decided", (e) => ({ ...e, causation_id: null }), "DECISION_NOT_OF_ORDER"],
    [
      "the decision was made under another policy",
      "risk.decided",
      (e) => rewritten(e, { policy_sha256: "f".repeat(64) }),
      "POLICY_MISMATCH",
    ],
    ["the change has another quantity, hashed again", "order.modify_requested", (e) => rewritten(e, { qty: "500" }), "ORDER_HASH_MISMATCH"],
    ["the change is of another order", "order.modify_requested", (e) => rewritten(e, { order_id: "O1" }), "DECISION_NOT_OF_ORDER"],
    ["the change is gone", "order.modify_requested", () => null, "EVENT_NOT_FOUND"],
  ];

  test.each(forged)("are refused where %s", async (_, type, alter, code) => {
    const { desk, intents } = await stored();
    await desk.send(intents.slice(0, 2));
    await desk.send([intents[2] as OrderIntent], { tape: saying(await desk.tape(), type, alter) });
    expect(desk.venue.asked).toEqual(["O1", "O3"]);
    expect((await desk.steps()).at(-1)).toMatch(new RegExp(`^resulted refused ${code}: `));
  });

  test("are refused by a venue where the approval is forged, or the order is not there", async () => {
    const venue = new Venue();
    const change = { request_id: "r1", order_id: "O9", idempotency_key: "k", qty: "1" };
    expect(await venue.change(change as RiskApproved<ChangeTicket>)).toEqual({ kind: "rejected", reason: "NOT_APPROVED" });
    expect(await venue.cancel({ request_id: "r2", order_id: "O9", idempotency_key: "k" })).toEqual({
      kind: "rejected",
      reason: "ORDER_NOT_FOUND",
    });
  });
});

function without(event: TapeEvent, field: string): TapeEvent {
  const { [field]: _, ...payload } = JSON.parse(event.payload) as Record<string, unknown>;
  const text = JSON.stringify(payload);
  return { ...event, payload: text, payload_hash: payloadHash(text, sha256) };
}
