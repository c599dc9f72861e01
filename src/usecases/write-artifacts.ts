/**
 * Writes everything that a run leaves behind besides its tape: tables, the equity curve and the metrics.
 *
 * The tape is read once, in position order. No file holds a clock reading or a path, so equal runs write equal bytes.
 */
import type { RunConfig } from "../core/engine/run-config.js";
import type { BarColumns } from "../core/market/bars.js";
import { type RunMetrics, runMetrics } from "../core/metrics/run-metrics.js";
import { curveTable } from "../core/projections/artifact-tables.js";
import { curveIdentity } from "../core/projections/equity-curve.js";
import { positionedEvent } from "../core/projections/positioned-event.js";
import { RunProjection, type RunTables } from "../core/projections/run-projection.js";
import { firstUnsortedRow } from "../core/projections/table.js";
import { tableIdentity } from "../core/projections/table-identity.js";
import { canonicalJson } from "../core/tape/canonical-json.js";
import type { Sha256BytesFn, Sha256Hex } from "../core/tape/hash.js";
import type { ArtifactWriter, WrittenFile } from "../ports/artifact-writer.js";
import type { LogSession } from "../ports/event-store.js";

export interface WriteArtifactsRequest {
  /** The run's log, readable from its first event. */
  readonly session: LogSession;
  /** Bars by symbol. Only rows that the tape attaches are read. */
  readonly columns: ReadonlyMap<string, BarColumns>;
  readonly config: RunConfig;
  /** An existing folder, best a temporary one that is renamed when all is complete. */
  readonly dir: string;
  readonly writer: ArtifactWriter;
  readonly hash: Sha256BytesFn;
  /** Called with the number of events read, every 10,000. */
  readonly onProgress?: (events: number) => void;
  /** Looked at before each file. */
  readonly signal?: AbortSignal;
}

/** One artifact: its identity by content, and its files. */
export interface ArtifactEntry {
  readonly identity_sha256: Sha256Hex;
  readonly rows: number;
  readonly files: { readonly [format: string]: WrittenFile };
}

export interface WriteArtifactsResult {
  /** By name, in the order of writing. */
  readonly artifacts: { readonly [name: string]: ArtifactEntry };
  readonly metrics: RunMetrics;
  readonly totals: {
    readonly events: number;
    readonly bars: number;
    readonly sessions: number;
    readonly signals: number;
    readonly orders: number;
    readonly fills: number;
    readonly trades: number;
  };
}

const PROGRESS_EVERY = 10_000;

/**
 * Projects a run's tape and writes its artifacts into `dir`.
 *
 * @throws {ProjectionMismatch} when the tape's own totals and the fold differ; nothing has been written then.
 * @throws the file system's error when the disk refuses, or the signal's reason; the folder is incomplete then.
 */
export async function writeArtifacts(request: WriteArtifactsRequest): Promise<WriteArtifactsResult> {
  const { dir, writer, hash, signal } = request;
  const [{ events, tables, equity, measures }] = await Promise.all([foldTape(request), writer.prepare()]);
  const artifacts: Record<string, ArtifactEntry> = {};
  for (const table of tables) {
    signal?.throwIfAborted();
    const unsorted = firstUnsortedRow(table);
    if (unsorted !== null) throw new Error(`row ${unsorted} of ${table.schema.name} is not after the one before by its sort key`);
    artifacts[table.schema.name] = {
      identity_sha256: tableIdentity(table, hash),
      rows: table.rows.length,
      files: await writer.writeTable(dir, table),
    };
  }
  signal?.throwIfAborted();
  artifacts[curveTable.name] = {
    identity_sha256: curveIdentity(equity, hash),
    rows: equity.rows,
    files: { columns: await writer.writeCurve(dir, curveTable.name, equity) },
  };
  const metrics = runMetrics(measures);
  const text = canonicalText(metrics);
  artifacts["metrics"] = {
    identity_sha256: hash([new TextEncoder().encode(text)]),
    rows: Object.keys(metrics.metrics).length,
    files: { json: await writer.writeText(dir, "metrics.json", `${JSON.stringify(JSON.parse(text), null, 2)}\n`) },
  };
  const { counts } = measures;
  return {
    artifacts,
    metrics,
    totals: {
      events,
      bars: measures.bars,
      sessions: counts.sessions,
      signals: counts.signals,
      orders: counts.orders,
      fills: counts.fills,
      trades: measures.trades.length,
    },
  };
}

async function foldTape({ session, columns, config, onProgress }: WriteArtifactsRequest): Promise<RunTables & { readonly events: number }> {
  const projection = new RunProjection(config, columns);
  let events = 0;
  for await (const event of session.readLog()) {
    projection.apply(positionedEvent(event));
    events += 1;
    if (events % PROGRESS_EVERY === 0) onProgress?.(events);
  }
  onProgress?.(events);
  return { ...projection.finish(), events };
}

function canonicalText(value: unknown): string {
  const canonical = canonicalJson(value);
  if (!canonical.ok) throw new TypeError(`metrics are not canonical JSON: ${canonical.violations.map((v) => v.message).join("; ")}`);
  return canonical.text;
}
