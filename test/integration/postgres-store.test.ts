import fc from "fast-check";
import * as Type from "typebox";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import { applyMigrations, planMigrations } from "../../src/adapters/postgres/migrate.js";
import { migrations } from "../../src/adapters/postgres/migrations.js";
import { PostgresConnection } from "../../src/adapters/postgres/postgres-connection.js";
import { postgresTarget } from "../../src/adapters/postgres/postgres-dsn.js";
import { PostgresFailure } from "../../src/adapters/postgres/postgres-failure.js";
import { canonicalPayload } from "../../src/core/tape/canonical-json.js";
import type { EventCatalogue } from "../../src/core/tape/catalogue.js";
import type { JsonObject } from "../../src/core/tape/event.js";
import { eventId } from "../../src/core/tape/event-id.js";
import { startPostgres } from "../support/postgres-server.js";
import { administer, clearDatabase, emptyDatabase, newDatabase, postgresStore } from "../support/postgres-store.js";
import { sharedServer } from "../support/shared-postgres.js";
import { deposit, ledgerCatalogue, MONDAY, openLog, readAll } from "../support/tape-fixture.js";

let server: (database: string) => string;
let dsn: string;

beforeAll(async () => {
  server = await sharedServer();
  dsn = await newDatabase(server, "store");
});
beforeEach(() => clearDatabase(dsn));

/** The connection string of another user of the same database. */
function as(user: string): string {
  const url = new URL(dsn);
  url.username = user;
  url.password = "pw-of-a-test";
  return url.href;
}

async function refused(at: string, statement: string): Promise<unknown> {
  return administer(at, statement).then(
    () => "done",
    (error: { code?: string }) => error.code,
  );
}

const one = (key: string) => [{ stream: "account/1", expected: "any", events: [deposit("run/one", key)] }] as const;
const open = { log: "run/one", catalogue: ledgerCatalogue } as const;

describe("rights", () => {
  beforeAll(async () => {
    for (const role of ["writer", "reader"]) {
      const user = `t_${role}_${process.pid}`;
      await administer(dsn, `CREATE ROLE ${user} LOGIN PASSWORD 'pw-of-a-test' IN ROLE onetape_${role}`);
    }
  });
  afterAll(async () => {
    for (const role of ["writer", "reader"]) await administer(dsn, `DROP ROLE t_${role}_${process.pid}`);
  });

  test("the writer's role is enough to open, append, take over, copy and verify, and for nothing that changes what stands", async () => {
    const writer = as(`t_writer_${process.pid}`);
    const store = postgresStore(writer);
    const session = await openLog(store);
    expect(await session.append(one("a"))).toMatchObject({ kind: "stored" });
    const again = await openLog(store);
    expect(await again.append(one("b"))).toMatchObject({ kind: "stored" });
    expect((await again.verify("L2")).failure).toBeNull();
    await store.close();
    for (const statement of [
      "UPDATE events SET type = 'x'",
      "DELETE FROM events",
      "TRUNCATE events",
      "DELETE FROM anchors",
      "UPDATE segments SET body = ''",
      "DELETE FROM log_head",
      "INSERT INTO schema_migrations (version, name, checksum) VALUES (9, 'x', 'x')",
      "DROP TABLE events",
      "ALTER TABLE events DISABLE TRIGGER ALL",
      "SET session_replication_role = replica",
    ]) {
      expect([statement, await refused(writer, statement)]).toEqual([statement, "42501"]);
    }
    expect(await refused(writer, "UPDATE log_head SET position = 0")).toBe("23001");
  });

  test("the reader's role reads and verifies, and is told which role a writer needs", async () => {
    const session = await openLog(postgresStore(dsn));
    await session.append(one("a"));
    const store = postgresStore(as(`t_reader_${process.pid}`));
    const reader = await openLog(store, { mode: "read" });
    expect(await readAll(reader)).toHaveLength(1);
    expect((await reader.verify("L2")).failure).toBeNull();
    expect(await store.open({ ...open, mode: "write" })).toMatchObject({
      kind: "unavailable",
      cause: expect.stringContaining("onetape_writer"),
    });
    await store.close();
    await session.close();
  });

  test("not even the owner changes, deletes or truncates what stands, unless triggers are switched off", async () => {
    const store = postgresStore(dsn);
    const session = await openLog(store);
    await session.append(one("a"));
    await store.close();
    for (const table of ["events", "anchors"]) {
      for (const statement of [`UPDATE ${table} SET position = 9`, `DELETE FROM ${table}`, `TRUNCATE ${table}`]) {
        expect([statement, await refused(dsn, statement)]).toEqual([statement, "23001"]);
      }
    }
    expect(await refused(dsn, "DELETE FROM log_head")).toBe("23001");
    expect(await refused(dsn, "UPDATE log_head SET epoch = epoch - 1")).toBe("23001");
    expect(await refused(dsn, "UPDATE log_head SET layout = 'segments'")).toBe("23001");
  });
});

describe("payloads", () => {
  const schema = Type.Object({ n: Type.Optional(Type.Number()), body: Type.Optional(Type.Any()) }, { additionalProperties: false });
  const anything: EventCatalogue = {
    name: "anything",
    definitions: [{ type: "thing.said", schema_version: 1, kind: "input", pinned: false, schema }],
    upcasters: [],
  };
  /** What the tape takes: no NUL, no lone surrogate, no integer beyond 2^53-1. */
  const text = fc.string({ unit: "grapheme" }).filter((value) => !value.includes("\0"));
  const number = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Number.isInteger(value) || Number.isSafeInteger(value)),
    fc.maxSafeInteger(),
    fc.constantFrom(-0, 5e-324, 1e-7, 0.1, 1.7976931348623157e308 / 3 - 0.5),
  );
  const { payload } = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: "small" }, fc.constant(null), fc.boolean(), number, text, tie("list"), tie("payload")),
    list: fc.array(tie("value"), { maxLength: 5 }),
    payload: fc.dictionary(
      text.filter((key) => key !== "__proto__"),
      tie("value"),
      { maxKeys: 6 },
    ),
  }));

  test("of any shape come back byte for byte, and verify", async () => {
    const store = postgresStore(dsn);
    const session = await openLog(store, { catalogue: anything });
    const taken = fc.sample(payload, { numRuns: 4_000, seed: 5 }).filter((body) => canonicalPayload({ body }).ok);
    expect(taken.length).toBeGreaterThan(3_000);
    const events = taken.map((body, n) => ({
      id: eventId(MONDAY, "run/one", `thing/${n}`, 0, sha256),
      type: "thing.said",
      schema_version: 1,
      occurred_at: MONDAY,
      payload: { body: body as JsonObject },
    }));
    for (let at = 0; at < events.length; at += 500) {
      const part = events.slice(at, at + 500);
      expect(await session.append([{ stream: "things", expected: "any", events: part }])).toMatchObject({ kind: "stored" });
    }
    expect((await readAll(session)).map((event) => JSON.parse(event.payload))).toEqual(
      taken.map((body) => JSON.parse(JSON.stringify({ body }))),
    );
    const report = await session.verify("L2");
    // L2 hashes what came back: equal hashes are equal bytes.
    expect(report).toMatchObject({ events: events.length, failure: null });
    await store.close();
  });

  test.each([
    ["another value", `'{"amount": "101"}'`],
    ["a key more", `payload || '{"x": 1}'`],
    ["more digits than a double has", `payload || '{"n": 0.1000000000000000000001}'`],
    ["zeros behind a number", `payload || '{"n": 0.10}'`],
    ["a number that JavaScript reads as infinite", `payload || '{"n": 1e400}'`],
  ])("changed to %s are found at L2", async (_, value) => {
    const store = postgresStore(dsn);
    const catalogue: EventCatalogue = { ...anything };
    const session = await openLog(store, { catalogue });
    const id = eventId(MONDAY, "run/one", "n", 0, sha256);
    await session.append([
      {
        stream: "things",
        expected: "any",
        events: [{ id, type: "thing.said", schema_version: 1, occurred_at: MONDAY, payload: { n: 0.1 } }],
      },
    ]);
    expect((await session.verify("L2")).failure).toBeNull();
    await administer(dsn, `SET session_replication_role = replica; UPDATE events SET payload = ${value}`);
    expect((await session.verify("L2")).failure).toMatchObject({ position: 1, column: "payload" });
    await store.close();
  });
});

describe("appends that come together", () => {
  test("are committed together, each with its own answer, in the order in which they came", async () => {
    const store = postgresStore(dsn);
    const session = await openLog(store);
    const outcomes = await Promise.all([
      session.append([{ stream: "a", expected: "no_stream", events: [deposit("run/one", "1")] }]),
      session.append([{ stream: "a", expected: "no_stream", events: [deposit("run/one", "2")] }]),
      session.append([{ stream: "a", expected: 1, events: [deposit("run/one", "3")] }]),
      session.append([{ stream: "b", expected: "any", events: [deposit("run/one", "4")] }]),
      session.append([{ stream: "b", expected: "any", events: [deposit("run/one", "4")] }]),
      session.append([{ stream: "b", expected: "any", events: [deposit("run/one", "4"), deposit("run/one", "5")] }]),
    ]);
    expect(outcomes).toMatchObject([
      { kind: "stored", positions: [1] },
      { kind: "version_conflict", expected: "no_stream", actual: 1 },
      { kind: "stored", positions: [2] },
      { kind: "stored", positions: [3] },
      { kind: "duplicate", positions: [3] },
      { kind: "partial_duplicate", duplicates: [deposit("run/one", "4").id] },
    ]);
    expect(await session.anchors()).toHaveLength(1);
    expect((await session.verify("L2")).failure).toBeNull();
    await store.close();
  });

  test("of which some were stored by an earlier session are told so, and the others are stored", async () => {
    const store = postgresStore(dsn);
    const before = await openLog(store);
    await before.append(one("old"));
    const session = await openLog(store);
    const outcomes = await Promise.all(["new", "old", "newer"].map((key) => session.append(one(key))));
    expect(outcomes.map(({ kind }) => kind)).toEqual(["stored", "duplicate", "stored"]);
    expect((await readAll(session)).map(({ version }) => version)).toEqual([1, 2, 3]);
    await store.close();
  });

  test("an id that stands in another log of the database is an id conflict", async () => {
    const store = postgresStore(dsn);
    const [first, second] = [await openLog(store), await openLog(store, { log: "run/two" })];
    await first.append(one("a"));
    expect(await second.append(one("a"))).toMatchObject({ kind: "id_conflict", field: "stream" });
    await store.close();
  });
});

describe("a server", () => {
  test.each([
    ["that does not flush", "fsync = off"],
    ["that may tear a page", "full_page_writes = off"],
  ])("%s is not written to, and is read", { timeout: 120_000 }, async (_, setting) => {
    const unsafe = await startPostgres([setting]);
    try {
      const at = await newDatabase((database) => unsafe.dsn(database));
      const store = postgresStore(at);
      const outcome = await store.open({ ...open, mode: "write" });
      expect(outcome).toMatchObject({ kind: "unavailable", cause: expect.stringContaining(setting) });
      expect(await store.open({ ...open, mode: "read" })).toMatchObject({ kind: "not_found" });
      await expect(store.examine()).rejects.toThrow(setting);
    } finally {
      await unsafe.stop();
    }
  });

  test("commits are flushed or not as the log was opened, whatever the server's default is", async () => {
    const name = new URL(dsn).pathname.slice(1);
    await administer(dsn, `ALTER DATABASE ${name} SET synchronous_commit = off`);
    const flushed = async (durability: "durable" | "committed"): Promise<number> => {
      const store = postgresStore(dsn);
      const session = await openLog(store, { durability, log: `run/${durability}` });
      const append = (key: string) => session.append([{ stream: "s", expected: "any", events: [deposit(`run/${durability}`, key)] }]);
      await append("warm");
      let count = 0;
      for (let n = 0; n < 20; n++) {
        const [[before]] = (await administer(dsn, "SELECT pg_current_wal_flush_lsn()")) as [[string]];
        await append(String(n));
        const [[after]] = (await administer(dsn, "SELECT pg_current_wal_flush_lsn()")) as [[string]];
        if (after !== before) count += 1;
      }
      await store.close();
      return count;
    };
    expect(await flushed("durable")).toBe(20);
    expect(await flushed("committed")).toBeLessThan(20);
    await administer(dsn, `ALTER DATABASE ${name} RESET synchronous_commit`);
  });
});

describe("migrations", () => {
  const limits = { connect_ms: 10_000, statement_ms: null, lock_ms: 10_000 };
  const connect = (at: string): Promise<PostgresConnection> => PostgresConnection.open(postgresTarget(at), limits);

  test("that fail leave nothing behind, and two that run at once take each step once", async () => {
    const at = await emptyDatabase(server, "migrate");
    const [a, b] = [await connect(at), await connect(at)];
    const next = migrations.length + 1;
    const broken = [...migrations, { version: next, name: "broken", sql: "CREATE TABLE half (x INT); SELECT no_such_function()" }];
    await expect(applyMigrations(a, sha256, broken)).rejects.toThrow(PostgresFailure);
    expect(await planMigrations(a, sha256, broken)).toMatchObject({
      applied: migrations.map(({ version }) => ({ version })),
      pending: [{ version: next }],
    });
    expect(await a.query("SELECT to_regclass('half')")).toEqual([[null]]);
    const whole = [...migrations, { version: next, name: "whole", sql: "CREATE TABLE whole (x INT)" }];
    const both = await Promise.all([applyMigrations(a, sha256, whole), applyMigrations(b, sha256, whole)]);
    expect(both.map((state) => state.kind === "planned" && state.pending.length).toSorted()).toEqual([0, 1]);
    await Promise.all([a.close(), b.close()]);
  });

  test("the tables have the columns that other programs read", async () => {
    const columns = async (table: string): Promise<readonly unknown[][]> =>
      administer(
        dsn,
        `SELECT column_name::text, data_type FROM information_schema.columns WHERE table_name = '${table}' ORDER BY ordinal_position`,
      );
    expect((await columns("events")).slice(0, 6)).toEqual([
      ["id", "uuid"],
      ["stream", "text"],
      ["type", "text"],
      ["version", "bigint"],
      ["payload", "jsonb"],
      ["created_at", "timestamp with time zone"],
    ]);
    expect((await columns("snapshots")).slice(0, 4)).toEqual([
      ["stream", "text"],
      ["version", "bigint"],
      ["state", "jsonb"],
      ["created_at", "timestamp with time zone"],
    ]);
  });

  test("every read of a log goes by an index, and sorts nothing", async () => {
    const plans = [
      "SELECT * FROM events WHERE log_id = 'run/one' AND position >= 5 ORDER BY position ASC LIMIT 2000",
      "SELECT * FROM events WHERE stream = 'run/one/a' AND version <= 5 ORDER BY version DESC LIMIT 2000",
      "SELECT * FROM events WHERE id = ANY(ARRAY['018cc251-f400-879f-bd6d-08b091e94d52']::uuid[])",
      "SELECT * FROM segments WHERE log_id = 'run/one' AND first_position > 5 ORDER BY first_position LIMIT 1",
    ];
    for (const query of plans) {
      const plan = (await administer(dsn, "SET enable_seqscan = off; SET enable_bitmapscan = off", `EXPLAIN ${query}`)).flat().join("\n");
      expect(plan).toContain("Index Scan");
      expect(plan).not.toMatch(/Sort|Seq Scan/);
    }
  });
});
