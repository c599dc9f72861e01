/**
 * How near a run or a session came to the limits of its policy, and what the policy did.
 *
 * The tape is folded over the bars that it names by hash; where those are not in the workspace any more, what the tape alone says remains.
 */

import type { RunConfig, RunInputs } from "../core/engine/run-config.js";
import { policyFingerprint } from "../core/gate/policy-fingerprint.js";
import type { BarColumns } from "../core/market/bars.js";
import { isOfBars } from "../core/projections/after-close.js";
import { DecisionTallyFold } from "../core/projections/decision-tally.js";
import { ExposureFold, ExposureMismatch } from "../core/projections/exposure-fold.js";
import { positionedEvent } from "../core/projections/positioned-event.js";
import type { RiskExposure } from "../core/projections/risk-exposure.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { LogSession } from "../ports/event-store.js";
import type { StoredRun } from "../ports/run-store.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { openTape } from "./compare-runs.js";
import { configOf, namedInputs, recordedStart } from "./recorded-run.js";

export interface ExposureRequest extends ExposureProgress {
  readonly run: StoredRun;
}

export interface ExposureProgress {
  /** Called with the number of events read, every 10,000 and at the end. */
  readonly onProgress?: (events: number) => void;
  /** Looked at every 10,000 events. */
  readonly signal?: AbortSignal;
}

export type ExposureOutcome =
  | { readonly kind: "exposure"; readonly run: string; readonly exposure: RiskExposure }
  /** Only the checks that are never switched off held. */
  | { readonly kind: "no_policy"; readonly run: string }
  /** The tape cannot be read, or contradicts its bars. */
  | { readonly kind: "unreadable"; readonly message: string };

export type ExposurePorts = Pick<BacktestPorts, "tapes" | "hash"> & {
  readonly bars: Pick<BacktestPorts["bars"], "load">;
  readonly runs: Pick<BacktestPorts["runs"], "input">;
};

const PROGRESS_EVERY = 10_000;

/** @throws the signal's reason. */
export async function riskExposure(ports: ExposurePorts, request: ExposureRequest): Promise<ExposureOutcome> {
  const { run } = request;
  const store = ports.tapes(run.dir);
  try {
    const opened = await openTape(store, run.manifest.tape.log);
    if (opened.session === null) return { kind: "unreadable", message: `the tape of ${run.name} cannot be opened: ${opened.why}` };
    const started = await recordedStart(opened.session);
    if (started === null) return { kind: "unreadable", message: `the tape of ${run.name} does not begin with run.started` };
    const config = configOf(started);
    if (config.risk === undefined) return { kind: "no_policy", run: run.name };
    const inputs = await namedInputs(config, (hash) => ports.runs.input(run, hash));
    if (typeof inputs === "string") return { kind: "unreadable", message: `${run.name}: ${inputs}` };
    const columns = await barsOf(ports, config);
    return await foldExposure({ name: run.name, tape: opened.session, config, columns, inputs, hash: ports.hash }, request);
  } finally {
    await store.close();
  }
}

/** A tape of a policy's decisions with what folding it takes. */
export interface FoldedTape {
  readonly name: string;
  readonly tape: LogSession;
  readonly config: RunConfig;
  /** By symbol; null where they are not to be had: what the tape alone says remains. */
  readonly columns: ReadonlyMap<string, BarColumns> | null;
  readonly inputs: RunInputs;
  readonly hash: Sha256Fn;
}

/** @throws the signal's reason. */
export async function foldExposure(
  { name, tape, config, columns, inputs, hash }: FoldedTape,
  progress: ExposureProgress,
): Promise<ExposureOutcome> {
  const { risk: policy } = config;
  if (policy === undefined) return { kind: "no_policy", run: name };
  const tally = new DecisionTallyFold();
  const fold = columns === null ? null : new ExposureFold({ config, policy, columns, inputs, hash });
  const contradiction = await read(tape, progress, tally, fold);
  if (contradiction !== null) return { kind: "unreadable", message: contradiction };
  const { limits, proof } = fold?.finish() ?? { limits: null, proof: null };
  const about = { name: policy.name, sha256: policyFingerprint(policy, hash), enforcement: policy.enforcement };
  return { kind: "exposure", run: name, exposure: { policy: about, limits, proof, ...tally.finish() } };
}

async function read(
  session: LogSession,
  { onProgress, signal }: ExposureProgress,
  tally: DecisionTallyFold,
  fold: ExposureFold | null,
): Promise<string | null> {
  /** Events of the time in hand but its bars, by id. */
  const known = new Set<string>();
  let events = 0;
  let now = 0;
  for await (const stored of session.readLog()) {
    const event = positionedEvent(stored);
    if (stored.occurred_at !== now) known.clear();
    now = stored.occurred_at;
    if (!isOfBars(event)) known.add(stored.id);
    tally.apply(event);
    try {
      fold?.apply(event, stored.causation_id !== null && known.has(stored.causation_id));
    } catch (error) {
      if (error instanceof ExposureMismatch) return error.message;
      throw error;
    }
    events += 1;
    if (events % PROGRESS_EVERY !== 0) continue;
    onProgress?.(events);
    // A store may answer without ever waiting; a signal is only heard between two turns of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
  }
  onProgress?.(events);
  return null;
}

/** The run's bars, or null where the workspace misses some. */
async function barsOf({ bars }: ExposurePorts, { data }: RunConfig): Promise<ReadonlyMap<string, BarColumns> | null> {
  const columns = new Map<string, BarColumns>();
  for (const { symbol, column_set, basis } of data) {
    const found = await bars.load(column_set, basis);
    if (found === null) return null;
    columns.set(symbol, found);
  }
  return columns;
}
