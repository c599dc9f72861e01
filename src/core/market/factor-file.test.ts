import { describe, expect, it } from "vitest";
import { dayOfText } from "./civil-date.js";
import { factorGaps, factorText, parseFactorFile } from "./factor-file.js";

const good = "19980102,0.6566606,1,1\n19980319,0.6566606,1,109.34\n19980618,0.6585481,1,111.16\n20501231,1,1,0";

function violations(text: string): readonly (readonly [number | undefined, string, string | undefined])[] {
  const parsed = parseFactorFile(text, "spy.csv");
  return parsed.kind === "parsed" ? [] : parsed.violations.map(({ line, code, value }) => [line, code, value]);
}

describe("a factor file", () => {
  it("is read row by row, whatever its line ends, with or without a last one", () => {
    for (const text of [good, `${good}\n`, good.replaceAll("\n", "\r\n")]) {
      const parsed = parseFactorFile(text, "spy.csv");
      expect(parsed).toMatchObject({ kind: "parsed" });
      if (parsed.kind !== "parsed") return;
      expect(parsed.rows).toHaveLength(4);
      expect(parsed.rows[1]).toEqual({
        line: 2,
        day: dayOfText("1998-03-19"),
        price_factor: "0.6566606",
        split_factor: "1",
        reference_price: "109.34",
      });
      expect(factorText(parsed.rows)).toBe(`${good}\n`);
    }
  });

  it("has one text for one content: trailing zeros of a factor say nothing", () => {
    const text = (split: string): string => {
      const parsed = parseFactorFile(`20140606,0.9011818,${split},645.57\n20501231,1,1,0\n`, "aapl.csv");
      return parsed.kind === "parsed" ? factorText(parsed.rows) : "";
    };
    expect(text("0.03571430")).toBe(text("0.0357143"));
    expect(text("00.0357143")).toBe("20140606,0.9011818,0.0357143,645.57\n20501231,1,1,0\n");
    expect(text("20")).toContain(",20,");
  });

  it("with holes is refused with every violation, its line and its value", () => {
    const rows = [
      "19980319,0.65,1,109.34",
      "19980102,0.65,1,100",
      "19980319,0.65,1,109.34",
      "19980319,0.65,1,109.34",
      "1998-06-18,0.66,1,111.16",
      "19980631,0.66,1,111.16",
      "19990101,0,1,111.16",
      "19990102,-0.5,x,111.16",
      "19990103,0.66,1",
      "",
      "19990104,0.66,1,-1",
      "19990105,0.66,1,0",
      "19990106,0.64,1,100",
      "19990107,1e3,1,100",
      "20501231,1,1,0",
    ];
    expect(violations(rows.join("\n"))).toEqual([
      [2, "FACTOR_ROWS_UNSORTED", "1998-01-02"],
      [4, "FACTOR_DATE_DUPLICATE", "1998-03-19"],
      [5, "FACTOR_DATE_INVALID", "1998-06-18"],
      [6, "FACTOR_DATE_INVALID", "19980631"],
      [7, "FACTOR_NOT_POSITIVE", "0"],
      [8, "FACTOR_NOT_POSITIVE", "-0.5"],
      [8, "FACTOR_NOT_POSITIVE", "x"],
      [9, "FACTOR_ROW_MALFORMED", "19990103,0.66,1"],
      [10, "FACTOR_ROW_MALFORMED", ""],
      [11, "FACTOR_PRICE_INVALID", "-1"],
      [13, "FACTOR_FALLS", "0.64"],
      [14, "FACTOR_NOT_POSITIVE", "1e3"],
    ]);
  });

  it("needs the price before a dividend", () => {
    expect(violations("19980102,0.65,1,0\n20501231,1,1,0")).toEqual([[1, "FACTOR_PRICE_MISSING", "0"]]);
  });

  it("without a row says nothing and is refused", () => {
    expect(violations("")).toEqual([[1, "FACTOR_FILE_EMPTY", ""]]);
    expect(violations("\n\n")).toEqual([[1, "FACTOR_FILE_EMPTY", ""]]);
  });
});

describe("factors against bars", () => {
  const rowsOf = (text: string): Parameters<typeof factorGaps>[0] => {
    const parsed = parseFactorFile(text, "x.csv");
    if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.violations));
    return parsed.rows;
  };
  const days = (first: string, last: string): Parameters<typeof factorGaps>[1] => ({ first: dayOfText(first), last: dayOfText(last) });

  it("cover all bars from the first row on", () => {
    expect(factorGaps(rowsOf(good), days("1998-01-02", "2021-03-31"), "x.csv")).toEqual([]);
  });

  it("that begin after the bars have a hole: the symbol may have had another owner", () => {
    expect(factorGaps(rowsOf(good), days("1998-01-01", "1999-01-01"), "x.csv")).toMatchObject([
      { code: "FACTORS_START_LATE", line: 1, value: "1998-01-02", file: "x.csv" },
    ]);
  });

  it("that end early are a hole, unless they end at 1", () => {
    expect(factorGaps(rowsOf("19980102,0.5,1,10"), days("1998-01-02", "1998-01-05"), "x.csv")).toMatchObject([
      { code: "FACTORS_END_EARLY", line: 1, value: "1998-01-02" },
    ]);
    expect(factorGaps(rowsOf("19980102,0.5,1,10"), days("1998-01-02", "1998-01-02"), "x.csv")).toEqual([]);
    expect(factorGaps(rowsOf("20120518,1.0,1,1"), days("2012-05-18", "2021-03-31"), "x.csv")).toEqual([]);
  });
});
