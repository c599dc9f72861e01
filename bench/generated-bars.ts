import type { BarColumns, Timeframe } from "../src/core/market/bars.js";
import { TIMEFRAME_MS } from "../src/core/market/bars.js";

/** Decimals of generated prices. */
export const PRICE_SCALE = 2;

/** Midnight UTC of 2000-01-01: the first bar closes one step later. */
const START = 946_684_800_000;

export interface GeneratedBars {
  readonly symbols: number;
  readonly rows: number;
  readonly timeframe: Timeframe;
}

/**
 * Random walks in cents from a 32-bit generator that any language can repeat: every bar opens at the last close, moves by up to ten
 * cents, and lies at most five cents around both. Never below ten dollars.
 */
export function generateColumns({ symbols, rows, timeframe }: GeneratedBars): readonly BarColumns[] {
  const step = TIMEFRAME_MS[timeframe];
  const ts = shared(rows);
  for (let row = 0; row < rows; row++) ts[row] = START + (row + 1) * step;
  const volume = shared(rows).fill(1_000);
  const width = String(symbols - 1).length;
  return Array.from({ length: symbols }, (_, n) => {
    const columns = { ts, open: shared(rows), high: shared(rows), low: shared(rows), close: shared(rows), volume };
    walk(columns, n + 1);
    return {
      symbol: `G${String(n).padStart(width, "0")}`,
      timeframe,
      price_mode: "raw",
      basis: "trade",
      price_scale: PRICE_SCALE,
      volume_scale: 0,
      has_volume: true,
      rows,
      ...columns,
    };
  });
}

function walk({ open, high, low, close }: Pick<BarColumns, "open" | "high" | "low" | "close">, seed: number): void {
  let state = Math.imul(seed, 2_654_435_761) >>> 0;
  const draw = (sides: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * sides);
  };
  let price = 10_000;
  for (let row = 0; row < close.length; row++) {
    const last = Math.max(1_000, price + draw(21) - 10);
    open[row] = price;
    close[row] = last;
    high[row] = Math.max(price, last) + draw(6);
    low[row] = Math.min(price, last) - draw(6);
    price = last;
  }
}

function shared(rows: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(rows * Float64Array.BYTES_PER_ELEMENT));
}
