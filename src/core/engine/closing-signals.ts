/** Signals of the engine's own that close a position: at the end of the data, or because the kill switch was tripped. */
import type { Position } from "../portfolio/portfolio.js";
import type { UtcMillis } from "../tape/event.js";
import type { SignalAction, SignalEmitted } from "./run-events.js";
import { FLATTEN_KEY, KILL_KEY } from "./signal-options.js";

/** Why a position is closed. */
export type Closing = "end_of_data" | "kill_switch";

/** How the ids of such signals begin; those of a strategy begin with S. */
const PREFIXES: Readonly<Record<Closing, string>> = { end_of_data: "END-", kill_switch: "KILL-" };

/** True for a signal with which the engine itself closes a position: what an active kill switch lets through. */
export function isClosingSignal(signalId: string): boolean {
  return isClosing(signalId, "end_of_data") || isClosing(signalId, "kill_switch");
}

export function isClosing(signalId: string, why: Closing): boolean {
  return signalId.startsWith(PREFIXES[why]);
}

export function closingAction({ qty }: Position): SignalAction {
  return qty > 0 ? "exit_long" : "exit_short";
}

/**
 * The signal that closes a position.
 * @param number tells it from others of its kind.
 */
export function closingSignal(
  position: Position,
  why: Closing,
  { number, strategy, sequence, now }: { number: number; strategy: string; sequence: number; now: UtcMillis },
): SignalEmitted {
  const { symbol } = position.units;
  return {
    signal_id: `${PREFIXES[why]}${number}`,
    symbol,
    action: closingAction(position),
    strength: 1,
    strategy,
    bar_ts: now,
    sequence,
    order_type: "market",
    // What the switch closes is closed in the next session where this one is over; the data have none.
    time_in_force: why === "kill_switch" ? "GTC" : "DAY",
    external_id: why === "kill_switch" ? `${KILL_KEY}${symbol}:${now}:${number}` : `${FLATTEN_KEY}${symbol}:${now}`,
  };
}
