import { beforeEach, describe, expect, test } from "vitest";
import { deposit, MONDAY, openLog } from "../../test/support/tape-fixture.js";
import { MemoryEventStore } from "../adapters/memory/memory-event-store.js";
import { sha256 } from "../adapters/node-hash/sha256.js";
import { AsyncHandlerRefused, Dispatcher } from "../core/tape/dispatcher.js";
import type { TapeEvent } from "../core/tape/event.js";
import type { LogSession } from "../ports/event-store.js";
import { publish } from "./publish.js";

let store: MemoryEventStore;
let session: LogSession;
let dispatcher: Dispatcher;

beforeEach(async () => {
  store = new MemoryEventStore({ sha256, now: () => MONDAY });
  session = await openLog(store);
  dispatcher = new Dispatcher();
});

const batch = (...keys: string[]) => [
  { stream: "account/1", expected: "any" as const, events: keys.map((key) => deposit("run/one", key)) },
];

describe("publishing", () => {
  test("one event twice stores one row and runs the handlers once", async () => {
    const seen: TapeEvent[] = [];
    dispatcher.subscribe("money.deposited", (event) => {
      seen.push(event);
    });
    expect(await publish(session, dispatcher, batch("a"))).toMatchObject({ kind: "stored" });
    expect(await publish(session, dispatcher, batch("a"))).toMatchObject({ kind: "duplicate" });
    expect(seen.map((event) => event.position)).toEqual([1]);
    expect(session.head().position).toBe(1);
  });

  test("a handler that looks into the store finds the event already stored", async () => {
    const heads: number[] = [];
    dispatcher.subscribe("*", (event) => {
      expect(session.head().position).toBeGreaterThanOrEqual(event.position);
      heads.push(session.head().position);
    });
    await publish(session, dispatcher, batch("a", "b"));
    expect(heads).toEqual([2, 2]);
  });

  test("no handler runs when the store does not take the event", async () => {
    let calls = 0;
    dispatcher.subscribe("*", () => {
      calls += 1;
    });
    expect(await publish(session, dispatcher, [{ stream: "account/1", expected: 7, events: [deposit("run/one", "a")] }])).toMatchObject({
      kind: "version_conflict",
    });
    expect(await publish(session, dispatcher, batch())).toMatchObject({ kind: "rejected" });
    await openLog(store);
    expect(await publish(session, dispatcher, batch("a"))).toMatchObject({ kind: "fenced" });
    await session.close();
    expect(await publish(session, dispatcher, batch("a"))).toMatchObject({ kind: "unavailable" });
    expect(calls).toBe(0);
  });

  test("events come in order of position, handlers in order of subscription, by type or all", async () => {
    const calls: string[] = [];
    dispatcher.subscribe("*", ({ position }) => {
      calls.push(`all ${position}`);
    });
    const end = dispatcher.subscribe("money.deposited", ({ position }) => {
      calls.push(`deposits ${position}`);
    });
    dispatcher.subscribe("money.moved", ({ position }) => {
      calls.push(`moves ${position}`);
    });
    await publish(session, dispatcher, batch("a", "b"));
    end();
    await publish(session, dispatcher, batch("c"));
    expect(calls).toEqual(["all 1", "deposits 1", "all 2", "deposits 2", "all 3"]);
  });

  test("a handler that returns a promise is refused by name, and the event stays stored", async () => {
    const later: number[] = [];
    // biome-ignore lint/nursery/noMisusedPromises: the misuse is what is tested.
    dispatcher.subscribe("money.deposited", async () => {
      throw new Error("never seen");
    });
    dispatcher.subscribe("*", ({ position }) => {
      later.push(position);
    });
    await expect(publish(session, dispatcher, batch("a"))).rejects.toThrow(AsyncHandlerRefused);
    await expect(publish(session, dispatcher, batch("b"))).rejects.toThrow(
      /money\.deposited returned a promise for the event at position 2/,
    );
    expect(later).toEqual([]);
    expect(session.head().position).toBe(2);
  });
});
