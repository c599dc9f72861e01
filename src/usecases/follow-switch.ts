/** Carries what happens to a workspace's kill switch into a session that runs. */
import type { OperatorRequest } from "../core/engine/arrival-feed.js";
import { runEventDefinitions } from "../core/engine/run-event-schemas.js";
import { ARMED, evolveKillSwitch, type KillSwitchState } from "../core/gate/kill-switch.js";
import { isRiskEvent } from "../core/gate/risk-events.js";
import type { EventBlock } from "../core/tape/block.js";
import type { UtcMillis } from "../core/tape/event.js";
import type { KillSwitchReport } from "./kill-switch-log.js";

/** Milliseconds between two looks at the workspace's switch. */
const LOOK_MS = 250;

/**
 * Level by level: a session is asked to trip while the workspace's switch is tripped and its own is not, and to reset once after each reset of the
 * workspace's. What it was asked before it was restarted stands on its tape, so that nothing is asked twice for one cause.
 */
export class SwitchFollower {
  readonly #read: () => Promise<KillSwitchReport>;
  readonly #now: () => UtcMillis;
  #session: KillSwitchState = ARMED;
  #looked = Number.NEGATIVE_INFINITY;
  /** When this process began to follow. */
  readonly #began: UtcMillis;
  /** Position of the workspace's reset that was passed on last. */
  #passed = 0;

  constructor(read: () => Promise<KillSwitchReport>, now: () => UtcMillis) {
    this.#read = read;
    this.#now = now;
    this.#began = now();
  }

  /** Follows the session's own switch by its events. */
  follow(block: EventBlock): void {
    let start = 0;
    for (let i = 0; i < block.count; i++) {
      const end = block.payload_ends[i] as number;
      const type = runEventDefinitions[block.types[i] as number]?.type ?? "";
      if (type.startsWith("kill_switch.")) {
        const event = {
          type,
          occurred_at: block.occurred_at[i] as number,
          payload: JSON.parse(block.payloads.slice(start, end)) as unknown,
        };
        if (isRiskEvent(event)) this.#session = evolveKillSwitch(this.#session, event);
      }
      start = end;
    }
  }

  /** What is to be asked of the session now, or null. */
  async next(): Promise<OperatorRequest | null> {
    const now = this.#now();
    if (now - this.#looked < LOOK_MS) return null;
    this.#looked = now;
    const { state, steps } = await this.#read();
    if (state.status === "tripped") {
      if (this.#session.status === "tripped") return null;
      const hours = Math.max(0, state.locked_until - state.tripped_at) / MS_PER_HOUR;
      return { type: "kill_switch.trip_requested", payload: { reason: state.reason, lock_hours: hoursText(hours) } };
    }
    const reset = steps.findLast(({ type }) => type === "kill_switch.reset");
    if (reset === undefined || reset.position <= this.#passed || this.#session.status !== "tripped") return null;
    // One that a session's own trip came after was not meant for it.
    if (reset.at < this.#began) {
      this.#passed = reset.position;
      return null;
    }
    this.#passed = reset.position;
    const { approver, reason } = reset.payload as { readonly approver: string; readonly reason: string };
    return { type: "kill_switch.reset_requested", payload: { approver, reason } };
  }
}

const MS_PER_HOUR = 3_600_000;

/** Decimal text without an exponent, to the thousandth of an hour. */
function hoursText(hours: number): string {
  const text = hours.toFixed(3);
  return text.replace(/\.?0+$/, "");
}
