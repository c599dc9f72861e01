import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { emaCrossWorkload, W2 } from "./ema-cross.js";
import { emptyWorkload } from "./empty-strategy.js";
import { longShortWorkload } from "./long-short.js";
import { onScheduleWorkload } from "./on-schedule.js";
import type { Measured, Workload } from "./workload.js";

/** A workload that peers can be given, and what their scripts need to know of it. */
export interface PeerWorkload {
  readonly workload: Workload;
  readonly kind: "ema" | "schedule" | "long_short" | "empty";
  readonly every?: number;
}

/** Sizes at which the slowest peer ends within minutes; `full` has those of `npm run bench`. Ratios are per bar in both. */
export function peerWorkloads(full: boolean): readonly PeerWorkload[] {
  const rows = full ? 1_000_000 : 50_000;
  const [symbols, days, trades] = full ? [500, 2_520, 63_000] : [100, 252, 6_300];
  const dense = full ? 50_000 : 1_000;
  const many = full ? 100 : 10;
  return [
    {
      kind: "ema",
      workload: emaCrossWorkload(W2),
    },
    {
      kind: "schedule",
      every: 720,
      workload: onScheduleWorkload({
        id: "W6-SPARSE",
        says: `8 symbols x ${rows} bars, an order every 720`,
        bars: { symbols: 8, rows, timeframe: "1m" },
        every: 720,
        passes: { off: 2, on: 2 },
      }),
    },
    {
      kind: "schedule",
      every: 1,
      workload: onScheduleWorkload({
        id: "W6-DENSE",
        says: `8 symbols x ${dense} bars, an order on every bar`,
        bars: { symbols: 8, rows: dense, timeframe: "1m" },
        every: 1,
        passes: { off: 2, on: 2 },
      }),
    },
    {
      kind: "long_short",
      workload: longShortWorkload({ id: "W7", says: `${symbols} symbols x ${days} days, ${trades} trades`, symbols, days, trades }),
    },
    { kind: "empty", workload: emptyWorkload({ id: "W8", says: `${many} symbols x 20,000 bars, no trades`, symbols: many, rows: 20_000 }) },
  ];
}

/** Writes a workload's bars as little-endian float64 and its terms as JSON. */
export function exportWork(folder: string, { kind, every }: PeerWorkload, { id, task, expected }: Measured): void {
  const columns = task.instruments.map((instrument) => instrument.columns);
  const [first] = columns;
  if (first === undefined) throw new Error(`${id} has no bars`);
  writeColumn(join(folder, "ts.f64"), first.ts);
  for (const set of columns) {
    if (set.rows !== first.rows || set.price_scale !== first.price_scale) throw new Error(`${id}: the symbols' bars do not fit each other`);
    for (const name of ["open", "high", "low", "close"] as const) writeColumn(join(folder, `${set.symbol}.${name}.f64`), set[name]);
  }
  const symbols = columns.map(({ symbol }) => symbol);
  const terms = {
    id,
    kind,
    every: every ?? null,
    cash: task.config.account.cash,
    symbols,
    rows: first.rows,
    price_scale: first.price_scale,
    expected,
  };
  writeFileSync(join(folder, "workload.json"), `${JSON.stringify(terms)}\n`);
}

function writeColumn(path: string, values: Float64Array): void {
  writeFileSync(path, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}
