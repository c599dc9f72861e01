import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { valueBook } from "../../src/core/risk/portfolio/book-valuation.js";
import { exposures } from "../../src/core/risk/portfolio/exposures.js";
import { openRates } from "../../src/core/risk/portfolio/fx-rates.js";
import type { RiskPosition } from "../../src/core/risk/portfolio/position.js";
import type { Scenario } from "../../src/core/risk/portfolio/scenario.js";
import { scenarioGrid } from "../../src/core/risk/portfolio/scenario-grid.js";
import { scenarioPnl, scenarioRun } from "../../src/core/risk/portfolio/scenario-run.js";
import { esComponents } from "../../src/core/risk/scenario-components.js";
import { bookOfAllKinds, exampleMarket, examplePositions, measuredValue } from "../support/risk-book.js";
import "../support/property-seed.js";

const cents = fc.integer({ min: -500_000, max: 500_000 }).map((n) => (n / 100).toFixed(2));
const cheap = examplePositions.filter(({ id }) => id !== "put");

/** Portfolios with several positions of every kind but the lattice's, in any order. */
const portfolios: fc.Arbitrary<readonly RiskPosition[]> = fc
  .array(fc.record({ of: fc.constantFrom(...cheap), quantity: cents }), { minLength: 1, maxLength: 30 })
  .map((list) =>
    list.map(
      ({ of, quantity }, n): RiskPosition => ({ ...of, id: `p${n}`, quantity: of.kind === "bond" ? quantity.replace("-", "") : quantity }),
    ),
  );

const shuffled = portfolios.chain((positions) =>
  fc.record({
    positions: fc.constant(positions),
    other: fc.shuffledSubarray([...positions], { minLength: positions.length }),
    spots: fc.shuffledSubarray([...exampleMarket.spots], { minLength: exampleMarket.spots.length }),
    volatilities: fc.shuffledSubarray([...exampleMarket.volatilities], { minLength: exampleMarket.volatilities.length }),
    quotes: fc.shuffledSubarray([...exampleMarket.fx.quotes], { minLength: exampleMarket.fx.quotes.length }),
  }),
);

const scenarios: fc.Arbitrary<readonly Scenario[]> = fc
  .array(
    fc.record({
      spot: fc.integer({ min: -60, max: 60 }),
      abs: fc.integer({ min: -30, max: 30 }),
      pct: fc.integer({ min: -90, max: 90 }),
      fx: fc.option(fc.integer({ min: 50, max: 150 })),
      rate: fc.integer({ min: -300, max: 300 }),
    }),
    { minLength: 2, maxLength: 8 },
  )
  .map((list) =>
    list.map(
      ({ spot, abs, pct, fx, rate }, n): Scenario => ({
        name: `s${n}`,
        shocks: [
          { underlyings: "all", spot_pct: (spot / 100).toFixed(2), vol_abs: (abs / 100).toFixed(2), vol_pct: (pct / 100).toFixed(2) },
        ],
        fx: fx === null ? null : { "EUR/USD": (fx / 100).toFixed(2), "USD/ILS": "1.01" },
        rates: { USD: (rate / 10_000).toFixed(4) },
      }),
    ),
  );

const runs = { numRuns: 60 };

describe("portfolios", () => {
  test("D.3 12: have the same bytes in any order of positions and quotes", () => {
    fc.assert(
      fc.property(shuffled, scenarios, ({ positions, other, spots, volatilities, quotes }, moves) => {
        const market = { ...exampleMarket, spots, volatilities, fx: { pivot: "USD", quotes } };
        const [one, two] = [
          { ...bookOfAllKinds, positions },
          { ...bookOfAllKinds, positions: other, market },
        ];
        expect(JSON.stringify(valueBook(two))).toBe(JSON.stringify(valueBook(one)));
        expect(JSON.stringify(scenarioRun({ ...two, scenarios: moves.toReversed() }))).toBe(
          JSON.stringify(scenarioRun({ ...one, scenarios: moves })),
        );
        const axes = { spot_pct: ["-0.3", "0", "0.2"], vol_abs: ["-0.1", "0.1"] };
        expect(JSON.stringify(scenarioGrid({ ...two, ...axes }))).toBe(JSON.stringify(scenarioGrid({ ...one, ...axes })));
      }),
      runs,
    );
  });

  test("are the sum of their exposures, along any dimension", () => {
    fc.assert(
      fc.property(
        portfolios,
        fc.constantFrom("underlying" as const, "currency" as const, "asset_class" as const),
        (positions, dimension) => {
          const valuation = measuredValue(valueBook({ ...bookOfAllKinds, positions }));
          const table = measuredValue(exposures({ valuation, dimension, clusters: null }));
          const { pv } = measuredValue(valuation.total);
          expect(Math.abs(table.net_value - pv)).toBeLessThanOrEqual(1e-12 * Math.max(1, table.gross_value));
          expect(table.gross_value).toBeGreaterThanOrEqual(Math.abs(table.net_value) * (1 - 1e-12));
        },
      ),
      runs,
    );
  });

  test("twice as large are worth exactly twice as much, in the base and in every scenario", () => {
    fc.assert(
      fc.property(portfolios, scenarios, (positions, moves) => {
        const twice = positions.map((position) => ({ ...position, quantity: (2 * Number(position.quantity)).toFixed(2) }));
        const of = (list: readonly RiskPosition[]) =>
          measuredValue(scenarioPnl({ ...bookOfAllKinds, positions: list, scenarios: moves })).positions.map(({ pnl }) => Array.from(pnl));
        expect(of(twice)).toEqual(of(positions).map((column) => column.map((profit) => 2 * profit)));
      }),
      runs,
    );
  });

  test("split their expected shortfall over positions within 1e-9 (Euler), and never gain from being split themselves", () => {
    fc.assert(
      fc.property(portfolios, scenarios, (positions, moves) => {
        const pnl = measuredValue(scenarioPnl({ ...bookOfAllKinds, positions, scenarios: moves }));
        const split = measuredValue(esComponents({ positions: pnl.positions, confidence: "0.6" }));
        const sum = split.contributions.reduce((all, { component }) => all + component, 0);
        const size = split.contributions.reduce((all, { component }) => all + Math.abs(component), 0);
        expect(Math.abs(sum - split.risk)).toBeLessThanOrEqual(1e-9 * Math.max(1, size));
        const alone = pnl.positions.map((one) => measuredValue(esComponents({ positions: [one], confidence: "0.6" })).risk);
        expect(split.risk).toBeLessThanOrEqual(alone.reduce((all, es) => all + es, 0) + 1e-9 * Math.max(1, size));
      }),
      runs,
    );
  });
});

describe("rates of one set", () => {
  test("multiply along any way and invert to within a rounding of eighteen places", () => {
    const rate = fc.integer({ min: 1_000, max: 99_999_999 }).map((n) => (n / 10_000).toFixed(4));
    fc.assert(
      fc.property(rate, rate, (eur, ils) => {
        const reader = measuredValue(
          openRates({
            pivot: "USD",
            quotes: [
              { pair: "EUR/USD", rate: eur },
              { pair: "USD/ILS", rate: ils },
            ],
          }),
        );
        const between = (from: string, to: string) => reader.rate(from, to) ?? Number.NaN;
        expect(between("EUR", "EUR")).toBe(1);
        expect(between("EUR", "USD")).toBe(Number(eur));
        expect(Math.abs(between("EUR", "ILS") / (Number(eur) * Number(ils)) - 1)).toBeLessThan(1e-15 * 4);
        expect(Math.abs(between("EUR", "ILS") * between("ILS", "EUR") - 1)).toBeLessThan(1e-7);
        expect(reader.rate("EUR", "GBP")).toBeNull();
      }),
    );
  });
});
