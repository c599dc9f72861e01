import * as Type from "typebox";
import { CALENDAR_IDS } from "../../core/market/calendars/registry.js";
import type { Json } from "../../core/tape/event.js";
import { type DecimalForm, decimal } from "./decimal-schema.js";
import type { JsonSchema } from "./schema-check.js";

const closed = { additionalProperties: false } as const;
const YEAR_SECONDS = 31_536_000;

/** Null is the same as not stated: not checked. */
function nullable<T extends Type.TSchema>(schema: T, description?: string): Type.TOptional<Type.TUnion<[T, Type.TNull]>> {
  return Type.Optional(Type.Union([schema, Type.Null()], description === undefined ? {} : { description }));
}

const currency = Type.String({
  pattern: "^(base|[A-Z][A-Z0-9]{1,9})$",
  "x-expected": "a currency code such as USD, or base for the account's own",
  description: "Code, or `base` for the account's own currency.",
});

/** A limit in money or as a fraction of equity. The checker tells the two by their keys. */
function limitValue(amount: DecimalForm, fraction: DecimalForm, description: string) {
  return Type.Union(
    [
      Type.Object({ amount: decimal(amount, { description: "Money." }), currency }, closed),
      Type.Object(
        {
          fraction: decimal(fraction, { description: "Of equity; 0.05 is 5 %." }),
          fraction_of: Type.Literal("equity", { description: "What it is a fraction of." }),
        },
        closed,
      ),
    ],
    { description, "x-onetape": "keyed", "x-expected": "{ amount, currency } or { fraction, fraction_of: equity }" },
  );
}

const comparison = Type.Optional(
  Type.Enum(["exceeds", "reaches"], {
    default: "exceeds",
    description: "`exceeds`: a value exactly at the limit passes. `reaches`: it does not.",
  }),
);

function limit(description: string, fraction: DecimalForm = "multiple") {
  return nullable(Type.Object({ limit: limitValue("amount", fraction, "The limit."), comparison }, closed), description);
}

function loss(description: string) {
  const level = (says: string) => nullable(limitValue("loss", "lost_part", says), says);
  return nullable(
    Type.Object(
      {
        alert: level("Is told, refuses nothing."),
        limit: level("Refuses entries."),
        kill: level("Trips the kill switch."),
        comparison,
      },
      closed,
    ),
    description,
  );
}

const count = (description: string, minimum = 1, maximum = 1_000_000) => nullable(Type.Integer({ minimum, maximum }), description);
const seconds = (description: string, minimum: number) => count(description, minimum, YEAR_SECONDS);
const list = (description: string) => Type.Array(Type.String({ minLength: 1 }), { description });

const LimitsSchema = Type.Object(
  {
    daily_loss: loss(
      "Equity below that at the session day's beginning; a fraction is of that. Levels in one unit, alert <= limit <= kill; a sign is ignored.",
    ),
    drawdown: loss(
      "Equity below its highest so far; a fraction is of that. Levels in one unit, alert <= limit <= kill; a sign is ignored.",
    ),
    consecutive_losses: nullable(
      Type.Object(
        {
          alert: count("Is told, refuses nothing."),
          limit: count("Refuses entries after so many."),
          kill: count("Trips the kill switch after so many."),
        },
        closed,
      ),
      "Closed trades in a row that lost. A level acts when it is reached.",
    ),
    notional_min: limit("Smallest value of an entry."),
    notional_max: limit("Largest value of an entry."),
    risk_per_trade: nullable(
      Type.Object(
        {
          limit: limitValue("amount", "part", "The limit."),
          measure: Type.Enum(["notional", "stop_distance"], { description: "Its whole notional, or what it loses at its stop." }),
          comparison,
        },
        closed,
      ),
      "What one entry may put at risk.",
    ),
    fat_finger: nullable(
      Type.Object(
        {
          fraction: decimal("multiple", { description: "Of the average volume." }),
          bars: Type.Integer({ minimum: 1, maximum: 100_000, description: "Bars that the average is taken over." }),
        },
        closed,
      ),
      "Largest quantity of an order, against the average volume of its symbol's last bars.",
    ),
    position_value: limit("Largest value of one symbol's position, open orders included."),
    position_qty: nullable(
      Type.Object({ qty: decimal("amount", { description: "The quantity." }), comparison }, closed),
      "Largest quantity of one symbol's position, open orders included.",
    ),
    open_positions: nullable(
      Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 1_000_000, description: "So many pass." }) }, closed),
      "Symbols held at once.",
    ),
    gross_exposure: limit("Longs plus shorts, open orders included."),
    net_exposure: limit("Longs less shorts, open orders included, either way."),
    asset_class_exposure: nullable(
      Type.Object(
        {
          equity: limit("Shares."),
          crypto: limit("Coins."),
          fx: limit("Currency pairs."),
          future: limit("Futures."),
          index: limit("Indices."),
          other: limit("Everything else."),
        },
        closed,
      ),
      "Gross exposure of one kind of instrument.",
    ),
    correlation_groups: nullable(
      Type.Array(
        Type.Object(
          {
            name: Type.String({ minLength: 1, description: "Name of the group." }),
            symbols: Type.Optional(
              Type.Array(Type.String({ minLength: 1 }), {
                minItems: 1,
                description: "Symbols that move together, unless `cluster` names them. Groups may overlap: each counts its own.",
              }),
            ),
            cluster: Type.Optional(
              Type.Object(
                {
                  file: Type.String({ minLength: 1, description: "JSON file of the set, relative to the policy's." }),
                  calc_version: Type.String({ minLength: 1, description: "Version of `risk.correlation_clusters` that made the set." }),
                  capture_id: Type.String({ minLength: 1, description: "What the correlations were taken from." }),
                  cluster_id: Type.String({ minLength: 1, description: "Which of its clusters, such as cluster:BTCUSDT." }),
                },
                { ...closed, description: "A computed cluster in place of `symbols`. Another version or capture than stated is refused." },
              ),
            ),
            limit: limitValue("amount", "multiple", "Largest gross exposure of its symbols together."),
            comparison,
          },
          closed,
        ),
      ),
      "Symbols that count as one risk.",
    ),
    portfolio_heat: limit("What all positions lose at their stops; without a stop, their whole value."),
    slippage: nullable(
      Type.Object({ fraction: decimal("multiple", { description: "Of the last price." }) }, closed),
      "Worst price that an order accepts, or that the run's slippage leads to, beyond the last one.",
    ),
  },
  { ...closed, description: "Each is optional; null or left out is not checked." },
);

const TradingSchema = Type.Object(
  {
    enabled: Type.Optional(Type.Boolean({ default: true, description: "False refuses every entry." })),
    hours_only: Type.Optional(Type.Boolean({ default: false, description: "Refuse orders outside the sessions of their calendar." })),
    blacklist: Type.Optional(list("Symbols that are never entered.")),
    allowed: nullable(list(""), "Symbols that may be entered. `null` or left out: all; an empty list: none."),
    orders_per_minute: count("Orders that pass within a minute."),
    cancels_per_minute: count("Cancels within a minute after which no new order passes. Cancels always do."),
    duplicate_seconds: seconds("For so long the same order again is refused.", 1),
    stale_price_seconds: seconds("Oldest price that an order is judged by.", 0),
    readiness_seconds: seconds("Oldest newest closed bar; faults of the bars refuse as well. `90` lets 90 s pass.", 0),
    price_collar: nullable(
      decimal("multiple", { description: "" }),
      "Farthest that a limit or stop price may be from the last price, as a fraction of it.",
    ),
    refuse_self_cross: Type.Optional(
      Type.Boolean({ default: false, description: "Refuse an order that could trade with one of the account's own." }),
    ),
    crossing: Type.Optional(
      Type.Enum(["allow", "split", "refuse"], {
        default: "allow",
        description:
          "What becomes of an order that would turn a position over. `split`: its closing part passes as an exit, the rest is an entry.",
      }),
    ),
  },
  { ...closed, description: "Rules that are no amounts." },
);

const KillSwitchSchema = Type.Object(
  {
    enabled: Type.Optional(Type.Boolean({ default: true, description: "False: nothing trips it, and no kill level may be stated." })),
    lock_hours: Type.Optional(decimal("not_negative", { default: "0", description: "After a trip it cannot be reset for so long." })),
    actions: Type.Optional(
      Type.Object(
        {
          cancel_orders: Type.Optional(Type.Boolean({ default: true, description: "Cancel open orders." })),
          flatten: Type.Optional(Type.Boolean({ default: false, description: "Close positions." })),
          notify: Type.Optional(
            Type.Array(Type.String({ pattern: "^[a-z][a-z0-9_-]{0,31}$", "x-expected": "a channel such as log or email" }), {
              description: "Channels that are told, through the outbox.",
            }),
          ),
        },
        { ...closed, description: "What a trip does beside refusing every order." },
      ),
    ),
    rejection_rate: nullable(
      Type.Object(
        {
          fraction: decimal("part", { description: "Of the orders." }),
          orders: Type.Integer({ minimum: 1, maximum: 1_000_000, description: "Fewest orders that are judged." }),
          minutes: Type.Integer({ minimum: 1, maximum: 525_600, description: "Length of the window." }),
        },
        closed,
      ),
      "Trips when more of the orders than this were rejected.",
    ),
    data_staleness_seconds: seconds("Trips when no bar came for so long.", 1),
    reconciliation_difference: nullable(
      limitValue("amount", "part", "The limit."),
      "Trips when positions or cash differ from the venue's by more.",
    ),
  },
  { ...closed, description: "Its triggers beside the kill levels of the limits, and what a trip does." },
);

const stage = (description: string) => Type.Optional(Type.Enum(["observe", "enforce"], { default: "enforce", description }));

const PolicyFileSchema = Type.Object(
  {
    $schema: Type.Optional(Type.String({ description: "Where editors find this schema." })),
    name: Type.Optional(
      Type.String({
        pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
        "x-expected": "a name of letters, digits, dots, dashes and underscores",
        default: "policy",
        description: "Name that decisions and reports show.",
      }),
    ),
    enforcement: Type.Optional(
      Type.Object(
        {
          contracts: stage("Shapes of bars, signals and orders. Variable `ENABLE_CONTRACTS`."),
          sla: stage("Readiness of data. Variable `ENABLE_SLA_CHECKS`."),
          guards: stage("Everything that limits what is traded. Variable `ENABLE_RISK_GUARDS`."),
        },
        {
          ...closed,
          description:
            "`observe` records what would have been refused. Cash, price and quantity are always enforced, and live enforces everything.",
        },
      ),
    ),
    trading: Type.Optional(TradingSchema),
    limits: Type.Optional(LimitsSchema),
    drawdown_scaling: Type.Optional(
      Type.Array(
        Type.Object(
          {
            from: decimal("part", { description: "Drawdown, as a fraction of peak equity." }),
            multiply: decimal("share", { description: "What sizes are multiplied by from there on; 0 is no entry." }),
          },
          closed,
        ),
        {
          description: "Sizes by drawdown: the last row that is reached holds. Ascending by `from`, each row smaller than the one before.",
        },
      ),
    ),
    kill_switch: Type.Optional(KillSwitchSchema),
    daily_freeze: Type.Optional(
      Type.Object(
        {
          enabled: Type.Boolean({
            description:
              "Whether the daily loss limit, once reached, refuses entries until the next session day, even when the loss is made good.",
          }),
        },
        { ...closed, description: "Default: off." },
      ),
    ),
    day_calendar: nullable(
      Type.Enum([...CALENDAR_IDS]),
      "Calendar whose sessions are the days of daily figures. Null: the first instrument's.",
    ),
  },
  {
    ...closed,
    title: "Onetape risk policy",
    description: "What the risk gate lets through, refuses and halts at. Everything is optional; a file states what it wants checked.",
  },
);

/** A limit's value as a file states it; losses perhaps with a sign. */
export type LimitValueFields = { amount: string; currency: string } | { fraction: string; fraction_of: "equity" };

export interface LimitFields {
  limit: LimitValueFields;
  comparison?: "exceeds" | "reaches";
}

export interface LossFields {
  alert?: LimitValueFields | null;
  limit?: LimitValueFields | null;
  kill?: LimitValueFields | null;
  comparison?: "exceeds" | "reaches";
}

export interface CountFields {
  alert?: number | null;
  limit?: number | null;
  kill?: number | null;
}

/** Either symbols or a cluster. */
export interface GroupFields extends LimitFields {
  name: string;
  symbols?: string[];
  cluster?: { file: string; calc_version: string; capture_id: string; cluster_id: string };
}

export interface LimitsFields {
  daily_loss?: LossFields | null;
  drawdown?: LossFields | null;
  consecutive_losses?: CountFields | null;
  notional_min?: LimitFields | null;
  notional_max?: LimitFields | null;
  risk_per_trade?: (LimitFields & { measure: "notional" | "stop_distance" }) | null;
  fat_finger?: { fraction: string; bars: number } | null;
  position_value?: LimitFields | null;
  position_qty?: { qty: string; comparison?: "exceeds" | "reaches" } | null;
  open_positions?: { limit: number } | null;
  gross_exposure?: LimitFields | null;
  net_exposure?: LimitFields | null;
  asset_class_exposure?: { [K in "equity" | "crypto" | "fx" | "future" | "index" | "other"]?: LimitFields | null } | null;
  correlation_groups?: GroupFields[] | null;
  portfolio_heat?: LimitFields | null;
  slippage?: { fraction: string } | null;
}

export interface KillSwitchFields {
  enabled?: boolean;
  lock_hours?: string;
  actions?: { cancel_orders?: boolean; flatten?: boolean; notify?: string[] };
  rejection_rate?: { fraction: string; orders: number; minutes: number } | null;
  data_staleness_seconds?: number | null;
  reconciliation_difference?: LimitValueFields | null;
}

export interface TradingFields {
  enabled?: boolean;
  hours_only?: boolean;
  blacklist?: string[];
  allowed?: string[] | null;
  orders_per_minute?: number | null;
  cancels_per_minute?: number | null;
  duplicate_seconds?: number | null;
  stale_price_seconds?: number | null;
  readiness_seconds?: number | null;
  price_collar?: string | null;
  refuse_self_cross?: boolean;
  crossing?: "allow" | "split" | "refuse";
}

type Stage = "observe" | "enforce";

/** A policy file after its check, before defaults. */
export interface PolicyFile {
  name?: string;
  enforcement?: { contracts?: Stage; sla?: Stage; guards?: Stage };
  trading?: TradingFields;
  limits?: LimitsFields;
  drawdown_scaling?: { from: string; multiply: string }[];
  kill_switch?: KillSwitchFields;
  daily_freeze?: { enabled: boolean };
  day_calendar?: string | null;
}

/** Names a checked tree by its type; the compiler compares the type with the schema. */
export function asPolicyFile(checked: Json): PolicyFile {
  return checked as unknown as Type.Static<typeof PolicyFileSchema>;
}

export const policyFileSchema: JsonSchema = PolicyFileSchema as Type.TSchema as JsonSchema;
