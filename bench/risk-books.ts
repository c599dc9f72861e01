/**
 * VaR, ES and both by position of a book of 10,000 positions under 5,000 scenarios, and VaR and ES of 1,000 portfolios over the same matrix, in
 * this thread and on one and two others. Every pass must end in the recorded bytes, whatever the number of threads. Beside them, in the same
 * run: what this machine needs to read the matrix at all, numpy with its BLAS, scipy's sparse product, and QuantLib's statistics of the sums.
 */
import { sha256 } from "../src/adapters/node-hash/sha256.js";
import { openRiskBooks } from "../src/apps/library/risk-books.js";
import type { BookTail, BookTailTerms } from "../src/core/risk/books/book-tails.js";
import type { PnlBook, PnlMatrix } from "../src/core/risk/books/pnl-books.js";
import { pythonPeers } from "./python-peers.js";
import { makeMatrix, makePortfolios } from "./risk-matrix.js";
import { type PassTimes, timed } from "./timed-passes.js";
import type { Trial, TrialLine } from "./trial.js";

const POSITIONS = 10_000;
const SCENARIOS = 5_000;
const PORTFOLIOS = 1_000;
const HELD = 100;
const CONFIDENCE = "0.99";
/** Most milliseconds for the whole book on two threads. */
const MOST_MS = 60;
/** Peers round otherwise: so much of the largest figure may differ. */
const TOLERANCE = 1e-9;
const BOOK_HASH = "0e7f4a00b5bcf2fa33e003929dac0516c24b7eb3eb908fa3f2bd86de54e68868";
const PORTFOLIOS_HASH = "08590b23f0cec183819df82da0929f6508ba1f0eaebcb0189b7e92b96f669c8c";
const BOOK: readonly PnlBook[] = [{ name: "all", holdings: "all" }];

export function riskBooks(): Trial {
  return {
    id: "RISK",
    says: `VaR, ES and components of ${POSITIONS} positions x ${SCENARIOS} scenarios, and ${PORTFOLIOS} portfolios in one pass`,
    missing: () => null,
    async measure({ quick }) {
      const matrix = makeMatrix(POSITIONS, SCENARIOS);
      const portfolios = makePortfolios(matrix, PORTFOLIOS, HELD);
      const passes = quick ? 3 : 41;
      const split: BookTailTerms = { confidences: [CONFIDENCE], split: "positions" };
      const whole: BookTailTerms = { confidences: [CONFIDENCE], split: "none" };
      const lines: TrialLine[] = [lineOf("reading the matrix, 1 thread", await timed(passes, async () => sumOf(matrix.pnl)), null)];
      const measured: Measured[] = [];
      for (const threads of [0, 1, 2]) {
        const found = await measure(matrix, BOOK, split, threads, passes, BOOK_HASH);
        measured.push(found);
        lines.push(lineOf(`a book with components, ${named(threads)}`, found.times, found.hash));
      }
      const many: Measured[] = [];
      for (const threads of [0, 1, 2]) {
        const found = await measure(matrix, portfolios, whole, threads, quick ? 1 : 7, PORTFOLIOS_HASH);
        many.push(found);
        lines.push(lineOf(`${PORTFOLIOS} portfolios of ${HELD} positions, ${named(threads)}`, found.times, found.hash));
      }
      lines.push(...peers(matrix, portfolios, measured, many));
      const { best_ms, processor_ms } = measured.at(-1)?.times ?? { best_ms: Number.NaN, processor_ms: Number.NaN };
      // Where others keep the processors busy, what two of them spent on a pass is what two free ones would take.
      const best = Math.min(best_ms, processor_ms / 2);
      if (best <= MOST_MS) return lines;
      // The figures say whether the program became slower, or the machine.
      for (const { of, figures } of lines) process.stderr.write(`RISK ${of}: ${JSON.stringify(figures)}\n`);
      throw new Error(`RISK: ${best} ms on two threads, at most ${MOST_MS} are allowed`);
    },
  };
}

interface Measured {
  readonly times: PassTimes;
  readonly hash: string;
  readonly tails: readonly BookTail[];
}

async function measure(
  matrix: PnlMatrix,
  books: readonly PnlBook[],
  terms: BookTailTerms,
  threads: number,
  passes: number,
  expected: string,
): Promise<Measured> {
  const opened = await openRiskBooks(matrix, books, { threads });
  if (!opened.ok) throw new Error(JSON.stringify(opened.errors));
  let tails: readonly BookTail[] = [];
  try {
    const times = await timed(passes, async () => {
      const found = await opened.value.measure(terms);
      if (!found.ok) throw new Error(JSON.stringify(found.errors));
      tails = found.value;
    });
    const hash = sha256(tails.map(textOf).join("\n"));
    if (hash !== expected) throw new Error(`RISK: ${books.length} books on ${threads} threads came to ${hash}, expected ${expected}`);
    return { times, hash, tails };
  } finally {
    await opened.value.close();
  }
}

/** Every figure, in digits that name one double. */
function textOf({ book, confidence, var: atRisk, es, components }: BookTail): string {
  const columns = components === null ? [] : [components.var, components.var_single_scenario, components.es];
  const parts = [components?.positions.join() ?? "", ...columns.map((column) => column.join())];
  return [book, confidence, JSON.stringify(atRisk), JSON.stringify(es), ...parts].join(";");
}

/** The least that anything does with the matrix: four sums abreast. */
function sumOf(cells: Float64Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let n = 0; n + 4 <= cells.length; n += 4) {
    a += cells[n] as number;
    b += cells[n + 1] as number;
    c += cells[n + 2] as number;
    d += cells[n + 3] as number;
  }
  return a + b + c + d;
}

interface PeerFound {
  readonly peer: string;
  readonly version: string;
  readonly work: "product" | "book" | "statistics" | "portfolios";
  readonly best_ms: number;
  readonly ms: number;
  /** Largest difference to our figures, over the largest of them; 0 where there is none of ours to compare. */
  readonly worst: number;
}

const WORK: { readonly [work in PeerFound["work"]]: string } = {
  product: "the bare product of a vector and the matrix",
  book: "a book with components",
  statistics: "VaR and mean beyond it of sums that are there",
  portfolios: `${PORTFOLIOS} portfolios of ${HELD} positions`,
};

/** numpy, scipy and QuantLib on the same matrix, and the same figures. */
function peers(
  matrix: PnlMatrix,
  portfolios: readonly PnlBook[],
  book: readonly Measured[],
  many: readonly Measured[],
): readonly TrialLine[] {
  const [tail] = book[0]?.tails ?? [];
  if (tail?.components === undefined || tail.components === null) throw new Error("RISK: nothing was taken apart");
  const row = new Map(matrix.positions.map((name, n) => [name, n]));
  const held = portfolios.flatMap(({ holdings }) => (holdings === "all" ? [] : holdings));
  const found = pythonPeers<PeerFound>(
    "RISK",
    "risk_peer.py",
    {
      positions: POSITIONS,
      scenarios: SCENARIOS,
      portfolios: PORTFOLIOS,
      held: HELD,
      confidence: CONFIDENCE,
      var: tail.var.var,
      es: tail.es.es,
    },
    {
      pnl: matrix.pnl,
      component_var: tail.components.var,
      component_es: tail.components.es,
      rows: Int32Array.from(held, ({ position }) => row.get(position) ?? 0),
      factors: Float64Array.from(held, ({ factor }) => factor),
      portfolio_var: Float64Array.from(many[0]?.tails ?? [], ({ var: atRisk }) => atRisk.var),
      portfolio_es: Float64Array.from(many[0]?.tails ?? [], ({ es }) => es.es),
    },
  );
  return found.map(({ peer, version, work, best_ms, ms, worst }) => {
    if (!(worst <= TOLERANCE)) throw new Error(`RISK: ${peer} differs by ${worst} of the largest figure`);
    const ours = (work === "portfolios" ? many : book).map(({ times }) => times.best_ms);
    const ratio = work === "statistics" ? {} : { times_as_long: Math.round((best_ms / Math.min(...ours)) * 100) / 100 };
    const figures = { best_ms: tenths(best_ms), median_ms: tenths(ms), ...ratio, worst_difference: worst };
    return { trial: "RISK", of: `${WORK[work]}, by ${peer} ${version}`, figures, output_hash: null };
  });
}

function lineOf(of: string, { best_ms, ms, processor_ms }: PassTimes, output_hash: string | null): TrialLine {
  const figures = { best_ms: tenths(best_ms), median_ms: tenths(ms), processor_ms: tenths(processor_ms) };
  return { trial: "RISK", of, figures, output_hash };
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function named(threads: number): string {
  return threads === 0 ? "in this thread" : threads === 1 ? "1 thread" : `${threads} threads`;
}
