import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileArtifactReader } from "../../src/adapters/artifacts/file-artifact-reader.js";
import type { StoredRun } from "../../src/ports/run-store.js";
import { type ReadReport, type ReportPorts, readReport } from "../../src/usecases/read-report.js";
import { runBacktest } from "../../src/usecases/run-backtest.js";
import { type BacktestWorkspace, backtestWorkspace } from "../support/backtest-workspace.js";

type Report = Extract<ReadReport, { kind: "read" }>;

let workspace: BacktestWorkspace;
let run: StoredRun;
let ports: ReportPorts;

beforeAll(async () => {
  workspace = await backtestWorkspace({ days: 12 });
  const outcome = await runBacktest(workspace.ports, { configPath: await workspace.writeConfig() });
  if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
  const found = await workspace.ports.runs.find(outcome.result.run_id);
  if (found.kind !== "found") throw new Error("the run is not there");
  run = found.run;
  ports = { ...workspace.ports, reader: fileArtifactReader };
});
afterAll(() => workspace.close());

async function read(own: Partial<ReportPorts> = {}): Promise<Report> {
  const outcome = await readReport({ ...ports, ...own }, run);
  if (outcome.kind !== "read") throw new Error(JSON.stringify(outcome));
  return outcome;
}

describe("the tear sheet of a stored run", () => {
  it("is the same document however often it is read", async () => {
    expect((await read()).sheet).toEqual((await read()).sheet);
  });

  it("shows the metrics as they are stored, each with its definition", async () => {
    const { sheet } = await read();
    const stored = JSON.parse(await readFile(join(run.dir, "metrics.json"), "utf8")) as { metrics: { [id: string]: { value: unknown } } };
    const shown = sheet.metrics.flatMap((group) => group.metrics);
    expect(shown.map(({ id }) => id).sort()).toEqual(Object.keys(stored.metrics).sort());
    for (const metric of shown) {
      expect(metric.value).toEqual(stored.metrics[metric.id]?.value);
      expect(metric.definition.length).toBeGreaterThan(5);
    }
  });

  it("ends its equity at the final equity, and never falls deeper than the metric says", async () => {
    const { sheet } = await read();
    const value = (id: string): number => Number(sheet.metrics.flatMap((group) => group.metrics).find((metric) => metric.id === id)?.value);
    expect(sheet.equity.last.at(-1)).toBe(value("final_equity"));
    expect(Math.min(...sheet.underwater.min)).toBeCloseTo(-value("dd.max_bar"), 8);
    expect(sheet.equity.basis).toMatchObject({ n: 12 * 1440, per_point: 64 });
    expect(Math.max(...(sheet.exposure?.gross.max ?? []))).toBeCloseTo(value("xp.max"), 8);
  });

  it("has session returns whose moments are those of the metrics", async () => {
    const { sheet } = await read();
    const volatility = sheet.metrics.flatMap((group) => group.metrics).find((metric) => metric.id === "vol.ann");
    const returns = sheet.daily.last;
    expect(returns).toHaveLength(volatility?.n ?? 0);
    const mean = returns.reduce((a, b) => a + b, 0) / returns.length;
    const deviation = Math.sqrt(returns.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (returns.length - 1));
    expect(deviation * Math.sqrt(sheet.header.periods_per_year)).toBeCloseTo(Number(volatility?.value), 5);
  });

  it("has costs that add up, and contributions that add up to the net profit", async () => {
    const { sheet } = await read();
    const cents = (text: string): number => Math.round(Number(text) * 100);
    const [before, slippage, gross, commission, net] = sheet.costs.steps.map((step) => cents(step.amount));
    expect((before ?? 0) + (slippage ?? 0)).toBe(gross);
    expect((gross ?? 0) + (commission ?? 0)).toBe(net);
    expect(sheet.contribution.by_symbol.reduce((sum, row) => sum + cents(row.net_pnl), 0)).toBe(net);
    const closed = sheet.trades.filter((trade) => trade.status === "closed").reduce((sum, trade) => sum + cents(trade.net_pnl), 0);
    expect(sheet.contribution.by_hour.reduce((sum, row) => sum + cents(row.net_pnl), 0)).toBe(closed);
    expect(sheet.contribution.by_weekday.reduce((sum, row) => sum + cents(row.net_pnl), 0)).toBe(closed);
  });

  it("sets every entry and exit on the candle that holds its time", async () => {
    const { sheet } = await read();
    const [candles] = sheet.candles;
    expect(candles?.ts.length).toBeLessThanOrEqual(8192);
    expect(candles?.marks).toHaveLength(sheet.trades.reduce((sum, trade) => sum + (trade.exit_ts === null ? 1 : 2), 0));
    for (const { at, ts } of candles?.marks ?? []) {
      expect(candles?.ts[at] ?? 0).toBeGreaterThanOrEqual(ts);
      expect(candles?.ts[at - 1] ?? 0).toBeLessThan(ts);
    }
  });

  it("has no candles where the workspace has no bars any more, and says why", async () => {
    const { sheet } = await read({ bars: { load: () => Promise.resolve(null) } });
    expect(sheet.candles).toEqual([]);
    expect(sheet.no_candles).toEqual([{ symbol: "DEMO", reason: "its bars are not in the workspace any more" }]);
    expect(sheet.data_quality[0]?.expected).toBeNull();
    expect(sheet.trades).toEqual((await read()).sheet.trades);
  });

  it("says nothing of a policy where the run had none", async () => {
    const { sheet } = await read();
    expect("risk_policy" in sheet).toBe(false);
    expect(sheet.assumptions.map(({ id }) => id)).not.toContain("risk_policy");
    expect(run.manifest.assumptions).not.toHaveProperty("risk");
  });

  it("holds no clock reading and no path", async () => {
    const text = JSON.stringify((await read()).sheet);
    expect(text).not.toContain(workspace.folder);
    expect(text).not.toContain("recorded_at");
    expect(text).not.toContain(String(run.provenance["recorded_at"]));
  });

  it.each([
    ["trades.csv", (text: string) => text.replace(/long/, "short"), "trades"],
    ["metrics.json", (text: string) => text.replace(/"value": "(\d+)/, '"value": "9$1'), "metrics"],
    ["fills.csv", (text: string) => text.split("\n").slice(0, -2).join("\n"), "fills"],
    ["risk.csv", (text: string) => text.replace("tape_position", "position"), "risk"],
    ["pnl.csv", (text: string) => text.replace(/\n(\d+),/, "\nx$1,"), "pnl"],
  ])("is refused where %s was altered", async (file, alter, field) => {
    const path = join(run.dir, file);
    const before = await readFile(path, "utf8");
    await writeFile(path, alter(before));
    const outcome = await readReport(ports, run);
    await writeFile(path, before);
    expect(outcome.kind).toBe("altered");
    if (outcome.kind === "altered") expect(outcome.violations.map((violation) => violation.field)).toEqual([field]);
  });

  it("is refused where the curve was cut", async () => {
    const path = join(run.dir, "equity.columns");
    const before = await readFile(path);
    await writeFile(path, before.subarray(0, before.length - 8));
    const outcome = await readReport(ports, run);
    await writeFile(path, before);
    expect(outcome).toMatchObject({
      kind: "altered",
      violations: [{ field: "equity", message: "equity.columns ends inside column net_exposure" }],
    });
  });

  it("does not exist for a run that was ended from outside", async () => {
    const aborted = { ...run, manifest: { ...run.manifest, status: "aborted" as const } };
    expect((await readReport(ports, aborted)).kind).toBe("no_figures");
  });
});
