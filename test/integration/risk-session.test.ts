import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openOnetape } from "../../src/apps/library/onetape.js";
import { expectedShortfall } from "../../src/core/risk/expected-shortfall.js";
import { historicalVar } from "../../src/core/risk/historical-var.js";
import { blackScholes } from "../../src/core/risk/v1/black-scholes.js";
import { historicalVar as historicalVarV1 } from "../../src/core/risk/v1/historical-var.js";
import { parametricVar } from "../../src/core/risk/v1/parametric-var.js";
import { CALCULATIONS } from "../../src/core/session/compute-job.js";
import { reportText } from "../../src/core/session/session-report.js";
import type { EventStore } from "../../src/ports/event-store.js";
import { newRiskSession, openRiskSession, type RiskSession } from "../../src/usecases/risk-session.js";
import { exampleMarket, examplePositions } from "../support/risk-book.js";
import {
  askGrid,
  askRisk,
  begun,
  copied,
  DESK,
  inMemory,
  MORNING,
  NOON,
  OPENED,
  portsOn,
  quoteCommand,
  ran,
  STORES,
  upsert,
  verdicts,
} from "../support/risk-session.js";

const [acme] = exampleMarket.spots;
const [stock] = examplePositions;

async function textOf(session: RiskSession, command: string): Promise<string> {
  const report = await session.report(command);
  if (report === null) throw new Error(`${command} has no report`);
  return reportText(report);
}

function figure(text: string, name: string): Record<string, unknown> {
  const { figures } = JSON.parse(text) as { figures: { name: string; outcome: { ok: boolean; value: Record<string, unknown> } }[] };
  const found = figures.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no figure ${name}`);
  return found.outcome as unknown as Record<string, unknown>;
}

describe.each(STORES)("a risk session on %s", (_, make) => {
  let store: EventStore;
  let end: () => Promise<void>;
  beforeEach(async () => {
    ({ store, end } = await make());
  });
  afterEach(() => end());

  test("D.3 1: quotes, risk, snapshot and report; a replica from the log has the same hash, and its report the same bytes", async () => {
    const session = await begun(portsOn(store));
    expect(new Set(await verdicts(session, ...MORNING))).toEqual(new Set(["ACCEPTED"]));
    const snapshot = { kind: "SNAPSHOT_REQUEST", schema_version: 1, command_id: "close of morning", payload: { ts: NOON } };
    expect(await verdicts(session, askRisk("noon", NOON), snapshot)).toEqual(["ACCEPTED", "ACCEPTED"]);
    const [hash, text] = [session.stateHash(), await textOf(session, "noon")];
    const replay = await session.replay();
    expect(replay).toMatchObject({ difference: null, state_hash: hash, jobs: 1 });
    expect(replay.snapshots).toBeGreaterThanOrEqual(1);
    await session.close();

    const replica = await openRiskSession(portsOn(store, false), "desk", "read");
    if (replica.kind === "refused") throw new Error("not opened");
    expect(replica.session.stateHash()).toBe(hash);
    expect(await textOf(replica.session, "noon")).toBe(text);
    await replica.session.close();
  });

  test("a report names calculations, snapshots, rate set and the scenarios behind each tail", async () => {
    const session = await begun(portsOn(store));
    await ran(session, ...MORNING, askRisk("noon", NOON));
    const report = await session.report("noon");
    expect(report).toMatchObject({ kind: "PORTFOLIO_RISK", currency: "ILS", as_of: NOON, state: "completed", superseded: [] });
    expect(report?.calculations).toContain("risk.var_historical@v2");
    expect(report?.fx.quotes).toEqual(exampleMarket.fx.quotes);
    expect([report?.market_snapshot_id, report?.portfolio_snapshot_id, report?.run_id].every((id) => /^[0-9a-f]{64}$/.test(id ?? ""))).toBe(
      true,
    );
    const text = await textOf(session, "noon");
    const tail = figure(text, "es/0.6")["value"] as { scenarios: { scenario: string; weight: number }[] };
    expect(tail.scenarios.map(({ scenario }) => scenario)).toContain("crash");
    const total = figure(text, "valuation")["value"] as { total: { value: { pv: number } } };
    expect(total.total.value.pv).toBeGreaterThan(0);
    await session.close();
  });

  test("D.3 2: computing before any quote, and a snapshot of nothing, are illegal", async () => {
    const session = await begun(portsOn(store));
    const snapshot = { kind: "SNAPSHOT_REQUEST", schema_version: 1, command_id: "s", payload: { ts: OPENED } };
    expect(await verdicts(session, askRisk("r", NOON), askGrid("g", NOON), snapshot)).toEqual(Array<string>(3).fill("ILLEGAL_SEQUENCE"));
    expect([session.version, session.requests]).toEqual([0, []]);
    await session.close();
  });

  test("D.3 3: the same event twice is applied once; with another payload it is a conflict that names both hashes", async () => {
    const session = await begun(portsOn(store));
    if (stock === undefined || acme === undefined) throw new Error("no example");
    const once = upsert("hold", stock);
    expect(await verdicts(session, once, once)).toEqual(["ACCEPTED", "IDEMPOTENT_REPLAY"]);
    expect(await verdicts(session, { ...once, payload: { ...once.payload, ts: OPENED + 5 }, meta: { door: "other" } })).toEqual([
      "IDEMPOTENT_REPLAY",
    ]);
    expect(session.version).toBe(1);
    const [conflict] = await ran(session, upsert("hold", { ...stock, quantity: "7" }));
    expect(conflict).toMatchObject({ status: "REJECTED", error: { category: "CONFLICT", code: "IDEMPOTENCY_CONFLICT" } });
    expect(conflict?.error?.details[0]?.value).toMatch(/^[0-9a-f]{64}$/);
    expect(conflict?.error?.details[0]?.expected).toMatch(/^[0-9a-f]{64}$/);
    const quote = quoteCommand(1, { kind: "spot", ...acme });
    const other = quoteCommand(1, { kind: "spot", ...acme, price: "1" });
    expect(await verdicts(session, quote, quote, other)).toEqual(["ACCEPTED", "IDEMPOTENT_REPLAY", "IDEMPOTENCY_CONFLICT"]);
    await session.close();
  });

  test("D.3 5: a quote that arrives late recomputes what it touches, and the tail after a snapshot gives what a full replay gives", async () => {
    const session = await begun(portsOn(store), { snapshot_every: 5 });
    await ran(session, ...MORNING);
    await ran(session, askRisk("noon", NOON), askGrid("grid", NOON));
    const before = await session.report("noon");
    if (acme === undefined) throw new Error("no example");
    const unrelated = quoteCommand(90, { kind: "spot", symbol: "OTHER", currency: "USD", price: "1", dividend_yield: "0" }, NOON - 60_000);
    const later = quoteCommand(91, { kind: "spot", ...acme, price: "500" }, NOON + 1);
    await ran(session, unrelated, later);
    expect((await session.report("noon"))?.run_id).toBe(before?.run_id);

    await ran(session, quoteCommand(92, { kind: "spot", ...acme, price: "99" }, NOON - 30_000));
    const after = await session.report("noon");
    expect(after?.superseded).toEqual([before?.run_id]);
    expect(after?.run_id).not.toBe(before?.run_id);
    expect(after?.result_sha256).not.toBe(before?.result_sha256);
    expect((await session.report("grid"))?.superseded).toHaveLength(1);

    const hash = session.stateHash();
    expect(await session.replay()).toMatchObject({ difference: null, state_hash: hash });
    await session.close();
    const again = await openRiskSession(portsOn(store), "desk");
    if (again.kind === "refused") throw new Error("not opened");
    expect(again.session.stateHash()).toBe(hash);
    await again.session.close();
  });

  test("a late position recomputes as a late quote does, and what it makes equal to before stays", async () => {
    const session = await begun(portsOn(store));
    if (stock === undefined) throw new Error("no example");
    await ran(session, ...MORNING, askRisk("noon", NOON));
    const run = (await session.report("noon"))?.run_id;
    await ran(session, upsert("same again", stock, NOON - 2));
    expect((await session.report("noon"))?.run_id).toBe(run);
    await ran(session, upsert("less", { ...stock, quantity: "100" }, NOON - 1));
    expect((await session.report("noon"))?.superseded).toEqual([run]);
    const removed = { event_type: "PORTFOLIO_POSITION_REMOVED", ts: NOON, data: { portfolio_id: "main", position_id: stock.id } };
    await ran(session, { kind: "INGEST_EVENT", schema_version: 1, command_id: "sold", payload: removed });
    expect((await session.report("noon"))?.superseded).toHaveLength(2);
    await session.close();
  });

  test("D.3 7: a session that was killed between append and result goes on with the job that waits", async () => {
    const session = await begun(portsOn(store));
    await ran(session, ...MORNING, askRisk("noon", NOON));
    const [hash, text] = [session.stateHash(), await textOf(session, "noon")];
    await session.close();

    // The tape up to the request, as a process leaves it that dies before the result.
    const { store: other, end: endOther } = await make();
    await copied(store, other, (event) => (event.type === "compute_job.finished" ? null : JSON.parse(event.payload)));
    const resumed = await openRiskSession(portsOn(other), "desk");
    if (resumed.kind === "refused") throw new Error("not opened");
    expect(resumed.session.stateHash()).toBe(hash);
    expect(await textOf(resumed.session, "noon")).toBe(text);
    await resumed.session.close();
    await endOther();
  });

  test("D.3 13: a grid has the spots outside and the volatilities inside, and the same bytes with and without a cache", async () => {
    const session = await begun(portsOn(store, true));
    await ran(session, ...MORNING, askGrid("a", NOON), askGrid("b", NOON));
    expect((await session.report("a"))?.run_id).toBe((await session.report("b"))?.run_id);
    const text = await textOf(session, "a");
    await session.close();
    const plain = await openRiskSession(portsOn(store, false), "desk", "read");
    if (plain.kind === "refused") throw new Error("not opened");
    expect(await textOf(plain.session, "a")).toBe(text);
    await plain.session.close();
    const { cells } = figure(text, "grid")["value"] as { cells: { spot_pct: string; vol_abs: string }[] };
    expect(cells.map(({ spot_pct, vol_abs }) => `${spot_pct} ${vol_abs}`)).toEqual([
      "-0.1 -0.05",
      "-0.1 0.05",
      "0 -0.05",
      "0 0.05",
      "0.1 -0.05",
      "0.1 0.05",
    ]);
  });

  test("quotes are best effort: what is refused is counted, and keeps no other back", async () => {
    const session = await begun(portsOn(store));
    if (acme === undefined) throw new Error("no example");
    const bad = quoteCommand(2, { kind: "spot", ...acme, price: "NaN" });
    const noTime = {
      ...quoteCommand(3, { kind: "spot", ...acme }),
      payload: { source: "feed", sequence: 3, quote: { kind: "spot", ...acme } },
    };
    const odd = { kind: "INGEST_QUOTE", schema_version: 1, payload: { ts: OPENED, source: "../x", sequence: 1, quote: {} } };
    const seen = await verdicts(
      session,
      quoteCommand(1, { kind: "spot", ...acme }),
      bad,
      bad,
      noTime,
      odd,
      quoteCommand(4, { kind: "spot", ...acme }),
    );
    expect(seen).toEqual(["ACCEPTED", "VALIDATION_ERROR", "VALIDATION_ERROR", "MISSING_EVENT_TS", "VALIDATION_ERROR", "ACCEPTED"]);
    expect(session.rejects).toEqual([
      { source: "feed", code: "MISSING_EVENT_TS", count: 1 },
      { source: "feed", code: "VALIDATION_ERROR", count: 2 },
      { source: "unknown", code: "VALIDATION_ERROR", count: 1 },
    ]);
    expect((await session.replay()).difference).toBeNull();
    await session.close();
  });

  test("a market snapshot is asked for by its name, and one that was never made is not found", async () => {
    const session = await begun(portsOn(store));
    await ran(session, ...MORNING, askRisk("noon", NOON));
    const id = (await session.report("noon"))?.market_snapshot_id ?? "";
    const ask = (market_snapshot_id: string, command_id: string) => ({
      kind: "COMPUTE_REQUEST",
      schema_version: 1,
      command_id,
      payload: { compute: "SNAPSHOT", ts: NOON + 1, portfolio_id: "main", parameters: { totals: "whole", market_snapshot_id } },
    });
    expect(await verdicts(session, ask(id, "named"), ask("0".repeat(64), "nameless"), ask("short", "odd"))).toEqual([
      "ACCEPTED",
      "MARKET_SNAPSHOT_NOT_FOUND",
      "VALIDATION_ERROR",
    ]);
    expect((await session.report("named"))?.market_snapshot_id).toBe(id);
    await session.close();
  });

  test("a simulated execution says what trades would make of the portfolio, and leaves it as it is", async () => {
    const session = await begun(portsOn(store));
    if (stock === undefined) throw new Error("no example");
    await ran(session, ...MORNING);
    const parameters = {
      totals: "whole",
      trades: [{ ...stock, id: "fill", quantity: "10" }],
      scenarios: [],
      confidence: "0.99",
      limits: [],
      warn_at: "0.8",
    };
    const payload = { compute: "SIMULATED_EXECUTION", ts: NOON, portfolio_id: "main", parameters };
    expect(await verdicts(session, { kind: "COMPUTE_REQUEST", schema_version: 1, command_id: "try", payload })).toEqual(["ACCEPTED"]);
    const { change } = figure(await textOf(session, "try"), "execution")["value"] as { change: { value: { pv: number } } };
    expect(change.value.pv).toBeCloseTo(10 * 102.5 * 3.65, 8);
    await ran(session, askRisk("noon", NOON));
    const { positions } = figure(await textOf(session, "noon"), "valuation")["value"] as { positions: { id: string }[] };
    expect(positions.map(({ id }) => id)).not.toContain("fill");
    await session.close();
  });

  test("a summary has worth, delta, exposures by underlying and limits, and records nothing", async () => {
    const session = await begun(portsOn(store));
    await ran(session, ...MORNING);
    const version = session.version;
    expect(await session.summary("main")).toMatchObject({
      session_id: "desk",
      version,
      pv: { currency: "ILS" },
      constraints: null,
      errors: [],
    });
    await ran(session, askRisk("noon", NOON));
    const seen = await session.summary("main");
    expect(seen.exposures.map(({ underlying }) => underlying)).toEqual(["ACME", "EUR", "EUR/USD", "ROSE", "T-5Y"]);
    expect(seen.exposures.find(({ underlying }) => underlying === "ROSE")).toMatchObject({ delta: -50 });
    expect(seen.constraints).toMatchObject({ unknown: [] });
    expect((await session.summary("main", OPENED - 1)).pv).toEqual({ value: 0, currency: "ILS" });
    expect((await session.summary("nobody")).exposures).toEqual([]);
    expect((await session.replay()).difference).toBeNull();
    await session.close();
  });

  test("a second way between currencies fails the figures, not the session", async () => {
    const session = await begun(portsOn(store));
    await ran(session, ...MORNING, quoteCommand(80, { kind: "fx", pair: "EUR/ILS", rate: "3.9" }), askRisk("noon", NOON));
    const valuation = figure(await textOf(session, "noon"), "valuation");
    expect(valuation).toMatchObject({ ok: false, errors: [{ code: "FX_SECOND_PATH" }] });
    await session.close();
  });

  test("a name is taken once, settings are checked, and a session that was never begun is not found", async () => {
    const session = await begun(portsOn(store));
    await session.close();
    expect(await newRiskSession(portsOn(store), DESK)).toMatchObject({ kind: "refused", violations: [{ code: "SESSION_EXISTS" }] });
    const odd = await newRiskSession(portsOn(store), { ...DESK, name: "odd", base_currency: "??", opened_at: 0.5 });
    expect(odd.kind === "refused" ? odd.violations.map(({ code }) => code) : []).toEqual(["CURRENCY_UNKNOWN", "NOT_AN_INTEGER"]);
    expect(await openRiskSession(portsOn(store), "nobody")).toMatchObject({ kind: "refused", violations: [{ code: "SESSION_NOT_FOUND" }] });
    expect(await store.logs()).toEqual(["risk-session/desk"]);
    expect(await openRiskSession(portsOn(store), "nobody", "read")).toMatchObject({ kind: "refused", reason: "not_found" });
    expect(await newRiskSession(portsOn(store), { ...DESK, name: "../x" })).toMatchObject({ violations: [{ code: "SESSION_NAME" }] });
  });

  test("beginning a session under a name that is taken leaves its writer alone", async () => {
    const session = await begun(portsOn(store));
    expect(await newRiskSession(portsOn(store), DESK)).toMatchObject({ violations: [{ code: "SESSION_EXISTS" }] });
    expect(await verdicts(session, ...MORNING.slice(0, 1))).toEqual(["ACCEPTED"]);
    await session.close();
  });

  test("appends are told of, and events can be read from where somebody left off", async () => {
    const session = await begun(portsOn(store));
    const told: number[] = [];
    const stop = session.onAppended((position) => told.push(position));
    await ran(session, ...MORNING);
    await ran(session, askRisk("noon", NOON));
    expect(told).toEqual([1 + MORNING.length, told[1] ?? 0, (told[1] ?? 0) + 1]);
    const types: string[] = [];
    for await (const event of session.events({ from: (told[0] ?? 0) + 1 })) types.push(event.type);
    expect(types).toEqual([
      "compute.requested",
      "market_snapshot.created",
      "portfolio_snapshot.taken",
      "compute_run.requested",
      "compute_job.finished",
    ]);
    stop();
    await ran(session, askRisk("again", NOON));
    expect(told).toHaveLength(3);
    await session.close();
  });

  test.each([
    ["risk_session.snapshotted", "state_snapshot"],
    ["compute_job.finished", "job_result"],
    ["market_snapshot.created", "market_snapshot"],
    ["portfolio_snapshot.taken", "decision"],
    ["compute_run.requested", "decision"],
  ])("D.3 7: a %s that was tampered with is seen by a replay", async (type, what) => {
    const session = await begun(portsOn(store), { snapshot_every: 10 });
    await ran(session, ...MORNING, askRisk("noon", NOON));
    await session.close();
    const { store: other, end: endOther } = await make();
    await copied(store, other, (event) => {
      const payload = JSON.parse(event.payload) as Record<string, Record<string, unknown>>;
      if (event.type !== type) return payload;
      if (type === "risk_session.snapshotted") return { ...payload, state_sha256: "0".repeat(64) };
      if (type === "compute_job.finished") return { ...payload, result_sha256: "0".repeat(64) };
      if (type === "portfolio_snapshot.taken") return { ...payload, positions: [] };
      if (type === "compute_run.requested") return { ...payload, parameters_sha256: "0".repeat(64) };
      return { ...payload, snapshot: { ...payload["snapshot"], as_of: "2026-03-03" } };
    });
    const forged = await openRiskSession(portsOn(other), "desk", "read");
    if (forged.kind === "refused") throw new Error("not opened");
    expect((await forged.session.replay()).difference).toMatchObject({ what });
    await forged.session.close();
    await endOther();
  });

  test("a closed session takes nothing more", async () => {
    const session = await begun(portsOn(store));
    const close = {
      kind: "INGEST_EVENT",
      schema_version: 1,
      command_id: "end",
      payload: { event_type: "SESSION_CLOSED", ts: NOON, data: {} },
    };
    expect(await verdicts(session, ...MORNING.slice(0, 1), close, ...MORNING.slice(1, 2), askRisk("r", NOON))).toEqual([
      "ACCEPTED",
      "ACCEPTED",
      "ILLEGAL_SEQUENCE",
      "ILLEGAL_SEQUENCE",
    ]);
    expect(session.status).toBe("closed");
    await session.close();
  });
});

describe("any order of delivery", () => {
  test("D.3 6: the same events in another order, late ones among them, end in the same hashes and reports", async () => {
    const hashes = new Set<string>();
    const reports = new Set<string>();
    for (const step of [1, 5, 7, 11, 17]) {
      const { store } = inMemory();
      const session = await begun(portsOn(store), { snapshot_every: 0 });
      const [first, ...rest] = MORNING;
      const all = [...rest, askRisk("noon", NOON), askGrid("grid", NOON)];
      // A step that shares no divisor with the count visits all of them.
      const order = all.map((_, n) => all[(n * step) % all.length]);
      expect(new Set(order).size).toBe(all.length);
      await ran(session, first);
      for (const command of order) expect(await verdicts(session, command)).toEqual(["ACCEPTED"]);
      hashes.add(session.stateHash());
      const texts = [await session.report("noon"), await session.report("grid")];
      reports.add(texts.map((report) => (report === null ? "" : reportText({ ...report, superseded: [] }))).join());
      await session.close();
    }
    expect([hashes.size, reports.size]).toEqual([1, 1]);
  });

  test("a store that takes nothing leaves the session as the log has it", async () => {
    const { store } = inMemory();
    const session = await begun(portsOn(store));
    await ran(session, ...MORNING);
    const hash = session.stateHash();
    // Another writer fences this one.
    const other = await openRiskSession(portsOn(store), "desk");
    if (other.kind === "refused") throw new Error("not opened");
    expect(await session.execute([askRisk("noon", NOON)])).toMatchObject({ kind: "refused", reason: "unavailable" });
    expect([session.stateHash(), session.requests]).toEqual([hash, []]);
    await other.session.close();
  });
});

test("the library begins, lists and opens sessions of a workspace", async () => {
  const home = mkdtempSync(join(tmpdir(), "onetape-risk-library-"));
  const onetape = openOnetape({ home, store: "sqlite" });
  try {
    expect(await onetape.riskSessions.list()).toEqual([]);
    const begin = await onetape.riskSessions.create(DESK);
    if (begin.kind === "refused") throw new Error("not begun");
    await ran(begin.session, ...MORNING);
    const hash = begin.session.stateHash();
    await begin.session.close();
    expect(await onetape.riskSessions.list()).toEqual(["desk"]);
    const again = await onetape.riskSessions.open("desk", "read");
    expect(again.kind === "opened" && again.session.stateHash()).toBe(hash);
    if (again.kind === "opened") await again.session.close();
  } finally {
    await onetape.close();
    rmSync(home, { recursive: true, force: true });
  }
});

test("D.3 9: on -50 to 49 at 99 % version 1 says 49 and 49.5, version 2 says 50 and 50", () => {
  const pnl = Array.from({ length: 100 }, (_, n) => n - 50);
  expect(historicalVarV1({ pnl, confidence: 0.99, horizon_days: 1, currency: "ILS" })).toMatchObject({ value: { var: 49, cvar: 49.5 } });
  expect(historicalVar({ pnl, confidence: "0.99", rule: "nearest_rank" })).toMatchObject({ value: { var: 50 } });
  expect(expectedShortfall({ pnl, confidence: "0.99" })).toMatchObject({ value: { es: 50 } });
  // What a session names in its reports.
  expect(CALCULATIONS.PORTFOLIO_RISK).toEqual(expect.arrayContaining(["risk.var_historical@v2", "risk.es_historical@v2"]));
});

test("D.3 8: version 1 stays as it was: numbers and errors", () => {
  const series = Array.from({ length: 100 }, (_, n) => n - 50);
  const v1 = (pnl: readonly number[], confidence: number) => historicalVarV1({ pnl, confidence, horizon_days: 1, currency: "ILS" });
  expect(v1(series, 0.99)).toMatchObject({ ok: true, value: { var: 49, cvar: 49.5 } });
  expect([v1(series.slice(0, 19), 0.99), v1(series, 0.5)].map((outcome) => (outcome.ok ? "" : outcome.error.code))).toEqual([
    "TOO_FEW_SCENARIOS",
    "CONFIDENCE_OUT_OF_RANGE",
  ]);
  expect(parametricVar({ sigma_1d: -1, confidence: 0.99, horizon_days: 1, currency: "ILS" })).toMatchObject({
    error: { code: "SIGMA_NEGATIVE" },
  });
  const option = { right: "call", exercise: "american", spot: 100, strike: 100, sigma: 0.2, t: 0.5, r: 0 } as const;
  expect(blackScholes(option)).toMatchObject({ error: { code: "UNSUPPORTED_EXERCISE" } });
});
