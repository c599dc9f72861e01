import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unitsOf } from "../../src/core/money/units.js";
import {
  applyFill,
  equityContribution,
  type FillUnits,
  marketValue,
  openPortfolio,
  type Position,
  unrealized,
} from "../../src/core/portfolio/portfolio.js";
import { testInstrument } from "../support/run-tape.js";

/**
 * An account told a second time, in the simplest way that can be right: one pool with one cost, everything BigInt, and
 * rounding only where the requirement names it. Shares no code with the engine.
 */
class PlainAccount {
  cash: bigint;
  qty = 0n;
  basis = 0n;
  realized = 0n;
  fees = 0n;
  readonly #priceScale: bigint;
  readonly #margin: boolean;

  constructor(cash: bigint, valueOfOne: bigint, margin: boolean) {
    this.cash = cash;
    this.#priceScale = valueOfOne;
    this.#margin = margin;
  }

  /** Money of `qty` at `price`: half-even by looking at the two neighbours. */
  value(price: bigint, qty: bigint): bigint {
    return nearestEven(price * qty, this.#priceScale);
  }

  fill(buy: boolean, qty: bigint, price: bigint, fee: bigint): void {
    const against = buy ? this.qty < 0n : this.qty > 0n;
    const open = this.qty < 0n ? -this.qty : this.qty;
    const closing = against ? (qty < open ? qty : open) : 0n;
    if (closing > 0n) {
      const wasLong = this.qty > 0n;
      const cost = nearestEven(this.basis * closing, open);
      const proceeds = this.value(price, closing);
      const profit = wasLong ? proceeds - cost : cost - proceeds;
      this.realized += profit;
      this.basis -= cost;
      this.cash += this.#margin ? profit : wasLong ? proceeds : -proceeds;
      this.qty += wasLong ? -closing : closing;
    }
    const opening = qty - closing;
    if (opening > 0n) {
      const cost = this.value(price, opening);
      this.basis += cost;
      if (!this.#margin) this.cash += buy ? -cost : cost;
      this.qty += buy ? opening : -opening;
    }
    this.cash -= fee;
    this.fees += fee;
  }
}

/** Half-even without sharing code with the engine: doubles the remainder against the divisor after a floor. */
function nearestEven(n: bigint, d: bigint): bigint {
  const floor = n >= 0n ? n / d : -((-n + d - 1n) / d);
  const twice = 2n * (n - floor * d);
  if (twice < d) return floor;
  if (twice > d) return floor + 1n;
  return floor % 2n === 0n ? floor : floor + 1n;
}

const fills = fc.array(
  fc.record({
    side: fc.constantFrom<FillUnits["side"]>("buy", "sell"),
    qty: fc.integer({ min: 1, max: 5_000 }),
    price: fc.integer({ min: 1, max: 1_000_000 }),
    commission: fc.bigInt({ min: 0n, max: 500n }),
  }),
  { maxLength: 40 },
);
/** Price at 4 decimals, quantity at 3, money at 2: one money unit is 10^5 price-quantity units. */
const units = (settlement: "cash" | "variation_margin") =>
  unitsOf(testInstrument("X", { price_tick: "0.0001", lot_step: "0.001", min_qty: "0.001", settlement }), 4, 2);
const CASH = 10_000_000n;

describe.each(["cash", "variation_margin"] as const)("any fills of a position settled by %s", (settlement) => {
  it("leave the same cash, quantity, basis, profit and fees as the plain account", () => {
    fc.assert(
      fc.property(fills, (list) => {
        const portfolio = openPortfolio([units(settlement)], CASH);
        const position = portfolio.positions[0] as Position;
        const plain = new PlainAccount(CASH, 100_000n, settlement === "variation_margin");
        for (const f of list) {
          applyFill(portfolio, position, f);
          plain.fill(f.side === "buy", BigInt(f.qty), BigInt(f.price), f.commission);
          expect({ ...position, cash: portfolio.cash, units: null }).toMatchObject({
            qty: Number(plain.qty),
            basis: plain.basis,
            realized: plain.realized,
            commission: plain.fees,
            cash: plain.cash,
            units: null,
          });
        }
      }),
      { numRuns: 300 },
    );
  });

  it("tie: start + realised + unrealised - fees is cash plus what the position adds to equity, to the last unit", () => {
    fc.assert(
      fc.property(fills, fc.integer({ min: 1, max: 1_000_000 }), (list, mark) => {
        const portfolio = openPortfolio([units(settlement)], CASH);
        const position = portfolio.positions[0] as Position;
        for (const f of list) applyFill(portfolio, position, f);
        const fees = list.reduce((sum, f) => sum + f.commission, 0n);
        const profit = position.realized + unrealized(position, mark);
        expect(portfolio.cash + equityContribution(position, mark)).toBe(CASH + profit - fees);
        if (settlement === "cash") expect(equityContribution(position, mark)).toBe(marketValue(position, mark));
        if (position.qty === 0) expect(position.basis).toBe(0n);
      }),
      { numRuns: 300 },
    );
  });

  it("that cross zero do what the same fills do in two pieces, close first", () => {
    fc.assert(
      fc.property(fills, (list) => {
        const whole = openPortfolio([units(settlement)], CASH);
        const pieces = openPortfolio([units(settlement)], CASH);
        const [a, b] = [whole.positions[0] as Position, pieces.positions[0] as Position];
        for (const f of list) {
          const crossing = (b.qty > 0 && f.side === "sell") || (b.qty < 0 && f.side === "buy") ? Math.min(Math.abs(b.qty), f.qty) : 0;
          applyFill(whole, a, f);
          if (crossing > 0 && crossing < f.qty) {
            applyFill(pieces, b, { ...f, qty: crossing, commission: 0n });
            applyFill(pieces, b, { ...f, qty: f.qty - crossing });
          } else {
            applyFill(pieces, b, f);
          }
          expect({ ...b, cash: pieces.cash, units: null }).toEqual({ ...a, cash: whole.cash, units: null });
        }
      }),
      { numRuns: 300 },
    );
  });
});
