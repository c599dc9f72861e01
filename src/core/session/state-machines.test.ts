import { describe, expect, test } from "vitest";
import { actionsOf, type Entity, IllegalStep, STATE_MACHINES, StateKeeper, stepOf } from "./state-machines.js";

/** Every step that is allowed, written out here a second time: all others must be refused. */
const ALLOWED: Readonly<Record<Entity, readonly string[]>> = {
  session: ["absent open open", "open ingest open", "open request open", "open snapshot open", "open close closed"],
  quote_stream: ["absent quote live", "absent reject live", "live quote live", "live reject live", "live close closed"],
  portfolio_snapshot: ["absent take current", "current take current", "current replace past", "past take current"],
  run: [
    "absent request requested",
    "requested request requested",
    "requested start running",
    "requested supersede superseded",
    "running request running",
    "running complete completed",
    "running fail failed",
    "running supersede superseded",
    "completed request completed",
    "completed supersede superseded",
    "failed request failed",
    "failed supersede superseded",
    "superseded request requested",
  ],
  compute_job: [
    "absent queue queued",
    "queued start running",
    "queued discard discarded",
    "running succeed succeeded",
    "running fail failed",
    "running discard discarded",
    "succeeded discard discarded",
    "failed discard discarded",
    "discarded queue queued",
  ],
};

const entities = Object.keys(STATE_MACHINES) as Entity[];
const pairs = entities.flatMap((entity) =>
  Object.keys(STATE_MACHINES[entity]).flatMap((state) => actionsOf(entity).map((action) => [entity, state, action] as const)),
);

describe("state machines", () => {
  test("there are five", () => {
    expect(entities).toEqual(["session", "quote_stream", "portfolio_snapshot", "run", "compute_job"]);
    expect(pairs).toHaveLength(15 + 9 + 6 + 30 + 30);
  });

  test.each(pairs)("%s in %s does what the table says on %s, or nothing", (entity, state, action) => {
    const next = stepOf(entity, state, action);
    const line = ALLOWED[entity].find((step) => step.startsWith(`${state} ${action} `));
    expect(next).toBe(line === undefined ? null : line.split(" ")[2]);
    if (next !== null) expect(Object.keys(STATE_MACHINES[entity])).toContain(next);
  });

  test("every state can be reached from absent, and nothing leads back to it", () => {
    for (const entity of entities) {
      const reached = new Set(["absent"]);
      for (const _ of Object.keys(STATE_MACHINES[entity]))
        for (const state of [...reached])
          for (const action of actionsOf(entity)) {
            const next = stepOf(entity, state, action);
            if (next !== null) reached.add(next);
          }
      expect([...reached].sort()).toEqual(Object.keys(STATE_MACHINES[entity]).sort());
      expect(ALLOWED[entity].some((step) => step.endsWith(" absent"))).toBe(false);
    }
  });

  test("names that every object has are no states and no actions", () => {
    expect(stepOf("session", "constructor", "open")).toBeNull();
    expect(stepOf("session", "open", "toString")).toBeNull();
  });

  test("a step that is not there is a bug, and changes nothing", () => {
    const keeper = new StateKeeper();
    keeper.step("run", "r", "request");
    expect(() => keeper.step("run", "r", "complete")).toThrow(IllegalStep);
    expect(() => keeper.step("run", "r", "complete")).toThrow("run r is requested and cannot complete");
    expect([keeper.of("run", "r"), keeper.of("run", "other")]).toEqual(["requested", "absent"]);
    keeper.step("run", "a", "request");
    expect(keeper.all("run")).toEqual([
      ["a", "requested"],
      ["r", "requested"],
    ]);
  });
});
