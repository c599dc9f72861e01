/** The layout of risk files with `guards`, `kill_switch.triggers` and `exposure`: what the preset axiom's numbers come from. */
import * as Type from "typebox";
import type { Json } from "../../core/tape/event.js";
import { type DecimalForm, decimal } from "./decimal-schema.js";
import type { JsonSchema } from "./schema-check.js";

const closed = { additionalProperties: false } as const;

/** Left out: the layout's own default. Null: not checked. */
function number(form: DecimalForm, standard: string, description: string) {
  return Type.Optional(Type.Union([decimal(form, { description: "" }), Type.Null()], { description, default: standard }));
}

function count(standard: number, description: string) {
  return Type.Optional(Type.Union([Type.Integer({ minimum: 1, maximum: 1_000_000 }), Type.Null()], { description, default: standard }));
}

function choice(standard: boolean, description: string) {
  return Type.Optional(Type.Boolean({ default: standard, description }));
}

const IGNORED = "Not a matter of policy: named in a note, and ignored.";

const GuardsFileSchema = Type.Object(
  {
    currency: Type.Optional(
      Type.String({
        pattern: "^(base|[A-Z][A-Z0-9]{1,9})$",
        "x-expected": "a currency code such as USD, or base for the account's own",
        default: "EUR",
        description: "Currency of all amounts.",
      }),
    ),
    sizing: Type.Optional(
      Type.Object(
        {
          default_mode: Type.Optional(
            Type.Enum(["fixed", "pct_equity", "risk"], {
              default: "risk",
              description: "Sizing of the run, where that states none itself.",
            }),
          ),
          fixed: Type.Optional(
            Type.Object({ default_qty: Type.Optional(decimal("amount", { default: "1", description: "Quantity." })) }, closed),
          ),
          pct_equity: Type.Optional(
            Type.Object(
              { default_pos_pct: Type.Optional(decimal("amount", { default: "10", description: "Percentage of equity." })) },
              closed,
            ),
          ),
          risk: Type.Optional(
            Type.Object(
              {
                default_risk_pct: Type.Optional(decimal("amount", { default: "1", description: "Percentage of equity at risk." })),
                max_pos_pct: Type.Optional(decimal("amount", { default: "20", description: "Largest position, percentage of equity." })),
              },
              closed,
            ),
          ),
          min_qty: Type.Optional(
            decimal("amount", { default: "1", description: "The instrument states it: named in a note, and ignored." }),
          ),
          tick_size: Type.Optional(decimal("amount", { default: "1", description: "The same." })),
        },
        closed,
      ),
    ),
    guards: Type.Optional(
      Type.Object(
        {
          enabled: choice(true, "False: the guards observe."),
          max_daily_loss: number("loss", "1000", "Loss of a day; a sign is ignored."),
          max_drawdown: number("loss", "1500", "Fall from the highest equity; a sign is ignored."),
          max_gross_exposure: number("amount", "50000", "Longs plus shorts."),
          max_qty_per_symbol: number("amount", "100", "Largest quantity of one symbol's position."),
          max_consecutive_losses: count(5, "Losing trades in a row after which entries are refused."),
          max_slippage_pct: number("amount", "5", "Percentage of the last price."),
        },
        closed,
      ),
    ),
    kill_switch: Type.Optional(
      Type.Object(
        {
          enabled: choice(true, "False: nothing trips it."),
          triggers: Type.Optional(
            Type.Object(
              {
                max_daily_loss: number("loss", "1000", "Loss of a day that trips it."),
                max_drawdown_from_peak: number("loss", "1500", "Fall from the highest equity that trips it."),
                consecutive_losses: count(5, "Losing trades in a row that trip it."),
              },
              closed,
            ),
          ),
          actions: Type.Optional(
            Type.Object(
              {
                cancel_all_orders: choice(true, "Cancel open orders."),
                close_all_positions: choice(false, "Close positions."),
                notify: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { description: "Channels; left out: log and email." })),
                lock_duration_hours: Type.Optional(
                  decimal("not_negative", { default: "24", description: "After a trip it cannot be reset for so long." }),
                ),
              },
              closed,
            ),
          ),
        },
        closed,
      ),
    ),
    exposure: Type.Optional(
      Type.Object(
        {
          max_open_positions: count(10, "Symbols held at once."),
          max_orders_per_minute: count(5, "Orders that pass within a minute."),
          blacklist_symbols: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { description: "Symbols that are never entered." })),
          trading_hours_only: choice(true, "Refuse orders outside the sessions of their calendar."),
        },
        closed,
      ),
    ),
    broker: Type.Optional(
      Type.Object(
        {
          order_timeout_seconds: Type.Optional(Type.Integer({ minimum: 0, description: IGNORED })),
          max_retries: Type.Optional(Type.Integer({ minimum: 0, description: IGNORED })),
          retry_delay_seconds: Type.Optional(Type.Integer({ minimum: 0, description: IGNORED })),
        },
        closed,
      ),
    ),
  },
  {
    ...closed,
    title: "Onetape risk policy, guards layout",
    description:
      "A risk file with `guards` is read as it is. What it leaves out has this layout's default, which is the preset `axiom`; null is not checked.",
  },
);

/** A risk file of this layout after its check. */
export interface GuardsFile {
  currency?: string;
  sizing?: {
    default_mode?: "fixed" | "pct_equity" | "risk";
    fixed?: { default_qty?: string };
    pct_equity?: { default_pos_pct?: string };
    risk?: { default_risk_pct?: string; max_pos_pct?: string };
    min_qty?: string;
    tick_size?: string;
  };
  guards?: {
    enabled?: boolean;
    max_daily_loss?: string | null;
    max_drawdown?: string | null;
    max_gross_exposure?: string | null;
    max_qty_per_symbol?: string | null;
    max_consecutive_losses?: number | null;
    max_slippage_pct?: string | null;
  };
  kill_switch?: {
    enabled?: boolean;
    triggers?: { max_daily_loss?: string | null; max_drawdown_from_peak?: string | null; consecutive_losses?: number | null };
    actions?: { cancel_all_orders?: boolean; close_all_positions?: boolean; notify?: string[]; lock_duration_hours?: string };
  };
  exposure?: {
    max_open_positions?: number | null;
    max_orders_per_minute?: number | null;
    blacklist_symbols?: string[];
    trading_hours_only?: boolean;
  };
  broker?: { order_timeout_seconds?: number; max_retries?: number; retry_delay_seconds?: number };
}

/** Names a checked tree by its type; the compiler compares the type with the schema. */
export function asGuardsFile(checked: Json): GuardsFile {
  return checked as unknown as Type.Static<typeof GuardsFileSchema>;
}

export const guardsFileSchema: JsonSchema = GuardsFileSchema as Type.TSchema as JsonSchema;
