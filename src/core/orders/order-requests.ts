import type { OrderModifyRequested } from "../engine/run-events.js";

/** New terms of an order, as a venue gets them; what is absent stays. */
export interface ChangeTicket extends OrderModifyRequested {
  /** Id of the event that asks for it: what the venue knows the request by. */
  readonly request_id: string;
  /** The order's own key. */
  readonly idempotency_key: string;
}

/** The wish that an order ends, as a venue gets it. */
export interface CancelTicket {
  readonly request_id: string;
  readonly order_id: string;
  readonly idempotency_key: string;
}
