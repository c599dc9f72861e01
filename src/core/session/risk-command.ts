/** Commands of a risk session, whatever the door: their kinds, and the structure that each must have. */
import * as Type from "typebox";
import type { TotalsPolicy } from "../risk/portfolio/book-valuation.js";
import type { HistoryInput } from "../risk/portfolio/historical-scenarios.js";
import type { PortfolioLimit } from "../risk/portfolio/portfolio-limits.js";
import type { RiskPosition } from "../risk/portfolio/position.js";
import type { Scenario } from "../risk/portfolio/scenario.js";
import type { UtcMillis } from "../tape/event.js";
import { MAX_EVENT_TIME } from "../tape/event-id.js";
import type { MarketQuote } from "./quote.js";

/** Version of every command's structure. */
export const COMMAND_VERSION = 1;

/** How errors are taken: `strict` refuses any, `lenient` lets through what the session allows by name. */
export type ValidationMode = "strict" | "lenient";

interface PayloadOf {
  INGEST_EVENT:
    | { readonly event_type: "PORTFOLIO_CREATED"; readonly ts: UtcMillis; readonly data: { readonly portfolio_id: string } }
    | {
        readonly event_type: "PORTFOLIO_POSITION_UPSERTED";
        readonly ts: UtcMillis;
        readonly data: { readonly portfolio_id: string; readonly position: RiskPosition };
      }
    | {
        readonly event_type: "PORTFOLIO_POSITION_REMOVED";
        readonly ts: UtcMillis;
        readonly data: { readonly portfolio_id: string; readonly position_id: string };
      }
    | { readonly event_type: "SESSION_CLOSED"; readonly ts: UtcMillis; readonly data: Readonly<Record<string, never>> };
  INGEST_QUOTE: { readonly ts: UtcMillis; readonly source: string; readonly sequence: number; readonly quote: MarketQuote };
  SNAPSHOT_REQUEST: { readonly ts: UtcMillis };
  COMPUTE_REQUEST:
    | { readonly compute: "SNAPSHOT"; readonly ts: UtcMillis; readonly portfolio_id: string; readonly parameters: SnapshotParameters }
    | {
        readonly compute: "SIMULATED_EXECUTION";
        readonly ts: UtcMillis;
        readonly portfolio_id: string;
        readonly parameters: ExecutionParameters;
      };
  PORTFOLIO_RISK: { readonly ts: UtcMillis; readonly portfolio_id: string; readonly parameters: RiskParameters };
  SCENARIO_GRID: { readonly ts: UtcMillis; readonly portfolio_id: string; readonly parameters: GridParameters };
}

export type CommandKind = keyof PayloadOf;

/** A command that passed its structure. */
export type RiskCommand = {
  [K in CommandKind]: {
    readonly command_id: string;
    readonly kind: K;
    readonly validation_mode: ValidationMode;
    /** Number of its client, rising; null where the client keeps none. */
    readonly client_sequence: number | null;
    readonly payload: PayloadOf[K];
  };
}[CommandKind];

/** Values a portfolio on a snapshot that the session made before. */
export interface SnapshotParameters {
  readonly market_snapshot_id: string;
  readonly totals: TotalsPolicy;
}

/** Value, exposures, limits, VaR and ES, and declared scenarios. */
export interface RiskParameters {
  readonly totals: TotalsPolicy;
  /** Of VaR and ES over `history`, or over `scenarios` where there is none. */
  readonly confidences: readonly string[];
  /** Levels whose steps become scenarios; null for none. */
  readonly history: HistoryInput | null;
  readonly scenarios: readonly Scenario[];
  readonly limits: readonly PortfolioLimit[];
  readonly warn_at: string;
}

export interface GridParameters {
  readonly totals: TotalsPolicy;
  readonly spot_pct: readonly string[];
  readonly vol_abs: readonly string[];
}

/** Fills trades at the snapshot's prices, on paper. */
export interface ExecutionParameters {
  readonly totals: TotalsPolicy;
  readonly trades: readonly RiskPosition[];
  readonly scenarios: readonly Scenario[];
  readonly confidence: string;
  readonly limits: readonly PortfolioLimit[];
  readonly warn_at: string;
}

/** The first day that four digits of a year can write. */
export const FIRST_EVENT_TIME: UtcMillis = -62_135_596_800_000;

const closed = { additionalProperties: false } as const;
const Name = Type.String({ minLength: 1, maxLength: 120 });
/** Part of a stream's name. */
const Segment = Type.String({ pattern: "^[A-Za-z0-9_:@+-][A-Za-z0-9._:@+-]{0,79}$" });
const Amount = Type.String({ maxLength: 64 });
const Day = Type.String({ maxLength: 10 });
const Millis = Type.Integer({ minimum: FIRST_EVENT_TIME, maximum: MAX_EVENT_TIME });
const orNull = <T extends Type.TSchema>(schema: T): Type.TUnion<[T, Type.TNull]> => Type.Union([schema, Type.Null()]);
const oneOf = <T extends string | number>(...values: readonly T[]): Type.TUnion<Type.TLiteral<T>[]> =>
  Type.Union(values.map((value) => Type.Literal(value)));

const held = { id: Name, quantity: Amount };
const right = oneOf("call", "put");
const dayCount = oneOf("ACT/360", "ACT/365F", "ACT/ACT ISDA", "30/360", "30U/360", "30E/360", "ACT/ACT ICMA", "30E/360 ISDA");
const plainCount = oneOf("ACT/360", "ACT/365F", "ACT/ACT ISDA", "30/360", "30U/360", "30E/360");

/** One schema per kind, so that errors name fields of the kind that was meant. */
const positionKinds: Readonly<Record<RiskPosition["kind"], Type.TSchema>> = {
  stock: Type.Object({ kind: Type.Literal("stock"), ...held, symbol: Name, currency: Name, multiplier: Amount }, closed),
  fx: Type.Object({ kind: Type.Literal("fx"), ...held, currency: Name }, closed),
  fx_forward: Type.Object({ kind: Type.Literal("fx_forward"), ...held, base: Name, quote: Name, strike: Amount, maturity: Day }, closed),
  bond: Type.Object(
    {
      kind: Type.Literal("bond"),
      ...held,
      symbol: Name,
      currency: Name,
      face: Amount,
      coupon_rate: Amount,
      per_year: oneOf(1, 2, 3, 4, 6, 12),
      effective: Day,
      maturity: Day,
      day_count: dayCount,
      stub: oneOf("short_first", "long_first", "short_last", "long_last"),
      end_of_month: Type.Boolean(),
    },
    closed,
  ),
  option: Type.Object(
    {
      kind: Type.Literal("option"),
      ...held,
      underlying: Name,
      currency: Name,
      multiplier: Amount,
      right,
      exercise: oneOf("european", "american"),
      strike: Amount,
      expiry: Day,
    },
    closed,
  ),
  fx_option: Type.Object({ kind: Type.Literal("fx_option"), ...held, base: Name, quote: Name, right, strike: Amount, expiry: Day }, closed),
};

const quoteKinds: Readonly<Record<MarketQuote["kind"], Type.TSchema>> = {
  spot: Type.Object({ kind: Type.Literal("spot"), symbol: Name, currency: Name, price: orNull(Amount), dividend_yield: Amount }, closed),
  volatility: Type.Object(
    { kind: Type.Literal("volatility"), underlying: Name, expiry: orNull(Day), strike: orNull(Amount), volatility: Amount },
    closed,
  ),
  curve: Type.Object(
    {
      kind: Type.Literal("curve"),
      currency: Name,
      day_count: plainCount,
      interpolation: oneOf("log_linear_discount", "linear_zero", "linear_discount"),
      extrapolation: oneOf("refuse", "flat_zero", "flat_forward"),
      nodes: Type.Array(Type.Object({ day: Day, zero_rate: Amount }, closed), { minItems: 1, maxItems: 1_000 }),
    },
    closed,
  ),
  fx: Type.Object({ kind: Type.Literal("fx"), pair: Name, rate: Amount }, closed),
};

const totals = oneOf("whole", "priced_only");
const Position = Type.Union(Object.values(positionKinds));
const ScenarioSchema = Type.Object(
  {
    name: Name,
    shocks: Type.Array(
      Type.Object(
        { underlyings: Type.Union([Type.Literal("all"), Type.Array(Name)]), spot_pct: Amount, vol_abs: Amount, vol_pct: Amount },
        closed,
      ),
    ),
    fx: orNull(Type.Record(Type.String(), Amount)),
    rates: Type.Record(Type.String(), Amount),
  },
  closed,
);
const History = Type.Object(
  {
    factors: Type.Array(Type.Object({ kind: oneOf("spot", "volatility", "fx", "rate"), name: Name }, closed), { minItems: 1 }),
    rows: Type.Array(Type.Object({ name: Name, levels: Type.Array(orNull(Amount)) }, closed)),
    missing: oneOf("reject", "carry_forward", "drop_scenario"),
  },
  closed,
);
const dimension = oneOf("underlying", "currency", "asset_class");
const line = oneOf("gross_value", "net_value", "gross_delta", "net_delta", "abs_notional");
const LimitSchema = Type.Object(
  {
    id: Name,
    on: Type.Union([
      Type.Object({ kind: Type.Literal("exposure"), dimension, key: Name, figure: line }, closed),
      Type.Object({ kind: Type.Literal("any_exposure"), dimension, figure: line }, closed),
      Type.Object({ kind: Type.Literal("total"), figure: oneOf("pv", "delta", "gamma", "vega", "theta", "rho") }, closed),
      Type.Object({ kind: Type.Literal("concentration"), dimension, figure: oneOf("herfindahl", "largest", "top_five") }, closed),
      Type.Object({ kind: Type.Literal("measure"), name: Name }, closed),
    ]),
    limit: Amount,
  },
  closed,
);
const limits = { limits: Type.Array(LimitSchema), warn_at: Amount };

const asked = { ts: Millis, portfolio_id: Segment };
const asks = (parameters: { readonly [name: string]: Type.TSchema }, more: { readonly [name: string]: Type.TSchema } = {}): Type.TSchema =>
  Type.Object({ ...asked, ...more, parameters: Type.Object({ totals, ...parameters }, closed) }, closed);

const event = (name: string, fields: { readonly [field: string]: Type.TSchema }): Type.TSchema =>
  Type.Object({ event_type: Type.Literal(name), ts: Millis, data: Type.Object(fields, closed) }, closed);
const upserted = (position: Type.TSchema) => event("PORTFOLIO_POSITION_UPSERTED", { portfolio_id: Segment, position });
const quoted = (quote: Type.TSchema): Type.TSchema =>
  Type.Object({ ts: Millis, source: Segment, sequence: Type.Integer({ minimum: 0 }), quote }, closed);

/** Made once: a schema is dear to make and cheap to ask. Keys are the kind, and what tells the members of a kind apart. */
export const PAYLOAD_SCHEMAS: ReadonlyMap<string, Type.TSchema> = new Map<string, Type.TSchema>([
  ...Object.entries(quoteKinds).map(([name, schema]) => [`INGEST_QUOTE ${name}`, quoted(schema)] as const),
  ["INGEST_QUOTE", quoted(Type.Union(Object.values(quoteKinds)))],
  ...Object.entries(positionKinds).map(([name, schema]) => [`INGEST_EVENT PORTFOLIO_POSITION_UPSERTED ${name}`, upserted(schema)] as const),
  ["INGEST_EVENT PORTFOLIO_POSITION_UPSERTED", upserted(Position)],
  ["INGEST_EVENT PORTFOLIO_CREATED", event("PORTFOLIO_CREATED", { portfolio_id: Segment })],
  ["INGEST_EVENT PORTFOLIO_POSITION_REMOVED", event("PORTFOLIO_POSITION_REMOVED", { portfolio_id: Segment, position_id: Name })],
  ["INGEST_EVENT SESSION_CLOSED", event("SESSION_CLOSED", {})],
  ["SNAPSHOT_REQUEST", Type.Object({ ts: Millis }, closed)],
  [
    "COMPUTE_REQUEST SNAPSHOT",
    asks({ market_snapshot_id: Type.String({ pattern: "^[0-9a-f]{64}$" }) }, { compute: Type.Literal("SNAPSHOT") }),
  ],
  [
    "COMPUTE_REQUEST SIMULATED_EXECUTION",
    asks(
      { trades: Type.Array(Position, { minItems: 1 }), scenarios: Type.Array(ScenarioSchema), confidence: Amount, ...limits },
      { compute: Type.Literal("SIMULATED_EXECUTION") },
    ),
  ],
  ["PORTFOLIO_RISK", asks({ confidences: Type.Array(Amount), history: orNull(History), scenarios: Type.Array(ScenarioSchema), ...limits })],
  ["SCENARIO_GRID", asks({ spot_pct: Type.Array(Amount), vol_abs: Type.Array(Amount) })],
]);

/** Schema of a payload, by kind and by what tells its members apart; null where the payload does not say which it is. */
export function payloadSchema(kind: CommandKind, payload: object): Type.TSchema | null {
  const which = [kind, ...tagsOf(kind, payload)];
  return PAYLOAD_SCHEMAS.get(which.join(" ")) ?? PAYLOAD_SCHEMAS.get(which.slice(0, -1).join(" ")) ?? null;
}

function tagsOf(kind: CommandKind, payload: object): readonly string[] {
  if (kind === "INGEST_QUOTE") return [textOf(member(payload, "quote"), "kind")];
  if (kind === "COMPUTE_REQUEST") return [textOf(payload, "compute")];
  if (kind !== "INGEST_EVENT") return [];
  const type = textOf(payload, "event_type");
  return type === "PORTFOLIO_POSITION_UPSERTED" ? [type, textOf(member(member(payload, "data"), "position"), "kind")] : [type];
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}

function textOf(value: unknown, name: string): string {
  const text = member(value, name);
  return typeof text === "string" ? text : "";
}
