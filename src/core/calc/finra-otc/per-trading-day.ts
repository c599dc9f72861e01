import { dayOfText } from "../../market/civil-date.js";
import { MissingCalendar } from "../../market/trading-days.js";
import { ratioText } from "../../numeric/ratio-text.js";
import { countPositive } from "../../quality/patterns.js";
import { neverNegative, uniqueRows } from "./calc-checks.js";
import { byKey, currentPart, declared, type FinraCalculation, type FinraInput, partTotals, subjectOf } from "./finra-input.js";
import { daysOfWeek } from "./weeks.js";

/** Exchange whose days count where none is named. */
export const DEFAULT_EXCHANGE = "XNYS";

export interface WeekDays {
  readonly exchange_code: string;
  readonly days: number;
  readonly sources: readonly { readonly year: number; readonly capture_id: string }[];
}

/** The trading days of a week, and the calendars that told them. @throws {MissingCalendar} where a year that the week touches is not loaded. */
export function tradingWeek({ calendar, week_ending }: Pick<FinraInput, "calendar" | "week_ending">): WeekDays {
  const { from, to } = daysOfWeek(dayOfText(week_ending));
  if (calendar === null) throw new MissingCalendar(DEFAULT_EXCHANGE, Number(week_ending.slice(0, 4)));
  // Trading happens from Monday on: the weekend before may lie in a year that nobody needs.
  const days = calendar.between(from + 2, to);
  return { exchange_code: calendar.exchange_code, days: days.length, sources: calendar.sourcesOf(from + 2, to) };
}

/** A symbol's volume per trading day of its week, to 2 decimals half-even, with the calendar captures that were used. */
export const volumePerTradingDay: FinraCalculation = declared({
  calc_name: "volume_per_trading_day",
  description: "A symbol's volume per trading day of the week",
  business_keys: ["week_ending", "tier", "symbol"],
  versions: ["1.1.0"],
  current: "1.1.0",
  scope: "capture",
  implementations: {
    "1.1.0": {
      compute: (input) => {
        const part = currentPart(input);
        const week = tradingWeek(input);
        return byKey(partTotals(part, "symbol")).map(([symbol, { shares }]) => ({
          week_ending: part.week_ending,
          tier: part.tier,
          symbol,
          total_shares: shares,
          trading_days: week.days,
          volume_per_day: week.days === 0 ? null : ratioText(shares, BigInt(week.days), 2),
          exchange_code: week.exchange_code,
          calendar_capture_id_used: week.sources.map(({ capture_id }) => capture_id).join(","),
          calendar_years: week.sources.map(({ year }) => year).join(","),
        }));
      },
    },
  },
  checks: [
    uniqueRows(["week_ending", "tier", "symbol"]),
    ...neverNegative("volume_per_day"),
    {
      name: "trading_days_positive",
      check: (_, input) => [countPositive("trading_days_positive", tradingWeek(input).days, subjectOf(input))],
    },
  ],
});
