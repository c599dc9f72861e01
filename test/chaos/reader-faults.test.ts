/** Readers that share a group, meet poison or die inside their transaction, and effects that are cut off from their events: scenarios 18, 25, 26 and 27 on both stores. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import { outboxCatalogue } from "../../src/core/session/outbox-events.js";
import type { LogSession } from "../../src/ports/event-store.js";
import type { Notification, Notifier } from "../../src/ports/notifier.js";
import type { ProjectionStore } from "../../src/ports/projection-store.js";
import { Outbox } from "../../src/usecases/outbox.js";
import { projectionHealth } from "../../src/usecases/projection-health.js";
import { recordFault, rounds } from "../support/fault-record.js";
import { bothStores, type StoreUnderFault } from "../support/fault-stores.js";
import { Oracle } from "../support/oracle.js";
import { activeHead, balances, openProjections, replayed, settle, worker } from "../support/projection-fixture.js";
import { seededRandom } from "../support/seeded-random.js";
import { deposit, ledgerCatalogue, MONDAY, openLog } from "../support/tape-fixture.js";
import { VirtualClock } from "../support/virtual-clock.js";

let under: StoreUnderFault;
let oracle: Oracle;
let session: LogSession;
let derived: ProjectionStore;

async function put(from: number, to: number, amount = (n: number) => `${n}`): Promise<void> {
  for (let n = from; n <= to; n++) {
    const events = [deposit("run/one", `${n}`, { payload: { amount: amount(n) }, occurred_at: MONDAY + n })];
    expect((await oracle.append(session, [{ stream: `account/${n % 3}`, expected: "any", events }])).kind).toBe("stored");
  }
}

/** I5: the stored state is one application of each event up to the checkpoint. */
async function expectOncePerEvent(position: number): Promise<void> {
  const { state_hash, events } = await replayed(balances, session);
  expect(await activeHead(derived, "balances")).toMatchObject({ position, events, state_hash });
}

describe.each(bothStores)("readers of $name", ({ name: store, make }) => {
  beforeEach(async () => {
    under = await make();
    oracle = new Oracle();
    session = await openLog(under.store());
    derived = await openProjections(under.store());
  });
  afterEach(() => under.dispose());

  test("scenario 18: two of one group handle each event once, and the checkpoint decides who goes on", async () => {
    const random = seededRandom(18);
    const clock = new VirtualClock();
    const many = rounds(4, 40);
    let taken = 0;
    for (let round = 0; round < many; round++) {
      const own = under.store();
      const of = async () => worker(balances, { session, store: await openProjections(own), clock, batch_events: 2, lease_ms: 1_000 });
      const two = [await of(), await of()];
      await put(round * 12 + 1, round * 12 + 12);
      let holder = -1;
      for (let step = 0; step < 20; step++) {
        const who = random(2);
        const { kind } = (await two[who]?.step()) ?? { kind: "idle" };
        if (kind !== "worked") continue;
        // Whoever holds the lease works; the other is held off.
        if (holder >= 0) expect(who).toBe(holder);
        holder = who;
      }
      // The holder dies without a word, and its lease ends.
      clock.advance(2_000);
      if (holder < 0) continue;
      await settle(two[1 - holder] ?? (await of()));
      await expectOncePerEvent(round * 12 + 12);
      clock.advance(2_000);
      taken += 1;
      await own.close();
    }
    await oracle.check(under.store());
    recordFault({ scenario: 18, store, injected: taken, acknowledged: oracle.acknowledged });
  });

  test("scenario 25: poison stops its projection and nothing else, and health says which event and why", async () => {
    await put(1, 20, (n) => (n === 8 ? "666" : `${n}`));
    const tolerant = {
      ...balances,
      name: "tolerant",
      evolve: (state: typeof balances.initial) => ({ ...state, deposits: state.deposits + 1 }),
    };
    expect((await settle(worker(balances, { session, store: derived }))).at(-1)).toMatchObject({ kind: "halted" });
    await settle(worker(tolerant, { session, store: derived }));
    await put(21, 25);
    await settle(worker(tolerant, { session, store: derived, force: true }));
    expect(await activeHead(derived, "tolerant")).toMatchObject({ position: 25, events: 25 });
    const request = { projection: balances, catalogue: ledgerCatalogue, session, store: derived, hash: sha256, now: MONDAY + 5_000 };
    expect((await projectionHealth(request)).health).toMatchObject({
      condition: "halted",
      why: expect.stringContaining("the amount of the beast"),
      position: 7,
      lag_events: 18,
    });
    await settle(worker(balances, { session, store: derived, policy: "park", rebuild: true, force: true }));
    expect((await projectionHealth(request)).health).toMatchObject({ condition: "current", position: 25, parked: [{ position: 8 }] });
    recordFault({ scenario: 25, store, injected: 1, acknowledged: oracle.acknowledged });
  });

  test("scenario 26: that die between effect and checkpoint leave neither, and the next one applies each event once", async () => {
    const random = seededRandom(26);
    let died = 0;
    for (let round = 0; round < rounds(4, 40); round++) {
      await put(round * 9 + 1, round * 9 + 9);
      const mortal = dyingAt(derived, 1 + random(3));
      try {
        await settle(worker(balances, { session, store: mortal, batch_events: 2, force: true }));
      } catch (error) {
        expect(String(error)).toContain("the process died");
        died += 1;
      }
      const head = await activeHead(derived, "balances");
      if (head !== null) expect(head.events).toBe(head.position);
      await settle(worker(balances, { session, store: derived, batch_events: 4, force: true }));
      await expectOncePerEvent(round * 9 + 9);
    }
    await oracle.check(under.store());
    recordFault({ scenario: 26, store, injected: died, acknowledged: oracle.acknowledged });
  });

  test("scenario 27: effects follow durable events alone, and a death before or after the call sends none twice", async () => {
    const told: string[] = [];
    let dies: "before" | "after" | null = null;
    const reader = await openLog(under.store(), { mode: "read" });
    const desk: Notifier = {
      async notify({ id }) {
        // I7: whoever is told can find the event that asks for it.
        expect(await reader.findEvent(id)).not.toBeNull();
        if (dies === "before") throw new Error("the process died");
        told.push(id);
        if (dies === "after") throw new Error("the process died");
        return { kind: "delivered" };
      },
      find: async (id) => (told.includes(id) ? "delivered" : "absent"),
    };
    /** A process that sends and ends, by death or not. */
    const process = async (intent: Notification): Promise<void> => {
      const own = under.store();
      const outbox = await Outbox.open(
        { store: own, clock: new VirtualClock(), hash: sha256, notifiers: new Map([["desk", desk]]) },
        "hand",
      );
      await outbox.send([intent]).finally(() => own.close());
    };
    const intents: string[] = [];
    let died = 0;
    for (let round = 0; round < rounds(4, 40); round++) {
      await put(round + 1, round + 1);
      const event = deposit("run/one", `${round + 1}`, { occurred_at: MONDAY + round + 1 });
      const intent: Notification = { id: event.id, channel: "desk", about: event.type, text: "" };
      intents.push(event.id);
      dies = round % 2 === 0 ? "before" : "after";
      await expect(process(intent)).rejects.toThrow("the process died");
      died += 1;
      dies = null;
      await process(intent);
    }
    expect(told).toEqual(intents);
    const outbox = await openLog(under.store(), { log: "outbox/hand", catalogue: outboxCatalogue, mode: "read" });
    expect((await outbox.verify("L2")).failure).toBeNull();
    await oracle.check(under.store());
    recordFault({ scenario: 27, store, injected: died, acknowledged: oracle.acknowledged });
  });

  test("the alarm rings for a projection that saves a batch twice", async () => {
    await put(1, 4);
    const twice = {
      ...balances,
      evolve: (...[state, event]: Parameters<typeof balances.evolve>) => balances.evolve(balances.evolve(state, event), event),
    };
    await settle(worker(twice, { session, store: derived }));
    await expect(expectOncePerEvent(4)).rejects.toThrow();
  });
});

/** A store of projections whose process dies in the middle of the save of that number, before anything of it is committed. */
function dyingAt(store: ProjectionStore, nth: number): ProjectionStore {
  let saves = 0;
  return new Proxy(store, {
    get(of, name) {
      const value: unknown = Reflect.get(of, name, of);
      if (typeof value !== "function") return value;
      if (name !== "save") return value.bind(of);
      return async (save: Parameters<ProjectionStore["save"]>[0]) => {
        saves += 1;
        if (saves !== nth) return store.save(save);
        // Before the transaction, or after it was committed and before anybody heard of it.
        if (nth % 2 === 0) await store.save(save);
        throw new Error("the process died");
      };
    },
  });
}
