/** What an account meets besides orders: financing, corporate actions, exchange rates. */
import * as Type from "typebox";
import { decimal } from "./decimal-schema.js";

const closed = { additionalProperties: false } as const;

const Financing = Type.Object(
  {
    day_count: Type.Enum(["ACT/365F", "ACT/360"], {
      description: "Days of a year: actual calendar days over 365, or over 360.",
    }),
    borrow_rate: Type.Optional(
      decimal("not_negative", { default: "0", description: "What borrowing for a short costs, as a fraction of its market value a year." }),
    ),
    borrow_rates: Type.Optional(
      Type.Record(Type.String(), decimal("not_negative", { description: "Fraction a year." }), {
        description: "Rates of single symbols, over `borrow_rate`.",
      }),
    ),
    credit_rate: Type.Optional(decimal("any", { default: "0", description: "Interest on positive cash, as a fraction a year." })),
    debit_rate: Type.Optional(decimal("any", { default: "0", description: "Interest on negative cash, as a fraction a year." })),
    short_proceeds: Type.Optional(
      Type.Enum(["excluded", "included"], {
        default: "excluded",
        description: "Whether cash that short sales brought earns the credit rate. It is the lender's security, so by default it does not.",
      }),
    ),
  },
  {
    ...closed,
    description:
      "Interest on cash and the cost of borrowing, at each session's close for the calendar days since the one before. Default: none.",
  },
);

const CorporateActions = Type.Record(Type.String(), Type.String({ minLength: 1 }), {
  description:
    "Factor file of each symbol: splits change its positions, dividends are paid in cash. Only for symbols with `price_mode: raw`, whose prices do not carry them already.",
});

const Fx = Type.Object(
  {
    pivot: Type.Optional(
      Type.String({
        pattern: "^[A-Z][A-Z0-9]{1,9}$",
        "x-expected": "a currency code such as USD",
        description: "Currency to which all others are joined. Default: the account's.",
      }),
    ),
    max_age_hours: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 87_600,
        default: 120,
        description: "Oldest that a dated rate may be when it is used. Five days reach over a long weekend.",
      }),
    ),
    rates: Type.Optional(
      Type.Array(
        Type.Object(
          {
            pair: Type.String({
              pattern: "^[A-Z][A-Z0-9]{1,9}/[A-Z][A-Z0-9]{1,9}$",
              "x-expected": "two currency codes such as EUR/USD",
              description: "One of the first is `rate` of the second.",
            }),
            rate: decimal("positive", { description: "A constant rate." }),
          },
          closed,
        ),
        { description: "Constant rates." },
      ),
    ),
    file: Type.Optional(
      Type.String({
        minLength: 1,
        description: "CSV file of dated rates with the columns `time,pair,rate`. A bare date is known from the end of that UTC day on.",
      }),
    ),
  },
  { ...closed, description: "The run's one set of exchange rates, for instruments quoted in other currencies than the account's." },
);

export interface FinancingFields {
  day_count: "ACT/365F" | "ACT/360";
  borrow_rate?: string;
  borrow_rates?: { [symbol: string]: string };
  credit_rate?: string;
  debit_rate?: string;
  short_proceeds?: "excluded" | "included";
}

export interface FxFields {
  pivot?: string;
  max_age_hours?: number;
  rates?: { pair: string; rate: string }[];
  file?: string;
}

export const FinancingSchema: Type.TUnsafe<FinancingFields> = Type.Unsafe<FinancingFields>(Financing);
export const CorporateActionsSchema: Type.TUnsafe<{ [symbol: string]: string }> = Type.Unsafe<{ [symbol: string]: string }>(
  CorporateActions,
);
export const FxSchema: Type.TUnsafe<FxFields> = Type.Unsafe<FxFields>(Fx);
