import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import { loadSqliteDriver } from "../../src/adapters/sqlite/load-sqlite-driver.js";
import { backtestPorts } from "../../src/apps/library/backtesting.js";
import type { Instrument } from "../../src/core/market/instrument.js";
import { runBacktest } from "../../src/usecases/run-backtest.js";
import { verifyRuns } from "../../src/usecases/verify-runs.js";
import { type BacktestWorkspace, backtestWorkspace, demoBars, EMA_STRATEGY } from "../support/backtest-workspace.js";

let workspace: BacktestWorkspace;
beforeEach(async () => {
  workspace = await backtestWorkspace();
});
afterEach(() => workspace.close());

async function run(options: Partial<Parameters<typeof runBacktest>[1]> = {}, config = ""): ReturnType<typeof runBacktest> {
  return runBacktest(workspace.ports, { configPath: await workspace.writeConfig(config), ...options });
}

async function ok(
  options: Partial<Parameters<typeof runBacktest>[1]> = {},
  config = "",
): Promise<Extract<Awaited<ReturnType<typeof runBacktest>>, { kind: "ok" }>["result"]> {
  const outcome = await run(options, config);
  if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
  return outcome.result;
}

describe("a backtest", () => {
  it("delivers every bar, trades, and stores tape, artifacts and manifest under its content's id", async () => {
    const result = await ok();
    expect(result).toMatchObject({ status: "completed", identical: null, bars: 4320 });
    expect(result.orders).toBeGreaterThan(50);
    expect(result.fills).toBeGreaterThan(50);
    expect(result.run_id).toMatch(/^[0-9a-f]{32}$/);
    expect(Object.keys(result.artifacts).sort()).toEqual([
      "cash_flows",
      "equity",
      "fills",
      "metrics",
      "orders",
      "pnl",
      "positions",
      "risk",
      "signals",
      "trades",
    ]);
    const files = await readdir(join(workspace.folder, ".onetape", "runs", result.run_id));
    expect(files).toEqual(
      expect.arrayContaining(["manifest.json", "metrics.json", "orders.csv", "orders.parquet", "risk.csv", "signals.parquet"]),
    );
    expect(await readdir(join(workspace.folder, ".onetape", "tmp"))).toEqual([]);
  });

  it("run again executes again and is identical to the stored run, which stays untouched", async () => {
    const first = await ok();
    const manifest = await readFile(join(first.dir ?? "", "manifest.json"), "utf8");
    const second = await ok();
    expect(second).toMatchObject({
      run_id: first.run_id,
      identical: true,
      cached: false,
      tape: first.tape,
      artifacts: first.artifacts,
      metrics: first.metrics,
    });
    expect(await readFile(join(first.dir ?? "", "manifest.json"), "utf8")).toBe(manifest);
  });

  it("run again is not called identical to a stored run whose files were changed or lost", async () => {
    const first = await ok();
    const dir = first.dir ?? "";
    const metrics = await readFile(join(dir, "metrics.json"), "utf8");
    await writeFile(join(dir, "metrics.json"), `${metrics} `);
    expect(await run()).toMatchObject({ kind: "mismatch", differs: ["metrics.json"], divergence: null });
    await writeFile(join(dir, "metrics.json"), metrics);
    const manifest = await readFile(join(dir, "manifest.json"), "utf8");
    const forged = JSON.parse(manifest);
    const fills = `${await readFile(join(dir, "fills.csv"), "utf8")}\n`;
    await writeFile(join(dir, "manifest.json"), JSON.stringify({ ...forged, totals: { ...forged.totals, fills: 7 } }));
    expect(await run()).toMatchObject({ kind: "mismatch", differs: ["manifest.json"], divergence: null });
    const original = await readFile(join(dir, "fills.csv"), "utf8");
    await writeFile(join(dir, "fills.csv"), fills);
    forged.files.fills.csv = { ...forged.files.fills.csv, sha256: sha256(fills), bytes: Buffer.byteLength(fills) };
    await writeFile(join(dir, "manifest.json"), JSON.stringify(forged));
    expect(await run()).toMatchObject({ kind: "mismatch", differs: ["fills"], divergence: null });
    await writeFile(join(dir, "fills.csv"), original);
    await writeFile(join(dir, "manifest.json"), manifest);
    await rm(join(dir, `run~${first.run_id}.tape.db`));
    expect(await run()).toMatchObject({ kind: "mismatch", differs: ["tape"], divergence: null });
  });

  it("whose store a newer version wrote is refused with both versions named", async () => {
    const { dir, run_id } = await ok();
    const connection = (await loadSqliteDriver()).open(join(dir ?? "", `run~${run_id}.tape.db`));
    connection.exec("UPDATE store_meta SET value = '7' WHERE key = 'store_version'");
    connection.close();
    const [verdict] = await verifyRuns(workspace.ports, { runs: await workspace.ports.runs.list() });
    expect(verdict).toMatchObject({ verified: false, message: expect.stringMatching(/version 7, .* up to 1$/) });
  });

  it("looks the answer up only when told to, and says so", async () => {
    const first = await ok();
    expect(await ok({ cached: true })).toMatchObject({ cached: true, tape: first.tape, metrics: first.metrics });
  });

  it("takes parameters of a flag over the config's, as if the config stated them", async () => {
    const stated = await ok({}, "params: { fast: 7, slow: 30 }\n");
    const overridden = await ok({ params: [{ name: "fast", text: "7" }] }, "params: { fast: 9, slow: 30 }\n");
    expect(overridden).toMatchObject({ run_id: stated.run_id, identical: true, tape: stated.tape });
    expect(await run({ params: [{ name: "fats", text: "7" }] })).toMatchObject({
      kind: "invalid",
      violations: [{ code: "PARAM_UNKNOWN", field: "--param", expected: "fast" }],
    });
  });

  it("gives the same bytes whether every batch or every block is committed", async () => {
    const blocks = await ok({ append: "block" });
    const strict = await ok({ append: "strict" });
    expect(strict).toMatchObject({ run_id: blocks.run_id, identical: true, tape: blocks.tape });
  });

  it("has another id and other artifacts when one price changes", async () => {
    const first = await ok();
    const changed = demoBars(3);
    changed.close[2000] = (changed.close[2000] ?? 0) + 500_000_000;
    changed.high[2000] = Math.max(changed.high[2000] ?? 0, changed.close[2000] ?? 0);
    workspace.bars.set("DEMO", changed);
    const second = await ok();
    expect(second.run_id).not.toBe(first.run_id);
    expect(second.artifacts["pnl"]).not.toBe(first.artifacts["pnl"]);
  });

  it("that differs from the stored run of its id is refused the name, and the first differing event is told", async () => {
    const first = await ok();
    const dir = first.dir ?? "";
    // A stored run of another content under this id, as a changed engine under the same build hash would leave it.
    const { runs } = workspace.ports;
    const found = await runs.find(first.run_id);
    if (found.kind !== "found") throw new Error("the run is missing");
    const { writeFile } = await import("node:fs/promises");
    const manifest = { ...found.run.manifest, tape: { ...found.run.manifest.tape, head_hash: "f".repeat(64) } };
    await writeFile(join(dir, "manifest.json"), JSON.stringify(manifest));
    const outcome = await run();
    expect(outcome).toMatchObject({
      kind: "mismatch",
      differs: ["tape"],
      kept_as: `mismatch-${first.run_id}-1`,
      divergence: { kind: "equal" },
    });
  });

  it("stored by two processes at once is one run, and both say what they got", async () => {
    const other = backtestPorts(join(workspace.folder, ".onetape"), workspace.ports.bars);
    try {
      const configPath = await workspace.writeConfig();
      const outcomes = await Promise.all([runBacktest(workspace.ports, { configPath }), runBacktest(other, { configPath })]);
      const results = outcomes.map((o) => (o.kind === "ok" ? o.result : null));
      expect(results[0]?.tape).toEqual(results[1]?.tape);
      expect(results.map((r) => r?.identical).sort()).toEqual([null, true].sort());
      expect(await readdir(join(workspace.folder, ".onetape", "runs"))).toHaveLength(1);
    } finally {
      await other.close();
    }
  });

  it("takes an instrument that only the import recorded, and refuses one in another currency", async () => {
    const { bars } = workspace.ports;
    const recorded = (currency: string): typeof bars => ({
      ...bars,
      find: async (wanted) => {
        const found = await bars.find(wanted);
        return found.kind === "found" ? { kind: "found", bars: { ...found.bars, instrument: { ...DEMO, currency } } } : found;
      },
    });
    const configPath = await workspace.writeConfig();
    const { readFile: read, writeFile: write } = await import("node:fs/promises");
    await write(configPath, (await read(configPath, "utf8")).replace(/instruments:\n.*\n/, ""));
    const nobody = await runBacktest(workspace.ports, { configPath });
    expect(nobody).toMatchObject({ kind: "invalid", violations: [{ code: "INSTRUMENT_UNKNOWN", line: 2 }] });
    expect((await runBacktest({ ...workspace.ports, bars: recorded("USD") }, { configPath })).kind).toBe("ok");
    const foreign = await runBacktest({ ...workspace.ports, bars: recorded("KRW") }, { configPath });
    expect(foreign).toMatchObject({ kind: "invalid", violations: [{ code: "NO_FX_RATE", value: "KRW" }] });
  });

  it("without a tape counts the same and stores nothing", async () => {
    const kept = await ok();
    const off = await ok({ tape: false });
    expect(off).toMatchObject({ orders: kept.orders, fills: kept.fills, bars: kept.bars, events: kept.events, dir: null, tape: null });
  });
});

describe("a backtest that cannot end well", () => {
  it("stops where the strategy throws, names the bar and the line, and keeps the tape up to the bar before", async () => {
    await workspace.writeStrategy(
      EMA_STRATEGY.replace(
        "const { qty } = ctx.position();",
        'const { qty } = ctx.position();\n    if (ctx.ts === Date2) throw new Error("planted");',
      ).replace("export default", "const Date2 = 1704110400000;\nexport default"),
    );
    const outcome = await run();
    if (outcome.kind !== "failed") throw new Error(JSON.stringify(outcome));
    const { error, status, tape, bars } = outcome.result;
    expect(status).toBe("failed");
    expect(error).toMatchObject({ code: "STRATEGY_THREW", message: "planted", handler: "onBar", bar_ts: 1_704_110_400_000 });
    expect(error.place).toMatchObject({ file: "strategy.ts", line: 13 });
    expect(error.place?.text).toContain("planted");
    expect(bars).toBe(720);
    expect(tape?.head_position).toBeGreaterThan(10);
    expect(await run()).toMatchObject({ kind: "failed", result: { identical: true } });
  });

  it("ends a handler that does not come back, under another name than its identity", async () => {
    await workspace.writeStrategy(
      EMA_STRATEGY.replace("if (!slow.ready) return;", "if (!slow.ready) return;\n    for (;;) if (ctx.ts < 0) return;"),
    );
    const outcome = await run({}, "time_budget_ms: 300\n");
    expect(outcome).toMatchObject({ kind: "aborted", reason: "time-budget" });
    if (outcome.kind !== "aborted") return;
    expect(outcome.message).toContain("300 ms");
    expect(outcome.kept_as).toMatch(/^aborted-time-budget-[0-9a-f]{32}-1$/);
    expect((await workspace.ports.runs.find(outcome.run_id)).kind).toBe("not_found");
    await workspace.writeStrategy(EMA_STRATEGY);
    expect((await run()).kind).toBe("ok");
  });

  it("is stopped by its signal and leaves no run under its id", async () => {
    // The strategy reaches the middle of the data and stays there until the signal comes: 60 s of budget are never used up.
    await workspace.writeStrategy(
      EMA_STRATEGY.replace(
        "if (!slow.ready) return;",
        "if (!slow.ready) return;\n    if (ctx.ts === 1704196800000) for (let i = 0; ; i++) if (i < 0) return;",
      ),
    );
    const stop = new AbortController();
    let bars = 0;
    const outcome = await run(
      {
        signal: stop.signal,
        onProgress: (done) => {
          bars = Math.max(bars, done.bars);
          if (bars >= 2160) stop.abort();
        },
      },
      "time_budget_ms: 60000\n",
    );
    expect(outcome).toMatchObject({ kind: "aborted", reason: "signal", kept_as: expect.stringMatching(/^aborted-signal-/) });
    // Bars close every minute from 2024-01-01 on: noon of the second day is bar 2,160 of 4,320.
    expect(bars).toBe(2160);
    if (outcome.kind !== "aborted") return;
    expect((await workspace.ports.runs.find(outcome.run_id)).kind).toBe("not_found");
    expect(await readdir(join(workspace.folder, ".onetape", "tmp"))).toEqual([]);
  });

  it("discards everything when the tape refuses a write, and the rerun reaches the head of the undisturbed run", async () => {
    const undisturbed = await backtestWorkspace();
    const expected = await runBacktest(undisturbed.ports, { configPath: await undisturbed.writeConfig() });
    await undisturbed.close();
    const { ports } = workspace;
    let blocks = 0;
    const failing: typeof ports = {
      ...ports,
      tapes: (dir) => {
        const store = ports.tapes(dir);
        return {
          logs: () => store.logs(),
          close: () => store.close(),
          open: async (options) => {
            const opened = await store.open(options);
            if (opened.kind !== "opened") return opened;
            const { session } = opened;
            const appendBlock: typeof session.appendBlock = (block) => {
              blocks += 1;
              return blocks === 3 ? Promise.resolve({ kind: "unavailable", cause: "the disk is full" }) : session.appendBlock(block);
            };
            return {
              kind: "opened",
              session: new Proxy(session, { get: (target, key) => (key === "appendBlock" ? appendBlock : bound(target, key)) }),
            };
          },
        };
      },
    };
    const outcome = await runBacktest(failing, { configPath: await workspace.writeConfig(), append: "strict" });
    expect(outcome).toMatchObject({ kind: "aborted", reason: "tape" });
    if (outcome.kind === "aborted") expect(outcome.message).toContain("the disk is full");
    const again = await run();
    if (again.kind !== "ok" || expected.kind !== "ok") throw new Error("both runs must end well");
    expect(again.result.tape).toEqual(expected.result.tape);
  });

  it("names the strategy's file as the config does: relative to the current folder where it lies below", async () => {
    await workspace.writeStrategy(EMA_STRATEGY.replace("const { qty }", "if (Date.now() < 0) return;\n    const { qty }"));
    const { folder } = workspace;
    await workspace.writeConfig();
    const here = vi.spyOn(process, "cwd");
    for (const [cwd, file] of [
      [folder, "strategy.ts"],
      [dirname(folder), join(basename(folder), "strategy.ts")],
      [join(folder, ".onetape"), join(folder, "strategy.ts")],
    ] as const) {
      here.mockReturnValue(cwd);
      const outcome = await runBacktest(workspace.ports, { configPath: join(folder, "backtest.yaml") });
      expect(outcome).toMatchObject({ kind: "invalid", violations: [{ file, line: 11 }] });
    }
    here.mockRestore();
  });

  it("reports all faults of config, strategy and data at once with their places", async () => {
    const outcome = await run({}, "params: { fst: 3, slow: 1 }\ntimeframe: 5m\n");
    if (outcome.kind !== "invalid") throw new Error(JSON.stringify(outcome));
    expect(outcome.violations.map((v) => v.code)).toEqual(expect.arrayContaining(["TIMEFRAME_MISMATCH", "PARAM_UNKNOWN"]));
    expect(outcome.violations.every((v) => v.file?.endsWith("backtest.yaml") === true && (v.line ?? 0) > 0)).toBe(true);
  });
});

function bound(target: object, key: string | symbol): unknown {
  const value: unknown = Reflect.get(target, key);
  return typeof value === "function" ? value.bind(target) : value;
}

const DEMO: Instrument = {
  symbol: "DEMO",
  asset_class: "other",
  currency: "USD",
  price_tick: "0.01",
  lot_step: "1",
  min_qty: "1",
  multiplier: "1",
  calendar: "24/7",
  settlement: "cash",
  guessed: [],
};
