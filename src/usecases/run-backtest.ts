/**
 * Runs a backtest and stores it under the id of its content.
 *
 * Running again executes again: the new tape is compared with the stored one and must be the same to the byte.
 */
import { runCatalogue } from "../core/engine/run-event-schemas.js";
import type { RunMetrics } from "../core/metrics/run-metrics.js";
import type { Violation } from "../core/quality/violation.js";
import { overrideParams, type StatedParam } from "../core/strategy/override-params.js";
import type { EventBlock } from "../core/tape/block.js";
import type { Divergence } from "../core/tape/divergence.js";
import type { Head, JsonObject, UtcMillis } from "../core/tape/event.js";
import type { EngineOutcome, ReportedFailure } from "../ports/engine-host.js";
import type { EventStore, LogSession } from "../ports/event-store.js";
import type { RunDraft, RunManifest, StoredRun } from "../ports/run-store.js";
import type { FailurePlace } from "../ports/strategy-source.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { compareWithStored } from "./compare-runs.js";
import type { DataRefusal } from "./data-ports.js";
import { metricsOf } from "./find-run.js";
import { BlockFold } from "./fold-blocks.js";
import { type PreparedRun, prepareRun } from "./prepare-run.js";
import { askQuality, type QualityGate, seriesOfRun } from "./quality-gate.js";
import { asJsonObject, manifestOf, resultOf } from "./run-manifest.js";
import { type ArtifactStep, type WriteArtifactsResult, writeArtifacts } from "./write-artifacts.js";

export interface BacktestRequest {
  readonly configPath: string;
  /** Parameters over those of the config, each as text. */
  readonly params?: readonly StatedParam[];
  /** Overrides the config: `strict` commits every batch before a handler sees it. */
  readonly append?: "block" | "strict";
  /** False measures the engine alone; nothing is stored. Default true. */
  readonly tape?: boolean;
  /** Answer from the stored run of the same content, if there is one, without running. */
  readonly cached?: boolean;
  readonly onProgress?: (done: BacktestProgress) => void;
  /** Told what the config's files say that no run heeds. */
  readonly onNote?: (note: string) => void;
  readonly signal?: AbortSignal;
  /** Service levels that the bars must keep; left out, none is asked. */
  readonly quality?: QualityGate;
}

/** Who looks on while a run is under way. */
export type RunWatch = Pick<BacktestRequest, "onProgress" | "signal">;

export interface BacktestProgress {
  readonly phase: "prepare" | "run" | "artifacts" | "store";
  readonly bars: number;
  readonly total_bars: number;
  /** Close time of the newest bar, or null. */
  readonly ts: UtcMillis | null;
  /** Within `artifacts`: what is counted there, and how far that has come. */
  readonly step?: ArtifactStep;
}

/** What a backtest came to, as `--json` prints it. */
export interface BacktestResult {
  readonly run_id: string;
  /** Folder of the run; null when nothing was stored. */
  readonly dir: string | null;
  readonly status: "completed" | "failed";
  /** True when a stored run of the same id has the same tape and artifacts; null when there was none. */
  readonly identical: boolean | null;
  /** True when the answer was looked up and nothing was run. */
  readonly cached: boolean;
  readonly strategy: { readonly name: string; readonly version: string };
  readonly research: boolean;
  readonly bars: number;
  readonly events: number;
  readonly signals: number;
  readonly orders: number;
  readonly fills: number;
  readonly trades: number;
  readonly elapsed_ms: number;
  readonly tape: { readonly head_position: number; readonly head_hash: string; readonly content_hash: string } | null;
  /** Identity hash by artifact. */
  readonly artifacts: { readonly [name: string]: string };
  readonly metrics: RunMetrics["metrics"];
  readonly error?: StrategyError;
}

/** Why a strategy's run ended early, at the author's own line. */
export interface StrategyError {
  readonly code: string;
  readonly message: string;
  readonly handler: string;
  readonly bar_ts: UtcMillis | null;
  readonly place: FailurePlace | null;
}

export type BacktestOutcome =
  | { readonly kind: "ok"; readonly result: BacktestResult }
  /** The strategy failed; the run is stored as `failed` up to the bar before. */
  | { readonly kind: "failed"; readonly result: BacktestResult & { readonly error: StrategyError } }
  /** The run differs from the stored one of the same id. The new one is kept under `kept_as`. */
  | {
      readonly kind: "mismatch";
      readonly run_id: string;
      readonly kept_as: string;
      readonly divergence: Divergence | null;
      readonly differs: readonly string[];
    }
  | {
      readonly kind: "aborted";
      readonly reason: AbortReason;
      readonly message: string;
      readonly run_id: string;
      readonly kept_as: string | null;
    }
  /** The bars do not keep a service level that is enforced, or it could not be asked. Nothing was run. */
  | { readonly kind: "refused"; readonly refusal: DataRefusal }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

export type AbortReason = "signal" | "time-budget" | "tape";

export async function runBacktest(ports: BacktestPorts, request: BacktestRequest): Promise<BacktestOutcome> {
  const started = ports.now();
  request.onProgress?.({ phase: "prepare", bars: 0, total_bars: 0, ts: null });
  if (request.cached !== true) ports.host.prepare();
  ports.strategies.prepare();
  const { params: stated = [] } = request;
  const preparation = await prepareRun(ports, request.configPath, {
    onNote: request.onNote,
    append: request.append,
    tape: request.tape,
    params: (schemas, config) => overrideParams(schemas, config.params, stated),
  });
  if (preparation.kind === "invalid") return preparation;
  const { run } = preparation;
  const gated = await askQuality(request.quality, "backtest", run.run_id, seriesOfRun(run));
  if (gated.kind === "refused") return { kind: "refused", refusal: gated };
  if (request.cached === true) {
    const known = await ports.runs.find(run.run_id);
    if (known.kind === "found" && known.run.name === run.run_id) return fromStore(ports, known.run, started);
  }
  return request.tape === false ? measure(ports, run, request, started) : executeRun(ports, run, request, started);
}

/** Runs what has been prepared, with a tape, and stores it. */
export async function executeRun(ports: BacktestPorts, run: PreparedRun, request: RunWatch, started: number): Promise<BacktestOutcome> {
  const draft = await ports.runs.begin();
  const store = ports.tapes(draft.dir);
  // The engine need not wait for the tape: its first block does.
  const opening = openTape(store, run);
  // Told where it is awaited.
  opening.catch(() => {});
  try {
    const columns = new Map(run.task.instruments.map((instrument) => [instrument.columns.symbol, instrument.columns]));
    const followed = new BlockFold({ columns, config: run.config, inputs: run.task.inputs });
    const outcome = await runEngine(ports, run, opening, { ...request, onCommitted: (block) => followed.follow(block) });
    const session = await opening;
    if (outcome.kind !== "completed") return await abandon(ports, run, draft, store, session, outcome);
    if (outcome.failure !== null && outcome.events === 0) {
      await discard(draft, store, opening);
      return { kind: "invalid", violations: [notStarted(ports, run, outcome.failure)] };
    }
    const all = { bars: run.total_bars, total_bars: run.total_bars, ts: null };
    request.onProgress?.({ phase: "artifacts", ...all });
    const written = await writeArtifacts({
      session,
      columns,
      followed,
      config: run.config,
      inputs: run.task.inputs,
      dir: draft.dir,
      writer: ports.artifacts,
      hash: ports.hashBytes,
      onProgress: (step) => request.onProgress?.({ phase: "artifacts", ...all, step }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    const head = session.head();
    await session.close();
    await store.close();
    request.onProgress?.({ phase: "store", ...all });
    return await keep(ports, run, draft, head, written, outcome, started);
  } catch (error) {
    await discard(draft, store, opening);
    // Stopped between two artifacts: a whole tape beside half of its tables would be a half run.
    if (request.signal?.aborted === true && error === request.signal.reason)
      return { kind: "aborted", ...reasonOf(run, { kind: "aborted" }), run_id: run.run_id, kept_as: null };
    throw error;
  }
}

async function openTape(store: EventStore, { log }: PreparedRun): Promise<LogSession> {
  const opened = await store.open({ log, catalogue: runCatalogue, mode: "write", layout: "segments", durability: "committed" });
  if (opened.kind !== "opened") throw new Error(`the run's tape could not be opened: ${opened.kind}`);
  return opened.session;
}

/** Names the run, or compares it with the one that has the name. */
async function keep(
  ports: BacktestPorts,
  run: PreparedRun,
  draft: RunDraft,
  head: Head,
  written: WriteArtifactsResult,
  outcome: Extract<EngineOutcome, { kind: "completed" }>,
  started: number,
): Promise<BacktestOutcome> {
  const manifest = await manifestOf(ports, run, draft, head, written, outcome.failure);
  const provenance = asJsonObject({ recorded_at: ports.now(), engine_ms: outcome.engine_ms, captures: run.captures });
  const error = outcome.failure === null ? undefined : strategyError(ports, run, outcome.failure);
  let stored = await storedRun(ports, run.run_id);
  const kept = stored === null ? await draft.commit(run.run_id, manifest, provenance) : null;
  // Another process may have stored the same content while this one ran.
  if (kept === null) stored ??= await storedRun(ports, run.run_id);
  const dir = kept?.dir ?? stored?.dir;
  if (dir === undefined) {
    // The name is taken by a folder that holds no readable run.
    const kept_as = await commitUnder(ports, `mismatch-${run.run_id}`, draft, manifest, provenance);
    return { kind: "mismatch", run_id: run.run_id, kept_as, divergence: null, differs: ["manifest.json"] };
  }
  if (stored !== null) {
    const comparison = await compareWithStored(ports, stored, { dir: draft.dir, manifest });
    if (!comparison.identical) {
      const kept_as = await commitUnder(ports, `mismatch-${run.run_id}`, draft, manifest, provenance);
      return { kind: "mismatch", run_id: run.run_id, kept_as, divergence: comparison.divergence, differs: comparison.differs };
    }
    await draft.discard();
  }
  const result = resultOf(manifest, {
    dir,
    identical: stored === null ? null : true,
    cached: false,
    elapsed_ms: ports.now() - started,
    metrics: written.metrics,
  });
  return error === undefined ? { kind: "ok", result } : { kind: "failed", result: { ...result, error } };
}

async function storedRun(ports: BacktestPorts, runId: string): Promise<StoredRun | null> {
  const found = await ports.runs.find(runId);
  return found.kind === "found" && found.run.name === runId ? found.run : null;
}

/** Gives a draft the first free name of a prefix. */
async function commitUnder(
  ports: BacktestPorts,
  prefix: string,
  draft: RunDraft,
  manifest: RunManifest,
  provenance: JsonObject,
): Promise<string> {
  for (;;) {
    const name = await ports.runs.freeName(prefix);
    if ((await draft.commit(name, manifest, provenance)) !== null) return name;
  }
}

async function runEngine(
  ports: BacktestPorts,
  run: PreparedRun,
  opening: Promise<LogSession>,
  request: RunWatch & { readonly onCommitted: (block: EventBlock) => void },
): Promise<EngineOutcome> {
  // The engine's thread makes what of the seal needs no event before: the writer is the slower of the two.
  const task = { ...run.task, log: run.log };
  return ports.host.run(task, {
    time_budget_ms: run.time_budget_ms,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
    onProgress: ({ bars, ts }) => request.onProgress?.({ phase: "run", bars, total_bars: run.total_bars, ts }),
    onBlock: async (block) => {
      const outcome = await (await opening).appendBlock(block);
      if (outcome.kind !== "stored") return { kind: "stopped", cause: causeOf(outcome) };
      request.onCommitted(block);
      return { kind: "committed" };
    },
  });
}

function causeOf(outcome: Exclude<Awaited<ReturnType<LogSession["appendBlock"]>>, { kind: "stored" }>): string {
  switch (outcome.kind) {
    case "out_of_order":
      return `position ${outcome.actual_position} came where ${outcome.expected_position} was due`;
    case "fenced":
      return `another process took over the tape (epoch ${outcome.epoch})`;
    case "rejected":
      return outcome.violations.map((v) => v.message).join("; ");
    case "unknown":
    case "unavailable":
      return outcome.cause;
  }
}

/** Runs without a tape: for measuring the engine alone. */
async function measure(ports: BacktestPorts, run: PreparedRun, request: BacktestRequest, started: number): Promise<BacktestOutcome> {
  const outcome = await ports.host.run(run.task, {
    time_budget_ms: run.time_budget_ms,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
    onProgress: ({ bars, ts }) => request.onProgress?.({ phase: "run", bars, total_bars: run.total_bars, ts }),
    onBlock: () => Promise.resolve({ kind: "stopped", cause: "a run without a tape made a block" }),
  });
  if (outcome.kind !== "completed") return { kind: "aborted", ...reasonOf(run, outcome), run_id: run.run_id, kept_as: null };
  const error = outcome.failure === null ? undefined : strategyError(ports, run, outcome.failure);
  const result: BacktestResult = {
    run_id: run.run_id,
    dir: null,
    status: error === undefined ? "completed" : "failed",
    identical: null,
    cached: false,
    strategy: { name: run.config.strategy.name, version: run.config.strategy.version },
    research: run.config.research,
    bars: outcome.bars,
    events: outcome.events,
    ...outcome.counts,
    trades: 0,
    elapsed_ms: ports.now() - started,
    tape: null,
    artifacts: {},
    metrics: {},
  };
  return error === undefined ? { kind: "ok", result } : { kind: "failed", result: { ...result, error } };
}

async function fromStore(ports: BacktestPorts, stored: StoredRun, started: number): Promise<BacktestOutcome> {
  const metrics = await metricsOf(ports, stored);
  const result = resultOf(stored.manifest, { dir: stored.dir, identical: null, cached: true, elapsed_ms: ports.now() - started, metrics });
  return { kind: "ok", result };
}

/** A run that was ended from outside is kept apart, never under its identity. */
async function abandon(
  ports: BacktestPorts,
  run: PreparedRun,
  draft: RunDraft,
  store: EventStore,
  session: LogSession,
  outcome: Exclude<EngineOutcome, { kind: "completed" }>,
): Promise<BacktestOutcome> {
  const why = reasonOf(run, outcome);
  const head = session.head();
  try {
    await session.close();
    await store.close();
    const manifest = {
      ...(await manifestOf(ports, run, draft, head, null, null)),
      status: "aborted" as const,
      error: { code: why.reason, message: why.message },
    };
    const kept_as = await commitUnder(ports, `aborted-${why.reason}-${run.run_id}`, draft, manifest, { recorded_at: ports.now() });
    return { kind: "aborted", ...why, run_id: run.run_id, kept_as };
  } catch {
    // A full disk may refuse even this much: then nothing is left behind.
    await draft.discard();
    return { kind: "aborted", ...why, run_id: run.run_id, kept_as: null };
  }
}

function reasonOf(
  run: PreparedRun,
  outcome: Exclude<EngineOutcome, { kind: "completed" }>,
): { readonly reason: AbortReason; readonly message: string } {
  switch (outcome.kind) {
    case "aborted":
      return { reason: "signal", message: "stopped on request" };
    case "tape_stopped":
      return { reason: "tape", message: `the tape could not be written: ${outcome.cause}` };
    case "over_budget":
      return {
        reason: "time-budget",
        message: `a handler did not come back within ${run.time_budget_ms} ms at slice ${outcome.slices} (bar ${outcome.bars}); look for an endless loop, or raise time_budget_ms`,
      };
  }
}

async function discard(draft: RunDraft, store: EventStore, opening: Promise<LogSession>): Promise<void> {
  await opening.then((session) => session.close()).catch(() => {});
  await store.close().catch(() => {});
  await draft.discard();
}

function strategyError(ports: BacktestPorts, run: PreparedRun, failure: ReportedFailure): StrategyError {
  const { code, message, handler, bar_ts, stack } = failure;
  return { code, message, handler, bar_ts, place: ports.strategies.locate(stack, run.strategy.source_map) };
}

function notStarted(ports: BacktestPorts, run: PreparedRun, failure: ReportedFailure): Violation {
  const { place, code, message, handler } = strategyError(ports, run, failure);
  return {
    code,
    message: `the strategy's ${handler} failed before the first bar: ${message}`,
    ...(place === null ? {} : { file: place.file, line: place.line, column: place.column }),
  };
}
