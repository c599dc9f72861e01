import { describe, expect, it } from "vitest";
import { fxSetOf, fxText, parseFxCsv, parseFxTime } from "./fx-text.js";

const DAY = 86_400_000;

describe("rates in a CSV file", () => {
  it("are read with their line", () => {
    const parsed = parseFxCsv("time,pair,rate\r\n2024-01-02,EUR/USD,1.0956\r\n2024-01-03T16:00:00+01:00,EUR/USD,1.0919\r\n", "ecb.csv");
    expect(parsed).toEqual({
      kind: "parsed",
      quotes: [
        { base: "EUR", quote: "USD", rate: "1.0956", at: Date.UTC(2024, 0, 3), file: "ecb.csv", line: 2 },
        { base: "EUR", quote: "USD", rate: "1.0919", at: Date.UTC(2024, 0, 3, 15), file: "ecb.csv", line: 3 },
      ],
    });
  });

  it("of a bare date are known from the end of that day: a rate fixed in the afternoon must not serve the morning", () => {
    expect(parseFxTime("2024-02-29")).toBe(Date.UTC(2024, 2, 1));
    expect(parseFxTime("2024-02-29T09:30Z")).toBe(Date.UTC(2024, 1, 29, 9, 30));
    for (const text of ["2024-02-30", "2024-02-29T09:30", "2024-02-29T24:00Z", "29.02.2024", ""]) expect(parseFxTime(text)).toBeNull();
  });

  it("that are malformed are refused with every line", () => {
    const parsed = parseFxCsv(
      "date,pair,rate\nyesterday,EUR/USD,1\n2024-01-02,EURUSD,1\n2024-01-02,EUR/USD\n\n2024-01-02,EUR/USD,1,2\n",
      "x.csv",
    );
    expect(parsed.kind === "invalid" && parsed.violations.map((v) => [v.line, v.field, v.value])).toEqual([
      [1, undefined, "date,pair,rate"],
      [2, "time", "yesterday"],
      [3, "pair", "EURUSD"],
      [4, undefined, "2024-01-02,EUR/USD"],
      [5, undefined, ""],
      [6, undefined, "2024-01-02,EUR/USD,1,2"],
    ]);
    expect(parseFxCsv("time,pair,rate\n", "x.csv")).toMatchObject({ kind: "invalid", violations: [{ code: "FX_ROW_MALFORMED", line: 2 }] });
  });
});

describe("the kept text of a rate set", () => {
  const terms = { pivot: "USD", max_age_ms: DAY };

  it("is the same for the same rates in any order, and reads back as the same set", () => {
    const quotes = [
      { base: "EUR", quote: "USD", rate: "1.10", at: 5 },
      { base: "EUR", quote: "USD", rate: "1.2", at: 9 },
      { base: "USD", quote: "KRW", rate: "1300", at: null },
    ];
    const text = fxText(terms, quotes);
    expect(fxText(terms, [...quotes].reverse())).toBe(text);
    expect(text).toBe(
      '{"max_age_ms":86400000,"pivot":"USD","quotes":[{"at":5,"pair":"EUR/USD","rate":"1.1"},{"at":9,"pair":"EUR/USD","rate":"1.2"},{"at":null,"pair":"USD/KRW","rate":"1300"}]}',
    );
    expect(fxSetOf(text).rateAt("EUR", "KRW", 9)).toMatchObject({ kind: "rate", text: "1560" });
  });

  it("that nobody could have written is refused", () => {
    expect(() => fxSetOf('{"max_age_ms":1,"pivot":"USD","quotes":[{"at":null,"pair":"EUR/GBP","rate":"1"}]}')).toThrow(RangeError);
  });
});
