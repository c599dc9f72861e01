import type { RunConfig } from "../engine/run-config.js";
import type { BarColumns } from "../market/bars.js";
import { calendarById, isCalendarId } from "../market/calendars/registry.js";
import { sliceColumns } from "../market/column-set.js";
import { sessionGaps } from "../market/gaps.js";
import type { DataQuality } from "./tear-sheet.js";

/** What is missing from the bars that the run was given, by each instrument's own calendar. */
export function dataQuality(config: RunConfig, bars: ReadonlyMap<string, BarColumns>): readonly DataQuality[] {
  return config.data.map(({ symbol, first_row, row_count }, i) => {
    const calendar = config.instruments[i]?.calendar ?? "";
    const columns = bars.get(symbol);
    const unknown = { symbol, calendar, expected: null, present: null, gaps: null, sessions_without_bars: null, outside: null };
    if (columns === undefined || !isCalendarId(calendar)) return unknown;
    const report = sessionGaps(sliceColumns(columns, first_row, row_count), calendarById(calendar), 0);
    return {
      symbol,
      calendar,
      expected: report.expected,
      present: report.present,
      gaps: report.counts.inside_session + report.counts.across_sessions,
      sessions_without_bars: report.sessions.filter((session) => session.present === 0).length,
      outside: report.outside,
    };
  });
}
