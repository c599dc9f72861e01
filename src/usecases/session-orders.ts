/**
 * Orders of a session on their way to a broker.
 *
 * An order leaves only on an approval that is made again from its recorded decision: the events are read back from the verified tape, the order is
 * the one that the engine made, known by its payload's hash, and the policy is the one in force. What contradicts itself is refused and never sent.
 */
import { runEventDefinitions } from "../core/engine/run-event-schemas.js";
import type { OrderCreated, RiskDecided, RunEventType } from "../core/engine/run-events.js";
import { type RemintRefusal, remintApproval } from "../core/gate/remint-approval.js";
import type { EventBlock } from "../core/tape/block.js";
import { digestsOf, HASH_LENGTH, ID_LENGTH } from "../core/tape/block-digests.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { Broker, SubmitOutcome } from "../ports/broker.js";
import type { LogSession } from "../ports/event-store.js";
import type { Effect, EffectOutcome } from "./outbox.js";

/** An order that the engine submitted, by what it made of it. */
export interface SubmittedOrder {
  /** Id of the `order.submitted` that asks for it. */
  readonly id: string;
  readonly order_id: string;
  readonly idempotency_key: string;
  readonly created_id: string;
  readonly decided_id: string;
  /** Payload hash of the order as the engine made it. */
  readonly order_sha256: string;
}

/** Why an order was not sent. */
export type SendRefusal =
  | RemintRefusal
  /** The tape does not hold the order's creation, or the decision on it. */
  | "EVENT_NOT_FOUND"
  /** The chain of the tape is broken: nothing on it approves anything. */
  | "TAPE_NOT_VERIFIED";

type Draft = { -readonly [K in keyof SubmittedOrder]?: SubmittedOrder[K] };

const index = (type: RunEventType): number => runEventDefinitions.findIndex((definition) => definition.type === type);
const CREATED = index("order.created");
const DECIDED = index("risk.decided");
const SUBMITTED = index("order.submitted");

/** Follows a session's blocks and says which orders they submit. */
export class SubmittedOrders {
  readonly #log: string;
  readonly #hash: Sha256Fn;
  /** Orders that were made and not submitted yet, by id. */
  readonly #made = new Map<string, Draft>();

  constructor(log: string, hash: Sha256Fn) {
    this.#log = log;
    this.#hash = hash;
  }

  /** @param block blocks come in order, each once. */
  follow(block: EventBlock): readonly SubmittedOrder[] {
    const { types, payloads, payload_ends } = block;
    if (!types.some((type) => type === CREATED || type === DECIDED || type === SUBMITTED)) return [];
    const { ids, payload_hashes } = block.digests ?? digestsOf(block, this.#log, this.#hash);
    const submitted: SubmittedOrder[] = [];
    types.forEach((type, i) => {
      if (type !== CREATED && type !== DECIDED && type !== SUBMITTED) return;
      const payload = JSON.parse(payloads.slice(i === 0 ? 0 : payload_ends[i - 1], payload_ends[i])) as { readonly order_id: string };
      const id = ids.slice(ID_LENGTH * i, ID_LENGTH * (i + 1));
      if (type === CREATED) this.#create(payload as OrderCreated, id, payload_hashes.slice(HASH_LENGTH * i, HASH_LENGTH * (i + 1)));
      else if (type === DECIDED) this.#decide(payload as RiskDecided, id);
      else {
        const made = this.#made.get(payload.order_id);
        this.#made.delete(payload.order_id);
        // An order is created and decided on before it is submitted, on every way of its life.
        submitted.push({ ...(made as Omit<SubmittedOrder, "id">), id });
      }
    });
    return submitted;
  }

  #create({ order_id, idempotency_key }: OrderCreated, created_id: string, order_sha256: string): void {
    this.#made.set(order_id, { order_id, idempotency_key, created_id, order_sha256 });
  }

  #decide({ order_id, decision, subject }: RiskDecided, decided_id: string): void {
    const made = this.#made.get(order_id);
    if (made === undefined || subject !== undefined) return;
    if (decision === "denied") this.#made.delete(order_id);
    else made.decided_id = decided_id;
  }
}

export interface SendingPorts {
  readonly broker: Broker;
  readonly tape: Pick<LogSession, "findEvent">;
  readonly hash: Sha256Fn;
  /** Fingerprint of the policy in force. */
  readonly policy_sha256: string;
  /** Whether the chain of what the tape held was verified. */
  readonly verified: boolean;
}

/** Name of the channel that orders leave by. */
const BROKER_CHANNEL = "broker";

/** The sending of an order, for the outbox. */
export function orderEffect(ports: SendingPorts, order: SubmittedOrder): Effect {
  return {
    id: order.id,
    channel: BROKER_CHANNEL,
    attempt: () => send(ports, order),
    find: () => ports.broker.find(order.idempotency_key),
  };
}

async function send({ broker, tape, hash, policy_sha256, verified }: SendingPorts, order: SubmittedOrder): Promise<EffectOutcome> {
  if (!verified) return refused("TAPE_NOT_VERIFIED", "the chain of the session's tape is broken");
  const [created, decided] = [await tape.findEvent(order.created_id), await tape.findEvent(order.decided_id)];
  if (created === null || decided === null)
    return refused("EVENT_NOT_FOUND", `the tape does not hold the ${created === null ? "creation of" : "decision on"} ${order.order_id}`);
  const approval = remintApproval({ created, decided, order_sha256: order.order_sha256, policy_sha256, hash });
  return approval.kind === "refused" ? refused(approval.code, approval.detail) : effectOf(await broker.submit(approval.order));
}

function effectOf(answer: SubmitOutcome): EffectOutcome {
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

function refused(code: SendRefusal, detail: string): EffectOutcome {
  return { kind: "refused", cause: `${code}: ${detail}` };
}
