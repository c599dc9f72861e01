import { cutPoints } from "../core/engine/cut-points.js";
import type { EngineInstrument } from "../core/engine/engine-spec.js";
import { SliceFeed } from "../core/engine/feed.js";
import type { RunConfig } from "../core/engine/run-config.js";
import { limitRows } from "../core/engine/run-rows.js";
import type { BarColumns } from "../core/market/bars.js";
import { rowRangeSha256 } from "../core/market/column-set.js";
import type { UtcMillis } from "../core/tape/event.js";
import type { EngineTask } from "../ports/engine-host.js";
import type { BacktestPorts } from "./backtest-ports.js";
import type { RecordedRun } from "./recorded-run.js";
import { runStartedOf } from "./run-identity.js";

/** A place at which a run is cut: everything up to and including the slice that closed at `ts` is kept. */
export interface Cut {
  readonly ts: UtcMillis;
  readonly slices: number;
  readonly bars: number;
}

type Usable = Extract<RecordedRun, { kind: "usable" }>;

/** The cuts of a run, ascending: the same for the same configuration and bars, whoever asks. */
export function cutsOf(
  instruments: readonly EngineInstrument[],
  points: number,
  configSha256: string,
  hash: BacktestPorts["hash"],
): readonly Cut[] {
  const total = countSlices(instruments);
  const wanted = cutPoints(total, points, (k) => Number.parseInt(hash(`onetape:cut:v1\n${configSha256}\n${k}`).slice(0, 12), 16) / 2 ** 48);
  const cuts: Cut[] = [];
  const feed = feedOf(instruments);
  let bars = 0;
  for (let slices = 1; cuts.length < wanted.length && feed.next(); slices++) {
    bars += feed.size;
    if (slices === wanted[cuts.length]) cuts.push({ ts: feed.ts, slices, bars });
  }
  return cuts;
}

/** The run as it would have been given, had its data ended with the cut. Later bars lie in no memory that the engine is handed. */
export function taskOfCut(ports: Pick<BacktestPorts, "hash" | "hashBytes">, run: Usable, cut: Cut): EngineTask {
  const sessions = limitRows(run.instruments, { from: null, to: cut.ts, max_bars: null });
  const instruments = run.instruments.map((whole, i): EngineInstrument => {
    const kept = sessions[i] ?? [];
    const last = kept.at(-1);
    const columns = copyOfFirst(whole.columns, last === undefined ? 0 : last.first_row + last.row_count);
    const session_sha256 = kept.map((s, n) =>
      s.row_count === whole.sessions[n]?.row_count
        ? (whole.session_sha256[n] ?? "")
        : rowRangeSha256(columns, s.first_row, s.row_count, ports.hashBytes),
    );
    const { quotes } = whole;
    const cutQuotes = quotes === undefined ? {} : { quotes: { bid: copyUntil(quotes.bid, cut.ts), ask: copyUntil(quotes.ask, cut.ts) } };
    return { columns, ...cutQuotes, sessions: kept, session_sha256 };
  });
  const config: RunConfig = {
    ...run.config,
    data: run.config.data.map((data, i) => {
      const [first, last] = [sessions[i]?.[0], sessions[i]?.at(-1)];
      if (first === undefined || last === undefined) return { ...data, first_row: 0, row_count: 0 };
      return { ...data, row_count: last.first_row + last.row_count - first.first_row };
    }),
  };
  const started = runStartedOf(config, run.started.strategy.source_sha256, instruments, ports.hash);
  return { started, config, bundle: run.bundle, instruments, inputs: run.inputs, append: "block", tape: true };
}

function countSlices(instruments: readonly EngineInstrument[]): number {
  const feed = feedOf(instruments);
  let slices = 0;
  while (feed.next()) slices += 1;
  return slices;
}

function feedOf(instruments: readonly EngineInstrument[]): SliceFeed {
  return new SliceFeed(instruments.map(({ columns, sessions }) => ({ columns, ranges: sessions })));
}

/** The rows of a column set that had closed by a time. */
function copyUntil(columns: BarColumns, ts: UtcMillis): BarColumns {
  let rows = columns.rows;
  while (rows > 0 && (columns.ts[rows - 1] as number) > ts) rows -= 1;
  return copyOfFirst(columns, rows);
}

/** The first rows of a column set in memory of their own: a view would still lead to the rows behind it. */
function copyOfFirst(columns: BarColumns, rows: number): BarColumns {
  const part = (column: Float64Array): Float64Array => {
    const copy = new Float64Array(new SharedArrayBuffer(rows * Float64Array.BYTES_PER_ELEMENT));
    copy.set(column.subarray(0, rows));
    return copy;
  };
  return {
    ...columns,
    rows,
    ts: part(columns.ts),
    open: part(columns.open),
    high: part(columns.high),
    low: part(columns.low),
    close: part(columns.close),
    volume: part(columns.volume),
  };
}
