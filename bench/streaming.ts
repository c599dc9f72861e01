/** Fifty million bars through one run: memory must not grow with them. */
import type { BarColumns } from "../src/core/market/bars.js";
import { engineTask } from "./engine-task.js";
import { generateColumns } from "./generated-bars.js";
import { GENERATED_INSTRUMENT } from "./trading-terms.js";
import type { Measured, Workload } from "./workload.js";

const SYMBOLS = 8;
const ROWS = 6_250_000;
/** Megabytes that a run may take beyond its bars, whatever their number. */
const MOST_MB = 300;

export function streamingWorkload(): Workload {
  let before = 0;
  return {
    id: "STREAM",
    says: "8 symbols x 6,250,000 bars, a strategy that does nothing, in bounded memory",
    missing: () => null,
    async prepare() {
      const measured = await prepare();
      before = process.memoryUsage().rss / 1_048_576;
      return measured;
    },
    check({ peak_rss_mb }) {
      const grown = peak_rss_mb - before;
      if (grown > MOST_MB) throw new Error(`STREAM: ${Math.round(grown)} MB beyond the bars, at most ${MOST_MB} are allowed`);
    },
  };
}

async function prepare(): Promise<Measured> {
  const columns = sharedBars();
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
  const start = performance.now();
  let sum = 0;
  for (const { close } of columns) for (let row = 0; row < ROWS; row++) sum += close[row] as number;
  if (!(sum > 0)) throw new Error("the bars have no prices");
  const bare_rate = (bars * 1000) / (performance.now() - start);
  return { id: "STREAM", task, bars, expected, bare_rate, passes: { off: 0, on: 1 } };
}

/** The bars of all symbols lie in the same memory: fifty million are delivered, six million are held. */
function sharedBars(): readonly BarColumns[] {
  const [one] = generateColumns({ symbols: 1, rows: ROWS, timeframe: "1m" });
  if (one === undefined) throw new Error("no bars were made");
  return Array.from({ length: SYMBOLS }, (_, n) => ({ ...one, symbol: `G${n}` }));
}
