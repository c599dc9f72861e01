import type { Arrival } from "../core/engine/arrival-feed.js";
import type { EngineInstrument, Judged } from "../core/engine/engine-spec.js";
import type { RunConfig, RunInputs } from "../core/engine/run-config.js";
import type { RunStarted } from "../core/engine/run-events.js";
import type { SessionStarted } from "../core/engine/session-events.js";
import type { GateReadings } from "../core/gate/readings.js";
import type { BarShape } from "../core/market/growing-bars.js";
import type { EventBlock } from "../core/tape/block.js";
import type { UtcMillis } from "../core/tape/event.js";

/** Everything an engine needs to run, as data that can cross a thread. */
export interface EngineTask {
  /** Null for a session. */
  readonly started: RunStarted | null;
  /** Present for a session, whose bars come as they close; `instruments` is empty then. */
  readonly arriving?: {
    readonly opening: SessionStarted;
    /** In the order of `config.data`. */
    readonly shapes: readonly BarShape[];
  };
  readonly config: RunConfig;
  /** The strategy as one JavaScript text. */
  readonly bundle: string;
  /** Columns lie in shared memory, so that handing them over copies nothing. */
  readonly instruments: readonly EngineInstrument[];
  /** Texts that the config names by SHA-256. */
  readonly inputs: RunInputs;
  /** The log that the run is written to, where ids and payload hashes shall be made on the engine's thread. */
  readonly log?: string;
  /** `strict` commits every batch before a handler sees it; `block` commits in blocks. The bytes are the same. */
  readonly append: "block" | "strict";
  /** False measures the engine alone: events are made and folded, and kept nowhere. */
  readonly tape: boolean;
  /** An order whose decisions are told with the value and limit of every check. */
  readonly explain?: string;
}

/** A decision of the gate with what it was made from. */
export interface JudgedOrder extends Judged {
  readonly readings: GateReadings;
}

export interface EngineRunOptions {
  /** Takes accepted events towards the store. Resolves when they are committed, or with why they never will be. */
  readonly onBlock: (block: EventBlock) => Promise<{ readonly kind: "committed" } | { readonly kind: "stopped"; readonly cause: string }>;
  readonly onProgress?: (done: { readonly bars: number; readonly slices: number; readonly ts: UtcMillis | null }) => void;
  readonly signal?: AbortSignal;
  /** Told of each decision on the order that the task asks to have explained. */
  readonly onJudged?: (judged: JudgedOrder) => void;
  /** What comes to a session. Asked for one at a time, when the engine has nothing left to do. */
  readonly arrivals?: AsyncIterable<Arrival>;
  /** Most milliseconds between two slices, waiting for bars aside; a handler that takes longer is ended. */
  readonly time_budget_ms: number;
}

/** A strategy's own fault, with the stack as the engine's thread saw it. */
export interface ReportedFailure {
  readonly code: string;
  readonly message: string;
  readonly handler: string;
  readonly bar_ts: UtcMillis | null;
  readonly stack: string;
}

export interface EngineCounts {
  readonly signals: number;
  readonly orders: number;
  readonly fills: number;
}

export type EngineOutcome =
  | {
      readonly kind: "completed";
      readonly bars: number;
      readonly slices: number;
      readonly events: number;
      readonly counts: EngineCounts;
      readonly engine_ms: number;
      readonly failure: ReportedFailure | null;
    }
  /** A handler did not come back in time. `slices` were begun; the last of them holds the handler. */
  | { readonly kind: "over_budget"; readonly slices: number; readonly bars: number }
  | { readonly kind: "aborted" }
  /** The tape could not be written. */
  | { readonly kind: "tape_stopped"; readonly cause: string };

/** Where engines run. One run at a time; the thread behind it is kept for the next. */
export interface EngineHost {
  /** Starts what the next run needs, while the caller still prepares it. Never fails: a run meets whatever went wrong. */
  prepare(): void;
  run(task: EngineTask, options: EngineRunOptions): Promise<EngineOutcome>;
  close(): Promise<void>;
}
