import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asciiBytes, type DecimalScan, decimalOfText, scanDecimal, scanSignificant, textOfDecimal } from "./scan-decimal.js";

Decimal.set({ precision: 80 });

function scan(text: string, keep = -1): DecimalScan | string {
  const out: DecimalScan = { mantissa: 0, decimals: 0 };
  return scanDecimal(asciiBytes(text), 0, text.length, out, keep) ?? out;
}

describe("decimal text from bytes", () => {
  test.each([
    ["46319.0", 46319, 0],
    ["0.00002853", 2853, 8],
    ["36304.20000000", 363042, 1],
    ["-0", 0, 0],
    ["1e3", 1000, 0],
    ["1.50e-7", 15, 8],
    ["120e-1", 12, 0],
    ["100", 100, 0],
    ["100.010", 10001, 2],
    ["+.5", 5, 1],
    ["5.", 5, 0],
    ["9007199254740991", 9007199254740991, 0],
    ["0000000000000000000000012", 12, 0],
    ["0e99", 0, 0],
  ])("%s is %d x 10^-%d", (text, mantissa, decimals) => {
    expect(scan(text)).toEqual({ mantissa, decimals });
  });

  test.each([
    ["", "empty"],
    ["NaN", "not_finite"],
    ["-inf", "not_finite"],
    ["null", "not_finite"],
    ["1,5", "not_a_number"],
    ["1.2.3", "not_a_number"],
    ["12a", "not_a_number"],
    ["1e", "not_a_number"],
    ["0x10", "not_a_number"],
    ["9007199254740993", "too_many_digits"],
    ["1.5760800000000001", "too_many_digits"],
    ["1e20", "too_many_digits"],
    ["1e-16", "too_many_digits"],
  ])("%j is refused as %s", (text, fault) => {
    expect(scan(text)).toBe(fault);
  });

  test("the same value comes back as text, whatever form it was written in", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 0, max: 15 }), fc.integer({ min: -5, max: 5 }), (mantissa, decimals, shift) => {
        const value = new Decimal(mantissa).div(new Decimal(10).pow(decimals));
        const plain = value.toFixed();
        const shifted = `${value.times(new Decimal(10).pow(-shift)).toFixed()}e${shift}`;
        const found = decimalOfText(plain);
        expect(found).not.toBeNull();
        if (found !== null) expect(textOfDecimal(found)).toBe(mantissa === 0 ? "0" : plain);
        expect(decimalOfText(shifted)).toEqual(found);
      }),
      { numRuns: 2000 },
    );
  });

  test("the first 15 significant digits, where more are noise, agree with decimal.js", () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 9e13, noNaN: true }), (value) => {
        const out: DecimalScan = { mantissa: 0, decimals: 0 };
        const text = new Decimal(value).toFixed();
        const expected = new Decimal(text).toSignificantDigits(15, Decimal.ROUND_HALF_EVEN);
        const fault = scanSignificant(asciiBytes(text), 0, text.length, out);
        if (fault === null) expect(textOfDecimal(out)).toBe(expected.toFixed());
        else expect(expected.decimalPlaces()).toBeGreaterThan(14);
      }),
      { numRuns: 2000 },
    );
  });

  test("rounding, where it is asked for, is half-even and agrees with decimal.js", () => {
    expect(scan("1.5760800000000001", 8)).toEqual({ mantissa: 157608, decimals: 5 });
    expect(scan("0.125", 2)).toEqual({ mantissa: 12, decimals: 2 });
    expect(scan("-0.135", 2)).toEqual({ mantissa: -14, decimals: 2 });
    expect(scan("1e-300", 8)).toEqual({ mantissa: 0, decimals: 0 });
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 24n }),
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 0, max: 8 }),
        (digits, places, keep) => {
          const value = new Decimal(digits.toString()).div(new Decimal(10).pow(places));
          const found = scan(value.toFixed(), keep);
          const expected = value.toDecimalPlaces(keep, Decimal.ROUND_HALF_EVEN);
          if (typeof found === "string")
            expect(expected.times(new Decimal(10).pow(expected.decimalPlaces())).gt(Number.MAX_SAFE_INTEGER)).toBe(true);
          else expect(textOfDecimal(found)).toBe(expected.toFixed());
        },
      ),
    );
  });
});
