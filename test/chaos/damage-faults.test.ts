/** Bits that flip, rows that vanish, backups that come back and snapshots that lie: scenarios 9, 10, 21, 24, 28 and 29 on both stores. */
import { copyFileSync, cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as Type from "typebox";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { loadSqliteDriver } from "../../src/adapters/sqlite/load-sqlite-driver.js";
import { logFilesIn } from "../../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../src/adapters/sqlite/sqlite-event-store.js";
import type { EventCatalogue } from "../../src/core/tape/catalogue.js";
import type { LogSession, OpenOptions, OpenOutcome, StreamBatch } from "../../src/ports/event-store.js";
import { loadState } from "../../src/usecases/load-state.js";
import { recordFault, rounds, whole } from "../support/fault-record.js";
import { anchorFileOf, bothStores, type StoreUnderFault, sqliteUnderFault } from "../support/fault-stores.js";
import { Oracle } from "../support/oracle.js";
import { administer } from "../support/postgres-store.js";
import { activeHead, balances, MemoryJournal, openProjections, replayed, settle, worker } from "../support/projection-fixture.js";
import { seededRandom } from "../support/seeded-random.js";
import { deposit, ledgerCatalogue, MONDAY, openLog } from "../support/tape-fixture.js";

let under: StoreUnderFault;
let oracle: Oracle;

const batch = (key: string): StreamBatch[] => [
  { stream: "account/1", expected: "any", events: [deposit("run/one", key, { payload: { amount: "7" } })] },
];
const writing = { log: "run/one", catalogue: ledgerCatalogue, mode: "write" } as const;

async function fill(from: number, to: number): Promise<void> {
  const session = await openLog(under.store());
  for (let n = from; n <= to; n++) expect((await oracle.append(session, batch(`${n}`))).kind).toBe("stored");
  await session.close();
}

async function firstFault(): Promise<number | null> {
  const reader = await openLog(under.store(), { mode: "read" });
  const { failure } = await reader.verify("L2");
  await reader.close();
  return failure?.position ?? null;
}

describe.each(bothStores)("damage to $name", ({ name: store, make }) => {
  beforeEach(async () => {
    under = await make();
    oracle = new Oracle();
  });
  afterEach(() => under.dispose());
  const sqlite = store === "SQLite";
  const other = (hex: string): string => (sqlite ? `'${hex.repeat(64)}'` : `decode('${hex.repeat(64)}', 'hex')`);

  test("scenario 9: one changed field is told by verification with its position, and no writer goes on from a damaged end", async () => {
    await fill(1, 20);
    const columns: readonly (readonly [string, string, string])[] = [
      ["payload", `'{"amount":"8"}'`, `'{"amount":"7"}'`],
      ["type", "'money.moved'", "'money.deposited'"],
      ["schema_version", "1", "2"],
      ["occurred_at", `${MONDAY + 1}`, `${MONDAY}`],
      ["recorded_at", `${MONDAY + 1}`, `${MONDAY}`],
      ["correlation_id", "'x'", "NULL"],
    ];
    let struck = 0;
    for (const position of [3, 20]) {
      for (const [column, damaged, sound] of columns) {
        await under.tamper(`UPDATE events SET ${column} = ${damaged} WHERE position = ${position}`);
        expect(await firstFault(), `${column} at ${position}`).toBe(position);
        const opened = await under.store().open(writing);
        const hashed = column !== "recorded_at" && column !== "correlation_id";
        expect(opened).toMatchObject(hashed ? { kind: "corrupt", position } : { kind: "opened" });
        if (opened.kind === "opened") await opened.session.close();
        await under.tamper(`UPDATE events SET ${column} = ${sound} WHERE position = ${position}`);
        struck += 1;
      }
    }
    for (const column of ["payload_hash", "event_hash"]) {
      await under.tamper(`UPDATE events SET ${column} = ${other("a")} WHERE position = 7`);
      expect(await firstFault()).toBe(7);
      struck += 1;
      await under.dispose();
      under = await make();
      oracle = new Oracle();
      await fill(1, 20);
    }
    await oracle.check(under.store());
    recordFault({ scenario: 9, store, injected: struck, acknowledged: oracle.acknowledged });
  });

  test("scenario 10: a missing, moved or cut-off row is told; a tail cut off with all that the store knows of it, by an anchor outside", async () => {
    await fill(1, 12);
    const kept = await openLog(under.store(), { mode: "read" });
    const outside = kept.head();
    const anchor = (await kept.anchors()).find(({ position }) => position === 9);
    await kept.close();
    if (anchor === undefined) throw new Error("there is an anchor after each append");
    const swap = [
      [4, 1_000],
      [5, 4],
      [1_000, 5],
    ].map(([from, to]) => `UPDATE events SET position = ${to} WHERE position = ${from}`);
    await under.tamper(...swap);
    expect(await firstFault()).toBe(4);
    await under.tamper(...swap);
    expect(await firstFault()).toBeNull();
    await under.tamper("DELETE FROM events WHERE position > 9");
    expect(await firstFault()).toBe(10);
    expect(await under.store().open(writing)).toMatchObject({ kind: "corrupt", position: 10 });
    const hash = (hex: string): string => (sqlite ? `'${hex}'` : `decode('${hex}', 'hex')`);
    const { position, hash: head, content_hash, audit_hash } = anchor;
    await under.tamper(
      "DELETE FROM anchors WHERE position > 9",
      `UPDATE log_head SET position = ${position}, head_hash = ${hash(head)}, content_hash = ${hash(content_hash)}, audit_hash = ${hash(audit_hash)}`,
    );
    if (sqlite) {
      expect(await firstFault()).toBe(10);
      expect(await under.store().open(writing)).toMatchObject({ kind: "corrupt" });
    } else
      expect(await under.store().open({ ...writing, expected_head: outside })).toMatchObject({ kind: "head_mismatch", expected: outside });
    await under.tamper("DELETE FROM events WHERE position = 5");
    expect(await firstFault()).toBe(5);
    await expect(oracle.check(under.store())).rejects.toThrow();
    recordFault({ scenario: 10, store, injected: 5, acknowledged: oracle.acknowledged });
  });

  // Copying whole databases takes seconds: on PostgreSQL in a whole run alone.
  if (sqlite || whole)
    test("scenario 21: an older backup that was put back is told to whoever knew more, and nobody goes on silently", async () => {
      await fill(1, 5);
      const derived = await openProjections(under.store());
      if (sqlite) cpSync(join(under.folder, "store"), join(under.folder, "backup"), { recursive: true });
      else await copyDatabase("", "_backup");
      await fill(6, 9);
      const reader = await openLog(under.store(), { mode: "read" });
      const outside = reader.head();
      await settle(worker(balances, { session: reader, store: derived }));
      const subscriber = await activeHead(derived, "balances");
      await reader.close();
      await derived.close();
      await under.release();
      if (sqlite) {
        rmSync(join(under.folder, "store"), { recursive: true });
        cpSync(join(under.folder, "backup"), join(under.folder, "store"), { recursive: true });
      } else await copyDatabase("_backup", "");
      expect(await under.store().open({ ...writing, expected_head: outside })).toMatchObject({ kind: "head_mismatch", expected: outside });
      expect(subscriber).toMatchObject({ position: 9 });
      await expect(oracle.check(under.store())).rejects.toThrow(/^I1: .* is lost$/);
      if (sqlite) {
        // Where the anchor file was not put back with the file, the file is refused by everybody.
        const path = under.file ?? "";
        await fill(10, 11);
        const anchors = readFileSync(anchorFileOf(path));
        await under.release();
        copyFileSync(join(under.folder, "backup", "run~one.tape.db"), path);
        writeFileSync(anchorFileOf(path), anchors);
        expect(await under.store().open(writing)).toMatchObject({ kind: "corrupt", cause: expect.stringContaining("tail is cut off") });
      }
      recordFault({ scenario: 21, store, injected: sqlite ? 2 : 1, acknowledged: oracle.acknowledged });
    });

  async function copyDatabase(from: string, to: string): Promise<void> {
    const url = new URL(under.env["POSTGRES_DSN"] ?? "");
    const name = url.pathname.slice(1);
    url.pathname = "/postgres";
    await administer(
      url.href,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE '${name}%'`,
      `DROP DATABASE IF EXISTS ${name}${to}`,
      `CREATE DATABASE ${name}${to} TEMPLATE ${name}${from}`,
    );
  }

  test("scenario 24: a long transaction of somebody else holds up neither writers nor readers nor projections", async () => {
    await fill(1, 3);
    const held = await longTransaction();
    const session = await openLog(under.store());
    const derived = await openProjections(under.store());
    for (let n = 4; n <= 23; n++) expect((await oracle.append(session, batch(`${n}`))).kind).toBe("stored");
    await settle(worker(balances, { session, store: derived }));
    expect(await activeHead(derived, "balances")).toMatchObject({ position: 23, events: 23 });
    expect((await oracle.check(under.store())).events).toHaveLength(23);
    await held();
    recordFault({ scenario: 24, store, injected: 1, acknowledged: oracle.acknowledged });
  });

  async function longTransaction(): Promise<() => Promise<void>> {
    if (sqlite) {
      const connection = (await loadSqliteDriver()).open(under.file ?? "");
      connection.exec("BEGIN");
      connection.prepare("SELECT count(*) FROM events").all([]);
      return async () => connection.close();
    }
    const { default: pg } = await import("pg");
    const client = new pg.Client({ connectionString: under.env["POSTGRES_DSN"] });
    await client.connect();
    await client.query("BEGIN; SELECT pg_current_xact_id()");
    return () => client.end();
  }

  test("scenario 28: a log of an older release is lifted on reading, goes on, and folds to the state that it declares", async () => {
    const old: EventCatalogue = {
      name: "ledger",
      definitions: ledgerCatalogue.definitions.map((definition) =>
        definition.type === "money.deposited"
          ? { ...definition, schema_version: 1, schema: Type.Object({ cents: Type.Integer() }, { additionalProperties: false }) }
          : definition,
      ),
      upcasters: [],
    };
    const before = await openLog(under.store(), { catalogue: old });
    for (let n = 1; n <= 30; n++) {
      const event = deposit("run/one", `old ${n}`, { schema_version: 1, payload: { cents: n } });
      expect((await before.append([{ stream: "account/1", expected: n - 1, events: [event] }])).kind).toBe("stored");
    }
    const head = before.head();
    await before.close();
    const after = await openLog(under.store());
    expect(after.head()).toEqual(head);
    expect((await after.verify("L2")).failure).toBeNull();
    for (let n = 31; n <= 40; n++)
      expect(
        (
          await after.append([
            { stream: "account/1", expected: n - 1, events: [deposit("run/one", `${n}`, { payload: { amount: `${n}` } })] },
          ])
        ).kind,
      ).toBe("stored");
    const declared = await make();
    const lifted = await openLog(declared.store());
    for (let n = 1; n <= 40; n++)
      await lifted.append([
        {
          stream: "account/1",
          expected: n - 1,
          events: [deposit("run/one", n <= 30 ? `old ${n}` : `${n}`, { payload: { amount: `${n}` } })],
        },
      ]);
    expect((await replayed(balances, after)).state_hash).toBe((await replayed(balances, lifted)).state_hash);
    await declared.dispose();
    recordFault({ scenario: 28, store, injected: 30, acknowledged: 40 });
  });

  test("scenario 29: a snapshot that is older, newer or not what was cut is ignored, said so, and made again", async () => {
    await fill(1, 60);
    const session = await openLog(under.store(), { mode: "read" });
    const derived = await openProjections(under.store());
    const load = (journal: MemoryJournal) =>
      loadState({ projection: balances, catalogue: ledgerCatalogue, session, store: derived, journal, hash: sha256 });
    const sound = await load(new MemoryJournal());
    const state = sqlite ? `replace(state, '"deposits":50', '"deposits":49')` : `jsonb_set(state, '{deposits}', '49')`;
    const damages = [
      `UPDATE snapshots SET state = ${state}`,
      "UPDATE snapshots SET state_hash = head_hash",
      "UPDATE snapshots SET global_position = 49",
      "UPDATE snapshots SET global_position = 5000",
      "UPDATE snapshots SET code_version = 'balances@0'",
      "UPDATE snapshots SET seal = NULL",
    ];
    for (const damage of damages) {
      await under.tamper(damage);
      const journal = new MemoryJournal();
      expect(await load(journal)).toMatchObject({ from_position: 0, folded: 60, state_hash: sound.state_hash });
      expect(journal.types()).toEqual(["snapshot.ignored"]);
      expect(await load(new MemoryJournal())).toMatchObject({ from_position: 50, folded: 10, ignored: [], state_hash: sound.state_hash });
    }
    await under.tamper("DELETE FROM snapshots");
    expect(await load(new MemoryJournal())).toMatchObject({ from_position: 0, state_hash: sound.state_hash });
    await session.close();
    await oracle.check(under.store());
    recordFault({ scenario: 29, store, injected: damages.length + 1, acknowledged: oracle.acknowledged });
  });
});

describe("bits of a SQLite file", () => {
  beforeEach(() => {
    under = sqliteUnderFault();
    oracle = new Oracle();
  });
  afterEach(() => under.dispose());

  test("scenario 9: that flip anywhere are told, or were of no use: what is read is never anything else than what was written", async () => {
    await fill(1, 12);
    const path = under.file ?? "";
    const sound = readFileSync(path);
    const random = seededRandom(9);
    let told = 0;
    const flips = rounds(60, 1_500);
    for (let n = 0; n < flips; n++) {
      const folder = join(under.folder, "flipped");
      rmSync(folder, { recursive: true, force: true });
      cpSync(join(under.folder, "store"), folder, { recursive: true });
      const bytes = Buffer.from(sound);
      const at = random(bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
      const files = logFilesIn(folder);
      writeFileSync(files.pathOf("run/one"), bytes);
      const store = new SqliteEventStore({ files, sha256, sha256Bytes, now: () => MONDAY });
      await oracle.check(store).catch(() => {
        told += 1;
      });
      await store.close();
    }
    expect(told).toBeGreaterThan(flips / 20);
    recordFault({ scenario: 9, store: "SQLite", injected: flips, acknowledged: oracle.acknowledged });
  });

  test("the alarm rings for a verification that looks at nothing", async () => {
    await fill(1, 5);
    await under.tamper("UPDATE events SET recorded_at = recorded_at + 1 WHERE position = 3");
    const looking = under.store();
    const blind = {
      open: async (options: OpenOptions): Promise<OpenOutcome> => {
        const opened = await looking.open(options);
        if (opened.kind !== "opened") return opened;
        const seeing = (session: LogSession): LogSession =>
          new Proxy(session, {
            get: (of, name) => {
              if (name === "verify") return async () => ({ log: of.log, level: "L2", events: 5, head: of.head(), failure: null });
              const value: unknown = Reflect.get(of, name, of);
              return typeof value === "function" ? value.bind(of) : value;
            },
          });
        return { kind: "opened", session: seeing(opened.session) };
      },
      logs: () => looking.logs(),
      close: () => looking.close(),
    };
    // With a verification that looks the oracle notices; with the blind one it does not: the alarm is the verification's.
    await expect(oracle.check(under.store())).rejects.toThrow(/^I4: /);
    await expect(oracle.check(blind)).resolves.toMatchObject({ acknowledged: 5 });
  });
});
