/** What the events of a session ask a broker for: orders that were approved, changes of them that were, and their ends. */
import { runEventDefinitions } from "../core/engine/run-event-schemas.js";
import type { OrderCreated, RiskDecided, RunEventType } from "../core/engine/run-events.js";
import type { EventBlock } from "../core/tape/block.js";
import { digestsOf, HASH_LENGTH, ID_LENGTH } from "../core/tape/block-digests.js";
import type { Sha256Fn } from "../core/tape/hash.js";

interface Intent {
  /** Id of the event that asks for it. */
  readonly id: string;
  readonly order_id: string;
  readonly idempotency_key: string;
  readonly created_id: string;
  /** Payload hash of the order as the engine made it. */
  readonly order_sha256: string;
}

/** An order that the engine submitted, by what it made of it. `id` is that of its `order.submitted`. */
export interface SubmittedOrder extends Intent {
  readonly kind: "submit";
  readonly decided_id: string;
}

/** A change that its gate approved. `id` is that of its `order.modify_requested`. */
export interface ApprovedChange extends Intent {
  readonly kind: "change";
  readonly decided_id: string;
  /** Payload hash of the change as the engine made it. */
  readonly change_sha256: string;
}

/** The wish that an order ends. `id` is that of its `order.cancel_requested`. */
export interface WantedCancel extends Intent {
  readonly kind: "cancel";
}

export type OrderIntent = SubmittedOrder | ApprovedChange | WantedCancel;

interface Followed extends Omit<Intent, "id"> {
  decided_id: string | null;
  submitted: boolean;
  /** Changes that wait for the gate, by the index in their command of the event that asks for them. */
  readonly asked: Map<string, Pick<ApprovedChange, "id" | "change_sha256">>;
}

const FOLLOWED = [
  "order.created",
  "risk.decided",
  "order.submitted",
  "order.modify_requested",
  "order.cancel_requested",
  "order.filled",
  "order.cancelled",
  "order.expired",
  "order.rejected",
] as const satisfies readonly RunEventType[];

type FollowedType = (typeof FOLLOWED)[number];

const types: ReadonlyMap<number, FollowedType> = new Map(
  FOLLOWED.map((type) => [runEventDefinitions.findIndex((definition) => definition.type === type), type]),
);

/** An event that is followed. */
interface Seen {
  readonly id: string;
  readonly payload_hash: string;
  /** Its command and its place in it; the place of its cause there, which is of the same command. */
  readonly place: string;
  readonly cause: string;
}

/** Follows a session's blocks and says what they ask a broker for. */
export class OrderIntents {
  readonly #log: string;
  readonly #hash: Sha256Fn;
  /** Orders that have not ended, by id. */
  readonly #orders = new Map<string, Followed>();

  constructor(log: string, hash: Sha256Fn) {
    this.#log = log;
    this.#hash = hash;
  }

  /** @param block blocks come in order, each once. */
  follow(block: EventBlock): readonly OrderIntent[] {
    if (!block.types.some((type) => types.has(type))) return [];
    const { ids, payload_hashes } = block.digests ?? digestsOf(block, this.#log, this.#hash);
    const intents: OrderIntent[] = [];
    block.types.forEach((index, i) => {
      const type = types.get(index);
      if (type === undefined) return;
      const payload: unknown = JSON.parse(block.payloads.slice(i === 0 ? 0 : block.payload_ends[i - 1], block.payload_ends[i]));
      const command = block.commands[block.command_of[i] as number];
      const intent = this.#see(type, payload as { readonly order_id: string }, {
        id: ids.slice(ID_LENGTH * i, ID_LENGTH * (i + 1)),
        payload_hash: payload_hashes.slice(HASH_LENGTH * i, HASH_LENGTH * (i + 1)),
        place: `${command}/${block.index_in_command[i]}`,
        cause: `${command}/${block.causes[i]}`,
      });
      if (intent !== null) intents.push(intent);
    });
    return intents;
  }

  #see(type: FollowedType, payload: { readonly order_id: string }, seen: Seen): OrderIntent | null {
    const { order_id } = payload;
    if (type === "order.created") {
      const { idempotency_key } = payload as OrderCreated;
      const made = { order_id, idempotency_key, created_id: seen.id, order_sha256: seen.payload_hash };
      this.#orders.set(order_id, { ...made, decided_id: null, submitted: false, asked: new Map() });
      return null;
    }
    const order = this.#orders.get(order_id);
    if (order === undefined) return null;
    switch (type) {
      case "risk.decided":
        return this.#decide(order, payload as RiskDecided, seen);
      case "order.submitted":
        order.submitted = true;
        // An order is decided on before it is submitted, on every way of its life.
        return { kind: "submit", ...intentOf(order, seen.id), decided_id: order.decided_id ?? "" };
      case "order.modify_requested":
        order.asked.set(seen.place, { id: seen.id, change_sha256: seen.payload_hash });
        return null;
      case "order.cancel_requested":
        // What never left has nothing to end at the broker.
        return order.submitted ? { kind: "cancel", ...intentOf(order, seen.id) } : null;
      case "order.filled":
      case "order.cancelled":
      case "order.expired":
      case "order.rejected":
        this.#orders.delete(order_id);
        return null;
    }
  }

  #decide(order: Followed, { decision, subject }: RiskDecided, { id, cause }: Seen): OrderIntent | null {
    if (subject === undefined) {
      if (decision === "denied") this.#orders.delete(order.order_id);
      else order.decided_id = id;
      return null;
    }
    const asked = order.asked.get(cause);
    order.asked.delete(cause);
    if (asked === undefined || decision === "denied") return null;
    return { kind: "change", ...intentOf(order, asked.id), decided_id: id, change_sha256: asked.change_sha256 };
  }
}

function intentOf({ order_id, idempotency_key, created_id, order_sha256 }: Followed, id: string): Intent {
  return { id, order_id, idempotency_key, created_id, order_sha256 };
}
