/** Random accidents under seeds: first whatever may go wrong does, then nothing, and all must come to its end. */
import { describe, expect, test } from "vitest";
import { rounds } from "../support/fault-record.js";
import { simulate } from "../support/simulator/simulation.js";

/** `ONETAPE_SEED` does one simulation again, or explores with `random`; otherwise the same seeds run every time. */
const asked = process.env["ONETAPE_SEED"];
const FIRST = asked === "random" ? Math.floor(Math.random() * 1e9) : 1;
const seeds = asked !== undefined && /^\d+$/.test(asked) ? [Number(asked)] : Array.from({ length: rounds(8, 300) }, (_, n) => FIRST + n);

describe("a simulation", () => {
  test("keeps every invariant after every step, and comes to its end once the accidents do", async () => {
    let [faults, deaths] = [0, 0];
    for (const seed of seeds) {
      const report = await simulate(seed, { steps: 150 });
      faults += report.faults;
      deaths += report.deaths;
      expect(report.events).toBe(24);
      expect(report.told).toBeGreaterThan(0);
    }
    expect(faults).toBeGreaterThan(seeds.length * 5);
    expect(deaths).toBeGreaterThan(seeds.length);
  });

  test("under one seed is the same simulation twice", async () => {
    expect(await simulate(7, { steps: 200 })).toEqual(await simulate(7, { steps: 200 }));
  });

  test.each([
    ["acknowledges what it does not know to be stored", "acknowledges_unknown", /I1|I2|liveness/],
    ["tells of events before they are durable", "tells_first", /I7/],
    ["stores a message under another id each time", "forgets_the_id", /I1|I2|liveness/],
  ] as const)("the alarm rings for a node that %s, and names the seed", async (_, canary, alarm) => {
    let rung = "";
    for (let seed = 1; seed <= 60 && rung === ""; seed++)
      await simulate(seed, { steps: 150, canary }).catch((error: unknown) => {
        rung = String(error);
      });
    expect(rung).toMatch(alarm);
    expect(rung).toMatch(/seed \d+, step \d+: .*ONETAPE_SEED=\d+/);
  });
});
