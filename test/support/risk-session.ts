import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryEventStore } from "../../src/adapters/memory/memory-event-store.js";
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { logFilesIn } from "../../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../src/adapters/sqlite/sqlite-event-store.js";
import type { MarketSnapshot } from "../../src/core/risk/portfolio/market-snapshot.js";
import type { RiskPosition } from "../../src/core/risk/portfolio/position.js";
import { memoryCache } from "../../src/core/session/compute-job.js";
import type { MarketQuote } from "../../src/core/session/quote.js";
import type { RiskParameters } from "../../src/core/session/risk-command.js";
import { riskSessionCatalogue } from "../../src/core/session/risk-session-events.js";
import type { JsonObject, TapeEvent } from "../../src/core/tape/event.js";
import type { EventStore } from "../../src/ports/event-store.js";
import { type CommandOutcome, newRiskSession, type RiskSession, type RiskSessionPorts } from "../../src/usecases/risk-session.js";
import type { NewRiskSession } from "../../src/usecases/risk-session-settings.js";
import { clearDatabase, newDatabase, postgresStore } from "./postgres-store.js";
import { exampleLimits, exampleMarket, examplePositions, exampleScenarios } from "./risk-book.js";
import { sharedServer } from "./shared-postgres.js";

/** 2026-03-02T10:00:00Z. */
export const OPENED: number = 1_772_445_600_000;
export const DESK: NewRiskSession = { name: "desk", base_currency: "ILS", fx_pivot: "USD", opened_at: OPENED };

/** A store of a test, new and empty, and how it ends. */
export interface StoreOfTest {
  readonly store: EventStore;
  readonly end: () => Promise<void>;
}

export function inMemory(): StoreOfTest {
  return { store: new MemoryEventStore({ sha256, now: () => 0 }), end: async () => {} };
}

function inFiles(): StoreOfTest {
  const folder = mkdtempSync(join(tmpdir(), "onetape-risk-session-"));
  const store = new SqliteEventStore({ files: logFilesIn(folder), sha256, sha256Bytes, now: () => 0 });
  return {
    store,
    end: async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Databases that a test before has left empty. */
const free: string[] = [];

async function inDatabase(): Promise<StoreOfTest> {
  const dsn = free.pop() ?? (await newDatabase(await sharedServer(), "risk_session"));
  const store = postgresStore(dsn, { now: () => 0 });
  return {
    store,
    end: async () => {
      await store.close();
      await clearDatabase(dsn);
      free.push(dsn);
    },
  };
}

/** Stores that a session is tested on. */
export const STORES: readonly (readonly [name: string, make: () => StoreOfTest | Promise<StoreOfTest>])[] = [
  ["memory", inMemory],
  ["SQLite", inFiles],
  ["PostgreSQL", inDatabase],
];

export function portsOn(store: EventStore, cached: boolean = true): RiskSessionPorts {
  return { store, hash: sha256, cache: cached ? memoryCache(16) : null };
}

/** The quotes that a snapshot is made of. */
export function quotesOf({ spots, volatilities, curves, fx }: MarketSnapshot = exampleMarket): readonly MarketQuote[] {
  return [
    ...spots.map((quote) => ({ kind: "spot" as const, ...quote })),
    ...volatilities.map((quote) => ({ kind: "volatility" as const, ...quote })),
    ...curves.map((quote) => ({ kind: "curve" as const, ...quote })),
    ...fx.quotes.map((quote) => ({ kind: "fx" as const, ...quote })),
  ];
}

export interface Command {
  readonly [field: string]: unknown;
  readonly payload: { readonly [field: string]: unknown };
}

export function quoteCommand(sequence: number, quote: MarketQuote, ts: number = OPENED + sequence, source: string = "feed"): Command {
  return { kind: "INGEST_QUOTE", schema_version: 1, payload: { ts, source, sequence, quote } };
}

export function upsert(command_id: string, position: RiskPosition, ts: number = OPENED, portfolio_id: string = "main"): Command {
  const payload = { event_type: "PORTFOLIO_POSITION_UPSERTED", ts, data: { portfolio_id, position } };
  return { kind: "INGEST_EVENT", schema_version: 1, command_id, payload };
}

export const RISK: RiskParameters = {
  totals: "whole",
  confidences: ["0.6"],
  history: null,
  scenarios: exampleScenarios,
  ...exampleLimits,
};

export function askRisk(command_id: string, ts: number, parameters: object = RISK): Command {
  return { kind: "PORTFOLIO_RISK", schema_version: 1, command_id, payload: { ts, portfolio_id: "main", parameters } };
}

export function askGrid(command_id: string, ts: number): Command {
  const parameters = { totals: "whole", spot_pct: ["-0.1", "0", "0.1"], vol_abs: ["-0.05", "0.05"] };
  return { kind: "SCENARIO_GRID", schema_version: 1, command_id, payload: { ts, portfolio_id: "main", parameters } };
}

/** Quotes and positions of the example, without a request. */
export const MORNING: readonly Command[] = [
  ...quotesOf().map((quote, n) => quoteCommand(n + 1, quote)),
  ...examplePositions.map((position) => upsert(`hold-${position.id}`, position)),
];

/** Noon of the same day. */
export const NOON: number = OPENED + 2 * 3_600_000;

export async function begun(ports: RiskSessionPorts, settings: object = {}): Promise<RiskSession> {
  const opened = await newRiskSession(ports, { ...DESK, ...settings });
  if (opened.kind === "refused") throw new Error(JSON.stringify(opened.violations));
  return opened.session;
}

/** What commands came to. @throws {Error} where the store took nothing. */
export async function ran(session: RiskSession, ...commands: readonly unknown[]): Promise<readonly CommandOutcome[]> {
  const executed = await session.execute(commands);
  if (executed.kind === "refused") throw new Error(JSON.stringify(executed.violations));
  return executed.outcomes;
}

/** Statuses, or the codes of what was refused. */
export async function verdicts(session: RiskSession, ...commands: readonly unknown[]): Promise<readonly string[]> {
  return (await ran(session, ...commands)).map(({ status, error }) => error?.code ?? status);
}

/** Copies the session's log event by event, up to the first that `change` makes nothing of. */
export async function copied(source: EventStore, target: EventStore, change: (event: TapeEvent) => object | null): Promise<void> {
  const from = await source.open({ log: "risk-session/desk", catalogue: riskSessionCatalogue, mode: "read" });
  const to = await target.open({ log: "risk-session/desk", catalogue: riskSessionCatalogue, mode: "write", layout: "rows" });
  if (from.kind !== "opened" || to.kind !== "opened") throw new Error("not opened");
  for await (const event of from.session.readLog()) {
    const payload = change(event);
    if (payload === null) break;
    const { id, type, schema_version, occurred_at } = event;
    const expected = event.version === 1 ? "no_stream" : event.version - 1;
    const stream = event.stream.slice(event.stream.indexOf("desk/") + "desk/".length);
    const events = [{ id, type, schema_version, occurred_at, payload: { ...payload } as JsonObject }];
    const appended = await to.session.append([{ stream, expected, events }]);
    if (appended.kind !== "stored") throw new Error(appended.kind);
  }
  await from.session.close();
  await to.session.close();
}
