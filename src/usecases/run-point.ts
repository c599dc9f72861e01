import { Engine } from "../core/engine/engine.js";
import { StrategyFailure } from "../core/engine/strategy-runner.js";
import type { AnyStrategy } from "../core/strategy/strategy.js";
import { PointTape } from "../core/sweep/point-tape.js";
import { pointMetrics } from "../core/sweep/sweep-point.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { PointFigures, PointTask, SweepTask } from "../ports/point-pool.js";
import { driveBacktest } from "./drive-backtest.js";

export interface PointMeans {
  readonly strategy: AnyStrategy;
  readonly hash: Sha256Fn;
  readonly onSlice: (slices: number, bars: number, ts: number) => void;
}

/** Runs one point of a sweep to its end: the engine of a backtest, its events folded and dropped. Synchronous: made for a worker's thread. */
export function runPoint(sweep: Omit<SweepTask, "bundle">, task: PointTask, { strategy, hash, onSlice }: PointMeans): PointFigures {
  const { config, started, log } = task;
  const columns = new Map(sweep.instruments.map((instrument) => [instrument.columns.symbol, instrument.columns]));
  const tape = new PointTape(config, columns, sweep.inputs, sweep.content_hashes ? { name: log, hash } : null);
  let engine: Engine;
  try {
    engine = new Engine({ started, config, strategy, instruments: sweep.instruments, inputs: sweep.inputs, hash, onSlice });
  } catch (error) {
    // State or indicators that cannot even be made for these parameters: a tape never starts.
    if (error instanceof StrategyFailure) return neverStarted(error);
    throw error;
  }
  driveBacktest(engine, tape);
  const { metrics, trades, content_hash } = tape.finish();
  const { failure, bars } = engine;
  const counts = { bars, events: tape.position, ...engine.state.counts, trades };
  if (failure !== null) return { status: "failed", ...counts, content_hash, ...NO_METRICS, error: errorOf(failure) };
  return { status: "ok", ...counts, content_hash, ...pointMetrics(metrics), error: null };
}

const NO_METRICS = { metrics: {}, undefined_metrics: {}, standard_errors: {} } as const;

function neverStarted(failure: StrategyFailure): PointFigures {
  const counts = { bars: 0, events: 0, signals: 0, orders: 0, fills: 0, trades: 0 };
  return { status: "failed", ...counts, content_hash: null, ...NO_METRICS, error: errorOf(failure) };
}

function errorOf({ code, message, handler, bar_ts }: StrategyFailure): NonNullable<PointFigures["error"]> {
  return { code, message, handler, bar_ts };
}
