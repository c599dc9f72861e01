/** Stored bars delivered as if they closed now, at a pace. */
import type { ArrivedBar, ArrivedSlice } from "../core/engine/arrival-feed.js";
import type { EngineInstrument } from "../core/engine/engine-spec.js";
import { SliceFeed } from "../core/engine/feed.js";
import type { UtcMillis } from "../core/tape/event.js";
import type { Pace } from "./pace.js";

/** The slices of instruments that close after `after`, each when the pace says so. Ends early when the signal is raised. */
export async function* replayedBars(
  instruments: readonly EngineInstrument[],
  after: UtcMillis,
  pace: Pace,
  signal: AbortSignal,
): AsyncGenerator<ArrivedSlice> {
  const feed = new SliceFeed(instruments.map(({ columns, sessions }) => ({ columns, ranges: sessions })));
  while (feed.next()) {
    if (feed.ts <= after) continue;
    await pace.until(feed.ts, signal);
    if (signal.aborted) return;
    yield { ts: feed.ts, bars: Array.from(feed.members.subarray(0, feed.size), (i) => barAt(instruments, i, feed.rows[i] as number)) };
  }
}

function barAt(instruments: readonly EngineInstrument[], instrument: number, row: number): ArrivedBar {
  const columns = instruments[instrument]?.columns;
  if (columns === undefined) throw new RangeError(`instrument ${instrument} has no bars`);
  const [ts, open, high, low, close, volume] = (["ts", "open", "high", "low", "close", "volume"] as const).map(
    (name) => columns[name][row] as number,
  ) as [number, number, number, number, number, number];
  return { instrument, ts, open, high, low, close, volume };
}
