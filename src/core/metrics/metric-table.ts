/** Metrics that are no single number: tables with a row for each period, drawdown or statistic. */
import type { Expression } from "./expression.js";
import type { MetricInput, MetricParameters, MetricUnit, NumberDefinition } from "./metric.js";
import type { UndefinedReason } from "./undefined-reasons.js";

export interface MetricTableColumn {
  readonly name: string;
  readonly title: string;
  /** `date` is a session date `YYYY-MM-DD`. */
  readonly unit: MetricUnit | "text" | "date";
}

/** Words and dates as they are; numbers as expressions, so that each of them can be explained. */
export type TableCell = string | null | Expression;

export type TableDerivation =
  | {
      readonly state: "ok";
      readonly rows: readonly { readonly [column: string]: TableCell }[];
      readonly n?: number;
      readonly parameters?: MetricParameters;
    }
  | { readonly state: "undefined"; readonly reason: UndefinedReason; readonly n?: number };

/** A table: documentation and calculation in one place. The first column names the row. */
export interface MetricTableDefinition extends NumberDefinition {
  readonly columns: readonly MetricTableColumn[];
  readonly derive: (input: MetricInput) => TableDerivation;
}
