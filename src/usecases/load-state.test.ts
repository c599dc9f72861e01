import { beforeEach, describe, expect, test } from "vitest";
import { balances, history, MemoryJournal, openProjections, replayed } from "../../test/support/projection-fixture.js";
import { deposit, ledgerCatalogue, MONDAY, openLog } from "../../test/support/tape-fixture.js";
import { MemoryEventStore } from "../adapters/memory/memory-event-store.js";
import { sha256 } from "../adapters/node-hash/sha256.js";
import { canonicalState, stateHash } from "../core/projection/projected-state.js";
import type { Projection } from "../core/projection/projection.js";
import { type Snapshot, snapshotDue, snapshotOf, stateOfSnapshot } from "../core/projection/snapshot.js";
import type { JsonObject } from "../core/tape/event.js";
import type { LogSession } from "../ports/event-store.js";
import type { ProjectionStore } from "../ports/projection-store.js";
import { checkSnapshots, type LoadedState, loadState } from "./load-state.js";

const LOG = "run/one";
const STREAM = "projection/balances";

let session: LogSession;
let store: ProjectionStore;
let journal: MemoryJournal;

beforeEach(async () => {
  const events = new MemoryEventStore({ sha256, now: () => MONDAY });
  session = await openLog(events);
  store = await openProjections(events);
  journal = new MemoryJournal();
});

async function put(from: number, to: number, at = (n: number) => MONDAY + n): Promise<void> {
  for (let n = from; n <= to; n++) {
    const event = deposit(LOG, `${n}`, { payload: { amount: `${n}` }, occurred_at: at(n) });
    await session.append([{ stream: `account/${n % 2}`, expected: "any", events: [event] }]);
  }
}

const load = <S extends JsonObject>(projection: Projection<S>, to?: number): Promise<LoadedState<S>> =>
  loadState({ projection, catalogue: ledgerCatalogue, session, store, journal, hash: sha256, ...(to === undefined ? {} : { to }) });

/** Puts a snapshot in place of the newest. */
async function exchange(change: (snapshot: Snapshot) => Snapshot): Promise<void> {
  const [newest] = await store.snapshots(STREAM);
  if (newest === undefined) throw new Error("there is no snapshot");
  await store.removeSnapshots(STREAM);
  await store.putSnapshot(change(newest), 2);
}

describe("a state that is loaded", () => {
  test("goes on from the newest snapshot and folds the tail alone, equal to a fold of the whole log", async () => {
    await put(1, 60);
    expect(await load(balances)).toMatchObject({ from_position: 0, folded: 60 });
    expect((await store.snapshots(STREAM)).map(({ version }) => version)).toEqual([50]);
    const again = await load(balances);
    expect(again).toMatchObject({ from_position: 50, folded: 10, ignored: [], state_hash: (await replayed(balances, session)).state_hash });
    await store.removeSnapshots(STREAM);
    expect((await load(balances)).state_hash).toBe(again.state_hash);
  });

  test("may be that of an earlier position", async () => {
    await put(1, 60);
    await load(balances);
    expect(await load(balances, 20)).toMatchObject({ from_position: 0, folded: 20, at: { position: 20, state: { deposits: 20 } } });
  });

  test("keeps the newest two snapshots, fifty events apart, and never one at version 0", async () => {
    await load(balances);
    expect(await store.snapshots(STREAM)).toEqual([]);
    await put(1, 160);
    await load(balances);
    expect((await store.snapshots(STREAM)).map(({ version }) => version)).toEqual([150, 100]);
    expect((await store.newestSnapshots()).map(({ version }) => version)).toEqual([150]);
  });

  test.each<[string, string, (snapshot: Snapshot) => Snapshot]>([
    ["an altered state", "altered", (s) => ({ ...s, state: s.state.replace('"deposits":50', '"deposits":51') })],
    ["an altered version", "altered", (s) => ({ ...s, version: 49 })],
    ["an altered position", "altered", (s) => ({ ...s, position: 49 })],
    ["other code", "other_code", (s) => ({ ...s, code_version: "balances@0" })],
  ])("ignores a snapshot with %s, with an event on the ops log", async (_, fault, change) => {
    await put(1, 60);
    const sound = await load(balances);
    await exchange(change);
    expect(await load(balances)).toMatchObject({ from_position: 0, folded: 60, state_hash: sound.state_hash, ignored: [{ fault }] });
    expect(journal.notes).toMatchObject([{ type: "snapshot.ignored", payload: { log: LOG, stream: STREAM, fault } }]);
  });

  test.each([
    ["beyond the head", "beyond_head", 40],
    ["of another history", "other_history", 60],
  ])("ignores a snapshot %s", async (_, fault, events) => {
    await put(1, 60);
    await load(balances);
    const [snapshot] = await store.snapshots(STREAM);
    if (snapshot === undefined) throw new Error("there is no snapshot");
    const others = new MemoryEventStore({ sha256, now: () => MONDAY });
    session = await openLog(others);
    store = await openProjections(others);
    await put(1, events, (n) => MONDAY + 2 * n);
    await store.putSnapshot(snapshot, 2);
    const { state_hash } = await replayed(balances, session);
    expect(await load(balances)).toMatchObject({ from_position: 0, state_hash, ignored: [{ fault }] });
  });

  test("goes on from an older snapshot where the newest is not believed", async () => {
    await put(1, 110);
    await load(balances);
    const [newest] = await store.snapshots(STREAM);
    if (newest === undefined) throw new Error("there is no snapshot");
    await store.putSnapshot({ ...newest, state: "{}" }, 2);
    expect(await load(balances)).toMatchObject({ from_position: 50, state_hash: (await replayed(balances, session)).state_hash });
  });

  test("stops before a poisoned event and says which", async () => {
    await put(1, 3);
    const poison = deposit(LOG, "x", { payload: { amount: "666" } });
    await session.append([{ stream: "account/1", expected: "any", events: [poison] }]);
    expect(await load(balances)).toMatchObject({ at: { position: 3 }, halted: { position: 4, event_id: poison.id } });
  });
});

describe("a snapshot that was altered with all its hashes", () => {
  test("is found by folding the whole log, removed, and taken down", async () => {
    await put(1, 60);
    const sound = await load(balances);
    await exchange((snapshot) => {
      const at = { ...stateOfSnapshot(snapshot), state: { accounts: {}, deposits: 50 } };
      return snapshotOf(STREAM, at, { text: canonicalState(at.state), code_version: snapshot.code_version, name: "balances" }, sha256);
    });
    const [forged] = await store.snapshots(STREAM);
    expect(forged?.state_hash).toBe(stateHash("balances", '{"accounts":{},"deposits":50}', sha256));
    expect((await load(balances)).state_hash).not.toBe(sound.state_hash);
    const request = { projection: balances, catalogue: ledgerCatalogue, session, store, journal, hash: sha256 };
    expect(await checkSnapshots(request)).toMatchObject([{ fault: "replay_differs" }]);
    expect(journal.types()).toEqual(["snapshot.ignored"]);
    expect((await load(balances)).state_hash).toBe(sound.state_hash);
    expect(await checkSnapshots(request)).toEqual([]);
  });
});

describe("in event time", () => {
  test("a snapshot and a tail with late events give what a fold of the whole log gives", async () => {
    await put(1, 60, (n) => MONDAY + 10 * n);
    const code_version = "history@1+event_time+money.deposited:2";
    for (const position of [20, 40, 60]) {
      const { at } = await load(history, position);
      const made = { text: canonicalState(at.state), code_version, name: "history" };
      await store.putSnapshot(snapshotOf("projection/history", at, made, sha256), 8);
    }
    expect((await load(history)).from_position).toBe(60);
    // Each comes before the newest snapshot that was usable until now.
    for (const [n, at, base] of [
      [61, 455, 40],
      [62, 390, 20],
      [63, 5, 0],
    ] as const) {
      await put(n, n, () => MONDAY + at);
      expect(await load(history)).toMatchObject({
        from_position: base,
        ignored: [],
        state_hash: (await replayed(history, session)).state_hash,
      });
    }
  });
});

test("a snapshot is due by count, or by what replaying would cost", () => {
  expect([49, 50, 99, 100].map((version) => snapshotDue({ kind: "every", events: 50 }, version, 50))).toEqual([false, false, false, true]);
  expect(snapshotDue({ kind: "every", events: 1 }, 0, 0)).toBe(false);
  const cost = { kind: "replay_cost", target_ms: 200, ms_per_event: 0.002 } as const;
  expect([100_000, 100_001].map((version) => snapshotDue(cost, version, 0))).toEqual([false, true]);
});
