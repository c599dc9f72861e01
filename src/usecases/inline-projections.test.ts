import { beforeEach, describe, expect, test } from "vitest";
import {
  activeHead,
  balances,
  history,
  MemoryJournal,
  openProjections,
  replayed,
  settle,
  worker,
} from "../../test/support/projection-fixture.js";
import { deposit, ledgerBlocks, ledgerCatalogue, MONDAY, openLog } from "../../test/support/tape-fixture.js";
import { VirtualClock } from "../../test/support/virtual-clock.js";
import { MemoryEventStore } from "../adapters/memory/memory-event-store.js";
import { sha256 } from "../adapters/node-hash/sha256.js";
import type { AppendOutcome, LogSession } from "../ports/event-store.js";
import type { ProjectionStore } from "../ports/projection-store.js";
import { InlineProjections } from "./inline-projections.js";

const LOG = "run/one";

let events: MemoryEventStore;
let store: ProjectionStore;
let session: LogSession;
let inline: InlineProjections;
let journal: MemoryJournal;

const make = (policy: "halt" | "park" = "halt"): InlineProjections =>
  new InlineProjections({
    projections: [balances],
    catalogue: ledgerCatalogue,
    log: LOG,
    hash: sha256,
    clock: new VirtualClock(),
    journal,
    policy,
  });

async function open(policy: "halt" | "park" = "halt"): Promise<void> {
  inline = make(policy);
  session = await openLog(events, { participant: inline });
  store = await openProjections(events);
  expect(await inline.attach(session, store)).toEqual(new Map());
}

const put = (key: string, amount = "100"): Promise<AppendOutcome> =>
  session.append([{ stream: "account/1", expected: "any", events: [deposit(LOG, key, { payload: { amount } })] }]);

beforeEach(async () => {
  events = new MemoryEventStore({ sha256, now: () => MONDAY });
  journal = new MemoryJournal();
  await open();
});

describe("a projection inside the append", () => {
  test("is at the head after every append and every block, and is what a fold of the log gives", async () => {
    for (const block of ledgerBlocks(20, 16)) await session.appendBlock(block);
    for (const key of ["a", "b"]) {
      await put(key);
      expect(await activeHead(store, "balances")).toMatchObject({ position: session.head().position });
    }
    const { state_hash, events: folded } = await replayed(balances, session);
    expect(await activeHead(store, "balances")).toMatchObject({ state_hash, events: folded });
  });

  test("does not move for an append that was not stored", async () => {
    await put("a");
    expect(await put("a")).toMatchObject({ kind: "duplicate" });
    expect(await session.append([{ stream: "account/1", expected: 7, events: [deposit(LOG, "b")] }])).toMatchObject({
      kind: "version_conflict",
    });
    expect(await activeHead(store, "balances")).toMatchObject({ position: 1, events: 1 });
  });

  test("never fails an append: a poisoned event halts it, and a worker finds it where it stopped", async () => {
    await put("a");
    expect(await put("b", "666")).toMatchObject({ kind: "stored" });
    expect(await put("c")).toMatchObject({ kind: "stored" });
    expect(await activeHead(store, "balances")).toMatchObject({ position: 1, halted: { position: 2 } });
    await inline.report();
    await inline.report();
    expect(journal.types()).toEqual(["projection.halted"]);
    expect((await settle(worker(balances, { session, store, policy: "park" }))).at(-1)).toEqual({ kind: "idle", position: 3 });
  });

  test("sets a poisoned event aside where the policy says so", async () => {
    await open("park");
    await put("a", "666");
    await put("b");
    expect(await activeHead(store, "balances")).toMatchObject({ position: 2, parked: 1, events: 1 });
  });

  test("is taken over by the next writer at the head, whatever happened between", async () => {
    await put("a");
    await inline.detach(store);
    const other = await openLog(events);
    await other.append([{ stream: "account/1", expected: "any", events: [deposit(LOG, "b")] }]);
    await open();
    expect(await activeHead(store, "balances")).toMatchObject({ position: 2 });
    expect(await put("c")).toMatchObject({ kind: "stored" });
    expect(await activeHead(store, "balances")).toMatchObject({ position: 3 });
  });

  test("is let go of when somebody takes it, and the append goes on", async () => {
    await put("a");
    const other = worker(balances, { session, store, force: true });
    await settle(other);
    expect(await put("b")).toMatchObject({ kind: "stored" });
    expect(inline.names).toEqual([]);
    expect(await activeHead(store, "balances")).toMatchObject({ position: 1 });
    await settle(other);
    expect(await activeHead(store, "balances")).toMatchObject({ position: 2, events: 2 });
  });

  test("cannot be one in event time", () => {
    const options = { catalogue: ledgerCatalogue, log: LOG, hash: sha256, clock: new VirtualClock(), journal };
    expect(() => new InlineProjections({ ...options, projections: [history] })).toThrow("history is folded in event time");
  });
});
