/** Why an order was let through or refused, worked out from stored runs alone. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { ReplayEvent } from "../../src/core/tape/event.js";
import type { LogSession } from "../../src/ports/event-store.js";
import type { StoredRun } from "../../src/ports/run-store.js";
import { openTape } from "../../src/usecases/compare-runs.js";
import { type ExplainedOrder, explainOrder } from "../../src/usecases/explain-order.js";
import { explainRun } from "../../src/usecases/explain-run.js";
import { readRunEvents } from "../../src/usecases/read-run-events.js";
import { runBacktest } from "../../src/usecases/run-backtest.js";
import { ASKING_STRATEGY } from "../support/asking-strategy.js";
import { type BacktestWorkspace, backtestWorkspace } from "../support/backtest-workspace.js";

const DESK = `name: desk
trading: { crossing: split, orders_per_minute: 3, price_collar: 0.2 }
limits:
  position_value: { limit: { fraction: 0.5, fraction_of: equity } }
  risk_per_trade: { limit: { fraction: 0.4, fraction_of: equity }, measure: stop_distance }
`;

async function stored(workspace: BacktestWorkspace, changes: string): Promise<StoredRun> {
  await workspace.writeStrategy(ASKING_STRATEGY);
  await writeFile(join(workspace.folder, "desk.yaml"), DESK);
  const outcome = await runBacktest(workspace.ports, { configPath: await workspace.writeConfig(changes) });
  if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
  const found = await workspace.ports.runs.find(outcome.result.run_id);
  if (found.kind !== "found") throw new Error("the run was not stored");
  return found.run;
}

async function opened(): Promise<BacktestWorkspace> {
  const workspace = await backtestWorkspace({ days: 1 });
  onTestFinished(() => workspace.close());
  return workspace;
}

it.each([
  ["no policy", ""],

  ["vibe", "risk: { policy: vibe }\n"],
  ["finam-1.5", "risk: { policy: finam-1.5 }\n"],
  ["a desk's policy that splits", "risk: { policy: desk.yaml }\n"],
  ["vibe and the desk's, observed", "risk: { policy: [vibe, desk.yaml] }\n"],
])("every order of a run under %s is explained as its tape holds it", { timeout: 120_000 }, async (_, changes) => {
  const workspace = await opened();
  const run = await stored(workspace, changes);
  const decided: { order: string; decision: unknown; code: unknown; subject: unknown }[] = [];
  for await (const { type, payload } of readRunEvents(workspace.ports, run, {}))
    if (type === "risk.decided")
      decided.push({
        order: String(payload["order_id"]),
        decision: payload["decision"],
        code: payload["code"] ?? null,
        subject: payload["subject"] ?? "order",
      });
  expect(decided.length).toBeGreaterThan(20);
  // The last ones stand for those between: each is a run of its own.
  for (const id of [...new Set(decided.map(({ order }) => order))].slice(0, 12)) {
    const outcome = await explainRun(workspace.ports, { run, what: id });
    if (outcome.kind !== "explained" || outcome.explanation.kind !== "order") throw new Error(JSON.stringify(outcome));
    expect(outcome.explanation.decisions.map(({ decision, code, subject }) => ({ order: id, decision, code, subject }))).toEqual(
      decided.filter(({ order }) => order === id),
    );
  }
});

/** Explains an order from a tape whose events of one type were altered. */
async function explainAltered(
  workspace: BacktestWorkspace,
  run: StoredRun,
  orderId: string,
  type: string,
  alter: (payload: Record<string, unknown>) => Record<string, unknown>,
): Promise<ReturnType<typeof explainOrder> extends Promise<infer T> ? T : never> {
  const store = workspace.ports.tapes(run.dir);
  const { session } = await openTape(store, run.manifest.tape.log);
  if (session === null) throw new Error("the tape does not open");
  const changed = <Event extends ReplayEvent>(event: Event): Event => {
    const payload = JSON.parse(event.payload) as Record<string, unknown>;
    const meant = event.type === type && payload["order_id"] === orderId;
    return meant ? { ...event, payload: JSON.stringify(alter(payload)) } : event;
  };
  const whole: LogSession = session;
  const altered: Pick<LogSession, "readLog" | "replayPages"> = {
    async *readLog(options) {
      for await (const event of whole.readLog(options)) yield changed(event);
    },
    async *replayPages(options) {
      for await (const page of whole.replayPages(options)) yield page.map(changed);
    },
  };
  try {
    return await explainOrder(workspace.ports, { ...session, ...altered } as LogSession, { run, orderId });
  } finally {
    await store.close();
  }
}

it("a stored decision that the gate would not make again is not explained, and what differs is named", { timeout: 120_000 }, async () => {
  const workspace = await opened();
  const run = await stored(workspace, "risk: { policy: desk.yaml }\n");
  const decided = async (alter: Parameters<typeof explainAltered>[4], id = "O1") =>
    explainAltered(workspace, run, id, "risk.decided", alter);
  expect(await decided((payload) => payload)).toMatchObject({ kind: "order", policy: "desk" });
  expect(await decided((payload) => ({ ...payload, checks: 1 }))).toEqual({
    kind: "differs",
    message: expect.stringMatching(/^position \d+: the decision holds 1 for checks, working it out again gives \d+$/),
  });
  expect(
    await decided((payload) => ({ ...payload, utilisation: { code: "MAX_POSITION_PER_SYMBOL_EXCEEDED", fraction: "0.1" } })),
  ).toMatchObject({
    kind: "differs",
    message: expect.stringContaining("for utilisation"),
  });
  expect(await decided((payload) => ({ ...payload, decision: "denied", code: "NO_PRICE" }))).toMatchObject({
    kind: "differs",
    message: expect.stringContaining('"denied" for decision'),
  });
  expect(await decided((payload) => ({ ...payload, policy_sha256: "f".repeat(64) }))).toMatchObject({
    kind: "differs",
    message: expect.stringContaining("for policy_sha256"),
  });
});

it("a refusal shows what every check compared, the failing ones with what would pass", { timeout: 120_000 }, async () => {
  const workspace = await opened();
  const run = await stored(workspace, "risk: { policy: desk.yaml }\n");
  let denied = "";
  for await (const { payload } of readRunEvents(workspace.ports, run, { types: ["risk.decided"] }))
    if (payload["decision"] === "denied" && payload["subject"] === undefined && denied === "") denied = String(payload["order_id"]);
  const outcome = await explainRun(workspace.ports, { run, what: denied });
  if (outcome.kind !== "explained") throw new Error(JSON.stringify(outcome));
  const { order, decisions } = outcome.explanation as ExplainedOrder;
  // It asks for 5000 at about 100 with 100000 of equity.
  expect(order).toMatchObject({ symbol: "DEMO", side: "buy", qty: "5000" });
  const [decision] = decisions;
  expect(decision).toMatchObject({ decision: "denied", code: "MAX_RISK_PER_TRADE_EXCEEDED", utilisation: null });
  const failed = (decision?.checks ?? []).filter(({ verdict }) => verdict === "failed");
  expect(failed.map(({ code }) => code)).toEqual(["MAX_RISK_PER_TRADE_EXCEEDED", "MAX_POSITION_PER_SYMBOL_EXCEEDED", "NEGATIVE_CASH"]);
  for (const { value, limit, unit, detail, code } of failed) {
    expect(Number(value), code).toBeGreaterThan(Number(limit));
    expect(detail, code).toContain("passes");
    expect(unit, code).toBe("USD");
  }
  const passed = decision?.checks.find(({ code }) => code === "LOT_MISMATCH");
  expect(passed).toMatchObject({ value: "5000", limit: "1, at least 1", passes: "multiple_of", verdict: "passed", detail: null });
});

it("an order that the run did not make is answered with those that it made", { timeout: 120_000 }, async () => {
  const workspace = await opened();
  const run = await stored(workspace, "");
  expect(await explainRun(workspace.ports, { run, what: "O99999" })).toMatchObject({
    kind: "unknown",
    message: expect.stringMatching(/^there is no order O99999; it made O1 to O\d+$/),
  });
});
