import type { Ranking } from "../core/sweep/rank-points.js";
import type { SweepAxis } from "../core/sweep/sweep-grid.js";
import type { SweepPoint } from "../core/sweep/sweep-point.js";
import type { SweepSummary } from "../core/sweep/sweep-summary.js";
import type { JsonObject } from "../core/tape/event.js";
import type { EngineBuild } from "./engine-build.js";

/** What a sweep is, by content: no clock, no path, no number of workers. */
export interface SweepManifest {
  readonly schema: "onetape.sweep-manifest/1";
  readonly sweep_id: string;
  /** `unfinished`: begun; `partial`: every point was tried, some went over their time budget; `complete`: every point is there. */
  readonly status: "unfinished" | "partial" | "complete";
  readonly engine: EngineBuild;
  readonly strategy: {
    readonly name: string;
    readonly version: string;
    readonly source_sha256: string;
    readonly bundle_sha256: string;
    readonly source_map_sha256: string;
  };
  /** Text of the configuration without the swept parameters, by hash. */
  readonly config_sha256: string;
  /** Identity of each input, ascending by symbol. */
  readonly inputs: readonly { readonly symbol: string; readonly column_set: string; readonly basis: string; readonly rows: number }[];
  /** Bars of each point. */
  readonly bars: number;
  readonly content_hashes: boolean;
  readonly axes: readonly SweepAxis[];
  readonly points: number;
  /** Periods a year of yearly metrics. */
  readonly periods_per_year: number;
  readonly ranking: Ranking;
  /** Null until the sweep has ended. */
  readonly summary: SweepSummary | null;
  /** Integrity of the files beside the manifest, by name; empty until the sweep has ended. */
  readonly files: { readonly [name: string]: { readonly sha256: string; readonly bytes: number } };
}

/** A sweep as it lies in the workspace. */
export interface StoredSweep {
  readonly sweep_id: string;
  readonly dir: string;
  readonly manifest: SweepManifest;
  /** Wall clock and provenance, no part of identity. */
  readonly provenance: JsonObject;
}

/** Points read back. */
export interface StoredPoints {
  /** Ascending by number, each once. */
  readonly points: readonly SweepPoint[];
  /** Lines that were changed after they were written, as `FILE:LINE`. They are left out. */
  readonly damaged: readonly string[];
  /** Points that were stored twice with different content. */
  readonly contradicting: readonly number[];
}

/** Where one process appends finished points. */
export interface PointJournal {
  /** Resolves when the point survives a power loss. */
  append(point: SweepPoint): Promise<void>;
  close(): Promise<void>;
}

export type FindSweep =
  | { readonly kind: "found"; readonly sweep: StoredSweep }
  | { readonly kind: "not_found"; readonly known: readonly string[] }
  | { readonly kind: "ambiguous"; readonly matches: readonly string[] };

/** The sweeps of a workspace. */
export interface SweepStore {
  /** Makes the sweep's folder with its inputs, or finds it made. @param inputs texts, kept under the SHA-256 of their content. */
  begin(manifest: SweepManifest, inputs: readonly string[], provenance: JsonObject): Promise<StoredSweep>;
  /** By id or unambiguous beginning; `latest` is the one worked on last. */
  find(name: string): Promise<FindSweep>;
  /** Newest first. */
  list(): Promise<readonly StoredSweep[]>;
  points(sweep: StoredSweep): Promise<StoredPoints>;
  journal(sweep: StoredSweep): Promise<PointJournal>;
  /**
   * Ends a sweep: writes its points in grid order, whatever `files` makes in the folder it is given, and the manifest, last.
   * Journals of processes that live stay.
   */
  seal(
    sweep: StoredSweep,
    points: readonly SweepPoint[],
    files: (folder: string) => Promise<void>,
    manifest: (files: SweepManifest["files"]) => SweepManifest,
    provenance: JsonObject,
  ): Promise<StoredSweep>;
  /** A text that a sweep keeps by hash; null when it is missing or no longer matches its hash. */
  input(sweep: StoredSweep, sha256: string): Promise<string | null>;
}
