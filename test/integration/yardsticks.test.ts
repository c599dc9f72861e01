/** What a run's statistics are judged by: stated in the config, kept with the run, on its tape, and never seen by an order. */
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fileArtifactReader } from "../../src/adapters/artifacts/file-artifact-reader.js";
import { openOnetape } from "../../src/apps/library/onetape.js";
import type { StoredRun } from "../../src/ports/run-store.js";
import { explainRun } from "../../src/usecases/explain-run.js";
import { readReport } from "../../src/usecases/read-report.js";
import { type BacktestResult, runBacktest } from "../../src/usecases/run-backtest.js";
import { type BacktestWorkspace, backtestWorkspace, demoBars } from "../support/backtest-workspace.js";

const DAYS = 12;
const JUDGED = `benchmark: { symbol: INDEX, price_mode: raw }
trials: { count: 40, sharpe_variance: 0.002 }
out_of_sample_from: 2024-01-09
`;

let workspace: BacktestWorkspace;

beforeAll(async () => {
  workspace = await backtestWorkspace({ days: DAYS });
  workspace.bars.set("INDEX", { ...demoBars(DAYS, 11), symbol: "INDEX" });
});
afterAll(() => workspace.close());

async function run(changes: string): Promise<BacktestResult> {
  const outcome = await runBacktest(workspace.ports, { configPath: await workspace.writeConfig(changes) });
  if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
  return outcome.result;
}

async function stored(result: BacktestResult): Promise<StoredRun> {
  const found = await workspace.ports.runs.find(result.run_id);
  if (found.kind !== "found") throw new Error("the run is not stored");
  return found.run;
}

async function refused(changes: string): Promise<unknown> {
  const outcome = await runBacktest(workspace.ports, { configPath: await workspace.writeConfig(changes) });
  return outcome.kind === "invalid" ? outcome.violations.map(({ code, field, line }) => ({ code, field, line })) : outcome.kind;
}

describe("a run that states them", () => {
  test("trades the same, has an id of its own, and comes out the same when it runs again", async () => {
    const [plain, judged, again] = [await run(""), await run(JUDGED), await run(JUDGED)];
    expect(judged.run_id).not.toBe(plain.run_id);
    expect([judged.fills, judged.metrics["final_equity"]]).toEqual([plain.fills, plain.metrics["final_equity"]]);
    expect([again.run_id, again.identical]).toEqual([judged.run_id, true]);
  });

  test("has a beta, 40 trials and two parts, where the plain run has reasons", async () => {
    const [plain, judged] = [await run(""), await run(JUDGED)];
    const of = ({ metrics }: BacktestResult): unknown[] =>
      ["bm.beta", "hy.trials", "hy.oos_sharpe"].map((id) => metrics[id]?.reason ?? metrics[id]?.n ?? metrics[id]?.value);
    expect(of(plain)).toEqual(["NO_BENCHMARK", 1, "NO_SPLIT"]);
    // Twelve days from midnight to midnight; four of them from the ninth on.
    expect(of(judged)).toEqual([DAYS, 40, 4]);
    expect(judged.metrics["dsr"]?.parameters).toEqual({ trials: 40 });
    expect(Number(judged.metrics["dsr"]?.value)).toBeLessThan(Number(plain.metrics["dsr"]?.value));
  });

  test("may be judged by bars that it is the first to import", async () => {
    const folder = await mkdtemp(join(tmpdir(), "onetape-benchmark-"));
    const onetape = openOnetape({ home: join(folder, "home") });
    try {
      for (const name of ["ema-cross", "data"]) await cp(join("examples", name), join(folder, name), { recursive: true });
      const configPath = join(folder, "ema-cross/backtest.yaml");
      await appendFile(configPath, "benchmark: { symbol: DEMO, price_mode: raw }\n");
      const outcome = await onetape.backtest({ configPath });
      if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
      expect(outcome.result.metrics["bm.beta"]?.value).not.toBeNull();
    } finally {
      await onetape.close();
      await rm(folder, { recursive: true });
    }
  });

  test("is explained and reported from its own copies, whatever became of the bars", async () => {
    const result = await run(JUDGED);
    const index = workspace.bars.get("INDEX");
    workspace.bars.delete("INDEX");
    try {
      const explained = await explainRun(workspace.ports, { run: await stored(result), what: "bm.beta" });
      expect(explained).toMatchObject({ kind: "explained", explanation: { result: { value: result.metrics["bm.beta"]?.value } } });
      const report = await readReport({ ...workspace.ports, reader: fileArtifactReader }, await stored(result));
      if (report.kind !== "read") throw new Error(JSON.stringify(report));
      const { benchmark, equity, assumptions } = report.sheet;
      expect(benchmark).toMatchObject({ name: "INDEX", values: { length: equity.ts.length } });
      expect(assumptions.filter(({ id }) => ["benchmark", "trials", "out_of_sample"].includes(id)).map(({ value }) => value)).toEqual([
        "INDEX, 1m, raw, bought at the run's first close and held",
        "chosen from 40",
        "from 2024-01-09 on",
      ]);
    } finally {
      if (index !== undefined) workspace.bars.set("INDEX", index);
    }
  });

  test("whose copy of the closes is gone has no report and no explanation", async () => {
    const result = await run(JUDGED.replace("count: 40", "count: 41"));
    const kept = await stored(result);
    const config = JSON.parse((await workspace.ports.runs.input(kept, kept.manifest.config_sha256)) ?? "{}") as {
      benchmark: { closes_sha256: string };
    };
    await rm(join(kept.dir, "inputs", config.benchmark.closes_sha256));
    expect(await readReport({ ...workspace.ports, reader: fileArtifactReader }, kept)).toMatchObject({ kind: "altered" });
    expect((await explainRun(workspace.ports, { run: await stored(result), what: "bm.beta" })).kind).not.toBe("explained");
  });
});

test("held against itself, a symbol that is bought at the first close and kept has a beta of one and no excess", async () => {
  await workspace.writeStrategy(`import { defineStrategy } from "onetape/strategy";
export default defineStrategy({
  meta: { name: "hold", version: "1.0.0", universe: ["DEMO"], timeframe: "1m", required_fields: ["close"], session: "all" },
  params: {},
  state: () => ({ bought: false }),
  onBar(bar, ctx) {
    if (ctx.state.bought) return;
    ctx.state.bought = true;
    ctx.targetPercent(100);
  },
});
`);
  const all = "benchmark: { symbol: DEMO, price_mode: raw }\n";
  const path = await workspace.writeConfig(all);
  const text = (await readFile(path, "utf8"))
    .replace(/execution: .*/, "execution: { fill_timing: signal_close }")
    .replace("lot_step: 1, min_qty: 1", "lot_step: 0.00000001, min_qty: 0.00000001");
  await writeFile(path, text);
  const outcome = await runBacktest(workspace.ports, { configPath: path });
  if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
  const { metrics } = outcome.result;
  expect(Number(metrics["bm.beta"]?.value)).toBeCloseTo(1, 5);
  expect(Number(metrics["bm.excess"]?.value)).toBeCloseTo(0, 3);
  expect(metrics["bm.beta"]).toMatchObject({ n: DAYS, parameters: { missing_dates: 0 } });
});

describe("refused with their place", () => {
  test("a benchmark without bars", async () => {
    expect(await refused("benchmark: { symbol: NONE, price_mode: raw }\n")).toMatchObject([{ code: "NO_DATA", line: expect.any(Number) }]);
  });

  test("a split with nothing on one side of it, and one that is no day", async () => {
    expect(await refused("out_of_sample_from: 2024-01-01\n")).toMatchObject([{ code: "SPLIT_OUTSIDE_RUN", field: "/out_of_sample_from" }]);
    expect(await refused("out_of_sample_from: 2024-02-01\n")).toMatchObject([{ code: "SPLIT_OUTSIDE_RUN", line: expect.any(Number) }]);
    expect(await refused("out_of_sample_from: 2024-02-30\n")).toMatchObject([{ code: "CONFIG_VALUE", field: "/out_of_sample_from" }]);
  });

  test("trials of nothing, and a variance below zero", async () => {
    expect(await refused("trials: { count: 0, sharpe_variance: -1 }\n")).toMatchObject([
      { field: "/trials/count" },
      { field: "/trials/sharpe_variance" },
    ]);
  });
});
