import { beforeEach, describe, expect, test } from "vitest";
import { activeHead, balances, MemoryJournal, openProjections, settle, worker } from "../../test/support/projection-fixture.js";
import { RecordedTelemetry } from "../../test/support/recorded-telemetry.js";
import { deposit, ledgerBlocks, MONDAY, openLog } from "../../test/support/tape-fixture.js";
import { VirtualClock } from "../../test/support/virtual-clock.js";
import { MemoryEventStore } from "../adapters/memory/memory-event-store.js";
import { sha256 } from "../adapters/node-hash/sha256.js";
import type { AppendOutcome, LogSession, StreamBatch } from "../ports/event-store.js";
import type { InstrumentName } from "../ports/telemetry.js";
import { observedStore } from "./observed-store.js";
import { overlaid } from "./overlaid.js";

const LOG = "run/one";

let telemetry: RecordedTelemetry;
let now: number;
let memory: MemoryEventStore;

beforeEach(() => {
  telemetry = new RecordedTelemetry();
  now = MONDAY;
  memory = new MemoryEventStore({ sha256, now: () => MONDAY });
});

const observed = (store: MemoryEventStore = memory): MemoryEventStore =>
  observedStore(store, { telemetry, system: "memory", now: () => now });
const batch = (key: string, changes: Partial<StreamBatch> = {}): StreamBatch => ({
  stream: "account/1",
  expected: "any",
  events: [deposit(LOG, key)],
  ...changes,
});

/** A store whose appends are answered so. */
function answering(outcome: AppendOutcome): MemoryEventStore {
  return overlaid(memory, {
    open: async (options) => {
      const opened = await memory.open(options);
      if (opened.kind !== "opened") return opened;
      return { kind: "opened", session: overlaid(opened.session, { append: async () => outcome }) };
    },
  });
}

const REFUSALS: readonly InstrumentName[] = [
  "onetape.append.duplicates",
  "onetape.append.conflicts",
  "onetape.append.unknowns",
  "onetape.append.fenced",
  "onetape.append.rejected",
  "onetape.append.unavailable",
];
const moved = (): readonly InstrumentName[] => REFUSALS.filter((name) => telemetry.sum(name) > 0);

describe("each outcome of an append moves its own counter", () => {
  const cases: readonly (readonly [string, (session: LogSession) => Promise<{ readonly kind: string }>, InstrumentName | null])[] = [
    ["stored", (session) => session.append([batch("new")]), null],
    ["duplicate", (session) => session.append([batch("first")]), "onetape.append.duplicates"],
    [
      "partial_duplicate",
      (session) => session.append([batch("first", { events: [deposit(LOG, "first"), deposit(LOG, "new")] })]),
      "onetape.append.duplicates",
    ],
    [
      "id_conflict",
      (session) => session.append([batch("first", { events: [deposit(LOG, "first", { payload: { amount: "7" } })] })]),
      "onetape.append.conflicts",
    ],
    ["version_conflict", (session) => session.append([batch("new", { expected: 9 })]), "onetape.append.conflicts"],
    [
      "rejected",
      (session) => session.append([batch("new", { events: [deposit(LOG, "new", { type: "nobody.knows" })] })]),
      "onetape.append.rejected",
    ],
    [
      "fenced",
      async (session) => {
        await openLog(memory);
        return session.append([batch("new")]);
      },
      "onetape.append.fenced",
    ],
  ];
  test.each(cases)("%s", async (kind, act, counter) => {
    const session = await openLog(observed());
    await session.append([batch("first")]);
    const stored = telemetry.sum("onetape.append.events");
    expect((await act(session)).kind).toBe(kind);
    expect(moved()).toEqual(counter === null ? [] : [counter]);
    expect(telemetry.sum("onetape.append.events") - stored).toBe(kind === "stored" ? 1 : 0);
    const last = telemetry.spans.at(-1);
    const repeated = kind === "stored" || kind === "duplicate";
    expect(last).toMatchObject({ name: "append events", failure: repeated ? null : kind });
    expect(last?.attributes).toMatchObject({ "db.operation.name": "append", "db.system.name": "memory", "onetape.append.outcome": kind });
    expect(telemetry.logs.filter(({ event }) => event === "onetape.append.refused")).toHaveLength(repeated ? 0 : 1);
  });

  test.each([
    ["unknown", "onetape.append.unknowns"],
    ["unavailable", "onetape.append.unavailable"],
  ] as const)("%s, told as an error with its cause", async (kind, counter) => {
    const session = await openLog(observed(answering({ kind, cause: "the disk is full" })));
    await session.append([batch("first")]);
    expect(moved()).toEqual([counter]);
    expect(telemetry.logs.at(-1)).toMatchObject({ severity: "error", attributes: { "exception.message": "the disk is full" } });
  });
});

test("latency, batch size, queue and time to durable are measured at every append", async () => {
  const session = await openLog(observed());
  const both = [batch("a"), batch("b")].map((one) => session.append([one]));
  await Promise.all(both);
  await session.append([batch("c", { events: [deposit(LOG, "c"), deposit(LOG, "d"), deposit(LOG, "e")] })]);
  expect(telemetry.values("onetape.append.batch.size")).toEqual([1, 1, 3]);
  expect(telemetry.values("onetape.append.queue.ahead")).toEqual([0, 1, 0]);
  expect(telemetry.sum("onetape.append.queue.depth")).toBe(0);
  expect(telemetry.values("onetape.append.queue.depth")).toContain(1);
  // Each look at the clock is 10 ms after the one before.
  expect(telemetry.values("onetape.append.duration")).toHaveLength(3);
  expect(telemetry.values("onetape.append.duration").at(-1)).toBeCloseTo(0.01, 12);
});

test("a commit that is flushed when the log closes is durable then, and the oldest one counts", async () => {
  const session = await openLog(observed(), { layout: "segments", durability: "committed" });
  for (const block of ledgerBlocks(4, 5)) expect((await session.appendBlock(block)).kind).toBe("stored");
  expect(telemetry.values("onetape.append.durable.duration")).toEqual([]);
  await session.close();
  await session.close();
  expect(telemetry.values("onetape.append.durable.duration")).toHaveLength(1);
  expect(telemetry.sum("onetape.append.events")).toBe(13);
  expect(telemetry.logs.map(({ event }) => event)).toEqual(["onetape.log.opened", "onetape.log.closed"]);
});

test("a store that is observed holds what one holds that is not", async () => {
  const plain = new MemoryEventStore({ sha256, now: () => MONDAY });
  const heads: unknown[] = [];
  for (const store of [observed(), plain]) {
    const session = await openLog(store);
    for (const key of ["a", "b"]) await session.append([batch(key)]);
    heads.push(session.head());
    await session.close();
  }
  expect(heads[0]).toEqual(heads[1]);
});

test("verification is timed, and a log that is other than what was written is told as an error", async () => {
  const session = await openLog(observed());
  await session.append([batch("a")]);
  await session.verify("L2");
  expect([telemetry.values("onetape.verify.duration").length, telemetry.sum("onetape.verify.failures")]).toEqual([1, 0]);
  const failure = { level: "L1", position: 1, column: null, expected: "x", actual: "y", message: "position 1 was changed" } as const;
  const broken = overlaid(memory, {
    open: async (options) => {
      const opened = await memory.open(options);
      if (opened.kind !== "opened") return opened;
      const report = { log: LOG, level: "L1", events: 1, head: opened.session.head(), failure } as const;
      return { kind: "opened", session: overlaid(opened.session, { verify: async () => report }) };
    },
  });
  await (await openLog(observed(broken))).verify("L1");
  expect(telemetry.sum("onetape.verify.failures")).toBe(1);
  expect(telemetry.logs.at(-1)).toMatchObject({ severity: "error", event: "onetape.verify.failed", body: "position 1 was changed" });
});

test("the lag of a projection is told in events and in seconds, and is nothing at the head", async () => {
  const store = observed();
  const session = await openLog(store);
  for (let n = 0; n < 10; n++) await session.append([batch(`${n}`)]);
  const projections = await openProjections(store);
  // The events were recorded at MONDAY, and the projection looks 90 s later.
  now = MONDAY + 90_000;
  const parts = { session, store: projections, journal: new MemoryJournal(), clock: new VirtualClock() };
  await settle(worker(balances, { ...parts, batch_events: 4 }));
  expect(telemetry.values("onetape.projection.lag.events")).toEqual([6, 2, 0]);
  expect(telemetry.values("onetape.projection.lag.duration")).toEqual([90, 90, 0]);
  expect(telemetry.sum("onetape.projection.events")).toBe(10);
  await session.append([batch("late")]);
  const head = await activeHead(projections, "balances");
  if (head === null) throw new Error("there is no active projection");
  await projections.read(head);
  expect(telemetry.values("onetape.projection.lag.events").at(-1)).toBe(1);
});
