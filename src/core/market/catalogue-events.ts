/** The closed set of events on a workspace's data catalogue. */
import * as Type from "typebox";
import type { EventCatalogue } from "../tape/catalogue.js";
import { isTapeName } from "../tape/names.js";

/** Name of the catalogue's log. */
export const CATALOGUE_LOG = "catalogue";

const closed = { additionalProperties: false } as const;
const Sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });
const Count = Type.Integer({ minimum: 0 });
const Scale = Type.Integer({ minimum: 0, maximum: 15 });
const Millis = Type.Integer({ minimum: -8.64e15, maximum: 8.64e15 });
const Text = Type.String({ minLength: 1 });
const DecimalText = Type.String({ pattern: "^(0|[1-9][0-9]*)(\\.[0-9]+)?$" });
const oneOf = <T extends string>(...values: readonly T[]): Type.TUnion<Type.TLiteral<T>[]> =>
  Type.Union(values.map((value) => Type.Literal(value)));

/** Data were taken from a source and stored. */
const CaptureTakenSchema = Type.Object(
  {
    capture_id: Sha256,
    content: oneOf("bars", "quotes"),
    symbol: Text,
    timeframe: oneOf("1m", "5m", "15m", "1h", "1d"),
    price_mode: oneOf("raw", "adjusted"),
    basis: oneOf("trade", "bid", "ask", "mid"),
    price_scale: Scale,
    volume_scale: Scale,
    has_volume: Type.Boolean(),
    rows: Type.Integer({ minimum: 1 }),
    column_set: Sha256,
    side_sets: Type.Array(Sha256, { minItems: 1, maxItems: 2 }),
    clocks: Type.Object(
      { business_from: Millis, business_to: Millis, source_at: Type.Union([Millis, Type.Null()]), captured_at: Millis },
      closed,
    ),
    counts: Type.Object(
      {
        rows_read: Count,
        rows_of_other_symbols: Count,
        duplicates: Count,
        out_of_order: Count,
        rounded_volumes: Count,
        open_bars: Count,
        unmatched_bid: Count,
        unmatched_ask: Count,
        gap_count: Count,
        missing_bars: Count,
      },
      closed,
    ),
    sources: Type.Array(Type.Object({ file: Text, role: oneOf("bars", "bid", "ask", "factors"), sha256: Sha256, bytes: Count }, closed)),
    source_count: Count,
    options: Type.Record(Type.String(), Type.Unknown()),
    tzdata: Type.Union([Text, Type.Null()]),
    synthetic: Type.Boolean(),
    derived: Type.Union([
      Type.Object(
        {
          calc_name: Text,
          calc_version: Text,
          calendar: Text,
          calendar_version: Text,
          from_column_set: Sha256,
          from_capture: Sha256,
        },
        closed,
      ),
      Type.Null(),
    ]),
    object: Type.Object({ sha256: Sha256, bytes: Count }, closed),
    notes: Type.Array(Type.String()),
  },
  closed,
);

/** What is known about an instrument, as stated or guessed; the latest holds. */
const InstrumentStatedSchema = Type.Object(
  {
    symbol: Text,
    asset_class: oneOf("equity", "crypto", "fx", "future", "index", "other"),
    currency: Text,
    price_tick: DecimalText,
    lot_step: DecimalText,
    min_qty: DecimalText,
    multiplier: DecimalText,
    calendar: Text,
    settlement: oneOf("cash", "variation_margin"),
    guessed: Type.Array(Text),
  },
  closed,
);

/** Catalogue of the data catalogue's own event types. */
export const dataCatalogue: EventCatalogue = {
  name: "data",
  definitions: [
    { type: "capture.taken", schema_version: 1, kind: "input", pinned: false, schema: CaptureTakenSchema },
    { type: "instrument.stated", schema_version: 1, kind: "input", pinned: false, schema: InstrumentStatedSchema },
  ],
  upcasters: [],
};

/** The stream of one capture. */
export function captureStream(captureId: string): string {
  return `capture/${captureId}`;
}

/** The stream of one instrument. */
export function instrumentStream(symbol: string): string {
  return `instrument/${symbol}`;
}

/** Whether a symbol can name a stream, and so be stored. */
export function isStorableSymbol(symbol: string): boolean {
  return symbol !== "" && symbol.length <= 64 && isTapeName(instrumentStream(symbol));
}
