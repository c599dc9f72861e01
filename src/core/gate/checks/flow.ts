/** How often the account orders, and whether it says the same twice. */
import type { Rule, RuleParts, Shown } from "../rule.js";

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
      shows: (c) => {
        const since = c.order.subject === "order" ? c.view.flow.sameSince(c.order, c.view.now) : null;
        const value = since === null ? null : String((c.view.now - since) / 1000);
        return { what: "since the same order", value, limit: String(duplicate_seconds), unit: "s", passes: "at_least" };
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
      // The order in hand is one of them once it passes.
      shows: (c) => perMinute("orders", c.view.flow.ordersAt(c.view.now) + 1, orders_per_minute),
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
      shows: (c) => perMinute("cancels", c.view.flow.cancelsAt(c.view.now), cancels_per_minute),
      meter: {
        what: "cancels within a minute",
        limit: `at most ${cancels_per_minute}`,
        of: "order",
        read: (c) => ({ value: c.view.flow.cancelsAt(c.view.now), limit: cancels_per_minute }),
      },
    });
  return rules;
}

function perMinute(what: string, value: number, limit: number): Shown {
  return { what: `${what} within a minute`, value: String(value), limit: String(limit), unit: null, passes: "at_most" };
}
