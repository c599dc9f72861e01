import type { EngineInstrument } from "../core/engine/engine-spec.js";
import type { RunConfig, RunInputs } from "../core/engine/run-config.js";
import type { RunStarted } from "../core/engine/run-events.js";
import type { SweepPoint } from "../core/sweep/sweep-point.js";

/** What all points of a sweep share. Columns lie in shared memory: every worker reads the same. */
export interface SweepTask {
  /** The strategy as one JavaScript text. */
  readonly bundle: string;
  readonly instruments: readonly EngineInstrument[];
  /** Texts that the config names by SHA-256. */
  readonly inputs: RunInputs;
  /** Whether events are encoded and hashed as on a tape. */
  readonly content_hashes: boolean;
}

/** One point to run. */
export interface PointTask {
  readonly point: number;
  readonly log: string;
  readonly config: RunConfig;
  readonly started: RunStarted;
}

/** What running a point gives. */
export type PointFigures = Omit<SweepPoint, "point" | "params" | "run_id">;

export type PointOutcome =
  | { readonly kind: "finished"; readonly point: number; readonly figures: PointFigures }
  /** Ended from outside: one call of a handler, or the whole point, took longer than it may. */
  | { readonly kind: "over_budget"; readonly point: number; readonly budget: "handler" | "point" };

export interface PointPoolOptions {
  readonly workers: number;
  /** Most milliseconds between two slices; a handler that takes longer is ended. */
  readonly time_budget_ms: number;
  /** Most milliseconds for a point, or null. */
  readonly point_budget_ms: number | null;
  readonly signal?: AbortSignal;
  /** Called once a point, in the order in which they end. */
  readonly onOutcome: (outcome: PointOutcome) => void;
}

/** Where points run, several at a time. */
export interface PointPool {
  /** Takes points in order as workers become free. Resolves with `aborted` where the signal ended it first. */
  run(task: SweepTask, points: Iterable<PointTask>, options: PointPoolOptions): Promise<"completed" | "aborted">;
}
