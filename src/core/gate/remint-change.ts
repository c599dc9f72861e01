/** The approval of a change of an order, made again from its recorded decision as that of an order is. */
import type { OrderCreated, OrderModifyRequested, RiskDecided } from "../engine/run-events.js";
import type { ChangeTicket } from "../orders/order-requests.js";
import type { TapeEvent } from "../tape/event.js";
import type { RiskApproved } from "./approval.js";
import { Approvals } from "./approvals.js";
import { type RecordedApproval, type RefusedApproval, type RemintRefusal, verifiedPayload } from "./remint-approval.js";

export interface RecordedChange extends RecordedApproval {
  /** The `order.modify_requested` that the decision answers. */
  readonly requested: TapeEvent;
  /** Payload hash of the change that is to be sent. */
  readonly change_sha256: string;
}

export type RemintedChange = { readonly kind: "approved"; readonly change: RiskApproved<ChangeTicket> } | RefusedApproval;

/** Makes the approval of a change again. `order_sha256` is the hash of the order that it changes, `decided` the decision on the change. */
export function remintChange(recorded: RecordedChange): RemintedChange {
  const { created, requested, decided, hash } = recorded;
  const order = verifiedPayload(created, "order.created", hash);
  if ("kind" in order) return order;
  const request = verifiedPayload(requested, "order.modify_requested", hash);
  if ("kind" in request) return request;
  const decision = verifiedPayload(decided, "risk.decided", hash);
  if ("kind" in decision) return decision;
  // The schemas were checked above, so these are the payloads of their types.
  return judge(recorded, order.payload as OrderCreated, request.payload as OrderModifyRequested, decision.payload as RiskDecided);
}

function judge(
  { created, requested, decided, order_sha256, change_sha256, policy_sha256 }: RecordedChange,
  { order_id, idempotency_key }: OrderCreated,
  change: OrderModifyRequested,
  { order_id: decidedOn, decision, subject, policy_sha256: decidedUnder }: RiskDecided,
): RemintedChange {
  const ofOne = [requested, decided].every(({ log, stream }) => log === created.log && stream === created.stream);
  const inOrder = created.position < requested.position && requested.position < decided.position;
  const answers = decided.causation_id === requested.id && change.order_id === order_id && decidedOn === order_id;
  if (!ofOne || !inOrder || !answers)
    return refused("DECISION_NOT_OF_ORDER", `decision ${decided.id} does not answer the change ${requested.id} of ${order_id}`);
  if (created.payload_hash !== order_sha256 || requested.payload_hash !== change_sha256)
    return refused("ORDER_HASH_MISMATCH", `order ${order_id} and its change are not those that were decided on`);
  if (decision !== "approved" || subject !== "modification")
    return refused("NOT_APPROVED", `decision ${decided.id} does not approve the change of order ${order_id}`);
  if (decidedUnder !== policy_sha256)
    return refused("POLICY_MISMATCH", `the change of ${order_id} was approved under ${decidedUnder}, in force is ${policy_sha256}`);
  const approvals = new Approvals(policy_sha256);
  approvals.owe(requested.id);
  const ticket: ChangeTicket = { ...change, request_id: requested.id, idempotency_key };
  return { kind: "approved", change: approvals.takeChange(ticket, { decision, policy_sha256 }) };
}

function refused(code: RemintRefusal, detail: string): RefusedApproval {
  return { kind: "refused", code, detail };
}
