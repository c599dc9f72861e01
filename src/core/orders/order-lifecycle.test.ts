import { describe, expect, it } from "vitest";
import { IllegalTransition, isTerminal, nextStatus, type OrderAction, type OrderStatus } from "./order-lifecycle.js";

const ACTIONS = ["submit", "deny", "accept", "reject", "fill_part", "fill", "cancel", "expire"] as const satisfies readonly OrderAction[];

/**
 * Every state and action by hand, in the order of {@link ACTIONS}; a dash is an illegal hop.
 * Facts of a venue may overtake its acknowledgement, so a submitted order takes whatever an accepted one takes.
 */
const TABLE: Readonly<Record<OrderStatus, string>> = {
  created: "submitted rejected - - - - - -",
  submitted: "- - accepted rejected partially_filled filled cancelled expired",
  accepted: "- - - - partially_filled filled cancelled expired",
  partially_filled: "- - - - partially_filled filled cancelled expired",
  rejected: "- - - - - - - -",
  filled: "- - - - - - - -",
  cancelled: "- - - - - - - -",
  expired: "- - - - - - - -",
};
const STATES = Object.keys(TABLE) as readonly OrderStatus[];
const pairs = STATES.flatMap((status) => TABLE[status].split(" ").map((next, i) => ({ status, action: ACTIONS[i] as OrderAction, next })));

describe("an order's lifecycle", () => {
  it("has eight states and eight actions", () => {
    expect(pairs).toHaveLength(64);
  });

  it.each(pairs.filter((p) => p.next !== "-"))("$status, asked to $action, becomes $next", ({ status, action, next }) => {
    expect(nextStatus({ id: "O1", status }, action)).toBe(next);
  });

  it.each(pairs.filter((p) => p.next === "-"))("$status refuses to $action", ({ status, action }) => {
    try {
      nextStatus({ id: "O7", status }, action);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(IllegalTransition);
      expect(error).toMatchObject({ code: "INVALID_STATE_TRANSITION", order_id: "O7", status, action });
      expect(String(error)).toBe(`IllegalTransition: order O7 is ${status} and cannot ${action}`);
    }
  });

  it("ends in exactly four states, which nothing leaves", () => {
    expect(STATES.filter(isTerminal).sort()).toEqual(["cancelled", "expired", "filled", "rejected"]);
    for (const status of STATES) expect(isTerminal(status)).toBe(!pairs.some((p) => p.status === status && p.next !== "-"));
  });
});
