import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { fileArtifactReader } from "../../src/adapters/artifacts/file-artifact-reader.js";
import { readReport } from "../../src/usecases/read-report.js";
import { readRunEvents } from "../../src/usecases/read-run-events.js";
import { replayRun } from "../../src/usecases/replay-run.js";
import { riskExposure } from "../../src/usecases/risk-exposure.js";
import { runBacktest } from "../../src/usecases/run-backtest.js";
import { backtestWorkspace } from "../support/backtest-workspace.js";

const POLICY = `name: tight
limits:
  daily_loss: { alert: { amount: 2, currency: base }, limit: { amount: 5, currency: base } }
  consecutive_losses: { kill: 12 }
drawdown_scaling: [{ from: 0.0001, multiply: 0.5 }]
daily_freeze: { enabled: true }
kill_switch: { actions: { cancel_orders: true, flatten: true, notify: [log] } }
`;

it("a run under a policy that freezes its days and trips its switch is replayed to the byte, risk state included", {
  timeout: 120_000,
}, async () => {
  const workspace = await backtestWorkspace({ days: 6 });
  onTestFinished(() => workspace.close());
  await writeFile(join(workspace.folder, "policy.yaml"), POLICY);
  const configPath = await workspace.writeConfig("risk: { policy: policy.yaml }\n");
  const outcome = await runBacktest(workspace.ports, { configPath });
  if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
  const found = await workspace.ports.runs.find(outcome.result.run_id);
  if (found.kind !== "found") throw new Error("the run was not stored");

  const counts: Record<string, number> = {};
  const hashes: unknown[] = [];
  for await (const { type, payload } of readRunEvents(workspace.ports, found.run, {})) {
    counts[type] = (counts[type] ?? 0) + 1;
    if (type === "session.closed") hashes.push(payload["risk_sha256"]);
  }
  // Each of them was met: the days freeze and clear until the row of losses ends the run's trading.
  for (const type of ["risk.alerted", "daily_freeze.began", "daily_freeze.cleared", "kill_switch.tripped", "notification.requested"])
    expect(counts[type], type).toBeGreaterThan(0);
  expect(counts["kill_switch.tripped"]).toBe(1);
  expect(new Set(hashes).size).toBe(hashes.length);

  const told = await riskExposure(workspace.ports, { run: found.run });
  if (told.kind !== "exposure") throw new Error(JSON.stringify(told));
  const { exposure } = told;
  expect(exposure.proof?.agreeing).toBe(exposure.proof?.sessions);
  expect(exposure.proof?.sessions).toBe(counts["session.closed"]);
  const names = { policy: "tight", policy_sha256: exposure.policy.sha256, enforcement: exposure.policy.enforcement };
  expect(found.run.manifest.assumptions["risk"]).toEqual(names);
  const sheet = await readReport({ ...workspace.ports, reader: fileArtifactReader }, found.run);
  if (sheet.kind !== "read") throw new Error(JSON.stringify(sheet));
  expect(sheet.sheet.risk_policy).toEqual(exposure);
  expect(sheet.sheet.assumptions.find(({ id }) => id === "risk_policy")?.value).toContain(exposure.policy.sha256);

  const replayed = await replayRun(workspace.ports, { run: found.run });
  expect(replayed).toMatchObject({ kind: "report", report: { verified: true, divergence: null } });
  const again = await runBacktest(workspace.ports, { configPath });
  expect(again).toMatchObject({ kind: "ok", result: { identical: true } });
});
