import type { TradingDays } from "../../market/trading-days.js";
import { ExactSum } from "../../numeric/exact-sum.js";
import type { UtcMillis } from "../../tape/event.js";
import type { Calculation } from "../calculation.js";
import type { CalcRow } from "../canonical-rows.js";
import type { TradeRow } from "./normalise.js";
import { FINRA_OTC, type Tier } from "./tiers.js";

/** One capture's normalised week. */
export interface WeekPart {
  readonly capture_id: string;
  readonly captured_at: UtcMillis;
  readonly week_ending: string;
  readonly tier: Tier;
  /** Rows of a week that was put aside are made again each time they are asked for: {@link partTotals} spares that. */
  readonly rows: readonly TradeRow[];
  /** Stands for the rows as long as they are in use; left out, the rows themselves do. */
  readonly source?: object;
  /** Letter of the capture's quality. */
  readonly grade: "A" | "B" | "C" | "D" | "F";
}

/** What every calculation of the domain works on. */
export interface FinraInput {
  /** The week that is computed. */
  readonly week_ending: string;
  /** Null where all tiers of the week are taken together. */
  readonly tier: Tier | null;
  /** Captures that the calculation may read, ascending by week and tier, at most one per pair. */
  readonly parts: readonly WeekPart[];
  /** Null where none was loaded. */
  readonly calendar: TradingDays | null;
}

/** A calculation of the domain. */
export type FinraCalculation = Calculation<FinraInput>;

/** Fields that every declaration of the domain shares. */
export function declared(
  calc: Omit<FinraCalculation, "domain" | "table" | "deprecated" | "sunset">,
  name: string = calc.calc_name,
): FinraCalculation {
  return { ...calc, domain: FINRA_OTC, table: `finra_otc_transparency_${name}`, deprecated: [], sunset: [] };
}

/** The part of the week that is computed. @throws {RangeError} where the input lacks it: whoever made the input broke the plan. */
export function currentPart(input: FinraInput): WeekPart {
  const part = input.parts.find((candidate) => candidate.week_ending === input.week_ending && candidate.tier === input.tier);
  if (part === undefined) throw new RangeError(`the input of ${input.week_ending} ${input.tier ?? "all tiers"} lacks its own capture`);
  return part;
}

/** Sums over some rows. */
export interface Totals {
  readonly shares: bigint;
  readonly trades: bigint;
  /** Rows summed: of one symbol its venues, of one venue its symbols. */
  readonly count: number;
}

class TotalsSum {
  readonly shares = new ExactSum();
  readonly trades = new ExactSum();
  count = 0;
}

type TotalsByColumn = Partial<Record<"symbol" | "mpid", ReadonlyMap<string, Totals>>>;

/** Sums of rows that are still in use: many calculations ask for those of one week, and windows for the same weeks again and again. */
const summed = new WeakMap<object, TotalsByColumn>();

/** Exact sums per value of a column of a week, made once for all who ask. */
export function partTotals(part: WeekPart, column: "symbol" | "mpid"): ReadonlyMap<string, Totals> {
  const { source } = part;
  if (source === undefined) return totalsBy(part.rows, column);
  const known = summed.get(source) ?? {};
  const totals = known[column] ?? totalsBy(part.rows, column);
  if (known[column] === undefined) summed.set(source, { ...known, [column]: totals });
  return totals;
}

/** Exact sums per value of a column. The rows must not change afterwards. */
export function totalsBy(rows: readonly TradeRow[], column: "symbol" | "mpid"): ReadonlyMap<string, Totals> {
  const known = summed.get(rows) ?? {};
  const totals = known[column] ?? sumBy(rows, column);
  summed.set(rows, { ...known, [column]: totals });
  return totals;
}

function sumBy(rows: readonly TradeRow[], column: "symbol" | "mpid"): ReadonlyMap<string, Totals> {
  const sums = new Map<string, TotalsSum>();
  for (const row of rows) {
    let sum = sums.get(row[column]);
    if (sum === undefined) {
      sum = new TotalsSum();
      sums.set(row[column], sum);
    }
    sum.shares.add(row.shares);
    sum.trades.add(row.trades);
    sum.count += 1;
  }
  return new Map([...sums].map(([key, { shares, trades, count }]) => [key, { shares: shares.total, trades: trades.total, count }]));
}

/** Exact sums over all rows. */
export function totalsOf(rows: readonly TradeRow[]): Totals {
  const sum = new TotalsSum();
  for (const row of rows) {
    sum.shares.add(row.shares);
    sum.trades.add(row.trades);
  }
  return { shares: sum.shares.total, trades: sum.trades.total, count: rows.length };
}

/** Keys by volume descending; equal volumes by key ascending, so that a rank never depends on the order of the source. */
export function byVolume(totals: ReadonlyMap<string, Totals>): readonly (readonly [string, Totals])[] {
  return [...totals].sort(([a, x], [b, y]) => (x.shares !== y.shares ? (x.shares > y.shares ? -1 : 1) : a < b ? -1 : 1));
}

/** Keys ascending. */
export function byKey<T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** `week|tier` of a row, for checks per group. */
export function weekAndTier(row: CalcRow): string {
  return `${String(row["week_ending"])}|${String(row["tier"])}`;
}

/** `week|symbol` of a row. */
export function weekAndSymbol(row: CalcRow): string {
  return `${String(row["week_ending"])}|${String(row["symbol"])}`;
}

/** What the results of a calculation are about. */
export function subjectOf(input: FinraInput): string {
  return input.tier === null ? input.week_ending : `${input.week_ending}|${input.tier}`;
}
