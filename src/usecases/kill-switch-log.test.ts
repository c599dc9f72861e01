import { expect, it } from "vitest";
import { MemoryEventStore } from "../adapters/memory/memory-event-store.js";
import { sha256 } from "../adapters/node-hash/sha256.js";
import { killSwitchReport, killSwitchState, resetKillSwitch, tripKillSwitch } from "./kill-switch-log.js";

const HOUR = 3_600_000;
const START = 1_704_153_600_000;

/** A workspace of its own with a clock that the test moves. */
function workspace() {
  const clock = { now: START };
  const store = new MemoryEventStore({ sha256, now: () => clock.now });
  return { clock, ports: { store, hash: sha256, now: () => clock.now } };
}

const trip = { scope: "desk", reason: "quotes froze", lock_hours: "24" };
const reset = { scope: "desk", approver: "risk-7", reason: "feed is back" };

it("a switch that nobody touched is armed, and reading it makes no log", async () => {
  const { ports } = workspace();
  expect(await killSwitchState(ports)).toEqual({ kind: "read", state: { status: "armed" } });
  expect(await ports.store.logs()).toEqual([]);
});

it("a trip is requested, made and told of in one append, and is there after a restart", async () => {
  const { ports } = workspace();
  const tripped = { status: "tripped", trigger: "operator", reason: "quotes froze", tripped_at: START, locked_until: START + 24 * HOUR };
  expect(await tripKillSwitch(ports, trip)).toEqual({ kind: "tripped", state: tripped });
  expect(await killSwitchState(ports, "desk")).toEqual({ kind: "read", state: tripped });
  expect(await killSwitchState(ports, "other")).toEqual({ kind: "read", state: { status: "armed" } });
  const report = await killSwitchReport(ports, "desk");
  expect(report.kind === "read" && report.steps.map(({ type, at }) => [type, at])).toEqual([
    ["kill_switch.trip_requested", START],
    ["kill_switch.tripped", START],
    ["notification.requested", START],
  ]);
});

it("tripping a tripped switch is told and changes nothing, not even the lock", async () => {
  const { clock, ports } = workspace();
  await tripKillSwitch(ports, trip);
  clock.now += HOUR;
  expect(await tripKillSwitch(ports, { ...trip, lock_hours: "48" })).toMatchObject({
    kind: "already",
    state: { locked_until: START + 24 * HOUR },
  });
  expect(await killSwitchReport(ports, "desk")).toMatchObject({ steps: { length: 3 } });
});

it("a reset is refused before the lock ends, without an approver and without a reason, and each refusal is an event", async () => {
  const { clock, ports } = workspace();
  await tripKillSwitch(ports, trip);
  clock.now = START + 24 * HOUR - 1;
  expect(await resetKillSwitch(ports, reset)).toMatchObject({ kind: "stays_tripped", refused: { code: "LOCKED" } });
  clock.now += 1;
  expect(await resetKillSwitch(ports, { ...reset, approver: "" })).toMatchObject({ refused: { code: "NO_APPROVER" } });
  expect(await resetKillSwitch(ports, { ...reset, reason: " " })).toMatchObject({ refused: { code: "NO_REASON" } });
  const report = await killSwitchReport(ports, "desk");
  expect(report.kind === "read" && report.steps.slice(3).map(({ type }) => type)).toEqual(
    Array(3).fill(["kill_switch.reset_requested", "kill_switch.reset_refused"]).flat(),
  );
  expect(report).toMatchObject({ state: { status: "tripped" } });
  expect(await resetKillSwitch(ports, reset)).toEqual({ kind: "reset", approver: "risk-7", reason: "feed is back" });
  expect(await killSwitchState(ports, "desk")).toEqual({ kind: "read", state: { status: "armed" } });
});

it("resetting an armed switch changes nothing, and a switch can be tripped again after its reset", async () => {
  const { clock, ports } = workspace();
  expect(await resetKillSwitch(ports, reset)).toEqual({ kind: "already", state: { status: "armed" } });
  await tripKillSwitch(ports, { ...trip, lock_hours: "0" });
  await resetKillSwitch(ports, reset);
  clock.now += 1;
  expect(await tripKillSwitch(ports, trip)).toMatchObject({ kind: "tripped" });
  expect(await killSwitchReport(ports, "desk")).toMatchObject({
    steps: { length: 9 },
    state: { status: "tripped", tripped_at: START + 1 },
  });
});

it("two who trip at once make one trip", async () => {
  const { ports } = workspace();
  const outcomes = await Promise.all([tripKillSwitch(ports, trip), tripKillSwitch(ports, trip)]);
  expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["already", "tripped"]);
  expect(await killSwitchReport(ports, "desk")).toMatchObject({ steps: { length: 3 } });
});
