/** Messages that come twice, altered, late or mixed, clocks that jump, and writers that race: scenarios 11 to 17 on both stores. */
import { rmSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import type { NewEvent } from "../../src/core/tape/event.js";
import { eventId } from "../../src/core/tape/event-id.js";
import type { StreamBatch } from "../../src/ports/event-store.js";
import type { Notification, Notifier } from "../../src/ports/notifier.js";
import { Outbox, OutboxUnusable } from "../../src/usecases/outbox.js";
import { watchedStore } from "../../src/usecases/watched-store.js";
import { bundleChild } from "../support/bundle-child.js";
import { FaultAgent } from "../support/fault-agent.js";
import { recordFault, rounds } from "../support/fault-record.js";
import { bothStores, type StoreUnderFault } from "../support/fault-stores.js";
import { Oracle } from "../support/oracle.js";
import { activeHead, history, MemoryJournal, openProjections, replayed, settle, worker } from "../support/projection-fixture.js";
import { seededRandom } from "../support/seeded-random.js";
import { deposit, MONDAY, openLog, readAll } from "../support/tape-fixture.js";
import { VirtualClock } from "../support/virtual-clock.js";

let program: string;
let under: StoreUnderFault;
let oracle: Oracle;

beforeAll(async () => {
  program = await bundleChild("test/chaos/fault-agent.child.ts");
});
afterAll(() => rmSync(program, { force: true }));

const one = (event: NewEvent, stream = "account/1"): StreamBatch[] => [{ stream, expected: "any", events: [event] }];

function shuffled<T>(items: readonly T[], random: (below: number) => number): T[] {
  const left = [...items];
  const out: T[] = [];
  while (left.length > 0) out.push(...left.splice(random(left.length), 1));
  return out;
}

describe.each(bothStores)("deliveries to $name", ({ name: store, make }) => {
  beforeEach(async () => {
    under = await make();
    oracle = new Oracle();
  });
  afterEach(() => under.dispose());

  test("scenario 11: that come one to five times, over restarts, are one event with one receipt", async () => {
    const random = seededRandom(11);
    const messages = Array.from({ length: rounds(20, 300) }, (_, n) => deposit("run/one", `m${n}`, { payload: { amount: String(n) } }));
    const sent = shuffled(
      messages.flatMap((message) => Array.from({ length: 1 + random(5) }, () => message)),
      random,
    );
    let session = await openLog(under.store());
    for (const [n, message] of sent.entries()) {
      // A process that dies closes nothing; the next one takes the log over.
      if (n % 17 === 16) session = await openLog(under.store());
      expect(["stored", "duplicate"]).toContain((await oracle.append(session, one(message))).kind);
    }
    expect((await oracle.check(under.store())).events).toHaveLength(messages.length);
    const again = sent.length - messages.length;
    recordFault({ scenario: 11, store, injected: again, acknowledged: oracle.acknowledged });
  });

  test("scenario 12: with a known id and other content are refused by field, leave the original alone, and are taken down", async () => {
    const journal = new MemoryJournal();
    const session = await openLog(watchedStore(under.store(), new VirtualClock(), journal));
    const original = deposit("run/one", "a", { source_at: MONDAY });
    await oracle.append(session, one(original));
    const before = await readAll(session);
    const changes = [
      ["payload_hash", { payload: { amount: "101" } }],
      ["type", { type: "money.moved", schema_version: 1, payload: { amount: "100", to: "x" } }],
      ["occurred_at", { occurred_at: MONDAY + 1 }],
      ["source_at", { source_at: MONDAY - 1 }],
      ["causation_id", { causation_id: eventId(MONDAY, "run/one", "cause", 0, sha256) }],
    ] as const;
    for (const [field, change] of changes)
      expect(await session.append(one({ ...original, ...change }))).toEqual({
        kind: "id_conflict",
        event_id: original.id,
        field,
        position: 1,
      });
    expect(await session.append(one(original, "account/2"))).toMatchObject({ kind: "id_conflict", field: "stream" });
    expect(await readAll(session)).toEqual(before);
    expect(journal.notes.map(({ type, payload }) => [type, payload["field"], payload["position"]])).toEqual(
      [...changes.map(([field]) => field), "stream"].map((field) => ["append.id_conflict", field, 1]),
    );
    await oracle.check(under.store());
    recordFault({ scenario: 12, store, injected: changes.length + 1, acknowledged: oracle.acknowledged });
  });

  test("scenario 13: out of order keep their order of arrival, and whoever folds by time comes to the same", async () => {
    const random = seededRandom(13);
    const total = rounds(40, 400);
    const inOrder = Array.from({ length: total }, (_, n) =>
      deposit("run/one", `m${n}`, { occurred_at: MONDAY + n * 1_000, payload: { amount: String(n % 600) } }),
    );
    const windows = Array.from({ length: Math.ceil(total / 8) }, (_, w) => inOrder.slice(w * 8, w * 8 + 8));
    const arrived = [
      ...windows.flatMap((window) => shuffled(window, random)),
      deposit("run/one", "very late", { occurred_at: MONDAY - 5 }),
    ];
    const session = await openLog(under.store());
    const derived = await openProjections(under.store());
    for (const [n, message] of arrived.entries()) {
      await oracle.append(session, one(message));
      if (n % 10 === 9) await settle(worker(history, { session, store: derived, force: true }));
    }
    await settle(worker(history, { session, store: derived, force: true }));
    const { events } = await oracle.check(under.store());
    expect(events.map(({ id }) => id)).toEqual(arrived.map(({ id }) => id));
    // The same messages in the order of their time, in another log of the same kind.
    const calm = await make();
    const other = await openLog(calm.store());
    for (const message of [...arrived].sort((a, b) => a.occurred_at - b.occurred_at)) await other.append(one(message));
    const expected = (await replayed(history, session)).state_hash;
    expect((await activeHead(derived, "history"))?.state_hash).toBe(expected);
    const calmly = await openProjections(calm.store());
    await settle(worker(history, { session: other, store: calmly }));
    expect((await activeHead(calmly, "history"))?.state_hash).toBe(expected);
    await calm.dispose();
    recordFault({ scenario: 13, store, injected: total + 1, acknowledged: oracle.acknowledged });
  });

  test("scenario 14: of old and new together are refused whole, with the old ones named", async () => {
    const random = seededRandom(14);
    const session = await openLog(under.store());
    const message = (n: number): NewEvent => deposit("run/one", `m${n}`);
    const stored = new Set<number>();
    let mixed = 0;
    for (let round = 0; round < rounds(15, 150); round++) {
      const keys = shuffled(
        Array.from({ length: 12 + round }, (_, n) => n),
        random,
      ).slice(0, 1 + random(4));
      const known = keys.filter((n) => stored.has(n));
      const outcome = await oracle.append(session, [{ stream: "account/1", expected: "any", events: keys.map(message) }]);
      if (known.length === 0) expect(outcome.kind).toBe("stored");
      else if (known.length === keys.length) expect(outcome.kind).toBe("duplicate");
      else {
        expect(outcome).toEqual({ kind: "partial_duplicate", duplicates: known.map((n) => message(n).id) });
        mixed += 1;
      }
      if (outcome.kind === "stored") for (const n of keys) stored.add(n);
      expect(session.head().position).toBe(stored.size);
    }
    await oracle.check(under.store());
    recordFault({ scenario: 14, store, injected: mixed, acknowledged: oracle.acknowledged });
  });

  test("scenario 15: under a clock that goes back, jumps and repeats a second are the same log, and the steps back are taken down", async () => {
    const jumps = [0, 5_000, -86_400_000, 1, 1, 3_600_000, -1, 999, -3_600_000, 0];
    let now = MONDAY;
    const clock = { now: () => now, wait: () => Promise.resolve() };
    const journal = new MemoryJournal();
    const session = await openLog(watchedStore(under.store(clock.now), clock, journal));
    const calm = await make();
    const other = await openLog(calm.store());
    for (const [n, jump] of jumps.entries()) {
      now += jump;
      await oracle.append(session, one(deposit("run/one", `${n}`)));
      await other.append(one(deposit("run/one", `${n}`)));
    }
    // A process that starts under a clock that is behind says so too.
    now -= 1_000_000;
    const next = await openLog(watchedStore(under.store(clock.now), clock, journal));
    await oracle.append(next, one(deposit("run/one", "next")));
    await other.append(one(deposit("run/one", "next")));
    const recorded = (await readAll(next)).map(({ recorded_at }) => recorded_at);
    expect(recorded).toEqual(recorded.toSorted((a, b) => a - b));
    expect(next.head()).toEqual(other.head());
    await calm.dispose();
    const back = journal.notes.filter(({ type }) => type === "clock.stepped_back").map(({ payload }) => payload["behind_ms"]);
    expect(back.slice(0, 3)).toEqual([86_400_000, 1, 3_600_000]);
    expect(back).toHaveLength(4);
    await oracle.check(under.store());
    recordFault({ scenario: 15, store, injected: jumps.length + 1, acknowledged: oracle.acknowledged });
  });

  test("scenario 16: of two writers at one version are won by exactly one, and the loser is told the true version or that it was replaced", async () => {
    const session = await openLog(under.store());
    let version = 0;
    let raced = 0;
    for (let round = 0; round < rounds(10, 100); round++) {
      const keys = Array.from({ length: 3 }, (_, n) => `${round}-${n}`);
      const outcomes = await Promise.all(
        keys.map((key) => oracle.append(session, [{ stream: "account/1", expected: version, events: [deposit("run/one", key)] }])),
      );
      expect(outcomes.filter(({ kind }) => kind === "stored")).toHaveLength(1);
      for (const outcome of outcomes)
        if (outcome.kind !== "stored")
          expect(outcome).toEqual({ kind: "version_conflict", stream: "account/1", expected: version, actual: version + 1 });
      version += 1;
      raced += 2;
      // The loser decides again, and nothing is dropped.
      const loser = outcomes.findIndex(({ kind }) => kind !== "stored");
      const retry = [{ stream: "account/1", expected: version, events: [deposit("run/one", keys[loser] ?? "")] }];
      expect((await oracle.append(session, retry)).kind).toBe("stored");
      version += 1;
    }
    const agents = [new FaultAgent(program, under), new FaultAgent(program, under)] as const;
    await agents[0].open();
    await agents[1].open();
    const outcomes = await Promise.all(
      agents.map((agent, n) => agent.append([{ stream: "account/1", expected: version, events: [deposit("run/one", `process ${n}`)] }])),
    );
    expect(outcomes.map((outcome) => outcome?.kind)).toEqual(["fenced", "stored"]);
    oracle.submit(one(deposit("run/one", "process 1")));
    for (const agent of agents) await agent.close();
    await oracle.check(under.store());
    recordFault({ scenario: 16, store, injected: raced + 1, acknowledged: oracle.acknowledged });
  });

  test("scenario 17: by an engine that was stopped, replaced and woken are fenced: no row, and nothing that it had queued leaves", async () => {
    let struck = 0;
    for (let round = 0; round < rounds(1, 10); round++) {
      const first = new FaultAgent(program, under);
      await first.open();
      const before = one(deposit("run/one", `${round}-first`));
      oracle.submit(before);
      expect(await first.append(before)).toMatchObject({ kind: "stored" });
      first.signal("SIGSTOP");
      const queued = [1, 2, 3].map((n) => one(deposit("run/one", `${round}-late-${n}`)));
      for (const batches of queued) first.tell({ do: "append", batches });
      const second = await openLog(under.store());
      expect((await oracle.append(second, one(deposit("run/one", `${round}-second`)))).kind).toBe("stored");
      first.signal("SIGCONT");
      for (const _ of queued) {
        expect(await first.next()).toMatchObject({ kind: "appended", outcome: { kind: "fenced" } });
        struck += 1;
      }
      await first.close();
      expect((await oracle.append(second, one(deposit("run/one", `${round}-more`)))).kind).toBe("stored");
      await second.close();
      // None of the late ones was submitted to the oracle: one that stood there would break I2.
      await oracle.check(under.store());
    }
    const told: string[] = [];
    const desk: Notifier = {
      notify: async ({ id }: Notification) => {
        told.push(id);
        return { kind: "delivered" };
      },
      find: async () => "absent",
    };
    const ports = () => ({ store: under.store(), clock: new VirtualClock(), hash: sha256, notifiers: new Map([["desk", desk]]) });
    const intent = (id: string): Notification => ({ id, channel: "desk", about: "x", text: "x" });
    const replaced = await Outbox.open(ports(), "hand");
    const current = await Outbox.open(ports(), "hand");
    await expect(replaced.send([intent("of-the-replaced")])).rejects.toThrow(OutboxUnusable);
    await current.send([intent("of-the-current")]);
    expect(told).toEqual(["of-the-current"]);
    await current.close();
    recordFault({ scenario: 17, store, injected: struck + 1, acknowledged: oracle.acknowledged });
  });

  test("the alarm rings for a store that takes a message twice", async () => {
    const session = await openLog(under.store());
    const doubling = {
      append: async (batches: readonly StreamBatch[]) => {
        await session.append(
          batches.map((batch) => ({ ...batch, events: batch.events.map((event) => ({ ...event, id: twin(event.id) })) })),
        );
        return session.append(batches);
      },
    };
    await oracle.append(doubling, one(deposit("run/one", "a")));
    await expect(oracle.check(under.store())).rejects.toThrow(/^I2: /);
  });
});

/** Another id for the same message, as a store without ids of the caller's would give. */
function twin(id: string): string {
  return `${id.slice(0, -1)}${id.endsWith("0") ? "1" : "0"}`;
}
