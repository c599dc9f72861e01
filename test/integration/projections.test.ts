/** Acceptance of projections and snapshots over tapes that the engine wrote: what a screen shows survives every restart, and no cache is believed. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MemoryEventStore } from "../../src/adapters/memory/memory-event-store.js";
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { loadSqliteDriver } from "../../src/adapters/sqlite/load-sqlite-driver.js";
import { logFilesIn } from "../../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../src/adapters/sqlite/sqlite-event-store.js";
import type { Engine } from "../../src/core/engine/engine.js";
import { runCatalogue } from "../../src/core/engine/run-event-schemas.js";
import { formatBig } from "../../src/core/money/decimal.js";
import { runProjections } from "../../src/core/projection/known-projections.js";
import { type PortfolioState, portfolioFigures, portfolioProjection } from "../../src/core/projection/portfolio-projection.js";
import { canonicalState } from "../../src/core/projection/projected-state.js";
import type { Projection } from "../../src/core/projection/projection.js";
import { snapshotOf, stateOfSnapshot } from "../../src/core/projection/snapshot.js";
import type { EventBlock } from "../../src/core/tape/block.js";
import { BlockTapeWriter } from "../../src/core/tape/block-tape-writer.js";
import type { JsonObject } from "../../src/core/tape/event.js";
import type { LogSession } from "../../src/ports/event-store.js";
import type { ProjectionStore } from "../../src/ports/projection-store.js";
import { type LoadedState, loadState } from "../../src/usecases/load-state.js";
import { at, columnsOf, driveOver, type FixtureRun, flatMinutes, MINUTE } from "../support/engine-fixture.js";
import { activeHead, MemoryJournal, openProjections, type StoreWithProjections, settle, worker } from "../support/projection-fixture.js";
import { MONDAY, openLog } from "../support/tape-fixture.js";

const LOG = "run/acceptance";
let folder: string;
let stores: StoreWithProjections[];
let journal: MemoryJournal;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "onetape-acceptance-"));
  stores = [];
  journal = new MemoryJournal();
});
afterEach(async () => {
  for (const store of stores) await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const kinds = {
  memory: () => new MemoryEventStore({ sha256, now: () => MONDAY }),
  SQLite: () => new SqliteEventStore({ files: logFilesIn(folder), sha256, sha256Bytes, now: () => MONDAY }),
};

function open(kind: keyof typeof kinds): StoreWithProjections {
  const known = kind === "memory" ? stores[0] : undefined;
  if (known !== undefined) return known;
  const store = kinds[kind]();
  stores.push(store);
  return store;
}

/** Runs an engine and stores its tape. */
async function record(store: StoreWithProjections, run: FixtureRun): Promise<{ readonly engine: Engine; readonly session: LogSession }> {
  const blocks: EventBlock[] = [];
  const emit = (block: EventBlock): void => void blocks.push(block);
  const tape = new BlockTapeWriter({ catalogue: runCatalogue, mode: "block", emit, awaitCommit: () => {}, block_events: 64 });
  const engine = driveOver(run, tape);
  tape.flush();
  const session = await openLog(store, { log: LOG, catalogue: runCatalogue });
  for (const block of blocks) expect(await session.appendBlock(block)).toMatchObject({ kind: "stored" });
  return { engine, session };
}

/** Buys one a minute at prices that rise from 100. */
const buying = (signals: number): FixtureRun => {
  const prices = Array.from({ length: signals + 1 }, (_, n) => 100 + n / 10);
  return {
    instruments: [{ columns: columnsOf("NG", flatMinutes(prices)) }],
    cash: "1000000",
    strategy: {
      onBar: (bar, ctx) => {
        if (bar.ts <= at(signals)) ctx.enterLong();
      },
    },
  };
};

/** Two symbols, entries and exits, costs. */
const trading: FixtureRun = {
  instruments: [
    { columns: columnsOf("AAA", flatMinutes([100, 101, 103, 102, 99, 98, 104])) },
    { columns: columnsOf("BBB", flatMinutes([50, 49, 51, 52, 48, 47, 46])) },
  ],
  execution: { fees: { model: "bps", bps: "10" }, sell_tax_bps: "5" },
  sizing: { mode: "fixed", qty: "7" },
  strategy: {
    onBar: (bar, ctx) => {
      const minute = (bar.ts - at(0)) / MINUTE;
      if (minute === 1 || minute === 4) ctx.enterLong();
      if (minute === 3) ctx.exitLong();
      if (minute === 5 && bar.symbol === "BBB") ctx.exitLong();
    },
  },
};

const load = <S extends JsonObject>(projection: Projection<S>, session: LogSession, store: ProjectionStore): Promise<LoadedState<S>> =>
  loadState({ projection, catalogue: runCatalogue, session, store, journal, hash: sha256 });

describe.each(["memory", "SQLite"] as const)("on %s", (kind) => {
  test("60 accepted signals, interval 50: a snapshot at 50 and the tail of the rest give what a full replay gives, also without the snapshot", async () => {
    const { engine, session } = await record(open(kind), buying(60));
    expect(engine.state.counts).toEqual({ signals: 60, orders: 60, fills: 60 });
    const projections = await openProjections(open(kind), LOG);
    const first = await load(portfolioProjection, session, projections);
    expect(await projections.newestSnapshots()).toMatchObject([{ stream: "projection/portfolio", version: 50 }]);

    const reader = await openLog(open(kind), { log: LOG, catalogue: runCatalogue, mode: "read" });
    const restarted = await load(portfolioProjection, reader, await openProjections(open(kind), LOG));
    // 60 fills and the start of the run, 50 of which the snapshot holds.
    expect(restarted).toMatchObject({ folded: 11, at: { events: 61 }, ignored: [] });
    expect(restarted.from_position).toBeGreaterThan(0);
    await projections.removeSnapshots("projection/portfolio");
    const replayed = await load(portfolioProjection, reader, projections);
    expect(replayed).toMatchObject({ from_position: 0, folded: 61 });
    expect(new Set([first, restarted, replayed].map(({ state_hash }) => state_hash)).size).toBe(1);
    expect(replayed.at.state.positions["NG"]).toMatchObject({ qty: "60" });
  });

  test("buying 1 at 100 and 1 at 110: cash, equity, exposure and P&L are equal after a restart, and positions are not empty", async () => {
    const run: FixtureRun = {
      instruments: [{ columns: columnsOf("NG", flatMinutes([100, 100, 110])) }],
      strategy: {
        onBar: (bar, ctx) => {
          if (bar.ts <= at(2)) ctx.enterLong();
        },
      },
    };
    const { session } = await record(open(kind), run);
    const before = await load(portfolioProjection, session, await openProjections(open(kind), LOG));
    const reader = await openLog(open(kind), { log: LOG, catalogue: runCatalogue, mode: "read" });
    const after = await load(portfolioProjection, reader, await openProjections(open(kind), LOG));
    expect(after.at.state).toEqual(before.at.state);
    expect(after.at.state.positions["NG"]).toMatchObject({ qty: "2", basis: "210", mark: "110" });
    // By hand: 100,000 - 100 - 110; two at 110 are 220, which cost 210.
    expect(portfolioFigures(after.at.state)).toEqual({
      cash: "99790",
      equity: "100010",
      realized: "0",
      unrealized: "10",
      gross_exposure: "220",
      net_exposure: "220",
    });
  });

  test("every projection of a run is at the head, equal after it was deleted and built again, and says what the engine says", async () => {
    const { engine, session } = await record(open(kind), trading);
    const projections = await openProjections(open(kind), LOG);
    const parts = { session, store: projections, catalogue: runCatalogue, journal, batch_events: 5 };
    const hashes = new Map<string, string>();
    for (const projection of runProjections) {
      await settle(worker(projection, parts));
      const head = await activeHead(projections, projection.name);
      expect(head, projection.name).toMatchObject({ position: session.head().position, halted: null, parked: 0 });
      hashes.set(projection.name, head?.state_hash ?? "");
      await projections.remove({ name: projection.name });
      await settle(worker(projection, { ...parts, batch_events: 1_000 }));
      expect((await activeHead(projections, projection.name))?.state_hash, projection.name).toBe(hashes.get(projection.name));
    }
    expect(journal.notes).toEqual([]);

    const state = await stateOf<PortfolioState>(projections, "portfolio");
    const { portfolio } = engine.state;
    expect(state.account?.cash).toBe(formatBig(portfolio.cash, 2));
    for (const { units, qty, basis, realized, commission } of portfolio.positions) {
      const money = (value: bigint): string => formatBig(value, 2);
      expect(state.positions[units.symbol]).toMatchObject({
        qty: String(qty),
        basis: money(basis),
        realized: money(realized),
        commission: money(commission),
      });
    }
    const { fills, orders, signals } = engine.state.counts;
    expect(await stateOf(projections, "runs")).toMatchObject({ kind: "run", status: "completed", fills, orders, signals });
    expect(await stateOf(projections, "orders")).toMatchObject({ open: {}, counts: { created: orders, fills, ended: { filled: fills } } });
    expect(await stateOf(projections, "activity")).toMatchObject({ fills });
    expect(await stateOf(projections, "monitoring")).toMatchObject({ last_bar: { AAA: at(7), BBB: at(7) }, rejects: { gate: 0 } });
    expect(await stateOf(projections, "risk")).toMatchObject({ kill_switch: { status: "armed" } });
  });

  test("the profit of all sessions is what equity has gained, and turnover is what was filled", async () => {
    const { session } = await record(open(kind), trading);
    const projections = await openProjections(open(kind), LOG);
    const { at: loaded } = await load(runProjections.find(({ name }) => name === "analytics") ?? portfolioProjection, session, projections);
    // Fills by hand, at the open of the next bar: AAA 7 at 101, out at 102, in at 99; BBB 7 at 49, out at 52, in at 48, out at 47.
    // Turnover 7 x (101 + 102 + 99 + 49 + 52 + 48 + 47) = 3,486. Costs: 10 bps of each, and 5 bps of the sales at 102, 52 and 47:
    // 0.71 + 0.71 + 0.69 + 0.34 + 0.36 + 0.34 + 0.33 = 3.48 and 0.36 + 0.18 + 0.16 = 0.70, each fill half-even.
    expect(loaded.state).toMatchObject({
      sessions: { "24/7/2024-01-02": { fills: 7, turnover: "3486", costs: "4.18", gross_exposure: "693", net_exposure: "693" } },
    });
    const { equity, pnl } =
      (loaded.state as { sessions: Record<string, { equity: string; pnl: string }> }).sessions["24/7/2024-01-02"] ?? {};
    expect(Number(pnl)).toBeCloseTo(Number(equity) - 100_000, 9);
  });

  test("a snapshot that was deleted, altered or forged is not missed and not believed", async () => {
    const { session } = await record(open(kind), buying(60));
    const projections = await openProjections(open(kind), LOG);
    const { state_hash } = await load(portfolioProjection, session, projections);
    const [snapshot] = await projections.snapshots("projection/portfolio");
    if (snapshot === undefined) throw new Error("there is no snapshot");
    await projections.putSnapshot({ ...snapshot, state: snapshot.state.replace('"qty":"49"', '"qty":"4900"') }, 1);
    expect(await load(portfolioProjection, session, projections)).toMatchObject({
      from_position: 0,
      state_hash,
      ignored: [{ fault: "altered" }],
    });
    const rich = { ...stateOfSnapshot<PortfolioState>(snapshot), position: session.head().position + 7 };
    const { code_version } = snapshot;
    const made = { text: canonicalState(rich.state), code_version, name: "portfolio" };
    await projections.putSnapshot(snapshotOf("projection/portfolio", rich, made, sha256), 1);
    expect(await load(portfolioProjection, session, projections)).toMatchObject({
      from_position: 0,
      state_hash,
      ignored: [{ fault: "beyond_head" }],
    });
    expect(journal.types()).toEqual(["snapshot.ignored", "snapshot.ignored"]);
  });

  async function stateOf<S extends JsonObject>(projections: ProjectionStore, name: string): Promise<S> {
    const head = await activeHead(projections, name);
    const record = head === null ? null : await projections.read(head);
    return JSON.parse(record?.state ?? "{}") as S;
  }
});

test("an event that was tampered with is named by verification, and a projection cut there does not go on", async () => {
  const { session } = await record(open("SQLite"), buying(5));
  const projections = await openProjections(open("SQLite"), LOG);
  const first = worker(portfolioProjection, { session, store: projections, catalogue: runCatalogue, journal });
  await settle(first);
  await first.close();
  const { position } = session.head();
  await session.close();
  const connection = (await loadSqliteDriver()).open(logFilesIn(folder).pathOf(LOG));
  connection.exec("DROP TRIGGER events_no_update");
  connection.prepare("UPDATE events SET event_hash = ? WHERE position = ?").run(["f".repeat(64), position]);
  connection.close();
  const reader = await openLog(open("SQLite"), { log: LOG, catalogue: runCatalogue, mode: "read" });
  expect((await reader.verify("L2")).failure).toMatchObject({ position });
  const steps = await settle(worker(portfolioProjection, { session: reader, store: projections, catalogue: runCatalogue, journal }));
  expect(steps.at(-1)).toEqual({ kind: "stopped", fault: "other_history", position });
});
