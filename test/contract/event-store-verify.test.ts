import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LocalLane } from "../../src/adapters/chain-threads/local-lane.js";
import type { ChainThreads } from "../../src/adapters/event-store/chain-threads.js";
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { loadSqliteDriver } from "../../src/adapters/sqlite/load-sqlite-driver.js";
import { anchorPathOf, logFilesIn } from "../../src/adapters/sqlite/log-files.js";
import type { SqliteConnection, SqlValue } from "../../src/adapters/sqlite/sqlite-driver.js";
import { SqliteEventStore } from "../../src/adapters/sqlite/sqlite-event-store.js";
import type { LogLayout, VerifyReport } from "../../src/ports/event-store.js";
import { deposit, ledgerBlocks, ledgerCatalogue, MONDAY, openLog } from "../support/tape-fixture.js";

const LOG = "run/one";
const EVENTS = 92;

let folder: string;
let path: string;
let store: SqliteEventStore;

const newStore = (): SqliteEventStore => new SqliteEventStore({ files: logFilesIn(folder), sha256, sha256Bytes, now: () => MONDAY });

/** A log of {@link EVENTS} events: blocks of 32, 32 and 27, then one event with a source time and a correlation id. */
async function write(layout: LogLayout): Promise<void> {
  const session = await openLog(store, { layout });
  for (const block of ledgerBlocks(30, 31)) await session.appendBlock(block);
  await session.append([
    { stream: "account/0", expected: "any", events: [deposit(LOG, "last", { source_at: MONDAY - 7, correlation_id: "by hand" })] },
  ]);
  await session.close();
}

/** Parts of one block and more, on two lanes of this thread: what it finds has to be what is found event by event. */
const inParts: ChainThreads = {
  least_events: 1,
  part_events: 40,
  open: () => [new LocalLane({ sha256, sha256Bytes }), new LocalLane({ sha256, sha256Bytes })],
};

async function verify(level: "L1" | "L2" = "L2"): Promise<VerifyReport> {
  const report = await verifyWith(store, level);
  const threaded = new SqliteEventStore({ files: logFilesIn(folder), sha256, sha256Bytes, now: () => MONDAY, threads: inParts });
  expect(await verifyWith(threaded, level)).toEqual(report);
  return report;
}

async function verifyWith(from: SqliteEventStore, level: "L1" | "L2"): Promise<VerifyReport> {
  const session = await openLog(from, { mode: "read" });
  const report = await session.verify(level);
  await session.close();
  return report;
}

/** Works on the file behind the store's back, as an administrator with a database shell could. */
async function tamper(work: (connection: SqliteConnection) => void): Promise<void> {
  const connection = (await loadSqliteDriver()).open(path);
  for (const table of ["events", "segments", "anchors"]) {
    for (const verb of ["update", "delete"]) connection.exec(`DROP TRIGGER IF EXISTS ${table}_no_${verb}`);
  }
  connection.exec("DROP TRIGGER IF EXISTS log_head_no_delete; DROP TRIGGER IF EXISTS log_head_forwards");
  work(connection);
  connection.close();
}

const update = (column: string, position: number, value: SqlValue): Promise<void> =>
  tamper((connection) => connection.prepare(`UPDATE events SET ${column} = ? WHERE position = ?`).run([value, position]));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "onetape-verify-"));
  path = logFilesIn(folder).pathOf(LOG);
  store = newStore();
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("verification of rows finds", () => {
  beforeEach(() => write("rows"));

  test("nothing in a sound log", async () => {
    expect((await verify("L1")).failure).toBeNull();
    expect(await verify("L2")).toMatchObject({ events: EVENTS, failure: null });
  });

  const ID = "018cc251-f400-879f-bd6d-08b091e94d52";
  test.each<[string, string | null, SqlValue]>([
    ["id", null, ID],
    ["stream", "stream", `${LOG}/account/9`],
    ["type", "type", "money.burnt"],
    ["version", "version", 77],
    ["created_at", "created_at", "2024-01-01T00:00:00.001Z"],
    ["log_id", "log_id", "run/two"],
    ["schema_version", "schema_version", 9],
    ["occurred_at", "occurred_at", MONDAY + 1],
    ["source_at", "source_at", MONDAY],
    ["causation_id", "causation_id", ID],
    ["correlation_id", "correlation_id", "someone else"],
    ["payload_hash", "payload_hash", "0".repeat(64)],
    ["event_hash", "event_hash", "0".repeat(64)],
    ["recorded_at", "recorded_at", MONDAY + 1],
    ["writer_epoch", "writer_epoch", 9],
  ])("a changed %s, at its position, at L1", async (column, named, value) => {
    await update(column, 42, value);
    const { failure } = await verify("L1");
    // Only the block's audit hash covers correlation ids, so the block is named; it begins at position 32.
    expect(failure?.position).toBe(column === "correlation_id" ? 32 : 42);
    if (named === null) expect(failure).toMatchObject({ column: null, message: expect.stringContaining("id") });
    else if (column === "stream") expect(failure?.message).toMatch(/stream/);
    else expect(failure?.column).toBe(named);
  });

  test.each<[string, number, SqlValue]>([
    ["source_at", EVENTS, null],
    ["correlation_id", EVENTS, null],
    ["event_hash", EVENTS, "0".repeat(64)],
    ["stream", EVENTS, `${LOG}/account/1`],
    ["causation_id", 2, null],
  ])("a changed %s at position %i, where it stands at the border", async (column, position, value) => {
    await update(column, position, value);
    expect((await verify("L1")).failure?.position).toBe(position);
  });

  test("a changed position, as the position that is now missing", async () => {
    await update("position", 42, 5_000);
    expect((await verify("L1")).failure).toMatchObject({ level: "L1", position: 42, column: "position" });
  });

  test.each(["id", "stream", "type", "created_at", "log_id", "causation_id", "correlation_id", "payload_hash", "event_hash", "payload"])(
    "what was written into %s behind a NUL, and bytes that are no text",
    async (column) => {
      const position = column === "correlation_id" ? EVENTS : 42;
      const put = (value: string): Promise<void> =>
        tamper((connection) => connection.exec(`UPDATE events SET ${column} = ${value} WHERE position = ${position}`));
      await put(`${column} || char(0) || 'junk'`);
      expect((await verify("L2")).failure?.position).toBe(position);
      await put(`CAST(substr(CAST(${column} AS BLOB), 1, length(CAST(${column} AS BLOB)) - 5) AS TEXT)`);
      expect((await verify("L2")).failure).toBeNull();
      await put(`CAST(x'ff' || ${column} AS TEXT)`);
      expect((await verify("L2")).failure?.position).toBe(position);
    },
  );

  test("a row that another log's name was given, beside the row of its position", async () => {
    // One more than is read at once, so that the stray row stands where two reads meet.
    const session = await openLog(store);
    for (let n = EVENTS; n <= 1_000; n++)
      await session.append([{ stream: "account/0", expected: "any", events: [deposit(LOG, `more ${n}`)] }]);
    await session.close();
    await tamper((connection) =>
      connection.exec(
        `INSERT INTO events SELECT '${ID}', 'x', type, version, payload, created_at, 'run/two', position, schema_version, occurred_at, source_at, causation_id, correlation_id, payload_hash, event_hash, recorded_at, writer_epoch FROM events WHERE position = 1000`,
      ),
    );
    expect((await verify("L1")).failure).toMatchObject({ position: 1_000, column: "log_id" });
  });

  test("a changed payload, at L2", async () => {
    await update("payload", 42, '{"amount":"1000000","to":"fees"}');
    expect((await verify("L1")).failure).toBeNull();
    expect((await verify("L2")).failure).toMatchObject({ level: "L2", position: 42, column: "payload" });
  });

  test("a payload that is no longer canonical although every hash was made to fit it", async () => {
    await tamper((connection) => {
      const payload = '{ "amount":"1","to":"fees"}';
      const hash = sha256(`onetape:payload:v1\n${payload}`);
      connection.prepare("UPDATE events SET payload = ?, payload_hash = ? WHERE position = 42").run([payload, hash]);
    });
    expect((await verify("L2")).failure).toMatchObject({ position: 42 });
  });

  test("a deleted row", async () => {
    await tamper((connection) => connection.exec("DELETE FROM events WHERE position = 42"));
    expect((await verify("L1")).failure).toMatchObject({ position: 42, column: "position", actual: "none" });
  });

  test("two swapped rows", async () => {
    await tamper((connection) =>
      connection.exec(
        "UPDATE events SET position = 5000 WHERE position = 42; UPDATE events SET position = 42 WHERE position = 43; UPDATE events SET position = 43 WHERE position = 5000",
      ),
    );
    expect((await verify("L1")).failure).toMatchObject({ position: 42, column: "position", message: expect.stringContaining("swapped") });
  });

  test("two rows swapped over a distance", async () => {
    await tamper((connection) =>
      connection.exec(
        "UPDATE events SET position = 5000 WHERE position = 35; UPDATE events SET position = 35 WHERE position = 60; UPDATE events SET position = 60 WHERE position = 5000",
      ),
    );
    expect((await verify("L1")).failure).toMatchObject({ position: 35 });
  });

  test("a cut tail, by the head", async () => {
    await tamper((connection) => connection.exec("DELETE FROM events WHERE position > 80"));
    expect((await verify("L1")).failure).toMatchObject({ position: 81, column: "position", actual: "none" });
  });

  test("a tail cut off with head and anchors, by the anchor file; and no writer goes on from there", async () => {
    await cutWithHead("DELETE FROM events WHERE position > 62");
    expect((await verify("L1")).failure).toMatchObject({ position: 63, column: "position", message: expect.stringContaining("cut off") });
    const outcome = await newStore().open({ log: LOG, catalogue: ledgerCatalogue, mode: "write" });
    expect(outcome).toMatchObject({ kind: "corrupt", position: 63 });
  });

  test("a row that was added behind the head", async () => {
    await tamper((connection) =>
      connection.exec(
        `INSERT INTO events SELECT '${ID}', stream, type, 999, payload, created_at, log_id, ${EVENTS + 1}, schema_version, occurred_at, source_at, causation_id, correlation_id, payload_hash, event_hash, recorded_at, writer_epoch FROM events WHERE position = ${EVENTS}`,
      ),
    );
    expect((await verify("L1")).failure?.position).toBe(EVENTS + 1);
  });

  test.each([
    ["anchors", "hash", 62],
    ["anchors", "content_hash", 62],
    ["anchors", "audit_hash", 62],
  ])("a changed %s.%s", async (table, column, position) => {
    await tamper((connection) =>
      connection.prepare(`UPDATE ${table} SET ${column} = ? WHERE position = ?`).run(["0".repeat(64), position]),
    );
    expect((await verify("L1")).failure).toMatchObject({ position, column: `anchors.${column}` });
  });

  test.each(["head_hash", "content_hash", "audit_hash"])("a changed log_head.%s", async (column) => {
    await tamper((connection) => connection.exec(`UPDATE log_head SET ${column} = '${"0".repeat(64)}'`));
    expect((await verify("L1")).failure).toMatchObject({ position: EVENTS, column: `log_head.${column}` });
  });

  test("an epoch of the head that was set back, and no writer takes it", async () => {
    const session = await openLog(newStore());
    await session.append([{ stream: "account/0", expected: "any", events: [deposit(LOG, "second writer")] }]);
    await session.close();
    await tamper((connection) => connection.exec("UPDATE log_head SET epoch = 1"));
    expect((await verify("L1")).failure).toMatchObject({
      position: EVENTS + 1,
      column: "log_head.epoch",
      expected: "at least 2",
      actual: "1",
    });
    const outcome = await newStore().open({ log: LOG, catalogue: ledgerCatalogue, mode: "write" });
    expect(outcome).toMatchObject({ kind: "corrupt", cause: "the head is at epoch 1, the last block was written in epoch 2" });
  });

  test("no fault in a writer that came and wrote nothing: only the epoch tells of it", async () => {
    await (await openLog(newStore())).close();
    expect((await verify("L1")).failure).toBeNull();
  });

  test("a whole chain that was computed anew over changed events, by the anchor file", async () => {
    const other = mkdtempSync(join(tmpdir(), "onetape-forged-"));
    const forged = new SqliteEventStore({ files: logFilesIn(other), sha256, sha256Bytes, now: () => MONDAY });
    const session = await openLog(forged, { layout: "rows" });
    for (const block of ledgerBlocks(30, 31, 1)) await session.appendBlock(block);
    await session.append([
      { stream: "account/0", expected: "any", events: [deposit(LOG, "last", { source_at: MONDAY - 7, correlation_id: "by hand" })] },
    ]);
    await session.close();
    writeFileSync(path, readFileSync(logFilesIn(other).pathOf(LOG)));
    expect((await verify("L1")).failure).toMatchObject({ position: 1, column: expect.stringContaining("anchor file") });
    rmSync(other, { recursive: true, force: true });
  });

  test("a second line for a position that the anchor file has already, whichever of the two the store agrees with", async () => {
    const line = { ...JSON.parse(readFileSync(anchorPathOf(path), "utf8").trimEnd().split("\n")[3] ?? ""), hash: "0".repeat(64) };
    appendFileSync(anchorPathOf(path), `${JSON.stringify(line)}\n`);
    expect((await verify("L1")).failure).toMatchObject({ position: EVENTS, column: "anchor file.hash" });
    await tamper((connection) => connection.exec("DELETE FROM events WHERE position = 92; DELETE FROM anchors WHERE position = 92"));
    const outcome = await newStore().open({ log: LOG, catalogue: ledgerCatalogue, mode: "write" });
    expect(outcome).toMatchObject({ kind: "corrupt" });
  });

  test("a time that no calendar has, and a table that is gone, without failing itself", async () => {
    await tamper((connection) => connection.exec("UPDATE anchors SET recorded_at = 9000000000000000 WHERE position = 31"));
    expect((await verify("L1")).failure).toMatchObject({ position: 1, column: "recorded_at" });
    const connection = (await loadSqliteDriver()).open(path);
    connection.exec("DROP TABLE anchors");
    connection.close();
    expect((await verify("L1")).failure).toMatchObject({ position: 1, message: expect.stringContaining("anchors") });
  });

  test("anchors that are missing from the anchor file, except the newest, which a crash may have left out", async () => {
    const lines = readFileSync(anchorPathOf(path), "utf8").trimEnd().split("\n");
    writeFileSync(anchorPathOf(path), `${lines.slice(0, -1).join("\n")}\n`);
    expect((await verify("L1")).failure).toBeNull();
    writeFileSync(anchorPathOf(path), `${lines.slice(0, -2).join("\n")}\n`);
    expect((await verify("L1")).failure).toMatchObject({ column: "anchor file.position" });
    writeFileSync(anchorPathOf(path), `${[lines[0], ...lines.slice(2)].join("\n")}\n`);
    expect((await verify("L1")).failure).toMatchObject({ column: "anchor file.position", position: 32 });
  });

  test("and the store itself refuses to change or delete what was stored", async () => {
    const connection = (await loadSqliteDriver()).open(path);
    for (const table of ["events", "anchors"]) {
      expect(() => connection.exec(`DELETE FROM ${table}`)).toThrow(`${table} are append-only`);
      expect(() => connection.exec(`UPDATE ${table} SET position = position + 1000`)).toThrow(`${table} are append-only`);
    }
    expect(() => connection.exec("UPDATE log_head SET position = 1")).toThrow("never moves backwards");
    connection.close();
  });
});

describe("verification of segments finds", () => {
  beforeEach(() => write("segments"));

  test("nothing in a sound log", async () => {
    expect((await verify("L1")).failure).toBeNull();
    expect(await verify("L2")).toMatchObject({ events: EVENTS, failure: null });
  });

  test("any flipped byte of a body, within the block that holds it", async () => {
    const bodies: { first: number; last: number; body: Uint8Array }[] = [];
    await tamper((connection) => {
      for (const row of connection.prepare("SELECT first_position, last_position, body FROM segments").all([])) {
        const [first, last, body] = row;
        if (typeof first === "number" && typeof last === "number" && body instanceof Uint8Array)
          bodies.push({ first, last, body: new Uint8Array(body) });
      }
    });
    expect(bodies.map(({ first }) => first)).toEqual([1, 32, 63, 92]);
    const connection = (await loadSqliteDriver()).open(path);
    const put = connection.prepare("UPDATE segments SET body = ? WHERE first_position = ?");
    const reader = await openLog(store, { mode: "read" });
    const threaded = new SqliteEventStore({ files: logFilesIn(folder), sha256, sha256Bytes, now: () => MONDAY, threads: inParts });
    const other = await openLog(threaded, { mode: "read" });
    let exact = 0;
    let flips = 0;
    for (const { first, last, body } of bodies) {
      for (let at = 0; at < body.length; at += first === 92 ? 1 : 37) {
        const changed = new Uint8Array(body);
        changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
        put.run([changed, first]);
        const { failure } = await reader.verify("L1");
        expect((await other.verify("L1")).failure, `byte ${at} of the segment at ${first}, in parts`).toEqual(failure);
        expect(failure, `byte ${at} of the segment at ${first}`).not.toBeNull();
        expect(failure?.position).toBeGreaterThanOrEqual(first);
        expect(failure?.position).toBeLessThanOrEqual(last);
        flips += 1;
        if (failure !== null && failure.position > first) exact += 1;
      }
      put.run([body, first]);
    }
    expect((await reader.verify("L2")).failure).toBeNull();
    await reader.close();
    await other.close();
    connection.close();
    // Most bytes belong to one event, and then that event is named rather than its block.
    expect(exact / flips).toBeGreaterThan(0.5);
  });

  test("the very event whose payload was changed", async () => {
    await tamper((connection) => {
      const body = connection.prepare("SELECT body FROM segments WHERE first_position = 32").all([])[0]?.[0];
      if (!(body instanceof Uint8Array)) throw new Error("the segment has no body");
      const changed = Buffer.from(body);
      // The third deposit of this block: {"amount":"13"} at position 41.
      changed.write('{"amount":"99"}', changed.indexOf('{"amount":"13"}'));
      connection.prepare("UPDATE segments SET body = ? WHERE first_position = 32").run([changed]);
    });
    expect((await verify("L1")).failure).toMatchObject({ position: 41, column: "payload" });
  });

  test("a body that another body's hash was stored for", async () => {
    await tamper((connection) => connection.exec(`UPDATE segments SET body_sha256 = '${"0".repeat(64)}' WHERE first_position = 32`));
    expect((await verify("L1")).failure).toMatchObject({ position: 32, column: "segments.body" });
  });

  test.each([
    ["recorded_at", "recorded_at", MONDAY + 1],
    ["writer_epoch", "writer_epoch", 9],
    ["created_at", "created_at", "2024-01-01T00:00:00.001Z"],
    ["log_id", "log_id", "run/two"],
    ["last_position", "segments.last_position", 500],
  ] as const)("a changed segments.%s", async (column, named, value) => {
    await tamper((connection) => connection.prepare(`UPDATE segments SET ${column} = ? WHERE first_position = 32`).run([value]));
    expect((await verify("L1")).failure).toMatchObject({ position: 32, column: named });
  });

  test("a segment of another log beside the one of its position", async () => {
    await tamper((connection) =>
      connection.exec(
        "INSERT INTO segments SELECT 'run/two', first_position, last_position, recorded_at, writer_epoch, created_at, body_sha256, body FROM segments WHERE first_position = 32",
      ),
    );
    expect((await verify("L1")).failure).toMatchObject({ position: 32, column: "log_id" });
  });

  test("a deleted segment", async () => {
    await tamper((connection) => connection.exec("DELETE FROM segments WHERE first_position = 32"));
    expect((await verify("L1")).failure).toMatchObject({ position: 32, column: "position" });
  });

  test("a body that was moved to another row, without looking for its events for ever", async () => {
    await tamper((connection) => connection.exec("UPDATE segments SET first_position = 40 WHERE first_position = 32"));
    const session = await openLog(store, { mode: "read" });
    await expect(session.streamVersion("account/0")).rejects.toThrow(/position 40/);
    expect((await session.verify("L1")).failure).not.toBeNull();
    await session.close();
  });

  test("two swapped bodies", async () => {
    await tamper((connection) =>
      connection.exec(
        "UPDATE segments SET first_position = 5000 WHERE first_position = 1; UPDATE segments SET first_position = 1 WHERE first_position = 32; UPDATE segments SET first_position = 32 WHERE first_position = 5000",
      ),
    );
    expect((await verify("L1")).failure?.position).toBe(1);
  });

  test("a tail cut off with head and anchors, by the anchor file", async () => {
    await cutWithHead("DELETE FROM segments WHERE first_position > 62");
    expect((await verify("L1")).failure).toMatchObject({ position: 63, message: expect.stringContaining("cut off") });
  });
});

describe("the anchor file", () => {
  test("is found missing beside a log of one block, and no writer makes a new one", async () => {
    const session = await openLog(store, { layout: "rows" });
    expect((await session.verify("L1")).failure).toBeNull();
    await session.append([{ stream: "account/0", expected: "any", events: [deposit(LOG, "only")] }]);
    await session.close();
    // As a crash leaves it between the commit and the line: the file was made before.
    writeFileSync(anchorPathOf(path), "");
    expect((await verify("L1")).failure).toBeNull();
    rmSync(anchorPathOf(path));
    expect((await verify("L1")).failure).toMatchObject({ position: 1, column: "anchor file", actual: "none" });
    const outcome = await newStore().open({ log: LOG, catalogue: ledgerCatalogue, mode: "write" });
    expect(outcome).toMatchObject({ kind: "corrupt", cause: expect.stringContaining("anchor file is missing") });
  });

  test("holds one line per committed block, and a writer adds what a crash left out and drops a torn line", async () => {
    await write("rows");
    const whole = readFileSync(anchorPathOf(path), "utf8");
    const lines = whole.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).position)).toEqual([31, 62, 91, 92]);
    writeFileSync(anchorPathOf(path), `${lines.slice(0, 2).join("\n")}\n`);
    appendFileSync(anchorPathOf(path), '{"log":"run/one","first_pos');
    const session = await openLog(newStore());
    expect(readFileSync(anchorPathOf(path), "utf8")).toBe(whole);
    expect((await session.verify("L2")).failure).toBeNull();
    await session.close();
  });
});

/** Cuts at position 62, the end of the second block, and makes head and anchors agree with the cut. */
async function cutWithHead(cut: string): Promise<void> {
  await tamper((connection) => {
    connection.exec(cut);
    connection.exec("DELETE FROM anchors WHERE position > 62");
    connection.exec(
      "UPDATE log_head SET position = 62, (head_hash, content_hash, audit_hash) = (SELECT hash, content_hash, audit_hash FROM anchors WHERE position = 62)",
    );
  });
}
