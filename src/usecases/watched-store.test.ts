import { beforeEach, expect, test } from "vitest";
import { MemoryJournal } from "../../test/support/projection-fixture.js";
import { deposit, ledgerBlocks, MONDAY, openLog } from "../../test/support/tape-fixture.js";
import { MemoryEventStore } from "../adapters/memory/memory-event-store.js";
import { sha256 } from "../adapters/node-hash/sha256.js";
import type { EventStore } from "../ports/event-store.js";
import { watchedStore } from "./watched-store.js";

let now: number;
let plain: EventStore;
let journal: MemoryJournal;
let store: EventStore;

beforeEach(() => {
  now = MONDAY;
  journal = new MemoryJournal();
  const clock = { now: () => now, wait: () => Promise.resolve() };
  plain = new MemoryEventStore({ sha256, now: clock.now });
  store = watchedStore(plain, clock, journal);
});

const one = (key: string) => [{ stream: "account/1", expected: "any" as const, events: [deposit("run/one", key)] }];

test("a session does what it does without being watched, and nothing is noted while nothing happens", async () => {
  const session = await openLog(store);
  expect(await session.append(one("a"))).toMatchObject({ kind: "stored", positions: [1] });
  expect(await session.append(one("a"))).toMatchObject({ kind: "duplicate" });
  expect(session.head()).toEqual((await openLog(plain, { mode: "read" })).head());
  expect(await session.streamVersion("account/1")).toBe(1);
  expect((await session.verify("L2")).failure).toBeNull();
  expect(journal.notes).toEqual([]);
});

test("an id with other content is noted with its field, and where the event stands", async () => {
  const session = await openLog(store);
  const event = deposit("run/one", "a");
  await session.append(one("a"));
  await session.append([{ stream: "account/1", expected: "any", events: [{ ...event, payload: { amount: "1" } }] }]);
  expect(journal.notes).toEqual([
    { type: "append.id_conflict", payload: { log: "run/one", event_id: event.id, field: "payload_hash", position: 1 } },
  ]);
});

test("a clock that went back is noted once, by how much, between appends, blocks and processes", async () => {
  const session = await openLog(store);
  await session.append(one("a"));
  now -= 60_000;
  await session.append(one("b"));
  await session.append(one("c"));
  expect(journal.notes).toEqual([{ type: "clock.stepped_back", payload: { log: "run/one", position: 1, behind_ms: 60_000 } }]);
  await session.close();
  const next = await openLog(store);
  await next.append(one("d"));
  // The tape's newest time is that of the first event.
  expect(journal.notes.at(-1)).toEqual({ type: "clock.stepped_back", payload: { log: "run/one", position: 3, behind_ms: 60_000 } });
  const blocks = await openLog(store, { log: "run/two" });
  const [block] = ledgerBlocks(3, 100);
  if (block === undefined) throw new Error("a block is needed");
  now -= 5;
  expect((await blocks.appendBlock(block)).kind).toBe("stored");
  expect(journal.notes).toHaveLength(2);
});
