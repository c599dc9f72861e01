/**
 * Writes everything that a run leaves behind besides its tape: tables, the equity curve and the metrics.
 *
 * The tape is read once, in position order, unless its events were folded as they were committed. No file holds a clock reading or a path, so equal runs write equal bytes.
 */
import type { RunMetrics } from "../core/metrics/run-metrics.js";
import { curveTable } from "../core/projections/artifact-tables.js";
import { curveIdentity } from "../core/projections/equity-curve.js";
import { firstUnsortedRow } from "../core/projections/table.js";
import { tableIdentity } from "../core/projections/table-identity.js";
import type { Sha256BytesFn, Sha256Hex } from "../core/tape/hash.js";
import type { ArtifactWriter, WrittenFile } from "../ports/artifact-writer.js";
import type { RunManifest } from "../ports/run-store.js";
import type { BlockFold } from "./fold-blocks.js";
import { metricsText, type ProjectedRun, type ProjectRunRequest, projectRun } from "./project-run.js";

export interface WriteArtifactsRequest extends Pick<ProjectRunRequest, "session" | "columns" | "config" | "inputs"> {
  /** An existing folder, best a temporary one that is renamed when all is complete. */
  readonly dir: string;
  readonly writer: ArtifactWriter;
  readonly hash: Sha256BytesFn;
  /** What was folded while the run was written. */
  readonly followed?: BlockFold;
  readonly onProgress?: (step: ArtifactStep) => void;
  /** Looked at every 10,000 events and before each artifact. */
  readonly signal?: AbortSignal;
}

/** How far the work has come: events of the tape folded, then artifacts written. */
export interface ArtifactStep {
  readonly unit: "events" | "artifacts";
  readonly done: number;
  readonly total: number;
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
  readonly totals: RunManifest["totals"];
}

/**
 * Projects a run's tape and writes its artifacts into `dir`.
 *
 * @throws {ProjectionMismatch} when the tape's own totals and the fold differ; nothing has been written then.
 * @throws the file system's error when the disk refuses, or the signal's reason; the folder is incomplete then.
 */
export async function writeArtifacts(request: WriteArtifactsRequest): Promise<WriteArtifactsResult> {
  const { session, columns, config, inputs, dir, writer, hash, followed, signal, onProgress } = request;
  const events = session.head().position;
  const read = (): Promise<ProjectedRun> =>
    projectRun({
      session,
      columns,
      config,
      inputs,
      onProgress: (done) => onProgress?.({ unit: "events", done, total: events }),
      ...(signal === undefined ? {} : { signal }),
    });
  const { tables, equity, metrics, totals } = (await followed?.finish(events)) ?? (await read());
  // The curve and the metrics come after the tables.
  const total = tables.length + 2;
  let finished = 0;
  /** Each artifact is begun in a turn of its own, while the files of those before are still being written. */
  const begin = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
  };
  const tell = (): void => onProgress?.({ unit: "artifacts", done: finished, total });
  const writing: Promise<readonly [name: string, entry: ArtifactEntry]>[] = [];
  const write = (name: string, identity_sha256: Sha256Hex, rows: number, files: Promise<ArtifactEntry["files"]>): void => {
    const written = files.then((done) => {
      finished += 1;
      tell();
      return [name, { identity_sha256, rows, files: done }] as const;
    });
    // Told where all are awaited.
    written.catch(() => {});
    writing.push(written);
  };
  tell();
  try {
    for (const table of tables) {
      await begin();
      const unsorted = firstUnsortedRow(table);
      if (unsorted !== null) throw new Error(`row ${unsorted} of ${table.schema.name} is not after the one before by its sort key`);
      write(table.schema.name, tableIdentity(table, hash), table.rows.length, writer.writeTable(dir, table));
    }
    await begin();
    const curve = named("columns", writer.writeCurve(dir, curveTable.name, equity));
    write(curveTable.name, curveIdentity(equity, hash), equity.rows, curve);
    await begin();
    const { identity_sha256, file } = metricsText(metrics, hash);
    const json = named("json", writer.writeText(dir, "metrics.json", file));
    write("metrics", identity_sha256, Object.keys(metrics.metrics).length, json);
  } finally {
    // Nobody may write into a folder that its owner has been given back.
    await Promise.allSettled(writing);
  }
  const artifacts = Object.fromEntries(await Promise.all(writing));
  return { artifacts, metrics, totals };
}

async function named(format: string, file: Promise<WrittenFile>): Promise<ArtifactEntry["files"]> {
  return { [format]: await file };
}
