import { describe, expect, test } from "vitest";
import { codesOf, must } from "../../../../test/support/risk-cases.js";
import { bookPnl } from "../aggregate-pnl.js";
import { expectedShortfall } from "../expected-shortfall.js";
import { historicalVar } from "../historical-var.js";
import { esComponents, varComponents } from "../scenario-components.js";
import { splitLosses } from "./book-losses.js";
import { type BookTailTerms, bookTails, finishTails, planTails } from "./book-tails.js";
import { addUpBooks } from "./book-totals.js";
import { openBooks, type PnlBook, type PnlBooks, type PnlMatrix } from "./pnl-books.js";

/** Cells whose sums round in every step, with ties, zeros of both signs and very large and small ones, and names in no order. */
function matrixOf(positions: number, scenarios: number): PnlMatrix {
  let state = 5;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296 - 0.5;
  };
  const pnl = Float64Array.from({ length: positions * scenarios }, (_, cell) =>
    cell % 11 === 0 ? -0 : cell % 13 === 0 ? -1 : next() * (cell % 7 === 0 ? 1e6 : 1e-3),
  );
  return { positions: Array.from({ length: positions }, (_, n) => `p${(n * 7_919) % positions}`), scenarios, pnl };
}

function rowsOf({ positions, scenarios, pnl }: PnlMatrix, factorOf: (name: string) => number | null) {
  return positions.flatMap((name, row) => {
    const factor = factorOf(name);
    return factor === null ? [] : [{ name, pnl: pnl.slice(row * scenarios, (row + 1) * scenarios).map((x) => factor * x) }];
  });
}

const TERMS: BookTailTerms = { confidences: ["0.95", "0.975", "0.99"], split: "positions" };
const ALL: readonly PnlBook[] = [{ name: "all", holdings: "all" }];

/** Work in so many shares, the last first. */
function inShares(books: PnlBooks, terms: BookTailTerms, shares: number) {
  const { columns, names } = books;
  const totals = new Float64Array(names.length * columns.scenarios);
  const share = (of: number, n: number) => Math.floor((of * n) / shares);
  for (let n = shares - 1; n >= 0; n--) addUpBooks(columns, share(columns.scenarios, n), share(columns.scenarios, n + 1), totals);
  const plan = must(planTails(books, totals, terms));
  const held = columns.rows.length;
  const losses = new Float64Array((plan.losses?.means.length ?? 0) * held);
  if (plan.losses !== null)
    for (let n = shares - 1; n >= 0; n--) splitLosses(columns, plan.losses, share(held, n), share(held, n + 1), losses);
  return must(finishTails(books, plan, losses));
}

describe("tails of books over columns", () => {
  test.each([1, 7, 8, 127, 128, 129, 300, 512, 513, 700])("of %i positions are the registered measures to the bit", (count) => {
    const matrix = matrixOf(count, 211);
    const rows = rowsOf(matrix, () => 1);
    const total = must(bookPnl(rows)).total;
    for (const tail of must(bookTails(must(openBooks(matrix, ALL)), TERMS))) {
      const { confidence } = tail;
      expect(tail.var).toEqual(must(historicalVar({ pnl: total, confidence })));
      expect(tail.es).toEqual(must(expectedShortfall({ pnl: total, confidence })));
      const [byVar, byEs] = [must(varComponents({ positions: rows, confidence })), must(esComponents({ positions: rows, confidence }))];
      expect(tail.components?.positions).toEqual(byVar.contributions.map(({ name }) => name));
      expect([...(tail.components?.var ?? [])]).toEqual(byVar.contributions.map(({ component }) => component));
      expect([...(tail.components?.var_single_scenario ?? [])]).toEqual(byVar.single_scenario.map(({ component }) => component));
      expect([...(tail.components?.es ?? [])]).toEqual(byEs.contributions.map(({ component }) => component));
      expect([tail.components?.var_gap, tail.components?.es_gap]).toEqual([byVar.euler_gap, byEs.euler_gap]);
    }
  });

  test("of many books that share positions are those of each book by itself, to the bit", () => {
    const matrix = matrixOf(300, 307);
    const books = Array.from({ length: 9 }, (_, b): PnlBook => {
      const held = matrix.positions.filter((_name, n) => n % (b + 1) === 0);
      return { name: `book ${b}`, holdings: held.map((position, n) => ({ position, factor: (n % 5) - 1.75 })) };
    });
    const found = must(bookTails(must(openBooks(matrix, books)), TERMS));
    for (const { name, holdings } of books) {
      const factors = new Map(holdings === "all" ? [] : holdings.map(({ position, factor }) => [position, factor]));
      const rows = rowsOf(matrix, (position) => factors.get(position) ?? null);
      for (const { var: atRisk, components, confidence } of found.filter(({ book }) => book === name)) {
        const byVar = must(varComponents({ positions: rows, confidence }));
        expect(atRisk.var).toBe(byVar.risk);
        expect([...(components?.var ?? [])]).toEqual(byVar.contributions.map(({ component }) => component));
      }
    }
  });

  test("are the same bits however the work is shared out, and in whatever order positions and holdings come", () => {
    const matrix = matrixOf(400, 509);
    const held = matrix.positions.filter((_, n) => n % 3 > 0).map((position, n) => ({ position, factor: 1 / (n + 1) }));
    const books: readonly PnlBook[] = [...ALL, { name: "part", holdings: held }, { name: "twice", holdings: held }];
    const once = must(bookTails(must(openBooks(matrix, books)), TERMS));
    for (const shares of [1, 2, 3, 7, 64]) expect(inShares(must(openBooks(matrix, books)), TERMS, shares)).toEqual(once);
    const { scenarios } = matrix;
    const back = matrix.positions.map((_, n) => matrix.positions.length - 1 - n);
    const turned: PnlMatrix = {
      positions: back.map((row) => matrix.positions[row] as string),
      scenarios,
      pnl: Float64Array.from(back.flatMap((row) => [...matrix.pnl.subarray(row * scenarios, (row + 1) * scenarios)])),
    };
    const shuffled = books.map((book) => ({ ...book, holdings: book.holdings === "all" ? book.holdings : book.holdings.toReversed() }));
    expect(must(bookTails(must(openBooks(turned, shuffled)), TERMS))).toEqual(once);
  });

  test("keep to their scenarios when those come in another order: values are the same bits, and the tail names the same scenarios", () => {
    const matrix = matrixOf(150, 101);
    const { scenarios, pnl } = matrix;
    const back: PnlMatrix = {
      ...matrix,
      pnl: pnl.map((_, cell) => pnl[cell - (cell % scenarios) + scenarios - 1 - (cell % scenarios)] ?? 0),
    };
    const [one, other] = [matrix, back].map((of) => must(bookTails(must(openBooks(of, ALL)), TERMS)));
    for (const [n, tail] of (one ?? []).entries()) {
      expect([other?.[n]?.var.var, other?.[n]?.es.es]).toEqual([tail.var.var, tail.es.es]);
      expect(other?.[n]?.es.scenarios.map(({ scenario }) => scenarios - 1 - scenario)).toEqual(
        tail.es.scenarios.map(({ scenario }) => scenario),
      );
    }
  });

  test("refuse cells that are not finite, by position and scenario, wherever they stand", () => {
    const matrix = matrixOf(200, 40);
    matrix.pnl[3 * 40 + 17] = Number.NaN;
    const books = must(openBooks(matrix, ALL));
    const refused = bookTails(books, { confidences: ["0.9"], split: "none" });
    expect(refused.ok ? [] : refused.errors.map(({ code, details }) => [code, details["field"], details["index"]])).toEqual([
      ["NOT_FINITE", matrix.positions[3], "17"],
    ]);
    matrix.pnl[3 * 40 + 17] = Number.MAX_VALUE;
    matrix.pnl[4 * 40 + 17] = Number.MAX_VALUE;
    expect(codesOf(bookTails(books, TERMS))).toEqual(["RESULT_OUT_OF_RANGE"]);
    expect(codesOf(bookTails(books, { confidences: ["99%", "1"], split: "none" }))).toEqual([
      "CONFIDENCE_INVALID",
      "CONFIDENCE_INVALID",
      "RESULT_OUT_OF_RANGE",
    ]);
    expect(codesOf(bookTails(must(openBooks(matrixOf(2, 40), ALL)), { confidences: [], split: "none" }))).toEqual(["TOO_FEW_SCENARIOS"]);
  });

  test("refuse books that do not fit their matrix, all faults at once", () => {
    const matrix = { positions: ["a", "b", "a"], scenarios: 1, pnl: new Float64Array(2) };
    const holdings = [
      { position: "b", factor: Number.NaN },
      { position: "c", factor: 1 },
      { position: "b", factor: 1 },
    ];
    const books = [
      { name: "x", holdings },
      { name: "x", holdings: [] },
    ];
    expect(codesOf(openBooks(matrix, books)).toSorted()).toEqual([
      "DUPLICATE_NAME",
      "DUPLICATE_NAME",
      "DUPLICATE_NAME",
      "LENGTHS_DIFFER",
      "NOT_FINITE",
      "TOO_FEW_SCENARIOS",
      "TOO_FEW_SCENARIOS",
      "UNKNOWN_NAME",
    ]);
  });
});
