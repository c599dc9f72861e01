import { beforeEach, describe, expect, test } from "vitest";
import {
  activeHead,
  type Balances,
  balances,
  history,
  MemoryJournal,
  openProjections,
  replayed,
  settle,
  type WorkerParts,
  worker,
} from "../../test/support/projection-fixture.js";
import { deposit, MONDAY, openLog } from "../../test/support/tape-fixture.js";
import { VirtualClock } from "../../test/support/virtual-clock.js";
import { ProcessCommitSignal } from "../adapters/clock/process-commit-signal.js";
import { BackendFailure } from "../adapters/event-store/log-backend.js";
import { MemoryEventStore } from "../adapters/memory/memory-event-store.js";
import { sha256 } from "../adapters/node-hash/sha256.js";
import type { Projection } from "../core/projection/projection.js";
import type { LogSession } from "../ports/event-store.js";
import type { ProjectionStore } from "../ports/projection-store.js";

const LOG = "run/one";

let events: MemoryEventStore;
let session: LogSession;
let store: ProjectionStore;
let journal: MemoryJournal;
let clock: VirtualClock;
let parts: WorkerParts;

beforeEach(async () => {
  events = new MemoryEventStore({ sha256, now: () => MONDAY });
  session = await openLog(events);
  store = await openProjections(events);
  journal = new MemoryJournal();
  clock = new VirtualClock();
  parts = { session, store, journal, clock };
});

async function put(key: string, amount = "100", at = MONDAY, stream = "account/1"): Promise<void> {
  const event = deposit(LOG, key, { payload: { amount }, occurred_at: at });
  const outcome = await session.append([{ stream, expected: "any", events: [event] }]);
  if (outcome.kind !== "stored") throw new Error(outcome.kind);
}

const kinds = (steps: readonly { readonly kind: string }[]): readonly string[] => steps.map(({ kind }) => kind);

describe("a worker that follows a log", () => {
  test("reads in bounded batches and does not wait while it is behind", async () => {
    for (let n = 0; n < 10; n++) await put(`${n}`);
    const steps = await settle(worker(balances, { ...parts, batch_events: 4 }));
    expect(steps).toMatchObject([
      { kind: "claimed", position: 0 },
      { kind: "worked", events: 4, position: 4 },
      { kind: "worked", events: 4, position: 8 },
      { kind: "worked", events: 2, position: 10 },
      { kind: "idle", position: 10 },
    ]);
    expect(clock.waiting).toBe(0);
  });

  test("is woken by a commit, and by looking where nobody tells it", async () => {
    const signal = new ProcessCommitSignal(clock);
    const stop = new AbortController();
    const ended = worker(balances, parts).run(stop.signal, signal, 1_000);
    const reached = async (position: number): Promise<void> => {
      for (let n = 0; n < 1_000 && (await activeHead(store, "balances"))?.position !== position; n++) await Promise.resolve();
      expect((await activeHead(store, "balances"))?.position).toBe(position);
    };
    await reached(0);
    while (clock.waiting === 0) await Promise.resolve();
    await put("a");
    signal.announce(LOG, 1);
    await reached(1);
    while (clock.waiting === 0) await Promise.resolve();
    await put("b");
    clock.advance(1_000);
    await reached(2);
    stop.abort();
    expect(await ended).toEqual({ kind: "ended" });
    expect((await activeHead(store, "balances"))?.lease).toBeNull();
  });

  test("two of one group fold each event once, and on takeover the checkpoint decides", async () => {
    for (let n = 0; n < 6; n++) await put(`${n}`);
    const [one, two] = [worker(balances, { ...parts, batch_events: 2 }), worker(balances, { ...parts, batch_events: 2 })];
    expect(kinds([await one.step(), await one.step(), await two.step()])).toEqual(["claimed", "worked", "held"]);
    clock.advance(30_000);
    expect(await two.step()).toMatchObject({ kind: "claimed", position: 2 });
    expect(await two.step()).toMatchObject({ kind: "worked", position: 4 });
    // The first was only slow. What it folded is fenced off, and it waits its turn.
    expect(kinds([await one.step(), await one.step()])).toEqual(["lost", "held"]);
    await settle(two);
    expect((await store.read({ name: "balances", generation: 1 }))?.state).toBe('{"accounts":{"account/1":"600"},"deposits":6}');
  });

  test("a quiet log keeps its lease for as long as the worker looks", async () => {
    const [one, two] = [worker(balances, parts), worker(balances, parts)];
    await settle(one);
    for (let n = 0; n < 10; n++) {
      clock.advance(20_000);
      expect((await one.step()).kind).toBe("idle");
      expect((await two.step()).kind).toBe("held");
    }
  });
});

describe("a poisoned event", () => {
  beforeEach(async () => {
    await put("a");
    await put("b", "666");
    await put("c");
  });

  test("halts its projection before it, says which and why, and loses nothing that follows", async () => {
    const steps = await settle(worker(balances, parts));
    const at = { position: 2, event_id: deposit(LOG, "b").id, type: "money.deposited", reason: "the amount of the beast" };
    expect(steps.at(-1)).toEqual({ kind: "halted", at });
    expect(await activeHead(store, "balances")).toMatchObject({ position: 1, halted: at });
    expect(journal.notes).toEqual([
      {
        type: "projection.halted",
        payload: { log: LOG, projection: "balances", generation: 1, code_version: "balances@1+money.deposited:2", ...at },
      },
    ]);
  });

  test("is set aside where the policy says so, and the rest is folded", async () => {
    await settle(worker(balances, { ...parts, policy: "park" }));
    const head = await activeHead(store, "balances");
    expect(head).toMatchObject({ position: 3, halted: null, parked: 1, events: 2 });
    expect(await store.parked({ name: "balances", generation: 1 })).toMatchObject([{ position: 2 }]);
    expect(journal.types()).toEqual(["projection.parked"]);
  });

  test("is folded once the code can, by the same generation or by a new one", async () => {
    await settle(worker(balances, parts));
    const mended: Projection<Balances> = { ...balances, version: 2, evolve: (state) => ({ ...state, deposits: state.deposits + 1 }) };
    clock.advance(30_000);
    const steps = await settle(worker(mended, parts));
    expect(steps).toContainEqual(expect.objectContaining({ kind: "activated", key: expect.objectContaining({ generation: 2 }) }));
    expect(await activeHead(store, "balances")).toMatchObject({
      generation: 2,
      code_version: "balances@2+money.deposited:2",
      events: 3,
      halted: null,
    });
  });

  test("that spoils the state, not the fold, is found among those of its batch", async () => {
    const spoiled: Projection<Balances> = {
      ...balances,
      evolve: (state, { payload }) => ({ ...state, deposits: payload["amount"] === "666" ? Number.NaN : state.deposits + 1 }),
    };
    expect((await settle(worker(spoiled, parts))).at(-1)).toMatchObject({ kind: "halted", at: { position: 2 } });
  });
});

describe("a stored state that may not be gone on from", () => {
  const altered = async (): Promise<void> => {
    const claim = await store.claim(
      { name: "balances", generation: 1 },
      { owner: "x", now: clock.now(), until: clock.now() + 1, force: true },
    );
    if (claim.kind !== "granted") throw new Error(claim.kind);
    const { record } = claim;
    const key = { name: "balances", generation: 1 };
    const { position, event_hash, events: n, as_of, state_hash } = record;
    const same = { position, event_hash, events: n, as_of, state_hash, halted: null, parked: [], parked_after: position };
    const state = '{"accounts":{"account/1":"9000000"},"deposits":2}';
    await store.save({ key, lease_epoch: record.lease_epoch, expected_position: position, ...same, state, updated_at: 0, lease_until: 0 });
  };

  test("because it was altered is built again beside, and said so", async () => {
    for (const key of ["a", "b"]) await put(key);
    const first = worker(balances, parts);
    await settle(first);
    await first.close();
    await altered();
    await settle(worker(balances, parts));
    expect(journal.types()).toEqual(["projection.refused", "projection.activated"]);
    expect(await activeHead(store, "balances")).toMatchObject({ generation: 2, ...(await hashOf()) });
  });

  test("because the log is shorter stops, loudly, until somebody builds it again", async () => {
    for (const key of ["a", "b"]) await put(key);
    const first = worker(balances, parts);
    await settle(first);
    await first.close();
    const restored = await openLog(new MemoryEventStore({ sha256, now: () => MONDAY }));
    await restored.append([{ stream: "account/1", expected: "any", events: [deposit(LOG, "a")] }]);
    expect((await settle(worker(balances, { ...parts, session: restored }))).at(-1)).toEqual({
      kind: "stopped",
      fault: "beyond_head",
      position: 2,
    });
    expect(journal.notes).toMatchObject([{ type: "projection.refused", payload: { fault: "beyond_head", position: 2 } }]);
    await settle(worker(balances, { ...parts, session: restored, rebuild: true }));
    expect(await activeHead(store, "balances")).toMatchObject({ generation: 2, position: 1, events: 1 });
  });

  test("because the log has another event there stops as well", async () => {
    await put("a");
    const first = worker(balances, parts);
    await settle(first);
    await first.close();
    const other = await openLog(new MemoryEventStore({ sha256, now: () => MONDAY }));
    await other.append([{ stream: "account/1", expected: "any", events: [deposit(LOG, "b")] }]);
    expect((await settle(worker(balances, { ...parts, session: other }))).at(-1)).toMatchObject({
      kind: "stopped",
      fault: "other_history",
    });
  });

  async function hashOf(): Promise<{ readonly state_hash: string }> {
    return { state_hash: (await replayed(balances, session)).state_hash };
  }
});

describe("a rebuild", () => {
  test("goes on beside the active generation, which answers and moves until the switch, and gives the same state hash", async () => {
    for (let n = 0; n < 6; n++) await put(`${n}`);
    const active = worker(balances, parts);
    await settle(active);
    const before = await activeHead(store, "balances");
    const rebuild = worker(balances, { ...parts, rebuild: true, batch_events: 2 });
    expect(kinds([await rebuild.step(), await rebuild.step()])).toEqual(["claimed", "worked"]);
    await put("more");
    await settle(active);
    expect((await store.heads()).map(({ role, position }) => [role, position])).toEqual([
      ["active", 7],
      ["building", 2],
    ]);
    expect(kinds(await settle(rebuild))).toEqual(["worked", "worked", "worked", "activated", "idle"]);
    expect(await store.heads()).toMatchObject([{ generation: 2, role: "active", position: 7, ...(await replayedHash()) }]);
    // The worker of the old generation finds it gone and then held by the new one's.
    await put("again");
    expect(kinds([await active.step(), await active.step()])).toEqual(["lost", "held"]);
    expect(before?.generation).toBe(1);
  });

  test("of a removed projection gives the same state hash", async () => {
    for (let n = 0; n < 6; n++) await put(`${n}`);
    await settle(worker(balances, parts));
    const before = await activeHead(store, "balances");
    await store.remove({ name: "balances" });
    await settle(worker(balances, parts));
    expect((await activeHead(store, "balances"))?.state_hash).toBe(before?.state_hash);
  });

  async function replayedHash(): Promise<{ readonly state_hash: string }> {
    return { state_hash: (await replayed(balances, session)).state_hash };
  }
});

describe("a projection in event time", () => {
  const hour = 3_600_000;

  test("gives the same state hash for every order of arrival", async () => {
    const hashes = new Set<string>();
    const orders = [
      [1, 2, 3, 4],
      [4, 3, 2, 1],
      [2, 4, 1, 3],
    ];
    for (const order of orders) {
      events = new MemoryEventStore({ sha256, now: () => MONDAY });
      session = await openLog(events);
      store = await openProjections(events);
      const follower = worker(history, { ...parts, session, store, batch_events: 1 });
      for (const n of order) {
        await put(`${n}`, `${n}`, MONDAY + n * hour);
        await settle(follower);
      }
      hashes.add((await activeHead(store, "history"))?.state_hash ?? "");
    }
    expect(hashes.size).toBe(1);
  });

  test("is folded again from the newest snapshot before a late event, and from the start where there is none", async () => {
    const policy = { kind: "every", events: 2 } as const;
    const follower = worker(history, { ...parts, snapshots: { policy, keep: 8 } });
    for (const n of [1, 2, 3, 4, 5, 6]) await put(`${n}`, `${n}`, MONDAY + n * hour);
    await settle(follower);
    await put("late", "50", MONDAY + 2.5 * hour);
    expect(await settle(follower)).toMatchObject([{ kind: "worked", recomputed: true }, { kind: "idle" }]);
    expect(await activeHead(store, "history")).toMatchObject({ position: 7, events: 7, ...(await timeHash()) });
    await put("latest", "60", MONDAY);
    await settle(follower);
    expect(await activeHead(store, "history")).toMatchObject({ position: 8, events: 8, ...(await timeHash()) });
  });

  test("halts at a poisoned event as it would by position", async () => {
    for (const [n, amount] of [5, 666, 4].entries()) await put(`${n}`, `${amount}`, MONDAY + (3 - n) * hour);
    const steps = await settle(worker(history, parts));
    expect(steps.at(-1)).toMatchObject({ kind: "halted", at: { position: 2 } });
    expect(await activeHead(store, "history")).toMatchObject({ position: 1, events: 1 });
  });

  async function timeHash(): Promise<{ readonly state_hash: string }> {
    return { state_hash: (await replayed(history, session)).state_hash };
  }
});

test.each(["begin", "heads", "putSnapshot"] as const)(
  "a worker whose store fails in %s says unavailable, goes on after, and folds each event once",
  async (method) => {
    for (let n = 1; n <= 6; n++) await put(`${n}`);
    let failing = true;
    const failingOnce = new Proxy(store, {
      get(of, name) {
        const value: unknown = Reflect.get(of, name, of);
        if (typeof value !== "function") return value;
        if (name !== method || !failing) return value.bind(of);
        return async () => {
          failing = false;
          throw new BackendFailure("io", "the disk is gone", null, undefined);
        };
      },
    });
    const snapshots = { policy: { kind: "every", events: 2 }, keep: 2 } as const;
    const folding = worker(balances, { ...parts, store: failingOnce, snapshots, force: true });
    expect((await settle(folding)).at(-1)).toEqual({ kind: "unavailable", cause: "the disk is gone" });
    expect((await settle(folding)).at(-1)).toMatchObject({ kind: "idle", position: 6 });
    const { state_hash } = await replayed(balances, session);
    expect(await activeHead(store, "balances")).toMatchObject({ position: 6, events: 6, state_hash });
  },
);
