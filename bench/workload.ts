/** One measurement, as `--json` prints it. */
export interface BenchLine {
  readonly workload: string;
  readonly tape: "on" | "off";
  readonly bars: number;
  readonly bars_per_s: number;
  readonly events: number;
  readonly events_per_s: number;
  /** Orders of one pass. */
  readonly orders: number;
  readonly events_per_order: number;
  readonly passes: number;
  /** Median, 90th percentile and worst pass, milliseconds. */
  readonly pass_ms: { readonly p50: number; readonly p90: number; readonly worst: number };
  readonly peak_rss_mb: number;
  /** Head of the tape (or a digest of the counts without one): the same in every run of this workload. */
  readonly output_hash: string;
  /** Ratios to baselines measured in the same run. */
  readonly ratios: { readonly [name: string]: number };
}

export interface Workload {
  readonly id: string;
  /** Why it cannot run here, or null. */
  missing(): string | null;
  run(): AsyncIterable<BenchLine>;
}

export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}
