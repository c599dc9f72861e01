/** Bars and nothing else: what a bar costs before anybody trades. */
import type { BarColumns } from "../src/core/market/bars.js";
import { engineTask } from "./engine-task.js";
import { generateColumns } from "./generated-bars.js";
import { measure } from "./passes.js";
import { GENERATED_INSTRUMENT } from "./trading-terms.js";
import type { BenchLine, BenchOptions, Workload } from "./workload.js";

const SYMBOLS = 100;
const ROWS = 20_000;

export function emptyWorkload(): Workload {
  return { id: "W8", says: "100 symbols x 20,000 bars, a strategy that does nothing", missing: () => null, run };
}

async function* run({ quick }: BenchOptions): AsyncGenerator<BenchLine> {
  const columns = generateColumns({ symbols: SYMBOLS, rows: ROWS, timeframe: "1m" });
  const bars = SYMBOLS * ROWS;
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
  yield* measure({
    id: "W8",
    task,
    bars,
    expected,
    bare_rate: bareRate(columns, bars),
    passes: quick ? { off: 2, on: 2 } : { off: 5, on: 5 },
  });
}

/** Reads every close once. In bars a second. */
function bareRate(columns: readonly BarColumns[], bars: number): number {
  const start = performance.now();
  let sum = 0;
  for (let row = 0; row < ROWS; row++) for (const { close } of columns) sum += close[row] as number;
  if (!(sum > 0)) throw new Error("the bars have no prices");
  return (bars * 1000) / (performance.now() - start);
}
