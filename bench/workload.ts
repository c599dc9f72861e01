import type { EngineTask } from "../src/ports/engine-host.js";
import type { Work } from "./proof.js";

/** One measurement, as `--json` prints it. */
export interface BenchLine {
  readonly workload: string;
  readonly tape: "on" | "off";
  /** Bars of one pass. */
  readonly bars: number;
  readonly bars_per_s: number;
  readonly events: number;
  readonly events_per_s: number;
  /** Orders of one pass. */
  readonly orders: number;
  readonly orders_per_s: number;
  readonly events_per_order: number | null;
  readonly passes: number;
  /** Median, 90th percentile and worst pass, milliseconds. */
  readonly pass_ms: { readonly p50: number; readonly p90: number; readonly worst: number };
  /** Of the workload's own process, bars included. */
  readonly peak_rss_mb: number;
  /** Head of the tape (or a digest of the counts without one): the same in every run of this workload. */
  readonly output_hash: string;
  /** Digest of orders, fills, cash and positions, on which the engine and a calculation outside it agree; null without a tape. */
  readonly proof_hash: string | null;
  /** Ratios to baselines measured in the same run. */
  readonly ratios: { readonly [name: string]: number };
}

/** A workload that is ready to be timed. */
export interface Measured {
  readonly id: string;
  readonly task: EngineTask;
  /** Bars of one pass. */
  readonly bars: number;
  /** What the run must come to, calculated outside the engine. */
  readonly expected: Work;
  /** Bars a second of the least that any engine does with these bars. */
  readonly bare_rate: number;
  /** Measured passes by tape; 0 leaves that side out. Warm-up passes come before, unless there is only one. */
  readonly passes: { readonly off: number; readonly on: number };
}

export interface BenchOptions {
  /** One measured pass instead of several. */
  readonly quick: boolean;
  /** Only with the tape, or only without; both where left out. */
  readonly tape?: "on" | "off";
}

export interface Workload {
  readonly id: string;
  readonly says: string;
  /** Left out unless it is named. */
  readonly onRequest?: boolean;
  /** Why it cannot run here, or null. */
  missing(): string | null;
  /** Makes bars and task, and calculates outside the engine what the run must come to. */
  prepare(options: BenchOptions): Promise<Measured>;
  /** A bound on what was measured. @throws {Error} that names it. */
  check?(line: BenchLine): void;
}

export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}
