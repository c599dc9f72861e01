import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asciiBytes } from "./scan-decimal.js";
import { utcText } from "./scan-time.js";
import { type LocalClock, StampReader, type StampRules } from "./stamp-reader.js";

const rules: StampRules = {
  stamp: "close",
  timeframe_ms: 60_000,
  daily: false,
  clock: null,
  ambiguous: null,
  epoch: null,
  day_close: null,
};

/** A zone one hour ahead of UTC that skips 02:00-03:00 on 2024-03-31 and repeats 02:00-03:00 on 2024-10-27 (the rule of Central Europe). */
const berlin: LocalClock = {
  zone: "Europe/Berlin",
  toUtc(local) {
    const spring = Date.UTC(2024, 2, 31, 2);
    const autumn = Date.UTC(2024, 9, 27, 2);
    if ((local >= spring && local < spring + 3_600_000) || (local >= autumn && local < autumn + 3_600_000)) return Number.NaN;
    return local - (local >= spring && local < autumn ? 7_200_000 : 3_600_000);
  },
  candidates(local) {
    const kind = local < Date.UTC(2024, 5, 1) ? "missing" : "ambiguous";
    return { kind, earlier: local - 7_200_000, later: local - 3_600_000 };
  },
};

function read(text: string, change: Partial<StampRules> = {}): string {
  const reader = new StampReader({ ...rules, ...change });
  const bytes = asciiBytes(text);
  const ts = reader.read(bytes, 0, bytes.length);
  return Number.isNaN(ts) ? (reader.fault?.code ?? "?") : utcText(ts);
}

describe("a stamp", () => {
  test.each([
    ["2021-12-31T23:01:00Z", "2021-12-31T23:01:00Z"],
    ["2021-12-31 23:01:00+00:00", "2021-12-31T23:01:00Z"],
    ["2022-01-01 08:01+0900", "2021-12-31T23:01:00Z"],
    ["2021-12-31 18:01:00.000000 -05", "2021-12-31T23:01:00Z"],
    ["20211231 230100 UTC", "2021-12-31T23:01:00Z"],
    ["2021/12/31 23:01Z", "2021-12-31T23:01:00Z"],
    ["1640991660", "2021-12-31T23:01:00Z"],
    ["1640991660.0", "2021-12-31T23:01:00Z"],
    ["1640991660000", "2021-12-31T23:01:00Z"],
    ["1.64099166e12", "2021-12-31T23:01:00Z"],
    ["1640991660000000", "2021-12-31T23:01:00Z"],
    ["1640991660000000000", "2021-12-31T23:01:00Z"],
  ])("%s is %s", (text, utc) => {
    expect(read(text)).toBe(utc);
  });

  test.each([
    ["2021-12-31 23:01:00", "TS_NAIVE"],
    ["", "TS_NOT_A_TIME"],
    ["yesterday", "TS_NOT_A_TIME"],
    ["31/12/2021 23:01", "TS_NOT_A_TIME"],
    ["12345678901", "TS_NOT_A_TIME"],
    ["2021-02-29T00:00Z", "TS_NO_SUCH_TIME"],
    ["2021-13-01T00:00Z", "TS_NO_SUCH_TIME"],
    ["2021-12-31T24:01Z", "TS_NO_SUCH_TIME"],
    ["2021-12-31", "TS_NOT_A_TIME"],
    ["2021-12-31T23:01:00.0001Z", "TS_BELOW_MILLISECOND"],
    ["1640991660000000001", "TS_NOT_A_TIME"],
    ["2021-12-31T23:01:00Zulu", "TS_NOT_A_TIME"],
  ])("%j is refused as %s", (text, code) => {
    expect(read(text)).toBe(code);
  });

  test("at the start of a bar moves to its end", () => {
    expect(read("2021-12-31T23:01:00Z", { stamp: "open" })).toBe("2021-12-31T23:02:00Z");
  });

  test("in local time follows the zone on both sides of a clock change", () => {
    expect(read("2024-03-31 01:59", { clock: berlin })).toBe("2024-03-31T00:59:00Z");
    expect(read("2024-03-31 03:00", { clock: berlin })).toBe("2024-03-31T01:00:00Z");
  });

  test("that the clock change makes ambiguous names both candidates and what to do", () => {
    const reader = new StampReader({ ...rules, clock: berlin });
    const bytes = asciiBytes("2024-10-27 02:30:00");
    expect(reader.read(bytes, 0, bytes.length)).toBeNaN();
    expect(reader.fault).toEqual({
      code: "TS_AMBIGUOUS",
      value: "2024-10-27 02:30:00",
      message:
        'time "2024-10-27 02:30:00" happened twice in Europe/Berlin (clocks went back): it could be 2024-10-27T00:30:00Z or 2024-10-27T01:30:00Z',
      expected: "times with an offset, or --ambiguous earlier|later to choose",
    });
    expect(read("2024-10-27 02:30:00", { clock: berlin, ambiguous: "later" })).toBe("2024-10-27T01:30:00Z");
    expect(read("2024-03-31 02:30:00", { clock: berlin })).toBe("TS_NOT_EXISTENT");
    expect(read("2024-03-31 02:30:00", { clock: berlin, ambiguous: "earlier" })).toBe("2024-03-31T00:30:00Z");
  });

  test("the unit of the first number holds for the file", () => {
    const reader = new StampReader(rules);
    const first = asciiBytes("1640991660");
    reader.read(first, 0, first.length);
    expect(reader.epochUnit).toBe("s");
    const other = asciiBytes("1640991660000");
    expect(reader.read(other, 0, other.length)).toBeNaN();
    expect(reader.fault?.code).toBe("TS_OUT_OF_RANGE");
  });

  test("of a daily bar is the close of that day's session", () => {
    const change: Partial<StampRules> = {
      daily: true,
      timeframe_ms: 86_400_000,
      stamp: "open",
      day_close: (day) => (day === 18_992 ? day * 86_400_000 + 1 : null),
    };
    expect(read("2021-12-31", change)).toBe("2021-12-31T00:00:00.001Z");
    expect(read("20211231 00:00", change)).toBe("2021-12-31T00:00:00.001Z");
    expect(read("2022-01-01", change)).toBe("TS_NO_SESSION");
    expect(read("2021-12-31T00:00:00Z", change)).toBe("2022-01-01T00:00:00Z");
  });

  test("agrees with Date on every millisecond it can write", () => {
    fc.assert(
      fc.property(fc.date({ min: new Date("1800-01-01"), max: new Date("2199-12-31T23:59:59.999Z"), noInvalidDate: true }), (date) => {
        const text = date.toISOString();
        expect(read(text)).toBe(text.replace(".000Z", "Z"));
      }),
    );
  });
});
