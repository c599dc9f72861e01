import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadSqliteDriver } from "../../src/adapters/sqlite/load-sqlite-driver.js";
import type { StoredRun } from "../../src/ports/run-store.js";
import { type ReadEvent, readRunEvents } from "../../src/usecases/read-run-events.js";
import { replayRun } from "../../src/usecases/replay-run.js";
import { runBacktest } from "../../src/usecases/run-backtest.js";
import { verifyRuns } from "../../src/usecases/verify-runs.js";
import { type BacktestWorkspace, backtestWorkspace, demoBars, EMA_STRATEGY } from "../support/backtest-workspace.js";

let workspace: BacktestWorkspace;
let run: StoredRun;

beforeEach(async () => {
  workspace = await backtestWorkspace({ days: 2 });
  run = await backtest();
});
afterEach(() => workspace.close());

async function backtest(): Promise<StoredRun> {
  const outcome = await runBacktest(workspace.ports, { configPath: await workspace.writeConfig() });
  if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
  const found = await workspace.ports.runs.find(outcome.result.run_id);
  if (found.kind !== "found") throw new Error("the run was not stored");
  return found.run;
}

async function replay(ports = workspace.ports): Promise<Extract<Awaited<ReturnType<typeof replayRun>>, { kind: "report" }>["report"]> {
  const outcome = await replayRun(ports, { run });
  if (outcome.kind !== "report") throw new Error(JSON.stringify(outcome));
  return outcome.report;
}

/** Rewrites the run's tape file as somebody with write access to the disk could. */
async function tamper(sql: string): Promise<void> {
  const driver = await loadSqliteDriver();
  const file = join(run.dir, `${run.manifest.tape.log.replace("/", "~")}.tape.db`);
  const database = driver.open(file);
  for (const [name] of database.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").all([]))
    database.exec(`DROP TRIGGER ${name}`);
  database.exec(sql);
  database.close();
}

describe("replay --verify", () => {
  it("passes all four levels on a run as it was stored", async () => {
    const report = await replay();
    expect(report.levels.map(({ level, passed }) => [level, passed])).toEqual([
      ["L1", true],
      ["L2", true],
      ["L3", true],
      ["L4", true],
    ]);
    expect(report).toMatchObject({ verified: true, divergence: null, engine: { same: true } });
    expect(report.levels[3]?.checked).toBe(run.manifest.tape.head_position);
    // One state at each session close, and one at the end.
    expect(report.levels[2]?.checked).toBe(run.manifest.totals.sessions + 1);
  });

  it("does not look at the author's files: an edited strategy changes nothing", async () => {
    await workspace.writeStrategy(EMA_STRATEGY.replace("ctx.enterLong()", "ctx.enterShort()"));
    expect((await replay()).verified).toBe(true);
  });

  it("names another engine build as such and still says whether the decisions are the same", async () => {
    const other = { ...workspace.ports, engine: { version: "9.9.9", build: "a".repeat(64) } };
    const report = await replay(other);
    expect(report).toMatchObject({
      verified: true,
      engine: { same: false, replaying: { version: "9.9.9" }, recorded: { version: workspace.ports.engine.version } },
    });
  });

  it("refuses an exchanged copy of the strategy", async () => {
    await writeFile(join(run.dir, "inputs", run.manifest.strategy.bundle_sha256), "return 1;");
    const report = await replay();
    expect(report.verified).toBe(false);
    expect(report.levels.at(-1)).toMatchObject({ level: "L4", passed: false, message: expect.stringContaining("copy of the strategy") });
  });

  it("finds the first event that a strategy under another hash decides otherwise", async () => {
    const bundle = await readFile(join(run.dir, "inputs", run.manifest.strategy.bundle_sha256), "utf8");
    const changed = bundle.replace("ctx.enterLong()", "ctx.enterLong({ strength: 0.5 })");
    expect(changed).not.toBe(bundle);
    const sha256 = workspace.ports.hash(changed);
    await writeFile(join(run.dir, "inputs", sha256), changed);
    run = { ...run, manifest: { ...run.manifest, strategy: { ...run.manifest.strategy, bundle_sha256: sha256 } } };
    const report = await replay();
    expect(report.levels.at(-1)).toMatchObject({ level: "L4", passed: false });
    expect(report.divergence).toMatchObject({
      kind: "parted",
      left: { type: "signal.emitted" },
      right: { type: "signal.emitted" },
      fields: ["payload"],
    });
    expect(report.divergence?.right?.payload).toContain('"strength":0.5');
  });

  it("passes a run in which one instrument has no bar inside the limits", async () => {
    const demo = demoBars(1, 9);
    const ts = new Float64Array(new SharedArrayBuffer(demo.ts.byteLength));
    demo.ts.forEach((time, row) => {
      ts[row] = time + 10 * 86_400_000;
    });
    workspace.bars.set("LATE", { ...demo, symbol: "LATE", ts });
    await workspace.writeStrategy(EMA_STRATEGY.replace('["DEMO"]', '["DEMO", "LATE"]'));
    const path = await workspace.writeConfig("max_bars: 500\n");
    const late = (line: string): string => line.replaceAll("DEMO", "LATE");
    const lines = (await readFile(path, "utf8")).split("\n").flatMap((line) => {
      if (line.startsWith("data:")) return [line.replace("]", ", { symbol: LATE, price_mode: raw }]")];
      return line.includes("asset_class") ? [line, late(line)] : [line];
    });
    await writeFile(path, lines.join("\n"));
    const outcome = await runBacktest(workspace.ports, { configPath: path });
    if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
    const found = await workspace.ports.runs.find(outcome.result.run_id);
    if (found.kind !== "found") throw new Error("the run was not stored");
    run = found.run;
    expect(await replay()).toMatchObject({ verified: true, divergence: null });
    for await (const event of readRunEvents(workspace.ports, run, { types: ["run.started"] })) expect(event.occurred_at).toBe(demo.ts[0]);
  });

  it("refuses a run that goes by another run's id", async () => {
    await workspace.writeStrategy(EMA_STRATEGY.replace("ctx.enterShort()", "ctx.hold()"));
    const other = await backtest();
    const { run_id, strategy } = run.manifest;
    for (const manifest of [
      { ...other.manifest, run_id },
      { ...other.manifest, run_id, strategy: { ...other.manifest.strategy, source_sha256: strategy.source_sha256 } },
      { ...other.manifest, engine: { ...other.manifest.engine, build: "a".repeat(64) } },
      { ...other.manifest, config_sha256: "a".repeat(64) },
    ]) {
      run = { ...other, manifest };
      expect((await replay()).levels.at(-1)).toMatchObject({ level: "L4", passed: false, position: 1 });
    }
  });

  it("says when the bars are no longer those of the run", async () => {
    workspace.bars.set("DEMO", demoBars(2, 8));
    expect((await replay()).levels.at(-1)).toMatchObject({ passed: false, message: expect.stringContaining("bars") });
  });

  it("finds a damaged tape at L1 or L2 and goes no further", async () => {
    await tamper("UPDATE segments SET body = zeroblob(length(body)) WHERE first_position = 1");
    const report = await replay();
    expect(report.verified).toBe(false);
    expect(report.levels.at(-1)?.passed).toBe(false);
  });
});

describe("verify", () => {
  it("passes tape and artifact files as they were stored", async () => {
    expect(await verifyRuns(workspace.ports, { runs: [run] })).toMatchObject([
      { verified: true, failure: null, files: [], events: run.manifest.tape.head_position },
    ]);
  });

  it("names an artifact file whose bytes changed and one that is gone", async () => {
    await writeFile(join(run.dir, "orders.csv"), "order_id\n");
    const other = join(run.dir, "fills.csv");
    await copyFile(other, `${other}.bak`);
    await import("node:fs/promises").then(({ rm }) => rm(other));
    const [result] = await verifyRuns(workspace.ports, { runs: [run] });
    expect(result).toMatchObject({
      verified: false,
      files: [
        { path: "fills.csv", problem: "missing" },
        { path: "orders.csv", problem: "changed" },
      ],
    });
  });

  it("finds a tape that was exchanged for a shorter one by the manifest's head", async () => {
    const shorter = {
      ...run,
      manifest: { ...run.manifest, tape: { ...run.manifest.tape, head_position: run.manifest.tape.head_position + 1 } },
    };
    expect(await verifyRuns(workspace.ports, { runs: [shorter] })).toMatchObject([
      { verified: false, failure: { position: run.manifest.tape.head_position + 1 } },
    ]);
  });
});

describe("events", () => {
  it("reads by type, stream and range, with payloads parsed", async () => {
    const fills: ReadEvent[] = [];
    for await (const event of readRunEvents(workspace.ports, run, { types: ["order.filled"], limit: 3 })) fills.push(event);
    expect(fills).toHaveLength(3);
    expect(fills[0]?.payload["fill_id"]).toBe("O1-F1");
    const order: string[] = [];
    for await (const event of readRunEvents(workspace.ports, run, { stream: "order/O1" })) order.push(event.type);
    expect(order).toEqual(["order.created", "risk.decided", "order.submitted", "order.accepted", "order.filled"]);
    const some: number[] = [];
    for await (const event of readRunEvents(workspace.ports, run, { from: 2, to: 4 })) some.push(event.position);
    expect(some).toEqual([2, 3, 4]);
  });
});
