/** Disks that tear, fill up, fail to flush or read elsewhere, under SQLite: scenarios 4, 6, 7, 8 and 30. */
import { appendFileSync, cpSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { logFilesIn } from "../../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../src/adapters/sqlite/sqlite-event-store.js";
import type { StreamBatch } from "../../src/ports/event-store.js";
import { bundleChild } from "../support/bundle-child.js";
import { DiskFaults, whyNoDiskFaults } from "../support/disk-faults/disk-faults.js";
import { FaultAgent } from "../support/fault-agent.js";
import { recordFault, rounds } from "../support/fault-record.js";
import { anchorFileOf, type StoreUnderFault, sqliteUnderFault } from "../support/fault-stores.js";
import { Oracle } from "../support/oracle.js";
import { seededRandom } from "../support/seeded-random.js";
import { deposit, ledgerCatalogue, MONDAY, openLog } from "../support/tape-fixture.js";
import { readNotes } from "../support/writer-notes.js";

const impossible = whyNoDiskFaults();
let program: string;
let under: StoreUnderFault;
let faults: DiskFaults;
let oracle: Oracle;

beforeAll(async () => {
  program = await bundleChild("test/chaos/fault-agent.child.ts");
});
afterAll(() => rmSync(program, { force: true }));
beforeEach(({ skip }) => {
  begin();
  skip(impossible !== null, impossible ?? "");
});
afterEach(() => under.dispose());

function begin(): void {
  under = sqliteUnderFault();
  if (impossible === null) faults = new DiskFaults(under.folder);
  oracle = new Oracle();
}

async function renew(): Promise<void> {
  await under.dispose();
  begin();
}

const batch = (key: string): StreamBatch[] => [
  { stream: "account/1", expected: "any", events: [deposit("run/one", `${key}-a`), deposit("run/one", `${key}-b`)] },
];

const agent = (): FaultAgent => new FaultAgent(program, under, faults.env());
const noted = (): void => oracle.addNotes([readNotes(join(under.folder, "agent.notes"))]);

/** A copy of the store's files, on which a store is opened. */
function copyOf(change: (path: string) => void): { readonly store: SqliteEventStore; readonly path: string } {
  const into = join(under.folder, "copy");
  rmSync(into, { recursive: true, force: true });
  cpSync(join(under.folder, "store"), into, { recursive: true });
  rmSync(join(into, "run~one.tape.db-shm"), { force: true });
  const files = logFilesIn(into);
  change(files.pathOf("run/one"));
  return { store: new SqliteEventStore({ files, sha256, sha256Bytes, now: () => MONDAY }), path: into };
}

describe("a torn tail", () => {
  /** A log that was killed with its last batch written, and nobody told of it; @returns the size of the write-ahead log before that batch. */
  async function unanswered(): Promise<number> {
    const writer = agent();
    await writer.open();
    for (let n = 0; n < 4; n++) await writer.append(batch(`${n}`));
    const before = statSync(`${under.file}-wal`).size;
    faults.arm({ at: "write", action: "kill_before", path: ".anchors.ndjson" });
    expect(await writer.append(batch("unanswered"))).toBeNull();
    await writer.ended;
    faults.heal();
    noted();
    return before;
  }

  test("scenario 4: at any byte of the last batch drops that batch and nothing else, and the log goes on", async () => {
    const before = await unanswered();
    const end = statSync(`${under.file}-wal`).size;
    let torn = 0;
    const step = Math.max(1, Math.floor((end - before) / rounds(12, 300)));
    for (let at = before; at < end; at += step) {
      const { store } = copyOf((path) => truncateSync(`${path}-wal`, at));
      const session = await openLog(store);
      expect(session.head().position).toBe(8);
      expect((await oracle.append(session, batch("unanswered"))).kind).toBe("stored");
      await session.close();
      expect((await oracle.check(store)).events).toHaveLength(10);
      await store.close();
      torn += 1;
    }
    const random = seededRandom(4);
    for (let n = 0; n < rounds(4, 100); n++) {
      const garbage = Buffer.from(Array.from({ length: 1 + random(9_000) }, () => random(256)));
      const { store } = copyOf((path) => appendFileSync(`${path}-wal`, garbage));
      const session = await openLog(store);
      expect((await session.append(batch("unanswered"))).kind).toBe("duplicate");
      await session.close();
      await oracle.check(store);
      await store.close();
      torn += 1;
    }
    recordFault({ scenario: 4, store: "SQLite", injected: torn, acknowledged: oracle.acknowledged });
  });

  test("scenario 4: of the anchor file at any byte is mended from the store", async () => {
    await unanswered();
    const lines = readFileSync(anchorFileOf(under.file ?? ""));
    const last = lines.lastIndexOf(0x0a, lines.length - 2) + 1;
    for (let at = last; at < lines.length; at += rounds(41, 1)) {
      const { store } = copyOf((path) => truncateSync(anchorFileOf(path), at));
      const session = await openLog(store);
      await session.close();
      await oracle.check(store);
      await store.close();
    }
  });

  test("scenario 4: that was acknowledged, or damage before the tail, is not taken for a tail: no writer opens", async () => {
    const writer = agent();
    await writer.open();
    for (let n = 0; n < 5; n++) await writer.append(batch(`${n}`));
    await writer.kill();
    const size = statSync(`${under.file}-wal`).size;
    for (const at of [size - 1, size - 5_000, Math.floor(size / 2)]) {
      for (const damage of [
        (path: string) => truncateSync(`${path}-wal`, at),
        (path: string) => {
          const bytes = readFileSync(`${path}-wal`);
          bytes[at] = (bytes[at] ?? 0) ^ 0x10;
          writeFileSync(`${path}-wal`, bytes);
        },
      ]) {
        const { store } = copyOf(damage);
        expect(await store.open({ log: "run/one", catalogue: ledgerCatalogue, mode: "write" })).toMatchObject({ kind: "corrupt" });
        await store.close();
      }
    }
  });
});

describe("a disk that is full in the middle of a write", () => {
  test("scenario 6: acknowledges nothing more, and goes on densely once there is room", async () => {
    let struck = 0;
    for (let round = 0; round < rounds(2, 20); round++) {
      const writer = agent();
      await writer.open();
      faults.arm({ at: "write", action: "short", error: "ENOSPC", path: ".tape.db", lasting: true, room: 9_000 + round * 3_111 });
      let refused: string | undefined;
      for (let n = 0; refused === undefined && n < 200; n++) {
        const outcome = await writer.append(batch(`${round}-${n}`));
        if (outcome?.kind !== "stored") refused = outcome?.kind;
      }
      expect(["unknown", "unavailable"]).toContain(refused);
      expect((await writer.append(batch(`${round}-more`)))?.kind).toBe("unavailable");
      struck += faults.fired;
      faults.heal();
      await writer.kill();
      noted();
      const session = await openLog(under.store());
      expect((await oracle.append(session, batch(`${round}-after`))).kind).toBe("stored");
      await session.close();
      await oracle.check(under.store());
    }
    recordFault({ scenario: 6, store: "SQLite", injected: struck, acknowledged: oracle.acknowledged });
  });
});

describe("a flush that fails", () => {
  test.for([
    [7, "before it did anything", "fail", ".tape.db-wal"],
    [8, "although it had done its work", "fail_after", ".tape.db-wal"],
  ] as const)(
    "scenario %i: %s makes the outcome unknown and the handle useless, and the id tells after reopening",
    async ([scenario, , action, path]) => {
      let [struck, acknowledged] = [0, 0];
      for (let round = 0; round < rounds(2, 12); round++) {
        // A connection that this process still holds would keep the next writer from recovering what was flushed.
        await renew();
        const writer = agent();
        await writer.open();
        await writer.append(batch(`${round}-before`));
        faults.arm({ at: "sync", action, path });
        expect((await writer.append(batch(`${round}-lost`)))?.kind).toBe("unknown");
        const syncs = faults.namedSyncs;
        expect(await writer.append(batch(`${round}-after`))).toMatchObject({
          kind: "unavailable",
          cause: expect.stringContaining("reopen"),
        });
        // The store tries nothing again. Notes and anchors are other files, and the latter are flushed whenever their thread comes to it.
        expect(faults.namedSyncs).toBe(syncs);
        struck += faults.fired;
        await writer.kill();
        noted();
        const session = await openLog(under.store());
        const outcome = await oracle.append(session, batch(`${round}-lost`));
        if (scenario === 8) expect(outcome).toMatchObject({ kind: "duplicate", positions: [3, 4] });
        else expect(["stored", "duplicate"]).toContain(outcome.kind);
        await session.close();
        acknowledged += (await oracle.check(under.store())).acknowledged;
      }
      expect(struck).toBe(rounds(2, 12));
      recordFault({ scenario, store: "SQLite", injected: struck, acknowledged });
    },
  );

  test("scenario 8: of the anchor file, which is flushed behind the answer, ends the handle at the next append, and the ids tell", async () => {
    for (let round = 0; round < rounds(1, 8); round++) {
      await renew();
      const writer = agent();
      await writer.open();
      faults.arm({ at: "sync", action: "fail_after", path: ".anchors.ndjson" });
      let unknown = -1;
      for (let n = 0; n < 200 && unknown < 0; n++) if ((await writer.append(batch(`${n}`)))?.kind === "unknown") unknown = n;
      expect(unknown).toBeGreaterThan(0);
      expect(faults.fired).toBe(1);
      expect(await writer.append(batch("more"))).toMatchObject({ kind: "unavailable", cause: expect.stringContaining("reopen") });
      await writer.kill();
      noted();
      const session = await openLog(under.store());
      for (let n = 0; n <= unknown; n++) expect((await oracle.append(session, batch(`${n}`))).kind).toBe("duplicate");
      await session.close();
      await oracle.check(under.store());
    }
  });
});

describe("a read that fails or comes from another place of the disk", () => {
  test("scenario 30: is never believed: whatever reads is told, or has read what was written", async () => {
    const session = await openLog(under.store());
    for (let n = 0; n < 120; n++) await oracle.append(session, batch(`${n}`));
    await session.close();
    const written = (await oracle.check(under.store())).events.map(({ id }) => id);
    let [struck, told] = [0, 0];
    const many = rounds(14, 80);
    for (let round = 0; round < many; round++) {
      const reader = agent();
      const [action, shift] =
        round % 4 === 3 ? (["fail", 0] as const) : (["elsewhere", 4_096 * (1 + ((round + Math.floor(round / 30)) % 3))] as const);
      faults.arm({ at: "read", action, path: ".tape.db", nth: 1 + (round % 30), shift });
      const opened = await reader.ask({ do: "open", mode: "read" });
      const verified = opened.kind === "opened" ? await reader.ask({ do: "verify" }) : opened;
      const sound = verified.kind === "verified" && verified.failure === null;
      if (sound) expect(await reader.ask({ do: "read" })).toEqual({ kind: "read", ids: written });
      else told += 1;
      struck += faults.fired;
      faults.heal();
      await reader.kill();
    }
    expect(struck).toBeGreaterThan(many / 2);
    expect(told).toBeGreaterThan(many / 4);
    recordFault({ scenario: 30, store: "SQLite", injected: struck, acknowledged: oracle.acknowledged });
  });

  test("the alarm rings for a writer that calls an unknown outcome stored", async () => {
    const writer = agent();
    await writer.open();
    await writer.append(batch("before"));
    faults.arm({ at: "sync", action: "fail", path: ".tape.db-wal" });
    expect((await writer.append(batch("lost")))?.kind).toBe("unknown");
    oracle.submit(batch("lost"));
    oracle.acknowledge(batch("lost"), [3, 4]);
    await writer.close();
    noted();
    await expect(oracle.check(under.store())).rejects.toThrow(/^I1: /);
  });
});
