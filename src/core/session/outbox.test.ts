import { describe, expect, test } from "vitest";
import { IllegalOutboxStep, type IntentAction, type IntentStatus, nextIntentStatus, OutboxState } from "./outbox.js";

const STATUSES: readonly IntentStatus[] = ["waiting", "attempting", "unresolved", "delivered", "given_up"];
const ACTIONS: readonly IntentAction[] = ["attempt", "deliver", "fail", "refuse", "lose", "find", "miss"];

describe("an intent of the outbox", () => {
  test("takes these steps, and every other is refused", () => {
    const steps = STATUSES.flatMap((status) =>
      ACTIONS.flatMap((action) => {
        try {
          return [`${status} ${action} -> ${nextIntentStatus("i", status, action)}`];
        } catch (error) {
          expect(error).toBeInstanceOf(IllegalOutboxStep);
          return [];
        }
      }),
    );
    expect(steps).toEqual([
      "waiting attempt -> attempting",
      "attempting deliver -> delivered",
      "attempting fail -> waiting",
      "attempting refuse -> given_up",
      "attempting lose -> unresolved",
      "unresolved find -> delivered",
      "unresolved miss -> waiting",
    ]);
  });

  test("is folded from its events, and one whose attempt has no result is open", () => {
    const state = new OutboxState();
    state.apply({ type: "outbox.attempting", payload: { intent_id: "a", channel: "log", attempt: 1 } });
    expect(state.open).toEqual(["a"]);
    state.apply({ type: "outbox.resulted", payload: { intent_id: "a", result: "unknown" } });
    state.apply({ type: "outbox.reconciled", payload: { intent_id: "a", found: "unknown" } });
    expect(state.standing("a")).toEqual({ status: "unresolved", attempts: 1 });
    state.apply({ type: "outbox.reconciled", payload: { intent_id: "a", found: "absent" } });
    expect(state.standing("a")).toEqual({ status: "waiting", attempts: 1 });
    expect(state.open).toEqual([]);
    expect(state.standing("b")).toEqual({ status: "waiting", attempts: 0 });
  });
});
