import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { deposit, MONDAY, openLog } from "../../test/support/tape-fixture.js";
import { anchorBookFile } from "../adapters/anchors/anchor-book-file.js";
import { ed25519Signer, ed25519Verifier, newEd25519Keys } from "../adapters/anchors/ed25519.js";
import { MemoryEventStore } from "../adapters/memory/memory-event-store.js";
import { sha256 } from "../adapters/node-hash/sha256.js";
import type { EventStore } from "../ports/event-store.js";
import { anchoringStore, checkAnchors, checkBook } from "./published-anchors.js";

const keys = newEd25519Keys();
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "onetape-anchors-"));
  path = join(folder, "anchors.ndjson");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const memory = (): MemoryEventStore => new MemoryEventStore({ sha256, now: () => MONDAY });

/** A log of so many deposits, written through a store that publishes anchors every 3 events. */
async function written(store: EventStore, count: number, word: string = "d", every: number = 3): Promise<void> {
  const signer = ed25519Signer(keys.private_pem);
  const onFailure = (_: string, why: string): never => expect.fail(why);
  const anchored = anchoringStore(store, { book: anchorBookFile(path), signer, every, now: () => MONDAY, onFailure });
  const session = await openLog(anchored);
  for (let i = 0; i < count; i++) await session.append([{ stream: "s", expected: "any", events: [deposit("run/one", `${word}${i}`)] }]);
  await session.close();
}

async function check(store: EventStore, signed: boolean = true): Promise<readonly string[]> {
  const session = await openLog(store, { mode: "read" });
  const book = await anchorBookFile(path).read();
  const { faults } = await checkAnchors(session, book?.anchors ?? [], signed ? ed25519Verifier(keys.public_pem) : null);
  await session.close();
  return faults.map(({ code, position }) => `${code} ${position}`);
}

test("anchors are published every N events and at close, and the log that wrote them holds against them", async () => {
  const store = memory();
  await written(store, 7);
  expect((await anchorBookFile(path).read())?.anchors.map(({ position }) => position)).toEqual([3, 6, 7]);
  expect(await check(store)).toEqual([]);
  await written(store, 0);
  expect((await anchorBookFile(path).read())?.anchors).toHaveLength(3);
});

test("a tail that was cut off is found, and so is a history that was made again", async () => {
  await written(memory(), 7);
  const published = readFileSync(path);
  const [shorter, other] = [memory(), memory()];
  await written(shorter, 5);
  await written(other, 7, "other");
  writeFileSync(path, published);
  expect(await check(shorter)).toEqual(["ANCHOR_TAIL_CUT 6", "ANCHOR_TAIL_CUT 7"]);
  expect(await check(other)).toEqual(["ANCHOR_HISTORY 3", "ANCHOR_HISTORY 6", "ANCHOR_HISTORY 7"]);
});

test("a changed anchor, another's signature and a missing one are told apart, and a broken line is told", async () => {
  const store = memory();
  await written(store, 7);
  const [first = "", second = "", third = ""] = readFileSync(path, "utf8").split("\n");
  const unsigned = { ...(JSON.parse(third) as object), signature: null };
  const stranger = { ...(JSON.parse(second) as object), signature: ed25519Signer(newEd25519Keys().private_pem).sign("anything") };
  writeFileSync(
    path,
    `${[first.replace("T00:00:00.000Z", "T00:00:01.000Z"), JSON.stringify(stranger), JSON.stringify(unsigned), "{cut"].join("\n")}\n`,
  );
  expect(await check(store)).toEqual(["ANCHOR_FORGED 3", "ANCHOR_FORGED 6", "ANCHOR_UNSIGNED 7"]);
  expect(await check(store, false)).toEqual([]);
  const book = await anchorBookFile(path).read();
  expect(checkBook(book ?? { anchors: [], bad: [] }, []).map(({ code }) => code)).toEqual(["ANCHOR_LINE", "ANCHOR_LOG_MISSING"]);
});

test("an anchor that cannot be published does not hold up the log", async () => {
  const failures: string[] = [];
  const book = { read: async () => null, append: () => Promise.reject(new Error("the share is gone")) };
  const policy = {
    book,
    signer: null,
    every: 1,
    now: () => MONDAY,
    onFailure: (log: string, why: string) => failures.push(`${log}: ${why}`),
  };
  const session = await openLog(anchoringStore(memory(), policy));
  expect(await session.append([{ stream: "s", expected: "any", events: [deposit("run/one", "a")] }])).toMatchObject({ kind: "stored" });
  await session.close();
  expect(failures).toEqual(["run/one: the share is gone"]);
});

test("a key of another kind is refused without being repeated", () => {
  expect(() => ed25519Signer("secret")).toThrow("the key file does not hold a private Ed25519 key in PEM");
});
