import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FxQuote, type FxSet, type FxTerms, openFxSet } from "./fx-set.js";

const HOUR = 3_600_000;
const terms: FxTerms = { pivot: "USD", max_age_ms: 24 * HOUR };

/** `EUR/USD 1.1`, or `EUR/USD 1.1 @5` for a rate that holds from hour 5 on. */
function quote(text: string): FxQuote {
  const [pair = "", rate = "", when] = text.split(" ");
  const [base = "", other = ""] = pair.split("/");
  return { base, quote: other, rate, at: when === undefined ? null : Number(when.slice(1)) * HOUR };
}

function open(texts: readonly string[], changes: Partial<FxTerms> = {}): FxSet {
  const opened = openFxSet({ ...terms, ...changes }, texts.map(quote));
  if (opened.kind === "refused") throw new Error(JSON.stringify(opened.violations));
  return opened.set;
}

function refusals(texts: readonly string[]): readonly string[] {
  const opened = openFxSet(terms, texts.map(quote));
  return opened.kind === "open" ? [] : opened.violations.map((v) => v.code);
}

function rate(set: FxSet, from: string, to: string, hour = 0): string {
  const answer = set.rateAt(from, to, hour * HOUR);
  return answer.kind === "rate" ? answer.text : answer.kind;
}

describe("a set of constants", () => {
  const set = open(["EUR/USD 1.1", "USD/KRW 1300", "GBP/EUR 1.2"]);

  it("answers every pair by the one path between them", () => {
    expect(rate(set, "EUR", "USD")).toBe("1.1");
    expect(rate(set, "USD", "EUR")).toBe("0.909090909090909091");
    expect(rate(set, "GBP", "USD")).toBe("1.32");
    expect(rate(set, "GBP", "KRW")).toBe("1716");
    expect(rate(set, "KRW", "USD")).toBe("0.000769230769230769");
    expect(rate(set, "KRW", "KRW")).toBe("1");
    expect(set.currencies).toEqual(["EUR", "GBP", "KRW", "USD"]);
  });

  it("holds at any time", () => {
    expect(set.rateAt("EUR", "USD", -1e15)).toEqual({ kind: "rate", text: "1.1", until: Number.POSITIVE_INFINITY });
  });

  it("does not know other currencies", () => {
    expect(set.rateAt("JPY", "USD", 0)).toEqual({ kind: "missing", currency: "JPY" });
    expect(set.rateAt("USD", "JPY", 0)).toEqual({ kind: "missing", currency: "JPY" });
  });

  it("agrees with decimal.js for any tree of rates", () => {
    const Oracle = Decimal.clone({ precision: 80, rounding: Decimal.ROUND_HALF_EVEN });
    const rates = fc.array(fc.integer({ min: 1, max: 10 ** 9 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(rates, (values) => {
        const texts = values.map((v) => new Oracle(v).div(10 ** 5).toFixed());
        const [eur, gbp, krw, jpy] = texts.map((t) => new Oracle(t)) as [Decimal, Decimal, Decimal, Decimal];
        // EUR/USD, GBP/EUR, USD/KRW, JPY/KRW
        const made = open([`EUR/USD ${texts[0]}`, `GBP/EUR ${texts[1]}`, `USD/KRW ${texts[2]}`, `JPY/KRW ${texts[3]}`]);
        const inUsd = { USD: new Oracle(1), EUR: eur, GBP: gbp.times(eur), KRW: new Oracle(1).div(krw), JPY: jpy.div(krw) };
        for (const [a, x] of Object.entries(inUsd))
          for (const [b, y] of Object.entries(inUsd)) {
            const answer = new Oracle(rate(made, a, b));
            // Rounded once at 18 decimals; the oracle's own division is far finer.
            expect(answer.minus(x.div(y)).abs().lte("0.5000000001e-18")).toBe(true);
          }
      }),
      { numRuns: 100 },
    );
  });
});

describe("a dated series", () => {
  const set = open(["EUR/USD 1.1 @0", "EUR/USD 1.2 @10", "EUR/USD 1.3 @12", "USD/KRW 1000"]);

  it("gives the last rate at or before a time", () => {
    expect([0, 9.99, 10, 11, 12, 30].map((hour) => rate(set, "EUR", "USD", hour))).toEqual(["1.1", "1.1", "1.2", "1.2", "1.3", "1.3"]);
    expect(rate(set, "EUR", "KRW", 11)).toBe("1200");
  });

  it("in any order of its rows is the same series", () => {
    const shuffled = open(["EUR/USD 1.3 @12", "EUR/USD 1.1 @0", "USD/KRW 1000", "EUR/USD 1.2 @10"]);
    for (const hour of [0, 10, 20]) expect(rate(shuffled, "EUR", "USD", hour)).toBe(rate(set, "EUR", "USD", hour));
  });

  it("is refused beyond its age limit, and before its first rate", () => {
    expect(set.rateAt("EUR", "USD", 36 * HOUR)).toMatchObject({ kind: "rate", text: "1.3" });
    expect(set.rateAt("EUR", "USD", 36 * HOUR + 1)).toEqual({ kind: "stale", pair: "EUR/USD", as_of: 12 * HOUR });
    // The pair as it was stated, whichever of the two is the pivot.
    expect(open(["EUR/USD 1.1 @0"], { pivot: "EUR" }).rateAt("USD", "EUR", -1)).toEqual({ kind: "stale", pair: "EUR/USD", as_of: null });
    expect(set.rateAt("USD", "EUR", -1)).toEqual({ kind: "stale", pair: "EUR/USD", as_of: null });
  });

  it("says until when an answer holds: the next rate, or the age limit", () => {
    expect(set.rateAt("EUR", "USD", 0)).toMatchObject({ until: 10 * HOUR });
    expect(set.rateAt("EUR", "USD", 20 * HOUR)).toMatchObject({ until: 36 * HOUR + 1 });
  });
});

describe("a set is refused", () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ["when one pair says two things", ["EUR/USD 1.1", "EUR/USD 1.2"], ["FX_RATE_CONFLICT"]],
    ["when one pair says two things for one time", ["EUR/USD 1.1 @1", "EUR/USD 1.2 @1"], ["FX_RATE_CONFLICT"]],
    ["when a pair is a constant and a series", ["EUR/USD 1.1", "EUR/USD 1.1 @1"], ["FX_RATE_CONFLICT"]],
    ["when an inverse disagrees", ["EUR/USD 1.1", "USD/EUR 0.95"], ["FX_INVERSE_DISAGREES"]],
    ["when there are two ways between currencies", ["EUR/USD 1.1", "GBP/EUR 1.2", "GBP/USD 1.32"], ["FX_SECOND_PATH"]],
    ["when a pair hangs in the air", ["EUR/USD 1.1", "JPY/KRW 9"], ["FX_UNCONNECTED"]],
    ["when a rate is zero", ["EUR/USD 0"], ["FX_RATE_INVALID"]],
    ["when a rate is negative", ["EUR/USD -1"], ["FX_RATE_INVALID"]],
    ["when a rate is no number", ["EUR/USD 1e3"], ["FX_RATE_INVALID"]],
    ["when a pair is one currency", ["USD/USD 1"], ["FX_PAIR_INVALID"]],
    ["when a pair is no pair", ["eur/USD 1"], ["FX_PAIR_INVALID"]],
    [
      "with all that is wrong at once",
      ["EUR/USD 1.1", "EUR/USD 1.2", "JPY/KRW 9", "USD/GBP 0"],
      ["FX_RATE_INVALID", "FX_RATE_CONFLICT", "FX_UNCONNECTED"],
    ],
  ])("%s", (_, texts, expected) => {
    expect(refusals(texts)).toEqual(expected);
  });

  it("but not when a pair repeats itself, or an inverse agrees as far as its digits go", () => {
    expect(refusals(["EUR/USD 1.1", "EUR/USD 1.10", "USD/EUR 0.90909"])).toEqual([]);
    expect(refusals(["EUR/USD 1.1 @1", "USD/EUR 0.9091 @1", "EUR/USD 1.2 @2"])).toEqual([]);
  });
});
