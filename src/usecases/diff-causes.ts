import type { TapeEvent } from "../core/tape/event.js";
import type { LogSession } from "../ports/event-store.js";
import { payloadOf } from "./compare-decisions.js";

/** An event on the way back from a difference, with how many causes lie between. */
export interface Ancestor {
  readonly event: TapeEvent;
  readonly steps: number;
}

/** Events before one that are looked through before the whole log is searched: a cause is in the same command or an input of the session. */
const NEAR = 20_000;

/** A chain of causes ends long before this; a longer one is a circle in a forged log. */
const LONGEST = 1_000;

/** What an event answers, and what that answers, up to an event without a cause. Nearest first. */
export async function ancestorsOf(log: Pick<LogSession, "readLog" | "findEvent">, event: TapeEvent): Promise<readonly Ancestor[]> {
  const found: Ancestor[] = [];
  let current = event;
  for (let steps = 1; steps <= LONGEST && current.causation_id !== null; steps++) {
    const cause = await eventById(log, current.causation_id, current.position);
    if (cause === null) return found;
    found.push({ event: cause, steps });
    current = cause;
  }
  return found;
}

/** The nearest event that two chains of causes share: the same decision, or the same input in its role, whatever it held. */
export function nearestCommon(
  left: readonly Ancestor[],
  right: readonly Ancestor[],
): { readonly left: Ancestor; readonly right: Ancestor } | null {
  const others = new Map(right.map((ancestor) => [keyOf(ancestor.event), ancestor] as const));
  for (const ancestor of left) {
    const other = others.get(keyOf(ancestor.event));
    if (other !== undefined) return { left: ancestor, right: other };
  }
  return null;
}

/** Inputs are the same by what they are about, decisions by content. */
function keyOf(event: TapeEvent): string {
  if (event.type === "run.started") return event.type;
  if (event.type !== "bars.attached") return `${event.type} ${event.occurred_at} ${event.payload_hash}`;
  const { symbol, session } = payloadOf(event);
  return `${event.type} ${String(symbol)} ${String(session)}`;
}

async function eventById(log: Pick<LogSession, "readLog" | "findEvent">, id: string, before: number): Promise<TapeEvent | null> {
  if (before > 1) {
    for await (const event of log.readLog({ from: before - 1, direction: "backwards", limit: NEAR })) if (event.id === id) return event;
  }
  return log.findEvent(id);
}
