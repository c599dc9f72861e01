import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dayOfText, formatDay, MS_PER_DAY } from "../civil-date.js";
import { CALENDAR_IDS, calendarById, isCalendarId } from "./registry.js";

const MINUTE = 60_000;
const at = (text: string): number => Date.parse(text);

describe("the registry", () => {
  test("an unknown id is refused with the known ones named", () => {
    expect(isCalendarId("XLON")).toBe(false);
    expect(isCalendarId("toString")).toBe(false);
    expect(() => calendarById("XLON")).toThrow(/XLON.*24\/7, FX24x5, XKRX, XMOS, XNAS, XNYS/);
  });

  // A change of any session is a change of data and needs a new version: both stand in this table.
  test.each([
    ["24/7", "1", "f860f3fcee3c69a2"],
    ["FX24x5", "1", "f748d907ca6913d3"],
    ["XKRX", "2026.11", "51e50535321df9d7"],
    ["XMOS", "1", "019de39c8c16e78d"],
    ["XNAS", "2026.11", "1a75bd3d88b778b0"],
    ["XNYS", "2026.11", "29dff20142de9409"],
  ])("%s of version %s has the sessions that it had", (id, version, digest) => {
    const calendar = calendarById(id);
    const rows: string[] = [];
    for (let day = dayOfText(calendar.covers.from); day <= dayOfText(calendar.covers.to); day++) {
      const session = calendar.sessionOn(formatDay(day));
      if (session !== null) rows.push(`${session.id} ${session.open} ${session.close} ${session.half_day}`);
    }
    expect(calendar.version).toBe(version);
    expect(createHash("sha256").update(rows.join("\n")).digest("hex").slice(0, 16)).toBe(digest);
  });
});

describe.each(CALENDAR_IDS)("%s", (id) => {
  const calendar = calendarById(id);
  const firstOpen = at(`${calendar.covers.from}T00:00:00Z`) + 3 * MS_PER_DAY;
  const lastClose = at(`${calendar.covers.to}T00:00:00Z`) - 6 * MS_PER_DAY;

  test("a bar belongs to the session whose open lies before its close time and whose close does not", () => {
    const [session] = calendar.sessionsBetween(firstOpen, firstOpen + 10 * MS_PER_DAY);
    if (session === undefined) throw new Error("no session in ten days");
    expect(calendar.sessionAt(session.open + MINUTE)).toEqual(session);
    expect(calendar.sessionAt(session.close)).toEqual(session);
    expect(calendar.sessionAt(session.open)?.id).not.toBe(session.id);
    expect(calendar.sessionAt(session.close + MINUTE)?.id).not.toBe(session.id);
  });

  test("questions in any order get the same answers as a search through all sessions", () => {
    const instants = fc
      .integer({ min: Math.ceil(firstOpen / MINUTE), max: Math.floor(lastClose / MINUTE) })
      .map((minute) => minute * MINUTE);
    fc.assert(
      fc.property(fc.array(fc.tuple(instants, fc.integer({ min: 0, max: 3_000 })), { minLength: 1, maxLength: 20 }), (steps) => {
        for (const [start, minutes] of steps) {
          for (const ts of [start, start + minutes * MINUTE]) {
            const around = calendar.sessionsBetween(ts - MS_PER_DAY, ts + 2 * MS_PER_DAY);
            expect(calendar.sessionAt(ts)).toEqual(around.find((session) => ts > session.open && ts <= session.close) ?? null);
          }
        }
      }),
    );
  });

  test("sessions ascend without overlap and carry the name of their day", () => {
    const sessions = calendar.sessionsBetween(
      firstOpen,
      firstOpen + 3_000 * MS_PER_DAY > lastClose ? lastClose : firstOpen + 3_000 * MS_PER_DAY,
    );
    expect(sessions.length).toBeGreaterThan(200);
    for (const [index, session] of sessions.entries()) {
      expect(session.close).toBeGreaterThan(session.open);
      expect(session.open).toBeGreaterThanOrEqual(sessions[index - 1]?.close ?? 0);
      expect(calendar.sessionOn(session.id)).toEqual(session);
      expect(calendar.sessionDay(session.close)).toBe(session.id);
    }
  });

  test("a range takes the sessions that close after its start and up to its end", () => {
    const [first, second] = calendar.sessionsBetween(firstOpen, firstOpen + 10 * MS_PER_DAY);
    if (first === undefined || second === undefined) throw new Error("fewer than two sessions in ten days");
    expect(calendar.sessionsBetween(first.close, second.close)).toEqual([second]);
    expect(calendar.sessionsBetween(first.close - 1, second.close - 1)).toEqual([first]);
    expect(calendar.sessionsBetween(second.close, first.close)).toEqual([]);
  });

  test("a question outside the covered days is refused, never guessed", () => {
    const outside = [
      at(`${calendar.covers.from}T00:00:00Z`) - 3 * MS_PER_DAY,
      at(`${calendar.covers.to}T00:00:00Z`) + 3 * MS_PER_DAY,
      Number.NaN,
    ];
    for (const ts of outside) {
      expect(() => calendar.sessionAt(ts)).toThrow(RangeError);
      expect(() => calendar.sessionDay(ts)).toThrow(RangeError);
      expect(() => calendar.sessionsBetween(ts, ts + 1)).toThrow(RangeError);
    }
    expect(() => calendar.sessionOn(formatDay(dayOfText(calendar.covers.from) - 1))).toThrow(RangeError);
    expect(() => calendar.sessionOn(formatDay(dayOfText(calendar.covers.to) + 1))).toThrow(RangeError);
    expect(() => calendar.sessionOn("2024-02-30")).toThrow(RangeError);
  });

  test("the first and the last covered session are found by their bars", () => {
    for (const day of [calendar.covers.from, calendar.covers.to]) {
      for (let offset = 0; offset < 7; offset++) {
        const near = day === calendar.covers.from ? dayOfText(day) + offset : dayOfText(day) - offset;
        const session = calendar.sessionOn(formatDay(near));
        if (session === null) continue;
        expect(calendar.sessionAt(session.open + MINUTE)).toEqual(session);
        expect(calendar.sessionAt(session.close)).toEqual(session);
        break;
      }
    }
  });
});

describe("session days outside regular hours", () => {
  const xnys = calendarById("XNYS");

  test("bars before the open and after the close belong to the exchange's own date", () => {
    expect(xnys.sessionAt(at("2013-10-07T08:01:00Z"))).toBeNull();
    expect(xnys.sessionDay(at("2013-10-07T08:01:00Z"))).toBe("2013-10-07");
    // 19:59 to 20:00 in New York is already the next day in UTC in winter.
    expect(xnys.sessionDay(at("2013-12-03T01:00:00Z"))).toBe("2013-12-02");
  });

  test("a bar that closes at the exchange's midnight belongs to the day that ends", () => {
    expect(xnys.sessionDay(at("2013-10-08T04:00:00Z"))).toBe("2013-10-07");
    expect(xnys.sessionDay(at("2013-10-08T04:01:00Z"))).toBe("2013-10-08");
  });

  test("the day of a clock change has 23 or 25 hours", () => {
    const hours = (from: string, day: string): number => {
      let count = 0;
      for (let hour = 1; hour <= 72; hour++) if (xnys.sessionDay(at(from) + hour * 3_600_000) === day) count += 1;
      return count;
    };
    expect(hours("2008-03-08T00:00:00Z", "2008-03-09")).toBe(23);
    expect(hours("2008-11-01T00:00:00Z", "2008-11-02")).toBe(25);
  });

  test("the foreign exchange week ends on Friday 17:00 and begins on Sunday 17:00 in New York, in winter and in summer", () => {
    const fx = calendarById("FX24x5");
    expect(fx.sessionAt(at("2012-02-03T22:00:00Z"))?.id).toBe("2012-02-03");
    expect(fx.sessionAt(at("2012-02-03T22:01:00Z"))).toBeNull();
    expect(fx.sessionAt(at("2012-02-05T22:00:00Z"))).toBeNull();
    expect(fx.sessionAt(at("2012-02-05T22:01:00Z"))?.id).toBe("2012-02-06");
    expect(fx.sessionAt(at("2012-07-06T21:00:00Z"))?.id).toBe("2012-07-06");
    expect(fx.sessionAt(at("2012-07-06T21:01:00Z"))).toBeNull();
    expect(fx.sessionDay(at("2012-07-07T12:00:00Z"))).toBe("2012-07-07");
  });

  test("the Moscow window agrees with the host's clock in Moscow on every day", () => {
    const clock = new Intl.DateTimeFormat("en-US", { timeZone: "Europe/Moscow", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    for (const session of calendarById("XMOS").sessionsBetween(at("2014-10-27T00:00:00Z"), at("2030-12-31T00:00:00Z"))) {
      expect(`${clock.format(session.open)} ${clock.format(session.close)}`).toBe("10:00 19:00");
    }
  });
});
