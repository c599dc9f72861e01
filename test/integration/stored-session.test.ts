/** Paper sessions that were stored: run again to the byte, explained and measured from their tapes. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TapeEvent } from "../../src/core/tape/event.js";
import type { StoredRun } from "../../src/ports/run-store.js";
import type { ExplainedOrder } from "../../src/usecases/explain-order.js";
import { explainRun } from "../../src/usecases/explain-run.js";
import { explainSessionOrder } from "../../src/usecases/explain-session-order.js";
import { runPaperSession } from "../../src/usecases/paper-session.js";
import { paperSessionProver, replayPaperSession, type SessionReplayReport } from "../../src/usecases/replay-paper-session.js";
import { type ExposureOutcome, riskExposure } from "../../src/usecases/risk-exposure.js";
import { runBacktest } from "../../src/usecases/run-backtest.js";
import { sessionExposure } from "../../src/usecases/session-exposure.js";
import { verifyLog } from "../../src/usecases/verify-log.js";
import { ASKING_STRATEGY } from "../support/asking-strategy.js";
import { type BacktestWorkspace, backtestWorkspace } from "../support/backtest-workspace.js";
import { eventsOf, memoryInputs, paperPorts, sessionsWith } from "../support/paper-workspace.js";

const DESK = `name: desk
trading: { crossing: split, orders_per_minute: 3, price_collar: 0.2 }
limits:
  position_value: { limit: { fraction: 0.5, fraction_of: equity } }
  gross_exposure: { limit: { amount: 60000, currency: EUR } }
  risk_per_trade: { limit: { fraction: 0.4, fraction_of: equity }, measure: stop_distance }
`;

let workspace: BacktestWorkspace;
let ports: ReturnType<typeof paperPorts>;
let events: readonly TapeEvent[];
let run: StoredRun;

beforeAll(async () => {
  workspace = await backtestWorkspace({ days: 1 });
  ports = paperPorts(workspace);
  await workspace.writeStrategy(ASKING_STRATEGY);
  await writeFile(join(workspace.folder, "desk.yaml"), DESK);
  await writeFile(join(workspace.folder, "fx.csv"), "time,pair,rate\n2023-12-31T00:00:00Z,EUR/USD,1.1\n");
  const fx = "fx: { pivot: USD, file: fx.csv, max_age_hours: 720 }\n";
  const configPath = await workspace.writeConfig(`${fx}risk: { policy: ./desk.yaml }\n`);
  const paper = await runPaperSession(ports, { configPath, session: "desk", signal: new AbortController().signal });
  if (paper.kind !== "completed") throw new Error(JSON.stringify(paper));
  events = await eventsOf(ports.sessions, "desk");
  const backtest = await runBacktest(workspace.ports, { configPath });
  if (backtest.kind !== "ok") throw new Error(JSON.stringify(backtest));
  const found = await workspace.ports.runs.find(backtest.result.run_id);
  if (found.kind !== "found") throw new Error("the run was not stored");
  run = found.run;
}, 60_000);
afterAll(() => workspace.close());

/** The session with other events in place of its own. */
async function replayed(tape: readonly TapeEvent[], inputs = ports.inputs): Promise<SessionReplayReport> {
  const outcome = await replayPaperSession({ ...ports, inputs, sessions: await sessionsWith("desk", tape) }, { session: "desk" });
  if (outcome.kind !== "report") throw new Error(JSON.stringify(outcome));
  return outcome.report;
}

function told(outcome: ExposureOutcome | null): Extract<ExposureOutcome, { kind: "exposure" }>["exposure"] {
  if (outcome?.kind !== "exposure") throw new Error(JSON.stringify(outcome));
  return outcome.exposure;
}

function altered(type: string, nth: number, changes: object): readonly TapeEvent[] {
  const one = events.filter((event) => event.type === type)[nth];
  return events.map((event) =>
    event === one ? { ...event, payload: JSON.stringify({ ...(JSON.parse(event.payload) as object), ...changes }) } : event,
  );
}

describe("a stored paper session", () => {
  it("does again what it did, on all four levels", async () => {
    const report = await replayed(events);
    expect(report.levels.map(({ level, passed }) => [level, passed])).toEqual(["L1", "L2", "L3", "L4"].map((level) => [level, true]));
    expect(report).toMatchObject({ verified: true, divergence: null, session: "desk", log: "session/desk" });
    expect(report.levels[3]?.checked).toBe(events.length);
    // A state at each session close, and one at the end: the bars of a day and its midnight lie in one or two session days.
    expect(report.levels[2]?.checked).toBe(run.manifest.totals.sessions + 1);
  });

  it("that was cut off anywhere is replayed up to where it stands, and makes no end of its own", async () => {
    for (const cut of [0, 1, 2, 3, 40, 41, 42, 43, 44, 45, events.length - 1]) {
      const report = await replayed(events.slice(0, cut));
      expect(report.levels.at(-1), `after event ${cut}`).toMatchObject({ level: "L4", passed: true });
      expect(report.verified).toBe(true);
      // Bars at the end wait for what follows them.
      expect(cut - (report.levels.at(-1)?.checked ?? 0)).toBeLessThanOrEqual(1);
    }
  });

  it("whose tape holds another decision is found out, with the position, though its chain was made anew", async () => {
    const forged = altered("risk.decided", 3, { checks: 1 });
    const position = events.filter(({ type }) => type === "risk.decided")[3]?.position;
    const report = await replayed(forged);
    expect(report.levels.map(({ level, passed }) => [level, passed])).toEqual([
      ["L1", true],
      ["L2", true],
      ["L3", true],
      ["L4", false],
    ]);
    expect(report.levels[3]).toMatchObject({ position, message: expect.stringContaining("risk.decided") });
    expect(report.divergence?.position).toBe(position);
  });

  it("whose tape holds another fill is found out by the state that follows it", async () => {
    const report = await replayed(altered("order.filled", 0, { commission: "77.00" }));
    expect(report).toMatchObject({ verified: false });
    expect(report.levels.at(-1)).toMatchObject({ level: "L3", passed: false });
  });

  it("whose strategy is not kept here is said to be undecided, not to be wrong", async () => {
    const opened = await ports.sessions.open({
      log: "session/desk",
      catalogue: { name: "run", definitions: [], upcasters: [] },
      mode: "read",
    });
    if (opened.kind !== "opened") throw new Error(opened.kind);
    const nothing = { ...ports, inputs: memoryInputs() };
    const proof = await paperSessionProver(nothing, new AbortController().signal).prove(opened.session, { hash: ports.hash });
    expect(proof).toMatchObject({ not_shown: true, failure: null, message: expect.stringContaining("strategy is missing") });
    const report = await replayed(events, memoryInputs());
    expect(report.levels.at(-1)).toMatchObject({ level: "L4", passed: false });
  });

  it("is verified to its decisions by the same command as other logs", async () => {
    const sessions = await sessionsWith("desk", events);
    const opened = await sessions.open({ log: "session/desk", catalogue: { name: "run", definitions: [], upcasters: [] }, mode: "read" });
    if (opened.kind !== "opened") throw new Error(opened.kind);
    const provers = [paperSessionProver(ports, new AbortController().signal)];
    const projections = sessions as unknown as Parameters<typeof verifyLog>[1]["projections"];
    const verdict = await verifyLog(opened.session, { level: "L4", hash: ports.hash, projections, provers });
    expect(verdict).toMatchObject({ verdict: "passed" });
    expect(verdict.levels.map(({ level, verdict: came }) => [level, came])).toEqual(["L2", "L3", "L4"].map((level) => [level, "passed"]));
  });

  it("used its limits as the backtest of its config did, and its decisions are told as those", async () => {
    const session = told(await sessionExposure(ports, { session: "session/desk" }));
    const backtest = told(await riskExposure(workspace.ports, { run }));
    expect(session.refusals.length).toBeGreaterThan(0);
    expect(session.limits?.length).toBeGreaterThan(2);
    expect(session.proof?.agreeing).toBe(session.proof?.sessions);
    // Positions differ: the bars of a session are events.
    const plain = (exposure: unknown): unknown =>
      JSON.parse(JSON.stringify(exposure, (key, value: unknown) => (key === "position" ? undefined : value)));
    expect(plain(session)).toEqual(plain(backtest));
  });

  it("says why each order was let through or refused, by the same values as the backtest", async () => {
    const created = events
      .filter(({ type }) => type === "order.created")
      .map(({ payload }) => (JSON.parse(payload) as { order_id: string }).order_id);
    const picked = created.filter((_, n) => n < 6 || n % 47 === 0);
    let changes = 0;
    for (const orderId of picked) {
      const explained = await explainSessionOrder(ports, { session: "desk", orderId });
      if (explained?.kind !== "order") throw new Error(`${orderId}: ${JSON.stringify(explained)}`);
      changes += explained.decisions.length - 1;
      const outcome = await explainRun(workspace.ports, { run, what: orderId });
      if (outcome.kind !== "explained") throw new Error(`${orderId}: ${JSON.stringify(outcome)}`);
      const plain = ({ decisions }: ExplainedOrder): unknown => decisions.map(({ position: _, ...decision }) => decision);
      expect(plain(explained), orderId).toEqual(plain(outcome.explanation as ExplainedOrder));
    }
    expect(changes).toBeGreaterThan(1);
  });

  it("whose decision was altered is explained by what differs", async () => {
    const sessions = await sessionsWith("desk", altered("risk.decided", 0, { checks: 1 }));
    const explained = await explainSessionOrder({ ...ports, sessions }, { session: "desk", orderId: "O1" });
    expect(explained).toMatchObject({ kind: "differs", message: expect.stringMatching(/^position \d+: the decision holds 1 for checks/) });
    expect(await explainSessionOrder(ports, { session: "desk", orderId: "O99999" })).toMatchObject({ kind: "unknown" });
    expect(await explainSessionOrder(ports, { session: "other", orderId: "O1" })).toBeNull();
  });
});
