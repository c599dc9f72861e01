/** Orders at given bars: few of many, or one on each. */
import type { BarColumns } from "../src/core/market/bars.js";
import { engineTask } from "./engine-task.js";
import { type GeneratedBars, generateColumns } from "./generated-bars.js";
import type { Work } from "./proof.js";
import { centsText, GENERATED_INSTRUMENT } from "./trading-terms.js";
import type { BenchOptions, Measured, Workload } from "./workload.js";

export interface OnScheduleOptions {
  readonly id: string;
  readonly says: string;
  readonly onRequest?: boolean;
  readonly bars: GeneratedBars;
  /** Slices from one order of a symbol to its next. */
  readonly every: number;
  readonly passes: { readonly off: number; readonly on: number };
}

const CASH_CENTS = 100_000_000_000;

export function onScheduleWorkload(options: OnScheduleOptions): Workload {
  const { id, says, onRequest } = options;
  return { id, says, ...(onRequest === undefined ? {} : { onRequest }), missing: () => null, prepare: (bench) => prepare(options, bench) };
}

async function prepare(options: OnScheduleOptions, { quick }: BenchOptions): Promise<Measured> {
  const { id, every, bars, passes } = options;
  const columns = generateColumns(bars);
  const start = performance.now();
  const expected = bareLoop(columns, every);
  const total = bars.symbols * bars.rows;
  const bare_rate = (total * 1000) / (performance.now() - start);
  const task = await engineTask({
    strategy: "bench/strategies/on-schedule.ts",
    params: { every },
    columns,
    instrument: GENERATED_INSTRUMENT,
    cash: centsText(CASH_CENTS),
    scale: 2,
    fees: { model: "none" },
    qty: "1",
  });
  const once = { off: Math.min(1, passes.off), on: Math.min(1, passes.on) };
  return { id, task, bars: total, expected, bare_rate, passes: quick ? once : passes };
}

/** The same orders on the columns alone: one unit in and out by turns, at the close. */
function bareLoop(columns: readonly BarColumns[], every: number): Work {
  let cash = CASH_CENTS;
  let worth = 0;
  let orders = 0;
  const positions: Record<string, string> = {};
  for (const { symbol, close, rows } of columns) {
    let held = false;
    for (let row = 0; row < rows; row++) {
      if ((row + 1) % every !== 0) continue;
      const price = close[row] as number;
      cash += held ? price : -price;
      held = !held;
      orders += 1;
    }
    if (!held) continue;
    positions[symbol] = "1";
    worth += close[rows - 1] as number;
  }
  return { orders, fills: orders, cash: centsText(cash), equity: centsText(cash + worth), positions };
}
