/** How a run or a session begins, and how its bars stand on the tape. */
import type { BarColumns } from "../market/bars.js";
import { formatScaled } from "../money/decimal.js";
import { ArrivalFeed } from "./arrival-feed.js";
import type { EngineSpec } from "./engine-spec.js";
import { type BarFeed, SliceFeed } from "./feed.js";
import type { Sequencer } from "./sequencer.js";
import type { SessionBook } from "./session-book.js";
import type { BarClosed } from "./session-events.js";

/** What delivers the bars: from columns that are all there, or as they close. */
export function feedOf(spec: EngineSpec, sessions: SessionBook): BarFeed {
  return spec.arriving === undefined
    ? new SliceFeed(spec.instruments.map(({ columns, sessions: ranges }) => ({ columns, ranges })))
    : new ArrivalFeed(spec.arriving.source, spec.arriving.bars, (instrument) => sessions.grew(instrument));
}

/** Proposes the first event of the tape, at its time. @throws {RangeError} for a spec that begins neither a run nor a session. */
export function proposeOpening({ started, arriving }: EngineSpec, sequencer: Sequencer): void {
  if (arriving !== undefined) {
    sequencer.now = arriving.opening.since;
    sequencer.propose("session.started", "run", arriving.opening);
    return;
  }
  if (started === null) throw new RangeError("neither a run nor a session begins");
  // An instrument without a bar inside the limits has no first one.
  sequencer.now = Math.min(...started.data.filter((d) => d.rows > 0).map((d) => d.first_ts));
  sequencer.propose("run.started", "run", started);
}

/** A row as the tape tells it. */
export function barClosed(columns: BarColumns, row: number): BarClosed {
  const { price_scale, volume_scale } = columns;
  const text = (column: Float64Array, scale: number): string => formatScaled(column[row] as number, scale);
  return {
    symbol: columns.symbol,
    open: text(columns.open, price_scale),
    high: text(columns.high, price_scale),
    low: text(columns.low, price_scale),
    close: text(columns.close, price_scale),
    volume: text(columns.volume, volume_scale),
  };
}
