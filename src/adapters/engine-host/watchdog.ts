import type { EngineControl } from "./engine-control.js";

/** How often whoever watches an engine looks. */
export const TICK_MS = 50;

/** Before the first slice the thread is starting and the strategy is being evaluated: a longer, fixed allowance. */
const START_BUDGET_MS = 10_000;

/** Notices a handler that does not come back. Time in which the watching thread itself was held up does not count. */
export class Watchdog {
  readonly #control: EngineControl;
  readonly #timeBudget_ms: number;
  #slices = -1;
  #idle_ms = 0;
  #spent_ms = 0;
  #last = performance.now();

  /** @param timeBudget_ms most milliseconds between two slices. */
  constructor(control: EngineControl, timeBudget_ms: number) {
    this.#control = control;
    this.#timeBudget_ms = timeBudget_ms;
  }

  /** Milliseconds since the first slice: starting a thread is no part of an engine's time. */
  get spent_ms(): number {
    return this.#spent_ms;
  }

  /** To be called every {@link TICK_MS}. `moved`: slices have passed, or the engine waits for the tape. */
  look(): "moved" | "still" | "over_budget" {
    const now = performance.now();
    const passed = Math.min(now - this.#last, 2 * TICK_MS);
    this.#last = now;
    const { slices, waiting } = this.#control;
    if (slices > 0) this.#spent_ms += passed;
    if (slices !== this.#slices || waiting) {
      this.#slices = slices;
      this.#idle_ms = 0;
      return "moved";
    }
    this.#idle_ms += passed;
    const budget = slices === 0 ? Math.max(this.#timeBudget_ms, START_BUDGET_MS) : this.#timeBudget_ms;
    return this.#idle_ms > budget ? "over_budget" : "still";
  }
}
