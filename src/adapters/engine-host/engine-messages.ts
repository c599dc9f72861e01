import type { EventBlock } from "../../core/tape/block.js";
import type { EngineCounts, EngineTask, ReportedFailure } from "../../ports/engine-host.js";

/** Main to engine: run this. */
export interface RunMessage {
  readonly task: EngineTask;
  readonly control: SharedArrayBuffer;
}

/** Engine to main. */
export type EngineMessage =
  | { readonly kind: "block"; readonly block: EventBlock }
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
