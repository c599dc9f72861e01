import { describe, expect, it } from "vitest";
import { testInstrument } from "../../../test/support/run-tape.js";
import type { Instrument } from "../market/instrument.js";
import { bigOf, decimalPlaces } from "../money/decimal.js";
import { setRate, unitsOf } from "../money/units.js";
import {
  accruedAmount,
  bookBorrow,
  bookDividend,
  bookInterest,
  bookSplit,
  dividendAmount,
  type Exact,
  settleVariation,
  splitEffect,
} from "./cash-events.js";
import { applyFill, equityContribution, openPortfolio, type Portfolio, type Position, unrealized } from "./portfolio.js";

function exact(text: string): Exact {
  const scale = decimalPlaces(text) ?? 0;
  return { value: bigOf(text, scale), scale };
}

/** A position of signed `qty`, opened at a price in cents, beside 1,000.00 in cash before it. */
function held(qty: number, price: number, changes: Partial<Instrument> = {}): { portfolio: Portfolio; position: Position } {
  const portfolio = openPortfolio([unitsOf(testInstrument("AAA", changes), 2, 2)], 100_000n);
  const position = portfolio.positions[0] as Position;
  if (qty !== 0) applyFill(portfolio, position, { side: qty > 0 ? "buy" : "sell", qty: Math.abs(qty), price, commission: 0n });
  return { portfolio, position };
}

describe("daily settlement", () => {
  it("pays what a long gained since it was last settled, and carries it on from there", () => {
    const { portfolio, position } = held(3, 1_000, { settlement: "variation_margin" });
    expect(settleVariation(portfolio, position, 1_200)).toBe(600n);
    expect(position).toMatchObject({ carried: 3_600n, settled: 600n, basis: 3_000n });
    expect(portfolio.cash).toBe(100_600n);
    expect(settleVariation(portfolio, position, 1_100)).toBe(-300n);
    expect(position).toMatchObject({ carried: 3_300n, settled: 300n });
    expect(portfolio.cash).toBe(100_300n);
    expect(unrealized(position, 1_100)).toBe(300n);
    expect(settleVariation(portfolio, position, 1_100)).toBe(0n);
  });

  it("leaves the part of it that belongs to what is still open, when some is closed", () => {
    const { portfolio, position } = held(4, 1_000, { settlement: "variation_margin" });
    settleVariation(portfolio, position, 1_200);
    applyFill(portfolio, position, { side: "sell", qty: 1, price: 1_300, commission: 0n });
    expect(position).toMatchObject({ qty: 3, basis: 3_000n, carried: 3_600n, settled: 600n, realized: 300n });
    expect(portfolio.cash).toBe(100_900n);
    expect(unrealized(position, 1_300)).toBe(900n);
  });

  it("is in the account's money where the instrument is quoted in another", () => {
    const { portfolio, position } = held(3, 1_000, { settlement: "variation_margin" });
    setRate(position.units, "2");
    expect([unrealized(position, 1_200), equityContribution(position, 1_200)]).toEqual([1_200n, 1_200n]);
    expect(settleVariation(portfolio, position, 1_200)).toBe(1_200n);
    expect([unrealized(position, 1_200), equityContribution(position, 1_200)]).toEqual([1_200n, 0n]);
  });

  it("has no part in what is paid in full: that is worth its market value, rounded once", () => {
    // One at 0.01 with a multiplier of 0.5 is half a cent, and at a rate of 3 one and a half: two.
    const { position } = held(1, 1, { multiplier: "0.5" });
    setRate(position.units, "3");
    expect(equityContribution(position, 1)).toBe(2n);
  });

  it("charges a short what the price rose", () => {
    const { portfolio, position } = held(-3, 1_000, { settlement: "variation_margin" });
    expect(settleVariation(portfolio, position, 1_200)).toBe(-600n);
    expect(position).toMatchObject({ carried: 3_600n, settled: -600n });
    expect(portfolio.cash).toBe(99_400n);
    expect(settleVariation(portfolio, position, 900)).toBe(900n);
    expect(unrealized(position, 900)).toBe(300n);
  });
});

describe("a dividend", () => {
  it("is paid per share held and owed per share sold short, half-even", () => {
    const { position } = held(0, 1);
    expect(dividendAmount(position.units, exact("0.24"), 150)).toBe(3_600n);
    expect(dividendAmount(position.units, exact("0.24"), -150)).toBe(-3_600n);
    // 0.0025 x 10 = 0.025 and 0.0025 x 30 = 0.075: ties, to the even cent.
    expect(dividendAmount(position.units, exact("0.0025"), 10)).toBe(2n);
    expect(dividendAmount(position.units, exact("0.0025"), 30)).toBe(8n);
  });

  it("counts parts of a share, the multiplier and the rate of exchange", () => {
    const units = unitsOf(testInstrument("AAA", { lot_step: "0.5", min_qty: "0.5", multiplier: "10" }), 2, 2);
    expect(dividendAmount(units, exact("1.5"), 5)).toBe(750n);
    setRate(units, "1.2");
    expect(dividendAmount(units, exact("1.5"), 5)).toBe(900n);
  });

  it("moves cash and the position's dividends alike", () => {
    const { portfolio, position } = held(0, 1);
    bookDividend(portfolio, position, 360n);
    bookDividend(portfolio, position, -60n);
    expect([portfolio.cash, position.dividends]).toEqual([100_300n, 300n]);
  });
});

describe("a split", () => {
  const ratio = (numerator: bigint, denominator: bigint) => ({ numerator, denominator });

  it("of four for one makes 40 of 10 and leaves the basis", () => {
    const { portfolio, position } = held(10, 10_000);
    const effect = splitEffect(position, ratio(4n, 1n), exact("100"));
    expect(effect).toEqual({ qty_after: 40, cash_in_lieu: 0n, released: 0n });
    bookSplit(portfolio, position, effect);
    expect(position).toMatchObject({ qty: 40, basis: 100_000n, realized: 0n });
    expect(portfolio.cash).toBe(0n);
  });

  it("that leaves less than a lot pays it out at the price before, and realises its share of the basis", () => {
    // 25 shares one for ten: 2 remain; 5 of the old shares at 3.00 are 15.00, their basis 5/25 of 50.00.
    const { portfolio, position } = held(25, 200);
    const effect = splitEffect(position, ratio(1n, 10n), exact("3"));
    expect(effect).toEqual({ qty_after: 2, cash_in_lieu: 1_500n, released: 1_000n });
    bookSplit(portfolio, position, effect);
    expect(position).toMatchObject({ qty: 2, basis: 4_000n, realized: 500n });
    expect(portfolio.cash).toBe(95_000n + 1_500n);
  });

  it("costs a short what it pays a long", () => {
    const { portfolio, position } = held(-25, 200);
    const effect = splitEffect(position, ratio(1n, 10n), exact("3"));
    expect(effect).toEqual({ qty_after: -2, cash_in_lieu: -1_500n, released: 1_000n });
    bookSplit(portfolio, position, effect);
    expect(position).toMatchObject({ qty: -2, basis: 4_000n, realized: -500n });
    expect(portfolio.cash).toBe(105_000n - 1_500n);
  });

  it("that leaves nothing closes the position, never at negative zero", () => {
    const { portfolio, position } = held(-3, 200);
    const effect = splitEffect(position, ratio(1n, 10n), exact("2.5"));
    expect(effect).toEqual({ qty_after: 0, cash_in_lieu: -750n, released: 600n });
    bookSplit(portfolio, position, effect);
    expect(position).toMatchObject({ qty: 0, basis: 0n, realized: -150n });
  });

  it("keeps to lots, and counts the multiplier", () => {
    // 3 for 2 of 7 shares in lots of 5: 10.5, so 10; half a new share is a third of an old one: 12.00 x 1/3 x 2 = 8.00.
    const { position } = held(7, 1_000, { multiplier: "2" });
    const lots: Position = { ...position, units: unitsOf(testInstrument("AAA", { multiplier: "2", lot_step: "5" }), 2, 2) };
    expect(splitEffect(lots, ratio(3n, 2n), exact("12"))).toEqual({ qty_after: 10, cash_in_lieu: 800n, released: 667n });
  });

  it("is paid out in the account's money", () => {
    // Half of three shares one for two: 1.5, so 1; one old share at 3.00 is 3.00, at a rate of 2.5 it is 7.50.
    const { position } = held(3, 200);
    setRate(position.units, "2.5");
    expect(splitEffect(position, ratio(1n, 2n), exact("3"))).toEqual({ qty_after: 1, cash_in_lieu: 750n, released: 200n });
  });

  it("is refused where the quantity leaves the exact range", () => {
    const { position } = held(Number.MAX_SAFE_INTEGER, 1);
    expect(() => splitEffect(position, ratio(2n, 1n), exact("1"))).toThrow(
      new RangeError(`AAA: ${Number.MAX_SAFE_INTEGER} shares leave the exact range after a split`),
    );
    expect(splitEffect(position, ratio(1n, 1n), exact("1")).qty_after).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe("interest and the cost of borrowing", () => {
  it("are basis x rate x days / days of the year, half-even", () => {
    // 10,000.00 x 3.65 % x 3 / 365 = 3.00
    expect(accruedAmount(1_000_000n, exact("0.0365"), 3, 365)).toBe(300n);
    expect(accruedAmount(-1_000_000n, exact("0.0365"), 3, 365)).toBe(-300n);
    // 45.00 x 4 % x 1 / 360 = 0.005 and 135.00 x 4 % / 360 = 0.015: ties, to the even cent.
    expect(accruedAmount(4_500n, exact("0.04"), 1, 360)).toBe(0n);
    expect(accruedAmount(13_500n, exact("0.04"), 1, 360)).toBe(2n);
  });

  it("move cash, the one beside the interest and the other beside the position", () => {
    const { portfolio, position } = held(0, 1);
    bookInterest(portfolio, 40n);
    bookInterest(portfolio, -10n);
    bookBorrow(portfolio, position, -25n);
    expect([portfolio.cash, portfolio.interest, position.borrow]).toEqual([100_005n, 30n, 25n]);
  });
});
