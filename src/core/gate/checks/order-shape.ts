/** Whether prices and quantity are ones that the instrument has. Never switched off. */
import { formatScaled } from "../../money/decimal.js";
import type { Case } from "../case.js";
import type { Rule } from "../rule.js";

export function shapeRules(): readonly Rule[] {
  return [
    {
      code: "TICK_MISMATCH",
      stage: "always",
      asked: "all",
      fails: ({ order, units }) => isOff(order.limit, units.tick) || isOff(order.stop, units.tick),
      explain: ({ order, units }) => {
        const price = isOff(order.limit, units.tick) ? order.limit : order.stop;
        return `price ${numberText(price ?? 0, units.price_scale)} is no positive multiple of the tick ${formatScaled(units.tick, units.price_scale)}`;
      },
      shows: ({ order, units }) => {
        const prices = [order.limit, order.stop].filter((price) => price !== null).map((price) => numberText(price, units.price_scale));
        const value = prices.length === 0 ? null : prices.join(", ");
        return { what: "prices", value, limit: formatScaled(units.tick, units.price_scale), unit: "price", passes: "multiple_of" };
      },
    },
    {
      code: "LOT_MISMATCH",
      stage: "always",
      asked: "all",
      fails: (c) => lotFault(c) !== null,
      explain: (c) => lotFault(c) ?? "",
      shows: ({ order, units }) => {
        const { lot, min_qty, qty_scale } = units;
        // What only reduces may be smaller than the smallest order.
        const least = order.reduce_only ? "" : `, at least ${formatScaled(min_qty, qty_scale)}`;
        const limit = `${formatScaled(lot, qty_scale)}${least}`;
        return { what: "quantity", value: numberText(order.qty, qty_scale), limit, unit: "units", passes: "multiple_of" };
      },
    },
  ];
}

function isOff(price: number | null, tick: number): boolean {
  return price !== null && !(price > 0 && price % tick === 0);
}

function lotFault({ order, units }: Case): string | null {
  const { qty } = order;
  const { lot, min_qty, qty_scale } = units;
  if (Number.isSafeInteger(qty) && qty > 0 && qty % lot === 0 && (order.reduce_only || qty >= min_qty)) return null;
  const text = numberText(qty, qty_scale);
  if (!Number.isSafeInteger(qty) || qty <= 0) return `quantity ${text} is not a positive number of units`;
  if (qty % lot !== 0) return `quantity ${text} is no multiple of the lot ${formatScaled(lot, qty_scale)}`;
  return `quantity ${text} is below the minimum ${formatScaled(min_qty, qty_scale)}`;
}

/** A number as text, whatever it is. */
function numberText(value: number, scale: number): string {
  return Number.isSafeInteger(value) ? formatScaled(value, scale) : String(value);
}
