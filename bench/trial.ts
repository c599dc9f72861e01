import type { BenchOptions } from "./workload.js";

/** What a trial found. */
export interface TrialLine {
  readonly trial: string;
  /** What the figures are of, where a trial has several lines. */
  readonly of: string | null;
  /** By name, which ends in the unit. */
  readonly figures: { readonly [name: string]: number };
  /** Digest of what came out, the same in every run of this trial; null for one that only watches. */
  readonly output_hash: string | null;
  /** Bounds that the figures broke; left out where they kept all. */
  readonly missed?: readonly string[];
}

/** A measurement of something else than bars a second. */
export interface Trial {
  readonly id: string;
  readonly says: string;
  /** Left out unless it is named. */
  readonly onRequest?: boolean;
  /** Why it cannot run here, or null. */
  missing(): string | null;
  /** @throws {Error} that names work that differs. */
  measure(options: BenchOptions): Promise<readonly TrialLine[]>;
}
