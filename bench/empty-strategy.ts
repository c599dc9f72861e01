/** Bars and nothing else: what a bar costs before anybody trades. */
import type { BarColumns } from "../src/core/market/bars.js";
import { engineTask } from "./engine-task.js";
import { generateColumns } from "./generated-bars.js";
import { GENERATED_INSTRUMENT } from "./trading-terms.js";
import type { BenchOptions, Measured, Workload } from "./workload.js";

export interface EmptyOptions {
  readonly id: string;
  readonly says: string;
  readonly symbols: number;
  readonly rows: number;
}

export function emptyWorkload(options: EmptyOptions): Workload {
  const { id, says } = options;
  return { id, says, missing: () => null, prepare: (bench) => prepare(options, bench) };
}

async function prepare({ id, symbols, rows }: EmptyOptions, { quick }: BenchOptions): Promise<Measured> {
  const columns = generateColumns({ symbols, rows, timeframe: "1m" });
  const bars = symbols * rows;
  const task = await engineTask({
    strategy: "bench/strategies/empty.ts",
    params: {},
    columns,
    instrument: GENERATED_INSTRUMENT,
    cash: "1000000",
    scale: 2,
    fees: { model: "none" },
    qty: "1",
  });
  const expected = { orders: 0, fills: 0, cash: "1000000", equity: "1000000", positions: {} };
  const passes = quick ? { off: 2, on: 2 } : { off: 5, on: 5 };
  return { id, task, bars, expected, bare_rate: bareRate(columns, bars), passes };
}

/** Reads every close once. In bars a second. */
function bareRate(columns: readonly BarColumns[], bars: number): number {
  const start = performance.now();
  let sum = 0;
  for (let row = 0; row * columns.length < bars; row++) for (const { close } of columns) sum += close[row] as number;
  if (!(sum > 0)) throw new Error("the bars have no prices");
  return (bars * 1000) / (performance.now() - start);
}
