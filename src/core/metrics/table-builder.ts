/** Declares metric tables. */
import type { MetricInput, MetricOptions } from "./metric.js";
import type { MetricTableColumn, MetricTableDefinition, TableCell, TableDerivation } from "./metric-table.js";

export function tableOf(
  [id, name]: readonly [id: string, name: string],
  definition: string,
  columns: readonly MetricTableColumn[],
  derive: (input: MetricInput) => TableDerivation,
  { notes = [], reasons = [], version = "v1" }: MetricOptions = {},
): MetricTableDefinition {
  return { id, name, calc: { calc_name: `perf.${id}`, calc_version: version }, definition, notes, reasons, columns, derive };
}

/** Guards a table of session marks that needs `least` of them. */
export function ofTable(
  least: number,
  rows: (input: MetricInput) => readonly { readonly [column: string]: TableCell }[],
): (input: MetricInput) => TableDerivation {
  return (input) => {
    const n = input.run.marks.length;
    if (!input.series.positive) return { state: "undefined", reason: "EQUITY_NOT_POSITIVE" };
    return n < least ? { state: "undefined", reason: "TOO_FEW_RETURNS", n } : { state: "ok", rows: rows(input), n };
  };
}
