/**
 * Makes a run of a sweep's point: strategy, config and bars come by hash from what the sweep keeps, never from the author's files. The run is
 * the one that a backtest with the point's parameters makes, and its figures must be those of the sweep.
 */
import type { RunConfig } from "../core/engine/run-config.js";
import { paramsAt, type SweepGrid } from "../core/sweep/sweep-grid.js";
import type { SweepPoint } from "../core/sweep/sweep-point.js";
import type { StoredSweep } from "../ports/sweep-store.js";
import { type PreparedRun, withParams } from "./prepare-run.js";
import { namedInputs, storedInstruments } from "./recorded-run.js";
import { type BacktestOutcome, type BacktestResult, executeRun, type RunWatch } from "./run-backtest.js";
import { runStartedOf } from "./run-identity.js";
import type { SweepPorts } from "./sweep-ports.js";

export interface OpenPointRequest extends RunWatch {
  readonly sweep: StoredSweep;
  /** From 1. */
  readonly point: number;
}

export type OpenPointOutcome =
  /** `differs` names the figures in which the run and the sweep disagree: none, or something is broken. */
  | {
      readonly kind: "opened";
      readonly result: BacktestResult;
      readonly row: SweepPoint | null;
      readonly differs: readonly string[];
      readonly outcome: BacktestOutcome;
    }
  /** What the sweep keeps cannot make the point again. */
  | { readonly kind: "unavailable"; readonly message: string }
  | { readonly kind: "ended"; readonly outcome: Exclude<BacktestOutcome, { kind: "ok" } | { kind: "failed" }> };

export async function openPoint(ports: SweepPorts, request: OpenPointRequest): Promise<OpenPointOutcome> {
  const { sweep, point } = request;
  const { manifest } = sweep;
  if (manifest.engine.build !== ports.engine.build) {
    const message = `the sweep was made by engine ${manifest.engine.version} build ${manifest.engine.build.slice(0, 12)}, this is ${ports.engine.version} build ${ports.engine.build.slice(0, 12)}: its runs would have other ids`;
    return { kind: "unavailable", message };
  }
  const { points } = await ports.sweeps.points(sweep);
  const row = points.find((each) => each.point === point) ?? null;
  if (row?.status === "failed" && row.events === 0)
    return {
      kind: "unavailable",
      message: `the strategy's ${row.error?.handler ?? "code"} failed before the first bar: ${row.error?.message ?? ""}`,
    };
  const run = await preparePoint(ports, sweep, point);
  if (typeof run === "string") return { kind: "unavailable", message: run };
  const outcome = await executeRun(ports, run, request, ports.now());
  if (outcome.kind !== "ok" && outcome.kind !== "failed") return { kind: "ended", outcome };
  return { kind: "opened", result: outcome.result, row, differs: row === null ? [] : differencesOf(row, outcome.result), outcome };
}

/** The run of a point from the sweep's own inputs; or why it cannot be made. */
async function preparePoint(ports: SweepPorts, sweep: StoredSweep, point: number): Promise<PreparedRun | string> {
  const { manifest, provenance } = sweep;
  const { strategy } = manifest;
  const texts = [strategy.bundle_sha256, strategy.source_map_sha256, manifest.config_sha256];
  const [bundle, source_map, held] = await Promise.all(texts.map((sha256) => ports.sweeps.input(sweep, sha256)));
  if (bundle == null || source_map == null || held == null)
    return "the sweep's own copy of its strategy or configuration is missing or altered";
  // Written from a `RunConfig` by this product, and named by its hash.
  const config = JSON.parse(held) as RunConfig;
  const instruments = await storedInstruments(ports, config, bundle);
  if (typeof instruments === "string") return instruments;
  const inputs = await namedInputs(config, (sha256) => ports.sweeps.input(sweep, sha256));
  if (typeof inputs === "string") return inputs;
  const grid: SweepGrid = { axes: manifest.axes, points: manifest.points };
  const captures = Array.isArray(provenance["captures"]) ? (provenance["captures"] as PreparedRun["captures"]) : [];
  const base: PreparedRun = {
    run_id: "",
    log: "",
    config,
    config_text: held,
    config_sha256: manifest.config_sha256,
    strategy: { definition: ports.strategies.revive(bundle), bundle, source_map, source_sha256: strategy.source_sha256, sources: [] },
    time_budget_ms: OPEN_BUDGET_MS,
    total_bars: manifest.bars,
    captures,
    task: {
      started: runStartedOf(config, strategy.source_sha256, instruments, ports.hash),
      config,
      bundle,
      append: "block",
      tape: true,
      instruments,
      inputs,
    },
  };
  return withParams(ports, base, { ...config.strategy.params, ...paramsAt(grid, point) });
}

/** The sweep's own budget was kept when the point ran; a second run proves content, not speed. */
const OPEN_BUDGET_MS = 60_000;

/** Names of the figures in which a run is not what its sweep says. */
function differencesOf(row: SweepPoint, result: BacktestResult): readonly string[] {
  const names: string[] = [];
  const compare = (name: string, left: unknown, right: unknown): void => {
    if (left !== right) names.push(name);
  };
  compare("run_id", row.run_id, result.run_id);
  compare("status", row.status === "ok" ? "completed" : "failed", result.status);
  for (const count of ["bars", "events", "signals", "orders", "fills", "trades"] as const) compare(count, row[count], result[count]);
  if (row.content_hash !== null) compare("content_hash", row.content_hash, result.tape?.content_hash ?? null);
  if (row.status === "ok") for (const [id, { value }] of Object.entries(result.metrics)) compare(id, row.metrics[id] ?? null, value);
  return names;
}
