import { expect, test } from "vitest";
import { liquidityLadder } from "./liquidity-ladder.js";

const held = { id: "a", quantity: 1_000, value: 50_000, daily_volume: 20_000, spread: 0.002 };

// By hand: 1,000 of 2,000 a day is half a day, of 5,000 a fifth; half of 0.2 % of 50,000 is 50.
test("days are quantity over a share of the volume, the cost is half the spread on the value", () => {
  const made = liquidityLadder({ positions: [held], shares: [0.1, 0.25] });
  expect(made).toMatchObject({
    ok: true,
    value: { lines: [{ id: "a", days: [0.5, 0.2], exit_cost: 50 }], longest_days: [0.5, 0.2], exit_cost: 50, unknown: [] },
  });
});

test("what is unknown is null and named, never 0, and takes no part in sums", () => {
  const made = liquidityLadder({ positions: [{ ...held, id: "b", daily_volume: null, spread: null }, held], shares: [0.1] });
  expect(made).toMatchObject({
    ok: true,
    value: { lines: [{ id: "a" }, { id: "b", days: [null], exit_cost: null }], longest_days: [0.5], exit_cost: 50, unknown: ["b"] },
  });
});

test("a volume of nothing, a share beyond the whole and a number that is none are refused at once", () => {
  const made = liquidityLadder({ positions: [{ ...held, daily_volume: 0, value: Number.NaN }], shares: [1.5] });
  expect(made.ok ? [] : made.errors.map(({ code }) => code)).toEqual(["PARAMETER_OUT_OF_RANGE", "NOT_FINITE", "NOT_POSITIVE"]);
});
