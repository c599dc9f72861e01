import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { flatBars } from "../../../test/support/bar-columns.js";
import { leanMinutes } from "../../../test/support/lean-minutes.js";
import { describeShared, sharedPath } from "../../../test/support/shared-data.js";
import { calendarById } from "./calendars/registry.js";
import { findGaps, sessionGaps } from "./gaps.js";

const MINUTE = 60_000;
const at = (text: string): number => Date.parse(text);
const minutes = (from: string, count: number): number[] => Array.from({ length: count }, (_, index) => at(from) + index * MINUTE);
const xnys = calendarById("XNYS");

describe("raw gaps", () => {
  test("name their neighbours and how many bars would fit between", () => {
    const times = [...minutes("2024-03-04T14:31:00Z", 3), ...minutes("2024-03-04T14:37:00Z", 2)];
    expect(findGaps(flatBars(times))).toEqual({
      gap_count: 1,
      missing: 3,
      gaps: [{ prev_ts: at("2024-03-04T14:33:00Z"), next_ts: at("2024-03-04T14:37:00Z"), missing: 3 }],
    });
  });

  test("are counted past the listed ones", () => {
    const report = findGaps(flatBars([0, 2, 4, 6, 8].map((minute) => minute * MINUTE)), 2);
    expect(report).toMatchObject({ gap_count: 4, missing: 4 });
    expect(report.gaps).toHaveLength(2);
  });

  test("are none in an empty set, in one row, and at a short last bar", () => {
    expect(findGaps(flatBars([])).gap_count).toBe(0);
    expect(findGaps(flatBars([MINUTE])).gap_count).toBe(0);
    expect(findGaps(flatBars([at("2024-03-04T20:30:00Z"), at("2024-03-04T21:00:00Z")], { timeframe: "1h" })).gap_count).toBe(0);
  });
});

describe("gaps on a calendar", () => {
  test("a whole session has nothing missing, and its night is no missing bar", () => {
    const times = [...minutes("2024-03-04T14:31:00Z", 390), ...minutes("2024-03-05T14:31:00Z", 390)];
    const report = sessionGaps(flatBars(times), xnys);
    expect(report).toMatchObject({ expected: 780, present: 780, completeness: 1, outside: 0 });
    expect(report.counts).toEqual({ inside_session: 0, between_sessions: 1, across_sessions: 0 });
  });

  test("gaps inside, between and across sessions are told apart", () => {
    const times = [
      ...minutes("2024-03-04T14:31:00Z", 100),
      ...minutes("2024-03-04T16:13:00Z", 287),
      ...minutes("2024-03-06T14:33:00Z", 388),
    ];
    const report = sessionGaps(flatBars(times), xnys);
    // 2 missing inside; then 1 at the end of the 4th, the whole 5th and 2 at the start of the 6th.
    expect(report.gaps.map((gap) => [gap.kind, gap.missing_in_session])).toEqual([
      ["inside_session", 2],
      ["across_sessions", 393],
    ]);
    expect(report.sessions).toEqual([
      { session: "2024-03-04", half_day: false, expected: 390, present: 387 },
      { session: "2024-03-05", half_day: false, expected: 390, present: 0 },
      { session: "2024-03-06", half_day: false, expected: 390, present: 388 },
    ]);
  });

  test("bars before the open never hide missing ones", () => {
    const times = [...minutes("2024-03-04T13:31:00Z", 60), ...minutes("2024-03-04T14:31:00Z", 330)];
    const report = sessionGaps(flatBars(times), xnys);
    expect(report).toMatchObject({ outside: 60, expected: 390, present: 330 });
    expect(report.completeness).toBeCloseTo(330 / 390, 12);
  });

  // Half days of XNYS close at 13:00: 210 minutes.
  test("a half day expects what the exchange traded", () => {
    const report = sessionGaps(flatBars(minutes("2024-11-29T14:31:00Z", 210)), xnys);
    expect(report).toMatchObject({ expected: 210, present: 210, completeness: 1 });
    expect(report.sessions[0]?.half_day).toBe(true);
  });

  test.each([
    ["5m", 78, 77],
    ["15m", 26, 25],
    ["1h", 7, 6],
  ] as const)("a full day of %s bars has %i, and one less is seen", (timeframe, whole, short) => {
    const length = { "5m": 5, "15m": 15, "1h": 60 }[timeframe] * MINUTE;
    const close = at("2024-03-04T21:00:00Z");
    const times = Array.from({ length: whole }, (_, index) => Math.min(at("2024-03-04T14:30:00Z") + (index + 1) * length, close));
    expect(sessionGaps(flatBars(times, { timeframe }), xnys)).toMatchObject({ expected: whole, present: whole, completeness: 1 });
    expect(sessionGaps(flatBars(times.slice(1), { timeframe }), xnys)).toMatchObject({ expected: whole, present: short });
  });

  test("days are one bar a session, and holidays are not missed", () => {
    const closes = ["2024-07-02T20:00:00Z", "2024-07-03T17:00:00Z", "2024-07-05T20:00:00Z"].map(at);
    const report = sessionGaps(flatBars(closes, { timeframe: "1d" }), xnys);
    expect(report).toMatchObject({ expected: 3, present: 3 });
    expect(report.counts).toEqual({ inside_session: 0, between_sessions: 1, across_sessions: 0 });
  });

  test("an empty set has nothing expected and completeness 0", () => {
    expect(sessionGaps(flatBars([]), xnys)).toMatchObject({ expected: 0, present: 0, completeness: 0, sessions: [] });
  });

  test("present and missing bars always add up to the expected ones", () => {
    const minute = fc.integer({ min: 0, max: 4 * 1_440 });
    fc.assert(
      fc.property(fc.uniqueArray(minute, { minLength: 1, maxLength: 300 }), (picked) => {
        const times = picked.sort((a, b) => a - b).map((offset) => at("2024-11-27T12:00:00Z") + offset * MINUTE);
        const report = sessionGaps(flatBars(times), xnys);
        const regular = times.filter((ts) => xnys.sessionAt(ts) !== null);
        expect(report.present).toBe(regular.length);
        expect(report.outside).toBe(times.length - regular.length);
        const first = times[0] ?? 0;
        const last = times.at(-1) ?? 0;
        let lost = 0;
        for (let ts = first; ts <= last; ts += MINUTE) if (xnys.sessionAt(ts) !== null && !times.includes(ts)) lost += 1;
        expect(report.gaps.reduce((sum, gap) => sum + gap.missing_in_session, 0)).toBe(lost);
      }),
      { numRuns: 40 },
    );
  });
});

describeShared("gaps of real data", () => {
  // Counts: the description of the data sets, by row and day.
  test("the four shares of October 2013 lack two regular minutes of 7,800, one each on two days", () => {
    const days = ["2013-10-07", "2013-10-08", "2013-10-09", "2013-10-10", "2013-10-11"];
    const reports = ["spy", "ibm", "aig", "bac"].map((ticker) => sessionGaps(leanMinutes(ticker, days), xnys));
    expect(reports.map((report) => report.expected)).toEqual([1_950, 1_950, 1_950, 1_950]);
    expect(reports.map((report) => report.present)).toEqual([1_950, 1_949, 1_949, 1_950]);
    expect(reports[1]?.sessions.find((session) => session.present < 390)?.session).toBe("2013-10-11");
    expect(reports[2]?.sessions.find((session) => session.present < 390)?.session).toBe("2013-10-07");
  });

  test("the half day of 2015-12-24 ends at 13:00 although rows run until 15:44 and one at 16:11", () => {
    const report = sessionGaps(leanMinutes("goog", ["2015-12-24"]), xnys);
    expect(report.sessions).toEqual([{ session: "2015-12-24", half_day: true, expected: 210, present: 210 }]);
    expect(report.outside).toBe(17);
  });

  test("GOOG lacks eight minutes on 2015-12-28 and TWX three on 2014-06-06", () => {
    const lacking = (ticker: string, day: string): number => {
      const report = sessionGaps(leanMinutes(ticker, [day]), xnys);
      return report.expected - report.present;
    };
    expect(lacking("goog", "2015-12-28")).toBe(8);
    expect(lacking("twx", "2014-06-06")).toBe(3);
  });

  test("the clock change between 2008-03-07 and 2008-03-10 moves the session by an hour and no bar out of it", () => {
    const report = sessionGaps(leanMinutes("shy", ["2008-03-07", "2008-03-10"]), xnys);
    expect(report.sessions).toEqual([
      { session: "2008-03-07", half_day: false, expected: 390, present: 333 },
      { session: "2008-03-10", half_day: false, expected: 390, present: 313 },
    ]);
    expect(report.outside).toBe(6);
  });

  test.each([
    ["nautilus/fxcm/gbpusd-m1-bid-2012.csv", 30_117, 111],
    ["nautilus/fxcm/usdjpy-m1-ask-2013.csv", 28_761, 38],
    ["nautilus/btc-perp-20211231-20220201_1m.csv", 45_031, 0],
  ])("%s has %i rows and %i gaps", (file, rows, gaps) => {
    const lines = readFileSync(sharedPath(...file.split("/")), "utf8")
      .trim()
      .split("\n")
      .slice(1);
    const times = lines.map((line) => {
      const text = line.split(",")[0] ?? "";
      return Date.parse(/[+-]\d\d:\d\d$|Z$/.test(text) ? text : `${text.replace(" ", "T")}Z`);
    });
    expect(times).toHaveLength(rows);
    expect(findGaps(flatBars(times)).gap_count).toBe(gaps);
  });
});
