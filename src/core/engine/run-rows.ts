import type { BarColumns, SessionRange } from "../market/bars.js";
import type { UtcMillis } from "../tape/event.js";
import { SliceFeed } from "./feed.js";

/** Which bars of what is stored a run delivers. */
export interface RowLimits {
  /** First and last close time, inclusive. */
  readonly from: UtcMillis | null;
  readonly to: UtcMillis | null;
  /** Most bars over all instruments; slices are never cut. */
  readonly max_bars: number | null;
}

/** Cuts the sessions of all instruments to the limits. Empty ranges are left out. */
export function limitRows(
  instruments: readonly { readonly columns: BarColumns; readonly sessions: readonly SessionRange[] }[],
  limits: RowLimits,
): readonly (readonly SessionRange[])[] {
  const from = limits.from ?? Number.NEGATIVE_INFINITY;
  const to = limits.to ?? Number.POSITIVE_INFINITY;
  const inTime = instruments.map(({ columns, sessions }) => clip(columns, sessions, from, to));
  if (limits.max_bars === null) return inTime;
  const last = lastSliceWithin(
    instruments.map(({ columns }, i) => ({ columns, ranges: inTime[i] ?? [] })),
    limits.max_bars,
  );
  return instruments.map(({ columns }, i) => clip(columns, inTime[i] ?? [], from, last));
}

/** Close time of the last slice that still fits; minus infinity when not even the first does. */
function lastSliceWithin(instruments: ConstructorParameters<typeof SliceFeed>[0], maxBars: number): number {
  const feed = new SliceFeed(instruments);
  let bars = 0;
  let last = Number.NEGATIVE_INFINITY;
  while (feed.next()) {
    bars += feed.size;
    if (bars > maxBars) break;
    last = feed.ts;
  }
  return last;
}

function clip(columns: BarColumns, sessions: readonly SessionRange[], from: number, to: number): SessionRange[] {
  const first = firstRowAtOrAfter(columns.ts, from);
  const end = firstRowAtOrAfter(columns.ts, to === Number.POSITIVE_INFINITY ? to : to + 1);
  const clipped: SessionRange[] = [];
  for (const session of sessions) {
    const start = Math.max(session.first_row, first);
    const stop = Math.min(session.first_row + session.row_count, end);
    if (stop > start) clipped.push({ ...session, first_row: start, row_count: stop - start });
  }
  return clipped;
}

/** Binary search over ascending close times. */
function firstRowAtOrAfter(ts: Float64Array, time: number): number {
  let low = 0;
  let high = ts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ts[middle] as number) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
