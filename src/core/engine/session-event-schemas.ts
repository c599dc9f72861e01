/** JSON Schemas of the events that only a session has. */
import * as Type from "typebox";
import { READINESS_FAULTS } from "../quality/readiness.js";
import type { EventDefinition } from "../tape/catalogue.js";

const Decimal = Type.String({ pattern: "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?$" });
const Millis = Type.Integer({ minimum: -8.64e15, maximum: 8.64e15 });
const Sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });
const Scale = Type.Integer({ minimum: 0, maximum: 15 });
const closed = { additionalProperties: false } as const;

/** First event of a session: everything that decides what it does with its bars. */
const SessionStartedSchema = Type.Object(
  {
    session: Type.String({ minLength: 1 }),
    mode: Type.Literal("paper"),
    strategy: Type.Object({ name: Type.String(), version: Type.String(), source_sha256: Sha256 }, closed),
    config: Type.Record(Type.String(), Type.Unknown()),
    config_sha256: Sha256,
    instruments: Type.Array(Type.Record(Type.String(), Type.Unknown())),
    data: Type.Array(
      Type.Object(
        {
          symbol: Type.String(),
          timeframe: Type.String(),
          price_mode: Type.String(),
          basis: Type.String(),
          price_scale: Scale,
          volume_scale: Scale,
          has_volume: Type.Boolean(),
        },
        closed,
      ),
    ),
    since: Millis,
  },
  closed,
);

/** A bar closed while a session runs. */
const BarClosedSchema = Type.Object(
  { symbol: Type.String(), open: Decimal, high: Decimal, low: Decimal, close: Decimal, volume: Decimal },
  closed,
);

const Faults = Type.Union(READINESS_FAULTS.map((fault) => Type.Literal(fault)));

/** A bar came that nobody can trade on. */
const BarRefusedSchema = Type.Object(
  {
    symbol: Type.String(),
    faults: Type.Array(Faults, { minItems: 1 }),
    ts: Type.Optional(Millis),
    time: Type.Optional(Type.String()),
    open: Type.Optional(Decimal),
    high: Type.Optional(Decimal),
    low: Type.Optional(Decimal),
    close: Type.Optional(Decimal),
    volume: Type.Optional(Decimal),
  },
  closed,
);

export const sessionEventDefinitions: readonly EventDefinition[] = [
  { type: "session.started", schema_version: 1, kind: "input", pinned: true, schema: SessionStartedSchema },
  { type: "bar.closed", schema_version: 1, kind: "input", pinned: false, schema: BarClosedSchema },
  { type: "bar.refused", schema_version: 1, kind: "input", pinned: false, schema: BarRefusedSchema },
];
