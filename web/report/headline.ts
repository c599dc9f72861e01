import type { SheetMetric, TearSheet } from "../../src/core/report/tear-sheet.js";
import { metricOf } from "./sheet-tables.js";

/** What a reader looks for first, in this order, as far as the run has it. */
const HEADLINE = ["ret.net_pnl", "ret.total", "ret.cagr", "sharpe", "dd.max", "vol.ann", "tr.count", "tr.win", "tr.pf", "ex.cost"] as const;

export function headline(sheet: TearSheet): readonly SheetMetric[] {
  return HEADLINE.flatMap((id) => metricOf(sheet, id) ?? []);
}
