/** What a run's statistics are judged by: a benchmark's closes from the workspace, the trials behind the run, the dates that it was not fitted on. */
import type { YardstickConfig } from "../core/engine/run-config.js";
import type { BarColumns, SessionRange } from "../core/market/bars.js";
import { benchmarkText } from "../core/metrics/benchmark-closes.js";
import type { Violation } from "../core/quality/violation.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { BarLibrary, BarsFound } from "../ports/bar-library.js";
import type { BacktestConfig } from "../ports/config-source.js";
import { type Located, placed } from "./run-faults.js";

/** The bars of one instrument that a run delivers. */
interface Delivered {
  readonly columns: BarColumns;
  readonly sessions: readonly SessionRange[];
}

export interface FoundBenchmark {
  readonly bars: BarsFound | null;
  readonly violations: readonly Violation[];
}

/** The benchmark's bars; null where the config names none. */
export async function findBenchmark(bars: BarLibrary, { benchmark, timeframe }: BacktestConfig, loaded: Located): Promise<FoundBenchmark> {
  if (benchmark === null) return { bars: null, violations: [] };
  const found = await bars.find({ ...benchmark, timeframe: benchmark.timeframe ?? timeframe });
  if (found.kind === "found") return { bars: found.bars, violations: [] };
  return { bars: null, violations: found.violations.map((v) => placed(v, loaded, "/benchmark")) };
}

/** What the run's config says of them, and the text that it names by hash. */
export interface Yardsticks {
  readonly terms: YardstickConfig;
  readonly inputs: readonly string[];
}

export function yardsticksOf(
  { trials, out_of_sample_from }: BacktestConfig,
  benchmark: BarsFound | null,
  delivered: readonly Delivered[],
  hash: Sha256Fn,
): Yardsticks {
  const terms = { ...(trials === null ? {} : { trials }), ...(out_of_sample_from === null ? {} : { out_of_sample_from }) };
  if (benchmark === null) return { terms, inputs: [] };
  const text = benchmarkText(benchmark.columns, momentsOf(delivered));
  const { symbol, timeframe, price_mode, basis } = benchmark.columns;
  const { column_set } = benchmark;
  return {
    terms: { ...terms, benchmark: { symbol, timeframe, price_mode, basis, column_set, closes_sha256: hash(text) } },
    inputs: [text],
  };
}

/** A split needs sessions on both sides of it. */
export function splitFaults(loaded: Located, delivered: readonly Delivered[]): readonly Violation[] {
  const { out_of_sample_from: from } = loaded.config;
  const days = delivered.flatMap(({ sessions }) => sessions.map(({ session }) => session)).sort();
  const [first, last] = [days[0], days.at(-1)];
  if (from === null || first === undefined || last === undefined || (first < from && from <= last)) return [];
  const fault = {
    code: "SPLIT_OUTSIDE_RUN",
    message: `every session of the run lies ${from <= first ? "on or after" : "before"} ${from}: there is nothing to hold against the other part`,
    field: "/out_of_sample_from",
    value: from,
    expected: `a session date after ${first} and not after ${last}`,
  };
  return [placed(fault, loaded, "/out_of_sample_from")];
}

/** When marks may be taken: where sessions end by their calendars and by their bars; and the run's first close, up to which nothing was traded. */
function momentsOf(delivered: readonly Delivered[]): readonly number[] {
  const moments: number[] = [];
  let first = Number.POSITIVE_INFINITY;
  for (const { columns, sessions } of delivered)
    for (const { first_row, row_count, close } of sessions) {
      first = Math.min(first, columns.ts[first_row] as number);
      moments.push(close, columns.ts[first_row + row_count - 1] as number);
    }
  return Number.isFinite(first) ? [first, ...moments] : moments;
}
