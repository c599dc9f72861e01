import * as Type from "typebox";
import { CALENDAR_IDS } from "../../core/market/calendars/registry.js";
import type { Json } from "../../core/tape/event.js";
import { decimal } from "./decimal-schema.js";
import type { JsonSchema } from "./schema-check.js";

const closed = { additionalProperties: false } as const;

/** One instrument. What is left out is guessed from `asset_class`, and every place that shows the instrument says so. */
const InstrumentEntrySchema = Type.Object(
  {
    symbol: Type.String({ minLength: 1, description: "The symbol, as in the data and in the strategy's universe." }),
    asset_class: Type.Optional(
      Type.Enum(["equity", "crypto", "fx", "future", "index", "other"], {
        description: "Kind of instrument. The other guesses follow from it.",
      }),
    ),
    currency: Type.Optional(
      Type.String({
        pattern: "^[A-Z][A-Z0-9]{1,9}$",
        "x-expected": "a currency code such as USD",
        description: "Currency of prices. Guessed: the account's.",
      }),
    ),
    price_tick: Type.Optional(decimal("positive", { description: "Smallest step of an order's price. Constrains orders, never data." })),
    lot_step: Type.Optional(decimal("positive", { description: "Smallest step of an order's quantity." })),
    min_qty: Type.Optional(decimal("positive", { description: "Smallest quantity of an order. Guessed: `lot_step`." })),
    multiplier: Type.Optional(decimal("positive", { description: "Currency value of one price unit for a quantity of one." })),
    calendar: Type.Optional(
      Type.Enum([...CALENDAR_IDS], {
        description: "When it trades. Guessed only for coins (`24/7`) and currency pairs (`FX24x5`); required for everything else.",
      }),
    ),
    settlement: Type.Optional(Type.Enum(["cash", "variation_margin"], { description: "Full payment, or daily variation margin." })),
  },
  closed,
);

/** An instruments file, shared by many runs. */
const InstrumentsFileSchema = Type.Object(
  {
    $schema: Type.Optional(Type.String({ description: "Where editors find this schema." })),
    instruments: Type.Array(InstrumentEntrySchema, { minItems: 1, description: "One entry per symbol." }),
  },
  { ...closed, title: "Onetape instruments", description: "What is traded and in which units." },
);

/** One instrument as its author states it. */
export interface InstrumentEntry {
  symbol: string;
  asset_class?: "equity" | "crypto" | "fx" | "future" | "index" | "other";
  currency?: string;
  price_tick?: string;
  lot_step?: string;
  min_qty?: string;
  multiplier?: string;
  calendar?: string;
  settlement?: "cash" | "variation_margin";
}

export interface InstrumentsFile {
  instruments: InstrumentEntry[];
}

/** Names a checked tree by its type; the compiler compares the type with the schema. */
export function asInstrumentsFile(checked: Json): InstrumentsFile {
  return checked as Type.Static<typeof InstrumentsFileSchema>;
}

export const instrumentEntrySchema: Type.TUnsafe<InstrumentEntry> =
  Type.Unsafe<Type.Static<typeof InstrumentEntrySchema>>(InstrumentEntrySchema);
export const instrumentsFileSchema: JsonSchema = InstrumentsFileSchema as Type.TSchema as JsonSchema;
