/** The metrics' tables, as views read them. */
import type { SheetMetric, SheetTable, TearSheet } from "../../src/core/report/tear-sheet.js";

/** A metric by id, or null where the run does not have it. */
export function metricOf(sheet: TearSheet, id: string): SheetMetric | null {
  for (const group of sheet.metrics) for (const metric of group.metrics) if (metric.id === id) return metric;
  return null;
}

/** A metric's value where it is a number. */
export function numberOf(sheet: TearSheet, id: string): number | null {
  const value = metricOf(sheet, id)?.value;
  return typeof value === "number" ? value : null;
}

/** A table by id, or null where the run does not have it. */
export function tableOf(sheet: TearSheet, id: string): SheetTable | null {
  for (const group of sheet.metrics) for (const table of group.tables) if (table.id === id) return table;
  return null;
}

export interface PeriodReturn {
  /** `2024-01`, `2024`. */
  readonly period: string;
  readonly value: number;
  /** First and last session. */
  readonly from: string;
  readonly to: string;
}

/** Rows of a table of calendar periods, by the name of its first column. */
function periodReturns(sheet: TearSheet, id: string, column: string): readonly PeriodReturn[] {
  return (tableOf(sheet, id)?.rows ?? []).flatMap((row) => {
    const value = row["return"];
    return typeof value === "number" ? [{ period: String(row[column]), value, from: String(row["from"]), to: String(row["to"]) }] : [];
  });
}

export function monthlyReturns(sheet: TearSheet): readonly PeriodReturn[] {
  return periodReturns(sheet, "ret.monthly", "month");
}

export function yearlyReturns(sheet: TearSheet): readonly PeriodReturn[] {
  return periodReturns(sheet, "ret.yearly", "year");
}

export interface WorstDrawdown {
  /** Session dates; a peak of null is the initial cash, a recovery of null has not come. */
  readonly peak: string | null;
  readonly trough: string;
  readonly recovery: string | null;
  readonly depth: number;
  /** Positive, decimal text. */
  readonly money: string;
  readonly under_water: number;
  readonly down: number;
  readonly up: number | null;
}

/** The ten worst drawdowns, the deepest first. */
export function worstDrawdowns(sheet: TearSheet): readonly WorstDrawdown[] {
  const textOf = (cell: unknown): string | null => (typeof cell === "string" ? cell : null);
  return (tableOf(sheet, "dd.top10")?.rows ?? []).map((row) => ({
    peak: textOf(row["peak"]),
    trough: textOf(row["trough"]) ?? "",
    recovery: textOf(row["recovery"]),
    depth: Number(row["depth"]),
    money: String(row["money"]),
    under_water: Number(row["under_water"]),
    down: Number(row["down"]),
    up: row["up"] === null || row["up"] === undefined ? null : Number(row["up"]),
  }));
}
