import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import type { PostgresEventStore } from "../../src/adapters/postgres/postgres-event-store.js";
import type { StreamBatch } from "../../src/ports/event-store.js";
import { InlineProjections } from "../../src/usecases/inline-projections.js";
import { bundleChild } from "../support/bundle-child.js";
import { recordFault, rounds } from "../support/fault-record.js";
import { Oracle } from "../support/oracle.js";
import type { TestPostgres } from "../support/postgres-server.js";
import { startPostgres } from "../support/postgres-server.js";
import { administer, newDatabase, postgresStore } from "../support/postgres-store.js";
import { activeHead, balances, MemoryJournal, openProjections, replayed, settle, worker } from "../support/projection-fixture.js";
import { deposit, ledgerBlocks, ledgerCatalogue, openLog, readAll } from "../support/tape-fixture.js";
import type { TcpProxy } from "../support/tcp-proxy.js";
import { startProxy } from "../support/tcp-proxy.js";
import { VirtualClock } from "../support/virtual-clock.js";
import type { Notes } from "../support/writer-notes.js";
import { checkNotes, readNotes, until } from "../support/writer-notes.js";

let server: TestPostgres;
let program: string;
let dsn: string;
let folder: string;
const children = new Set<ChildProcess>();
const stores: PostgresEventStore[] = [];

beforeAll(async () => {
  program = await bundleChild("test/chaos/store-writer.child.ts");
  server = await startPostgres();
});
afterAll(async () => {
  rmSync(program, { force: true });
  await server.stop();
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "onetape-chaos-pg-"));
  dsn = await newDatabase((database) => server.dsn(database), "chaos");
});
afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
  for (const store of stores.splice(0)) await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function newStore(changes: Parameters<typeof postgresStore>[1] = {}, at: string = dsn): PostgresEventStore {
  const store = postgresStore(at, changes);
  stores.push(store);
  return store;
}

function start(
  name: string,
  seed: number,
  limit: number,
): { readonly child: ChildProcess; readonly ended: Promise<void>; readonly notes: string } {
  const notes = join(folder, `${name}.notes`);
  const child = spawn(process.execPath, [program, "none", "rows", "durable", name, String(seed), String(limit), notes], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, POSTGRES_DSN: dsn },
  });
  children.add(child);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return { child, ended, notes };
}

const batch = (key: string, expected: StreamBatch["expected"] = "any"): StreamBatch[] => [
  { stream: "account/1", expected, events: [deposit("run/one", key)] },
];

describe("a store on PostgreSQL", () => {
  test("whose writer is killed at random moments keeps what it acknowledged, whole batches only, and goes on", async () => {
    let seed = 9;
    const notes: Notes[] = [];
    for (let round = 0; round < 5; round++) {
      const run = start(`round${round}`, round, 1_000_000);
      await until(() => readNotes(run.notes).acknowledged.length > 0, "the first acknowledgement");
      seed = (seed * 48_271) % 2_147_483_647;
      await sleep(seed % 120);
      run.child.kill("SIGKILL");
      await run.ended;
      notes.push(readNotes(run.notes));
      // The server may still be at work for the dead: opening waits for that and settles it.
      const session = await openLog(newStore());
      const present = new Set((await readAll(session)).map((event) => event.id));
      const last = notes.at(-1)?.intents.at(-1) ?? [];
      const wanted = last.flatMap((part) => part.events.map((event) => present.has(event.id)));
      expect(new Set(wanted).size).toBe(1);
      expect((await session.append(last)).kind).toBe(wanted[0] === true ? "duplicate" : "stored");
      await session.close();
      await checkNotes(newStore(), notes);
    }
    expect(notes.flatMap((note) => note.opened)).toEqual([1, 3, 5, 7, 9]);
  });

  test("that two processes race for has one writer at a time, and the fenced one wrote nothing after", async () => {
    const one = start("one", 1, 100_000);
    await until(() => readNotes(one.notes).acknowledged.length > 0, "the first writer");
    const two = start("two", 2, 100_000);
    await until(() => readNotes(two.notes).acknowledged.length > 0, "the second writer");
    await one.ended;
    expect(readNotes(one.notes).refused).toEqual([{ kind: "fenced", epoch: 2 }]);
    two.child.kill("SIGKILL");
    await two.ended;
    const events = await checkNotes(newStore(), [readNotes(one.notes), readNotes(two.notes)]);
    expect(events.map((event) => event.epoch)).toEqual(events.map((event) => event.epoch).toSorted((a, b) => a - b));
  });

  test("scenario 19: under a server that is stopped at once and started again, over and over, loses and doubles nothing", async () => {
    const acknowledged: { readonly position: number; readonly id: string }[] = [];
    const intents: StreamBatch[][] = [];
    let unknown = 0;
    const session = await openLog(newStore({ connect_timeout_ms: 2_000 }));
    let going = true;
    const writer = async (name: string): Promise<void> => {
      for (let n = 0; going; n++) {
        const batches = [{ stream: `account/${name}`, expected: "any" as const, events: [deposit("run/one", `${name}-${n}`)] }];
        intents.push(batches);
        // Whatever became of it, the same ids are sent until they are acknowledged.
        for (;;) {
          const outcome = await session.append(batches);
          if (outcome.kind === "stored" || outcome.kind === "duplicate") {
            acknowledged.push({ position: outcome.positions[0] ?? 0, id: batches[0]?.events[0]?.id ?? "" });
            break;
          }
          if (outcome.kind === "unknown") unknown += 1;
          else expect(outcome.kind).toBe("unavailable");
          await sleep(20);
        }
      }
    };
    const writers = ["a", "b", "c", "d"].map(writer);
    for (let round = 0; round < rounds(3, 12); round++) {
      const before = acknowledged.length;
      await until(() => acknowledged.length > before + 20, "some acknowledgements");
      await server.restart("immediate");
    }
    const before = acknowledged.length;
    await until(() => acknowledged.length > before + 20, "acknowledgements after the last start");
    going = false;
    await Promise.all(writers);
    expect(unknown).toBeGreaterThan(0);
    const events = await checkNotes(newStore(), [{ opened: [], refused: [], intents, acknowledged }]);
    expect(events).toHaveLength(new Set(acknowledged.map(({ id }) => id)).size);
    recordFault({ scenario: 19, store: "PostgreSQL", injected: rounds(3, 12), acknowledged: acknowledged.length });
  });

  test("that was put back to an older state is not written on by the session that knows better", async () => {
    const session = await openLog(newStore());
    await session.append(batch("a"));
    await session.append(batch("b"));
    // What a standby that lagged behind would have.
    await administer(
      dsn,
      "SET session_replication_role = replica",
      "DELETE FROM events WHERE position = 2",
      "DELETE FROM anchors WHERE position = 2",
      "UPDATE log_head SET position = 1, head_hash = a.hash, content_hash = a.content_hash, audit_hash = a.audit_hash FROM anchors a",
    );
    await administer(
      server.dsn("postgres"),
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${new URL(dsn).pathname.slice(1)}'`,
    );
    await sleep(50);
    expect(await session.append(batch("c"))).toMatchObject({
      kind: "unavailable",
      cause: expect.stringContaining("acknowledged position 2"),
    });
    expect(await session.append(batch("c"))).toMatchObject({ kind: "unavailable", cause: expect.stringContaining("reopen") });
  });

  test("does not open where head, anchors and events end in different places", async () => {
    const session = await openLog(newStore());
    await session.append(batch("a"));
    await session.append(batch("b"));
    await session.close();
    await administer(dsn, "SET session_replication_role = replica", "DELETE FROM events WHERE position = 2");
    const options = { log: "run/one", catalogue: ledgerCatalogue } as const;
    expect(await newStore().open({ ...options, mode: "write" })).toMatchObject({ kind: "corrupt", position: 2 });
    const reader = await openLog(newStore(), { mode: "read" });
    expect((await reader.verify("L1")).failure).toMatchObject({ position: 2, actual: "none" });
  });
});

describe("behind a network that fails", () => {
  let proxy: TcpProxy;
  let through: string;

  beforeEach(async () => {
    proxy = await startProxy(server.port);
    const url = new URL(dsn);
    url.port = String(proxy.port);
    through = url.href;
  });
  afterEach(() => proxy.close());

  test("scenario 22: an answer that is lost after COMMIT is unknown; the id tells that it is stored, and a retry that it is a duplicate", async () => {
    const oracle = new Oracle();
    const session = await openLog(newStore({}, through));
    const cuts = rounds(2, 30);
    for (let round = 0; round < cuts; round++) {
      const at = round * 3;
      await oracle.append(session, batch(`${round} before`));
      proxy.set("lose_answer");
      expect((await oracle.append(session, batch(`${round} lost`))).kind).toBe("unknown");
      expect(await session.findEvent(deposit("run/one", `${round} lost`).id)).toMatchObject({ position: at + 2 });
      expect(await oracle.append(session, batch(`${round} lost`))).toMatchObject({ kind: "duplicate", positions: [at + 2] });
      expect(await oracle.append(session, batch(`${round} after`))).toMatchObject({ kind: "stored", positions: [at + 3] });
      expect(session.epoch).toBe(round + 2);
    }
    await oracle.check(newStore());
    recordFault({ scenario: 22, store: "PostgreSQL", injected: cuts, acknowledged: oracle.acknowledged });
  });

  test("a question that is lost is unknown too; the id tells that it is not stored, and a retry stores it once", async () => {
    const session = await openLog(newStore({}, through));
    await session.append(batch("before"));
    proxy.set("lose_question");
    expect((await session.append(batch("lost"))).kind).toBe("unknown");
    expect(await session.findEvent(deposit("run/one", "lost").id)).toBeNull();
    expect(await session.append(batch("lost", 1))).toMatchObject({ kind: "stored", positions: [2] });
    expect(await session.streamVersion("account/1")).toBe(2);
  });

  test("a block whose answer is lost is settled the same way", async () => {
    const [first, second] = ledgerBlocks(10, 8);
    if (first === undefined || second === undefined) throw new Error("two blocks are needed");
    const session = await openLog(newStore({}, through));
    proxy.set("lose_answer");
    expect((await session.appendBlock(first)).kind).toBe("unknown");
    expect((await session.refresh()).position).toBe(first.count);
    expect(await session.appendBlock(second)).toMatchObject({ kind: "stored" });
    expect((await session.verify("L2")).failure).toBeNull();
  });

  test("an answer that is lost while another writer takes over is settled too, and the writer is fenced", async () => {
    const session = await openLog(newStore({}, through));
    await session.append(batch("before"));
    proxy.set("lose_answer");
    expect((await session.append(batch("lost"))).kind).toBe("unknown");
    const second = await openLog(newStore());
    expect(await session.append(batch("more"))).toEqual({ kind: "fenced", epoch: second.epoch });
    expect(await session.findEvent(deposit("run/one", "lost").id)).toMatchObject({ position: 2 });
  });

  test("scenario 23: a network that stalls is given up after the time that was set, for every caller at once, and who comes later is pushed back", async () => {
    const oracle = new Oracle();
    const session = await openLog(newStore({ statement_timeout_ms: 200, connect_timeout_ms: 200 }, through));
    const stalls = rounds(1, 8);
    for (let round = 0; round < stalls; round++) {
      const keys = Array.from({ length: 50 }, (_, n) => `${round} ${n}`);
      // Between the stalls a busy machine may take longer than was set too: the id tells.
      expect(["stored", "duplicate"]).toContain((await oracle.appendUntilKnown(session, batch(`${round} before`))).kind);
      proxy.set("stall");
      const outcomes = await Promise.all(keys.map((key) => oracle.append(session, batch(key))));
      expect(new Set(outcomes.map((outcome) => outcome.kind))).toEqual(new Set(["unknown"]));
      expect((await oracle.append(session, batch(`${round} d`))).kind).toBe("unavailable");
      proxy.set("pass");
      for (const key of keys) expect(["stored", "duplicate"]).toContain((await oracle.appendUntilKnown(session, batch(key))).kind);
    }
    await oracle.check(newStore());
    recordFault({ scenario: 23, store: "PostgreSQL", injected: stalls, acknowledged: oracle.acknowledged });
  });

  test.each(["lose_answer", "lose_question"] as const)(
    "a projection inside the append is where its events are, also when the network has to %s",
    async (fault) => {
      const options = { catalogue: ledgerCatalogue, log: "run/one", hash: sha256, clock: new VirtualClock(), journal: new MemoryJournal() };
      const inline = new InlineProjections({ ...options, projections: [balances] });
      const session = await openLog(newStore({}, through), { participant: inline });
      const derived = await openProjections(newStore());
      await inline.attach(session, derived);
      expect(await session.append(batch("a"))).toMatchObject({ kind: "stored" });
      expect(await session.append(batch("a"))).toMatchObject({ kind: "duplicate" });
      expect(await activeHead(derived, "balances")).toMatchObject({ position: 1, events: 1 });
      proxy.set(fault);
      expect((await session.append(batch("b"))).kind).toMatch(/unknown|unavailable/);
      await session.append(batch("b"));
      await session.append(batch("c"));
      // Inline until the answer was lost, by a worker from there on: what matters is that nothing is folded twice or left out.
      await settle(worker(balances, { session, store: derived, force: true }));
      const { state_hash, events } = await replayed(balances, session);
      expect(await activeHead(derived, "balances")).toMatchObject({ position: 3, events: 3, state_hash });
      expect(events).toBe(3);
    },
  );

  test("a lock that somebody holds is waited for as long as was said, and nothing is harmed", async () => {
    const session = await openLog(newStore({ lock_timeout_ms: 100 }));
    const { default: pg } = await import("pg");
    const other = new pg.Client({ connectionString: dsn });
    await other.connect();
    await other.query("BEGIN; SELECT FROM log_head FOR UPDATE");
    expect(await session.append(batch("a"))).toMatchObject({ kind: "unavailable", cause: expect.stringContaining("lock") });
    await other.query("ROLLBACK");
    await other.end();
    expect(await session.append(batch("a"))).toMatchObject({ kind: "stored" });
  });
});
