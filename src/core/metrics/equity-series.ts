/**
 * The series behind all return and drawdown statistics: equity at every session mark, initial cash first.
 *
 * Returns are simple. Differences are taken in exact money, so a return is one rounding away from the truth.
 */
import type { UtcMillis } from "../tape/event.js";
import type { RunMeasures } from "./run-measures.js";

/** The deepest fall from a running peak. */
export interface DeepestFall {
  readonly fraction: number;
  readonly money: bigint;
  readonly peak_ts: UtcMillis;
  readonly trough_ts: UtcMillis;
  /** First mark at or above the peak again, or null. */
  readonly recovery_ts: UtcMillis | null;
}

export interface EquitySeries {
  /** Simple return of each session mark on the one before. Empty where equity was not positive. */
  readonly returns: readonly number[];
  /** Fall below the running peak at each session mark, as a fraction of the peak. */
  readonly falls: readonly number[];
  readonly deepest: DeepestFall | null;
  /** Longest row of session marks below the running peak, and the row that the series ends in. */
  readonly longest_under_water: number;
  readonly under_water_at_end: number;
  /** False once equity was zero or less at any mark, the first included. */
  readonly positive: boolean;
  /** Mean of equity over the session marks, in units of money; null without marks. */
  readonly mean_equity: number | null;
}

/** `(to - from) / from`, with the difference taken exactly. */
export function growth(from: bigint, to: bigint): number {
  return Number(to - from) / Number(from);
}

export function equitySeries(run: RunMeasures): EquitySeries {
  const positive = run.initial_cash > 0n && run.marks.every((m) => m.equity > 0n);
  const total = run.marks.reduce((sum, m) => sum + m.equity, 0n);
  const mean_equity = run.marks.length === 0 ? null : Number(total) / run.marks.length;
  if (!positive) return { returns: [], falls: [], deepest: null, longest_under_water: 0, under_water_at_end: 0, positive, mean_equity };
  const returns = run.marks.map((m, i) => growth(i === 0 ? run.initial_cash : (run.marks[i - 1]?.equity ?? 0n), m.equity));
  return { returns, ...fallsOf(run), positive, mean_equity };
}

function fallsOf(run: RunMeasures): Pick<EquitySeries, "falls" | "deepest" | "longest_under_water" | "under_water_at_end"> {
  let peak = run.initial_cash;
  let peakTs = run.started_at;
  let under = 0;
  let longest = 0;
  let worst: { peak: bigint; low: bigint; peak_ts: UtcMillis; trough_ts: UtcMillis } | null = null;
  const falls: number[] = [];
  for (const { ts, equity } of run.marks) {
    if (equity >= peak) {
      peak = equity;
      peakTs = ts;
      under = 0;
      falls.push(0);
      continue;
    }
    under += 1;
    if (under > longest) longest = under;
    falls.push(Number(peak - equity) / Number(peak));
    // Deeper exactly when (peak - equity) / peak is larger; compared as products, so ties keep the first.
    if (worst === null || (peak - equity) * worst.peak > (worst.peak - worst.low) * peak)
      worst = { peak, low: equity, peak_ts: peakTs, trough_ts: ts };
  }
  return { falls, deepest: worst === null ? null : deepestFall(run, worst), longest_under_water: longest, under_water_at_end: under };
}

function deepestFall(run: RunMeasures, worst: { peak: bigint; low: bigint; peak_ts: UtcMillis; trough_ts: UtcMillis }): DeepestFall {
  const recovery = run.marks.find((m) => m.ts > worst.trough_ts && m.equity >= worst.peak);
  return {
    fraction: Number(worst.peak - worst.low) / Number(worst.peak),
    money: worst.peak - worst.low,
    peak_ts: worst.peak_ts,
    trough_ts: worst.trough_ts,
    recovery_ts: recovery?.ts ?? null,
  };
}
