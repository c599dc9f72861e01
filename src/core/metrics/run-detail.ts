/** What an explanation lists and a result does not need: every close time and the positions of every event. */
import type { RunEventType } from "../engine/run-events.js";
import type { UtcMillis } from "../tape/event.js";

export interface RunDetail {
  /** The account at every close time, in time order. Money at the account's scale. */
  readonly closes: {
    readonly ts: ArrayLike<UtcMillis>;
    readonly equity: ArrayLike<bigint>;
    readonly gross: ArrayLike<bigint>;
    readonly net: ArrayLike<bigint>;
    /** Symbols held. */
    readonly held: ArrayLike<number>;
    /** Positions of the events that brought the bars of a close time. */
    readonly events: (index: number) => readonly number[];
  };
  /** Bars by the event that attached them. */
  readonly attached: readonly { readonly label: string; readonly position: number; readonly rows: number }[];
  /** Events of a type, in tape order. */
  readonly ofType: (type: RunEventType) => readonly { readonly label: string; readonly position: number }[];
  /** Trades still open at the end, with their fills. */
  readonly open_trades: readonly { readonly label: string; readonly events: readonly number[] }[];
}
