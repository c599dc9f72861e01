import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LocalClock } from "../../core/market/stamp-reader.js";
import { intlTimeZones } from "./intl-time-zones.js";

function clock(name: string): LocalClock {
  const found = intlTimeZones.open(name);
  if (found === null) throw new Error(`no zone ${name}`);
  return found;
}

describe("time zones of Intl", () => {
  test("an unknown name is no zone", () => {
    expect(intlTimeZones.open("Mars/Olympus")).toBeNull();
  });

  test.each([
    // Rule of the United States since 2007: second Sunday of March, first Sunday of November, at 02:00 local time.
    ["America/New_York", "2024-03-10T01:59:00Z", "2024-03-10T06:59:00.000Z"],
    ["America/New_York", "2024-03-10T03:00:00Z", "2024-03-10T07:00:00.000Z"],
    ["America/New_York", "2024-11-03T00:59:00Z", "2024-11-03T04:59:00.000Z"],
    ["America/New_York", "2024-11-03T02:00:00Z", "2024-11-03T07:00:00.000Z"],
    ["Asia/Kolkata", "2019-01-01T09:15:00Z", "2019-01-01T03:45:00.000Z"],
    ["Asia/Seoul", "2024-06-03T09:00:00Z", "2024-06-03T00:00:00.000Z"],
    ["UTC", "2024-06-03T09:00:00Z", "2024-06-03T09:00:00.000Z"],
  ])("in %s the wall shows %s at %s", (zone, wall, utc) => {
    expect(new Date(clock(zone).toUtc(Date.parse(wall))).toISOString()).toBe(utc);
  });

  test("a skipped and a repeated hour have two candidates each", () => {
    const newYork = clock("America/New_York");
    const skipped = Date.parse("2024-03-10T02:30:00Z");
    const repeated = Date.parse("2024-11-03T01:30:00Z");
    expect(newYork.toUtc(skipped)).toBeNaN();
    expect(newYork.candidates(skipped)).toEqual({
      kind: "missing",
      earlier: Date.parse("2024-03-10T06:30:00Z"),
      later: Date.parse("2024-03-10T07:30:00Z"),
    });
    expect(newYork.toUtc(repeated)).toBeNaN();
    expect(newYork.candidates(repeated)).toEqual({
      kind: "ambiguous",
      earlier: Date.parse("2024-11-03T05:30:00Z"),
      later: Date.parse("2024-11-03T06:30:00Z"),
    });
  });

  test("an instant shown on the wall is found again, or is one of two candidates", () => {
    const zones = ["America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Seoul", "America/Sao_Paulo"];
    const start = Date.UTC(1990, 0, 1) / 60_000;
    const end = Date.UTC(2026, 0, 1) / 60_000;
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: start, max: end }), (zone, minute) => {
        const utc = minute * 60_000;
        const wall = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" }).format(utc);
        const local = Date.parse(`${wall.replace(" ", "T")}Z`);
        const found = clock(zone).toUtc(local);
        if (Number.isNaN(found)) {
          const { earlier, later } = clock(zone).candidates(local);
          expect([earlier, later]).toContain(utc);
        } else expect(found).toBe(utc);
      }),
      { numRuns: 300 },
    );
  });
});
