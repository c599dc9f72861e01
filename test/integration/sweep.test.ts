import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import { FileSweepStore } from "../../src/adapters/sweep-store/file-sweep-store.js";
import { sweepPorts } from "../../src/apps/library/sweeping.js";
import { paramsAt } from "../../src/core/sweep/sweep-grid.js";
import { pointLine, readPointLine } from "../../src/core/sweep/sweep-point.js";
import { openPoint } from "../../src/usecases/open-point.js";
import { runBacktest } from "../../src/usecases/run-backtest.js";
import { runSweep, type SweepOutcome, type SweepRequest, type SweepRow } from "../../src/usecases/run-sweep.js";
import { listSweeps, showSweep } from "../../src/usecases/show-sweep.js";
import type { SweepPorts } from "../../src/usecases/sweep-ports.js";
import { type BacktestWorkspace, backtestWorkspace, demoBars, EMA_STRATEGY } from "../support/backtest-workspace.js";

let workspace: BacktestWorkspace;
let ports: SweepPorts;
beforeEach(async () => {
  workspace = await backtestWorkspace({ days: 2 });
  ports = portsIn(".onetape");
});
afterEach(() => workspace.close());

/** Sweeps of a home of their own, over the workspace's bars. */
function portsIn(home: string): SweepPorts {
  return sweepPorts(join(workspace.folder, home), workspace.ports);
}

const GRID = ["fast=4,8", "slow=20,30"];

async function sweep(
  grid: readonly string[] = GRID,
  options: Partial<SweepRequest> = {},
  where = ports,
  config = "",
): Promise<SweepOutcome> {
  const axes = grid.map((text) => {
    const [name = "", values = ""] = text.split("=");
    return { name, items: values.split(","), field: "--grid" };
  });
  return runSweep(where, { configPath: await workspace.writeConfig(config), grid: axes, params: [], workers: 2, ...options });
}

type Ended = Extract<SweepOutcome, { kind: "ended" }>;

async function ended(...args: Parameters<typeof sweep>): Promise<Ended> {
  const outcome = await sweep(...args);
  if (outcome.kind !== "ended") throw new Error(JSON.stringify(outcome));
  return outcome;
}

/** Name and hash of every file of a sweep, but for what says when it was made. */
async function filesOf(dir: string): Promise<readonly (readonly [string, string])[]> {
  const names = (await readdir(dir, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const files = names.filter(({ name }) => name !== "provenance.json").map(({ parentPath, name }) => join(parentPath, name));
  return Promise.all(
    files.sort().map(
      async (path) =>
        [
          path.slice(dir.length + 1),
          createHash("sha256")
            .update(await readFile(path))
            .digest("hex"),
        ] as const,
    ),
  );
}

/** A strategy that fails for some parameters: at the start, in a handler, or by never coming back. */
const TROUBLED = EMA_STRATEGY.replace(
  "indicators:",
  'warmup: (p) => { if (p.fast === 3) throw new Error("fast is 3"); return 0; },\n  indicators:',
).replace(
  "const { fast, slow }",
  'if (ctx.params.fast === 5 && bar.close > 0) throw new Error("fast is 5");\n    while (ctx.params.fast === 7) {}\n    const { fast, slow }',
);

describe("a point of a sweep", () => {
  it("is the backtest with its parameters: same run id, counts, metrics and content hash", async () => {
    const { rows, result } = await ended(GRID, { content_hashes: true });
    expect(rows).toHaveLength(4);
    for (const row of rows) {
      const params = Object.entries(row.params).map(([name, value]) => ({ name, text: String(value) }));
      const outcome = await runBacktest(ports, { configPath: join(workspace.folder, "backtest.yaml"), params });
      if (outcome.kind !== "ok") throw new Error(outcome.kind);
      const { run_id, bars, events, signals, orders, fills, trades, metrics, tape } = outcome.result;
      expect({ ...row, metrics: {}, undefined_metrics: {}, standard_errors: {} }).toEqual({
        point: row.point,
        params: paramsAt(
          {
            axes: [
              { name: "fast", values: [4, 8], ordered: true },
              { name: "slow", values: [20, 30], ordered: true },
            ],
            points: 4,
          },
          row.point,
        ),
        run_id,
        status: "ok",
        bars,
        events,
        signals,
        orders,
        fills,
        trades,
        content_hash: tape?.content_hash,
        metrics: {},
        undefined_metrics: {},
        standard_errors: {},
        error: null,
      });
      for (const [id, { value, reason, standard_error }] of Object.entries(metrics)) {
        expect([id, row.metrics[id] ?? null, row.undefined_metrics[id], row.standard_errors[id]]).toEqual([
          id,
          value,
          reason,
          standard_error,
        ]);
      }
      expect(Object.keys(row.metrics).length + Object.keys(row.undefined_metrics).length).toBe(Object.keys(metrics).length);
    }
    expect(new Set(rows.map(({ run_id }) => run_id)).size).toBe(4);
    expect(result).toMatchObject({
      status: "complete",
      points: 4,
      taken: 0,
      computed: 4,
      identical: null,
      summary: { ok: 4, trials: { count: 4 } },
    });
  });

  it("carries no content hash unless it is asked for; both ways are sweeps of their own with the same figures", async () => {
    const plain = await ended();
    const hashed = await ended(GRID, { content_hashes: true });
    expect(hashed.result.sweep_id).not.toBe(plain.result.sweep_id);
    expect(plain.rows.every(({ content_hash }) => content_hash === null)).toBe(true);
    expect(hashed.rows.map((row) => ({ ...row, content_hash: null }))).toEqual(plain.rows);
  });

  it("can be opened as a run from the sweep's own copies, after the author's files have changed", async () => {
    const { sweep: stored, rows } = await ended();
    await workspace.writeStrategy("export default 1;");
    const opened = await openPoint(ports, { sweep: stored, point: 3 });
    if (opened.kind !== "opened") throw new Error(JSON.stringify(opened));
    expect([opened.result.run_id, opened.differs]).toEqual([rows[2]?.run_id, []]);
    const found = await ports.runs.find(rows[2]?.run_id ?? "");
    expect(found.kind).toBe("found");
  });

  it("is not opened by another engine, nor without its inputs", async () => {
    const { sweep: stored } = await ended();
    const other = { ...ports, engine: { version: "9.9.9", build: "f".repeat(64) } };
    expect(await openPoint(other, { sweep: stored, point: 1 })).toMatchObject({
      kind: "unavailable",
      message: expect.stringContaining("9.9.9"),
    });
    await writeFile(join(stored.dir, "inputs", stored.manifest.config_sha256), "{}");
    expect(await openPoint(ports, { sweep: stored, point: 1 })).toMatchObject({
      kind: "unavailable",
      message: expect.stringContaining("altered"),
    });
  });

  it("whose stored figures are not those of its run is told", async () => {
    const { sweep: stored, rows } = await ended();
    const lines = rows.map((row) =>
      pointLine(row.point === 2 ? { ...row, orders: row.orders + 1, metrics: { ...row.metrics, sharpe: 99 } } : row, sha256),
    );
    await writeFile(join(stored.dir, "points.ndjson"), `${lines.join("\n")}\n`);
    expect(await openPoint(ports, { sweep: stored, point: 2 })).toMatchObject({ kind: "opened", differs: ["orders", "sharpe"] });
    expect(await openPoint(ports, { sweep: stored, point: 1 })).toMatchObject({ kind: "opened", differs: [] });
  });
});

describe("a sweep", () => {
  it("leaves the same bytes for 1, 2 and 3 workers", async () => {
    const one = await ended(GRID, { workers: 1 }, portsIn("one"));
    const two = await ended(GRID, { workers: 2 }, portsIn("two"));
    const three = await ended(["slow=30,20", "fast=4,8"], { workers: 3 }, portsIn("three"));
    const files = await filesOf(one.result.dir);
    expect(files.map(([name]) => name).filter((name) => !name.startsWith("inputs"))).toEqual([
      "heat-map.html",
      "heat-map.svg",
      "manifest.json",
      "points.ndjson",
      "results.csv",
      "results.parquet",
    ]);
    expect(await filesOf(two.result.dir)).toEqual(files);
    expect(await filesOf(three.result.dir)).toEqual(files);
  });

  it("tells rows in grid order, whatever the order in which they end", async () => {
    const told: SweepRow[] = [];
    const { rows } = await ended(["fast=1..9"], { workers: 3, onRow: (row) => told.push(row) });
    expect(told).toEqual(rows);
    expect(told.map(({ point }) => point)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("keeps what has ended when it is stopped, goes on from there, and ends in the same bytes", async () => {
    const stop = new AbortController();
    let durable = 0;
    const onPoint = (): void => {
      durable += 1;
      if (durable === 3) stop.abort();
    };
    const first = await sweep(["fast=1..9"], { workers: 2, signal: stop.signal, onPoint });
    if (first.kind !== "aborted") throw new Error(first.kind);
    expect(first.done).toBeGreaterThanOrEqual(3);
    expect(first.done).toBeLessThan(9);
    expect(await listSweeps(ports)).toMatchObject([{ sweep_id: first.sweep_id, status: "unfinished", done: first.done, points: 9 }]);
    const told: SweepRow[] = [];
    const second = await ended(["fast=1..9"], { resume: true, onRow: (row) => told.push(row) });
    expect(second.result).toMatchObject({ sweep_id: first.sweep_id, taken: first.done, computed: 9 - first.done, status: "complete" });
    expect(told.map(({ point }) => point)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const undisturbed = await ended(["fast=1..9"], { workers: 1 }, portsIn("other"));
    expect(await filesOf(second.result.dir)).toEqual(await filesOf(undisturbed.result.dir));
    const third = await ended(["fast=1..9"]);
    expect(third.result).toMatchObject({ taken: 9, computed: 0 });
    expect(await filesOf(third.result.dir)).toEqual(await filesOf(undisturbed.result.dir));
  });

  it("of another strategy, config, data, grid or engine is another sweep, and there is nothing to resume", async () => {
    const first = await ended();
    const others: Ended[] = [await ended(["fast=4,8", "slow=20,31"]), await ended(GRID, {}, ports, "on_end: flatten\n")];
    await workspace.writeStrategy(EMA_STRATEGY.replace('version: "1.0.0"', 'version: "1.0.1"'));
    expect(await sweep(GRID, { resume: true })).toMatchObject({ kind: "nothing_to_resume", others: [{}, {}, {}] });
    others.push(await ended());
    await workspace.writeStrategy(EMA_STRATEGY);
    others.push(await ended(GRID, {}, { ...ports, engine: { version: "0.0.0", build: "0".repeat(64) } }));
    workspace.bars.set("DEMO", demoBars(2, 8));
    others.push(await ended());
    const ids = [first, ...others].map(({ result }) => result.sweep_id);
    expect(new Set(ids).size).toBe(6);
    expect(others.every(({ result }) => result.taken === 0)).toBe(true);
  });

  it("computes again on demand, and says whether the same came out", async () => {
    const first = await ended();
    expect((await ended(GRID, { recompute: true })).result).toMatchObject({ identical: true, taken: 0, computed: 4 });
    const path = join(first.result.dir, "points.ndjson");
    const rows = first.rows.map((row) => (row.point === 3 ? { ...row, fills: row.fills + 1 } : row));
    await writeFile(path, rows.map((row) => `${pointLine(row, sha256)}\n`).join(""));
    expect(await sweep(GRID, { recompute: true })).toEqual({ kind: "mismatch", sweep_id: first.result.sweep_id, points: [3] });
    expect((await readFile(path, "utf8")).split("\n").map((line) => readPointLine(line, sha256)?.fills)).toEqual([
      ...rows.map(({ fills }) => fills),
      undefined,
    ]);
  });

  it("computes the points of damaged lines again and says which; a cut last line is as good as absent", async () => {
    const first = await ended();
    const path = join(first.result.dir, "points.ndjson");
    const text = await readFile(path, "utf8");
    const lines = text.split("\n");
    await writeFile(
      path,
      [lines[0], (lines[1] ?? "").replace('"status":"ok"', '"status":"OK"'), lines[2], (lines[3] ?? "").slice(0, 80)].join("\n"),
    );
    let damaged: readonly string[] = [];
    const second = await ended(GRID, { onStart: (start) => (damaged = start.damaged) });
    expect([second.result.taken, damaged]).toEqual([2, ["points.ndjson:2"]]);
    expect(await readFile(path, "utf8")).toBe(text);
  });

  it("refuses points that were stored twice with different content", async () => {
    const { result, rows } = await ended();
    const [row] = rows;
    if (row === undefined) throw new Error("no row");
    await writeFile(join(result.dir, "points-1-abc.ndjson"), `${pointLine({ ...row, fills: 0 }, sha256)}\n`);
    expect(await sweep()).toEqual({ kind: "mismatch", sweep_id: result.sweep_id, points: [1] });
  });

  it("worked on by two at once is one sweep", async () => {
    const [left, right] = await Promise.all([ended(["fast=1..6"], { workers: 1 }), ended(["fast=1..6"], { workers: 1 })]);
    expect(left.rows).toEqual(right.rows);
    expect((await new FileSweepStore(join(workspace.folder, ".onetape"), sha256).points(left.sweep)).points).toEqual(left.rows);
  });

  it("sealed by two at once loses nothing that either still writes", async () => {
    const { sweep: stored, rows } = await ended(["fast=1..2"], { workers: 1 });
    const store = new FileSweepStore(join(workspace.folder, ".onetape"), sha256);
    const seal = (files: (folder: string) => Promise<void>): ReturnType<typeof store.seal> =>
      store.seal(stored, rows, files, (written) => ({ ...stored.manifest, files: written }), {});
    let begun = (): void => {};
    let otherEnded = (): void => {};
    const writing = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const other = new Promise<void>((resolve) => {
      otherEnded = resolve;
    });
    const first = seal(async (folder) => {
      await writeFile(join(folder, "one.csv"), "1");
      begun();
      await other;
    });
    await writing;
    await seal((folder) => writeFile(join(folder, "two.csv"), "2"));
    otherEnded();
    expect(Object.keys((await first).manifest.files)).toContain("one.csv");
    expect((await readdir(stored.dir)).filter((name) => name.startsWith("."))).toEqual([]);
  });
});

describe("a strategy that fails", () => {
  it("makes a failed row of its point, and the sweep goes on", async () => {
    await workspace.writeStrategy(TROUBLED);
    const { rows, result, sweep: stored } = await ended(["fast=3..6"]);
    expect(rows.map(({ status, error }) => [status, error?.message ?? null])).toEqual([
      ["failed", "fast is 3"],
      ["ok", null],
      ["failed", "fast is 5"],
      ["ok", null],
    ]);
    expect(rows[0]).toMatchObject({ bars: 0, events: 0, metrics: {} });
    expect(result).toMatchObject({ status: "complete", summary: { ok: 2, failed: 2, over_budget: 0 } });
    expect(await openPoint(ports, { sweep: stored, point: 3 })).toMatchObject({
      kind: "opened",
      differs: [],
      result: { status: "failed", run_id: rows[2]?.run_id },
    });
    expect(await openPoint(ports, { sweep: stored, point: 1 })).toMatchObject({
      kind: "unavailable",
      message: expect.stringContaining("fast is 3"),
    });
    const csv = await readFile(join(result.dir, "results.csv"), "utf8");
    expect(csv.split("\n")[1]).toMatch(/^1,3,failed,/);
  });

  it("and never comes back is ended; its point is no result, and is tried again", async () => {
    await workspace.writeStrategy(TROUBLED);
    const config = "time_budget_ms: 300\n";
    const first = await ended(["fast=6..8"], { workers: 1 }, ports, config);
    expect(first.rows.map(({ point }) => point)).toEqual([1, 3]);
    expect(first.result).toMatchObject({ status: "partial", summary: { ok: 2, over_budget: 1 } });
    expect((await readFile(join(first.result.dir, "results.csv"), "utf8")).split("\n")[2]).toMatch(/^2,7,over_budget,/);
    const told: SweepRow[] = [];
    const second = await ended(["fast=6..8"], { workers: 2, onRow: (row) => told.push(row) }, ports, config);
    expect(second.result).toMatchObject({ sweep_id: first.result.sweep_id, taken: 2, status: "partial" });
    expect(told[1]).toEqual({ point: 2, params: { fast: 7 }, status: "over_budget", budget: "handler" });
  });

  it("by taking too long as a whole is ended by the point's own budget", async () => {
    const slow = EMA_STRATEGY.replace(
      "const { fast, slow }",
      "let n = 0; while (n < (ctx.params.fast === 9 ? 3e7 : 0)) n += 1;\n    const { fast, slow }",
    );
    await workspace.writeStrategy(slow);
    const { result } = await ended(["fast=8..10"], { point_budget_ms: 4000 });
    expect(result).toMatchObject({ status: "partial", summary: { ok: 2, over_budget: 1 } });
  });
});

describe("a sweep's grid", () => {
  const section = "sweep: { grid: { fast: 4..8:4, slow: [20, 30] }, metric: calmar, max_points: 4 }\n";

  it("may stand in the config; flags win, parameter by parameter", async () => {
    const stated = await ended([], {}, ports, section);
    expect(stated.result).toMatchObject({ points: 4, ranking: { metric: "calmar", goal: "max" } });
    // The section is no part of the configuration that a run resolves.
    expect(stated.rows).toEqual((await ended(GRID)).rows);
    expect((await ended(["fast=5"], { metric: "dd.max" }, ports, section)).result).toMatchObject({
      points: 2,
      ranking: { metric: "dd.max", goal: "min" },
    });
    expect((await ended([], { params: [{ name: "slow", text: "30" }] }, ports, section)).result.points).toBe(2);
  });

  it.each([
    ["empty", [], "", ["GRID_EMPTY"]],
    ["larger than its limit", ["fast=1..3"], section, ["GRID_TOO_LARGE"]],
    ["endless", ["fast=1..9:0"], "", ["GRID_ENDLESS"]],
    [
      "of an unknown parameter, with an unknown metric",
      ["fsat=1"],
      "sweep: { grid: { slow: 20 }, metric: shrpe }\n",
      ["PARAM_UNKNOWN", "METRIC_UNKNOWN"],
    ],
  ])("is refused when it is %s", async (_, grid, config, codes) => {
    const outcome = await sweep(grid, {}, ports, config);
    expect(outcome.kind === "invalid" ? outcome.violations.map(({ code }) => code) : outcome.kind).toEqual(codes);
  });

  it("is refused at its place in the config, with all other faults of the config", async () => {
    const outcome = await sweep([], {}, ports, "sweep: { grid: { fast: 9..5, fsat: 1 } }\nparams: { slow: 1 }\n");
    if (outcome.kind !== "invalid") throw new Error(outcome.kind);
    expect(outcome.violations.map(({ code, field, line, column }) => [code, field, line, column])).toEqual([
      ["GRID_ENDLESS", "/sweep/grid/fast", 8, 24],
      ["PARAM_UNKNOWN", "/sweep/grid/fsat", 8, 36],
      ["PARAM_INVALID", "/params/slow", 9, 17],
    ]);
    expect(await sweep(["fast=1,2"], { params: [{ name: "fast", text: "3" }] })).toMatchObject({
      kind: "invalid",
      violations: [{ code: "PARAM_HELD_AND_SWEPT", field: "--param" }],
    });
    const wrong = await sweep([], {}, ports, "sweep: { grid: { fast: [] }, metrics: sharpe }\n");
    expect(wrong).toMatchObject({
      kind: "invalid",
      violations: [{ field: "/sweep/grid/fast" }, { code: "CONFIG_UNKNOWN_KEY", value: "metrics" }],
    });
  });

  it("does not keep a backtest from running", async () => {
    const outcome = await runBacktest(ports, { configPath: await workspace.writeConfig(section) });
    expect(outcome.kind).toBe("ok");
  });
});

it("a stored sweep is ranked by any metric", async () => {
  const { sweep: stored, rows } = await ended();
  const answer = await showSweep(ports, stored, { metric: "dd.max" });
  if (answer.kind !== "shown") throw new Error(answer.message);
  const depths = rows.map(({ metrics }) => Number(metrics["dd.max"]));
  expect(answer.shown.ranked.map(({ metrics }) => metrics["dd.max"])).toEqual([...depths].sort((a, b) => a - b));
  expect(await showSweep(ports, stored, { metric: "sharp" })).toMatchObject({ kind: "invalid", expected: "sharpe" });
});
