/** Loads an exchange's holidays of one year: from a file's content, or from the exchange's own rules where we know them. */
import { type AnomalyFacts, anomalyOf } from "../core/calc/anomaly.js";
import type { CalcEvent } from "../core/calc/calc-events.js";
import type { CalcIndex } from "../core/calc/calc-index.js";
import { rowSetHash } from "../core/calc/canonical-rows.js";
import { calendarCaptureId } from "../core/calc/finra-otc/ids.js";
import { CALENDAR_PIPELINE } from "../core/calc/finra-otc/pipelines.js";
import { daysOfWeek } from "../core/calc/finra-otc/weeks.js";
import { civilDate, dayOfText } from "../core/market/civil-date.js";
import { AMERICAN_EXCHANGES, americanYear, type HolidayYear, parseHolidayYear } from "../core/market/trading-days.js";
import type { CalcLog, CalcPorts, CalcRefusal } from "./calc-log.js";
import { refusal } from "./data-ports.js";

export interface LoadCalendarOptions {
  /** Parsed JSON `{exchange_code, year, holidays}` and the name it came under; left out: the exchange's rules. */
  readonly file?: { readonly name: string; readonly content: unknown };
  readonly exchange_code?: string;
  readonly year?: number;
  readonly force?: boolean;
}

export interface LoadedCalendar {
  readonly kind: "loaded";
  readonly capture_id: string;
  readonly exchange_code: string;
  readonly year: number;
  readonly holidays: number;
  /** The newest capture of the year says the same already. */
  readonly skipped: boolean;
}

/** @throws {CalcLogUnavailable} */
export async function loadCalendar(ports: CalcPorts, log: CalcLog, options: LoadCalendarOptions): Promise<LoadedCalendar | CalcRefusal> {
  const found = yearOf(options);
  if (found.kind === "refused") return found;
  const { year, source } = found;
  const holidays = year.holidays.map(({ date, name, type }) => ({ date, title: name, type }));
  const sha256 = rowSetHash([{ exchange_code: year.exchange_code, year: year.year }, ...holidays], ports.hash);
  const known = log.index.calendar(year.exchange_code, year.year);
  const same =
    known !== null &&
    rowSetHash(
      [
        { exchange_code: year.exchange_code, year: year.year },
        ...known.holidays.map(({ date, name, type }) => ({ date, title: name, type })),
      ],
      ports.hash,
    ) === sha256;
  const told = { kind: "loaded", exchange_code: year.exchange_code, year: year.year, holidays: holidays.length } as const;
  if (same && options.force !== true) return { ...told, capture_id: known.capture_id, skipped: true };
  const captured_at = ports.now();
  const capture_id = calendarCaptureId(year.exchange_code, year.year, captured_at, ports.hash);
  const payload = { capture_id, exchange_code: year.exchange_code, year: year.year, captured_at, source, sha256, holidays };
  await log.append((index) => [
    { type: "calendar.captured", occurred_at: captured_at, payload },
    ...(same ? [] : corrections(ports, index, payload)).map(
      (anomaly): CalcEvent => ({ type: "anomaly.raised", occurred_at: captured_at, payload: anomaly }),
    ),
  ]);
  return { ...told, capture_id, skipped: false };
}

/** Weeks whose volume per day rests on the year as it was before. */
function corrections(
  ports: CalcPorts,
  index: CalcIndex,
  { capture_id, exchange_code, year }: { readonly capture_id: string; readonly exchange_code: string; readonly year: number },
): readonly AnomalyFacts[] {
  if (index.calendar(exchange_code, year) === null) return [];
  const touched = index.results.filter(({ calc_name, week_ending }) => {
    const { from, to } = daysOfWeek(dayOfText(week_ending));
    return calc_name === "volume_per_trading_day" && civilDate(from + 2).year <= year && civilDate(to).year >= year;
  });
  return touched.map(({ domain, week_ending, tier, capture_id: computedOn }) =>
    anomalyOf(
      {
        domain,
        week_ending,
        tier,
        capture_id: computedOn,
        stage: "AGGREGATED",
        check: "calendar_corrected",
        severity: "WARN",
        category: "DEPENDENCY",
        message: `${exchange_code} ${year} changed with ${capture_id}`,
        pipeline: CALENDAR_PIPELINE,
      },
      ports.hash,
    ),
  );
}

function yearOf(
  options: LoadCalendarOptions,
): { readonly kind: "year"; readonly year: HolidayYear; readonly source: string } | CalcRefusal {
  const { file, exchange_code = "XNYS", year } = options;
  if (file !== undefined) {
    const parsed = parseHolidayYear(file.content);
    if (parsed.kind === "invalid")
      return refusal(
        "invalid",
        parsed.violations.map((violation) => ({ ...violation, file: file.name })),
      );
    const contradicted =
      (options.exchange_code !== undefined && options.exchange_code !== parsed.year.exchange_code) ||
      (year !== undefined && year !== parsed.year.year);
    if (!contradicted) return { kind: "year", year: parsed.year, source: file.name };
    const message = `the file holds ${parsed.year.exchange_code} ${parsed.year.year}`;
    return refusal("invalid", [
      {
        code: "CALENDAR_CONFLICT",
        message,
        field: "exchange_code",
        value: `${exchange_code} ${year ?? ""}`.trim(),
        expected: "what the file holds",
      },
    ]);
  }
  if (year === undefined)
    return refusal("invalid", [{ code: "MISSING_REQUIRED", message: "no year is given", field: "year", expected: "a year such as 2025" }]);
  const made = americanYear(exchange_code, year);
  if (made !== null) return { kind: "year", year: made, source: "rules" };
  const expected = `one of ${AMERICAN_EXCHANGES.join(", ")} from 1998 on, or a file of holidays`;
  return refusal("not_found", [
    {
      code: "UNKNOWN_CALENDAR",
      message: `no rules are known for ${exchange_code} in ${year}`,
      field: "exchange_code",
      value: exchange_code,
      expected,
    },
  ]);
}
