/** Folds a run's tape into everything that its artifacts hold: the same fold writes a run and later proves what its manifest says. */
import type { RunConfig, RunInputs } from "../core/engine/run-config.js";
import type { BarColumns } from "../core/market/bars.js";
import { provenMetrics } from "../core/metrics/metric-calculations.js";
import { type RunMetrics, runMetrics } from "../core/metrics/run-metrics.js";
import { type PositionedEvent, positionedEvent } from "../core/projections/positioned-event.js";
import { RunProjection, type RunTables } from "../core/projections/run-projection.js";
import { canonicalJson } from "../core/tape/canonical-json.js";
import type { Sha256BytesFn, Sha256Hex } from "../core/tape/hash.js";
import type { LogSession } from "../ports/event-store.js";
import type { RunManifest } from "../ports/run-store.js";

export interface ProjectRunRequest {
  /** The run's log, readable from its first event. */
  readonly session: LogSession;
  /** Bars by symbol. Only rows that the tape attaches are read. */
  readonly columns: ReadonlyMap<string, BarColumns>;
  readonly config: RunConfig;
  /** Texts that the config names by SHA-256. */
  readonly inputs: RunInputs;
  /** Called with the number of events read, about every 10,000 and at the end. */
  readonly onProgress?: (events: number) => void;
  /** Looked at about every 10,000 events. */
  readonly signal?: AbortSignal;
  /** Remembers what an explanation lists. */
  readonly detail?: boolean;
}

/** A run as its tape and bars give it. */
export interface ProjectedRun extends RunTables {
  readonly metrics: RunMetrics;
  readonly totals: RunManifest["totals"];
}

const PROGRESS_EVERY = 10_000;

/** The fold itself, fed in position order. */
export class RunFold {
  /** Events folded so far. */
  events: number = 0;
  readonly #projection: RunProjection;

  constructor({ config, columns, inputs, detail }: Pick<ProjectRunRequest, "config" | "columns" | "inputs" | "detail">) {
    this.#projection = new RunProjection(config, columns, { inputs, detail: detail === true });
  }

  /** @throws {ProjectionMismatch} when the tape's own totals and the fold differ. */
  apply(event: PositionedEvent): void {
    this.#projection.apply(event);
    this.events += 1;
  }

  /** @throws {FigureCheckFailed} where a metric fails a check that its calculation is registered with. */
  finish(): ProjectedRun {
    const tables = this.#projection.finish();
    const { counts, bars, fills, trades } = tables.measures;
    const { sessions, signals, orders } = counts;
    return {
      ...tables,
      metrics: provenMetrics(runMetrics(tables.measures)),
      totals: { events: this.events, bars, sessions, signals, orders, fills: fills.length, trades: trades.length },
    };
  }
}

/**
 * Reads the tape once, in position order.
 *
 * @throws {ProjectionMismatch} when the tape's own totals and the fold differ.
 * @throws the signal's reason.
 */
export async function projectRun({ session, onProgress, signal, ...parts }: ProjectRunRequest): Promise<ProjectedRun> {
  const fold = new RunFold(parts);
  let told = 0;
  for await (const page of session.replayPages()) {
    for (const event of page) fold.apply(positionedEvent(event));
    if (fold.events - told < PROGRESS_EVERY) continue;
    told = fold.events;
    onProgress?.(told);
    // A store may answer without ever waiting; a signal is only heard between two turns of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
  }
  onProgress?.(fold.events);
  return fold.finish();
}

/** Metrics as their identity hashes them and as their file shows them. */
export function metricsText(metrics: RunMetrics, hash: Sha256BytesFn): { readonly identity_sha256: Sha256Hex; readonly file: string } {
  const canonical = canonicalJson(metrics);
  if (!canonical.ok) throw new TypeError(`metrics are not canonical JSON: ${canonical.violations.map((v) => v.message).join("; ")}`);
  return {
    identity_sha256: hash([new TextEncoder().encode(canonical.text)]),
    file: `${JSON.stringify(JSON.parse(canonical.text), null, 2)}\n`,
  };
}
