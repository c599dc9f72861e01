import type { Timeframe } from "../core/market/bars.js";
import type { Violation } from "../core/quality/violation.js";
import type { ReadSignal } from "../core/signals/signal-csv.js";
import type { AnyStrategy } from "../core/strategy/strategy.js";

/** A strategy ready to run, by content. */
export interface LoadedStrategy {
  readonly definition: AnyStrategy;
  /** One JavaScript text, same bytes wherever it is made. */
  readonly bundle: string;
  readonly source_map: string;
  /** Identity: SHA-256 over relative paths and line-feed texts of the source set. */
  readonly source_sha256: string;
  /** Relative path and text of each source file, ascending by path. */
  readonly sources: readonly { readonly path: string; readonly text: string; readonly sha256: string }[];
}

export type StrategyLoad =
  | { readonly kind: "loaded"; readonly strategy: LoadedStrategy }
  | { readonly kind: "refused"; readonly violations: readonly Violation[] };

/** Where in the user's file a strategy failed. */
export interface FailurePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The line as it stands, or null where the source is not at hand. */
  readonly text: string | null;
}

/** Bracket signals to follow. */
export interface SignalSet {
  /** In time order, each on one of `symbols`. */
  readonly signals: readonly ReadSignal[];
  /** Ascending: the run's symbols. */
  readonly symbols: readonly string[];
  readonly timeframe: Timeframe;
}

export interface StrategySource {
  /** Starts what loading needs, while whoever will load does something else. Never fails: loading tells what is wrong. */
  prepare(): void;
  /** Bundles, guards, instantiates and validates a strategy file; every fault at once. */
  load(entry: string): Promise<StrategyLoad>;
  /** Makes the strategy that places the orders of signals. */
  follow(signals: SignalSet): Promise<StrategyLoad>;
  /** Instantiates a stored bundle. */
  revive(bundle: string): AnyStrategy;
  /** Finds the user's line in a stack; null when no frame is the strategy's. */
  locate(stack: string, sourceMap: string): FailurePlace | null;
}
