/**
 * Approvals after a restart: what the gate approved is on the tape, and an approval is made again from nothing else.
 *
 * The events must have been read from a tape whose chain was verified. What is checked here is that they say what they seem to: the payloads
 * are those that were hashed, the decision approves, under the policy in force, and answers the very creation that the order is read from.
 */
import { Value } from "typebox/value";
import { runEventDefinitions } from "../engine/run-event-schemas.js";
import type { OrderCreated, RiskDecided, RunEventType } from "../engine/run-events.js";
import type { OrderTicket } from "../orders/ticket.js";
import { payloadHash } from "../tape/chain.js";
import type { TapeEvent } from "../tape/event.js";
import type { Sha256Fn } from "../tape/hash.js";
import type { RiskApproved } from "./approval.js";
import { Approvals } from "./approvals.js";

export interface RecordedApproval {
  /** The gate's `risk.decided`. */
  readonly decided: TapeEvent;
  /** The `order.created` that it answers. */
  readonly created: TapeEvent;
  /** Payload hash of the order that is to be sent, as the outbox keeps it. */
  readonly order_sha256: string;
  /** Fingerprint of the policy in force. */
  readonly policy_sha256: string;
  readonly hash: Sha256Fn;
}

export type RemintRefusal =
  /** An event is of another type, or its payload is not what its schema says. */
  | "EVENT_MALFORMED"
  /** A payload is not the one that was hashed. */
  | "PAYLOAD_HASH_MISMATCH"
  /** The decision answers another event, or is about another order. */
  | "DECISION_NOT_OF_ORDER"
  /** The order that is to be sent is not the one that was decided on. */
  | "ORDER_HASH_MISMATCH"
  | "NOT_APPROVED"
  | "POLICY_MISMATCH";

export interface RefusedApproval {
  readonly kind: "refused";
  readonly code: RemintRefusal;
  readonly detail: string;
}

export type Reminted = { readonly kind: "approved"; readonly order: RiskApproved<OrderTicket> } | RefusedApproval;

/** Makes the approval of an order again from its recorded decision. */
export function remintApproval({ decided, created, order_sha256, policy_sha256, hash }: RecordedApproval): Reminted {
  const order = verifiedPayload(created, "order.created", hash);
  if ("kind" in order) return order;
  const decision = verifiedPayload(decided, "risk.decided", hash);
  if ("kind" in decision) return decision;
  // The schemas were checked above, so these are the payloads of their types.
  return judge(order.payload as OrderCreated, decision.payload as RiskDecided, { decided, created, order_sha256, policy_sha256 });
}

function judge(
  order: OrderCreated,
  decision: RiskDecided,
  { decided, created, order_sha256, policy_sha256 }: Omit<RecordedApproval, "hash">,
): Reminted {
  const { order_id } = order;
  const answers = decided.causation_id === created.id && decided.log === created.log && decided.stream === created.stream;
  if (!answers || decided.position <= created.position || decision.order_id !== order_id)
    return refused("DECISION_NOT_OF_ORDER", `decision ${decided.id} does not answer the creation of ${order_id}`);
  if (created.payload_hash !== order_sha256)
    return refused("ORDER_HASH_MISMATCH", `order ${order_id} was decided on as ${created.payload_hash}, not as ${order_sha256}`);
  if (decision.decision !== "approved" || decision.subject !== undefined)
    return refused("NOT_APPROVED", `decision ${decided.id} does not approve order ${order_id}`);
  if (decision.policy_sha256 !== policy_sha256)
    return refused("POLICY_MISMATCH", `order ${order_id} was approved under ${decision.policy_sha256}, in force is ${policy_sha256}`);
  const approvals = new Approvals(policy_sha256);
  approvals.owe(order_id);
  return { kind: "approved", order: approvals.take(ticketFrom(order), order_id, { decision: "approved", policy_sha256 }) };
}

/** The payload of an event, once it is what was hashed and what the schema of its type says. */
export function verifiedPayload(event: TapeEvent, type: RunEventType, hash: Sha256Fn): { readonly payload: unknown } | RefusedApproval {
  const schema = runEventDefinitions.find((definition) => definition.type === type)?.schema;
  if (event.type !== type || event.schema_version !== 1 || schema === undefined)
    return refused("EVENT_MALFORMED", `event ${event.id} is ${event.type} in version ${event.schema_version}, not ${type}`);
  if (payloadHash(event.payload, hash) !== event.payload_hash)
    return refused("PAYLOAD_HASH_MISMATCH", `the payload of event ${event.id} is not the one that was recorded`);
  const payload = parsed(event.payload);
  if (!Value.Check(schema, payload)) return refused("EVENT_MALFORMED", `the payload of event ${event.id} is none of ${type}`);
  return { payload };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function ticketFrom(order: OrderCreated): OrderTicket {
  return {
    order_id: order.order_id,
    idempotency_key: order.idempotency_key,
    symbol: order.symbol,
    side: order.side,
    order_type: order.order_type,
    time_in_force: order.time_in_force,
    qty: order.qty,
    reduce_only: order.reduce_only,
    limit_price: order.limit_price ?? null,
    stop_price: order.stop_price ?? null,
    trail_amount: order.trail_amount ?? null,
    trail_pct: order.trail_pct ?? null,
    expire_at: order.expire_at ?? null,
    oco: order.oco ?? null,
    parent_id: order.parent_id ?? null,
  };
}

function refused(code: RemintRefusal, detail: string): RefusedApproval {
  return { kind: "refused", code, detail };
}
