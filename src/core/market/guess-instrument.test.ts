import { describe, expect, test } from "vitest";
import { barColumns, flatBars } from "../../../test/support/bar-columns.js";
import { leanMinutes } from "../../../test/support/lean-minutes.js";
import { describeShared } from "../../../test/support/shared-data.js";
import { checkInstruments } from "./check-instruments.js";
import { guessInstrument } from "./guess-instrument.js";

const HOUR = 3_600_000;
const noBars = flatBars([]);
/** Hourly closes from a Friday on. */
const days = (count: number): number[] => Array.from({ length: count * 24 }, (_, hour) => Date.parse("2024-03-01T01:00:00Z") + hour * HOUR);

describe("a symbol", () => {
  test.each([
    ["BTCUSDT", "crypto", "USDT"],
    ["btcusdt", "crypto", "USDT"],
    ["PEPEUSDC", "crypto", "USDC"],
    ["ADABTC", "crypto", "BTC"],
    ["BTCUSD", "crypto", "USD"],
    ["ETH-EUR", "crypto", "EUR"],
    ["SOL/USDT", "crypto", "USDT"],
    ["EURUSD", "fx", "USD"],
    ["GBP/JPY", "fx", "JPY"],
    ["XAUUSD", "fx", "USD"],
  ])("%s is taken for %s in %s", (symbol, assetClass, currency) => {
    const guess = guessInstrument(symbol, noBars);
    expect(guess.kind === "guessed" ? guess.instrument : guess).toMatchObject({
      symbol,
      asset_class: assetClass,
      currency,
      calendar: assetClass === "fx" ? "FX24x5" : "24/7",
    });
  });

  test.each(["AAPL", "GOOGL", "ES", "005930", "EUREUR", "USDUSD", "ROBTC", "ABCDEF", ""])(
    "%j is refused, with the fields to state",
    (symbol) => {
      const guess = guessInstrument(symbol, noBars);
      expect(guess.kind).toBe("refused");
      if (guess.kind === "refused") expect(guess.violations[0]?.message).toMatch(/calendar.*currency.*asset class.*instruments\.yaml/);
    },
  );

  test("that says nothing is taken for a market without hours only when it traded in every hour and on a Saturday", () => {
    const guess = guessInstrument("SYN-A", flatBars(days(2)));
    expect(guess.kind === "guessed" ? guess.instrument : guess).toMatchObject({ asset_class: "other", calendar: "24/7", currency: "USD" });
    expect(guessInstrument("SYN-A", flatBars(days(1))).kind).toBe("refused");
    expect(guessInstrument("SYN-A", flatBars(days(2).filter((ts) => ts % (24 * HOUR) !== 7 * HOUR))).kind).toBe("refused");
  });
});

test("every field of a guess but the symbol is marked, and the guess is a valid instrument", () => {
  const guess = guessInstrument("EURUSD", noBars);
  if (guess.kind !== "guessed") throw new Error("expected a guess");
  const { symbol: _, guessed, ...fields } = guess.instrument;
  expect(guessed).toEqual(Object.keys(fields).sort());
  expect(checkInstruments([guess.instrument])).toEqual([]);
});

test.each([
  [[150, 175, 100, 125], 2, "0.01"],
  [[150, 170, 100, 120], 2, "0.1"],
  [[100, 300, 100, 200], 2, "1"],
  [[1_000_000_000, 1_000_250_000, 1_000_000_000, 1_000_010_000], 8, "0.0001"],
])("prices of %j at scale %i suggest a tick of %s", ([open = 0, high = 0, low = 0, close = 0], price_scale, tick) => {
  const guess = guessInstrument("BTCUSDT", barColumns([[60_000, open, high, low, close, 1]], { price_scale }));
  expect(guess.kind === "guessed" ? guess.instrument.price_tick : guess).toBe(tick);
});

describeShared("real bars", () => {
  test("of an American share are refused rather than given hours unseen", () => {
    expect(guessInstrument("SPY", leanMinutes("spy", ["2013-10-07", "2013-10-08"])).kind).toBe("refused");
  });
});
