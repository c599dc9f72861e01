/**
 * The series behind all return and drawdown statistics: equity at every session mark, initial cash first.
 *
 * Returns are simple. Differences are taken in exact money, so a return is one rounding away from the truth.
 */
import { type Expression, given } from "./expression.js";
import type { Observations } from "./observations.js";
import type { RunMeasures } from "./run-measures.js";

/** The run's first event, which states the initial cash. */
export const START = 1;

/** A fall from a running peak and back. Indices count session marks; -1 is the start. */
export interface Drawdown {
  readonly peak: number;
  readonly trough: number;
  /** First mark at or above the peak again; null for one that is open at the end. */
  readonly recovery: number | null;
  /** Marks below the peak. */
  readonly under: number;
  /** (peak - trough) / peak. */
  readonly depth: number;
}

export interface EquitySeries {
  /** Simple return of each session mark on the one before. Empty where equity was not positive. */
  readonly returns: Observations;
  /** The same with the sign turned: a loss is positive. */
  readonly losses: Observations;
  /** Fall below the running peak at each session mark, as a fraction of the peak. */
  readonly falls: Observations;
  /** Equity at each session mark, whether positive or not. */
  readonly equities: Observations;
  /** In time order. */
  readonly drawdowns: readonly Drawdown[];
  /** The largest of them, the first of equal ones. */
  readonly deepest: Drawdown | null;
  /** False once equity was zero or less at any mark, the first included. */
  readonly positive: boolean;
}

/** `(to - from) / from`, with the difference taken exactly. */
function growth(from: bigint, to: bigint): number {
  return Number(to - from) / Number(from);
}

/** Equity at a session mark, -1 being the start. */
export function equityAt(run: RunMeasures, mark: number): bigint {
  return mark < 0 ? run.initial_cash : (run.marks[mark]?.equity ?? 0n);
}

/** A session mark as a term of its own. */
export function markOf(run: RunMeasures, mark: number): Expression {
  const at = run.marks[mark];
  return at === undefined ? given("initial cash", run.initial_cash, [START]) : given(`equity of ${at.session}`, at.equity, [at.position]);
}

/** The value of an observation that is a double by construction. */
export function doubles(observations: Observations): readonly number[] {
  return observations.values as readonly number[];
}

/** The run's marks as money, each resting on the event after which it was taken. */
function equitiesOf(run: RunMeasures): Observations {
  return {
    of: "session mark",
    money: true,
    values: run.marks.map((m) => m.equity),
    source: (i) => ({ label: run.marks[i]?.session ?? "", events: [run.marks[i]?.position ?? START] }),
  };
}

export function equitySeries(run: RunMeasures): EquitySeries {
  const positive = run.initial_cash > 0n && run.marks.every((m) => m.equity > 0n);
  const equities = equitiesOf(run);
  const returns: Observations = {
    of: "session return",
    values: positive ? run.marks.map((m, i) => growth(equityAt(run, i - 1), m.equity)) : [],
    source: (i) => ({ label: run.marks[i]?.session ?? "", events: [run.marks[i - 1]?.position ?? START, run.marks[i]?.position ?? START] }),
  };
  const losses: Observations = { ...returns, of: "session loss", values: doubles(returns).map((r) => 0 - r) };
  const { falls, drawdowns } = positive ? fallsOf(run, 0, run.marks.length) : { falls: noFalls, drawdowns: [] };
  return { returns, losses, falls, equities, drawdowns, deepest: deepestOf(run, drawdowns), positive };
}

const noFalls: Observations = { of: "fall below the peak", values: [], source: () => ({ label: "", events: [] }) };

/** Falls of the marks `[first, end)` below the peak since just before the first. Equity is positive there. */
export function fallsOf(
  run: RunMeasures,
  first: number,
  end: number,
): { readonly falls: Observations; readonly drawdowns: readonly Drawdown[] } {
  const values: number[] = [];
  const peaks: number[] = [];
  const drawdowns: Drawdown[] = [];
  let peak = first - 1;
  let trough = first - 1;
  const finish = (recovery: number | null, at: number): void => {
    const high = equityAt(run, peak);
    const low = equityAt(run, trough);
    if (trough > peak) drawdowns.push({ peak, trough, recovery, under: at - peak - 1, depth: Number(high - low) / Number(high) });
  };
  for (let i = first; i < end; i++) {
    const equity = equityAt(run, i);
    const high = equityAt(run, peak);
    if (equity >= high) {
      finish(i, i);
      peak = i;
      trough = i;
    } else if (trough === peak || equity < equityAt(run, trough)) trough = i;
    peaks.push(peak);
    values.push(equity >= high ? 0 : Number(high - equity) / Number(high));
  }
  finish(null, end);
  const source = (i: number) => {
    const at = run.marks[first + i];
    return { label: at?.session ?? "", events: [run.marks[peaks[i] ?? -1]?.position ?? START, at?.position ?? START] };
  };
  return { falls: { of: "fall below the peak", values, source }, drawdowns };
}

/** Deeper exactly when (peak - trough) / peak is larger; compared as products, so ties keep the first. */
function deepestOf(run: RunMeasures, drawdowns: readonly Drawdown[]): Drawdown | null {
  return drawdowns.reduce<Drawdown | null>((deepest, next) => (deepest === null || isDeeper(run, next, deepest) ? next : deepest), null);
}

export function isDeeper(run: RunMeasures, a: Drawdown, b: Drawdown): boolean {
  const [aPeak, bPeak] = [equityAt(run, a.peak), equityAt(run, b.peak)];
  return (aPeak - equityAt(run, a.trough)) * bPeak > (bPeak - equityAt(run, b.trough)) * aPeak;
}
