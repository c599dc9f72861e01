import type { OrderCreated } from "../core/engine/run-events.js";
import { judgeKey } from "../core/orders/order.js";
import type { JsonObject, UtcMillis } from "../core/tape/event.js";
import { eventId } from "../core/tape/event-id.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { AppendOutcome, LogSession } from "../ports/event-store.js";

/** What recording an order's creation came to. */
export type RecordedOrder =
  | { readonly kind: "recorded"; readonly order: OrderCreated }
  /** The key created this order before, with the same meaning. */
  | { readonly kind: "same"; readonly order: OrderCreated }
  /** The key created an order with another meaning before. */
  | { readonly kind: "conflict"; readonly order: OrderCreated; readonly field: string }
  | { readonly kind: "failed"; readonly outcome: AppendOutcome };

/**
 * Records `order.created` under an id that derives from the order's idempotency key alone, so that the store itself keeps a key from
 * creating a second order, whoever asks, whenever, and however often the process was restarted. An external key names no bar, so the
 * id carries no time either.
 *
 * @param at event time of the order.
 */
export async function recordOrder(session: LogSession, order: OrderCreated, at: UtcMillis, hash: Sha256Fn): Promise<RecordedOrder> {
  const id = eventId(0, session.log, `order-key/${order.idempotency_key}`, 0, hash);
  const known = await judge(session, id, order);
  if (known !== null) return known;
  const outcome = await session.append([
    {
      stream: `order/${order.order_id}`,
      expected: "no_stream",
      events: [{ id, type: "order.created", schema_version: 1, occurred_at: at, payload: order }],
    },
  ]);
  switch (outcome.kind) {
    case "stored":
      return { kind: "recorded", order };
    case "duplicate":
    case "id_conflict":
      // Another writer was faster: what it stored decides.
      return (await judge(session, id, order)) ?? { kind: "failed", outcome };
    default:
      return { kind: "failed", outcome };
  }
}

async function judge(session: LogSession, id: string, wish: OrderCreated): Promise<RecordedOrder | null> {
  const stored = await session.findEvent(id);
  if (stored === null) return null;
  // The store validated the payload against the type's schema when it took it.
  const order = JSON.parse(stored.payload) as JsonObject as unknown as OrderCreated;
  const verdict = judgeKey(order, wish);
  return verdict.kind === "conflict" ? { kind: "conflict", order, field: verdict.field } : { kind: "same", order };
}
