/** How often the account orders, and whether it says the same twice. */
import type { Rule, RuleParts } from "../rule.js";

export function flowRules({ policy }: RuleParts): readonly Rule[] {
  const { duplicate_seconds, orders_per_minute, cancels_per_minute } = policy.trading;
  const rules: Rule[] = [];
  if (duplicate_seconds !== null)
    rules.push({
      code: "DUPLICATE_INTENT",
      stage: "guards",
      asked: "entries",
      fails: (c) => c.order.subject === "order" && c.view.flow.sameSince(c.order, c.view.now) !== null,
      explain: (c) => {
        const ago = c.view.now - (c.view.flow.sameSince(c.order, c.view.now) ?? c.view.now);
        return `the same order was let through ${ago / 1000} s ago; it passes ${duplicate_seconds} s after it`;
      },
    });
  if (orders_per_minute !== null)
    rules.push({
      code: "ORDER_RATE_EXCEEDED",
      stage: "guards",
      asked: "entries",
      fails: (c) => c.view.flow.ordersAt(c.view.now) >= orders_per_minute,
      explain: (c) =>
        `${c.view.flow.ordersAt(c.view.now)} orders within the last 60 s, the limit is ${orders_per_minute}; it passes below that`,
      meter: {
        what: "orders within a minute",
        limit: `at most ${orders_per_minute}`,
        of: "order",
        // The order in hand is one of them once it passes.
        read: (c) => ({ value: c.view.flow.ordersAt(c.view.now) + 1, limit: orders_per_minute }),
      },
    });
  if (cancels_per_minute !== null)
    rules.push({
      code: "ORDER_RATE_EXCEEDED",
      stage: "guards",
      asked: "entries",
      fails: (c) => c.view.flow.cancelsAt(c.view.now) > cancels_per_minute,
      explain: (c) =>
        `${c.view.flow.cancelsAt(c.view.now)} cancels within the last 60 s, the limit is ${cancels_per_minute}; it passes at most at that`,
      meter: {
        what: "cancels within a minute",
        limit: `at most ${cancels_per_minute}`,
        of: "order",
        read: (c) => ({ value: c.view.flow.cancelsAt(c.view.now), limit: cancels_per_minute }),
      },
    });
  return rules;
}
