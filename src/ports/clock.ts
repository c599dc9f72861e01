import type { UtcMillis } from "../core/tape/event.js";

/** Time for those who work beside the tape. Nothing that is folded or hashed may read it. */
export interface Clock {
  /** Wall clock, whole UTC milliseconds. */
  now(): UtcMillis;
  /** Resolves after `ms`, or as soon as the signal is aborted. Never rejects. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Tells readers of a log that it has moved. A hint: who hears nothing looks again after a while. */
export interface CommitSignal {
  /** A commit reached `position`. */
  announce(log: string, position: number): void;
  /** Resolves once a commit beyond `position` is announced, after `ms`, or when the signal is aborted. Never rejects. */
  wait(log: string, position: number, ms: number, signal?: AbortSignal): Promise<void>;
}
