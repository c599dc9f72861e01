/** Declarations of the tables that a sheet is exported as. */
import type { ColumnSchema, TableSchema } from "../projections/table.js";
import { tradesSchema } from "../projections/trades-table.js";

const text = (doc: string, nullable = false): ColumnSchema => ({ type: "text", unit: null, nullable, doc });
const money = (doc: string): ColumnSchema => ({ type: "decimal", unit: "currency", nullable: false, min_scale: 8, doc });
const count = (doc: string): ColumnSchema => ({ type: "int64", unit: "count", nullable: false, doc });
const time = (doc: string, nullable = false): ColumnSchema => ({ type: "timestamp_ms", unit: "UTC", nullable, doc });
const fraction = (doc: string, nullable = false): ColumnSchema => ({ type: "float64", unit: "fraction", nullable, doc });

export const metricsSchema: TableSchema = {
  name: "metrics",
  grain: "one row per metric",
  sort_key: ["id"],
  columns: {
    id: text("Id of the metric."),
    title: text("Group that the metric stands in."),
    name: text("Name for people."),
    value: { type: "float64", unit: null, nullable: true, doc: "The value as a double; absent where it is undefined." },
    exact: text("The value as it is stored: exact decimal text for money.", true),
    unit: text("What the value counts in."),
    state: text("`ok` or `undefined`."),
    reason: text("Why there is no value.", true),
    n: { type: "int64", unit: "count", nullable: true, doc: "Number of observations." },
    standard_error: { type: "float64", unit: null, nullable: true, doc: "Standard error of the value, where it has one." },
    calc_name: text("Calculation behind the value."),
    calc_version: text("Version of the calculation."),
    definition: text("The definition."),
  },
};

export const statementsSchema: TableSchema = {
  name: "assumptions",
  grain: "one row per assumption",
  sort_key: ["id"],
  columns: {
    id: text("Id of the assumption."),
    name: text("Name for people."),
    value: text("What was assumed."),
    mark: text("`guess` where nobody stated it, `warning` where it limits the result's use.", true),
  },
};

export const sessionsSchema: TableSchema = {
  name: "sessions",
  grain: "one row per session mark",
  sort_key: ["ts"],
  columns: {
    ts: time("Time of the mark."),
    session: text("Session date at the exchange; absent for a mark outside every session.", true),
    equity: money("Equity at the mark."),
    return_fraction: fraction(
      "Simple return on the mark before, the first on the initial cash; absent once equity was not positive.",
      true,
    ),
  },
};

export const contributionSchema: TableSchema = {
  name: "contribution",
  grain: "one row per symbol, hour and weekday",
  sort_key: ["by", "key"],
  columns: {
    by: text("`symbol`, `hour` or `weekday`."),
    key: text("Symbol; UTC hour or weekday of a trade's entry."),
    net_pnl: money("Profit after commission. Symbols include open positions; hours and weekdays count finished trades."),
    trades: count("Finished trades."),
  },
};

export const costsSchema: TableSchema = {
  name: "costs",
  grain: "one row per step from profit before costs to net profit",
  sort_key: ["step"],
  columns: {
    step: count("Order of the steps."),
    id: text("Id of the step."),
    name: text("Name for people."),
    kind: text("`total`, or `change` of the total before."),
    amount: money("Amount; costs are negative."),
  },
};

export const tradesSheetSchema: TableSchema = {
  name: "trades",
  grain: "one row per round trip, with its excursions",
  sort_key: ["trade"],
  columns: {
    ...pick("trade", "symbol", "side", "status", "entry_ts", "exit_ts", "qty", "entry_price", "exit_price", "gross_pnl", "commission"),
    ...pick("net_pnl", "return_fraction", "r_multiple", "bars_held"),
    mae: fraction("Least profit before commission while held over the value of what opened, not above 0; absent while open.", true),
    mfe: fraction("Most profit before commission while held over the value of what opened, not below 0; absent while open.", true),
  },
};

export const equitySheetSchema: TableSchema = {
  name: "equity",
  grain: "one row per close time of the run",
  sort_key: ["ts"],
  columns: {
    ts: time("Close time."),
    equity: money("Equity."),
    cash: money("Cash."),
    gross_exposure: money("Sum of absolute market values."),
    net_exposure: money("Sum of market values."),
  },
};

/** Every table of a sheet, in the order in which they are written. */
export const reportTableSchemas: readonly TableSchema[] = [
  metricsSchema,
  statementsSchema,
  sessionsSchema,
  contributionSchema,
  costsSchema,
  tradesSheetSchema,
  equitySheetSchema,
];

function pick(...names: readonly (keyof typeof tradesSchema.columns)[]): { readonly [name: string]: ColumnSchema } {
  return Object.fromEntries(names.map((name) => [name, tradesSchema.columns[name]]));
}
