import { beforeEach, describe, expect, test } from "vitest";
import { MemoryEventStore } from "../adapters/memory/memory-event-store.js";
import { sha256 } from "../adapters/node-hash/sha256.js";
import type { Notification, Notifier, NotifyOutcome } from "../ports/notifier.js";
import { Outbox } from "./outbox.js";

const INTENT: Notification = { id: "event-1", channel: "desk", about: "kill_switch.tripped", text: "tripped" };

/** A channel that keeps what it was told, and dies or answers as the test says. */
class Desk implements Notifier {
  readonly told: string[] = [];
  readonly answers: (NotifyOutcome | "dies before" | "dies after")[] = [];
  sees: "all" | "nothing" = "all";

  async notify({ id }: Notification): Promise<NotifyOutcome> {
    const answer = this.answers.shift() ?? { kind: "delivered" };
    if (answer === "dies before") throw new Error("the process died");
    if (answer === "dies after" || answer.kind === "delivered" || answer.kind === "unknown") this.told.push(id);
    if (answer === "dies after") throw new Error("the process died");
    return answer;
  }

  async find(id: string): ReturnType<Notifier["find"]> {
    if (this.sees === "nothing") return "unknown";
    return this.told.includes(id) ? "delivered" : "absent";
  }
}

let store: MemoryEventStore;
let desk: Desk;
let waited: number[];

beforeEach(() => {
  store = new MemoryEventStore({ sha256, now: () => 0 });
  desk = new Desk();
  waited = [];
});

function open(): Promise<Outbox> {
  const clock = {
    now: () => 1_700_000_000_000,
    wait: (ms: number) => {
      waited.push(ms);
      return Promise.resolve();
    },
  };
  return Outbox.open({ store, clock, hash: sha256, notifiers: new Map([["desk", desk]]) }, "hand");
}

async function steps(): Promise<readonly string[]> {
  const { outboxCatalogue } = await import("../core/session/outbox-events.js");
  const opened = await store.open({ log: "outbox/hand", catalogue: outboxCatalogue, mode: "read" });
  if (opened.kind !== "opened") throw new Error(opened.kind);
  const found: string[] = [];
  for await (const { type, payload } of opened.session.readLog()) {
    const { result, found: seen } = JSON.parse(payload) as { readonly result?: string; readonly found?: string };
    found.push([type.slice("outbox.".length), result ?? seen ?? ""].join(" ").trim());
  }
  return found;
}

describe("the outbox", () => {
  test("notes an attempt before the call and its result after, and does nothing twice", async () => {
    const outbox = await open();
    await outbox.send([INTENT]);
    await outbox.send([INTENT]);
    expect(desk.told).toEqual(["event-1"]);
    expect(await steps()).toEqual(["attempting", "resulted delivered"]);
  });

  test("tries again after 250, 500 and 1,000 ms where the channel failed, and then gives up", async () => {
    desk.answers.push(...Array.from({ length: 4 }, () => ({ kind: "failed", cause: "busy" }) as const));
    const outbox = await open();
    await outbox.send([INTENT]);
    expect(waited).toEqual([250, 500, 1_000]);
    expect((await steps()).at(-1)).toBe("resulted refused");
    expect(desk.told).toEqual([]);
  });

  test.each([
    ["dies after", ["event-1"], ["attempting", "resulted unknown", "reconciled delivered"]],
    ["dies before", ["event-1"], ["attempting", "resulted unknown", "reconciled absent", "attempting", "resulted delivered"]],
  ] as const)("of a process that %s the effect is looked up after a restart and done once", async (death, told, expected) => {
    desk.answers.push(death);
    await expect((await open()).send([INTENT])).rejects.toThrow("the process died");
    await (await open()).send([INTENT]);
    expect(desk.told).toEqual(told);
    expect(await steps()).toEqual(expected);
  });

  test("sends nothing again of which nobody can tell whether it was sent", async () => {
    desk.answers.push("dies after");
    desk.sees = "nothing";
    await expect((await open()).send([INTENT])).rejects.toThrow("the process died");
    await (await open()).send([INTENT]);
    await (await open()).send([INTENT]);
    expect(desk.told).toEqual(["event-1"]);
    expect(await steps()).toEqual(["attempting", "resulted unknown", "reconciled unknown", "reconciled unknown"]);
  });

  test("gives up what no channel takes", async () => {
    await (await open()).send([{ ...INTENT, channel: "pigeon" }]);
    expect(await steps()).toEqual(["attempting", "resulted refused"]);
  });
});
