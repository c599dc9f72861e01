import type { MessagePort } from "node:worker_threads";
import type { Arrival } from "../../core/engine/arrival-feed.js";
import type { EventBlock } from "../../core/tape/block.js";
import type { EngineCounts, EngineTask, JudgedOrder, ReportedFailure } from "../../ports/engine-host.js";

/** Main to engine: run this. */
export interface RunMessage {
  readonly task: EngineTask;
  readonly control: SharedArrayBuffer;
  /** Where a session's bars come from: {@link ArrivalMessage}. */
  readonly arrivals?: MessagePort;
}

/** Main to engine, on the port of its own: the next bars, or null when no more will come. */
export interface ArrivalMessage {
  readonly slice: Arrival | null;
}

/** Engine to main. */
export type EngineMessage =
  | { readonly kind: "block"; readonly block: EventBlock }
  | { readonly kind: "judged"; readonly judged: JudgedOrder }
  /** A session has nothing left to do until bars come. */
  | { readonly kind: "wants_bars" }
  | {
      readonly kind: "done";
      readonly bars: number;
      readonly slices: number;
      readonly events: number;
      readonly counts: EngineCounts;
      readonly engine_ms: number;
      readonly failure: ReportedFailure | null;
    }
  | { readonly kind: "tape_stopped"; readonly cause: string }
  /** A fault of ours: the run proves nothing. */
  | { readonly kind: "crashed"; readonly message: string; readonly stack: string };
