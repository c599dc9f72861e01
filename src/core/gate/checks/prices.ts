/** Whether the order's prices are near the market, away from the account's own orders, and cheap enough to trade at. */
import { amountText } from "../../money/amount.js";
import { formatScaled } from "../../money/decimal.js";
import { type Fraction, fractionFrom, fractionOf, isMoreThan } from "../../money/fraction.js";
import type { OrderState } from "../../orders/order.js";
import type { Case } from "../case.js";
import { percentWords } from "../contradictions.js";
import { type Rule, type RuleParts, UNKNOWN } from "../rule.js";

export function collarRules({ policy }: RuleParts): readonly Rule[] {
  if (policy.trading.price_collar === null) return [];
  const collar = fractionFrom(policy.trading.price_collar);
  /** The first of its prices that is too far away, or null. */
  const far = ({ order, mark }: Case): number | null => {
    for (const price of [order.limit, order.stop])
      if (price !== null && isMoreThan(Math.abs(price - (mark ?? 0)), collar, mark ?? 0)) return price;
    return null;
  };
  return [
    {
      code: "PRICE_COLLAR_EXCEEDED",
      stage: "guards",
      asked: "entries",
      fails: (c) => !c.sound || far(c) !== null,
      explain: (c) => {
        const price = c.sound ? far(c) : null;
        if (price === null || c.mark === null) return UNKNOWN;
        const { price_scale } = c.units;
        const away = formatScaled(Math.abs(price - c.mark), price_scale);
        return `price ${formatScaled(price, price_scale)} is ${away} from the last price ${formatScaled(c.mark, price_scale)}, the limit is ${collar.text} of it; at most that passes`;
      },
      shows: (c) => {
        const { order, mark } = c;
        const { price_scale } = c.units;
        const prices = [order.limit, order.stop].filter((price) => price !== null);
        const away = c.sound && prices.length > 0 ? Math.max(...prices.map((price) => Math.abs(price - (mark ?? 0)))) : null;
        return {
          what: "distance from the last price",
          value: away === null ? null : formatScaled(away, price_scale),
          limit: mark === null ? null : amountText(fractionOf(collar, mark, "down"), price_scale),
          unit: "price",
          passes: "at_most",
        };
      },
    },
  ];
}

export function selfCrossRules({ policy }: RuleParts): readonly Rule[] {
  if (!policy.trading.refuse_self_cross) return [];
  return [
    {
      code: "SELF_CROSS",
      stage: "guards",
      asked: "trades",
      fails: (c) => crossed(c) !== null,
      explain: (c) => {
        const other = crossed(c);
        if (other === null || other.limit === null) return "";
        return `it may trade with ${other.id}, the account's own ${other.side} order at ${formatScaled(other.limit, c.units.price_scale)}; it passes once that one is gone`;
      },
      shows: (c) => ({ what: "own order that it meets", value: crossed(c)?.id ?? "none", limit: "none", unit: null, passes: "is" }),
    },
  ];
}

/** The account's own resting order that the order would meet, or null. A market order meets what rests at the last price or better. */
function crossed({ order, mark, view }: Case): OrderState | null {
  // What waits for its stop, its entry or the close meets nothing when it arrives.
  if (order.sleeps || (order.type !== "market" && order.type !== "limit")) return null;
  const price = order.type === "limit" ? order.limit : mark;
  if (price === null) return null;
  for (const other of view.working(order.instrument)) {
    if (other.side === order.side || other.limit === null) continue;
    if (other.type !== "limit" && !other.triggered) continue;
    const meets = order.side === "buy" ? other.limit <= price : other.limit >= price;
    if (meets && !view.sleeps(other)) return other;
  }
  return null;
}

export function slippageRules({ policy }: RuleParts): readonly Rule[] {
  if (policy.limits.slippage === null) return [];
  const limit = fractionFrom(policy.limits.slippage.fraction);
  return [
    {
      code: "SLIPPAGE_LIMIT_EXCEEDED",
      stage: "guards",
      asked: "entries",
      fails: (c) => !c.sound || isTooFar(c, limit),
      meter: {
        what: "an order's slippage",
        limit: `at most ${percentWords(limit.text)} of the price`,
        of: "order",
        read: (c) => {
          const { from, worst } = worstPrice(c);
          const most = fractionOf(limit, from, "down");
          return most > 0 ? { value: beyond(c, from, worst), limit: most } : null;
        },
      },
      explain: (c) => {
        if (!c.sound) return UNKNOWN;
        const { price_scale } = c.units;
        const { from, worst } = worstPrice(c);
        return `it may trade at ${formatScaled(worst, price_scale)}, ${formatScaled(beyond(c, from, worst), price_scale)} beyond ${formatScaled(from, price_scale)}; the limit is ${limit.text} of it, at most that passes`;
      },
      shows: (c) => {
        const what = "an order's slippage";
        if (!c.sound) return { what, value: null, limit: null, unit: "price", passes: "at_most" };
        const { price_scale } = c.units;
        const { from, worst } = worstPrice(c);
        const most = amountText(fractionOf(limit, from, "down"), price_scale);
        return { what, value: formatScaled(beyond(c, from, worst), price_scale), limit: most, unit: "price", passes: "at_most" };
      },
    },
  ];
}

function isTooFar(c: Case, limit: Fraction): boolean {
  const { from, worst } = worstPrice(c);
  return isMoreThan(beyond(c, from, worst), limit, from);
}

/** How much worse than `from` the worst price is for the order; 0 where it is better. */
function beyond({ order }: Case, from: number, worst: number): number {
  return Math.max(0, order.side === "buy" ? worst - from : from - worst);
}

/** The worst price that the order trades at, and the price that this is measured from: its stop, where it waits for one, else the last. */
function worstPrice({ order, mark, view }: Case): { readonly from: number; readonly worst: number } {
  const from = order.stop ?? mark ?? 0;
  const { instrument, side, qty } = order;
  return { from, worst: order.limit ?? view.slipped(instrument, side, from, qty) };
}
