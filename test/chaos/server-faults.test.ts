/** A PostgreSQL server whose processes die, whose disk fails, tears, fills up or reads elsewhere, and one that fails over: scenarios 1 to 8, 20 and 30. */
import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { PostgresEventStore } from "../../src/adapters/postgres/postgres-event-store.js";
import type { AppendOutcome, StreamBatch } from "../../src/ports/event-store.js";
import { DiskFaults, whyNoDiskFaults } from "../support/disk-faults/disk-faults.js";
import { recordFault, rounds, whole } from "../support/fault-record.js";
import { Oracle } from "../support/oracle.js";
import { runAsServer, startPostgres, startStandby, type TestPostgres } from "../support/postgres-server.js";
import { administer, newDatabase, postgresStore } from "../support/postgres-store.js";
import { seededRandom } from "../support/seeded-random.js";
import { deposit, ledgerCatalogue, openLog } from "../support/tape-fixture.js";
import { startProxy } from "../support/tcp-proxy.js";

const impossible = whyNoDiskFaults();
/** Nobody but the session under test is to write or flush. */
const QUIET = ["wal_writer_delay = 10s", "autovacuum = off", "checkpoint_timeout = 1h", "max_wal_size = 4GB", "bgwriter_lru_maxpages = 0"];

let server: TestPostgres;
let faults: DiskFaults;
let dsn: string;
let oracle: Oracle;
const stores: PostgresEventStore[] = [];

beforeAll(async () => {
  server = await startPostgres(QUIET, {
    env(root) {
      if (impossible !== null) return {};
      mkdirSync(join(root, "faults"));
      faults = new DiskFaults(join(root, "faults"));
      return faults.env();
    },
  });
});
afterAll(() => server.stop());
beforeEach(async () => {
  dsn = await newDatabase((database) => server.dsn(database), "server");
  oracle = new Oracle();
});
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

function newStore(at: string = dsn): PostgresEventStore {
  const store = postgresStore(at, { connect_timeout_ms: 5_000 });
  stores.push(store);
  return store;
}

const batch = (key: string, events = 2): StreamBatch[] => [
  { stream: "account/1", expected: "any", events: Array.from({ length: events }, (_, n) => deposit("run/one", `${key}-${n}`)) },
];

describe("a server", () => {
  beforeEach(({ skip }) => skip(impossible !== null, impossible ?? ""));

  test.for([
    [1, "whose process is killed before it writes its log", { at: "write", action: "kill_before" }, ["stored"]],
    [2, "whose process is killed between write and flush", { at: "sync", action: "kill_before" }, ["stored", "duplicate"]],
    [3, "whose process is killed after the flush, before the answer", { at: "sync", action: "kill_after" }, ["duplicate"]],
    [7, "whose flush fails once", { at: "sync", action: "fail" }, ["stored", "duplicate"]],
    [8, "whose flush fails although it has done its work", { at: "sync", action: "fail_after" }, ["duplicate"]],
  ] as const)(
    "scenario %i: %s leaves the outcome unknown until the id tells, and loses and doubles nothing",
    async ([scenario, , fault, expected]) => {
      const session = await openLog(newStore());
      let struck = 0;
      for (let round = 0; round < rounds(1, 5); round++) {
        expect((await oracle.appendUntilKnown(session, batch(`${round}-before`))).kind).toBe("stored");
        faults.arm({ ...fault, path: "/pg_wal/" });
        const lost = batch(`${round}-lost`);
        expect((await oracle.append(session, lost)).kind).toBe("unknown");
        struck += faults.fired;
        faults.heal();
        expect(expected).toContain((await oracle.appendUntilKnown(session, lost)).kind);
        await oracle.check(newStore());
      }
      expect(struck).toBe(rounds(1, 5));
      recordFault({ scenario, store: "PostgreSQL", injected: struck, acknowledged: oracle.acknowledged });
    },
  );

  if (whole)
    test("scenario 5: that is stopped again while it recovers flushes what it finds before it trusts it, and has everything", async () => {
      const session = await openLog(newStore());
      let stopped = 0;
      for (let round = 0; round < rounds(1, 3); round++) {
        for (let n = 0; n < 5; n++) expect((await oracle.appendUntilKnown(session, batch(`${round}-${n}`))).kind).toBe("stored");
        const before = faults.syncs;
        await server.restart("immediate");
        expect(faults.syncs - before).toBeGreaterThan(100);
        await server.restart("immediate");
        stopped += 2;
        await oracle.check(newStore());
      }
      recordFault({ scenario: 5, store: "PostgreSQL", injected: stopped, acknowledged: oracle.acknowledged });
    });

  test("scenario 6: whose disk is full acknowledges nothing more, and goes on densely once there is room", async () => {
    const session = await openLog(newStore());
    let struck = 0;
    for (let round = 0; round < rounds(1, 4); round++) {
      faults.arm({ at: "write", action: "fail", error: "ENOSPC", path: "/base/", lasting: true });
      let last: AppendOutcome = { kind: "unavailable", cause: "" };
      for (let n = 0; n < 60; n++) {
        last = await oracle.append(session, batch(`${round}-${n}`, 40));
        if (last.kind !== "stored") break;
      }
      expect(last).toMatchObject({ kind: "unavailable", cause: expect.stringMatching(/53100/) });
      struck += faults.fired;
      faults.heal();
      expect((await oracle.append(session, batch(`${round}-after`))).kind).toBe("stored");
      await oracle.check(newStore());
    }
    recordFault({ scenario: 6, store: "PostgreSQL", injected: struck, acknowledged: oracle.acknowledged });
  });

  test("scenario 30: that reads from another place of the disk is told by verification", async () => {
    const session = await openLog(newStore());
    for (let n = 0; n < 6; n++) expect((await oracle.append(session, batch(`${n}`, 40))).kind).toBe("stored");
    await oracle.check(newStore());
    await administer(dsn, "CHECKPOINT");
    const file = String((await administer(dsn, "SELECT pg_relation_filepath('events')"))[0]?.[0]);
    let struck = 0;
    for (let round = 0; round < rounds(2, 10); round++) {
      await server.restart("fast");
      faults.arm({ at: "read", action: "elsewhere", path: file, nth: 1 + (round % 4), shift: 8_192 * (1 + (round % 2)) });
      await expect(oracle.check(newStore())).rejects.toThrow();
      struck += faults.fired;
      faults.heal();
      await server.restart("fast");
      await oracle.check(newStore());
    }
    expect(struck).toBe(rounds(2, 10));
    recordFault({ scenario: 30, store: "PostgreSQL", injected: struck, acknowledged: oracle.acknowledged });
  });
});

// Servers that are stopped, torn and copied take their time: in a whole run alone.
if (whole)
  describe("the end of a server's write-ahead log", () => {
    /** Overwrites the log from a place on, while the server is down. */
    async function overwriteFrom(lsn: string, from: number, bytes: Buffer): Promise<void> {
      const [row] = await administer(dsn, `SELECT file_name, file_offset FROM pg_walfile_name_offset('${lsn}')`);
      await server.restart("immediate", () => {
        const file = openSync(join(server.root, "data/pg_wal", String(row?.[0])), "r+");
        writeSync(file, bytes, 0, bytes.length, Number(row?.[1]) + from);
        closeSync(file);
      });
    }
    const lsn = async (): Promise<string> => String((await administer(dsn, "SELECT pg_current_wal_lsn()"))[0]?.[0]);

    test("scenario 4: that is garbage, or torn before the answer, costs what nobody was told of and nothing else", async () => {
      const random = seededRandom(41);
      const proxy = await startProxy(server.port);
      const through = new URL(dsn);
      through.port = String(proxy.port);
      const session = await openLog(newStore(through.href));
      let torn = 0;
      for (let round = 0; round < rounds(1, 10); round++) {
        expect((await oracle.appendUntilKnown(session, batch(`${round}-kept`))).kind).toBe("stored");
        await overwriteFrom(await lsn(), 0, Buffer.from(Array.from({ length: 4_000 }, () => random(256))));
        await oracle.check(newStore());
        expect((await oracle.appendUntilKnown(session, batch(`${round}-more`))).kind).toBe("stored");
        const before = await lsn();
        proxy.set("lose_answer");
        expect((await oracle.append(session, batch(`${round}-lost`))).kind).toBe("unknown");
        await overwriteFrom(before, random(100), Buffer.alloc(20_000));
        expect((await oracle.appendUntilKnown(session, batch(`${round}-lost`))).kind).toBe("stored");
        await oracle.check(newStore());
        torn += 2;
      }
      await session.close();
      await proxy.close();
      recordFault({ scenario: 4, store: "PostgreSQL", injected: torn, acknowledged: oracle.acknowledged });
    });

    test("scenario 4: that lost what was acknowledged is noticed by the session, which stops", async () => {
      const session = await openLog(newStore());
      await oracle.append(session, batch("kept"));
      const before = await lsn();
      await oracle.append(session, batch("lost"));
      await overwriteFrom(before, 10, Buffer.alloc(20_000));
      await sleep(50);
      expect(await session.append(batch("more"))).toMatchObject({
        kind: "unavailable",
        cause: expect.stringContaining("acknowledged position 4"),
      });
      await expect(oracle.check(newStore())).rejects.toThrow(/^I1: /);
    });
  });

// Servers that are stopped, torn and copied take their time: in a whole run alone.
if (whole)
  describe("a standby", () => {
    function copyOf(primary: TestPostgres): (data: string) => void {
      const backup = primary.program("pg_basebackup");
      const url = new URL(primary.dsn("postgres"));
      return (data) => {
        if (backup === null) execFileSync("cp", ["-a", join(primary.root, "data"), data]);
        else
          runAsServer(backup, ["-D", data, "-h", "127.0.0.1", "-p", url.port, "-U", url.username, "-c", "fast", "-X", "stream"], {
            PGPASSWORD: url.password,
          });
      };
    }

    test("scenario 20: is refused while it follows; promoted in step it goes on without a loss, lagging behind it is refused", async () => {
      const primary = await startPostgres(QUIET);
      let standby: TestPostgres | null = null;
      try {
        dsn = await newDatabase((database) => primary.dsn(database), "failover");
        const copy = copyOf(primary);
        // Without the program that copies a running server, a stopped one is copied.
        if (primary.program("pg_basebackup") !== null) standby = await startStandby(primary, copy);
        else {
          let data = "";
          await primary.restart("fast", () => {
            data = join(primary.root, "standby");
            copy(data);
          });
          standby = await startStandby(primary, (to) => execFileSync("cp", ["-a", data, to]));
        }
        const database = new URL(dsn).pathname.slice(1);
        const proxy = await startProxy(primary.port);
        const through = new URL(dsn);
        through.port = String(proxy.port);
        const session = await openLog(newStore(through.href));
        expect((await oracle.append(session, batch("in step"))).kind).toBe("stored");

        const follower = postgresStore(standby.dsn(database));
        expect(await follower.open({ log: "run/one", catalogue: ledgerCatalogue, mode: "write" })).toMatchObject({
          kind: "unavailable",
          cause: expect.stringContaining("standby"),
        });
        await follower.close();

        // In step: nothing is acknowledged before the standby has it too.
        await administer(primary.dsn("postgres"), "ALTER SYSTEM SET synchronous_standby_names = 'standby'", "SELECT pg_reload_conf()");
        await sleep(200);
        for (let n = 0; n < 20; n++) expect((await oracle.appendUntilKnown(session, batch(`synchronous-${n}`))).kind).toBe("stored");
        const acknowledged = oracle.acknowledged;

        // Out of step: it hears of nothing more, and the primary does not wait for it.
        await administer(standby.dsn("postgres"), "ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()");
        await administer(primary.dsn("postgres"), "ALTER SYSTEM SET synchronous_standby_names = ''", "SELECT pg_reload_conf()");
        await sleep(300);
        const { position } = session.head();
        expect((await session.append(batch("only on the primary"))).kind).toBe("stored");
        await administer(standby.dsn("postgres"), "SELECT pg_promote()");
        proxy.redirect(standby.port);
        await sleep(50);
        expect(await session.append(batch("after"))).toMatchObject({
          kind: "unavailable",
          cause: expect.stringContaining("acknowledged position"),
        });
        // Whoever remembers a head from outside is told too.
        const promoted = newStore(standby.dsn(database));
        const expected_head = { position: position + 2, hash: "f".repeat(64) };
        expect(await promoted.open({ log: "run/one", catalogue: ledgerCatalogue, mode: "write", expected_head })).toMatchObject({
          kind: "head_mismatch",
        });

        // Everything that was acknowledged while it was in step is there, and a writer that knows no more goes on.
        const { events } = await oracle.check(newStore(standby.dsn(database)));
        expect(events).toHaveLength(acknowledged);
        const next = await openLog(newStore(standby.dsn(database)));
        expect((await oracle.append(next, batch("on the promoted"))).kind).toBe("stored");
        await oracle.check(newStore(standby.dsn(database)));
        await proxy.close();
        recordFault({ scenario: 20, store: "PostgreSQL", injected: 2, acknowledged: oracle.acknowledged });
      } finally {
        await standby?.stop();
        await primary.stop();
      }
    });
  });
