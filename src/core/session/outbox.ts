/**
 * The outbox: what an event asks to be done outside, and how far that has come.
 *
 * Invariant: nothing is attempted twice without somebody having looked whether the first attempt had its effect. What a state machine here forgets
 * would be done again, so its state is folded from events that are durable before and after each call.
 */
import type { OutboxEvent } from "./outbox-events.js";

export type IntentStatus = "waiting" | "attempting" | "unresolved" | "delivered" | "given_up";

export type IntentAction = "attempt" | "deliver" | "fail" | "refuse" | "lose" | "find" | "miss";

const transitions = {
  waiting: { attempt: "attempting" },
  // A process that died in the middle of a call loses it: whether it had its effect is not known.
  attempting: { deliver: "delivered", fail: "waiting", refuse: "given_up", lose: "unresolved" },
  unresolved: { find: "delivered", miss: "waiting" },
  delivered: {},
  given_up: {},
} as const satisfies Record<IntentStatus, Partial<Record<IntentAction, IntentStatus>>>;

/** An action that an intent's status does not know. */
export class IllegalOutboxStep extends Error {
  override readonly name = "IllegalOutboxStep";

  constructor(intent: string, status: IntentStatus, action: IntentAction) {
    super(`the intent ${intent} is ${status}: it cannot ${action}`);
  }
}

/** The status after an action. @throws {IllegalOutboxStep} */
export function nextIntentStatus(intent: string, status: IntentStatus, action: IntentAction): IntentStatus {
  const row: Partial<Record<IntentAction, IntentStatus>> = transitions[status];
  const next = row[action];
  if (next === undefined) throw new IllegalOutboxStep(intent, status, action);
  return next;
}

/** How far one intent has come. */
export interface IntentStanding {
  readonly status: IntentStatus;
  readonly attempts: number;
}

const NEW: IntentStanding = { status: "waiting", attempts: 0 };

/** Intents by id, folded from the outbox's own events. An intent that none of them names waits. */
export class OutboxState {
  readonly #intents = new Map<string, IntentStanding>();

  standing(intent: string): IntentStanding {
    return this.#intents.get(intent) ?? NEW;
  }

  /** Intents whose attempts have no result, or one that nobody knows. */
  get open(): readonly string[] {
    return [...this.#intents].filter(([, { status }]) => status === "attempting" || status === "unresolved").map(([id]) => id);
  }

  /** @throws {IllegalOutboxStep} for an event that contradicts the state. */
  apply(event: OutboxEvent): void {
    const { intent_id } = event.payload;
    const { status, attempts } = this.standing(intent_id);
    const action = actionOf(event);
    if (action === null) return;
    const next = nextIntentStatus(intent_id, status, action);
    this.#intents.set(intent_id, { status: next, attempts: attempts + (action === "attempt" ? 1 : 0) });
  }
}

/** @returns null for a look that told nothing. */
function actionOf(event: OutboxEvent): IntentAction | null {
  switch (event.type) {
    case "outbox.attempting":
      return "attempt";
    case "outbox.resulted":
      return ({ delivered: "deliver", failed: "fail", refused: "refuse", unknown: "lose" } as const)[event.payload.result];
    case "outbox.reconciled":
      return ({ delivered: "find", absent: "miss", unknown: null } as const)[event.payload.found];
  }
}
