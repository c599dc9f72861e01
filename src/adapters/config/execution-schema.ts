/** How orders fill and how large they are, as config files and strategies state it. */
import * as Type from "typebox";
import type { Json } from "../../core/tape/event.js";
import { decimal } from "./decimal-schema.js";
import type { JsonSchema } from "./schema-check.js";

const closed = { additionalProperties: false } as const;

const FeesSchema = Type.Union(
  [
    Type.Object({ model: Type.Literal("none") }, { ...closed, description: "No commission." }),
    Type.Object(
      { model: Type.Literal("bps"), bps: decimal("not_negative", { description: "Basis points of the traded value." }) },
      { ...closed, description: "A share of the traded value." },
    ),
    Type.Object(
      {
        model: Type.Literal("maker_taker"),
        maker_bps: decimal("not_negative", { description: "Basis points of what rests at its price." }),
        taker_bps: decimal("not_negative", { description: "Basis points of what takes a price." }),
      },
      { ...closed, description: "A share of the traded value that depends on who waited for whom." },
    ),
    Type.Object(
      {
        model: Type.Literal("per_share"),
        amount: decimal("not_negative", { description: "Per unit of quantity." }),
        minimum: Type.Optional(decimal("not_negative", { default: "0", description: "Least commission of an order." })),
        cap_fraction: Type.Optional(
          decimal("positive", { description: "Most commission, as a fraction of the traded value. Left out: no cap." }),
        ),
      },
      { ...closed, description: "An amount per unit, with a minimum and a cap." },
    ),
    Type.Object(
      { model: Type.Literal("fixed"), amount: decimal("not_negative", { description: "Per order." }) },
      { ...closed, description: "The same amount for every order." },
    ),
  ],
  { description: "Commission. Amounts are in the account's currency, rounded half-even to its scale. Default: none." },
);

const SlippageSchema = Type.Union(
  [
    Type.Object(
      { model: Type.Literal("bps"), bps: decimal("not_negative", { description: "Basis points of the price." }) },
      { ...closed, description: "A share of the price." },
    ),
    Type.Object(
      { model: Type.Literal("ticks"), ticks: decimal("not_negative", { description: "Price ticks." }) },
      { ...closed, description: "A number of price ticks." },
    ),
    Type.Object(
      {
        model: Type.Literal("volume_share"),
        impact: decimal("not_negative", { description: "Share of the price at an order as large as the bar's volume." }),
      },
      { ...closed, description: "Grows with the square of the order's share of the bar's volume." },
    ),
    Type.Object(
      {
        model: Type.Literal("sqrt_impact"),
        bps: decimal("not_negative", { description: "Basis points of the price at an order as large as the bar's volume." }),
      },
      { ...closed, description: "Grows with the square root of the order's share of the bar's volume." },
    ),
  ],
  { description: "Adverse slippage of market and stop fills. Default: none." },
);

/** What decides how orders fill. Also the shape of a strategy's own `defaults.execution`. */
const ExecutionSchema = Type.Object(
  {
    fill_timing: Type.Optional(
      Type.Enum(["next_open", "signal_close"], {
        default: "next_open",
        description: "When a market order fills: at the open of the next bar, or at the close of the bar it was decided on.",
      }),
    ),
    limit_fill: Type.Optional(
      Type.Enum(["cross", "touch"], {
        default: "cross",
        description: "Whether a limit order fills when the price trades through it, or already when it touches it.",
      }),
    ),
    cash_short: Type.Optional(
      Type.Enum(["reject", "reduce"], {
        default: "reject",
        description: "What happens to an order whose cost exceeds the account's means at the fill.",
      }),
    ),
    intrabar: Type.Optional(
      Type.Enum(["stop_first", "target_first", "nearer_extreme"], {
        default: "stop_first",
        description: "Which exit of a position comes first when one bar reaches both its stop and its target.",
      }),
    ),
    slippage_bps: Type.Optional(
      decimal("not_negative", { description: "Short for `slippage: { model: bps, bps: … }`. Give one of the two." }),
    ),
    slippage: Type.Optional(SlippageSchema),
    fees: Type.Optional(FeesSchema),
    sell_tax_bps: Type.Optional(decimal("not_negative", { default: "0", description: "Tax on the value of every sale, in basis points." })),
    participation: Type.Optional(
      decimal("positive", {
        description:
          "Most of a bar's volume that orders of one symbol may fill, as a fraction up to 1. The rest works on. Default: no limit.",
      }),
    ),
    latency_bars: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100_000,
        default: 0,
        description: "Bars that pass before an order, a cancel or a change reaches the venue.",
      }),
    ),
  },
  {
    ...closed,
    description:
      "How orders fill and what they cost. Field by field: this file, then the strategy's defaults, then the defaults named here.",
  },
);

/** How much an entry buys or sells. Also the shape of a strategy's own `defaults.sizing`. */
const SizingSchema = Type.Object(
  {
    mode: Type.Optional(
      Type.Enum(["fixed", "pct_equity", "risk_stop", "atr"], {
        default: "fixed",
        description:
          "The same quantity each time, a percentage of equity at the reference price, or what loses a percentage of equity at the stop or a multiple of the average true range.",
      }),
    ),
    qty: Type.Optional(decimal("positive", { default: "1", description: "Quantity of mode `fixed`." })),
    pct: Type.Optional(
      decimal("positive", { description: "Percentage of mode `pct_equity`: 10 is a tenth of equity. Floored to the lot." }),
    ),
    risk_pct: Type.Optional(decimal("positive", { description: "Percentage of equity that modes `risk_stop` and `atr` may lose." })),
    max_position_pct: Type.Optional(
      decimal("positive", {
        description: "Most value of an entry in modes `risk_stop` and `atr`, as a percentage of equity. Default: no cap.",
      }),
    ),
    period: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 10_000, default: 14, description: "Bars of mode `atr`'s average true range (Wilder)." }),
    ),
    multiple: Type.Optional(
      decimal("positive", { default: "2", description: "Average true ranges between entry and stop in mode `atr`." }),
    ),
    cash_buffer_pct: Type.Optional(
      decimal("not_negative", { default: "0", description: "Percentage of equity that percentage targets leave in cash." }),
    ),
    drift_band_pct: Type.Optional(
      decimal("not_negative", {
        default: "0",
        description: "Percentage of equity by which a position may differ from its percentage target before it is traded.",
      }),
    ),
  },
  { ...closed, description: "Quantity of signals that name none." },
);

/** `execution` as a file or a strategy states it. */
export interface ExecutionFields {
  fill_timing?: "next_open" | "signal_close";
  limit_fill?: "cross" | "touch";
  cash_short?: "reject" | "reduce";
  intrabar?: "stop_first" | "target_first" | "nearer_extreme";
  slippage_bps?: string;
  slippage?: SlippageFields;
  fees?: FeeFields;
  sell_tax_bps?: string;
  participation?: string;
  latency_bars?: number;
}

export type SlippageFields =
  | { model: "bps"; bps: string }
  | { model: "ticks"; ticks: string }
  | { model: "volume_share"; impact: string }
  | { model: "sqrt_impact"; bps: string };

export type FeeFields =
  | { model: "none" }
  | { model: "bps"; bps: string }
  | { model: "maker_taker"; maker_bps: string; taker_bps: string }
  | { model: "per_share"; amount: string; minimum?: string; cap_fraction?: string }
  | { model: "fixed"; amount: string };

/** `sizing` as a file or a strategy states it. */
export interface SizingFields {
  mode?: "fixed" | "pct_equity" | "risk_stop" | "atr";
  qty?: string;
  pct?: string;
  risk_pct?: string;
  max_position_pct?: string;
  period?: number;
  multiple?: string;
  cash_buffer_pct?: string;
  drift_band_pct?: string;
}

/** Names a checked tree by its type; the compiler compares the type with the schema. */
export function asExecutionFields(checked: Json): ExecutionFields {
  return checked as Type.Static<typeof ExecutionSchema>;
}

export function asSizingFields(checked: Json): SizingFields {
  return checked as Type.Static<typeof SizingSchema>;
}

export const executionSchema: JsonSchema = ExecutionSchema as Type.TSchema as JsonSchema;
export const sizingSchema: JsonSchema = SizingSchema as Type.TSchema as JsonSchema;
