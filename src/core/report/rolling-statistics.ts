/** Sharpe ratio and volatility over a moving window of session returns. */
import { largestMagnitude, mean, sampleDeviation } from "../metrics/moments.js";
import type { UtcMillis } from "../tape/event.js";
import { bucketSize, DRAWN_POINTS, drawn } from "./bucket-series.js";
import type { RollingWindow } from "./tear-sheet.js";

/** Windows in months where the run is long enough for them; P sessions a year make P / 12 a month. */
const MONTHS = [3, 6, 12] as const;
/** Windows of a run that is shorter than the shortest of those. */
const SHORT = [20, 10, 5] as const;
/** A deviation this small against the returns is what rounding leaves of a constant series. */
const ROUNDING_NOISE = 1e-14;

/** The windows that fit into a run, and why there are none where none does. */
export function rollingWindows(
  returns: readonly number[],
  ts: readonly UtcMillis[],
  periodsPerYear: number,
): { readonly windows: readonly RollingWindow[]; readonly reason: string | null } {
  const n = returns.length;
  const months = MONTHS.map((m) => ({ name: `${m} months`, sessions: Math.round((periodsPerYear * m) / 12) }));
  let fitting = months.filter(({ sessions }) => sessions >= 2 && sessions <= n);
  if (fitting.length === 0) {
    // The longest that leaves at least as many windows as it has sessions.
    const short = SHORT.find((sessions) => sessions * 2 <= n);
    fitting = short === undefined ? [] : [{ name: `${short} sessions`, sessions: short }];
  }
  if (fitting.length > 0) return { windows: fitting.map((window) => rolling(returns, ts, periodsPerYear, window)), reason: null };
  return { windows: [], reason: `${n} session returns are too few for a window of ${SHORT.at(-1)}` };
}

function rolling(
  returns: readonly number[],
  ts: readonly UtcMillis[],
  periodsPerYear: number,
  { name, sessions }: { readonly name: string; readonly sessions: number },
): RollingWindow {
  const year = Math.sqrt(periodsPerYear);
  const windows = returns.length - sessions + 1;
  const per_point = bucketSize(windows, DRAWN_POINTS);
  const columns = { sharpe: [] as (number | null)[], volatility: [] as number[], ts: [] as number[] };
  for (let bucket = 0; bucket < windows; bucket += per_point) {
    const last = Math.min(bucket + per_point, windows) - 1;
    const window = returns.slice(last, last + sessions);
    const deviation = sampleDeviation(window);
    const varies = deviation > largestMagnitude(window) * ROUNDING_NOISE;
    columns.sharpe.push(varies ? drawn((mean(window) / deviation) * year) : null);
    columns.volatility.push(varies ? drawn(deviation * year) : 0);
    columns.ts.push(ts[last + sessions - 1] as number);
  }
  return { name, sessions, ...columns, per_point };
}
