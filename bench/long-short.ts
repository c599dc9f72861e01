/** A daily cross-section: long the best, short the worst, every other day. */
import type { BarColumns } from "../src/core/market/bars.js";
import { engineTask } from "./engine-task.js";
import { generateColumns } from "./generated-bars.js";
import { measure } from "./passes.js";
import type { Work } from "./proof.js";
import { centsText, GENERATED_INSTRUMENT } from "./trading-terms.js";
import type { BenchLine, BenchOptions, Workload } from "./workload.js";

const SYMBOLS = 500;
const DAYS = 2_520;
const SIDE = 25;
/** Round trips, as the published workload has them: 25 long and 25 short on every other of 2,520 days. */
const TRADES = 63_000;
const CASH_CENTS = 100_000_000_000;

export function longShortWorkload(): Workload {
  return {
    id: "W7",
    says: "500 symbols x 2,520 days, long 25 and short 25 of them every other day: 63,000 trades",
    missing: () => null,
    run,
  };
}

async function* run({ quick }: BenchOptions): AsyncGenerator<BenchLine> {
  const columns = generateColumns({ symbols: SYMBOLS, rows: DAYS, timeframe: "1d" });
  const start = performance.now();
  const expected = bareLoop(columns);
  const bare_rate = (SYMBOLS * DAYS * 1000) / (performance.now() - start);
  if (expected.fills !== 2 * TRADES) throw new Error(`W7: ${expected.fills} fills are no ${TRADES} trades`);
  const task = await engineTask({
    strategy: "bench/strategies/long-short.ts",
    params: { side: SIDE },
    columns,
    instrument: GENERATED_INSTRUMENT,
    cash: centsText(CASH_CENTS),
    scale: 2,
    fees: { model: "none" },
    qty: "10",
  });
  yield* measure({ id: "W7", task, bars: SYMBOLS * DAYS, expected, bare_rate, passes: quick ? { off: 1, on: 1 } : { off: 3, on: 3 } });
}

function bareLoop(columns: readonly BarColumns[]): Work {
  let cash = CASH_CENTS;
  let orders = 0;
  for (let day = 0; day + 1 < DAYS; day += 2) {
    const rise = columns.map(({ open, close }) => (close[day] as number) / 100 / ((open[day] as number) / 100));
    const ranked = columns.map((_, index) => index).sort((a, b) => (rise[b] as number) - (rise[a] as number) || a - b);
    for (const [n, index] of ranked.entries()) {
      const side = n < SIDE ? 1 : n >= ranked.length - SIDE ? -1 : 0;
      if (side === 0) continue;
      const close = columns[index]?.close as Float64Array;
      cash += 10 * side * ((close[day + 1] as number) - (close[day] as number));
      orders += 2;
    }
  }
  return { orders, fills: orders, cash: centsText(cash), equity: centsText(cash), positions: {} };
}
