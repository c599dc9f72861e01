import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import { contentHash, eventHash, payloadHash } from "../../src/core/tape/chain.js";
import type { NewEvent, ReplayEvent, TapeEvent } from "../../src/core/tape/event.js";
import { eventId } from "../../src/core/tape/event-id.js";
import { GENESIS_HASH } from "../../src/core/tape/hash.js";
import type { AppendOutcome, EventStore, LogLayout, LogSession } from "../../src/ports/event-store.js";
import type { CommittedBlock, ImportTarget, LogImporter } from "../../src/ports/log-import.js";
import { convertLog } from "../../src/usecases/convert-log.js";
import { committedBlocks } from "../../src/usecases/export-log.js";
import { deposit, ledgerBlocks, ledgerCatalogue, MONDAY, openLog, readAll } from "../support/tape-fixture.js";

/** One technology under test. `reopen` gives a store over the same logs as a new process would see them. */
export interface StoreUnderTest {
  readonly store: EventStore & LogImporter;
  reopen(): EventStore & LogImporter;
  /** An empty store of the same technology. */
  another(): EventStore & LogImporter;
  dispose(): Promise<void>;
}

const LOG = "run/one";

/** What every event store must do, whatever it is made of. `clock` is the wall clock handed to the store. */
export function describeEventStore(name: string, layout: LogLayout, make: (clock: () => number) => Promise<StoreUnderTest>): void {
  describe(`an event store on ${name}`, () => {
    let clock = MONDAY;
    let under: StoreUnderTest;
    let session: LogSession;

    beforeEach(async () => {
      clock = MONDAY;
      under = await make(() => clock);
      session = await openLog(under.store, { layout });
    });
    afterEach(async () => {
      await session.close();
      await under.dispose();
    });

    const append = (
      stream: string,
      expected: number | "no_stream" | "stream_exists" | "any",
      ...events: NewEvent[]
    ): Promise<AppendOutcome> => session.append([{ stream, expected, events }]);

    describe("when it stores", () => {
      test("a new log is empty, at position 0 and the genesis hash", async () => {
        expect(session.head()).toEqual({ position: 0, hash: GENESIS_HASH, content_hash: GENESIS_HASH });
        expect(await readAll(session)).toEqual([]);
        expect(await session.streamVersion("account/1")).toBe(0);
      });

      test("an event gets position 1, version 1, and the hashes of its own fields", async () => {
        const event = deposit(LOG, "a", { source_at: MONDAY - 5, correlation_id: "request 7" });
        const outcome = await append("account/1", "no_stream", event);
        const [stored] = await readAll(session);
        expect(outcome).toEqual({ kind: "stored", positions: [1], head: session.head(), durability: "durable" });
        const payload = '{"amount":"100"}';
        const expected: Omit<TapeEvent, "event_hash"> = {
          log: LOG,
          position: 1,
          stream: "run/one/account/1",
          version: 1,
          id: event.id,
          type: "money.deposited",
          schema_version: 2,
          occurred_at: MONDAY,
          source_at: MONDAY - 5,
          causation_id: null,
          correlation_id: "request 7",
          payload,
          payload_hash: payloadHash(payload, sha256),
          recorded_at: MONDAY,
          epoch: session.epoch,
        };
        expect(stored).toEqual({ ...expected, event_hash: eventHash(GENESIS_HASH, expected, sha256) });
        expect(session.head()).toEqual({
          position: 1,
          hash: eventHash(GENESIS_HASH, expected, sha256),
          content_hash: contentHash(GENESIS_HASH, expected, sha256),
        });
      });

      test("versions rise by one per stream and positions by one per log, over batches of many streams", async () => {
        const outcome = await session.append([
          { stream: "account/1", expected: "no_stream", events: [deposit(LOG, "a"), deposit(LOG, "b")] },
          { stream: "account/2", expected: "no_stream", events: [deposit(LOG, "c")] },
          { stream: "account/1", expected: 2, events: [deposit(LOG, "d")] },
        ]);
        expect(outcome).toMatchObject({ kind: "stored", positions: [1, 2, 3, 4] });
        const events = await readAll(session);
        expect(events.map(({ position, stream, version }) => [position, stream, version])).toEqual([
          [1, "run/one/account/1", 1],
          [2, "run/one/account/1", 2],
          [3, "run/one/account/2", 1],
          [4, "run/one/account/1", 3],
        ]);
        expect(await session.streamVersion("account/1")).toBe(3);
      });

      test("a clock that runs backwards does not take recorded_at along", async () => {
        await append("account/1", "no_stream", deposit(LOG, "a"));
        clock = MONDAY - 60_000;
        await append("account/1", 1, deposit(LOG, "b"));
        expect((await readAll(session)).map((event) => event.recorded_at)).toEqual([MONDAY, MONDAY]);
        expect((await session.verify("L2")).failure).toBeNull();
      });

      test("one anchor per committed block remembers head and content hash", async () => {
        await append("account/1", "no_stream", deposit(LOG, "a"), deposit(LOG, "b"));
        await append("account/1", 2, deposit(LOG, "c"));
        const { hash, content_hash } = session.head();
        expect((await session.anchors()).map(({ first_position, position }) => [first_position, position])).toEqual([
          [1, 2],
          [3, 3],
        ]);
        expect((await session.anchors())[1]).toMatchObject({ log: LOG, hash, content_hash, epoch: session.epoch });
      });
    });

    describe("when it is told what to expect", () => {
      beforeEach(async () => {
        await append("account/1", "no_stream", deposit(LOG, "a"));
      });

      test.each([
        ["the exact version", "account/1", 1],
        ["version 0 of a stream that does not exist", "account/2", 0],
        ["no stream where there is none", "account/2", "no_stream"],
        ["a stream where there is one", "account/1", "stream_exists"],
        ["anything of a stream that exists", "account/1", "any"],
        ["anything of a stream that does not", "account/2", "any"],
      ] as const)("%s is stored", async (_, stream, expected) => {
        expect(await append(stream, expected, deposit(LOG, "b"))).toMatchObject({ kind: "stored", positions: [2] });
      });

      test.each([
        ["a version too low", "account/1", 0, 1],
        ["a version too high", "account/1", 2, 1],
        ["a version of a stream that does not exist", "account/2", 1, 0],
        ["no stream where there is one", "account/1", "no_stream", 1],
        ["a stream where there is none", "account/2", "stream_exists", 0],
      ] as const)("%s is a conflict that names the true version", async (_, stream, expected, actual) => {
        expect(await append(stream, expected, deposit(LOG, "b"))).toEqual({ kind: "version_conflict", stream, expected, actual });
        expect(session.head().position).toBe(1);
      });

      test("of two writers' appends at one version the first wins and the second is told", async () => {
        expect(await append("account/1", 1, deposit(LOG, "winner"))).toMatchObject({ kind: "stored" });
        expect(await append("account/1", 1, deposit(LOG, "loser"))).toEqual({
          kind: "version_conflict",
          stream: "account/1",
          expected: 1,
          actual: 2,
        });
        expect(await append("account/1", 2, deposit(LOG, "loser"))).toMatchObject({ kind: "stored", positions: [3] });
      });
    });

    describe("when an id comes again", () => {
      const first = deposit(LOG, "a", { source_at: MONDAY, correlation_id: "first" });

      beforeEach(async () => {
        await append("account/1", "no_stream", first, deposit(LOG, "b"));
      });

      test("the same events are a duplicate with the first positions, whatever version was expected", async () => {
        for (const expected of ["no_stream", 0, 17, "any"] as const) {
          const outcome = await append("account/1", expected, first, deposit(LOG, "b"));
          expect(outcome).toEqual({ kind: "duplicate", positions: [1, 2], head: session.head() });
        }
        expect(session.head().position).toBe(2);
      });

      test("another correlation id makes no other event", async () => {
        expect(await append("account/1", "any", { ...first, correlation_id: "second" })).toMatchObject({
          kind: "duplicate",
          positions: [1],
        });
      });

      test.each([
        ["type", { type: "money.moved", schema_version: 1, payload: { amount: "1", to: "x" } }],
        ["occurred_at", { occurred_at: MONDAY + 1 }],
        ["source_at", { source_at: MONDAY + 1 }],
        ["source_at", { source_at: null }],
        ["causation_id", { causation_id: eventId(MONDAY, LOG, "cause", 0, sha256) }],
        ["payload_hash", { payload: { amount: "101" } }],
      ] as const)("another %s is an id conflict that names the field", async (field, change) => {
        expect(await append("account/1", 2, { ...first, ...change })).toEqual({
          kind: "id_conflict",
          event_id: first.id,
          field,
          position: 1,
        });
        expect(session.head().position).toBe(2);
      });

      test("another stream is an id conflict that names the field", async () => {
        expect(await append("account/2", "any", first)).toEqual({ kind: "id_conflict", event_id: first.id, field: "stream", position: 1 });
      });

      test("a mixture of old and new is refused whole, with the old ones named", async () => {
        const outcome = await append("account/1", 2, deposit(LOG, "c"), deposit(LOG, "b"), deposit(LOG, "d"), first);
        expect(outcome).toEqual({ kind: "partial_duplicate", duplicates: [deposit(LOG, "b").id, first.id] });
        expect((await readAll(session)).map((event) => event.position)).toEqual([1, 2]);
      });

      test("duplicates are found in a log that was reopened", async () => {
        session = await openLog(under.reopen(), { layout });
        expect(await append("account/1", "no_stream", first)).toMatchObject({ kind: "duplicate", positions: [1] });
        expect(await append("account/1", 2, deposit(LOG, "c"))).toMatchObject({ kind: "stored", positions: [3] });
      });
    });

    describe("when a request is wrong", () => {
      test("a conflict in the last of many streams leaves every other untouched", async () => {
        await append("account/9", "no_stream", deposit(LOG, "z"));
        const before = session.head();
        const outcome = await session.append([
          { stream: "account/1", expected: "no_stream", events: [deposit(LOG, "a")] },
          { stream: "account/2", expected: "no_stream", events: [deposit(LOG, "b")] },
          { stream: "account/9", expected: "no_stream", events: [deposit(LOG, "c")] },
        ]);
        expect(outcome).toMatchObject({ kind: "version_conflict", stream: "account/9", actual: 1 });
        expect(session.head()).toEqual(before);
        expect(await readAll(session)).toHaveLength(1);
        expect(await session.streamVersion("account/1")).toBe(0);
        expect(await session.findEvent(deposit(LOG, "a").id)).toBeNull();
      });

      test("a stream that a writer takes to be new, and is not, conflicts after the log was reopened, and holds nobody up beside it", async () => {
        await append("account/1", "no_stream", deposit(LOG, "a"), deposit(LOG, "b"));
        session = await openLog(under.reopen(), { layout });
        const outcomes = await Promise.all([
          append("account/1", 0, deposit(LOG, "c")),
          append("account/1", 2, deposit(LOG, "d")),
          append("account/2", "no_stream", deposit(LOG, "e")),
        ]);
        expect(outcomes).toMatchObject([
          { kind: "version_conflict", stream: "account/1", actual: 2 },
          { kind: "stored", positions: [3] },
          { kind: "stored", positions: [4] },
        ]);
      });

      test("all violations are told at once and nothing is stored", async () => {
        const outcome = await session.append([
          { stream: "no spaces", expected: -1, events: [deposit(LOG, "a", { id: "not-an-id", schema_version: 1 })] },
          {
            stream: "account/1",
            expected: "any",
            events: [
              deposit(LOG, "b", { type: "money.burnt" }),
              deposit(LOG, "c", { payload: { amount: "a lot", extra: true } }),
              deposit(LOG, "d", { payload: { amount: "\ud800" } }),
              { ...deposit(LOG, "d"), occurred_at: MONDAY + 0.5, causation_id: "me", correlation_id: "" },
            ],
          },
        ]);
        expect(outcome.kind).toBe("rejected");
        const codes = outcome.kind === "rejected" ? outcome.violations.map(({ code, field }) => `${code} ${field}`) : [];
        expect(codes).toEqual(
          expect.arrayContaining([
            "STREAM_NAME batches/0/stream",
            "EXPECTED_VERSION batches/0/expected",
            "EVENT_ID batches/0/events/0/id",
            "SCHEMA_VERSION batches/0/events/0/schema_version",
            "EVENT_TYPE_UNKNOWN batches/1/events/0/type",
            "PAYLOAD_SCHEMA batches/1/events/1/payload/amount",
            "JSON_LONE_SURROGATE batches/1/events/2/payload/amount",
            "EVENT_ID_TWICE batches/1/events/3/id",
            "OCCURRED_AT batches/1/events/3/occurred_at",
            "CAUSATION_ID batches/1/events/3/causation_id",
            "CORRELATION_ID batches/1/events/3/correlation_id",
          ]),
        );
        expect(session.head().position).toBe(0);
      });

      test("an append without events is rejected", async () => {
        expect(await session.append([])).toMatchObject({ kind: "rejected", violations: [{ code: "NO_EVENTS" }] });
      });
    });

    describe("when it reads", () => {
      beforeEach(async () => {
        for (const block of ledgerBlocks(1_500, 700)) expect(await session.appendBlock(block)).toMatchObject({ kind: "stored" });
      });
      const TOTAL = 1 + 3 * 1_500;

      test("the log comes whole and in order, forwards and backwards, over many pages", async () => {
        const forwards = await readAll(session);
        expect(forwards.map((event) => event.position)).toEqual(Array.from({ length: TOTAL }, (_, i) => i + 1));
        expect(await readAll(session, { direction: "backwards" })).toEqual(forwards.toReversed());
      });

      test("bounds are inclusive and limits are kept, in both directions", async () => {
        const positions = async (options: Parameters<typeof readAll>[1]) =>
          (await readAll(session, options)).map((event) => event.position);
        expect(await positions({ from: 699, limit: 4 })).toEqual([699, 700, 701, 702]);
        expect(await positions({ from: 702, limit: 4, direction: "backwards" })).toEqual([702, 701, 700, 699]);
        expect(await positions({ from: 2, direction: "backwards" })).toEqual([2, 1]);
        expect(await positions({ from: TOTAL })).toEqual([TOTAL]);
        expect(await positions({ from: TOTAL + 1 })).toEqual([]);
        expect(await positions({ from: 0, direction: "backwards" })).toEqual([]);
        expect(await positions({ limit: 0 })).toEqual([]);
      });

      test("pages hold the same events, in the same order and up to the same limit, and no page is empty", async () => {
        for (const options of [
          {},
          { direction: "backwards" },
          { from: 699, limit: 1_203 },
          { from: 1_400, limit: 1_203, direction: "backwards" },
          { types: ["money.deposited"], limit: 40 },
          { from: TOTAL + 1 },
          { limit: 0 },
        ] as const) {
          const pages: (readonly TapeEvent[])[] = [];
          for await (const page of session.readPages(options)) pages.push(page);
          expect(pages.flat()).toEqual(await readAll(session, options));
          expect(pages.every((page) => page.length > 0)).toBe(true);
        }
      });

      test("a replay gets of each event what folding asks for, and of the same events", async () => {
        for (const options of [
          {},
          { direction: "backwards" },
          { from: 699, limit: 1_203 },
          { from: 1_400, limit: 1_203, direction: "backwards" },
          { types: ["rates.attached", "money.deposited"], limit: 40, from: 5 },
          { types: ["nothing.known"] },
          { from: TOTAL + 1 },
          { limit: 0 },
        ] as const) {
          const events: ReplayEvent[] = [];
          for await (const page of session.replayPages(options)) {
            expect(page.length).toBeGreaterThan(0);
            events.push(...page);
          }
          const asked = ({ position, type, schema_version, occurred_at, payload }: ReplayEvent): ReplayEvent => ({
            position,
            type,
            schema_version,
            occurred_at,
            payload,
          });
          expect(events.map(asked)).toEqual((await readAll(session, options)).map(asked));
        }
      });

      test("types are filtered before the limit counts", async () => {
        const events = await readAll(session, { types: ["rates.attached", "money.deposited"], limit: 3, from: 1 });
        expect(events.map(({ position, type }) => [position, type])).toEqual([
          [1, "rates.attached"],
          [2, "money.deposited"],
          [5, "money.deposited"],
        ]);
        expect(await readAll(session, { types: ["nothing.known"] })).toEqual([]);
      });

      test("a stream comes by its short name and in order of version, in both directions", async () => {
        const read = async (options: Parameters<LogSession["readStream"]>[1]) => {
          const found: [string, number][] = [];
          for await (const { stream, version } of session.readStream("account/1", options)) found.push([stream, version]);
          return found;
        };
        const all = await read({});
        expect(all).toEqual(Array.from({ length: 1_500 }, (_, i) => ["run/one/account/1", i + 1]));
        expect(await read({ direction: "backwards" })).toEqual(all.toReversed());
        expect((await read({ from: 700, limit: 2 })).map(([, version]) => version)).toEqual([700, 701]);
        expect((await read({ from: 700, limit: 2, direction: "backwards" })).map(([, version]) => version)).toEqual([700, 699]);
        expect((await read({ types: ["money.deposited"], limit: 2 })).map(([, version]) => version)).toEqual([1, 4]);
      });

      test("an event is found by its id, and one that was never stored is not", async () => {
        const [event] = await readAll(session, { from: 1_000, limit: 1 });
        expect(event).toBeDefined();
        expect(await session.findEvent(event?.id ?? "")).toEqual(event);
        expect(await session.findEvent(eventId(MONDAY, LOG, "never", 0, sha256))).toBeNull();
      });

      test("text beyond ASCII comes back as it was", async () => {
        const [event] = await readAll(session, { types: ["money.deposited"], limit: 1 });
        expect(event?.payload).toBe('{"amount":"0","note":"größer 0 🏦"}');
      });
    });

    describe("when blocks are appended", () => {
      const blocks = ledgerBlocks(200, 50);

      test("blocks and single appends give the same log, hash for hash", async () => {
        for (const block of blocks) expect(await session.appendBlock(block)).toMatchObject({ kind: "stored" });
        const fromBlocks = await readAll(session);
        const other = await openLog(under.another(), { layout });
        for (const { stream, version, ...event } of fromBlocks) {
          const short = stream.slice(LOG.length + 1);
          const { id, type, schema_version, occurred_at, causation_id } = event;
          const fresh = { id, type, schema_version, occurred_at, causation_id, payload: JSON.parse(event.payload) };
          expect(await other.append([{ stream: short, expected: version - 1, events: [fresh] }])).toMatchObject({ kind: "stored" });
        }
        expect(other.head()).toEqual(session.head());
        expect(await readAll(other)).toEqual(fromBlocks);
        await other.close();
      });

      test("causes are the ids of the events that they name, over the border of two blocks", async () => {
        for (const block of ledgerBlocks(20, 2)) await session.appendBlock(block);
        const events = await readAll(session);
        const pinned = events[0]?.id;
        for (let at = 1; at < events.length; at += 3) {
          expect(events.slice(at, at + 3).map((event) => event.causation_id)).toEqual([pinned, events[at]?.id, events[at + 1]?.id]);
        }
      });

      test("a log that was reopened between the blocks of a command goes on to the same head", async () => {
        const [whole, cut] = [ledgerBlocks(20, 2), ledgerBlocks(20, 1)];
        for (const block of whole) await session.appendBlock(block);
        const other = under.another();
        let again = await openLog(other, { layout });
        for (const block of cut) {
          await again.close();
          again = await openLog(other, { layout });
          expect(await again.appendBlock(block)).toMatchObject({ kind: "stored" });
        }
        expect(again.head()).toEqual(session.head());
        await again.close();
      });

      test("a block that does not follow the head is out of order and changes nothing", async () => {
        const [first, second] = blocks;
        if (first === undefined || second === undefined) throw new Error("two blocks are needed");
        expect(await session.appendBlock(second)).toEqual({
          kind: "out_of_order",
          expected_position: 1,
          actual_position: second.first_position,
        });
        await session.appendBlock(first);
        expect(await session.appendBlock(first)).toEqual({ kind: "out_of_order", expected_position: first.count + 1, actual_position: 1 });
        expect(await session.appendBlock(second)).toMatchObject({ kind: "stored" });
      });

      test("a block that contradicts itself is rejected and the log goes on", async () => {
        const [first] = blocks;
        if (first === undefined) throw new Error("a block is needed");
        const broken = { ...first, versions: first.versions.slice(1) };
        expect(await session.appendBlock(broken)).toMatchObject({ kind: "rejected", violations: [{ code: "BLOCK_REFUSED" }] });
        expect(await session.appendBlock(first)).toMatchObject({ kind: "stored" });
      });

      test("blocks and single appends follow each other in one log", async () => {
        const [first, second] = ledgerBlocks(40, 60);
        if (first === undefined || second === undefined) throw new Error("two blocks are needed");
        await session.appendBlock(first);
        expect(await append("account/0", "stream_exists", deposit(LOG, "between"))).toMatchObject({
          kind: "stored",
          positions: [first.count + 1],
        });
        expect(await append("account/0", "any", deposit(LOG, "between"))).toMatchObject({ kind: "duplicate" });
        expect(await session.appendBlock(second)).toMatchObject({ kind: "out_of_order" });
        expect((await session.verify("L2")).failure).toBeNull();
      });
    });

    describe("when it holds many logs", () => {
      test("logs do not see each other's events, streams or ids", async () => {
        const other = await openLog(under.store, { layout, log: "run/two" });
        await append("account/1", "no_stream", deposit(LOG, "a"));
        expect(await other.append([{ stream: "account/1", expected: "no_stream", events: [deposit("run/two", "a")] }])).toMatchObject({
          kind: "stored",
          positions: [1],
        });
        expect((await readAll(other)).map((event) => event.stream)).toEqual(["run/two/account/1"]);
        expect(await other.findEvent(deposit(LOG, "a").id)).toBeNull();
        expect(await under.store.logs()).toEqual(["run/one", "run/two"]);
        await other.close();
      });

      test("reading a log that does not exist finds none and makes none", async () => {
        expect(await under.store.open({ log: "run/none", catalogue: ledgerCatalogue, mode: "read" })).toEqual({
          kind: "not_found",
          log: "run/none",
        });
        expect(await under.store.logs()).toEqual(["run/one"]);
      });

      test("a name that could leave the store's folder is refused", async () => {
        expect(await under.store.open({ log: "../run", catalogue: ledgerCatalogue, mode: "write" })).toMatchObject({ kind: "unavailable" });
      });

      test.each(["rows", "segments"] as const)("a log converts to %s hash for hash, audit included", async (target) => {
        for (const block of ledgerBlocks(100, 64)) await session.appendBlock(block);
        clock += 1_000;
        await append("account/1", "any", deposit(LOG, "late", { correlation_id: "by hand", source_at: MONDAY }));
        const copyStore = under.another();
        expect(await convertLog(session, copyStore, { catalogue: ledgerCatalogue, layout: target })).toEqual({
          kind: "imported",
          head: session.head(),
        });
        const copy = await openLog(copyStore, { mode: "read" });
        expect(copy.layout).toBe(target);
        expect(await readAll(copy)).toEqual(await readAll(session));
        expect(await copy.anchors()).toEqual(await session.anchors());
        expect((await copy.verify("L2")).failure).toBeNull();
        expect(await convertLog(session, copyStore, { catalogue: ledgerCatalogue, layout: target })).toMatchObject({ kind: "exists" });
        await copy.close();
      });
    });

    describe("when a log is imported as a whole", () => {
      const target = (): ImportTarget => ({ log: LOG, catalogue: ledgerCatalogue, layout, whole: session.head() });
      async function* some(count: number): AsyncGenerator<CommittedBlock> {
        let given = 0;
        for await (const block of committedBlocks(session, 0, session.head().position)) {
          if (given === count) return;
          given += 1;
          yield block;
        }
      }
      const all = (): AsyncGenerator<CommittedBlock> => some(Number.MAX_SAFE_INTEGER);

      beforeEach(async () => {
        for (const block of ledgerBlocks(40, 8)) await session.appendBlock(block);
      });

      test("nobody sees it before it is whole, and an import that was interrupted goes on in another process", async () => {
        const to = under.another();
        expect(await to.importLog(target(), some(2))).toMatchObject({ kind: "incomplete", head: { position: 16 } });
        expect(await to.logs()).toEqual([]);
        const early = await to.open({ log: LOG, catalogue: ledgerCatalogue, mode: "read" });
        expect(["not_found", "unavailable"]).toContain(early.kind);
        expect(await to.importLog(target(), all())).toEqual({ kind: "imported", head: session.head() });
        expect(await to.logs()).toEqual([LOG]);
        const copy = await openLog(to, { mode: "read" });
        expect(await readAll(copy)).toEqual(await readAll(session));
        expect(await copy.anchors()).toEqual(await session.anchors());
        expect((await copy.verify("L2")).failure).toBeNull();
        await copy.close();
        const again = await openLog(to, { layout });
        expect(await again.append([{ stream: "new", expected: "no_stream", events: [deposit(LOG, "after")] }])).toMatchObject({
          kind: "stored",
        });
        await again.close();
      });

      test("a block that does not verify leaves nothing that anybody sees", async () => {
        const to = under.another();
        const third = (await session.anchors())[2];
        async function* altered(): AsyncGenerator<CommittedBlock> {
          for await (const block of all())
            yield block.anchor.position === third?.position ? { ...block, anchor: { ...block.anchor, audit_hash: GENESIS_HASH } } : block;
        }
        expect(await to.importLog(target(), altered())).toMatchObject({ kind: "damaged", position: third?.position });
        expect(await to.logs()).toEqual([]);
        expect(await to.importLog(target(), all())).toEqual({ kind: "imported", head: session.head() });
      });

      test("a log that is there already is not touched", async () => {
        const to = under.another();
        expect(await to.importLog(target(), all())).toMatchObject({ kind: "imported" });
        expect(await to.importLog({ ...target(), whole: { ...session.head(), position: 8 } }, some(1))).toEqual({
          kind: "exists",
          head: session.head(),
        });
      });
    });

    describe("when writers change", () => {
      test("a copy goes on from the epoch of its last block, not from its own first", async () => {
        await append("account/1", "no_stream", deposit(LOG, "a"));
        const third = await openLog(under.reopen(), { layout }).then(async (second) => {
          await second.close();
          return openLog(under.reopen(), { layout });
        });
        await third.append([{ stream: "account/1", expected: 1, events: [deposit(LOG, "b")] }]);
        const copyStore = under.another();
        expect(await convertLog(third, copyStore, { catalogue: ledgerCatalogue, layout })).toMatchObject({ kind: "imported" });
        const copy = await openLog(copyStore, { layout });
        expect((await copy.verify("L2")).failure).toBeNull();
        expect(copy.epoch).toBeGreaterThan(third.epoch);
        await copy.close();
        await third.close();
      });

      test("the epoch rises with each writer, and the one before is fenced and writes nothing", async () => {
        await append("account/1", "no_stream", deposit(LOG, "a"));
        const second = await openLog(under.reopen(), { layout });
        expect(second.epoch).toBe(session.epoch + 1);
        expect(await append("account/1", 1, deposit(LOG, "b"))).toEqual({ kind: "fenced", epoch: second.epoch });
        const [block] = ledgerBlocks(1, 10);
        if (block === undefined) throw new Error("a block is needed");
        expect(await session.appendBlock({ ...block, first_position: 2 })).toEqual({ kind: "fenced", epoch: second.epoch });
        expect(second.head().position).toBe(1);
        expect(await second.append([{ stream: "account/1", expected: 1, events: [deposit(LOG, "c")] }])).toMatchObject({
          kind: "stored",
          positions: [2],
        });
        await second.close();
      });

      test("a reader follows the writer, fences nobody, and may not write", async () => {
        const reader = await openLog(under.reopen(), { mode: "read" });
        await append("account/1", "no_stream", deposit(LOG, "a"));
        expect(await reader.refresh()).toEqual(session.head());
        expect(reader.head()).toEqual(session.head());
        expect(await readAll(reader)).toHaveLength(1);
        expect(await reader.findEvent(deposit(LOG, "a").id)).not.toBeNull();
        expect(await reader.append([{ stream: "account/1", expected: "any", events: [deposit(LOG, "b")] }])).toMatchObject({
          kind: "rejected",
          violations: [{ code: "READ_ONLY" }],
        });
        expect(await append("account/1", 1, deposit(LOG, "b"))).toMatchObject({ kind: "stored" });
        expect(await reader.findEvent(deposit(LOG, "b").id)).not.toBeNull();
        await reader.close();
      });

      test("an existing log keeps its layout whatever the next writer asks for", async () => {
        await append("account/1", "no_stream", deposit(LOG, "a"));
        await session.close();
        session = await openLog(under.reopen(), { layout: layout === "rows" ? "segments" : "rows" });
        expect(session.layout).toBe(layout);
      });

      test("a log whose head is elsewhere than expected does not open", async () => {
        await append("account/1", "no_stream", deposit(LOG, "a"));
        const { position, hash } = session.head();
        const expected_head = { position: 2, hash };
        const open = { log: LOG, catalogue: ledgerCatalogue, mode: "write" } as const;
        expect(await under.reopen().open({ ...open, expected_head })).toEqual({
          kind: "head_mismatch",
          expected: expected_head,
          actual: session.head(),
        });
        expect(await under.reopen().open({ ...open, mode: "read", expected_head: { position, hash } })).toMatchObject({ kind: "opened" });
        expect(await append("account/1", 1, deposit(LOG, "b"))).toMatchObject({ kind: "stored" });
      });

      test("a closed session answers unavailable, and closing twice is closing once", async () => {
        await session.close();
        await session.close();
        expect(await append("account/1", "any", deposit(LOG, "a"))).toMatchObject({ kind: "unavailable" });
      });
    });

    test("a sound log verifies at both levels and reports its head", async () => {
      for (const block of ledgerBlocks(100, 64)) await session.appendBlock(block);
      await append("account/1", "any", deposit(LOG, "a", { correlation_id: "x" }));
      for (const level of ["L1", "L2"] as const) {
        const seen: number[] = [];
        const report = await session.verify(level, (events) => seen.push(events));
        expect(report).toEqual({ log: LOG, level, events: 302, head: session.head(), failure: null });
        expect(seen.at(-1)).toBe(302);
      }
    });
  });
}
