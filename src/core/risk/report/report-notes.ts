/** What a reader of a report has to know about its data and its model: said by the report itself, and by whoever made it. */

import type { BookRisk, ScenarioSet } from "./book-risk.js";
import type { PriceHistory } from "./price-history.js";
import type { BacktestDocument } from "./rolling-backtest.js";

/** One remark; `NOTE` is a person's. */
export interface ReportNote {
  readonly code:
    | "NOTE"
    | "LEVELS_CARRIED"
    | "SCENARIOS_DROPPED"
    | "FEW_SCENARIOS"
    | "OVERLAPPING_WINDOWS"
    | "STALE_LEVELS"
    | "FLAT_CURVES"
    | "ONE_VOLATILITY"
    | "NO_VALUE"
    | "HYPOTHETICAL_PNL"
    | "EXCEPTION_CAUSE"
    | "EXCEPTION_WITHOUT_CAUSE"
    | "NO_VOLUMES";
  readonly text: string;
}

/** Unchanged days after which a level is called stale. */
const STALE_AFTER = 5;
/** Days of a year of trading: fewer scenarios are remarked upon. */
const A_YEAR = 250;

export interface NotesInput {
  readonly book: BookRisk;
  readonly history: PriceHistory;
  readonly set: ScenarioSet;
  readonly backtest: BacktestDocument | null;
  readonly unknown_liquidity: readonly string[];
  /** Remarks of whoever made the report; one that begins with the day of an exception is its cause. */
  readonly remarks: readonly string[];
}

export function reportNotes({ book, history, set, backtest, unknown_liquidity, remarks }: NotesInput): readonly ReportNote[] {
  const kinds = new Set(history.factors.map(({ kind }) => kind));
  const without = book.valuation.positions.flatMap((cell) => (cell.ok ? [] : [cell.id]));
  const stale = staleLevels(history);
  const exceptions = backtest?.exceptions ?? [];
  const causeOf = (day: string): string | undefined => remarks.find((remark) => remark.startsWith(day));
  const bare = exceptions.filter((day) => causeOf(day) === undefined);
  const own: readonly (ReportNote | null)[] = [
    without.length === 0 ? null : { code: "NO_VALUE", text: `Without a value: ${without.join(", ")}.` },
    set.carried === 0 ? null : { code: "LEVELS_CARRIED", text: `${set.carried} missing levels were filled with the day before's.` },
    set.dropped.length === 0
      ? null
      : { code: "SCENARIOS_DROPPED", text: `Scenarios left out for missing levels: ${set.dropped.join(", ")}.` },
    set.count >= A_YEAR ? null : { code: "FEW_SCENARIOS", text: `${set.count} scenarios are less than a year of days.` },
    set.overlapping ? { code: "OVERLAPPING_WINDOWS", text: `Moves over ${set.horizon_days} days overlap: neighbours share days.` } : null,
    stale.length === 0 ? null : { code: "STALE_LEVELS", text: `Unchanged over the last ${STALE_AFTER} days: ${stale.join(", ")}.` },
    kinds.has("rate") ? { code: "FLAT_CURVES", text: "Curves are flat: one zero rate by currency, moved in parallel." } : null,
    kinds.has("volatility") ? { code: "ONE_VOLATILITY", text: "One volatility by underlying: no smile and no term structure." } : null,
    unknown_liquidity.length === 0
      ? null
      : { code: "NO_VOLUMES", text: `Volume or spread is not known of ${unknown_liquidity.join(", ")}.` },
    backtest === null
      ? null
      : { code: "HYPOTHETICAL_PNL", text: "The backtest is of the present positions on past moves; no actual profit and loss was given." },
    bare.length === 0
      ? null
      : { code: "EXCEPTION_WITHOUT_CAUSE", text: `Exceptions whose cause nobody has written down: ${bare.join(", ")}.` },
  ];
  const written = remarks.map(
    (text): ReportNote => ({ code: exceptions.some((day) => text.startsWith(day)) ? "EXCEPTION_CAUSE" : "NOTE", text }),
  );
  return [...own.filter((note) => note !== null), ...written];
}

function staleLevels({ factors, rows }: PriceHistory): readonly string[] {
  const last = rows.slice(-STALE_AFTER - 1);
  if (last.length <= STALE_AFTER) return [];
  return factors.flatMap(({ kind, name }, f) => {
    const levels = new Set(last.map((row) => row.levels[f] ?? null));
    return levels.size === 1 ? [`${kind} ${name}`] : [];
  });
}
