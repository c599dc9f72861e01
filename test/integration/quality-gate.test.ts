/** Service levels where bars enter: at an import and at the start of a backtest. */
import { existsSync, readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { MemoryEventStore } from "../../src/adapters/memory/memory-event-store.js";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import type { QualityLadder } from "../../src/core/quality/ladder.js";
import { readDataReadiness } from "../../src/usecases/data-readiness.js";
import { findAnomalies } from "../../src/usecases/find-anomalies.js";
import { importBars } from "../../src/usecases/import-bars.js";
import type { ImportBarsOptions } from "../../src/usecases/import-options.js";
import { listData } from "../../src/usecases/list-data.js";
import type { QualityGate } from "../../src/usecases/quality-gate.js";
import { readQuality, resolveBarAnomaly } from "../../src/usecases/quality-log.js";
import { runBacktest } from "../../src/usecases/run-backtest.js";
import { backtestWorkspace, demoBars } from "../support/backtest-workspace.js";
import { testWorkspace } from "../support/data-workspace.js";

const ENFORCE: QualityLadder = { level: "enforce", checks: {} };

function gateOn(store: QualityGate["store"], folder: string, ladder: QualityLadder): QualityGate & { readonly told: string[] } {
  const told: string[] = [];
  return {
    store,
    hash: sha256,
    now: () => Date.UTC(2026, 0, 2),
    ladder,
    folder: join(folder, "quality"),
    onWarning: (text) => told.push(text),
    told,
  };
}

/** One minute bars of the regular session of 2024-03-04, without some. */
function session(without: readonly number[]): string {
  const rows = Array.from({ length: 390 }, (_, n) => n + 1)
    .filter((n) => !without.includes(n))
    .map((n) => `${new Date(Date.parse("2024-03-04T14:30:00Z") + n * 60_000).toISOString()},10,11,9,10,5`);
  return `ts,open,high,low,close,volume\n${rows.join("\n")}\n`;
}
const OPTIONS: ImportBarsOptions = {
  files: { bars: ["bars.csv"] },
  symbol: "ACME",
  timeframe: "1m",
  stamp: "close",
  price_mode: "raw",
  instrument: { asset_class: "equity", currency: "USD", calendar: "XNYS" },
};
const FIVE = [100, 101, 102, 103, 104];

test("an import whose bars are not complete enough is refused under enforce, nothing is stored, and what was found is on the tape and in a file", async () => {
  const workspace = await testWorkspace();
  onTestFinished(() => workspace.remove());
  await workspace.file("bars.csv", session(FIVE));
  const quality = gateOn(workspace.ports.store, workspace.home, ENFORCE);
  const refused = await importBars(workspace.ports, OPTIONS, workspace.folder, { quality });
  // 385 / 390 = 0.987...
  expect(refused).toMatchObject({
    kind: "refused",
    reason: "gate",
    violations: [{ code: "SLA_FAILED", field: "m1_completeness", value: String(385 / 390), expected: "at least 0.99" }],
  });
  expect(await listData(workspace.ports, {})).toMatchObject({ captures: [] });
  expect(existsSync(join(workspace.home, "objects"))).toBe(false);

  const read = await readQuality(workspace.ports);
  if (read.kind !== "read") throw new Error("unreadable");
  const { decisions, measurements, anomalies } = read.index;
  expect(measurements[0]?.results.map(({ check, status }) => [check, status])).toEqual([
    ["no_nan_ohlc", "PASS"],
    ["no_dupe_index", "PASS"],
    ["ordered_index", "PASS"],
    ["consistent_ohlc", "PASS"],
    ["non_negative_volume", "PASS"],
    ["duplicates_removed", "PASS"],
    ["m1_completeness", "FAIL"],
    ["gaps_in_session", "WARN"],
  ]);
  expect(decisions).toMatchObject([{ stage: "import", verdict: "refused", grade: "F" }]);
  const file = JSON.parse(readFileSync(join(workspace.home, "quality", "latest_sla.json"), "utf8")) as object;
  expect(file).toMatchObject({ schema: "onetape.quality-decision/1", stage: "import", verdict: "refused", grade: "F" });

  const failed = anomalies.find(({ check }) => check === "m1_completeness");
  await resolveBarAnomaly(workspace.ports, failed?.anomaly_id ?? "", { by: "desk-1", note: "a halt" });
  const passed = await importBars(workspace.ports, OPTIONS, workspace.folder, { quality });
  expect(passed).toMatchObject({ kind: "imported", quality: { verdict: "warned", grade: "F" } });
  // A word lets the bars be traded on; it makes them no evidence.
  expect(await readDataReadiness(workspace.ports, "ACME")).toMatchObject({
    items: [{ symbol: "ACME", timeframe: "1m", ready_for: { research: true, orders: true, promotion: false } }],
  });
  const known = await findAnomalies(workspace.ports);
  expect(known.kind === "read" && known.anomalies.map(({ check, resolution }) => [check, resolution?.note ?? null])).toEqual([
    ["m1_completeness", "a halt"],
    ["gaps_in_session", null],
  ]);
});

test("under warn an import tells and goes on; bars that were stored before are asked as well", async () => {
  const workspace = await testWorkspace();
  onTestFinished(() => workspace.remove());
  await workspace.file("bars.csv", session(FIVE));
  const plain = await importBars(workspace.ports, OPTIONS, workspace.folder);
  expect(plain).not.toHaveProperty("quality");
  expect(await workspace.ports.store.logs()).toEqual(["catalogue"]);
  const warn = gateOn(workspace.ports.store, workspace.home, { level: "warn", checks: {} });
  expect(await importBars(workspace.ports, OPTIONS, workspace.folder, { quality: warn })).toMatchObject({
    kind: "imported",
    already_imported: true,
    quality: { verdict: "warned", grade: "F" },
  });
  expect(warn.told.join("\n")).toContain("ACME m1_completeness: 385 of 390 bars");
  const enforce = gateOn(workspace.ports.store, workspace.home, ENFORCE);
  expect(await importBars(workspace.ports, OPTIONS, workspace.folder, { quality: enforce })).toMatchObject({
    kind: "refused",
    reason: "gate",
  });
});

test("a backtest on bars that are not complete enough never starts under enforce, and is the same to the byte under warn as without a ladder", async () => {
  const workspace = await backtestWorkspace({ days: 2 });
  onTestFinished(() => workspace.close());
  const whole = demoBars(2);
  const kept = Array.from({ length: whole.rows }, (_, row) => row).filter((row) => row < 600 || row > 640);
  const cut = (column: Float64Array): Float64Array => Float64Array.from(kept, (row) => column[row] as number);
  workspace.bars.set("DEMO", {
    ...whole,
    rows: kept.length,
    ts: cut(whole.ts),
    open: cut(whole.open),
    high: cut(whole.high),
    low: cut(whole.low),
    close: cut(whole.close),
    volume: cut(whole.volume),
  });
  const configPath = await workspace.writeConfig();
  const store = new MemoryEventStore({ sha256, now: () => Date.UTC(2026, 0, 1) });
  const enforce = gateOn(store, workspace.folder, ENFORCE);
  const refused = await runBacktest(workspace.ports, { configPath, quality: enforce });
  expect(refused).toMatchObject({ kind: "refused", refusal: { reason: "gate", violations: [{ field: "m1_completeness" }] } });
  expect(await readdir(join(workspace.folder, ".onetape", "runs")).catch(() => [])).toEqual([]);

  const plain = await runBacktest(workspace.ports, { configPath });
  const warn = gateOn(store, workspace.folder, { level: "warn", checks: {} });
  const warned = await runBacktest(workspace.ports, { configPath, quality: warn });
  if (plain.kind !== "ok" || warned.kind !== "ok") throw new Error(`${plain.kind}, ${warned.kind}`);
  expect(warned.result).toMatchObject({ run_id: plain.result.run_id, identical: true, tape: plain.result.tape });
  expect(warn.told.join("\n")).toContain("DEMO m1_completeness");

  // A run that was cut short by max_bars is measured on whole sessions: the cut is no hole.
  workspace.bars.set("DEMO", whole);
  const short = await runBacktest(workspace.ports, { configPath: await workspace.writeConfig("max_bars: 100\n"), quality: enforce });
  expect(short.kind).toBe("ok");
}, 120_000);
