/** A process that dies before, between and after the write and the flush of an append, and a disk that loses its power: scenarios 1, 2, 3 and 5 on SQLite. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { logFilesIn } from "../../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../src/adapters/sqlite/sqlite-event-store.js";
import type { Durability, LogLayout, StreamBatch } from "../../src/ports/event-store.js";
import { bundleChild } from "../support/bundle-child.js";
import { DiskFaults, whyNoDiskFaults } from "../support/disk-faults/disk-faults.js";
import { cutPower, type DiskChange, readTrace } from "../support/disk-faults/power-cut.js";
import { FaultAgent } from "../support/fault-agent.js";
import { recordFault, rounds } from "../support/fault-record.js";
import { type StoreUnderFault, sqliteUnderFault } from "../support/fault-stores.js";
import { Oracle } from "../support/oracle.js";
import { seededRandom } from "../support/seeded-random.js";
import { deposit, MONDAY, openLog } from "../support/tape-fixture.js";
import { parseNotes, readNotes } from "../support/writer-notes.js";

const impossible = whyNoDiskFaults();
let program: string;
let under: StoreUnderFault;
let faults: DiskFaults;

beforeAll(async () => {
  program = await bundleChild("test/chaos/fault-agent.child.ts");
});
afterAll(() => rmSync(program, { force: true }));
beforeEach(({ skip }) => {
  under = sqliteUnderFault();
  skip(impossible !== null, impossible ?? "");
  faults = new DiskFaults(under.folder);
});
afterEach(() => under.dispose());

/** Two streams and three events: what is in, in whole or not at all. */
const batches = (key: string): StreamBatch[] => [
  { stream: "account/1", expected: "any", events: [deposit("run/one", `${key}-a`), deposit("run/one", `${key}-b`)] },
  { stream: "account/2", expected: "any", events: [deposit("run/one", `${key}-c`, { payload: { amount: "7" } })] },
];

describe("a process that dies in the middle of an append to SQLite", () => {
  test.for([
    [1, "before the write", { at: "write", action: "kill_before", path: ".tape.db" }, "absent or whole"],
    [2, "between write and flush", { at: "sync", action: "kill_before", path: ".tape.db" }, "absent or whole"],
    [2, "right after the flush", { at: "sync", action: "kill_after", path: ".tape.db-wal" }, "absent or whole"],
    [3, "after the commit, before the answer", { at: "write", action: "kill_before", path: ".anchors.ndjson" }, "present"],
  ] as const)("scenario %i: %s leaves the batch whole or absent, and a retry by id tells which", async ([scenario, , fault, expected]) => {
    const oracle = new Oracle();
    let struck = 0;
    for (let round = 0; round < rounds(2, 16); round++) {
      faults.heal();
      const agent = new FaultAgent(program, under, faults.env());
      await agent.open({ layout: "rows" });
      for (let n = 0; n < 3; n++) expect((await agent.append(batches(`${round}-${n}`)))?.kind).toBe("stored");
      // The first flush after the write is the one that commits; writes of one commit are several.
      faults.arm({ ...fault, nth: scenario === 1 ? 1 + (round % 4) : 1 });
      const doomed = batches(`${round}-doomed`);
      expect(await agent.append(doomed)).toBeNull();
      await agent.ended;
      struck += faults.fired;
      faults.heal();
      oracle.addNotes([readNotes(join(under.folder, "agent.notes"))]);
      const { events } = await oracle.check(under.store());
      const here = new Set(events.map(({ id }) => id));
      const present = new Set(doomed.flatMap((batch) => batch.events.map(({ id }) => here.has(id))));
      expect(present.size).toBe(1);
      const whole = present.has(true);
      if (expected === "present") expect(whole).toBe(true);
      const session = await openLog(under.store());
      expect((await oracle.append(session, doomed)).kind).toBe(whole ? "duplicate" : "stored");
      await session.close();
      await oracle.check(under.store());
    }
    expect(struck).toBe(rounds(2, 16));
    recordFault({ scenario, store: "SQLite", injected: struck, acknowledged: oracle.acknowledged });
  });
});

/** A run of a writer with its disk traced, killed at the end; @returns the changes that it made to its files. */
async function tracedRun(options: { readonly layout: LogLayout; readonly durability: Durability }): Promise<readonly DiskChange[]> {
  const agent = new FaultAgent(program, under, faults.env(under.folder));
  await agent.open(options);
  for (let n = 0; n < rounds(8, 40); n++) expect((await agent.append(batches(`${n}`)))?.kind).toBe("stored");
  await agent.kill();
  return readTrace(faults.trace);
}

/** What the writer had noted as acknowledged before a change. */
function notesBefore(changes: readonly DiskChange[], cut: number): string {
  const lines = changes.slice(0, cut).filter(({ kind, path }) => kind === "write" && path.endsWith("agent.notes"));
  return lines.map(({ bytes }) => bytes.toString("utf8")).join("");
}

async function checkImage(changes: readonly DiskChange[], cut: number, seed: number): Promise<number> {
  const into = mkdtempSync(join(tmpdir(), "onetape-image-"));
  try {
    cutPower(changes, cut, { folder: join(under.folder, "store"), into: join(into, "store"), random: seededRandom(seed) });
    const oracle = new Oracle();
    oracle.addNotes([parseNotes(notesBefore(changes, cut))]);
    const store = new SqliteEventStore({ files: logFilesIn(join(into, "store")), sha256, sha256Bytes, now: () => MONDAY });
    // A writer takes the log up and appends: what it built on must be as durable as what it adds.
    const session = await openLog(store);
    expect((await oracle.append(session, batches("after the cut"))).kind).toBe("stored");
    await session.close();
    await oracle.check(store);
    await store.close();
    return oracle.acknowledged;
  } finally {
    rmSync(into, { recursive: true, force: true });
  }
}

describe("a disk that loses its power", () => {
  test.for([
    { layout: "rows", durability: "durable" },
    { layout: "segments", durability: "durable" },
  ] as const)("scenario 5: at any moment keeps what was acknowledged ($layout)", async (options) => {
    const changes = await tracedRun(options);
    const random = seededRandom(20_240_105);
    let acknowledged = 0;
    const cuts = rounds(8, 400);
    for (let n = 0; n < cuts; n++) {
      const cut = n < 4 ? changes.length - n : random(changes.length) + 1;
      acknowledged += await checkImage(changes, cut, n);
    }
    expect(acknowledged).toBeGreaterThan(cuts);
    if (options.layout === "rows") recordFault({ scenario: 5, store: "SQLite", injected: cuts, acknowledged });
  });

  test("scenario 5: in the middle of taking a log up that a killed process had not flushed, keeps what the new writer read", async () => {
    // What the dead left unflushed is in the page cache: the new writer reads it, builds on it and acknowledges.
    faults.arm({ at: "sync", action: "kill_before", path: ".tape.db-wal", nth: 8 });
    const first = new FaultAgent(program, under, faults.env(under.folder));
    await first.open();
    for (let n = 0; n < 20 && (await first.append(batches(`first-${n}`))) !== null; n++);
    await first.ended;
    faults.heal();
    const before = readTrace(faults.trace).length;
    const second = new FaultAgent(program, under, faults.env(under.folder));
    const { position } = await second.open();
    expect((await second.append(batches("second")))?.kind).toBe("stored");
    await second.kill();
    const changes = readTrace(faults.trace);
    expect(position).toBeGreaterThan(0);
    const step = Math.max(1, Math.ceil((changes.length - before) / rounds(5, 1_000)));
    for (let cut = changes.length; cut >= before; cut -= step)
      for (let seed = 0; seed < rounds(1, 8); seed++) await checkImage(changes, cut, seed);
  });

  test("the alarm rings for a log that acknowledges before it flushes", async () => {
    const changes = await tracedRun({ layout: "rows", durability: "committed" });
    const broken: unknown[] = [];
    for (let seed = 0; seed < 12; seed++) await checkImage(changes, changes.length, seed).catch((error: unknown) => broken.push(error));
    expect(broken.length).toBeGreaterThan(0);
    // Where the anchor file has outlived the tail, the store says it before the oracle does.
    for (const error of broken) expect(String(error)).toMatch(/is lost|the tail is cut off/);
  });

  test("the alarm rings for a file that somebody put back", async () => {
    const oracle = new Oracle();
    const session = await openLog(under.store());
    await oracle.append(session, batches("a"));
    await session.close();
    cpSync(join(under.folder, "store"), join(under.folder, "kept"), { recursive: true });
    const again = await openLog(under.store());
    await oracle.append(again, batches("b"));
    await again.close();
    rmSync(join(under.folder, "store"), { recursive: true });
    cpSync(join(under.folder, "kept"), join(under.folder, "store"), { recursive: true });
    await expect(oracle.check(under.store())).rejects.toThrow(/^I1: .* is lost$/);
  });
});
