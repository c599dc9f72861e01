import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { barColumns } from "../../../test/support/bar-columns.js";
import { benchmarkReturns, benchmarkText, heldThrough } from "./benchmark-closes.js";

const DAY = 86_400_000;
const daily = (closes: readonly (readonly [day: number, close: number])[]): ReturnType<typeof barColumns> =>
  barColumns(closes.map(([day, close]) => [day * DAY, close, close, close, close, 1] as const));
const marks = (...days: number[]): { ts: number }[] => days.map((day) => ({ ts: day * DAY }));

describe("the closes that a run keeps of its benchmark", () => {
  test("of each moment the newest close at or before it, each once, ascending, as exact decimals", () => {
    const columns = daily([
      [1, 10_050],
      [2, 10_100],
      [3, 9_999],
    ]);
    expect(benchmarkText(columns, [3 * DAY, 2.5 * DAY, 2 * DAY, 0.5 * DAY])).toBe("benchmark-closes/1\n172800000,101\n259200000,99.99\n");
  });

  test("another text is refused", () => {
    expect(() => benchmarkReturns("1,2\n", 0, [])).toThrow("begin with benchmark-closes/1");
    expect(() => benchmarkReturns("benchmark-closes/1\n1,abc\n", 0, [])).toThrow('"abc" is no price');
  });
});

describe("returns over a run's marks", () => {
  const text = "benchmark-closes/1\n86400000,100\n172800000,110\n259200000,99\n432000000,198\n518400000,297\n";

  test("are close over close, from the newest close when the run began", () => {
    expect(benchmarkReturns(text, DAY, marks(2, 3))).toEqual([0.1, -0.1]);
    expect(benchmarkReturns(text, 1.5 * DAY, marks(2, 3))).toEqual([0.1, -0.1]);
  });

  test("are missing at a mark without a new close and at the one after it, which would stand for two", () => {
    expect(benchmarkReturns(text, DAY, marks(2, 3, 4, 5, 6))).toEqual([0.1, -0.1, null, null, 0.5]);
    expect(benchmarkReturns(text, 3 * DAY, marks(4, 5, 6))).toEqual([null, null, 0.5]);
  });

  test("are missing at the first mark of a benchmark that begins later", () => {
    expect(benchmarkReturns(text, 0, marks(1, 2))).toEqual([null, 0.1]);
    expect(benchmarkReturns("benchmark-closes/1\n", 0, marks(1, 2))).toEqual([null, null]);
  });

  test("are missing after a price of zero", () => {
    expect(benchmarkReturns("benchmark-closes/1\n86400000,0\n172800000,5\n", DAY, marks(2))).toEqual([null]);
  });

  test("of a benchmark that closes at every mark compound to its whole", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1_000, max: 10 ** 7 }), { minLength: 2, maxLength: 40 }), (prices) => {
        const columns = daily(prices.map((price, i) => [i + 1, price]));
        const days = prices.map((_, i) => i + 1);
        const kept = benchmarkText(
          columns,
          days.map((day) => day * DAY),
        );
        const returns = benchmarkReturns(kept, DAY, marks(...days.slice(1)));
        const whole = returns.reduce<number>((wealth, r) => wealth * (1 + (r ?? Number.NaN)), 1);
        expect(whole / ((prices.at(-1) ?? 0) / (prices[0] ?? 1))).toBeCloseTo(1, 10);
      }),
    );
  });
});

test("what is bought at the first close is worth the newest close at each later time, and nothing before", () => {
  const text = "benchmark-closes/1\n86400000,100\n172800000,110.5\n";
  expect(heldThrough(text, [0, DAY, 1.9 * DAY, 2 * DAY, 9 * DAY], 1_000)).toEqual([null, 1_000, 1_000, 1_105, 1_105]);
  expect(heldThrough("benchmark-closes/1\n", [DAY], 1_000)).toEqual([null]);
});
