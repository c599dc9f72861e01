/** Faults of readers, projections and snapshots on the real SQLite: two readers of one group, poison, a crash inside the transaction, bad snapshots. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { loadSqliteDriver } from "../../src/adapters/sqlite/load-sqlite-driver.js";
import { logFilesIn } from "../../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../src/adapters/sqlite/sqlite-event-store.js";
import type { LogSession } from "../../src/ports/event-store.js";
import type { ProjectionStore } from "../../src/ports/projection-store.js";
import { loadState } from "../../src/usecases/load-state.js";
import { projectionHealth } from "../../src/usecases/projection-health.js";
import { bundleChild } from "../support/bundle-child.js";
import { activeHead, balances, history, MemoryJournal, openProjections, replayed, settle, worker } from "../support/projection-fixture.js";
import { deposit, ledgerCatalogue, MONDAY, openLog } from "../support/tape-fixture.js";

const LOG = "run/one";
let program: string;
let folder: string;
let events: SqliteEventStore;
let session: LogSession;
let store: ProjectionStore;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  program = await bundleChild("test/chaos/projection-worker.child.ts");
});
afterAll(() => rmSync(program, { force: true }));
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "onetape-projection-chaos-"));
  events = new SqliteEventStore({ files: logFilesIn(join(folder, "store")), sha256, sha256Bytes, now: () => MONDAY });
  session = await openLog(events);
  store = await openProjections(events);
});
afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
  await events.close();
  rmSync(folder, { recursive: true, force: true });
});

async function put(from: number, to: number, amount = (n: number) => `${n}`): Promise<void> {
  for (let n = from; n <= to; n++) {
    const event = deposit(LOG, `${n}`, { payload: { amount: amount(n) }, occurred_at: MONDAY + n });
    expect(await session.append([{ stream: `account/${n % 3}`, expected: "any", events: [event] }])).toMatchObject({ kind: "stored" });
  }
}

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<NodeJS.Signals | null>;
}

/** @param dieAt checkpoint at which the child kills itself; 0 never. */
function start(
  name: string,
  options: { readonly dieAt?: number; readonly until?: number; readonly batch?: number; readonly lease?: number },
): Run {
  const { dieAt = 0, until = 0, batch = 7, lease = 300 } = options;
  const args = [program, join(folder, "store"), join(folder, "notes"), name, ...[batch, dieAt, until, lease].map(String)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
  children.add(child);
  return { child, ended: new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal))) };
}

function noted(): readonly { readonly name: string; readonly events: number; readonly position: number }[] {
  const path = join(folder, "notes");
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

/** What is stored is one application of each event up to the checkpoint. */
async function expectOncePerEvent(): Promise<number> {
  const head = await activeHead(store, "balances");
  if (head === null) throw new Error("the projection is gone");
  const whole = await loadState({
    projection: balances,
    catalogue: ledgerCatalogue,
    session,
    store,
    journal: new MemoryJournal(),
    hash: sha256,
    to: head.position,
    snapshots: null,
  });
  expect(head.state_hash).toBe(whole.state_hash);
  expect(head.events).toBe(head.position);
  return head.position;
}

describe("a crash inside a projection's transaction", () => {
  test("between state and checkpoint leaves neither, at every batch, and the next process goes on", async () => {
    await put(1, 100);
    // A claim and the start write a checkpoint each; the third is that of the first batch.
    for (const dieAt of [1, 2, 3, 4, 6]) {
      const before = (await activeHead(store, "balances"))?.position ?? 0;
      expect(await start(`die ${dieAt}`, { dieAt, until: 100 }).ended).toBe("SIGKILL");
      const head = await activeHead(store, "balances");
      if (head === null) continue;
      expect(await expectOncePerEvent()).toBeGreaterThanOrEqual(before);
    }
    expect(await start("last", { until: 100 }).ended).toBeNull();
    expect(await expectOncePerEvent()).toBe(100);
    expect((await activeHead(store, "balances"))?.state_hash).toBe((await replayed(balances, session)).state_hash);
  });

  test("at random moments, while the log grows, doubles and loses nothing", async () => {
    let seed = 11;
    for (let round = 0; round < 6; round++) {
      const run = start(`round ${round}`, { until: 1_000_000, batch: 3, lease: 1 });
      await put(round * 30 + 1, round * 30 + 30);
      seed = (seed * 48_271) % 2_147_483_647;
      await sleep(seed % 60);
      run.child.kill("SIGKILL");
      await run.ended;
      if ((await activeHead(store, "balances")) !== null) await expectOncePerEvent();
    }
    await start("last", { until: 180 }).ended;
    expect(await expectOncePerEvent()).toBe(180);
  });
});

describe("two readers of one group", () => {
  test("handle each event once, and when one is killed the other goes on from the checkpoint", async () => {
    const [one, two] = [start("one", { until: 300, batch: 5 }), start("two", { until: 300, batch: 5 })];
    await put(1, 150);
    while (noted().length === 0) await sleep(5);
    const holder = noted()[0]?.name;
    const first = holder === "one" ? one : two;
    first.child.kill("SIGKILL");
    await first.ended;
    await put(151, 300);
    expect(await (holder === "one" ? two : one).ended).toBeNull();
    expect(await expectOncePerEvent()).toBe(300);
    const handled = noted().flatMap(({ events: n, position }) => Array.from({ length: n }, (_, i) => position - i));
    expect(new Set(handled).size).toBe(handled.length);
    expect(new Set(noted().map(({ name }) => name))).toEqual(new Set(["one", "two"]));
  });
});

describe("a poisoned event", () => {
  test("halts one projection; the log, the others and all later events go on, and health says which and why", async () => {
    await put(1, 20, (n) => (n === 8 ? "666" : `${n}`));
    const tolerant = { ...history, name: "tolerant", evolve: (state: typeof history.initial) => ({ ...state, last: state.last + 1 }) };
    const [halted, other] = [worker(balances, { session, store }), worker(tolerant, { session, store })];
    expect((await settle(halted)).at(-1)).toMatchObject({ kind: "halted" });
    await settle(other);
    await put(21, 25);
    await settle(other);
    expect(await activeHead(store, "tolerant")).toMatchObject({ position: 25, events: 25 });
    expect((await session.verify("L2")).failure).toBeNull();
    const request = { projection: balances, catalogue: ledgerCatalogue, session, store, hash: sha256, now: MONDAY + 5_000 };
    expect((await projectionHealth(request)).health).toMatchObject({
      condition: "halted",
      why: `it cannot fold money.deposited at position 8 (${deposit(LOG, "8", { occurred_at: MONDAY + 8 }).id}): the amount of the beast`,
      position: 7,
      lag_events: 18,
      lag_ms: 5_000,
    });
    await halted.close();
    await settle(worker(balances, { session, store, policy: "park", rebuild: true }));
    expect((await projectionHealth(request)).health).toMatchObject({ condition: "current", position: 25, parked: [{ position: 8 }] });
  });
});

describe("a snapshot", () => {
  const load = (journal: MemoryJournal) =>
    loadState({ projection: balances, catalogue: ledgerCatalogue, session, store, journal, hash: sha256 });

  test.each([
    ["whose state was edited", "altered", `UPDATE snapshots SET state = replace(state, '"deposits":50', '"deposits":49')`],
    ["whose hash was edited", "altered", "UPDATE snapshots SET state_hash = head_hash"],
    ["that was moved", "altered", "UPDATE snapshots SET global_position = 49"],
    ["that was moved beyond the head", "altered", "UPDATE snapshots SET global_position = 5000"],
    ["of other code", "other_code", "UPDATE snapshots SET code_version = 'balances@0'"],
    ["that somebody made by hand", "altered", "UPDATE snapshots SET seal = NULL, head_hash = NULL"],
  ])("%s in the file is ignored, with an event, and the state is that of a full replay", async (_, fault, sql) => {
    await put(1, 60);
    const sound = await load(new MemoryJournal());
    const connection = (await loadSqliteDriver()).open(logFilesIn(join(folder, "store")).pathOf(LOG));
    connection.exec(sql);
    connection.close();
    const journal = new MemoryJournal();
    expect(await load(journal)).toMatchObject({ from_position: 0, folded: 60, state_hash: sound.state_hash, ignored: [{ fault }] });
    expect(journal.types()).toEqual(["snapshot.ignored"]);
    expect(await load(new MemoryJournal())).toMatchObject({ from_position: 50, folded: 10, ignored: [] });
  });
});
