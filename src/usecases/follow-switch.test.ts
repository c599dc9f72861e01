import { describe, expect, test } from "vitest";
import { runEventDefinitions } from "../core/engine/run-event-schemas.js";
import { ARMED, type KillSwitchState } from "../core/gate/kill-switch.js";
import type { EventBlock } from "../core/tape/block.js";
import { SwitchFollower } from "./follow-switch.js";
import type { KillSwitchReport, KillSwitchStep } from "./kill-switch-log.js";

const HOUR = 3_600_000;
const BEGAN = 1_700_000_000_000;

/** A block of one event. */
function said(type: string, payload: object, occurredAt: number = 5): EventBlock {
  const text = JSON.stringify(payload);
  return {
    first_position: 1,
    count: 1,
    payloads: text,
    payload_ends: Uint32Array.of(text.length),
    types: Uint16Array.of(runEventDefinitions.findIndex((definition) => definition.type === type)),
    streams: ["risk/default"],
    versions: Uint32Array.of(1),
    occurred_at: Float64Array.of(occurredAt),
    commands: ["c"],
    command_of: Uint32Array.of(0),
    index_in_command: Uint32Array.of(0),
    causes: Int32Array.of(-1),
  };
}

const TRIPPED = { trigger: "drawdown", reason: "too much", locked_until: 9, cancel_orders: true, flatten: false };

function following(): {
  readonly follower: SwitchFollower;
  set(state: KillSwitchState, steps?: readonly KillSwitchStep[]): void;
  later(): void;
} {
  let now = BEGAN;
  let report: KillSwitchReport = { kind: "read", scope: "default", state: ARMED, steps: [] };
  const follower = new SwitchFollower(
    () => Promise.resolve(report),
    () => now,
  );
  return {
    follower,
    set: (state, steps = []) => {
      report = { kind: "read", scope: "default", state, steps };
    },
    later: () => {
      now += 1_000;
    },
  };
}

function reset(position: number, at: number): KillSwitchStep {
  return { position, at, type: "kill_switch.reset", payload: { approver: "op-1", reason: "looked into" } };
}

describe("a session that follows the workspace's kill switch", () => {
  test("is asked to trip while it is armed and the workspace is tripped, with what is left of the lock", async () => {
    const { follower, set, later } = following();
    set({ status: "tripped", trigger: "operator", reason: "drill", tripped_at: 0, locked_until: 1.5 * HOUR });
    expect(await follower.next()).toEqual({ type: "kill_switch.trip_requested", payload: { reason: "drill", lock_hours: "1.5" } });
    follower.follow(said("kill_switch.tripped", { ...TRIPPED, trigger: "operator" }));
    later();
    expect(await follower.next()).toBeNull();
  });

  test("is reset by a reset of the workspace's switch also where its own policy tripped it, once", async () => {
    const { follower, set, later } = following();
    follower.follow(said("kill_switch.tripped", TRIPPED));
    set(ARMED, [reset(6, BEGAN + 500)]);
    later();
    expect(await follower.next()).toEqual({ type: "kill_switch.reset_requested", payload: { approver: "op-1", reason: "looked into" } });
    later();
    expect(await follower.next()).toBeNull();
  });

  test("is not reset by one that was given before it began", async () => {
    const { follower, set } = following();
    follower.follow(said("kill_switch.tripped", TRIPPED));
    set(ARMED, [reset(6, BEGAN - 1)]);
    expect(await follower.next()).toBeNull();
  });
});
