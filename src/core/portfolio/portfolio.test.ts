import { describe, expect, it } from "vitest";
import { testInstrument } from "../../../test/support/run-tape.js";
import type { Instrument } from "../market/instrument.js";
import { unitsOf } from "../money/units.js";
import {
  applyFill,
  equityContribution,
  type FillUnits,
  marketValue,
  openPortfolio,
  type Portfolio,
  type Position,
  unrealized,
} from "./portfolio.js";

/** A portfolio of one instrument at cents, with 1,000.00 in cash. */
function open(changes: Partial<Instrument> = {}): { portfolio: Portfolio; position: Position; fill: (f: string) => void } {
  const portfolio = openPortfolio([unitsOf(testInstrument("NG", changes), 2, 2)], 100_000n);
  const position = portfolio.positions[0] as Position;
  /** `buy 1@100.00 fee 0.50` */
  const fill = (text: string): void => {
    const m = /^(buy|sell) (\d+)@(\d+)\.(\d\d)(?: fee (-?\d+)\.(\d\d))?$/.exec(text);
    if (m === null) throw new Error(text);
    const commission = m[5] === undefined ? 0n : BigInt(`${m[5]}${m[6]}`);
    applyFill(portfolio, position, { side: m[1] as FillUnits["side"], qty: Number(m[2]), price: Number(`${m[3]}${m[4]}`), commission });
  };
  return { portfolio, position, fill };
}

it.each([0, -1, 1.5, Number.NaN, 2 ** 53])("a fill of %d is none", (qty) => {
  const { portfolio, position } = open();
  expect(() => applyFill(portfolio, position, { side: "buy", qty, price: 100, commission: 0n })).toThrow(
    new RangeError(`fill quantity ${qty} is not a positive integer`),
  );
  expect([position.qty, portfolio.cash]).toEqual([0, 100_000n]);
});

describe("a cash-settled position", () => {
  it("of one at 100 and one at 110 costs 210, and at 120 has gained 30", () => {
    const { portfolio, position, fill } = open();
    fill("buy 1@100.00");
    fill("buy 1@110.00");
    expect(position).toMatchObject({ qty: 2, basis: 21_000n, realized: 0n });
    expect(portfolio.cash).toBe(79_000n);
    expect([marketValue(position, 12_000), unrealized(position, 12_000), equityContribution(position, 12_000)]).toEqual([
      24_000n,
      3_000n,
      24_000n,
    ]);
  });

  it("releases its basis in proportion, half-even, and keeps the rest: nothing is lost over three thirds of 100.00", () => {
    const { position, fill } = open();
    fill("buy 3@33.33");
    fill("buy 3@33.34");
    // Basis 200.01 for six: one of six is 33.335, a tie that goes to 33.34; then 166.67 / 5 = 33.334.
    fill("sell 1@40.00");
    expect(position).toMatchObject({ qty: 5, basis: 16_667n, realized: 666n });
    fill("sell 1@40.00");
    expect(position).toMatchObject({ qty: 4, basis: 13_334n, realized: 1_333n });
    fill("sell 4@40.00");
    expect(position).toMatchObject({ qty: 0, basis: 0n, realized: 24_000n - 20_001n });
  });

  it("sold short brings cash, and gains when the price falls", () => {
    const { portfolio, position, fill } = open();
    fill("sell 2@50.00");
    expect(position).toMatchObject({ qty: -2, basis: 10_000n });
    expect(portfolio.cash).toBe(110_000n);
    expect([marketValue(position, 4_500), unrealized(position, 4_500)]).toEqual([-9_000n, 1_000n]);
    fill("buy 1@45.00");
    expect(position).toMatchObject({ qty: -1, basis: 5_000n, realized: 500n });
    fill("buy 1@60.00");
    expect(position).toMatchObject({ qty: 0, basis: 0n, realized: -500n });
    expect(portfolio.cash).toBe(99_500n);
  });

  it("flipped by one fill is closed and opened at that price: the overshoot is not lost", () => {
    const { portfolio, position, fill } = open();
    fill("buy 2@100.00");
    fill("sell 5@110.00");
    expect(position).toMatchObject({ qty: -3, basis: 33_000n, realized: 2_000n });
    expect(portfolio.cash).toBe(100_000n - 20_000n + 55_000n);
    fill("buy 4@105.00");
    expect(position).toMatchObject({ qty: 1, basis: 10_500n, realized: 3_500n });
  });

  it("pays commission from cash and keeps it apart from profit", () => {
    const { portfolio, position, fill } = open();
    fill("buy 1@100.00 fee 0.50");
    fill("sell 1@101.00 fee 0.25");
    expect(position).toMatchObject({ realized: 100n, commission: 75n });
    expect(portfolio.cash).toBe(100_000n + 100n - 75n);
  });

  it("counts the multiplier", () => {
    const { position, fill } = open({ multiplier: "50", price_tick: "0.25" });
    fill("buy 2@10.25");
    expect(position.basis).toBe(102_500n);
  });

  it("that is flat is worth nothing at any price", () => {
    const { position } = open();
    expect([marketValue(position, 1), unrealized(position, 1), equityContribution(position, 1)]).toEqual([0n, 0n, 0n]);
  });
});

describe("a position under variation margin", () => {
  it("moves cash by profit alone, and adds its open profit to equity", () => {
    const { portfolio, position, fill } = open({ settlement: "variation_margin" });
    fill("buy 10@100.00 fee 1.00");
    expect(portfolio.cash).toBe(99_900n);
    expect(equityContribution(position, 9_900)).toBe(-1_000n);
    fill("sell 4@101.00");
    expect(portfolio.cash).toBe(99_900n + 400n);
    expect(position).toMatchObject({ qty: 6, basis: 60_000n, realized: 400n });
    fill("sell 8@99.00");
    expect(portfolio.cash).toBe(100_300n - 600n);
    expect(position).toMatchObject({ qty: -2, basis: 19_800n, realized: -200n });
    expect(equityContribution(position, 9_800)).toBe(200n);
  });
});

describe("a fill that contradicts itself", () => {
  it("with a negative commission is refused and changes nothing", () => {
    const { portfolio, position, fill } = open();
    expect(() => fill("buy 1@100.00 fee -0.01")).toThrow("INVALID_COMMISSION_SIGN");
    expect(portfolio.cash).toBe(100_000n);
    expect(position).toMatchObject({ qty: 0, basis: 0n, commission: 0n });
  });

  it("of no positive quantity is refused and changes nothing", () => {
    const { portfolio, position } = open();
    for (const qty of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => applyFill(portfolio, position, { side: "buy", qty, price: 100, commission: 0n })).toThrow(RangeError);
    }
    expect(portfolio.cash).toBe(100_000n);
    expect(position.qty).toBe(0);
  });
});
