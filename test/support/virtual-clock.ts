import type { Clock } from "../../src/ports/clock.js";
import { MONDAY } from "./tape-fixture.js";

/** A clock that moves when the test says so. Who waits is woken by {@link advance} alone, or by its signal. */
export class VirtualClock implements Clock {
  #now = MONDAY;
  readonly #waiting = new Set<{ readonly at: number; readonly wake: () => void }>();

  now(): number {
    return this.#now;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= 0 || signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const waiter = {
        at: this.#now + ms,
        wake: () => {
          this.#waiting.delete(waiter);
          resolve();
        },
      };
      this.#waiting.add(waiter);
      signal?.addEventListener("abort", waiter.wake, { once: true });
    });
  }

  /** Waits in progress. */
  get waiting(): number {
    return this.#waiting.size;
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const waiter of [...this.#waiting]) if (waiter.at <= this.#now) waiter.wake();
  }
}
