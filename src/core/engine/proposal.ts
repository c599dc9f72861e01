import type { GateDecision } from "../gate/gate.js";
import type { Units } from "../money/units.js";
import { isOpen, type Order } from "../orders/order.js";
import type { UtcMillis } from "../tape/event.js";
import type { ProposedEvent } from "../tape/proposed-event.js";
import { simOrderId } from "../venue/sim-venue.js";
import { createdPayload, type FillFact, fillPayload } from "./order-payloads.js";
import { type OrderFill, RUN_EVENT_TYPES, type RunEvent, type RunEventType, type RunPayloads } from "./run-events.js";

const TYPE_INDEX: ReadonlyMap<RunEventType, number> = new Map(RUN_EVENT_TYPES.map((type, i) => [type, i]));

/** What the events on an order's way carry as the engine folds them: integers, whose text is made where a tape asks for it. */
export interface OrderFacts {
  "order.created": null;
  "risk.decided": GateDecision & { readonly subject?: "modification" };
  "order.submitted": null;
  "order.accepted": null;
  "order.partially_filled": FillFact;
  "order.filled": FillFact;
}

/** What a proposal of a type carries. */
export type FactOf<T extends RunEventType> = T extends keyof OrderFacts ? OrderFacts[T] : RunPayloads[T];

/** A proposed event: what the tape takes, and the same fact as the engine folds it. */
export class Proposal implements ProposedEvent {
  readonly kind: RunEventType;
  readonly version: number;
  readonly occurred_at: UtcMillis;
  /** See `EventBlock.causes`. */
  readonly cause: number;
  /** Position within the command, from 0: what events that answer this one name as their cause. */
  readonly index: number;
  /** The order whose stream it stands on, or null. */
  readonly order: Order | null;
  readonly fact: FactOf<RunEventType>;
  readonly #units: Units | null;
  readonly #stream: string | null;
  #payload: RunPayloads[RunEventType] | null = null;

  /** @param stream null for the order's own. */
  constructor(
    kind: RunEventType,
    place: Place,
    version: number,
    fact: FactOf<RunEventType>,
    stream: string | null,
    order: Order | null = null,
    units: Units | null = null,
  ) {
    this.kind = kind;
    this.version = version;
    this.occurred_at = place.now;
    this.cause = place.cause;
    this.index = place.index;
    this.fact = fact;
    this.order = order;
    this.#units = units;
    this.#stream = stream;
  }

  /** Index of its kind in the catalogue of runs. */
  get type(): number {
    return TYPE_INDEX.get(this.kind) as number;
  }

  get stream(): string {
    return this.#stream ?? this.order?.stream ?? "";
  }

  get payload(): RunPayloads[RunEventType] {
    this.#payload ??= this.#spell();
    return this.#payload;
  }

  get event(): RunEvent {
    // Kind and payload belong together by the sequencer's signatures; the union cannot express it.
    return { type: this.kind, occurred_at: this.occurred_at, payload: this.payload } as RunEvent;
  }

  #spell(): RunPayloads[RunEventType] {
    const { order, fact } = this;
    const units = this.#units;
    if (order === null || units === null) return fact as RunPayloads[RunEventType];
    switch (this.kind) {
      case "order.created":
        return createdPayload(order, units);
      case "risk.decided":
        return { order_id: order.id, ...(fact as GateDecision) };
      case "order.submitted":
        return { order_id: order.id };
      case "order.accepted":
        return { order_id: order.id, venue_order_id: simOrderId(order.seq) };
      case "order.partially_filled":
      case "order.filled":
        return fillPayload(order, fact as FillFact, units) satisfies OrderFill;
      default:
        return fact as RunPayloads[RunEventType];
    }
  }
}

/** The order that an event is about, where it is open before the event: a last fill or an end takes it from the open ones. */
export function openOrderOf({ kind, order }: Proposal): Order | undefined {
  return order !== null && kind !== "order.created" && isOpen(order) ? order : undefined;
}

/** When, why and as which event of its command something is proposed. */
export interface Place {
  readonly now: UtcMillis;
  readonly cause: number;
  readonly index: number;
}
