import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { ndjsonLogFiles } from "../../src/adapters/log-file/ndjson-log-files.js";
import { MemoryEventStore } from "../../src/adapters/memory/memory-event-store.js";
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { anchorPathOf, logFilesIn } from "../../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../src/adapters/sqlite/sqlite-event-store.js";
import type { EventStore, LogLayout, LogSession } from "../../src/ports/event-store.js";
import type { LogImporter } from "../../src/ports/log-import.js";
import { type ExportOutcome, exportLog } from "../../src/usecases/export-log.js";
import { type ImportLogOutcome, importLogFile } from "../../src/usecases/import-log.js";
import { newDatabase, postgresStore } from "../support/postgres-store.js";
import { sharedServer } from "../support/shared-postgres.js";
import { deposit, ledgerBlocks, MONDAY, openLog } from "../support/tape-fixture.js";

const LOG = "run/one";
const server = await sharedServer();
const databases: ReturnType<typeof postgresStore>[] = [];
let folder: string;
let source: SqliteEventStore;
let session: LogSession;

const at = (name: string): string => join(folder, name);
const sqlite = (name: string): SqliteEventStore =>
  new SqliteEventStore({ files: logFilesIn(at(name)), sha256, sha256Bytes, now: () => MONDAY });
const memory = (): MemoryEventStore => new MemoryEventStore({ sha256, now: () => MONDAY });
async function postgres(): Promise<ReturnType<typeof postgresStore>> {
  const store = postgresStore(await newDatabase(server, "files"));
  databases.push(store);
  return store;
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "onetape-log-files-"));
  source = sqlite("source");
  session = await openLog(source, { layout: "rows" });
  for (const block of ledgerBlocks(60, 8)) await session.appendBlock(block);
  // Text that JSON escapes, an event without a cause, a second writer.
  await session.append([
    {
      stream: "account/1",
      expected: "any",
      events: [deposit(LOG, "late", { correlation_id: 'by "hand"', payload: { amount: "7", note: "é\u2028\\" } })],
    },
  ]);
});
afterEach(async () => {
  await session.close();
  await source.close();
  for (const store of databases.splice(0)) await store.close();
  rmSync(folder, { recursive: true, force: true });
});
afterAll(async () => {
  for (const store of databases.splice(0)) await store.close();
});

async function exported(from: EventStore, path: string, signal?: AbortSignal): Promise<ExportOutcome> {
  const reading = await openLog(from, { mode: "read" });
  try {
    return await exportLog({ session: reading, path, files: ndjsonLogFiles, hash: sha256, ...(signal === undefined ? {} : { signal }) });
  } finally {
    await reading.close();
  }
}

async function imported(
  path: string,
  store: EventStore & LogImporter,
  more: {
    readonly layout?: LogLayout;
    readonly accept_loss?: boolean;
    readonly signal?: AbortSignal;
    readonly onWritten?: (done: number) => void;
  } = {},
): Promise<ImportLogOutcome> {
  const file = await ndjsonLogFiles.read(path);
  if ("code" in file) return { kind: "file_fault", fault: file };
  const { onWritten, ...rest } = more;
  return importLogFile({ file, store, hash: sha256, ...rest, onProgress: (phase, done) => phase === "write" && onWritten?.(done) });
}

describe("a log as a file", () => {
  test("goes from SQLite to PostgreSQL to memory and back, in rows and segments, with the same head, events and lines", async () => {
    const first = await exported(source, at("first.ndjson"));
    expect(first).toMatchObject({ kind: "exported", head: session.head(), events: session.head().position, resumed_from: 0 });
    const lines = readFileSync(at("first.ndjson"), "utf8").split("\n").slice(1, -2);
    let file = "first.ndjson";
    const stores = [await postgres(), memory(), await postgres(), sqlite("again")];
    for (const [i, store] of stores.entries()) {
      const layout = i % 2 === 0 ? "segments" : "rows";
      expect(await imported(at(file), store, { layout })).toEqual({ kind: "imported", log: LOG, head: session.head() });
      file = `copy-${i}.ndjson`;
      expect(await exported(store, at(file))).toMatchObject({ kind: "exported", head: session.head() });
      expect(readFileSync(at(file), "utf8").split("\n").slice(1, -2)).toEqual(lines);
      await store.close();
    }
  });

  test("each line is a JSON object that names position, hash and payload", async () => {
    await exported(source, at("f.ndjson"));
    const lines = readFileSync(at("f.ndjson"), "utf8")
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(lines[0]).toMatchObject({ schema: "onetape.log/1", log: LOG, layout: "rows", head: { position: session.head().position } });
    expect(lines[1]).toMatchObject({
      event: { position: 1, event_hash: expect.stringMatching(/^[0-9a-f]{64}$/), payload: expect.any(Object) },
    });
    expect(lines.at(-1)).toMatchObject({ end: { events: session.head().position, head: session.head() } });
  });

  test("an export that was interrupted is no export, and goes on to the very file that an undisturbed one makes, to where it was to end", async () => {
    await exported(source, at("whole.ndjson"));
    const stop = new AbortController();
    const reading = await openLog(source, { mode: "read" });
    const onProgress = (done: number): void => (done >= 24 ? stop.abort() : undefined);
    const request = { session: reading, path: at("f.ndjson"), files: ndjsonLogFiles, hash: sha256, onProgress, signal: stop.signal };
    expect(await exportLog(request)).toEqual({ kind: "aborted", position: 25 });
    await reading.close();
    expect(existsSync(at("f.ndjson"))).toBe(false);
    expect(await ndjsonLogFiles.read(at("f.ndjson"))).toMatchObject({
      code: "LOG_FILE_MISSING",
      message: expect.stringContaining("f.ndjson.part"),
    });
    copyFileSync(at("f.ndjson.part"), at("renamed.ndjson"));
    expect(await ndjsonLogFiles.read(at("renamed.ndjson"))).toMatchObject({ code: "LOG_FILE_PARTIAL" });
    // Killed in the middle of a line, and the log grew meanwhile.
    writeFileSync(at("f.ndjson.part"), Buffer.concat([readFileSync(at("f.ndjson.part")), Buffer.from('{"event":{"position":26,"str')]));
    await session.append([{ stream: "account/1", expected: "any", events: [deposit(LOG, "later")] }]);
    expect(await exported(source, at("f.ndjson"))).toMatchObject({ kind: "exported", resumed_from: 25 });
    expect(readFileSync(at("f.ndjson"))).toEqual(readFileSync(at("whole.ndjson")));
    expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  test("what an earlier export of another history left is not gone on with", async () => {
    const other = sqlite("other");
    const writing = await openLog(other, { layout: "rows" });
    for (let i = 0; i < 30; i++) await writing.append([{ stream: "s", expected: "any", events: [deposit(LOG, `other ${i}`)] }]);
    await writing.close();
    const stop = new AbortController();
    const reading = await openLog(other, { mode: "read" });
    const onProgress = (done: number): void => (done >= 9 ? stop.abort() : undefined);
    await exportLog({ session: reading, path: at("f.ndjson"), files: ndjsonLogFiles, hash: sha256, onProgress, signal: stop.signal });
    await other.close();
    expect(await exported(source, at("f.ndjson"))).toMatchObject({ kind: "exported", resumed_from: 0, head: session.head() });
    expect(await imported(at("f.ndjson"), memory())).toMatchObject({ kind: "imported", head: session.head() });
  });

  test.each(["memory", "SQLite", "PostgreSQL"] as const)(
    "an import into %s that was interrupted shows nothing, and goes on",
    async (name) => {
      await exported(source, at("f.ndjson"));
      const store = name === "memory" ? memory() : name === "SQLite" ? sqlite("target") : await postgres();
      const stop = new AbortController();
      const written: number[] = [];
      const onWritten = (done: number): void => {
        written.push(done);
        if (done >= 24) stop.abort();
      };
      expect(await imported(at("f.ndjson"), store, { signal: stop.signal, onWritten })).toEqual({ kind: "aborted", log: LOG });
      expect(await store.logs()).toEqual([]);
      expect(await imported(at("f.ndjson"), store)).toEqual({ kind: "imported", log: LOG, head: session.head() });
      expect(await imported(at("f.ndjson"), store)).toEqual({ kind: "present", log: LOG, head: session.head() });
      await store.close();
    },
  );

  test("a file is refused at every cut and for every changed line, with nothing imported", async () => {
    await exported(source, at("f.ndjson"));
    const bytes = readFileSync(at("f.ndjson"));
    const store = memory();
    for (let cut = 1; cut < bytes.length; cut += 997) {
      writeFileSync(at("cut.ndjson"), bytes.subarray(0, cut));
      expect(await imported(at("cut.ndjson"), store)).toMatchObject({ kind: "file_fault" });
    }
    const lines = bytes.toString("utf8").split("\n");
    for (let i = 0; i < lines.length - 1; i += 5) {
      for (const change of [(line: string) => line.replace(/[0-9](?=[^0-9]*$)/, (digit) => String((Number(digit) + 1) % 10)), () => null]) {
        const changed = lines.flatMap((line, at) => (at === i ? (change(line) ?? []) : line)).join("\n");
        if (changed === bytes.toString("utf8")) continue;
        writeFileSync(at("changed.ndjson"), changed);
        const outcome = await imported(at("changed.ndjson"), store);
        expect([i, ["file_fault", "damaged"].includes(outcome.kind)]).toEqual([i, true]);
      }
    }
    expect(await store.logs()).toEqual([]);
  });

  test("a damaged log is not exported", async () => {
    const events = at("source");
    const file = join(events, readdirSync(events).find((name) => name.endsWith(".tape.db")) ?? "");
    const { default: Database } = await import("libsql");
    const database = new Database(file);
    database.exec("DROP TRIGGER IF EXISTS events_no_update");
    for (const row of database.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").all() as { name: string }[])
      database.exec(`DROP TRIGGER ${row.name}`);
    database.exec("UPDATE events SET payload = replace(payload, 'amount', 'amounT') WHERE position = 9");
    database.close();
    expect(await exported(source, at("f.ndjson"))).toMatchObject({ kind: "damaged", position: 9 });
    expect(existsSync(at("f.ndjson"))).toBe(false);
  });

  test("a copy that is older than the anchors that were published here says so at once, and is taken only with its loss accepted", async () => {
    await exported(source, at("old.ndjson"));
    await session.append([{ stream: "account/1", expected: "any", events: [deposit(LOG, "lost")] }]);
    const { position } = session.head();
    await session.close();
    await source.close();
    const path = logFilesIn(at("source")).pathOf(LOG);
    for (const end of ["", "-wal", "-shm"]) rmSync(`${path}${end}`, { force: true });
    const store = sqlite("source");
    expect(await imported(at("old.ndjson"), store)).toMatchObject({
      kind: "older_than_anchors",
      head: { position: position - 1 },
      anchor: { position },
    });
    expect(await store.logs()).toEqual([]);
    expect(await imported(at("old.ndjson"), store, { accept_loss: true })).toMatchObject({ kind: "imported" });
    expect(existsSync(`${anchorPathOf(path)}.before-${position - 1}`)).toBe(true);
    await store.close();
  });

  test("an import that died between its two renames goes on", async () => {
    await exported(source, at("f.ndjson"));
    const first = sqlite("target");
    expect(await imported(at("f.ndjson"), first)).toMatchObject({ kind: "imported" });
    await first.close();
    const path = logFilesIn(at("target")).pathOf(LOG);
    copyFileSync(path, `${path}.importing`);
    truncateSync(path, 0);
    rmSync(path);
    const second = sqlite("target");
    expect(await imported(at("f.ndjson"), second)).toMatchObject({ kind: "imported", head: session.head() });
    await second.close();
  });
});
