/** Commits that are sent before those ahead of them are answered, on a real server. */
import { beforeAll, beforeEach, expect, test } from "vitest";
import type { NewEvent } from "../../src/core/tape/event.js";
import { administer, clearDatabase, newDatabase, postgresStore } from "../support/postgres-store.js";
import { sharedServer } from "../support/shared-postgres.js";
import { deposit, openLog, readAll } from "../support/tape-fixture.js";

let dsn: string;

beforeAll(async () => {
  dsn = await newDatabase(await sharedServer(), "ahead");
});
beforeEach(() => clearDatabase(dsn));

const CALLERS = 40;
const event = (key: string): NewEvent => deposit("run/one", key);

test("forty appends at once come to two commits or more, in the order of the calls", async () => {
  const store = postgresStore(dsn);
  const session = await openLog(store);
  const outcomes = await Promise.all(
    Array.from({ length: CALLERS }, (_, n) => session.append([{ stream: "account/1", expected: n, events: [event(`${n}`)] }])),
  );
  // The first is alone: nobody knows yet whether its stream is there.
  expect(outcomes.map((outcome) => (outcome.kind === "stored" ? outcome.positions : outcome))).toEqual(
    Array.from({ length: CALLERS }, (_, n) => [n + 1]),
  );
  expect((await session.anchors()).length).toBeGreaterThan(1);
  expect((await session.verify("L2")).failure).toBeNull();
  await store.close();
});

test("a stream said to be new that is there, and an id that is stored, are found although later commits are on their way", async () => {
  const before = postgresStore(dsn);
  const first = await openLog(before);
  await first.append([{ stream: "account/old", expected: "no_stream", events: [event("old")] }]);
  await before.close();

  const store = postgresStore(dsn);
  const session = await openLog(store);
  const appends = Array.from({ length: CALLERS }, (_, n) => {
    if (n === 3) return session.append([{ stream: "account/old", expected: "no_stream", events: [event("again")] }]);
    if (n === 25) return session.append([{ stream: "account/other", expected: 0, events: [event("old")] }]);
    if (n === 30) return session.append([{ stream: "account/old", expected: 0, events: [event("old")] }]);
    return session.append([{ stream: `account/${n}`, expected: n % 2 === 0 ? 0 : "no_stream", events: [event(`${n}`)] }]);
  });
  const outcomes = await Promise.all(appends);
  expect(outcomes[3]).toEqual({ kind: "version_conflict", stream: "account/old", expected: "no_stream", actual: 1 });
  expect(outcomes[25]).toMatchObject({ kind: "id_conflict", field: "stream", position: 1 });
  expect(outcomes[30]).toMatchObject({ kind: "duplicate", positions: [1] });
  const stored = outcomes.flatMap((outcome) => (outcome.kind === "stored" ? outcome.positions : []));
  expect(stored).toEqual(Array.from({ length: CALLERS - 3 }, (_, n) => n + 2));
  expect(await readAll(session)).toHaveLength(CALLERS - 2);
  expect((await session.verify("L2")).failure).toBeNull();
  await store.close();
});

test("everything that is on its way when another writer takes the log over is fenced, and stores nothing", async () => {
  const store = postgresStore(dsn);
  const session = await openLog(store);
  await session.append([{ stream: "account/1", expected: 0, events: [event("first")] }]);
  const other = postgresStore(dsn);
  const winner = await openLog(other);
  const outcomes = await Promise.all(
    Array.from({ length: CALLERS }, (_, n) => session.append([{ stream: `account/x${n}`, expected: 0, events: [event(`x${n}`)] }])),
  );
  expect(new Set(outcomes.map((outcome) => outcome.kind))).toEqual(new Set(["fenced"]));
  expect(await readAll(winner)).toHaveLength(1);
  expect(await winner.append([{ stream: "account/1", expected: 1, events: [event("second")] }])).toMatchObject({ kind: "stored" });
  await store.close();
  await other.close();
});

test("a connection that is cut with commits on their way loses and doubles nothing: what became of each is told by its id", async () => {
  const store = postgresStore(dsn);
  const session = await openLog(store);
  let answered = 0;
  let unknown = 0;
  let finished = false;
  const caller = async (n: number): Promise<void> => {
    for (let version = 0; version < 25; ) {
      const outcome = await session.append([{ stream: `account/${n}`, expected: version, events: [event(`${n}/${version}`)] }]);
      if (outcome.kind === "stored" || outcome.kind === "duplicate") {
        version += 1;
        answered += 1;
      } else if (outcome.kind === "unknown") unknown += 1;
      else expect(outcome.kind).toBe("unavailable");
    }
  };
  const cutter = async (): Promise<void> => {
    for (let after = 100; !finished; after = answered + 100) {
      while (answered < after && !finished) await new Promise((turn) => setImmediate(turn));
      await administer(
        dsn,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'WITH swap%' AND pid <> pg_backend_pid()",
      );
    }
  };
  const cutting = cutter();
  await Promise.all(Array.from({ length: CALLERS }, (_, n) => caller(n)));
  finished = true;
  await cutting;
  expect(answered).toBe(CALLERS * 25);
  expect(unknown).toBeGreaterThan(0);
  const events = await readAll(session);
  expect(new Set(events.map(({ id }) => id)).size).toBe(CALLERS * 25);
  expect(events).toHaveLength(CALLERS * 25);
  expect((await session.verify("L2")).failure).toBeNull();
  await store.close();
});
