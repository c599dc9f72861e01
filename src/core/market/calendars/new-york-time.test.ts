import { expect, test } from "vitest";
import { utcDay } from "../civil-date.js";
import { newYorkInstant, newYorkOffset } from "./new-york-time.js";

const HOUR = 3_600_000;
const zone = new Intl.DateTimeFormat("en-US", { timeZone: "America/New_York", timeZoneName: "longOffset" });

function hostOffset(ts: number): number {
  const text = zone.formatToParts(ts).find((part) => part.type === "timeZoneName")?.value ?? "";
  return Number(text.replace("GMT", "").split(":")[0]) * HOUR;
}

test("the offset agrees with the host's time zone database twice a day from 1987 to 2030", () => {
  for (let ts = Date.UTC(1987, 0, 2); ts < Date.UTC(2031, 0, 1); ts += 12 * HOUR) {
    if (newYorkOffset(ts) !== hostOffset(ts))
      expect.fail(`${new Date(ts).toISOString()}: ${newYorkOffset(ts)} instead of ${hostOffset(ts)}`);
  }
});

// 15 USC 260a: at 02:00 local time, which is 07:00Z in March or April and 06:00Z in October or November.
test.each([
  ["2008-03-09T07:00:00Z", -5, -4],
  ["2008-11-02T06:00:00Z", -4, -5],
  ["2006-04-02T07:00:00Z", -5, -4],
  ["2006-10-29T06:00:00Z", -4, -5],
  ["1987-04-05T07:00:00Z", -5, -4],
])("at %s the offset goes from %i to %i hours", (instant, before, after) => {
  const ts = Date.parse(instant);
  expect(newYorkOffset(ts - 1)).toBe(before * HOUR);
  expect(newYorkOffset(ts)).toBe(after * HOUR);
});

test("a wall-clock time goes to its instant and back on every day, those of clock changes included", () => {
  for (let day = utcDay(Date.UTC(1998, 0, 1)); day < utcDay(Date.UTC(2031, 0, 1)); day++) {
    for (const minute of [180, 570, 960, 1_440]) {
      const ts = newYorkInstant(day, minute);
      expect(ts + newYorkOffset(ts)).toBe(day * 86_400_000 + minute * 60_000);
    }
  }
});

test("years without a known law and minutes that a clock change may touch are refused", () => {
  expect(() => newYorkOffset(Date.UTC(1986, 6, 1))).toThrow(RangeError);
  expect(() => newYorkInstant(utcDay(Date.UTC(2020, 0, 1)), 120)).toThrow(RangeError);
});
