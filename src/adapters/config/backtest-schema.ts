import * as Type from "typebox";
import type { Json } from "../../core/tape/event.js";
import { CorporateActionsSchema, type FinancingFields, FinancingSchema, type FxFields, FxSchema } from "./account-schema.js";
import { decimal } from "./decimal-schema.js";
import { type ExecutionFields, executionSchema, type SizingFields, sizingSchema } from "./execution-schema.js";
import { type InstrumentEntry, instrumentEntrySchema } from "./instruments-schema.js";
import type { JsonSchema } from "./schema-check.js";
import { type BenchmarkFields, BenchmarkSchema, OutOfSampleSchema, type TrialsFields, TrialsSchema } from "./yardstick-schema.js";

const closed = { additionalProperties: false } as const;

const moment = {
  pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,3})?)?(Z|[+-][0-9]{2}:[0-9]{2}))?$",
  "x-expected": "a date such as 2024-01-31, or a time with its zone such as 2024-01-31T14:30:00Z",
} as const;

const ImportSchema = Type.Object(
  {
    stamp: Type.Optional(
      Type.Enum(["open", "close"], {
        description: "Whether a row's time is the start or the end of its bar. Required where the file does not say it.",
      }),
    ),
    tz: Type.Optional(
      Type.String({ minLength: 1, default: "UTC", description: "IANA zone of times that carry none, for example `America/New_York`." }),
    ),
    columns: Type.Optional(
      Type.Record(Type.String(), Type.String({ minLength: 1 }), {
        description: "Field of a bar to column of the file, where they differ, for example `{ ts: Date, close: Last }`.",
      }),
    ),
  },
  { ...closed, description: "How the rows of `file` become bars." },
);

const DataSchema = Type.Object(
  {
    symbol: Type.String({ minLength: 1, description: "The symbol." }),
    set: Type.Optional(
      Type.String({
        minLength: 1,
        default: "latest",
        description: "`latest` capture, or the beginning of a capture's or column set's id.",
      }),
    ),
    price_mode: Type.Enum(["raw", "adjusted"], {
      description: "Whether prices are as traded, or carry split and dividend factors. Nobody can guess this, so it is required.",
    }),
    basis: Type.Optional(Type.Enum(["trade", "bid", "ask", "mid"], { default: "trade", description: "What a price column means." })),
    quotes: Type.Optional(
      Type.Object(
        {
          bid: Type.Optional(Type.String({ minLength: 1, default: "latest", description: "Set of the bid's bars." })),
          ask: Type.Optional(Type.String({ minLength: 1, default: "latest", description: "Set of the ask's bars." })),
        },
        {
          ...closed,
          description:
            "Bars of bid and ask to fill at: buys at the ask, sells at the bid, and neither in a minute without a quote. `{}` takes the latest. Left out: orders fill at the bars themselves.",
        },
      ),
    ),
    file: Type.Optional(
      Type.String({ minLength: 1, description: "A file of bars to import first. Unchanged bytes are recognised and stored once." }),
    ),
    import: Type.Optional(ImportSchema),
  },
  closed,
);

const policyName = Type.String({
  minLength: 1,
  description: "A preset (axiom, vibe, finam-1.4, finam-1.5), or the path of a policy file.",
});

const RiskSchema = Type.Object(
  {
    policy: Type.Union([policyName, Type.Array(policyName, { minItems: 1 })], {
      description:
        "A preset (`axiom`, `vibe`, `finam-1.4`, `finam-1.5`), the path of a policy file, or a list of them: then the tightest of each limit holds.",
    }),
  },
  {
    ...closed,
    description:
      "The risk policy that every order must pass. Left out: only the checks that are never switched off. `ENABLE_CONTRACTS`, `ENABLE_SLA_CHECKS` and `ENABLE_RISK_GUARDS` (on, off) decide its stages in backtest and paper.",
  },
);

/** A backtest's config file. */
const BacktestFileSchema = Type.Object(
  {
    $schema: Type.Optional(Type.String({ description: "Where editors find this schema." })),
    strategy: Type.Optional(
      Type.String({
        minLength: 1,
        description: "The strategy's TypeScript file, relative to this file. Required where there are no `signals`.",
      }),
    ),
    signals: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          "A CSV file of bracket signals to follow in place of a strategy, relative to this file. Its `params`: `entry` (touch, stop, limit), `tif` (DAY, GTC), `flat_at_close`.",
      }),
    ),
    params: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: "Parameters of the strategy by name. Those left out take the strategy's defaults.",
      }),
    ),
    data: Type.Array(DataSchema, { minItems: 1, description: "The bars of each symbol." }),
    timeframe: Type.Optional(
      Type.Enum(["1m", "5m", "15m", "1h", "1d"], {
        default: "1m",
        description: "Length of the bars the strategy sees. Longer ones than a minute mark the run as research.",
      }),
    ),
    from: Type.Optional(
      Type.String({
        ...moment,
        description: "First close time to deliver. A bare date means the first bar of that UTC day. Default: the first bar there is.",
      }),
    ),
    to: Type.Optional(
      Type.String({
        ...moment,
        description: "Last close time to deliver. A bare date means the last bar of that UTC day. Default: the last bar there is.",
      }),
    ),
    max_bars: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: Number.MAX_SAFE_INTEGER,
        description: "Most bars to deliver, over all symbols. Default: no limit.",
      }),
    ),
    account: Type.Object(
      {
        currency: Type.String({
          pattern: "^[A-Z][A-Z0-9]{1,9}$",
          "x-expected": "a currency code such as USD",
          description: "Currency of the account.",
        }),
        cash: decimal("positive", { description: "Cash at the start." }),
        scale: Type.Optional(
          Type.Integer({
            minimum: 0,
            maximum: 12,
            description:
              "Digits after the point of balances and fees. Default: the minor unit of ISO 4217 (USD 2, KRW 0), 8 for any other code.",
          }),
        ),
      },
      { ...closed, description: "The account at the start." },
    ),
    instruments: Type.Optional(
      Type.Union([Type.String({ minLength: 1 }), Type.Array(instrumentEntrySchema)], {
        description:
          "Tick, lot, calendar and settlement: a list, or the path of an instruments file. What nobody states is guessed, and marked as a guess.",
      }),
    ),
    execution: Type.Optional(Type.Unsafe<ExecutionFields>(executionSchema)),
    sizing: Type.Optional(Type.Unsafe<SizingFields>(sizingSchema)),
    on_end: Type.Optional(
      Type.Enum(["keep", "flatten"], {
        default: "keep",
        description: "Whether positions that are open when the data end are closed at the last close.",
      }),
    ),
    financing: Type.Optional(FinancingSchema),
    corporate_actions: Type.Optional(CorporateActionsSchema),
    fx: Type.Optional(FxSchema),
    forbid_flips: Type.Optional(
      Type.Boolean({
        default: false,
        description: "Refuse an order that may turn a position over, long to short or short to long: it must be closed first.",
      }),
    ),
    risk: Type.Optional(RiskSchema),
    benchmark: Type.Optional(BenchmarkSchema),
    trials: Type.Optional(TrialsSchema),
    out_of_sample_from: Type.Optional(OutOfSampleSchema),
    time_budget_ms: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 3_600_000,
        default: 5000,
        description: "Most milliseconds that one call of a handler may take.",
      }),
    ),
    append: Type.Optional(
      Type.Enum(["block", "strict"], {
        default: "block",
        description: "Commit events in blocks, or each before any handler sees it. Same bytes either way.",
      }),
    ),
  },
  { ...closed, title: "Onetape backtest", description: "What a backtest runs, on which bars, and how its orders fill." },
);

/** A config file after its check, before defaults. */
export interface BacktestFile {
  strategy?: string;
  signals?: string;
  params?: { [name: string]: unknown };
  data: {
    symbol: string;
    set?: string;
    price_mode: "raw" | "adjusted";
    basis?: "trade" | "bid" | "ask" | "mid";
    quotes?: { bid?: string; ask?: string };
    file?: string;
    import?: { stamp?: "open" | "close"; tz?: string; columns?: { [field: string]: string } };
  }[];
  timeframe?: "1m" | "5m" | "15m" | "1h" | "1d";
  from?: string;
  to?: string;
  max_bars?: number;
  account: { currency: string; cash: string; scale?: number };
  instruments?: string | InstrumentEntry[];
  execution?: ExecutionFields;
  sizing?: SizingFields;
  on_end?: "keep" | "flatten";
  financing?: FinancingFields;
  corporate_actions?: { [symbol: string]: string };
  fx?: FxFields;
  forbid_flips?: boolean;
  risk?: { policy: string | string[] };
  benchmark?: BenchmarkFields;
  trials?: TrialsFields;
  out_of_sample_from?: string;
  time_budget_ms?: number;
  append?: "block" | "strict";
}

/** Names a checked tree by its type; the compiler compares the type with the schema. */
export function asBacktestFile(checked: Json): BacktestFile {
  return checked as unknown as Type.Static<typeof BacktestFileSchema>;
}

export const backtestFileSchema: JsonSchema = BacktestFileSchema as Type.TSchema as JsonSchema;
