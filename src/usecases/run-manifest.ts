import type { RunConfig } from "../core/engine/run-config.js";
import { policyFingerprint } from "../core/gate/policy-fingerprint.js";
import type { RunMetrics } from "../core/metrics/run-metrics.js";
import type { Head, JsonObject } from "../core/tape/event.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { ReportedFailure } from "../ports/engine-host.js";
import type { RunDraft, RunManifest } from "../ports/run-store.js";
import type { BacktestPorts } from "./backtest-ports.js";
import type { PreparedRun } from "./prepare-run.js";
import type { BacktestResult } from "./run-backtest.js";
import { quoteSets } from "./run-identity.js";
import type { WriteArtifactsResult } from "./write-artifacts.js";

/** What a run leaves behind, by content: no clock, no path, no capture. `written` is null for a run that was ended from outside. */
export async function manifestOf(
  ports: BacktestPorts,
  run: PreparedRun,
  draft: RunDraft,
  head: Head,
  written: WriteArtifactsResult | null,
  failure: ReportedFailure | null,
): Promise<RunManifest> {
  const artifacts: Record<string, string> = {};
  for (const [name, entry] of Object.entries(written?.artifacts ?? {})) artifacts[name] = entry.identity_sha256;
  const files = asJsonObject(Object.fromEntries(Object.entries(written?.artifacts ?? {}).map(([name, entry]) => [name, entry.files])));
  const { config, strategy } = run;
  const totals = written?.totals ?? { events: head.position, bars: 0, sessions: 0, signals: 0, orders: 0, fills: 0, trades: 0 };
  const stated = statedByConfig(config, ports.hash);
  for (const text of Object.values(run.task.inputs)) await draft.putInput(text);
  return {
    schema: "onetape.manifest/1",
    run_id: run.run_id,
    status: failure === null ? "completed" : "failed",
    engine: ports.engine,
    strategy: {
      ...stated.strategy,
      source_sha256: strategy.source_sha256,
      bundle_sha256: await draft.putInput(strategy.bundle),
      source_map_sha256: await draft.putInput(strategy.source_map),
    },
    config_sha256: await draft.putInput(run.config_text),
    inputs: stated.inputs,
    tape: { log: run.log, layout: "segments", head_position: head.position, head_hash: head.hash, content_hash: head.content_hash },
    artifacts,
    files,
    totals,
    research: stated.research,
    assumptions: stated.assumptions,
    ...(failure === null
      ? {}
      : { error: { code: failure.code, message: failure.message, handler: failure.handler, bar_ts: failure.bar_ts } }),
  };
}

/** What a manifest takes from the run's config alone. */
export function statedByConfig(
  config: RunConfig,
  hash: Sha256Fn,
): Pick<RunManifest, "inputs" | "research" | "assumptions"> & { readonly strategy: Pick<RunManifest["strategy"], "name" | "version"> } {
  const { strategy, data, execution, sizing, on_end, timeframe, research, financing, corporate_actions, fx, forbid_flips } = config;
  const { benchmark, trials, out_of_sample_from } = config;
  const judged = { benchmark, trials, out_of_sample_from };
  // The one in force, which every decision names.
  const policy = config.risk ?? null;
  const named =
    policy === null ? undefined : { policy: policy.name, policy_sha256: policyFingerprint(policy, hash), enforcement: policy.enforcement };
  return {
    strategy: { name: strategy.name, version: strategy.version },
    inputs: data.map((d) => ({ symbol: d.symbol, column_set: d.column_set, ...quoteSets(d), basis: d.basis, rows: d.row_count })),
    assumptions: asJsonObject({
      execution,
      sizing,
      on_end,
      timeframe,
      financing,
      corporate_actions,
      fx,
      forbid_flips,
      risk: named,
      ...judged,
    }),
    research,
  };
}

/** A manifest as the answer of a backtest. */
export function resultOf(
  manifest: RunManifest,
  extra: Pick<BacktestResult, "dir" | "identical" | "cached" | "elapsed_ms"> & { readonly metrics: RunMetrics },
): BacktestResult {
  const { totals, tape } = manifest;
  return {
    run_id: manifest.run_id,
    dir: extra.dir,
    status: manifest.status === "failed" ? "failed" : "completed",
    identical: extra.identical,
    cached: extra.cached,
    strategy: { name: manifest.strategy.name, version: manifest.strategy.version },
    research: manifest.research,
    bars: totals.bars,
    events: totals.events,
    signals: totals.signals,
    orders: totals.orders,
    fills: totals.fills,
    trades: totals.trades,
    elapsed_ms: extra.elapsed_ms,
    tape: { head_position: tape.head_position, head_hash: tape.head_hash, content_hash: tape.content_hash },
    artifacts: manifest.artifacts,
    metrics: extra.metrics.metrics,
  };
}

/** A JSON object from a typed one whose shape is JSON already. */
export function asJsonObject(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}
