import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { loadSqliteDriver } from "../../src/adapters/sqlite/load-sqlite-driver.js";
import { logFilesIn } from "../../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../src/adapters/sqlite/sqlite-event-store.js";
import type { Durability, LogLayout } from "../../src/ports/event-store.js";
import { bundleChild } from "../support/bundle-child.js";
import { deposit, ledgerCatalogue, MONDAY, openLog } from "../support/tape-fixture.js";
import type { Notes } from "../support/writer-notes.js";
import { checkNotes, readNotes, until } from "../support/writer-notes.js";

let program: string;
let folder: string;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  program = await bundleChild("test/chaos/store-writer.child.ts");
});
afterAll(() => rmSync(program, { force: true }));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "onetape-chaos-"));
});
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
  rmSync(folder, { recursive: true, force: true });
});

const newStore = (options: { readonly max_pages?: number } = {}): SqliteEventStore =>
  new SqliteEventStore({ files: logFilesIn(join(folder, "store")), sha256, sha256Bytes, now: () => MONDAY, ...options });

function start(
  { layout, durability }: { readonly layout: LogLayout; readonly durability: Durability },
  name: string,
  seed: number,
  limit: number,
): { readonly child: ChildProcess; readonly ended: Promise<void>; readonly notes: string } {
  const notes = join(folder, `${name}.notes`);
  const child = spawn(process.execPath, [program, join(folder, "store"), layout, durability, name, String(seed), String(limit), notes], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  children.add(child);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return { child, ended, notes };
}

describe.each([
  { layout: "rows", durability: "durable" },
  { layout: "segments", durability: "durable" },
  { layout: "segments", durability: "committed" },
] as const)("a store of $layout, each commit $durability", (kind) => {
  test("that is killed at random moments keeps what it acknowledged, whole batches only, and goes on", async () => {
    let seed = kind.layout === "rows" ? 7 : 8;
    const notes: Notes[] = [];
    for (let round = 0; round < 8; round++) {
      const run = start(kind, `round${round}`, round, 1_000_000);
      await until(() => readNotes(run.notes).acknowledged.length > 0, "the first acknowledgement");
      seed = (seed * 48_271) % 2_147_483_647;
      await sleep(seed % 120);
      run.child.kill("SIGKILL");
      await run.ended;
      notes.push(readNotes(run.notes));
      const events = await checkNotes(newStore(), notes);

      // The batch that was under way is absent or whole, and sending it again tells which.
      const last = notes.at(-1)?.intents.at(-1) ?? [];
      const present = new Set(events.map((event) => event.id));
      const wanted = last.flatMap((batch) => batch.events.map((event) => present.has(event.id)));
      expect(new Set(wanted).size).toBe(1);
      const session = await openLog(newStore(), kind);
      expect((await session.append(last)).kind).toBe(wanted[0] === true ? "duplicate" : "stored");
      await session.close();
    }
    expect(notes.flatMap((note) => note.opened)).toEqual([1, 3, 5, 7, 9, 11, 13, 15]);
  });

  test("that two processes race for has one writer at a time, and the fenced one wrote nothing after", async () => {
    const [one, two] = [start(kind, "one", 1, 100_000), start(kind, "two", 2, 100_000)];
    await until(() => readNotes(two.notes).acknowledged.length > 0 || readNotes(two.notes).refused.length > 0, "the second writer");
    await Promise.race([one.ended, two.ended]);
    const [first, second] = [readNotes(one.notes), readNotes(two.notes)];
    const epochs = [...first.opened, ...second.opened];
    expect(epochs.toSorted()).toEqual([1, 2]);
    const fenced = epochs[0] === 1 ? one : two;
    await until(() => readNotes(fenced.notes).refused.length > 0, "the older writer to be fenced");
    expect(readNotes(fenced.notes).refused).toEqual([{ kind: "fenced", epoch: 2 }]);
    for (const child of children) child.kill("SIGKILL");
    await Promise.all([one.ended, two.ended]);
    const events = await checkNotes(newStore(), [readNotes(one.notes), readNotes(two.notes)]);
    // Epochs never go back along the log: once the second writer had written, the first had not.
    expect(events.map((event) => event.epoch)).toEqual(events.map((event) => event.epoch).toSorted((a, b) => a - b));
  });

  test("that a second process opens fences the first, which is told so and writes nothing", async () => {
    const session = await openLog(newStore(), kind);
    const run = start(kind, "second", 3, 1);
    await run.ended;
    const notes = readNotes(run.notes);
    expect(notes.acknowledged.length).toBeGreaterThan(0);
    expect(await session.append([{ stream: "account/1", expected: "any", events: [deposit("run/one", "late")] }])).toEqual({
      kind: "fenced",
      epoch: 2,
    });
    await session.close();
    await checkNotes(newStore(), [notes]);
  });

  test("that is full answers unavailable, takes nothing in part, and goes on once there is room", async () => {
    const session = await openLog(newStore({ max_pages: 60 }), kind);
    let stored = 0;
    let outcome = await session.append([]);
    for (let n = 0; n < 10_000; n++) {
      const events = Array.from({ length: 5 }, (_, e) => deposit("run/one", `${n}-${e}`));
      outcome = await session.append([{ stream: "account/1", expected: "any", events }]);
      if (outcome.kind !== "stored") break;
      stored += 5;
    }
    expect(outcome).toMatchObject({ kind: "unavailable", cause: expect.stringContaining("full") });
    expect(await session.append([{ stream: "account/1", expected: "any", events: [deposit("run/one", "more")] }])).toMatchObject({
      kind: "unavailable",
      cause: expect.stringContaining("reopen"),
    });
    await session.close();

    const again = await openLog(newStore(), kind);
    expect(again.head().position).toBe(stored);
    expect((await again.verify("L2")).failure).toBeNull();
    const batch = [{ stream: "account/1", expected: stored, events: [deposit("run/one", "more")] }];
    expect(await again.append(batch)).toMatchObject({ kind: "stored", positions: [stored + 1] });
    await again.close();
  });

  test("waits for a lock for as long as it was told and then answers unavailable, unharmed", async () => {
    const files = logFilesIn(join(folder, "store"));
    const session = await openLog(new SqliteEventStore({ files, sha256, sha256Bytes, now: () => MONDAY, busy_timeout_ms: 50 }), kind);
    const other = (await loadSqliteDriver()).open(files.pathOf("run/one"));
    other.exec("BEGIN IMMEDIATE");
    const batch = [{ stream: "account/1", expected: "any", events: [deposit("run/one", "a")] }] as const;
    expect(await session.append(batch)).toMatchObject({ kind: "unavailable", cause: expect.stringContaining("locked") });
    other.exec("ROLLBACK");
    expect(await session.append(batch)).toMatchObject({ kind: "stored" });
    other.close();
    await session.close();
  });
});

describe("a file that is no store of this version", () => {
  const options = { log: "run/one", catalogue: ledgerCatalogue } as const;

  test("a store that a newer version wrote is refused for reading and writing, with both versions named, and left alone", async () => {
    const files = logFilesIn(join(folder, "store"));
    await (await openLog(newStore(), {})).close();
    const connection = (await loadSqliteDriver()).open(files.pathOf("run/one"));
    connection.exec("UPDATE store_meta SET value = '7' WHERE key = 'store_version'");
    connection.close();
    const before = readFileSync(files.pathOf("run/one"));
    for (const mode of ["write", "read"] as const) {
      expect(await newStore().open({ ...options, mode })).toEqual({ kind: "newer_version", store_version: 7, supported_version: 1 });
    }
    expect(readFileSync(files.pathOf("run/one")).equals(before)).toBe(true);
  });

  test.each([
    ["text", async (path: string) => writeFileSync(path, "not a database ".repeat(500))],
    [
      "another program's database",
      async (path: string) => {
        const connection = (await loadSqliteDriver()).open(path);
        connection.exec("CREATE TABLE songs (title TEXT)");
        connection.close();
      },
    ],
  ])("%s is refused as corrupt", async (_, write) => {
    mkdirSync(join(folder, "store"));
    await write(logFilesIn(join(folder, "store")).pathOf("run/one"));
    for (const mode of ["write", "read"] as const) expect(await newStore().open({ ...options, mode })).toMatchObject({ kind: "corrupt" });
  });

  test("the file of another log is refused", async () => {
    const files = logFilesIn(join(folder, "store"));
    await (await openLog(newStore(), { log: "run/two" })).close();
    renameSync(files.pathOf("run/two"), files.pathOf("run/one"));
    expect(await newStore().open({ ...options, mode: "write" })).toMatchObject({
      kind: "corrupt",
      cause: expect.stringContaining("run/two"),
    });
  });
});
