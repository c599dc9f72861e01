import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ChainThreadCrashed, WorkerChainThreads } from "../../src/adapters/chain-threads/worker-chain-threads.js";
import type { ChainLane, ChainThreads } from "../../src/adapters/event-store/chain-threads.js";
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { loadSqliteDriver } from "../../src/adapters/sqlite/load-sqlite-driver.js";
import { logFilesIn } from "../../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../src/adapters/sqlite/sqlite-event-store.js";
import { verifyWorkerEntry } from "../../src/apps/library/installation.js";
import { endOfPart } from "../../src/core/tape/chain-part.js";
import type { LogLayout } from "../../src/ports/event-store.js";
import { deposit, ledgerBlocks, MONDAY, openLog } from "../support/tape-fixture.js";

/** One, and three of each command. */
const EVENTS = 3_001;

let folder: string;
let stores: SqliteEventStore[];

/** Real threads that note what they prove and that they were ended. */
class Watched implements ChainThreads {
  readonly least_events: number;
  readonly part_events: number;
  readonly #threads: ChainThreads;
  opened = 0;
  closed = 0;
  provedBy: number[] = [];
  /** Nothing is proved before. */
  begins: Promise<unknown> = Promise.resolve();

  constructor(entry: () => URL = verifyWorkerEntry, part_events = 100) {
    this.#threads = new WorkerChainThreads({ entry, threads: 2, sha256, sha256Bytes, least_events: 100, part_events });
    this.least_events = this.#threads.least_events;
    this.part_events = part_events;
  }

  open(): readonly ChainLane[] {
    return this.#threads.open().map((lane, i) => {
      this.opened += 1;
      this.provedBy[i] = 0;
      return {
        prove: async (part, pages) => {
          await this.begins;
          const proof = await lane.prove(part, pages);
          if (proof !== null) this.provedBy[i] = (this.provedBy[i] ?? 0) + endOfPart(part) - part.start.head.position;
          return proof;
        },
        close: async () => {
          await lane.close();
          this.closed += 1;
        },
      };
    });
  }
}

function storeWith(threads?: ChainThreads): SqliteEventStore {
  const store = new SqliteEventStore({ files: logFilesIn(folder), sha256, sha256Bytes, now: () => MONDAY, threads });
  stores.push(store);
  return store;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "onetape-threads-"));
  stores = [];
});

afterEach(async () => {
  for (const store of stores) await store.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.each<LogLayout>(["rows", "segments"])("threads that verify %s", (layout) => {
  beforeEach(async () => {
    const session = await openLog(storeWith(), { layout, durability: "committed" });
    for (const block of ledgerBlocks(1_000, 70)) await session.appendBlock(block);
    await session.close();
  });

  test("prove a sound log between them, all of it, and are ended", async () => {
    const threads = new Watched();
    const session = await openLog(storeWith(threads), { mode: "read" });
    const told: number[] = [];
    for (const level of ["L1", "L2"] as const) {
      expect(await session.verify(level, (events) => told.push(events))).toEqual({
        ...(await (await openLog(storeWith(), { mode: "read" })).verify(level)),
        failure: null,
        events: EVENTS,
      });
      expect(threads.provedBy.reduce((a, b) => a + b)).toBe(EVENTS);
      expect(threads.closed).toBe(threads.opened);
    }
    expect(told.at(-1)).toBe(EVENTS);
  });

  test("leave it to a reading event by event to say which was changed, and are ended", async () => {
    const connection = (await loadSqliteDriver()).open(logFilesIn(folder).pathOf("run/one"));
    connection.exec("DROP TRIGGER events_no_update; DROP TRIGGER segments_no_update");
    connection.exec(
      layout === "rows"
        ? "UPDATE events SET payload = '{}' WHERE position = 2000"
        : "UPDATE segments SET body = CAST(replace(body, '\"666\"', '\"999\"') AS BLOB) WHERE last_position >= 2000 AND first_position <= 2000",
    );
    connection.close();
    const threads = new Watched();
    const report = await (await openLog(storeWith(threads), { mode: "read" })).verify("L2");
    expect(report.failure).not.toBeNull();
    expect(report).toEqual(await (await openLog(storeWith(), { mode: "read" })).verify("L2"));
    expect(threads.closed).toBe(threads.opened);
  });

  test("see what was committed while they were at work", async () => {
    const threads = new Watched();
    const session = await openLog(storeWith(threads));
    const appending = session.append([{ stream: "account/0", expected: "any", events: [deposit("run/one", "meanwhile")] }]);
    threads.begins = appending;
    const verifying = session.verify("L2");
    expect((await appending).kind).toBe("stored");
    expect(await verifying).toMatchObject({ failure: null, events: EVENTS + 1, head: session.head() });
  });

  test("are ended where the session is closed", async () => {
    const threads = new Watched(verifyWorkerEntry, 10_000);
    const session = await openLog(storeWith(threads), { mode: "read" });
    const verifying = session.verify("L2");
    await Promise.all([expect(verifying).rejects.toThrow("the session of run/one is closed"), session.close()]);
    expect([threads.opened, threads.closed]).toEqual([3, 3]);
  });

  test("that break are told of, and the others are ended", async () => {
    const broken = new Watched(() => new URL("data:text/javascript,process.exit(3)"));
    const session = await openLog(storeWith(broken), { mode: "read" });
    await expect(session.verify("L2")).rejects.toThrow(ChainThreadCrashed);
    expect(broken.closed).toBe(broken.opened);
    const throwing = new Watched(() => new URL("data:text/javascript,throw new Error('out of luck')"));
    await expect((await openLog(storeWith(throwing), { mode: "read" })).verify("L2")).rejects.toThrow("out of luck");
    expect(throwing.closed).toBe(throwing.opened);
  });

  test("are not started for a short log", async () => {
    const threads = new Watched();
    const session = await openLog(storeWith(threads), { log: "run/short", layout });
    await session.append([{ stream: "account/0", expected: "any", events: [deposit("run/short", "only")] }]);
    expect(await session.verify("L2")).toMatchObject({ failure: null, events: 1 });
    expect(threads.opened).toBe(0);
  });
});
