import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Sha256BytesFn } from "../tape/hash.js";
import type { BarColumns } from "./bars.js";
import { calendarById } from "./calendars/registry.js";
import { checkBars } from "./check-bars.js";
import { columnSetId, sliceColumns } from "./column-set.js";
import { sessionGaps } from "./gaps.js";
import { GENERATE_DEFAULTS, type GenerateBarsOptions, generateBars } from "./generate-bars.js";

const hash: Sha256BytesFn = (chunks) => {
  const sha = createHash("sha256");
  for (const chunk of chunks) sha.update(chunk);
  return sha.digest("hex");
};
const at = (text: string): number => Date.parse(text);
const xnys = calendarById("XNYS");
const options: GenerateBarsOptions = {
  ...GENERATE_DEFAULTS,
  symbol: "SYN-A",
  calendar: xnys,
  from: at("2024-11-25T00:00:00Z"),
  to: at("2024-12-07T00:00:00Z"),
};

/** The rows of both sets up to the shorter one's end, as one text. */
function sameBeginning(short: BarColumns, long: BarColumns): boolean {
  return columnSetId(short, hash) === columnSetId(sliceColumns(long, 0, short.rows), hash);
}

describe("generated bars", () => {
  test("of these options are these bytes, on every machine", () => {
    expect(columnSetId(generateBars(options), hash)).toBe("0ae4c2f72abcb6c4a2fc065a599ed3503d7722ee27a3208177edfbc661284d8d");
    const crypto = {
      ...options,
      symbol: "SYN-B",
      calendar: calendarById("24/7"),
      seed: 2 ** 53 - 1,
      start_price: "0.5",
      tick: "0.0001",
      yearly_volatility: 0.8,
      missing_probability: 0.02,
    };
    expect(columnSetId(generateBars(crypto), hash)).toBe("890967388e4ec97be64f980679dfaddb6da51496998a6079b3b791de9eb7e2c5");
  });

  test("fill each session of the calendar, half days included, and nothing else", () => {
    const bars = generateBars(options);
    const report = sessionGaps(bars, xnys);
    // Nine sessions, one of them the half day after Thanksgiving.
    expect(bars.rows).toBe(8 * 390 + 210);
    expect(report).toMatchObject({ completeness: 1, outside: 0, expected: bars.rows });
    expect(report.sessions.filter((session) => session.half_day).map((session) => session.session)).toEqual(["2024-11-29"]);
  });

  test("keep the contract and the tick, and open within a tick of the close before, whatever is asked for", () => {
    const asked = fc.record({
      seed: fc.maxSafeNat(),
      tick: fc.constantFrom("0.01", "0.25", "0.00000001", "5"),
      start_price: fc.constantFrom("0.01", "3.7", "100", "64000.5", "80000000"),
      yearly_volatility: fc.double({ min: 0, max: 5, noNaN: true }),
      volume_profile: fc.constantFrom("u_shape" as const, "flat" as const),
      regime_minutes: fc.integer({ min: 1, max: 500 }),
      trend_strength: fc.double({ min: 0, max: 10, noNaN: true }),
      reversion: fc.double({ min: 0, max: 1, noNaN: true }),
      missing_probability: fc.double({ min: 0, max: 0.9, noNaN: true }),
      calendar: fc.constantFrom("24/7", "FX24x5", "XNYS", "XKRX", "XMOS").map(calendarById),
    });
    fc.assert(
      fc.property(asked, (change) => {
        const bars = generateBars({ ...options, to: at("2024-11-27T12:34:00Z"), ...change });
        expect(checkBars(bars, { positive_prices: true, calendar: change.calendar, limit: 3 }).violations).toEqual([]);
        const tick = Math.round(Number(change.tick) * 1e8);
        for (let row = 0; row < bars.rows; row++) {
          const { open, high, low, close } = bars;
          for (const price of [open[row], high[row], low[row], close[row]])
            if ((price ?? 1) % tick !== 0) expect.fail(`${price} is no multiple of ${tick}`);
          if (row > 0 && Math.abs((open[row] ?? 0) - (close[row - 1] ?? 0)) > tick)
            expect.fail(`row ${row} opens away from the close before`);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("begin the same in a longer range, and differ by seed and symbol", () => {
    const bars = generateBars(options);
    expect(sameBeginning(bars, generateBars({ ...options, to: at("2025-01-15T00:00:00Z") }))).toBe(true);
    expect(columnSetId(generateBars({ ...options, seed: 2 }), hash)).not.toBe(columnSetId(bars, hash));
    const other = generateBars({ ...options, symbol: "SYN-C" });
    expect([...other.close]).not.toEqual([...bars.close]);
    expect([...other.ts]).toEqual([...bars.ts]);
  });

  test("begin and end inside a session when the range does", () => {
    const bars = generateBars({ ...options, from: at("2024-11-25T15:00:00Z"), to: at("2024-11-25T15:03:30Z") });
    expect([...bars.ts].map((ts) => new Date(ts).toISOString().slice(11, 16))).toEqual(["15:01", "15:02", "15:03"]);
    expect(generateBars({ ...options, from: at("2024-11-23T00:00:00Z"), to: at("2024-11-24T00:00:00Z") }).rows).toBe(0);
  });

  test("lack about the share of minutes that was asked for", () => {
    const whole = generateBars(options).rows;
    const rows = generateBars({ ...options, missing_probability: 0.1 }).rows;
    // Five standard deviations of a binomial: 5 x sqrt(3330 x 0.1 x 0.9) = 87.
    expect(Math.abs(rows - 0.9 * whole)).toBeLessThan(87);
  });

  test("move as much in a year as was asked for when nothing drifts", () => {
    const bars = generateBars({
      ...options,
      from: at("2023-12-31T00:00:00Z"),
      to: at("2025-01-01T00:00:00Z"),
      tick: "0.0001",
      trend_strength: 0,
      reversion: 0,
    });
    let squares = 0;
    for (let row = 1; row < bars.rows; row++) {
      const change = (bars.close[row] ?? 0) / (bars.close[row - 1] ?? 1) - 1;
      squares += change * change;
    }
    // About 98,000 returns: the deviation's own error is 0.2 x sqrt(0.5 / 98,000) = 0.00045.
    expect(Math.abs(Math.sqrt(squares) - 0.2)).toBeLessThan(0.003);
  });

  test("trend when asked to: a regime's net move is a larger part of its path than a random walk's", () => {
    const efficiency = (trend_strength: number): number => {
      const bars = generateBars({ ...options, from: at("2024-01-02T00:00:00Z"), trend_strength, reversion: 0, tick: "0.0001" });
      let sum = 0;
      let count = 0;
      for (let row = 120; row < bars.rows; row += 120) {
        let path = 0;
        for (let step = row - 119; step <= row; step++) path += Math.abs((bars.close[step] ?? 0) - (bars.close[step - 1] ?? 0));
        sum += Math.abs((bars.close[row] ?? 0) - (bars.close[row - 120] ?? 0)) / path;
        count += 1;
      }
      return sum / count;
    };
    expect(efficiency(0.3)).toBeGreaterThan(1.5 * efficiency(0));
  });

  test("trade more at the ends of a session in the u shape, and the mean volume overall", () => {
    const bars = generateBars({ ...options, from: at("2024-01-02T00:00:00Z"), to: at("2024-07-01T00:00:00Z") });
    let total = 0;
    let ends = 0;
    for (let row = 0; row < bars.rows; row++) {
      const session = xnys.sessionAt(bars.ts[row] ?? 0);
      const ts = bars.ts[row] ?? 0;
      total += bars.volume[row] ?? 0;
      if (session !== null && (ts - session.open <= 30 * 60_000 || session.close - ts < 30 * 60_000)) ends += bars.volume[row] ?? 0;
    }
    expect(Math.abs(total / bars.rows - 1_000)).toBeLessThan(15);
    // An hour of 6.5: 15.4 % when flat; about 29 % in the u shape.
    expect(ends / total).toBeGreaterThan(0.25);
  });

  test("are refused for options out of range, all named at once", () => {
    const wrong = {
      ...options,
      symbol: "",
      to: options.from,
      seed: -1,
      tick: "0",
      start_price: "1e3",
      yearly_volatility: Number.NaN,
      missing_probability: 1,
    };
    expect(() => generateBars(wrong)).toThrow(/symbol.*to is.*seed.*start_price.*tick.*yearly_volatility.*missing_probability/);
    expect(() => generateBars({ ...options, to: at("2031-06-01T00:00:00Z") })).toThrow(/covers 1998-01-01 to 2030-12-31/);
  });
});
