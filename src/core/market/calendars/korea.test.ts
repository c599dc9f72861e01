import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { describeShared, sharedPath } from "../../../../test/support/shared-data.js";
import { calendarById } from "./registry.js";

const xkrx = calendarById("XKRX");
const clock = new Intl.DateTimeFormat("en-US", { timeZone: "Asia/Seoul", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

function hours(day: string): string {
  const session = xkrx.sessionOn(day);
  return session === null ? "closed" : `${clock.format(session.open)}-${clock.format(session.close)}`;
}

function weekdays(from: string, to: string): string[] {
  const days: string[] = [];
  for (let ts = Date.parse(from); ts <= Date.parse(to); ts += 86_400_000) {
    const date = new Date(ts);
    if (date.getUTCDay() !== 0 && date.getUTCDay() !== 6) days.push(date.toISOString().slice(0, 10));
  }
  return days;
}

// Announcements of the Korea Exchange, as reported by the Korean press on the days that docs/reference/calendars.md names.
test.each([
  ["2023-05-29", "closed"],
  ["2024-10-01", "closed"],
  ["2025-01-27", "closed"],
  ["2025-06-03", "closed"],
  ["2024-12-31", "closed"],
  ["2024-12-30", "09:00-15:30"],
  ["2025-01-02", "10:00-15:30"],
  ["2025-11-13", "10:00-16:30"],
  ["2021-11-18", "10:00-16:30"],
  ["2022-11-17", "10:00-16:30"],
  ["2024-05-03", "09:00-15:30"],
])("on %s the exchange is open %s", (day, expected) => {
  expect(hours(day)).toBe(expected);
});

test("a late session is not a half day", () => {
  expect(weekdays("2020-01-01", "2026-12-31").filter((day) => xkrx.sessionOn(day)?.half_day)).toEqual([]);
});

describeShared("against LEAN's market hours", () => {
  interface Hours {
    readonly entries: Readonly<
      Record<string, { readonly holidays: readonly string[]; readonly lateOpens: Readonly<Record<string, string>> } | undefined>
    >;
  }

  function isoDay(american: string): string {
    const [month, day, year] = american.split("/");
    return `${year}-${month?.padStart(2, "0")}-${day?.padStart(2, "0")}`;
  }

  const covered = (day: string): boolean => day >= "2020-01-01" && day <= "2026-12-31";

  test("the closed weekdays and late opens of 2020 to 2026 agree", () => {
    const database = JSON.parse(readFileSync(sharedPath("lean", "market-hours", "market-hours-database.json"), "utf8")) as Hours;
    const entry = database.entries["Index-krx-[*]"];
    const days = weekdays("2020-01-01", "2026-12-31");
    expect(days.filter((day) => hours(day) === "closed")).toEqual(entry?.holidays.map(isoDay).filter(covered).sort());
    expect(days.filter((day) => hours(day).startsWith("10:00"))).toEqual(
      Object.keys(entry?.lateOpens ?? {})
        .map(isoDay)
        .filter(covered)
        .sort(),
    );
  });
});
