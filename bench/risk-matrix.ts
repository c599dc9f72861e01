/** The profits and losses, and the portfolios, that the risk trial works on, made by rule: the same on every machine. */
import type { PnlBook, PnlMatrix } from "../src/core/risk/books/pnl-books.js";

/** Every position moves with the market of a scenario, more or less, and by itself. */
export function makeMatrix(positions: number, scenarios: number): PnlMatrix {
  const next = uniform(17);
  const pnl = new Float64Array(new SharedArrayBuffer(8 * positions * scenarios));
  const market = Float64Array.from({ length: scenarios }, () => next() + next() + next());
  for (let row = 0; row < positions; row++) {
    const beta = 100 * (0.5 + next());
    for (let s = 0; s < scenarios; s++) pnl[row * scenarios + s] = beta * (market[s] as number) + 200 * next();
  }
  return { positions: Array.from({ length: positions }, (_, n) => `P${String(n).padStart(6, "0")}`), scenarios, pnl };
}

/** Portfolios of equally many positions, which they share with others. */
export function makePortfolios({ positions }: PnlMatrix, count: number, held: number): readonly PnlBook[] {
  const next = uniform(19);
  return Array.from({ length: count }, (_, b) => ({
    name: `B${String(b).padStart(4, "0")}`,
    holdings: Array.from({ length: held }, (_h, n) => ({
      position: positions[(b * 37 + n * 97) % positions.length] as string,
      factor: Math.round(100 * (next() + 1)) / 64,
    })),
  }));
}

/** Numbers between -0.5 and 0.5 from a linear congruence: enough for a bench, and equal everywhere. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296 - 0.5;
  };
}
