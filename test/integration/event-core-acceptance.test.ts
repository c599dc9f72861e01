/** What a first user tries on the event core: a message twice, two writers, a look from inside a handler, late and shuffled events, lost and altered snapshots. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MemoryEventStore } from "../../src/adapters/memory/memory-event-store.js";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import { Dispatcher } from "../../src/core/tape/dispatcher.js";
import type { NewEvent } from "../../src/core/tape/event.js";
import type { StreamBatch } from "../../src/ports/event-store.js";
import { loadState } from "../../src/usecases/load-state.js";
import { publish } from "../../src/usecases/publish.js";
import { bothStores } from "../support/fault-stores.js";
import {
  activeHead,
  balances,
  history,
  MemoryJournal,
  openProjections,
  replayed,
  type StoreWithProjections,
  settle,
  worker,
} from "../support/projection-fixture.js";
import { seededRandom } from "../support/seeded-random.js";
import { deposit, ledgerCatalogue, MONDAY, openLog, readAll } from "../support/tape-fixture.js";

interface Place {
  store(): StoreWithProjections;
  dispose(): Promise<void>;
}

function inMemory(): Place {
  const store = new MemoryEventStore({ sha256, now: () => MONDAY });
  return { store: () => store, dispose: () => store.close() };
}

const places: readonly { readonly name: string; readonly make: () => Promise<Place> }[] = [
  { name: "memory", make: async () => inMemory() },
  ...bothStores,
];

const one = (event: NewEvent): StreamBatch[] => [{ stream: "account/1", expected: "any", events: [event] }];
const keyed = (key: string, minute = 0, amount = "1"): NewEvent =>
  deposit("run/one", key, { occurred_at: MONDAY + minute * 60_000, payload: { amount } });

describe.each(places)("on $name", ({ make }) => {
  let place: Place;
  beforeEach(async () => {
    place = await make();
  });
  afterEach(() => place.dispose());

  test("one event published twice, also after a restart, is one row, and its handlers ran once", async () => {
    const seen: number[] = [];
    const dispatcher = new Dispatcher();
    dispatcher.subscribe("money.deposited", ({ position }) => {
      seen.push(position);
    });
    const event = keyed("a");
    const first = await openLog(place.store());
    expect(await publish(first, dispatcher, one(event))).toMatchObject({ kind: "stored", positions: [1] });
    expect(await publish(first, dispatcher, one(event))).toMatchObject({ kind: "duplicate", positions: [1] });
    const second = await openLog(place.store());
    expect(await publish(second, dispatcher, one(event))).toMatchObject({ kind: "duplicate", positions: [1] });
    expect(seen).toEqual([1]);
    expect(await readAll(second)).toHaveLength(1);
  });

  test("of two who expect version 5 one wins, the other gets a typed conflict, tries again at the true version, and nothing is dropped", async () => {
    const session = await openLog(place.store());
    for (let n = 1; n <= 5; n++) await session.append(one(keyed(`${n}`)));
    const at = (key: string, expected: number): StreamBatch[] => [{ stream: "account/1", expected, events: [keyed(key)] }];
    const outcomes = await Promise.all([session.append(at("x", 5)), session.append(at("y", 5))]);
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["stored", "version_conflict"]);
    const loser = outcomes.findIndex(({ kind }) => kind === "version_conflict");
    expect(outcomes[loser]).toEqual({ kind: "version_conflict", stream: "account/1", expected: 5, actual: 6 });
    expect(await session.append(at(loser === 0 ? "x" : "y", 6))).toMatchObject({ kind: "stored" });
    expect((await readAll(session)).map(({ id }) => id)).toEqual(expect.arrayContaining([keyed("x").id, keyed("y").id]));
    expect((await readAll(session)).map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test("a handler that looks into the store, also from outside, finds its event; where the store fails no handler ran", async () => {
    const found: Promise<boolean>[] = [];
    const dispatcher = new Dispatcher();
    let calls = 0;
    const outside = place.store();
    dispatcher.subscribe("*", ({ id }) => {
      calls += 1;
      found.push(openLog(outside, { mode: "read" }).then(async (reader) => (await reader.findEvent(id)) !== null));
    });
    const session = await openLog(place.store());
    await publish(session, dispatcher, one(keyed("a")));
    expect(await Promise.all(found)).toEqual([true]);
    await openLog(place.store());
    expect(await publish(session, dispatcher, one(keyed("b")))).toMatchObject({ kind: "fenced" });
    await session.close();
    expect(await publish(session, dispatcher, one(keyed("c")))).toMatchObject({ kind: "unavailable" });
    expect(calls).toBe(1);
  });

  test("the same event twice is applied once and leaves the version; with another payload it is refused by field, and the original stands", async () => {
    const session = await openLog(place.store());
    const event = keyed("a");
    await session.append(one(event));
    expect(await session.append(one(event))).toMatchObject({ kind: "duplicate" });
    expect(await session.streamVersion("account/1")).toBe(1);
    const changed = { ...event, payload: { amount: "2" } };
    expect(await session.append(one(changed))).toEqual({ kind: "id_conflict", event_id: event.id, field: "payload_hash", position: 1 });
    expect((await readAll(session)).map(({ payload }) => payload)).toEqual(['{"amount":"1"}']);
  });

  const load = async (projection: typeof history | typeof balances, journal = new MemoryJournal()) => {
    const session = await openLog(place.store(), { mode: "read" });
    const store = await openProjections(place.store());
    const request = { catalogue: ledgerCatalogue, session, store, journal, hash: sha256 };
    const loaded =
      projection === history ? await loadState({ ...request, projection: history }) : await loadState({ ...request, projection: balances });
    await session.close();
    return loaded;
  };

  test("an event whose time lies before the last snapshot: snapshot and tail are what a whole replay gives", async () => {
    const session = await openLog(place.store());
    const projections = await openProjections(place.store());
    for (let n = 1; n <= 60; n++) await session.append(one(keyed(`${n}`, n)));
    const folding = worker(history, { session, store: projections });
    await settle(folding);
    expect((await projections.newestSnapshots()).map(({ version }) => version)).toEqual([50]);
    for (const late of [55, 30, 0.5]) {
      await session.append(one(keyed(`late ${late}`, late, "9")));
      await settle(folding);
      const { state_hash } = await replayed(history, session);
      expect((await activeHead(projections, "history"))?.state_hash).toBe(state_hash);
      expect((await load(history)).state_hash).toBe(state_hash);
    }
    await folding.close();
  });

  test("the same events in any order of delivery give the same projections and hashes", async () => {
    const random = seededRandom(6);
    const events = Array.from({ length: 40 }, (_, n) => keyed(`${n}`, n, String(n)));
    const hashes = new Set<string>();
    const sums = new Set<string>();
    for (let round = 0; round < 3; round++) {
      const other = await make();
      const session = await openLog(other.store());
      const left = [...events];
      while (left.length > 0)
        await session.append([{ stream: `account/${left.length % 2}`, expected: "any", events: left.splice(random(left.length), 1) }]);
      const projections = await openProjections(other.store());
      await settle(worker({ ...history, evolve: history.evolve }, { session, store: projections }));
      hashes.add((await activeHead(projections, "history"))?.state_hash ?? "");
      const { state } = await replayed(balances, session);
      sums.add(String(Object.values(state.accounts).reduce((sum, amount) => sum + BigInt(amount), 0n)));
      await other.dispose();
    }
    expect(hashes.size).toBe(1);
    expect(sums).toEqual(new Set(["780"]));
  });

  test("who dies between append and projection starts with the same state, with its snapshot, without it, and with one that was altered", async () => {
    const session = await openLog(place.store());
    for (let n = 1; n <= 55; n++) await session.append(one(keyed(`${n}`)));
    const before = await load(balances);
    // Appended, and nobody folded it: the process died.
    for (let n = 56; n <= 60; n++) await session.append(one(keyed(`${n}`)));
    const after = await load(balances);
    expect(after).toMatchObject({ from_position: 50, folded: 10 });
    expect(after.state_hash).not.toBe(before.state_hash);
    const projections = await openProjections(place.store());
    await projections.removeSnapshots("projection/balances");
    expect(await load(balances)).toMatchObject({ from_position: 0, folded: 60, state_hash: after.state_hash });
    const [snapshot] = await projections.snapshots("projection/balances");
    if (snapshot === undefined) throw new Error("the load keeps a snapshot");
    await projections.putSnapshot({ ...snapshot, state: snapshot.state.replace('"deposits":50', '"deposits":51') }, 1);
    const journal = new MemoryJournal();
    expect(await load(balances, journal)).toMatchObject({
      from_position: 0,
      state_hash: after.state_hash,
      ignored: [{ fault: "altered" }],
    });
    expect(journal.types()).toEqual(["snapshot.ignored"]);
  });
});
