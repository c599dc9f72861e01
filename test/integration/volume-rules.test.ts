import { readFile, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runBacktest } from "../../src/usecases/run-backtest.js";
import { type BacktestWorkspace, backtestWorkspace, EMA_STRATEGY } from "../support/backtest-workspace.js";

let workspace: BacktestWorkspace;
beforeEach(async () => {
  workspace = await backtestWorkspace({ days: 1 });
});
afterEach(() => workspace.close());

function loseVolume(): void {
  const bars = workspace.bars.get("DEMO");
  if (bars === undefined) throw new Error("no bars");
  workspace.bars.set("DEMO", { ...bars, has_volume: false, volume: new Float64Array(bars.rows) });
}

async function faults(execution: string): Promise<unknown> {
  const path = await workspace.writeConfig();
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replace(/^execution: .*$/m, execution));
  const outcome = await runBacktest(workspace.ports, { configPath: path });
  if (outcome.kind !== "invalid") return outcome.kind;
  return outcome.violations.map(({ code, line, field, value }) => ({ code, line, field, value }));
}

describe("a rule that needs volume, on a data set that has none", () => {
  it.each([
    ["execution: { participation: 0.1 }", "/execution/participation"],
    ["execution: { slippage: { model: volume_share, impact: 0.1 } }", "/execution/slippage"],
    ["execution: { slippage: { model: sqrt_impact, bps: 10 } }", "/execution/slippage"],
  ])("%s is refused by name before anything runs", async (execution, field) => {
    expect(await faults(execution)).toBe("ok");
    loseVolume();
    expect(await faults(execution)).toEqual([{ code: "VOLUME_MISSING", line: 6, field, value: "DEMO" }]);
  });

  it("is refused as well where the strategy's own defaults ask for it", async () => {
    loseVolume();
    await workspace.writeStrategy(EMA_STRATEGY.replace("  params:", '  defaults: { execution: { participation: "0.1" } },\n  params:'));
    expect(await faults("execution: {}")).toMatchObject([{ code: "VOLUME_MISSING", field: "/execution/participation" }]);
    expect(await faults("execution: { slippage_bps: 1 }")).toMatchObject([{ code: "VOLUME_MISSING" }]);
  });

  it("is no matter to runs without such a rule", async () => {
    loseVolume();
    expect(await faults("execution: { slippage_bps: 1 }")).toBe("ok");
  });
});
