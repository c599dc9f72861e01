/** Loads an exchange's holidays of one year: from a file's content, or from the exchange's own rules where we know them. */
import { rowSetHash } from "../core/calc/canonical-rows.js";
import { calendarCaptureId } from "../core/calc/finra-otc/ids.js";
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
  await log.append(() => [{ type: "calendar.captured", occurred_at: captured_at, payload }]);
  return { ...told, capture_id, skipped: false };
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
