import type { JsonObject } from "../core/tape/event.js";

/** How a run ended, as its manifest says. */
export type RunStatus = "completed" | "failed" | "aborted";

/** What a manifest must say for a run to be found; the rest is defined by whoever writes it. */
export interface RunManifest {
  readonly schema: "onetape.manifest/1";
  readonly run_id: string;
  readonly status: RunStatus;
  readonly engine: { readonly version: string; readonly build: string };
  readonly strategy: {
    readonly name: string;
    readonly version: string;
    readonly source_sha256: string;
    readonly bundle_sha256: string;
    readonly source_map_sha256: string;
  };
  readonly config_sha256: string;
  /** Identity of each input, ascending by symbol. */
  readonly inputs: readonly {
    readonly symbol: string;
    readonly column_set: string;
    readonly bid_column_set?: string;
    readonly ask_column_set?: string;
    readonly basis: string;
    readonly rows: number;
  }[];
  readonly tape: {
    readonly log: string;
    readonly layout: "rows" | "segments";
    readonly head_position: number;
    readonly head_hash: string;
    readonly content_hash: string;
  };
  /** Identity hash of each artifact, by name. */
  readonly artifacts: { readonly [name: string]: string };
  /** Files with their integrity hashes, by name of the artifact. */
  readonly files: JsonObject;
  readonly totals: {
    readonly bars: number;
    readonly events: number;
    readonly sessions: number;
    readonly signals: number;
    readonly orders: number;
    readonly fills: number;
    readonly trades: number;
  };
  readonly research: boolean;
  /** The assumptions a reader must know, as stated choices. */
  readonly assumptions: JsonObject;
  readonly error?: JsonObject;
}

/** A run as it lies in the workspace. */
export interface StoredRun {
  /** Folder name: the run id, or `aborted-…` or `mismatch-…`. */
  readonly name: string;
  readonly dir: string;
  readonly manifest: RunManifest;
  /** Wall clock and provenance, no part of identity. */
  readonly provenance: JsonObject;
}

/** A run in the making, under a temporary name until it is complete. */
export interface RunDraft {
  readonly dir: string;
  /** Keeps a text under the SHA-256 of its content; @returns the hash. */
  putInput(text: string): Promise<string>;
  /** Writes the manifest and provenance, then gives the run its name. Null when another run took the name; the draft stays. */
  commit(name: string, manifest: RunManifest, provenance: JsonObject): Promise<StoredRun | null>;
  discard(): Promise<void>;
}

export type FindRun =
  | { readonly kind: "found"; readonly run: StoredRun }
  | { readonly kind: "not_found"; readonly known: readonly string[] }
  | { readonly kind: "ambiguous"; readonly matches: readonly string[] }
  | { readonly kind: "unreadable"; readonly name: string; readonly why: string };

/** The runs of a workspace. */
export interface RunStore {
  begin(): Promise<RunDraft>;
  /** By name or unambiguous prefix of it; `latest` is the run stored last. */
  find(name: string): Promise<FindRun>;
  /** Newest first. */
  list(): Promise<readonly StoredRun[]>;
  /** A text that a run keeps by hash; null when it is missing or no longer matches its hash. */
  input(run: StoredRun, sha256: string): Promise<string | null>;
  /** The text of one of a run's own files, for example `metrics.json`; null when it is missing. */
  file(run: StoredRun, path: string): Promise<string | null>;
  /** Files of results and texts of `inputs/` that the manifest names and that are missing or have other bytes than it says. */
  changedFiles(run: StoredRun): Promise<readonly { readonly path: string; readonly problem: "missing" | "changed" }[]>;
  /** Folders among the runs whose manifest cannot be read, and why, by name. */
  unreadable(): Promise<readonly { readonly name: string; readonly why: string }[]>;
  /** First free name of the form `PREFIX-n`. */
  freeName(prefix: string): Promise<string>;
}
