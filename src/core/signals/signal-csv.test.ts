import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { BracketSignal } from "./bracket-signal.js";
import { parseSignalCsv, SIGNAL_HEADINGS, signalCsv } from "./signal-csv.js";

const HEAD = "Symbol,Timestamp,Strategy,StrategyVersion,LongEntry,ShortEntry,SL_Long,SL_Short,TP_Long,TP_Short,Setup,Score";
const GOOD = "AAPL,2025-01-02T15:00:00Z,inside_bar,1.0.0,190.5,188,188,190.5,195.5,183,inside,0.8";

function faultsOf(...lines: readonly string[]): readonly (readonly [string, number | undefined, string | undefined])[] {
  const read = parseSignalCsv([HEAD, ...lines].join("\n"), "s.csv");
  return read.kind === "read" ? [] : read.violations.map(({ code, line, field }) => [code, line, field]);
}

describe("a signal file", () => {
  it("has the twelve headings of the format", () => {
    expect(SIGNAL_HEADINGS.join(",")).toBe(HEAD);
  });

  it("is read with exact prices and a time in UTC", () => {
    const read = parseSignalCsv(
      `${HEAD}\r\n${GOOD.replace("T15:00:00Z", " 10:00:00-05:00").replace("188,188", "188.00,0188")}\r\n`,
      "s.csv",
    );
    expect(read).toEqual({
      kind: "read",
      signals: [
        {
          line: 2,
          symbol: "AAPL",
          ts: Date.UTC(2025, 0, 2, 15),
          strategy: "inside_bar",
          strategy_version: "1.0.0",
          long_entry: "190.5",
          short_entry: "188",
          sl_long: "188",
          sl_short: "190.5",
          tp_long: "195.5",
          tp_short: "183",
          setup: "inside",
          score: 0.8,
        },
      ],
    });
  });

  it("may leave columns out, put them in any order, and quote a cell with commas and line breaks", () => {
    const read = parseSignalCsv(
      'Setup,StrategyVersion,Symbol,Strategy,LongEntry,Timestamp\n"wide, ""gap""",1.0.0,X,s,5,2025-01-02T15:00Z\n',
      "s.csv",
    );
    expect(read.kind === "read" && read.signals[0]).toMatchObject({
      setup: 'wide, "gap"',
      long_entry: "5",
      short_entry: null,
      score: null,
    });
  });

  it("comes back in time order, and keeps a score of zero", () => {
    const read = parseSignalCsv(`${HEAD}\nX,2025-01-03T00:00Z,s,1.0.0,5,,,,,,,0\nX,2025-01-02T00:00Z,s,1.0.0,5,,,,,,,\n`, "s.csv");
    expect(read.kind === "read" && read.signals.map(({ line, score }) => [line, score])).toEqual([
      [3, null],
      [2, 0],
    ]);
  });

  test.each([
    ["a naive time", "X,2025-01-02T15:00:00,s,1.0.0,5,,,,,,,", "TS_NAIVE", "Timestamp"],
    ["a time that is none", "X,tomorrow,s,1.0.0,5,,,,,,,", "TS_INVALID", "Timestamp"],
    ["an empty symbol", ",2025-01-02T15:00Z,s,1.0.0,5,,,,,,,", "SIGNAL_VALUE", "Symbol"],
    ["no strategy", "X,2025-01-02T15:00Z,,1.0.0,5,,,,,,,", "SIGNAL_VALUE", "Strategy"],
    ["a version that is none", "X,2025-01-02T15:00Z,s,1.0,5,,,,,,,", "SIGNAL_VALUE", "StrategyVersion"],
    ["no entry", "X,2025-01-02T15:00Z,s,1.0.0,,,,,,,,", "SIGNAL_NO_ENTRY", "LongEntry"],
    ["a price of zero", "X,2025-01-02T15:00Z,s,1.0.0,0,,,,,,,", "SIGNAL_PRICE", "LongEntry"],
    ["a negative price", "X,2025-01-02T15:00Z,s,1.0.0,,-5,,,,,,", "SIGNAL_PRICE", "ShortEntry"],
    ["more digits than a price has", "X,2025-01-02T15:00Z,s,1.0.0,1234567890.123456,,,,,,,", "SIGNAL_PRICE", "LongEntry"],
    ["a word for a price", "X,2025-01-02T15:00Z,s,1.0.0,5,,four,,,,,", "SIGNAL_PRICE", "SL_Long"],
    ["an exit of no entry", "X,2025-01-02T15:00Z,s,1.0.0,5,,,6,,,,", "SIGNAL_EXIT_WITHOUT_ENTRY", "SL_Short"],
    ["a long stop at its entry", "X,2025-01-02T15:00Z,s,1.0.0,5,,5,,,,,", "STOP_WRONG_SIDE", "SL_Long"],
    ["a short stop below its entry", "X,2025-01-02T15:00Z,s,1.0.0,,5,,4,,,,", "STOP_WRONG_SIDE", "SL_Short"],
    ["a long target below its entry", "X,2025-01-02T15:00Z,s,1.0.0,5,,,,4,,,", "TARGET_WRONG_SIDE", "TP_Long"],
    ["a short target above its entry", "X,2025-01-02T15:00Z,s,1.0.0,,5,,,,6,,", "TARGET_WRONG_SIDE", "TP_Short"],
    ["a score above one", "X,2025-01-02T15:00Z,s,1.0.0,5,,,,,,,1.01", "SIGNAL_SCORE", "Score"],
    ["a setup that is no text", "X,2025-01-02T15:00Z,s,1.0.0,5,,,,,,\u0007,", "SIGNAL_VALUE", "Setup"],
  ])("refuses %s by its line and column", (_, line, code, field) => {
    expect(faultsOf(GOOD, line)).toEqual([[code, 3, field]]);
  });

  it("refuses legs that cross, a second signal of the same moment, and a line of other length, all at once", () => {
    expect(faultsOf("X,2025-01-02T15:00Z,s,1.0.0,5,,7,,4,,,", GOOD, GOOD, "X,2025-01-02T15:00Z,s")).toEqual([
      ["BRACKET_LEGS_CROSS", 2, "SL_Long"],
      ["STOP_WRONG_SIDE", 2, "SL_Long"],
      ["TARGET_WRONG_SIDE", 2, "TP_Long"],
      ["SIGNAL_DUPLICATE", 4, "Timestamp"],
      ["SIGNAL_CELLS", 5, undefined],
    ]);
  });

  it("tells every fault with value and expectation", () => {
    const read = parseSignalCsv(`${HEAD}\nX,2025-01-02T15:00:00,s,1.0.0,5,,,,,,,\n`, "s.csv");
    expect(read.kind === "invalid" && read.violations).toEqual([
      {
        code: "TS_NAIVE",
        message: '"2025-01-02T15:00:00" names no zone',
        file: "s.csv",
        line: 2,
        field: "Timestamp",
        value: "2025-01-02T15:00:00",
        expected: "a time with its zone, such as 2024-01-02T15:00:00Z",
      },
    ]);
  });

  test.each([
    ["no line at all", "", ["SIGNAL_COLUMN", "SIGNAL_COLUMN", "SIGNAL_COLUMN", "SIGNAL_COLUMN"]],
    ["headings alone", `${HEAD}\n\n`, ["SIGNAL_EMPTY"]],
    ["an unknown column", `${HEAD.replace("SL_Long", "SLLong")}\n${GOOD}`, ["SIGNAL_COLUMN"]],
    ["a column twice", `${HEAD},Score\n${GOOD},1`, ["SIGNAL_COLUMN"]],
    ["a column that looks ahead", `${HEAD},exit_price,PnL_net\n${GOOD},1,1`, ["SIGNAL_LOOK_AHEAD", "SIGNAL_LOOK_AHEAD"]],
    ["an open quote", `${HEAD}\n"AAPL,2025`, ["SIGNAL_QUOTE"]],
  ])("refuses %s", (_, text, codes) => {
    const read = parseSignalCsv(text, "s.csv");
    expect(read.kind === "invalid" && read.violations.map(({ code }) => code)).toEqual(codes);
  });

  it("is read back as it was written, whatever is in it", () => {
    const cents = fc.integer({ min: 1, max: 99_999 });
    const text = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 12 }).filter((t) => t.trim() === t);
    const signal = fc
      .record({
        price: cents,
        stop: fc.option(cents),
        target: fc.option(cents),
        setup: fc.option(text),
        score: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      })
      .map(({ price, stop, target, setup, score }, i = 0): BracketSignal => {
        const dollars = (c: number): string => String(c / 100);
        return {
          symbol: "X",
          ts: 1_735_830_000_123 + i,
          strategy: "s",
          strategy_version: "1.2.3",
          long_entry: dollars(100_000 + price),
          short_entry: null,
          sl_long: stop === null ? null : dollars(stop),
          sl_short: null,
          tp_long: target === null ? null : dollars(300_000 + target),
          tp_short: null,
          setup,
          score: score === null ? null : score + 0,
        };
      });
    fc.assert(
      fc.property(fc.array(signal, { minLength: 1, maxLength: 5 }), (many) => {
        const signals = many.map((s, i) => ({ ...s, ts: s.ts + i }));
        const read = parseSignalCsv(signalCsv(signals), "s.csv");
        expect(read.kind === "read" ? read.signals.map(({ line: _, ...rest }) => rest) : read.violations).toEqual(signals);
      }),
    );
  });
});
