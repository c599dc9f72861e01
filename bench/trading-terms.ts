import { formatScaled } from "../src/core/money/decimal.js";
import type { TaskOptions } from "./engine-task.js";

/** What generated bars are of. */
export const GENERATED_INSTRUMENT: TaskOptions["instrument"] = {
  asset_class: "equity",
  currency: "USD",
  price_tick: "0.01",
  lot_step: "1",
  min_qty: "1",
  multiplier: "1",
  calendar: "24/7",
  settlement: "cash",
};

/** Cents as decimal text. */
export function centsText(cents: number): string {
  return formatScaled(cents, 2);
}
