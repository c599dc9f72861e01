/** The figures of docs/benchmarks.md, as docs/benchmarks.json keeps them. */
import type { TrialLine } from "./trial.js";
import type { BenchLine } from "./workload.js";

/** How busy the machine was before a measurement, and which build was measured. */
export interface Circumstances {
  readonly load: number;
  /** UTC day. */
  readonly day: string;
  readonly machine: string;
  /** First 12 digits of the engine's build hash. */
  readonly build: string;
}

/** A peer on one workload, with Onetape's rate over its own. */
export interface PeerLine {
  readonly peer: string;
  readonly version: string;
  readonly workload: string;
  /** Of the whole workload. */
  readonly bars: number;
  readonly bars_per_s: number;
  readonly seconds: number;
  readonly orders: number;
  readonly equity: number;
  readonly peak_rss_mb: number;
  readonly note: string;
}

export interface ComparedPeer extends PeerLine {
  readonly ratios: { readonly [name: string]: number };
}

/** Onetape's own line in a comparison with peers. */
export interface OwnLine extends BenchLine {
  readonly peer: "onetape";
}

/** What one measurement gave, under its id. */
export interface Entry {
  readonly says: string;
  readonly circumstances: Circumstances;
  readonly lines: readonly (BenchLine | TrialLine | OwnLine | ComparedPeer)[];
  /** What did not run, with the reason. */
  readonly skipped: readonly string[];
}

export interface Results {
  readonly entries: { readonly [id: string]: Entry };
}
