import type { PositionedEvent } from "./positioned-event.js";

/**
 * Whether an event comes after the closes of its time are known: what a bar's matching brings about comes before them.
 *
 * @param follows whether it follows from another event of its time that is no bar, as what a strategy decides when it is told of a fill or of a
 *   session's opening; what it decides on a bar follows from none.
 */
export function isAfterClose(event: PositionedEvent, follows: boolean): boolean {
  switch (event.type) {
    case "signal.emitted":
    case "order.modify_requested":
      return !follows;
    case "order.filled":
    case "order.partially_filled":
      // At the close on which the order was decided, it follows from its acceptance; what the bar matched follows from the bar.
      return follows && event.payload.at === "close";
    case "kill_switch.tripped":
      return event.payload.trigger !== "consecutive_losses" && event.payload.trigger !== "rejection_rate";
    case "daily_freeze.began":
    case "kill_switch.trip_requested":
    case "kill_switch.reset_requested":
    case "session.closed":
    case "cash.accrued":
    case "variation.settled":
      return true;
    default:
      return false;
  }
}

/** Whether an event brings bars: what follows from it, follows from what they say. */
export function isOfBars({ type }: Pick<PositionedEvent, "type">): boolean {
  return type === "run.started" || type === "bars.attached" || type === "bar.closed";
}
