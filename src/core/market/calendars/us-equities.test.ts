import { readFileSync } from "node:fs";
import { strFromU8, unzipSync } from "fflate";
import { expect, test } from "vitest";
import { describeShared, sharedPath } from "../../../../test/support/shared-data.js";
import type { Calendar } from "../calendar.js";
import { formatDay, MS_PER_DAY } from "../civil-date.js";
import { calendarById } from "./registry.js";
import { usEquityHolidays } from "./us-equities.js";
import { SPECIAL_CLOSURES } from "./us-equity-exceptions.js";

const xnys = calendarById("XNYS");
const xnas = calendarById("XNAS");
const clock = new Intl.DateTimeFormat("en-US", { timeZone: "America/New_York", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

function every(calendar: Calendar): readonly string[] {
  const days: string[] = [];
  for (let day = Date.UTC(1998, 0, 1); day <= Date.UTC(2030, 11, 31); day += MS_PER_DAY) {
    const session = calendar.sessionOn(formatDay(day / MS_PER_DAY));
    if (session !== null) days.push(session.id);
  }
  return days;
}

function closedWeekdays(calendar: Calendar, from: number, to: number): readonly string[] {
  const days: string[] = [];
  for (let day = Date.UTC(from, 0, 1); day <= Date.UTC(to, 11, 31); day += MS_PER_DAY) {
    const weekday = new Date(day).getUTCDay();
    const text = new Date(day).toISOString().slice(0, 10);
    if (weekday !== 0 && weekday !== 6 && calendar.sessionOn(text) === null) days.push(text);
  }
  return days;
}

test("every session opens and closes at New York's wall clock as the host's time zone database has it, 1998 to 2030", () => {
  for (const id of every(xnys)) {
    const session = xnys.sessionOn(id);
    const times = session === null ? "" : `${clock.format(session.open)} ${clock.format(session.close)}`;
    const expected = id === "2002-09-11" ? "12:00 16:00" : session?.half_day ? "09:30 13:00" : "09:30 16:00";
    expect(`${id} ${times}`).toBe(`${id} ${expected}`);
  }
});

// NYSE's own lists for 2025 to 2028 (press releases of 2024-11-08 and 2025-12-23) with the day of mourning of 2025-01-09.
test.each([
  [2025, "01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25"],
  [2026, "01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25"],
  [2027, "01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24"],
  [2028, "01-17 02-21 04-14 05-29 06-19 07-04 09-04 11-23 12-25"],
])("the closed weekdays of %i are those that the exchange announced", (year, days) => {
  for (const calendar of [xnys, xnas])
    expect(
      closedWeekdays(calendar, year, year)
        .map((day) => day.slice(5))
        .join(" "),
    ).toBe(days);
});

test("New Year's Day on a Saturday is not kept on the Friday before", () => {
  for (const day of ["1999-12-31", "2004-12-31", "2010-12-31", "2021-12-31", "2027-12-31"]) expect(xnys.sessionOn(day), day).not.toBeNull();
  expect(usEquityHolidays(2011).map((holiday) => holiday.name)).not.toContain("New Year's Day");
});

test("every special closure has a reason and would otherwise have been a trading day", () => {
  for (const { day, reason } of SPECIAL_CLOSURES) {
    expect(reason.length).toBeGreaterThan(5);
    expect(usEquityHolidays(Number(day.slice(0, 4))).map((holiday) => formatDay(holiday.day))).not.toContain(day);
    expect(xnys.sessionOn(day)).toBeNull();
    expect(xnas.sessionOn(day)).toBeNull();
  }
});

// NYSE release of 1999-06-04, "a proposal to close the market at 1:00pm on December 31, 1999"; market hours of LEAN for 2003.
test("the last trading day before the year 2000 and the Friday after Christmas 2003 closed at 13:00", () => {
  for (const day of ["1999-12-31", "2003-12-26"]) {
    const session = xnys.sessionOn(day);
    expect(session?.half_day).toBe(true);
    expect(clock.format(session?.close)).toBe("13:00");
  }
});

test("on 2002-09-11 the exchanges opened late, at noon and at eleven", () => {
  expect(clock.format(xnys.sessionOn("2002-09-11")?.open)).toBe("12:00");
  expect(clock.format(xnas.sessionOn("2002-09-11")?.open)).toBe("11:00");
  expect(xnys.sessionOn("2002-09-11")?.half_day).toBe(false);
});

describeShared("against real data", () => {
  interface Hours {
    readonly entries: Readonly<
      Record<string, { readonly holidays: readonly string[]; readonly earlyCloses: Readonly<Record<string, string>> } | undefined>
    >;
  }

  function isoDay(american: string): string {
    const [month, day, year] = american.split("/");
    return `${year}-${month?.padStart(2, "0")}-${day?.padStart(2, "0")}`;
  }

  function isWeekday(day: string): boolean {
    const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
    return weekday !== 0 && weekday !== 6;
  }

  function lean(): { readonly holidays: readonly string[]; readonly earlyCloses: readonly string[] } {
    const database = JSON.parse(readFileSync(sharedPath("lean", "market-hours", "market-hours-database.json"), "utf8")) as Hours;
    const entry = database.entries["Equity-usa-[*]"];
    if (entry === undefined) throw new Error("the market hours database has no American equities");
    return {
      holidays: entry.holidays.map(isoDay).filter(isWeekday).sort(),
      earlyCloses: Object.keys(entry.earlyCloses).map(isoDay).filter(isWeekday).sort(),
    };
  }

  test("the closed weekdays of 1998 to 2028 are LEAN's holidays", () => {
    expect(closedWeekdays(xnys, 1998, 2028)).toEqual(lean().holidays);
    expect(closedWeekdays(xnas, 1998, 2028)).toEqual(lean().holidays);
  });

  test("the early closes of 1998 to 2028 are LEAN's and the three that it lacks", () => {
    const ours = every(xnys).filter((day) => day < "2029" && xnys.sessionOn(day)?.half_day);
    const lacking = ["1998-11-27", "1998-12-24", "1999-12-31"];
    expect(ours).toEqual([...lean().earlyCloses, ...lacking].sort());
  });

  test("SPY traded on every session of 1998 to March 2021 and on no other day", () => {
    const files = unzipSync(readFileSync(sharedPath("lean", "equity", "usa", "daily", "spy.zip")));
    const rows = Object.values(files)
      .map((bytes) => strFromU8(bytes))
      .join("\n");
    const traded = rows.match(/^\d{8}/gm)?.map((day) => `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`);
    expect(traded).toHaveLength(5_849);
    expect(every(xnys).filter((day) => day >= "1998-01-02" && day <= "2021-03-31")).toEqual(traded);
  });

  test("hourly volume of IBM ends with the early closes that LEAN lacks and begins at noon on 2002-09-11", () => {
    const files = unzipSync(readFileSync(sharedPath("lean", "equity", "usa", "hour", "ibm.zip")));
    const rows = Object.values(files)
      .map((bytes) => strFromU8(bytes))
      .join("\n")
      .split("\n");
    const hours = (day: string): string[] => rows.filter((row) => row.startsWith(day)).map((row) => row.slice(9, 14));
    for (const day of ["19981127", "19981224", "19991231"]) expect(hours(day).at(-1)).toBe("13:00");
    const volume = (hour: string): number => Number(rows.find((row) => row.startsWith(`20020911 ${hour}`))?.split(",")[5]);
    expect(volume("12:00")).toBeGreaterThan(100 * volume("11:00"));
  });

  test.each([2025, 2026])("the holiday file of %i lists the closed weekdays, apart from the day of mourning", (year) => {
    const file = JSON.parse(readFileSync(sharedPath("calendar", `holidays_xnys_${year}.json`), "utf8")) as { holidays: { date: string }[] };
    expect(closedWeekdays(xnys, year, year).filter((day) => day !== "2025-01-09")).toEqual(file.holidays.map((holiday) => holiday.date));
  });
});
