/** A daily cross-section: long the best, short the worst, every other day. */
import type { BarColumns } from "../src/core/market/bars.js";
import { engineTask } from "./engine-task.js";
import { generateColumns } from "./generated-bars.js";
import type { Work } from "./proof.js";
import { centsText, GENERATED_INSTRUMENT } from "./trading-terms.js";
import type { BenchOptions, Measured, Workload } from "./workload.js";

export interface LongShortOptions {
  readonly id: string;
  readonly says: string;
  readonly symbols: number;
  readonly days: number;
  /** Round trips that come of it. */
  readonly trades: number;
}

const SIDE = 25;
const CASH_CENTS = 100_000_000_000;

export function longShortWorkload(options: LongShortOptions): Workload {
  const { id, says } = options;
  return { id, says, missing: () => null, prepare: (bench) => prepare(options, bench) };
}

async function prepare({ id, symbols, days, trades }: LongShortOptions, { quick }: BenchOptions): Promise<Measured> {
  const columns = generateColumns({ symbols, rows: days, timeframe: "1d" });
  const bars = symbols * days;
  const start = performance.now();
  const expected = bareLoop(columns, days);
  const bare_rate = (bars * 1000) / (performance.now() - start);
  if (expected.fills !== 2 * trades) throw new Error(`${id}: ${expected.fills} fills are no ${trades} trades`);
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
  return { id, task, bars, expected, bare_rate, passes: quick ? { off: 1, on: 1 } : { off: 3, on: 3 } };
}

function bareLoop(columns: readonly BarColumns[], days: number): Work {
  let cash = CASH_CENTS;
  let orders = 0;
  for (let day = 0; day + 1 < days; day += 2) {
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
