import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/core/engine/engine.js";
import type { Position } from "../../src/core/portfolio/portfolio.js";
import {
  at,
  columnsOf,
  type FixtureRun,
  type HandBar,
  type Handlers,
  ofType,
  type PlainEvent,
  runEngine,
} from "../support/engine-fixture.js";
import { PlainBook, type PlainInstrument, type PlainTerms } from "../support/plain-account.js";
import { minus, nearest, ofUnits, over, type Rational, rational, textOf, times } from "../support/rational.js";

/**
 * Random markets, flows, factor files, rates of exchange and terms of financing, against an account in exact fractions. Of a run the
 * account takes only what was filled, at which price and when; every amount of money it works out by itself.
 */

const DAYS = 6;
const MINUTES = 1440;
const SLOTS = [1, 2, 700, 1439, 1440];
const DATES = ["20240101", "20240102", "20240103", "20240104", "20240105", "20240106", "20240107"];
/** A share in dollars, a share in euros that trades in hundredths, a future in yen. */
const INSTRUMENTS: readonly (PlainInstrument & { readonly currency: string })[] = [
  { symbol: "AAA", multiplier: "1", lot: "1", margin: false, currency: "USD" },
  { symbol: "EEE", multiplier: "1", lot: "0.01", margin: false, currency: "EUR" },
  { symbol: "FFF", multiplier: "1370.37", lot: "1", margin: true, currency: "JPY" },
];
const SYMBOLS = INSTRUMENTS.map(({ symbol }) => symbol);
/** New shares for old, as texts of factor files round them to seven digits. */
const RATIOS = ["2/1", "7/1", "3/2", "1/3", "1/20", "5/4"];

const cell = fc.record({
  present: fc.boolean(),
  open: fc.integer({ min: 9000, max: 11_000 }),
  close: fc.integer({ min: 9000, max: 11_000 }),
});
const ask = fc.record({
  symbol: fc.constantFrom(...SYMBOLS),
  action: fc.constantFrom("enterLong", "enterShort", "exitLong", "exitShort", "none"),
  qty: fc.integer({ min: 1, max: 40_000 }),
});
/** What happens before the open of the day after `day`. */
const action = fc.record({
  day: fc.integer({ min: 0, max: DAYS }),
  /** Price factor over the next one. */
  kept: fc.constantFrom("1", "0.995", "0.9871234", "0.5", "0.9999"),
  ratio: fc.option(fc.constantFrom(...RATIOS), { nil: null }),
  price: fc.integer({ min: 5000, max: 20_000 }),
});
const quote = fc.record({
  hour: fc.integer({ min: 1, max: DAYS * 24 }),
  euro: fc.integer({ min: 80, max: 150 }),
  yen: fc.integer({ min: 12_000, max: 18_000 }),
});
const rates = fc.constantFrom("0", "0.03", "0.1234567", "2");
const cases = fc.record({
  cells: fc.array(fc.array(cell, { minLength: SLOTS.length * DAYS, maxLength: SLOTS.length * DAYS }), { minLength: 3, maxLength: 3 }),
  asks: fc.array(ask, { minLength: 3, maxLength: 40 }),
  actions: fc.array(fc.uniqueArray(action, { selector: ({ day }) => day, maxLength: 4 }), { minLength: 2, maxLength: 2 }),
  quotes: fc.uniqueArray(quote, { selector: ({ hour }) => hour, maxLength: 8 }),
  financing: fc.record({
    borrow: rates,
    credit: rates,
    debit: rates,
    proceeds: fc.constantFrom("excluded" as const, "included" as const),
    count: fc.constantFrom("ACT/365F" as const, "ACT/360" as const),
  }),
  fee_bps: fc.constantFrom("0", "7", "12.5"),
  cash: fc.constantFrom("1000000", "30000"),
});
type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

const cents = (n: number): string => textOf(ofUnits(BigInt(n), 2), 2);

function barsOf(cells: Case["cells"][number]): HandBar[] {
  return cells.flatMap(({ present, open, close }, i): HandBar[] => {
    if (!present && i > 0) return [];
    const minute = Math.floor(i / SLOTS.length) * MINUTES + (SLOTS[i % SLOTS.length] as number);
    const [o, c] = [open / 100, close / 100];
    return [[minute, o, Math.max(o, c) + 1, Math.min(o, c) - 1, c]];
  });
}

/** The rows of a factor file; from the last factor of 1 backwards. */
function factorRows(actions: readonly Action[]): readonly string[] {
  let price = rational("1");
  let split = rational("1");
  const rows = ["20501231,1,1,0"];
  for (const a of [...actions].sort((x, y) => y.day - x.day)) {
    price = ofUnits(nearest(times(price, rational(a.kept)), 7), 7);
    if (a.ratio !== null) split = ofUnits(nearest(over(split, fraction(a.ratio)), 9), 9);
    rows.unshift(`${DATES[a.day]},${textOf(price, 7)},${textOf(split, 9)},${cents(a.price)}`);
  }
  if (rows[0]?.startsWith(DATES[0] as string) !== true) rows.unshift(`20231229,${textOf(price, 7)},${textOf(split, 9)},100`);
  return rows;
}

function fraction(ratio: string): Rational {
  const [up = "", down = ""] = ratio.split("/");
  return over(rational(up), rational(down));
}

/** Cash per share by the file's own digits: price x (1 - factor / next factor), in cents. */
function perShare(rows: readonly string[], day: number): Rational {
  const i = rows.findIndex((row) => row.startsWith(DATES[day] as string));
  const [, now = "", , price = ""] = (rows[i] as string).split(",");
  const [, next = ""] = (rows[i + 1] as string).split(",");
  return ofUnits(nearest(times(rational(price), minus(rational("1"), over(rational(now), rational(next)))), 2), 2);
}

function player(asks: Case["asks"]): Handlers {
  return {
    state: () => ({ bars: 0 }),
    onBar: (_, ctx) => {
      const state = ctx.state as { bars: number };
      const a = asks[state.bars++ % asks.length] as Case["asks"][number];
      if (a.action === "none") return;
      const qty = a.symbol === "EEE" ? a.qty / 100 : Math.ceil(a.qty / 100);
      ctx[a.action]({ symbol: a.symbol, qty });
    },
  };
}

const quotesOf = (c: Case): readonly { readonly ts: number; readonly euro: string; readonly yen: string }[] =>
  [{ hour: 0, euro: 110, yen: 15_000 }, ...c.quotes]
    .map(({ hour, euro, yen }) => ({ ts: at(hour * 60), euro: cents(euro), yen: cents(yen) }))
    .sort((a, b) => a.ts - b.ts);

function fixture(c: Case): FixtureRun {
  return {
    instruments: INSTRUMENTS.map(({ symbol, currency, multiplier, lot, margin }, i) => ({
      columns: columnsOf(symbol, barsOf(c.cells[i] ?? [])),
      instrument: { currency, multiplier, lot_step: lot, min_qty: lot, settlement: margin ? "variation_margin" : "cash" },
    })),
    strategy: player(c.asks),
    cash: c.cash,
    execution: { fees: { model: "bps", bps: c.fee_bps } },
    financing: {
      day_count: c.financing.count,
      borrow_rate: c.financing.borrow,
      borrow_rates: {},
      credit_rate: c.financing.credit,
      debit_rate: c.financing.debit,
      short_proceeds: c.financing.proceeds,
    },
    factors: { AAA: factorRows(c.actions[0] ?? []).join("\n"), EEE: factorRows(c.actions[1] ?? []).join("\n") },
    fx: {
      terms: { pivot: "EUR", max_age_ms: 365 * 86_400_000 },
      quotes: quotesOf(c).flatMap(({ ts, euro, yen }) => [
        { base: "EUR", quote: "USD", rate: euro, at: ts },
        { base: "EUR", quote: "JPY", rate: yen, at: ts },
      ]),
    },
  };
}

/** The account of a run by the rules alone, with what it should be worth at each close. */
function retold(c: Case, events: readonly PlainEvent[]): { readonly book: PlainBook; readonly closes: readonly string[] } {
  const terms: PlainTerms = {
    ...c.financing,
    decimals: 2,
    year: c.financing.count === "ACT/360" ? 360n : 365n,
    fee_bps: c.fee_bps,
  };
  const quotes = quotesOf(c);
  const book = new PlainBook(BigInt(c.cash) * 100n, INSTRUMENTS, terms, (symbol, ts) => {
    const known = quotes.findLast((q) => q.ts <= ts);
    if (known === undefined) throw new Error("no rate");
    if (symbol === "AAA") return rational("1");
    if (symbol === "EEE") return rational(known.euro);
    return ofUnits(nearest(over(rational(known.euro), rational(known.yen)), 18), 18);
  });
  const rows = c.actions.map(factorRows);
  const done = c.actions.map((actions) => new Set(actions.filter(({ day }) => day === 0)));
  const closes: string[] = [];
  const bars = INSTRUMENTS.map((_, i) => barsOf(c.cells[i] ?? []));
  const moments = [...new Set(bars.flat().map(([minute]) => minute))].sort((a, b) => a - b);
  const fills = [...ofType(events, "order.filled"), ...ofType(events, "order.partially_filled")].sort((a, b) => a.position - b.position);
  moments.forEach((minute, t) => {
    const day = Math.floor((minute - 1) / MINUTES);
    // A session's first bar of an instrument brings the actions that are due.
    for (const [i, actions] of c.actions.entries()) {
      if (!bars[i]?.some(([m]) => m === minute)) continue;
      for (const a of [...actions].sort((x, y) => x.day - y.day)) {
        if (a.day > day || done[i]?.has(a)) continue;
        done[i]?.add(a);
        const symbol = SYMBOLS[i] as string;
        book.dividend(symbol, perShare(rows[i] ?? [], a.day), at(minute));
        if (a.ratio !== null) book.split(symbol, fraction(a.ratio), rational(cents(a.price)), at(minute));
      }
    }
    for (const f of fills) {
      if (f.occurred_at !== at(minute)) continue;
      book.fill(f.payload.symbol, f.payload.side, rational(f.payload.qty), rational(f.payload.price), f.occurred_at);
    }
    for (const [i, list] of bars.entries()) {
      const bar = list.find(([m]) => m === minute);
      if (bar !== undefined) book.holding(SYMBOLS[i] as string).mark = rational(cents(Math.round(bar[4] * 100)));
    }
    const next = moments[t + 1];
    if (next !== undefined && Math.floor((next - 1) / MINUTES) === day) return;
    // A close between bars is told at the prices and the rates of the newest bar.
    const ts = at(minute);
    book.close(day, ts);
    closes.push(textOf(ofUnits(book.equity(ts), 2), 2));
  });
  return { book, closes };
}

/** The state of a run in the words of the plain account. */
function told(engine: Engine): unknown {
  const { cash, interest, positions } = engine.state.portfolio;
  return {
    cash,
    interest,
    positions: positions.map(({ units, qty, basis, carried, settled, realized, commission, dividends, borrow }: Position) => ({
      symbol: units.symbol,
      qty: textOf(ofUnits(BigInt(qty), units.qty_scale), 4),
      ...{ basis, carried, settled, realized, commission, dividends, borrow },
    })),
  };
}

function retoldState({ cash, interest, holdings }: PlainBook): unknown {
  return {
    cash,
    interest,
    positions: holdings.map(({ of, qty, basis, carried, settled, realized, commission, dividends, borrow }) => ({
      symbol: of.symbol,
      qty: textOf(qty, 4),
      ...{ basis, carried, settled, realized, commission, dividends, borrow },
    })),
  };
}

describe("an account with dividends, splits, financing, variation and three currencies", () => {
  const seen = new Map<string, number>();
  const count = (what: string, times = 1): void => {
    seen.set(what, (seen.get(what) ?? 0) + times);
  };

  it("has the cash, positions, profit and equity of the plain account at every close, to the last cent", () => {
    fc.assert(
      fc.property(cases, (c) => {
        const { engine, events } = runEngine(fixture(c));
        expect(engine.failure).toBeNull();
        const { book, closes } = retold(c, events);
        expect(ofType(events, "session.closed").map(({ payload }) => payload.equity)).toEqual(closes);
        expect(told(engine)).toEqual(retoldState(book));
        for (const { type, payload } of events) {
          count(type);
          if (type === "cash.accrued") count(payload.kind);
          if (type === "split.applied" && payload.qty_before !== "0") count("split of a position");
        }
        count("flip", book.flips);
      }),
      { numRuns: 120 },
    );
  });

  it("met every kind of event on the way", () => {
    for (const what of ["order.filled", "dividend.paid", "split of a position", "variation.settled", "borrow", "credit", "debit", "flip"])
      expect([what, (seen.get(what) ?? 0) > 20]).toEqual([what, true]);
  });
});
