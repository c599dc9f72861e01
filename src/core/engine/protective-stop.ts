import type { Order } from "../orders/order.js";
import type { TradingState } from "./trading-state.js";

/** Where the stop stands that an entry brought along when it was new, in the instrument's units; null where it works no more, or never was. */
export function stopBroughtBy({ id, instrument }: Order, state: TradingState): number | null {
  for (const exit of state.workingAt(instrument)) if (exit.parent === id && exit.stop !== null) return exit.stop;
  return null;
}
