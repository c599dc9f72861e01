import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { loadSqliteDriver } from "../../src/adapters/sqlite/load-sqlite-driver.js";
import { logFilesIn } from "../../src/adapters/sqlite/log-files.js";
import type { SqliteDriverName } from "../../src/adapters/sqlite/sqlite-driver.js";
import { SqliteEventStore } from "../../src/adapters/sqlite/sqlite-event-store.js";
import { deposit, ledgerBlocks, MONDAY, openLog, readAll } from "../support/tape-fixture.js";

/** Node 20 has `libsql` alone; from 22.16 on both drivers are at hand and must not be told apart by their files. */
const drivers: SqliteDriverName[] = ["libsql"];
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major > 22 || (major === 22 && minor >= 16)) drivers.push("node:sqlite");

let folder: string;
const stores: SqliteEventStore[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "onetape-drivers-"));
});
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function storeOn(driver: SqliteDriverName): SqliteEventStore {
  const store = new SqliteEventStore({ files: logFilesIn(folder), sha256, sha256Bytes, now: () => MONDAY, driver });
  stores.push(store);
  return store;
}

async function whole<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const pairs = drivers.flatMap((writer) =>
  drivers.flatMap((reader) => (["rows", "segments"] as const).map((layout) => [layout, writer, reader] as const)),
);

describe(`the SQLite drivers of Node ${process.versions.node}`, () => {
  test.each(pairs)("%s written by %s are read, verified and continued by %s", async (layout, writer, reader) => {
    const written = await openLog(storeOn(writer), { layout });
    for (const block of ledgerBlocks(40, 50)) await written.appendBlock(block);
    await written.append([
      { stream: "account/1", expected: "any", events: [deposit("run/one", "a", { source_at: MONDAY - 1, correlation_id: "x" })] },
    ]);
    const events = await readAll(written);
    await written.close();

    const read = await openLog(storeOn(reader));
    expect(await readAll(read)).toEqual(events);
    expect((await read.verify("L2")).failure).toBeNull();
    expect(
      await read.append([{ stream: "account/1", expected: "any", events: [deposit("run/one", "a", { source_at: MONDAY - 1 })] }]),
    ).toMatchObject({ kind: "duplicate" });
    expect(await read.append([{ stream: "account/1", expected: "any", events: [deposit("run/one", "b")] }])).toMatchObject({
      kind: "stored",
    });
    expect((await read.verify("L2")).failure).toBeNull();
  });

  test("a store whose index begins with the stream, as older ones do, is read and continued like a new one", async () => {
    const driver = await loadSqliteDriver();
    const written = await openLog(storeOn(driver.name), { layout: "rows" });
    for (const block of ledgerBlocks(40, 50)) await written.appendBlock(block);
    const streams = [...new Set((await readAll(written)).map(({ stream }) => stream.slice("run/one/".length)))];
    const read = async (session: typeof written): Promise<unknown> =>
      Promise.all(
        streams.map(async (stream) => [
          stream,
          await session.streamVersion(stream),
          await whole(session.readStream(stream, { from: 2 })),
          await whole(session.readStream(stream, { direction: "backwards", limit: 3 })),
        ]),
      );
    const before = await read(written);
    await written.close();

    const connection = driver.open(logFilesIn(folder).pathOf("run/one"));
    const definitions = connection.prepare("SELECT sql FROM sqlite_master WHERE tbl_name = 'events' AND sql IS NOT NULL").all([]);
    const [table, ...triggers] = definitions.map(([sql]) => String(sql));
    expect(table).toContain("UNIQUE (version, stream)");
    for (const trigger of triggers) connection.exec(`DROP TRIGGER ${trigger.split(" ")[2]}`);
    connection.exec("ALTER TABLE events RENAME TO renamed");
    connection.exec(String(table).replace("UNIQUE (version, stream)", "UNIQUE (stream, version)"));
    connection.exec("INSERT INTO events SELECT * FROM renamed; DROP TABLE renamed");
    for (const trigger of triggers) connection.exec(trigger);
    connection.close();

    const older = await openLog(storeOn(driver.name));
    expect(await read(older)).toEqual(before);
    expect(await older.append([{ stream: "account/1", expected: "any", events: [deposit("run/one", "b")] }])).toMatchObject({
      kind: "stored",
    });
    expect((await older.verify("L2")).failure).toBeNull();
  });

  test("all values that the tape binds come back as they were", async () => {
    for (const name of drivers) {
      const connection = (await loadSqliteDriver(name)).open(join(folder, `${name.replace(":", "-")}.db`));
      connection.exec("CREATE TABLE kept (a TEXT, b INTEGER, c BLOB, d TEXT) STRICT");
      const values = ["größer 🏦", Number.MAX_SAFE_INTEGER, new Uint8Array([0, 255, 7]), null] as const;
      connection.prepare("INSERT INTO kept VALUES (?, ?, ?, ?)").run(values);
      const [row] = connection.prepare("SELECT * FROM kept").all([]);
      expect([row?.[0], row?.[1], [...(row?.[2] instanceof Uint8Array ? row[2] : [])], row?.[3]]).toEqual([
        "größer 🏦",
        Number.MAX_SAFE_INTEGER,
        [0, 255, 7],
        null,
      ]);
      connection.close();
    }
  });

  test("a constraint is told apart by its columns, in both drivers alike", async () => {
    for (const name of drivers) {
      const connection = (await loadSqliteDriver(name)).open(":memory:");
      connection.exec("CREATE TABLE kept (a TEXT PRIMARY KEY, b INTEGER, c INTEGER, UNIQUE (b, c)) STRICT");
      const insert = connection.prepare("INSERT INTO kept VALUES (?, ?, ?)");
      insert.run(["x", 1, 1]);
      expect(() => insert.run(["x", 2, 2])).toThrow(expect.objectContaining({ kind: "constraint", constraint: "kept.a" }));
      expect(() => insert.run(["y", 1, 1])).toThrow(expect.objectContaining({ kind: "constraint", constraint: "kept.b, kept.c" }));
      connection.close();
    }
  });
});
