/** The event that benches of the tape append: an order, as large as one usually is. */
import * as Type from "typebox";
import type { EventCatalogue } from "../src/core/tape/catalogue.js";
import type { JsonObject } from "../src/core/tape/event.js";

/** A Tuesday in UTC milliseconds: 2024-01-02T00:00:00Z. */
export const TUESDAY = 1_704_153_600_000;

const text = Type.String();

export const orderCatalogue: EventCatalogue = {
  name: "bench",
  definitions: [
    {
      type: "order.submitted",
      schema_version: 1,
      kind: "decision",
      pinned: false,
      schema: Type.Object(
        {
          order_id: text,
          symbol: text,
          side: text,
          type: text,
          qty: text,
          limit_price: text,
          tif: text,
          account: text,
          note: text,
          n: Type.Integer(),
        },
        { additionalProperties: false },
      ),
    },
  ],
  upcasters: [],
};

export function orderPayload(stream: string, n: number): JsonObject {
  return {
    order_id: `${stream}-${n}`,
    symbol: "DEMO",
    side: "buy",
    type: "limit",
    qty: "100",
    limit_price: "97.15",
    tif: "day",
    account: "desk-7",
    note: "as large as an order usually is, so that hashing and storing cost what they cost",
    n,
  };
}
