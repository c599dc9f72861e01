import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import { initialState, stateHash, stateText } from "../../src/core/projection/projected-state.js";
import { type Snapshot, snapshotOf } from "../../src/core/projection/snapshot.js";
import type { LogSession } from "../../src/ports/event-store.js";
import type { ProjectionHead, ProjectionKey, ProjectionSave, ProjectionStore } from "../../src/ports/projection-store.js";
import {
  activeHead,
  balances,
  openProjections,
  replayed,
  type StoreWithProjections,
  settle,
  worker,
} from "../support/projection-fixture.js";
import { deposit, MONDAY, openLog } from "../support/tape-fixture.js";

const LOG = "run/one";
const EMPTY = '{"accounts":{},"deposits":0}';

/** A store with projections, and the ways in which a test may come back to it. */
export interface ProjectionStoreUnderTest {
  readonly store: StoreWithProjections;
  /** The same logs, as another process opens them. */
  reopen(): StoreWithProjections;
  dispose(): Promise<void>;
}

/** What every store that keeps projections must do. */
export function describeProjectionStore(name: string, make: (now: () => number) => Promise<ProjectionStoreUnderTest>): void {
  describe(`projection store contract: ${name}`, () => {
    let under: ProjectionStoreUnderTest;
    let session: LogSession;
    let store: ProjectionStore;

    beforeEach(async () => {
      under = await make(() => MONDAY);
      session = await openLog(under.store);
      store = await openProjections(under.store);
    });
    afterEach(async () => {
      await store.close();
      await under.dispose();
    });

    const begin = (changes: Partial<Parameters<ProjectionStore["begin"]>[0]> = {}): Promise<ProjectionHead> =>
      store.begin({
        name: "balances",
        role: "active",
        code_version: "balances@1",
        state: EMPTY,
        state_hash: stateHash("balances", EMPTY, sha256),
        at: MONDAY,
        ...changes,
      });
    const claim = async (
      key: ProjectionKey,
      owner = "a",
      changes: { now?: number; until?: number; force?: boolean } = {},
    ): Promise<number> => {
      const outcome = await store.claim(key, { owner, now: MONDAY, until: MONDAY + 1_000, ...changes });
      if (outcome.kind !== "granted") throw new Error(`the claim was answered ${JSON.stringify(outcome)}`);
      return outcome.record.lease_epoch;
    };
    const save = (key: ProjectionKey, lease_epoch: number, changes: Partial<ProjectionSave> = {}): ProjectionSave => ({
      key,
      lease_epoch,
      expected_position: 0,
      position: 3,
      event_hash: "e".repeat(64),
      events: 2,
      as_of: { occurred_at: MONDAY, id: "018cc251-f400-879f-bd6d-08b091e94d52" },
      state: '{"accounts":{"größer 🏦":"1"},"deposits":1}',
      state_hash: "5".repeat(64),
      halted: null,
      parked: [],
      parked_after: 0,
      updated_at: MONDAY + 1,
      lease_until: null,
      ...changes,
    });

    describe("when a build begins", () => {
      test("there is nothing before the first, and a log that is not there is not found", async () => {
        expect(await store.heads()).toEqual([]);
        expect(await store.read({ name: "balances", generation: 1 })).toBeNull();
        expect(await under.store.openProjections("run/none")).toEqual({ kind: "not_found", log: "run/none" });
      });

      test("it stands before the first event, and what is there of its role stays", async () => {
        const head = await begin();
        expect(head).toMatchObject({
          generation: 1,
          role: "active",
          position: 0,
          events: 0,
          parked: 0,
          lease: null,
          lease_epoch: 0,
          halted: null,
        });
        expect(await begin({ code_version: "balances@2" })).toEqual(head);
        expect(await store.read(head)).toEqual({ ...head, state: EMPTY });
        expect(await begin({ role: "building" })).toMatchObject({ generation: 2, role: "building" });
        expect((await store.heads()).map(({ generation }) => generation)).toEqual([1, 2]);
      });

      test("generations rise for ever, so that who worked on a removed one never meets another under its name", async () => {
        await begin();
        await store.remove({ name: "balances" });
        expect(await store.heads()).toEqual([]);
        expect(await begin()).toMatchObject({ generation: 2 });
      });

      test("another process sees it, and removing one generation leaves the other", async () => {
        const active = await begin();
        const building = await begin({ role: "building" });
        const other = await openProjections(under.reopen());
        await other.remove(active);
        expect(await store.heads()).toEqual([building]);
        await other.close();
      });
    });

    describe("when it is claimed", () => {
      test("a lease keeps others out until it ends, and each claim raises the epoch", async () => {
        const key = await begin();
        expect(await claim(key)).toBe(1);
        expect(await store.claim(key, { owner: "b", now: MONDAY + 999, until: MONDAY + 2_000 })).toEqual({
          kind: "held",
          lease: { owner: "a", epoch: 1, until: MONDAY + 1_000 },
        });
        expect(await claim(key, "b", { now: MONDAY + 1_000, until: MONDAY + 2_000 })).toBe(2);
        expect(await claim(key, "b", { now: MONDAY + 1_500, until: MONDAY + 3_000 })).toBe(3);
        expect(await claim(key, "c", { now: MONDAY + 1_500, until: MONDAY + 3_000, force: true })).toBe(4);
      });

      test("a lease that is let go of is free at once, but not by whoever lost it", async () => {
        const key = await begin();
        const first = await claim(key);
        await store.release(key, first + 1);
        expect((await store.claim(key, { owner: "b", now: MONDAY, until: MONDAY + 1 })).kind).toBe("held");
        await store.release(key, first);
        expect(await claim(key, "b")).toBe(2);
        await store.release(key, first);
        expect(await activeHead(store, "balances")).toMatchObject({ lease: { owner: "b", epoch: 2 } });
      });

      test("a lease is renewed by its holder alone", async () => {
        const key = await begin();
        const epoch = await claim(key);
        expect(await store.renew(key, epoch, MONDAY + 9_000)).toEqual({ kind: "saved" });
        expect(await activeHead(store, "balances")).toMatchObject({ lease: { until: MONDAY + 9_000 } });
        await claim(key, "b", { force: true });
        expect(await store.renew(key, epoch, MONDAY + 9_000)).toEqual({ kind: "fenced", epoch: 2 });
        expect(await store.renew({ name: "none", generation: 1 }, epoch, MONDAY)).toEqual({ kind: "gone" });
      });

      test("a projection that is not there is gone", async () => {
        expect(await store.claim({ name: "none", generation: 1 }, { owner: "a", now: MONDAY, until: MONDAY })).toEqual({ kind: "gone" });
      });
    });

    describe("when a step is saved", () => {
      test("state and checkpoint come back as they were", async () => {
        const key = await begin();
        const step = save(key, await claim(key), { lease_until: MONDAY + 5_000 });
        expect(await store.save(step)).toEqual({ kind: "saved" });
        const { position, event_hash, events, as_of, state, state_hash } = step;
        expect(await store.read(key)).toMatchObject({ position, event_hash, events, as_of, state, state_hash, updated_at: MONDAY + 1 });
        expect(await activeHead(store, "balances")).toMatchObject({ lease: { owner: "a", until: MONDAY + 5_000 } });
      });

      test("the checkpoint is swapped by comparison: a step from elsewhere changes nothing", async () => {
        const key = await begin();
        const epoch = await claim(key);
        await store.save(save(key, epoch));
        const before = await store.read(key);
        expect(await store.save(save(key, epoch, { position: 9 }))).toEqual({ kind: "conflict", position: 3 });
        expect(await store.read(key)).toEqual(before);
      });

      test("a holder that was replaced is fenced and changes nothing", async () => {
        const key = await begin();
        const first = await claim(key);
        const second = await claim(key, "b", { now: MONDAY + 1_000, until: MONDAY + 2_000 });
        expect(await store.save(save(key, first))).toEqual({ kind: "fenced", epoch: second });
        expect(await store.save(save(key, second))).toEqual({ kind: "saved" });
        await store.release(key, second);
        expect(await store.save(save(key, second, { expected_position: 3 }))).toEqual({ kind: "fenced", epoch: second });
        expect(await store.save(save({ name: "none", generation: 1 }, 1))).toEqual({ kind: "gone" });
      });

      test("a halt says at which event, and what was set aside is a set by position from where the step began", async () => {
        const key = await begin();
        const epoch = await claim(key);
        const poison = (position: number, reason = "no") => ({ position, event_id: `id ${position}`, type: "money.moved", reason });
        await store.save(save(key, epoch, { parked: [poison(2), poison(3)] }));
        await store.save(save(key, epoch, { expected_position: 3, position: 5, parked_after: 3, halted: poison(6), parked: [poison(5)] }));
        expect(await activeHead(store, "balances")).toMatchObject({ parked: 3, halted: poison(6) });
        await store.save(save(key, epoch, { expected_position: 5, position: 7, parked_after: 2, parked: [poison(6, "größer")] }));
        expect(await store.parked(key)).toEqual([poison(2), poison(6, "größer")]);
        expect(await activeHead(store, "balances")).toMatchObject({ parked: 2, halted: null });
        await store.remove(key);
        expect(await store.parked(key)).toEqual([]);
      });
    });

    describe("when a new generation is to answer", () => {
      test("it takes the place of the active one in one step, once it has looked as far", async () => {
        const active = await begin();
        await store.save(save(active, await claim(active)));
        const building = await begin({ role: "building", code_version: "balances@2" });
        const epoch = await claim(building, "b");
        expect(await store.activate(building, epoch)).toEqual({ kind: "behind", active_position: 3 });
        await store.save(save(building, epoch));
        expect(await store.activate(building, epoch + 1)).toEqual({ kind: "fenced", epoch });
        expect(await store.activate(building, epoch)).toEqual({ kind: "activated" });
        expect(await store.heads()).toMatchObject([{ generation: 2, role: "active", code_version: "balances@2", lease: { owner: "b" } }]);
        expect(await store.activate(building, epoch)).toEqual({ kind: "gone" });
        expect(await store.save(save(active, 1, { expected_position: 3 }))).toEqual({ kind: "gone" });
      });
    });

    describe("snapshots", () => {
      const snapshot = (position: number, changes: Partial<Snapshot> = {}): Snapshot => {
        const state = { accounts: {}, deposits: position };
        const text = stateText(state);
        if (!text.ok) throw new Error("a state is JSON");
        const at = { ...initialState(balances), state, position, events: position, as_of: { occurred_at: MONDAY, id: "x" } };
        return { ...snapshotOf("balances", at, { text: text.text, code_version: "balances@1", name: "balances" }, sha256), ...changes };
      };
      const positions = async (): Promise<readonly number[]> => (await store.snapshots("balances")).map(({ position }) => position);

      test("the newest of a stream and as many older ones as are to be kept come back as they were", async () => {
        for (const position of [1, 2, 3, 4]) await store.putSnapshot(snapshot(position), 3);
        expect(await positions()).toEqual([4, 3, 2]);
        expect((await store.snapshots("balances"))[0]).toEqual(snapshot(4));
        expect(await store.newestSnapshots()).toEqual([snapshot(4)]);
      });

      test("one that lies further back does not become the newest, and one at a position replaces the one there", async () => {
        await store.putSnapshot(snapshot(4), 2);
        await store.putSnapshot(snapshot(2), 2);
        expect(await positions()).toEqual([4, 2]);
        await store.putSnapshot(snapshot(4, { code_version: "balances@2" }), 2);
        expect(await store.newestSnapshots()).toMatchObject([{ position: 4, code_version: "balances@2" }]);
        expect(await positions()).toEqual([4, 2]);
      });

      test("streams do not see each other's, and they are removed one by one or altogether", async () => {
        for (const position of [1, 2, 3]) await store.putSnapshot(snapshot(position), 9);
        await store.putSnapshot(snapshot(7, { stream: "other" }), 9);
        await store.removeSnapshots("balances", [2, 3, 9]);
        expect(await positions()).toEqual([1]);
        await store.removeSnapshots("balances");
        expect(await positions()).toEqual([]);
        expect((await store.newestSnapshots()).map(({ stream }) => stream)).toEqual(["other"]);
        const others = await openProjections(under.reopen());
        expect(await others.snapshots("other")).toHaveLength(1);
        await others.close();
      });
    });

    describe("under a worker", () => {
      test("what is folded batch by batch, by one worker after another, is what a fold of the whole log gives", async () => {
        for (let n = 0; n < 25; n++)
          await session.append([{ stream: `account/${n % 3}`, expected: "any", events: [deposit(LOG, `${n}`)] }]);
        const first = worker(balances, { session, store, batch_events: 4 });
        for (let n = 0; n < 4; n++) await first.step();
        await first.close();
        const reader = await openLog(under.reopen(), { mode: "read" });
        const others = await openProjections(under.reopen());
        await settle(worker(balances, { session: reader, store: others, batch_events: 7 }));
        expect(await activeHead(store, "balances")).toMatchObject({ position: 25, ...(await hashOf()) });
        await reader.close();
        await others.close();
      });

      async function hashOf(): Promise<{ readonly state_hash: string; readonly events: number }> {
        const { state_hash, events } = await replayed(balances, session);
        return { state_hash, events };
      }
    });
  });
}
