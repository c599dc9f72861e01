import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import type { RunManifest, StoredRun } from "../../src/ports/run-store.js";
import { runBacktest } from "../../src/usecases/run-backtest.js";
import { type RunVerification, verifyFolders, verifyRuns } from "../../src/usecases/verify-runs.js";
import { type BacktestWorkspace, backtestWorkspace, EMA_STRATEGY } from "../support/backtest-workspace.js";

let workspace: BacktestWorkspace;
let run: StoredRun;

beforeAll(async () => {
  workspace = await backtestWorkspace({ days: 1 });
  run = await stored();
});
afterAll(() => workspace.close());

async function stored(config = ""): Promise<StoredRun> {
  const outcome = await runBacktest(workspace.ports, { configPath: await workspace.writeConfig(config) });
  const name =
    outcome.kind === "ok" || outcome.kind === "failed" ? outcome.result.run_id : outcome.kind === "aborted" ? outcome.kept_as : null;
  const found = await workspace.ports.runs.find(name ?? "");
  if (found.kind !== "found") throw new Error(JSON.stringify(outcome));
  return found.run;
}

async function verify(one = run, level: "L1" | "L2" = "L2", ports = workspace.ports): Promise<RunVerification> {
  const [result] = await verifyRuns(ports, { runs: [one], level });
  if (result === undefined) throw new Error("no result");
  return result;
}

type Forged = (manifest: RunManifest) => RunManifest;

describe("a manifest that says something else than its tape", () => {
  const other = "a".repeat(64);
  it.each<[string, Forged, string]>([
    ["fewer fills", (m) => ({ ...m, totals: { ...m.totals, fills: m.totals.fills - 1 } }), "totals.fills"],
    ["fewer trades", (m) => ({ ...m, totals: { ...m.totals, trades: m.totals.trades - 1 } }), "totals.trades"],
    ["more events", (m) => ({ ...m, totals: { ...m.totals, events: m.totals.events + 1 } }), "totals.events"],
    ["another identity of an artifact", (m) => ({ ...m, artifacts: { ...m.artifacts, pnl: other } }), "artifacts.pnl"],
    ["another identity of the metrics", (m) => ({ ...m, artifacts: { ...m.artifacts, metrics: other } }), "artifacts.metrics"],
    ["an artifact less", (m) => ({ ...m, files: Object.fromEntries(Object.entries(m.files).filter(([n]) => n !== "risk")) }), "files.risk"],
    ["another content hash", (m) => ({ ...m, tape: { ...m.tape, content_hash: other } }), "tape.content_hash"],
    ["a failure that was none", (m) => ({ ...m, status: "failed", error: { code: "STRATEGY_THREW" } }), "status"],
    ["an abort that was none", (m) => ({ ...m, status: "aborted" }), "totals.orders"],
    ["another run id", (m) => ({ ...m, run_id: "b".repeat(32) }), "run_id"],
    ["another build", (m) => ({ ...m, engine: { ...m.engine, build: other } }), "run_id"],
    ["another version of the strategy", (m) => ({ ...m, strategy: { ...m.strategy, version: "9.9.9" } }), "strategy.version"],
    ["another source of the strategy", (m) => ({ ...m, strategy: { ...m.strategy, source_sha256: other } }), "run_id"],
    ["fewer rows", (m) => ({ ...m, inputs: m.inputs.map((i) => ({ ...i, rows: 1 })) }), "inputs"],
    ["no research", (m) => ({ ...m, research: !m.research }), "research"],
    ["another fill timing", (m) => ({ ...m, assumptions: { ...m.assumptions, on_end: "flatten" } }), "assumptions.on_end"],
  ])("is found: %s", async (_, forge, field) => {
    const result = await verify({ ...run, manifest: forge(run.manifest) });
    expect(result).toMatchObject({ verified: false, failure: null });
    expect(result.contradictions.map((c) => c.field)).toEqual(
      expect.arrayContaining([expect.stringMatching(`^${field.replace(".", "\\.")}`)]),
    );
    expect(result.message).toContain("the tape");
  });

  it("names what the tape gives and what the manifest says", async () => {
    const { totals } = run.manifest;
    const { contradictions, message } = await verify({ ...run, manifest: { ...run.manifest, totals: { ...totals, orders: 7 } } });
    expect(contradictions).toEqual([{ field: "totals.orders", expected: String(totals.orders), actual: "7" }]);
    expect(message).toBe("the manifest's totals.orders contradicts the tape");
  });

  it("does not hide an edited table behind an edited hash", async () => {
    const path = join(run.dir, "fills.csv");
    const original = await readFile(path, "utf8");
    const edited = original.replace(/buy/, "sell");
    expect(edited).not.toBe(original);
    await writeFile(path, edited);
    const files = structuredClone(run.manifest.files) as Record<string, Record<string, Record<string, string>>>;
    Object.assign(files["fills"]?.["csv"] ?? {}, { sha256: sha256(edited) });
    const result = await verify({ ...run, manifest: { ...run.manifest, files } });
    await writeFile(path, original);
    expect(result).toMatchObject({ verified: false, files: [], contradictions: [{ field: "files.fills.csv.sha256" }] });
  });
});

describe("what a run keeps for its replay", () => {
  it.each(["config_sha256", "bundle_sha256", "source_map_sha256"] as const)("is checked by its hash: %s", async (key) => {
    const hash = key === "config_sha256" ? run.manifest.config_sha256 : run.manifest.strategy[key];
    const path = join(run.dir, "inputs", hash);
    const text = await readFile(path, "utf8");
    await writeFile(path, `${text} `);
    expect(await verify()).toMatchObject({ verified: false, files: [{ path: `inputs/${hash}`, problem: "changed" }] });
    await rm(path);
    expect(await verify(run, "L1")).toMatchObject({ verified: false, files: [{ path: `inputs/${hash}`, problem: "missing" }] });
    await writeFile(path, text);
    expect(await verify()).toMatchObject({ verified: true });
  });
});

describe("what verification says it checked", () => {
  it("is all of a whole run at L2, and less at L1", async () => {
    const full = await verify();
    expect(full).toMatchObject({ verified: true, unchecked: [] });
    expect(full.message).toBe("checked chain, payloads, head, manifest, artifacts, files, inputs");
    expect((await verify(run, "L1")).message).toBe("checked chain, head, files, inputs");
  });

  it("leaves out the artifacts where the bars are gone or another build recorded the run, and says so", async () => {
    const bars = { ...workspace.ports.bars, load: () => Promise.resolve(null) };
    const without = await verify(run, "L2", { ...workspace.ports, bars });
    expect(without).toMatchObject({ verified: true, unchecked: [{ part: "artifacts" }] });
    expect(without.message).toBe(
      "checked chain, payloads, head, manifest, files, inputs; artifacts not compared with the tape: the bars of DEMO are missing from the workspace or altered",
    );
    const totals = { ...run.manifest.totals, signals: 1 };
    expect(await verify({ ...run, manifest: { ...run.manifest, totals } }, "L2", { ...workspace.ports, bars })).toMatchObject({
      verified: false,
      contradictions: [{ field: "totals.signals" }],
    });
    const engine = { version: "9.0.0", build: "c".repeat(64) };
    expect(await verify(run, "L2", { ...workspace.ports, engine })).toMatchObject({
      verified: true,
      unchecked: [{ part: "artifacts", why: "another build of the engine recorded the run" }],
    });
  });
});

describe("runs of every ending", () => {
  it("a failed and an aborted run hold as they were stored", async () => {
    await workspace.writeStrategy(
      EMA_STRATEGY.replace("const { qty }", 'if (ctx.ts === 1704110400000) throw new Error("x");\n    const { qty }'),
    );
    const failed = await stored();
    expect(failed.manifest.status).toBe("failed");
    expect(await verify(failed)).toMatchObject({ verified: true, contradictions: [] });
    expect(await verify({ ...failed, manifest: { ...failed.manifest, status: "completed" } })).toMatchObject({
      verified: false,
      contradictions: [{ field: "status", expected: '"failed"', actual: '"completed"' }],
    });
    await workspace.writeStrategy(EMA_STRATEGY.replace("const { qty }", "for (;;) if (ctx.ts < 0) break;\n    const { qty }"));
    const aborted = await stored("time_budget_ms: 200\n");
    expect(aborted.manifest.status).toBe("aborted");
    expect(await verify(aborted)).toMatchObject({ verified: true, contradictions: [] });
    await workspace.writeStrategy(EMA_STRATEGY);
  });

  it("a folder without a readable manifest is named, and never taken for a run", async () => {
    const runs = join(workspace.folder, ".onetape", "runs");
    await mkdir(join(runs, "empty"));
    await mkdir(join(runs, "torn"));
    await writeFile(join(runs, "torn", "manifest.json"), '{ "schema": "onetape.manifest/1", "run_id":');
    expect(await verifyFolders(workspace.ports, "L2")).toMatchObject([
      { name: "empty", verified: false, message: expect.stringContaining("it has no manifest.json") },
      { name: "torn", verified: false, message: expect.stringContaining("its manifest.json is no manifest") },
    ]);
    expect(await workspace.ports.runs.find("torn")).toMatchObject({ kind: "unreadable" });
    const path = join(run.dir, "manifest.json");
    const manifest = await readFile(path, "utf8");
    await writeFile(path, manifest.slice(0, 40));
    const again = await runBacktest(workspace.ports, { configPath: await workspace.writeConfig() });
    expect(again).toMatchObject({ kind: "mismatch", differs: ["manifest.json"], kept_as: `mismatch-${run.name}-1` });
    await writeFile(path, manifest);
    const kept = await workspace.ports.runs.find(`mismatch-${run.name}-1`);
    expect(kept.kind === "found" ? await verify(kept.run) : kept).toMatchObject({ verified: true });
  });
});
