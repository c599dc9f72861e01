import { describe, expect, test } from "vitest";
import { rollingWindows } from "./rolling-statistics.js";

const returns = (n: number): number[] => Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 0.02 : -0.01));
const times = (n: number): number[] => Array.from({ length: n }, (_, i) => i * 86_400_000);

describe("rolling windows", () => {
  test("are 3, 6 and 12 months where the run is long enough", () => {
    const { windows } = rollingWindows(returns(300), times(300), 252);
    expect(windows.map(({ name, sessions, ts }) => [name, sessions, ts.length])).toEqual([
      ["3 months", 63, 238],
      ["6 months", 126, 175],
      ["12 months", 252, 49],
    ]);
  });

  test("leave out those that do not fit", () => {
    expect(rollingWindows(returns(130), times(130), 252).windows.map((w) => w.name)).toEqual(["3 months", "6 months"]);
  });

  test("are shorter in a short run, and are named by their sessions", () => {
    expect(rollingWindows(returns(20), times(20), 252).windows.map((w) => w.name)).toEqual(["10 sessions"]);
    expect(rollingWindows(returns(62), times(62), 252).windows.map((w) => w.name)).toEqual(["20 sessions"]);
  });

  test("do not exist in a run of nine sessions, for a reason", () => {
    expect(rollingWindows(returns(9), times(9), 252)).toEqual({ windows: [], reason: "9 session returns are too few for a window of 5" });
  });

  test("have mean / deviation and the deviation, by the year, of the sessions they end with", () => {
    // Five returns 0.01, 0.02, 0.03, 0.02, 0.01: mean 0.018, deviation sqrt(0.00028 / 4) = 0.00836660027; a year has 252.
    const [five] = rollingWindows([0.01, 0.02, 0.03, 0.02, 0.01, 0.05, 0.05, 0.05, 0.05, 0.05], times(10), 252).windows;
    expect(five?.name).toBe("5 sessions");
    expect(five?.volatility[0]).toBeCloseTo(0.0083666003 * Math.sqrt(252), 7);
    expect(five?.sharpe[0]).toBeCloseTo((0.018 / 0.0083666003) * Math.sqrt(252), 5);
    expect(five?.ts[0]).toBe(times(10)[4]);
  });

  test("without variation have no Sharpe ratio", () => {
    const [window] = rollingWindows([0.01, 0.02, 0.03, 0.02, 0.01, 0.05, 0.05, 0.05, 0.05, 0.05], times(10), 252).windows;
    expect(window?.sharpe.at(-1)).toBeNull();
    expect(window?.volatility.at(-1)).toBe(0);
  });
});
