import * as Type from "typebox";
import type { Json } from "../../core/tape/event.js";
import { decimal } from "./decimal-schema.js";
import type { JsonSchema } from "./schema-check.js";

const closed = { additionalProperties: false } as const;

const ShockSchema = Type.Object(
  {
    underlyings: Type.Union([Type.Literal("all"), Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })], {
      description:
        "Symbols, or pairs such as EUR/USD for their volatilities; `all` are all of them. Of several shocks the first that fits holds.",
      "x-expected": "all, or a list of symbols",
    }),
    spot_pct: Type.Optional(decimal("any", { default: "0", description: "Relative move of the spot: -0.1 takes a tenth off." })),
    vol_abs: Type.Optional(decimal("any", { default: "0", description: "Added to the volatility: 0.05 is five points." })),
    vol_pct: Type.Optional(
      decimal("any", {
        default: "0",
        description: "The volatility becomes (volatility + `vol_abs`)(1 + `vol_pct`), but never less than 0.",
      }),
    ),
  },
  closed,
);

const ScenarioSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, description: "Unique in the file." }),
    shocks: Type.Optional(Type.Array(ShockSchema, { description: "Moves of spots and volatilities." })),
    fx: Type.Optional(
      Type.Record(Type.String(), decimal("positive", { description: "Factor." }), {
        description:
          "Rates of exchange times a factor, by pair such as EUR/USD or its inverse. Where stated, every pair that the portfolio needs.",
      }),
    ),
    rates: Type.Optional(
      Type.Record(Type.String(), decimal("any", { description: "Shift." }), {
        description: "Added to all zero rates of a currency: 0.01 is one hundred basis points.",
      }),
    ),
  },
  closed,
);

const ScenarioFileSchema = Type.Object(
  {
    version: Type.Literal(1, { description: "Version of this format." }),
    scenarios: Type.Array(ScenarioSchema, { minItems: 1, description: "What may happen." }),
  },
  closed,
);

interface ShockFields {
  underlyings: "all" | string[];
  spot_pct?: string;
  vol_abs?: string;
  vol_pct?: string;
}

/** A scenario file after its check, before defaults. */
export interface ScenarioFile {
  version: 1;
  scenarios: { name: string; shocks?: ShockFields[]; fx?: Record<string, string>; rates?: Record<string, string> }[];
}

/** Names a checked tree by its type; the compiler compares the type with the schema. */
export function asScenarioFile(checked: Json): ScenarioFile {
  return checked as unknown as Type.Static<typeof ScenarioFileSchema>;
}

export const scenarioFileSchema: JsonSchema = ScenarioFileSchema as Type.TSchema as JsonSchema;
