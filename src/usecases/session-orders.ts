/**
 * Orders of a session on their way to a broker, changes of them, and their cancels.
 *
 * An order or a change leaves only on an approval that is made again from its recorded decision: the events are read back from the verified tape,
 * they are those that the engine made, known by the hashes of their payloads, and the policy is the one in force. What contradicts itself is
 * refused and never sent. A cancel needs no approval.
 */
import { type RemintRefusal, remintApproval } from "../core/gate/remint-approval.js";
import { remintChange } from "../core/gate/remint-change.js";
import type { TapeEvent } from "../core/tape/event.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { Broker, RequestOutcome, SubmitOutcome } from "../ports/broker.js";
import type { LogSession } from "../ports/event-store.js";
import type { ApprovedChange, OrderIntent, SubmittedOrder } from "./order-intents.js";
import type { Effect, EffectOutcome } from "./outbox.js";

/** Why an order or a change was not sent. */
export type SendRefusal =
  | RemintRefusal
  /** The tape does not hold the order's creation, the change, or the decision on it. */
  | "EVENT_NOT_FOUND"
  /** The chain of the tape is broken: nothing on it approves anything. */
  | "TAPE_NOT_VERIFIED";

export interface SendingPorts {
  readonly broker: Broker;
  readonly tape: Pick<LogSession, "findEvent">;
  readonly hash: Sha256Fn;
  /** Fingerprint of the policy in force. */
  readonly policy_sha256: string;
  /** Whether the chain of what the tape held was verified. */
  readonly verified: boolean;
}

/** Name of the channel that orders leave by. One channel: a cancel never overtakes its order. */
const BROKER_CHANNEL = "broker";

/** The sending of an order, a change or a cancel, for the outbox. */
export function orderEffect(ports: SendingPorts, intent: OrderIntent): Effect {
  const { broker } = ports;
  const attempt = (): Promise<EffectOutcome> => send(ports, intent);
  return {
    id: intent.id,
    channel: BROKER_CHANNEL,
    attempt,
    find: () => (intent.kind === "submit" ? broker.find(intent.idempotency_key) : broker.findRequest(intent.id)),
    // A venue in this process begins empty; one of its own remembers.
    ...(broker.in_process ? { again: async () => void (await attempt()) } : {}),
  };
}

async function send(ports: SendingPorts, intent: OrderIntent): Promise<EffectOutcome> {
  const { id: request_id, order_id, idempotency_key } = intent;
  if (intent.kind === "cancel") return effectOf(await ports.broker.cancel({ request_id, order_id, idempotency_key }));
  if (!ports.verified) return refused("TAPE_NOT_VERIFIED", "the chain of the session's tape is broken");
  return intent.kind === "submit" ? submit(ports, intent) : change(ports, intent);
}

async function submit(ports: SendingPorts, order: SubmittedOrder): Promise<EffectOutcome> {
  const found = await eventsOf(ports, order, { created: order.created_id, decided: order.decided_id });
  if (found.kind === "refused") return found;
  const { order_sha256 } = order;
  const { policy_sha256, hash } = ports;
  const approval = remintApproval({ ...found.events, order_sha256, policy_sha256, hash });
  return approval.kind === "refused" ? refused(approval.code, approval.detail) : effectOf(await ports.broker.submit(approval.order));
}

async function change(ports: SendingPorts, wanted: ApprovedChange): Promise<EffectOutcome> {
  const found = await eventsOf(ports, wanted, { created: wanted.created_id, requested: wanted.id, decided: wanted.decided_id });
  if (found.kind === "refused") return found;
  const { order_sha256, change_sha256 } = wanted;
  const { policy_sha256, hash } = ports;
  const approval = remintChange({ ...found.events, order_sha256, change_sha256, policy_sha256, hash });
  return approval.kind === "refused" ? refused(approval.code, approval.detail) : effectOf(await ports.broker.change(approval.change));
}

const WORDS = { created: "creation of", requested: "change of", decided: "decision on" } as const;

async function eventsOf<K extends keyof typeof WORDS>(
  { tape }: SendingPorts,
  { order_id }: OrderIntent,
  ids: Readonly<Record<K, string>>,
): Promise<{ readonly kind: "found"; readonly events: Readonly<Record<K, TapeEvent>> } | Refused> {
  const found: Partial<Record<K, TapeEvent>> = {};
  for (const name of Object.keys(ids) as K[]) {
    const event = await tape.findEvent(ids[name]);
    if (event === null) return refused("EVENT_NOT_FOUND", `the tape does not hold the ${WORDS[name]} ${order_id}`);
    found[name] = event;
  }
  return { kind: "found", events: found as Record<K, TapeEvent> };
}

function effectOf(answer: SubmitOutcome | RequestOutcome): EffectOutcome {
  switch (answer.kind) {
    case "accepted":
    case "known":
      return { kind: "delivered" };
    case "conflict":
      return { kind: "refused", cause: `the broker knows the key with another ${answer.field}` };
    case "rejected":
      return { kind: "refused", cause: answer.reason };
    case "unknown":
      return answer;
  }
}

interface Refused {
  readonly kind: "refused";
  readonly cause: string;
}

function refused(code: SendRefusal, detail: string): Refused {
  return { kind: "refused", cause: `${code}: ${detail}` };
}
