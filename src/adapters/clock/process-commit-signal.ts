import type { Clock, CommitSignal } from "../../ports/clock.js";

/** Commits of this process, for readers in this process. Others are noticed by looking. */
export class ProcessCommitSignal implements CommitSignal {
  readonly #clock: Clock;
  readonly #waiting = new Set<{ readonly log: string; readonly position: number; readonly wake: () => void }>();
  readonly #reached = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  announce(log: string, position: number): void {
    this.#reached.set(log, Math.max(position, this.#reached.get(log) ?? 0));
    for (const waiter of this.#waiting) if (waiter.log === log && position > waiter.position) waiter.wake();
  }

  async wait(log: string, position: number, ms: number, signal?: AbortSignal): Promise<void> {
    // What was announced between the reader's look and its wait counts.
    if ((this.#reached.get(log) ?? 0) > position) return;
    const ended = new AbortController();
    const all = signal === undefined ? ended.signal : AbortSignal.any([ended.signal, signal]);
    const waiter = { log, position, wake: () => ended.abort() };
    this.#waiting.add(waiter);
    await this.#clock.wait(ms, all);
    this.#waiting.delete(waiter);
  }
}
