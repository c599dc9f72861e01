import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EngineInstrument } from "../../src/core/engine/engine-spec.js";
import type { BarColumns } from "../../src/core/market/bars.js";
import type { StoredRun } from "../../src/ports/run-store.js";
import type { BacktestPorts } from "../../src/usecases/backtest-ports.js";
import { type LookaheadReport, proveNoLookahead } from "../../src/usecases/prove-no-lookahead.js";
import { runBacktest } from "../../src/usecases/run-backtest.js";
import { type BacktestWorkspace, backtestWorkspace, EMA_STRATEGY } from "../support/backtest-workspace.js";
import { REMEMBERS, TAKES_COLUMNS } from "../support/cheating-strategies.js";

let workspace: BacktestWorkspace;
beforeEach(async () => {
  workspace = await backtestWorkspace({ days: 2 });
});
afterEach(() => workspace.close());

async function backtest(config = "", ports: BacktestPorts = workspace.ports): Promise<StoredRun> {
  const outcome = await runBacktest(ports, { configPath: await workspace.writeConfig(config) });
  if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
  expect(outcome.result.fills).toBeGreaterThan(0);
  const found = await ports.runs.find(outcome.result.run_id);
  if (found.kind !== "found") throw new Error("the run was not stored");
  return found.run;
}

async function prove(run: StoredRun, points: number, ports: BacktestPorts = workspace.ports): Promise<LookaheadReport> {
  const outcome = await proveNoLookahead(ports, { run, points });
  if (outcome.kind !== "report") throw new Error(JSON.stringify(outcome));
  return outcome.report;
}

/** Trades on whether the volume rises. */
const VOLUME_STRATEGY = EMA_STRATEGY.replace("fills: 0", "fills: 0, last: 0").replace(
  /const { fast[\s\S]*?\n {2}},\n {2}onFill/,
  `const { qty } = ctx.position();
    if (bar.volume > ctx.state.last && qty <= 0) ctx.enterLong();
    if (bar.volume < ctx.state.last && qty > 0) ctx.exitLong();
    ctx.state.last = bar.volume;
  },
  onFill`,
);

/** A host that centres an average of the volume on each bar before the engine gets them: prices would be missed by the equity check. */
function smoothing(ports: BacktestPorts): BacktestPorts {
  const smooth = ({ columns, ...rest }: EngineInstrument): EngineInstrument => {
    const volume = new Float64Array(new SharedArrayBuffer(columns.volume.byteLength));
    for (let row = 0; row < columns.rows; row++) {
      const around = columns.volume.subarray(Math.max(0, row - 2), row + 3);
      volume[row] = Math.round(around.reduce((sum, x) => sum + x, 0) / around.length);
    }
    return { ...rest, columns: { ...columns, volume } };
  };
  return {
    ...ports,
    host: {
      prepare: () => ports.host.prepare(),
      run: (task, options) => ports.host.run({ ...task, instruments: task.instruments.map(smooth) }, options),
      close: () => ports.host.close(),
    },
  };
}

describe("the proof that nothing looked ahead", () => {
  it("passes a strategy that uses closed bars alone, at as many points as asked for, early and late", async () => {
    const run = await backtest();
    const report = await prove(run, 6);
    expect(report).toMatchObject({ run_id: run.manifest.run_id, verdict: "passed", points_asked: 6, failure: null, notes: [] });
    expect(report.points).toHaveLength(6);
    const bars = run.manifest.totals.bars;
    expect(report.points[0]?.bars).toBeLessThanOrEqual(bars / 4);
    expect(report.points.at(-1)?.bars).toBeGreaterThanOrEqual((bars * 3) / 4);
    for (const point of report.points) {
      expect(point).toMatchObject({ passed: true });
      expect(point.bars).toBeLessThan(bars);
      // The end of the data closes the session and the run.
      expect(point.excluded).toBeGreaterThanOrEqual(2);
    }
    expect(report.events_compared).toBe(report.points.reduce((sum, { events }) => sum + events, 0));
    expect(await prove(run, 6)).toEqual(report);
  });

  it("holds at every bar of a run, when positions are closed at the end of the data and when fills are at the close", async () => {
    for (const more of ["on_end: flatten\n", "", "append: strict\n"]) {
      const run = await backtest(`max_bars: 90\n${more}`);
      const report = await prove(run, 1_000);
      expect([more, report.verdict, report.points.length]).toEqual([more, "passed", 89]);
    }
  });

  it("passes two instruments whose bars do not close together, one of which begins after the cut", async () => {
    const demo = workspace.bars.get("DEMO") as BarColumns;
    const moved = (minutes: number): Float64Array => {
      const ts = new Float64Array(new SharedArrayBuffer(demo.ts.byteLength));
      ts.set(demo.ts.map((time) => time + minutes * 60_000));
      return ts;
    };
    workspace.bars.set("LATE", { ...demo, symbol: "LATE", ts: moved(1_000) });
    await workspace.writeStrategy(EMA_STRATEGY.replace('["DEMO"]', '["DEMO", "LATE"]'));
    const path = await workspace.writeConfig();
    const { readFile, writeFile } = await import("node:fs/promises");
    const lines = (await readFile(path, "utf8")).split("\n").flatMap((line) => {
      if (line.startsWith("data:")) return [line.replace("]", ", { symbol: LATE, price_mode: raw }]")];
      return line.includes("asset_class") ? [line, line.replaceAll("DEMO", "LATE")] : [line];
    });
    await writeFile(path, lines.join("\n"));
    const outcome = await runBacktest(workspace.ports, { configPath: path });
    if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
    const found = await workspace.ports.runs.find(outcome.result.run_id);
    if (found.kind !== "found") throw new Error("the run was not stored");
    expect(await prove(found.run, 8)).toMatchObject({ verdict: "passed", failure: null });
  });

  it("catches a strategy that got hold of the bars to come, and names cut, event, both payloads and the bar", async () => {
    await workspace.writeStrategy(TAKES_COLUMNS);
    const run = await backtest();
    const { verdict, points, failure } = await prove(run, 60);
    expect(verdict).toBe("failed");
    expect(points.at(-1)).toMatchObject({ passed: false });
    const shown = [failure?.whole, failure?.without].filter((event) => event != null);
    expect(shown.length).toBeGreaterThan(0);
    // Three bars before the cut the run on cut data no longer knows what comes.
    const ts = shown[0]?.occurred_at ?? 0;
    expect(ts).toBeLessThanOrEqual(failure?.cut.ts ?? 0);
    expect(ts).toBeGreaterThanOrEqual((failure?.cut.ts ?? 0) - 3 * 60_000);
    expect(failure?.bar).toMatchObject({ symbol: "DEMO", ts });
  });

  it("catches a strategy that remembers an earlier run", async () => {
    await workspace.writeStrategy(REMEMBERS);
    expect((await prove(await backtest(), 3)).verdict).toBe("failed");
  });

  it("catches bars that were centred on the way to the engine", async () => {
    await workspace.writeStrategy(VOLUME_STRATEGY);
    const ports = smoothing(workspace.ports);
    const run = await backtest("", ports);
    const { verdict, failure } = await prove(run, 60, ports);
    expect(verdict).toBe("failed");
    expect(failure?.position).toBeGreaterThan(1);
  });

  it("cannot see what was known before the run: a constant that was fitted to the whole history passes", async () => {
    const demo = workspace.bars.get("DEMO") as BarColumns;
    const top = Math.max(...demo.close.slice(0, demo.rows)) / 10 ** demo.price_scale;
    await workspace.writeStrategy(
      EMA_STRATEGY.replace("const { qty }", `if (bar.close >= ${top}) { ctx.exitLong(); return; }\n    const { qty }`),
    );
    expect((await prove(await backtest(), 4)).verdict).toBe("passed");
  });

  it("says of adjusted prices that no cut takes out what they know of later", async () => {
    workspace.bars.set("DEMO", { ...(workspace.bars.get("DEMO") as BarColumns), price_mode: "adjusted" });
    expect((await prove(await backtest(), 1)).notes).toEqual([expect.stringContaining("the bars of DEMO are adjusted")]);
  });

  it("says so where a run has no place to be cut, and where its inputs are gone", async () => {
    await workspace.writeStrategy(EMA_STRATEGY.replace("if (!slow.ready) return;", ""));
    const outcome = await runBacktest(workspace.ports, { configPath: await workspace.writeConfig("max_bars: 1\n") });
    if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
    const found = await workspace.ports.runs.find(outcome.result.run_id);
    if (found.kind !== "found") throw new Error("the run was not stored");
    expect(await proveNoLookahead(workspace.ports, { run: found.run, points: 3 })).toMatchObject({
      kind: "impossible",
      message: expect.stringContaining("single close time"),
    });
    workspace.bars.clear();
    expect(await proveNoLookahead(workspace.ports, { run: found.run, points: 3 })).toMatchObject({
      kind: "impossible",
      message: expect.stringContaining("missing from the workspace"),
    });
  });
});
