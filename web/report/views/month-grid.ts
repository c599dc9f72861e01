import type { TearSheet } from "../../../src/core/report/tear-sheet.js";
import { monthlyReturns, yearlyReturns } from "../sheet-tables.js";

export interface MonthCell {
  readonly value: number;
  /** First and last session. */
  readonly from: string;
  readonly to: string;
  /** 0 to 4: how strong against the largest month of the run. */
  readonly strength: number;
}

export interface MonthRow {
  readonly year: string;
  /** January to December; null where the run has no session. */
  readonly months: readonly (MonthCell | null)[];
  readonly total: number;
}

/** Monthly returns as a calendar: a row a year. */
export function monthGrid(sheet: TearSheet): readonly MonthRow[] {
  const monthly = monthlyReturns(sheet);
  const largest = monthly.reduce((most, { value }) => Math.max(most, Math.abs(value)), 0);
  const cells = new Map(monthly.map(({ period, value, from, to }) => [period, { value, from, to, strength: strengthOf(value, largest) }]));
  return yearlyReturns(sheet).map(({ period, value }) => ({
    year: period,
    months: Array.from({ length: 12 }, (_, i) => cells.get(`${period}-${String(i + 1).padStart(2, "0")}`) ?? null),
    total: value,
  }));
}

function strengthOf(value: number, largest: number): number {
  return value === 0 || largest === 0 ? 0 : Math.max(1, Math.ceil((Math.abs(value) / largest) * 4));
}
