import type { GateReadings } from "../gate/readings.js";
import type { BarColumns, SessionRange } from "../market/bars.js";
import type { GrowingBars } from "../market/growing-bars.js";
import type { QuoteSet } from "../market/quote-set.js";
import type { AnyStrategy } from "../strategy/strategy.js";
import type { UtcMillis } from "../tape/event.js";
import type { Sha256Fn } from "../tape/hash.js";
import type { Arrivals } from "./arrival-feed.js";
import type { RunConfig, RunInputs } from "./run-config.js";
import type { BarsAttached, RiskDecided, RunStarted } from "./run-events.js";
import type { SessionStarted } from "./session-events.js";

/** One instrument's bars for a run. */
export interface EngineInstrument {
  readonly columns: BarColumns;
  /** Rows to deliver, by session, ascending. */
  readonly sessions: readonly SessionRange[];
  /** SHA-256 of each session's rows, in the same order. */
  readonly session_sha256: readonly string[];
  /** Bars of the best bid and ask, at the same price scale: what orders then fill at. */
  readonly quotes?: QuoteSet;
}

/** What a session has in place of bars that are all there. */
export interface ArrivingBars {
  readonly opening: SessionStarted;
  readonly source: Arrivals;
  /** In the order of the instruments, whose columns and sessions they are. */
  readonly bars: readonly GrowingBars[];
}

/** What a decision of the gate was about. */
export interface Judged {
  readonly order_id: string;
  readonly subject: "order" | NonNullable<RiskDecided["subject"]>;
}

export interface EngineSpec {
  /** Null for a session. */
  readonly started: RunStarted | null;
  /** Present for a session: bars come as they close, and each is an event. */
  readonly arriving?: ArrivingBars;
  readonly config: RunConfig;
  readonly strategy: AnyStrategy;
  /** In the order of `config.data`: ascending by symbol. */
  readonly instruments: readonly EngineInstrument[];
  readonly hash: Sha256Fn;
  /** Texts that the config names by SHA-256: factors, exchange rates. */
  readonly inputs?: RunInputs;
  /** Accepted events between two checks of the invariants. Default: a few thousand; tests check after each. */
  readonly check_every?: number;
  /** Takes every bar to every desk, also where nothing can happen on it. Slower, and the same to the byte: what tests compare with. */
  readonly every_bar?: boolean;
  /** Called before handlers run for a slice, with the slices and bars delivered so far and the close time in hand: what a watchdog watches. */
  readonly onSlice?: (slices: number, bars: number, ts: UtcMillis) => void;
  /** Called after each decision of the gate, while the account still stands as the gate saw it. `read` is good during the call. */
  readonly onJudged?: (judged: Judged, read: () => GateReadings) => void;
}

/** Bars of an instrument. @throws {Error} for an instrument that the run does not have. */
export function columnsAt(spec: EngineSpec, instrument: number): BarColumns {
  const found = spec.instruments[instrument];
  if (found === undefined) throw new Error(`instrument ${instrument} has no bars`);
  return found.columns;
}

/** What the tape says when the rows of a session become available. */
export function attachmentOf(spec: EngineSpec, instrument: number, number: number, range: SessionRange): BarsAttached {
  const { symbol, ts } = columnsAt(spec, instrument);
  return {
    symbol,
    session: range.session,
    column_set: spec.config.data[instrument]?.column_set ?? "",
    first_row: range.first_row,
    row_count: range.row_count,
    first_ts: ts[range.first_row] as number,
    last_ts: ts[range.first_row + range.row_count - 1] as number,
    sha256: spec.instruments[instrument]?.session_sha256[number] ?? "",
  };
}
