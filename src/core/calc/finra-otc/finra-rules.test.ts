import { describe, expect, test } from "vitest";
import { compactFile, readWeekly } from "../../../../test/support/finra-week.js";
import { sha256, sha256Bytes } from "../../../adapters/node-hash/sha256.js";
import { dayOfText, formatDay } from "../../market/civil-date.js";
import { cleanSymbol } from "./field-rules.js";
import { derivedPath, factsOfFileName } from "./file-name.js";
import { calendarCaptureId, captureIdOf, contentHash, recordHash, scheduledCaptureId } from "./ids.js";
import { normalise } from "./normalise.js";
import { PERIODS, SOURCES } from "./periods.js";
import { rejectTotals } from "./reject.js";
import { parseTier, tierOfCell } from "./tiers.js";
import { parseWeekEnding, weekEndingBefore, weeksUpTo } from "./weeks.js";

// Golden values: made with the recipes by an earlier system.
describe("ids and hashes", () => {
  const taken = Date.parse("2025-12-30T10:00:00Z");

  test("a capture's id ends in e9a0bc", () => {
    expect(captureIdOf("OTC", "2025-12-26", taken, sha256)).toBe("finra.otc_transparency:OTC:2025-12-26:e9a0bc");
  });

  test("a moment with milliseconds is written with microseconds, as the recipe's clock does", () => {
    const text = "OTC|2025-12-26|2025-12-30T10:00:00.250000+00:00";
    expect(captureIdOf("OTC", "2025-12-26", taken + 250, sha256)).toBe(`finra.otc_transparency:OTC:2025-12-26:${sha256(text).slice(0, 6)}`);
  });

  test("a scheduled run takes its day, a calendar its exchange and year", () => {
    expect(scheduledCaptureId("OTC", "2025-12-26", "2025-12-30")).toBe("finra.otc_transparency:OTC:2025-12-26:20251230");
    const h6 = sha256("XNYS|2025|2025-12-30T10:00:00+00:00").slice(0, 6);
    expect(calendarCaptureId("XNYS", 2025, taken, sha256)).toBe(`reference.exchange_calendar:XNYS:2025:${h6}`);
  });

  test("a record and a content", () => {
    const record = { week_ending: "2025-12-12", tier: "OTC", symbol: "AABB", mpid: "OTCN", shares: 6_753_871, trades: 171 };
    expect(recordHash(record, sha256)).toBe("6516c9cae35be4cd806dd6bd3b62a6e2");
    expect(contentHash(new TextEncoder().encode("hello world"), sha256Bytes)).toBe("b94d27b9934d3e08");
  });
});

describe("weeks", () => {
  // Mondays give the Friday three days before, Fridays the one a week before.
  test.each([
    ["2025-12-15", "2025-12-12"],
    ["2025-12-22", "2025-12-19"],
    ["2025-12-29", "2025-12-26"],
    ["2025-12-16", "2025-12-12"],
    ["2025-12-18", "2025-12-12"],
    ["2025-12-19", "2025-12-12"],
    ["2025-12-20", "2025-12-19"],
    ["2025-12-21", "2025-12-19"],
  ])("published on %s is of the week ending %s", (publication, week) => {
    expect(formatDay(weekEndingBefore(dayOfText(publication)))).toBe(week);
  });

  test.each([
    ["2025-12-25", "2025-12-26"],
    ["2025-12-27", "2025-12-26"],
    ["2025-12-29", "2025-12-26"],
    ["2025-12-23", "2025-12-26"],
  ])("%s is no Friday; the nearest is %s", (day, friday) => {
    expect(parseWeekEnding(day)).toMatchObject({
      kind: "invalid",
      violation: { code: "WEEK_NOT_FRIDAY", expected: `the nearest Friday is ${friday}` },
    });
  });

  test("what is no day at all is told", () => {
    expect(parseWeekEnding("2025-02-30")).toMatchObject({ violation: { code: "INVALID_DATE" } });
    expect(weeksUpTo("2026-01-02", 3)).toEqual(["2025-12-19", "2025-12-26", "2026-01-02"]);
  });
});

describe("tiers, periods, sources and names", () => {
  test.each(["tier1", "Tier1", "TIER1", "nms_tier_1", "NMS_TIER_1"])("%s is the first tier", (alias) => {
    expect(parseTier(alias)).toEqual({ kind: "tier", tier: "NMS_TIER_1" });
  });

  test("an unknown tier lists the valid ones", () => {
    expect(parseTier("tier3")).toMatchObject({
      violation: { code: "INVALID_TIER", expected: expect.stringContaining("NMS_TIER_1, NMS_TIER_2, OTC") },
    });
  });

  test("cells of files name tiers in their own words; any other word is no tier", () => {
    expect(["NMS Tier 1", "NMS Tier 2", "OTC", "OTC Other", "Pink"].map(tierOfCell)).toEqual([
      "NMS_TIER_1",
      "NMS_TIER_2",
      "OTC",
      "OTC",
      null,
    ]);
  });

  test("periods end before their publication, and an unknown one lists the known", () => {
    const day = dayOfText("2026-01-05");
    const ends = PERIODS.names.map((name) => {
      const period = PERIODS.get(name);
      return period.kind === "found" ? [name, formatDay(period.value.endBefore(day))] : name;
    });
    expect(ends).toEqual([
      ["annual", "2025-12-31"],
      ["monthly", "2025-12-31"],
      ["quarterly", "2025-12-31"],
      ["weekly", "2026-01-02"],
    ]);
    expect(PERIODS.get("daily")).toMatchObject({
      violation: { code: "UNKNOWN_PERIOD", expected: "one of annual, monthly, quarterly, weekly" },
    });
    expect(SOURCES.get("ftp")).toMatchObject({ violation: { expected: "one of api, file" } });
  });

  test("a further period is registered beside the others", () => {
    const more = PERIODS.with({ name: "daily", endBefore: (day) => day - 1 });
    expect(more.names).toContain("daily");
    expect(() => more.with({ name: "daily", endBefore: (day) => day })).toThrow(RangeError);
  });

  test("a file's name tells tier and date, with and without dashes, and the path follows from both", () => {
    const facts = { tier: "NMS_TIER_1", publication: "2025-12-15", week_ending: null };
    expect(factsOfFileName("finra_otc_weekly_tier1_20251215.csv")).toEqual(facts);
    expect(factsOfFileName("finra_otc_weekly_tier1_2025-12-15.csv")).toEqual(facts);
    expect(factsOfFileName("nms_tier_2_week_2025-12-26.psv")).toEqual({ tier: "NMS_TIER_2", publication: null, week_ending: "2025-12-26" });
    expect(factsOfFileName("something.csv")).toEqual({ tier: null, publication: null, week_ending: null });
    expect(derivedPath("OTC", dayOfText("2025-12-15"))).toBe("data/finra/finra_otc_weekly_otc_20251215.csv");
  });
});

describe("normalising", () => {
  const week = { week_ending: "2025-12-26", tier: "OTC" } as const;
  const normalised = async (content: string) => {
    const file = await readWeekly(content);
    const result = normalise(file.rows, file.layout, week);
    const rejects = [...file.rejects, ...result.rejects];
    expect(file.raw_count).toBe(result.rows.length + rejects.length);
    return { ...result, file, rejects, codes: rejects.map(({ line, reasons }) => [line, ...reasons.map(({ code }) => code)]) };
  };

  test("every reason of a row is kept, not only the first", async () => {
    const long = "A".repeat(21);
    const { codes, rows } = await normalised(
      compactFile("2025-12-26", [
        ["GOOD", "ABCD", 10, 1],
        ["", "ABCD", -5, 1],
        [long, "ABCDEFGHIJKLMNOPQRSTU", 10, -1],
        ["1ABC", "", 0, 0],
      ]),
    );
    expect(rows.map(({ symbol }) => symbol)).toEqual(["GOOD"]);
    expect(codes).toEqual([
      [3, "INVALID_SYMBOL", "NEGATIVE_VOLUME"],
      [4, "SYMBOL_TOO_LONG", "INVALID_MPID", "MPID_TOO_LONG", "NEGATIVE_TRADES"],
      [5, "INVALID_SYMBOL", "INVALID_MPID", "ZERO_VOLUME"],
    ]);
  });

  test("an unknown tier and another week are rejects; another known tier is kept and counted", async () => {
    const text = `${compactFile("2025-12-26", [["A", "ABCD", 1, 1]], "Pink")}2025-12-19|OTC|B|ABCD|1|1\n2025-12-26|NMS Tier 1|C|ABCD|1|1\n`;
    const { codes, rows, other_tier } = await normalised(text);
    expect(codes).toEqual([
      [2, "INVALID_TIER"],
      [3, "WEEK_MISMATCH"],
    ]);
    expect([rows.length, other_tier]).toEqual([1, 1]);
  });

  test("lines that cannot be read are counted, each with all that is wrong", async () => {
    const { codes, rows } = await normalised(
      `${compactFile("2025-12-26", [
        ["A", "ABCD", "ten", ""],
        ["B", "ABCD", "99999999999999999999", 1],
        ["C", "ABCD", 1_000_000_000_000_000, 1],
      ])}2025-12-26,OTC,D,ABCD,1,1\n2025-12-26|OTC|E\n2025/12/26|OTC|F|ABCD|1|1\n`,
    );
    expect(codes).toEqual([
      [2, "PARSE_ERROR", "PARSE_ERROR"],
      [3, "PARSE_ERROR"],
      [5, "PARSE_ERROR"],
      [6, "PARSE_ERROR"],
      [7, "PARSE_ERROR"],
    ]);
    expect(rows.map(({ shares }) => shares)).toEqual([1_000_000_000_000_000]);
  });

  test("of equal keys the last line is kept; equal figures, other figures and symbols that cleaning joins are told apart", async () => {
    const { rejects, rows } = await normalised(
      compactFile("2025-12-26", [
        ["AAA", "ABCD", 1, 1],
        ["AAA", "ABCD", 1, 1],
        ["BBB", "ABCD", 5, 1],
        ["BBB", "ABCD", 4, 1],
        ["C C", "ABCD", 7, 1],
        ["CC", "ABCD", 8, 1],
      ]),
    );
    expect(rows.map(({ symbol, shares }) => [symbol, shares])).toEqual([
      ["AAA", 1],
      ["BBB", 4],
      ["CC", 8],
    ]);
    expect(rejects.map(({ reasons }) => reasons[0]?.detail)).toEqual([
      "line 3 has the same symbol and venue and is kept: the same figures",
      "line 5 has the same symbol and venue and is kept: other figures: 5/1 here, 4/1 there",
      'line 7 has the same symbol and venue and is kept: "C C" and "CC" are one symbol after cleaning',
    ]);
    expect(rejectTotals(rejects)).toEqual([{ code: "DUPLICATE_KEY", count: 3 }]);
  });

  test("a symbol keeps upper-case letters, digits, points, dashes and slashes", () => {
    expect(cleanSymbol(" brk.b/wś-1 ")).toBe("BRK.B/W-1");
  });
});
