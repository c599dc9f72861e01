import type { UtcMillis } from "../core/tape/event.js";
import type { Clock } from "../ports/clock.js";

/** How fast a session gets its bars. */
export interface Pace {
  /** True where nobody waits for real time: nothing leaves the process, and power loss takes nothing that cannot be made again. */
  readonly simulated: boolean;
  /** Resolves when a bar that closes at `ts` may be delivered, or when the signal is raised. */
  until(ts: UtcMillis, signal: AbortSignal): Promise<void>;
}

/** Bars come as fast as they are taken. */
export const UNPACED: Pace = { simulated: true, until: () => Promise.resolve() };

/** Recorded time passes `speed` times as fast as on the clock, from the first bar that is waited for. */
export function pacedBy(speed: number, clock: Clock): Pace {
  let first: { readonly ts: number; readonly at: number } | null = null;
  return {
    simulated: false,
    until: async (ts, signal) => {
      first ??= { ts, at: clock.now() };
      const due = first.at + (ts - first.ts) / speed;
      // A long wait is cut in pieces: the clock may be set meanwhile.
      for (let left = due - clock.now(); left > 0 && !signal.aborted; left = due - clock.now())
        await clock.wait(Math.min(left, LONGEST_WAIT_MS), signal);
    },
  };
}

const LONGEST_WAIT_MS = 60_000;
