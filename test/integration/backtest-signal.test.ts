import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type BacktestProgress, runBacktest } from "../../src/usecases/run-backtest.js";
import { backtestWorkspace } from "../support/backtest-workspace.js";

it("a signal is heard before the first artifact is written", async () => {
  const workspace = await backtestWorkspace({ days: 10 });
  try {
    const configPath = await workspace.writeConfig("params: { fast: 1, slow: 2 }\n");
    const stop = new AbortController();
    const steps: BacktestProgress["step"][] = [];
    const outcome = await runBacktest(workspace.ports, {
      configPath,
      signal: stop.signal,
      onProgress: ({ step }) => {
        if (step === undefined) return;
        steps.push(step);
        // As a signal of the system comes: on a turn of the event loop.
        if (steps.length === 1) setImmediate(() => stop.abort());
      },
    });
    expect(outcome).toMatchObject({ kind: "aborted", reason: "signal", kept_as: null });
    expect(steps).toEqual([{ unit: "artifacts", done: 0, total: expect.any(Number) }]);
    expect(await readdir(join(workspace.folder, ".onetape", "tmp"))).toEqual([]);
  } finally {
    await workspace.close();
  }
});

it("a run that is stopped while its artifacts are written leaves nothing behind, and the next one is whole", async () => {
  const workspace = await backtestWorkspace({ days: 2 });
  try {
    const configPath = await workspace.writeConfig();
    const stop = new AbortController();
    const outcome = await runBacktest(workspace.ports, {
      configPath,
      signal: stop.signal,
      onProgress: ({ phase }) => phase === "artifacts" && stop.abort(),
    });
    expect(outcome).toMatchObject({ kind: "aborted", reason: "signal", kept_as: null });
    expect(await readdir(join(workspace.folder, ".onetape", "tmp"))).toEqual([]);
    expect(await readdir(join(workspace.folder, ".onetape", "runs")).catch(() => [])).toEqual([]);
    expect(await runBacktest(workspace.ports, { configPath })).toMatchObject({ kind: "ok", result: { identical: null } });
  } finally {
    await workspace.close();
  }
});
