import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bigOf,
  decimalPlaces,
  divideHalfEven,
  divideSafe,
  formatBig,
  formatScaled,
  MAX_SCALE,
  parseBig,
  parseScaled,
  pow10,
  pow10Big,
  rescale,
  scaledOf,
} from "./decimal.js";

/** decimal.js with room for every digit that these tests make. */
const Oracle = Decimal.clone({ precision: 400, rounding: Decimal.ROUND_HALF_EVEN, toExpNeg: -9e15, toExpPos: 9e15 });
const anyScale = fc.integer({ min: 0, max: MAX_SCALE });
const anySafe = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, 1, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER));
const anyBig = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n });

describe("scaled integers", () => {
  it("format as decimal.js writes the same number, and read back as themselves", () => {
    fc.assert(
      fc.property(anySafe, anyScale, (value, scale) => {
        const text = formatScaled(value, scale);
        expect(text).toBe(new Oracle(value).div(new Oracle(10).pow(scale)).plus(0).toFixed());
        expect(parseScaled(text, scale)).toBe(value);
      }),
      { numRuns: 2000 },
    );
  });

  it("keep every digit at the ends of the safe range", () => {
    expect(formatScaled(Number.MAX_SAFE_INTEGER, 15)).toBe("9.007199254740991");
    expect(formatScaled(Number.MIN_SAFE_INTEGER, 1)).toBe("-900719925474099.1");
    expect(parseScaled("9007199254740991", 0)).toBe(Number.MAX_SAFE_INTEGER);
    expect(parseScaled("9007199254740992", 0)).toBeNull();
    expect(parseScaled("-9007199254740992", 0)).toBeNull();
    expect(parseScaled("900719925474099.2", 1)).toBeNull();
    expect(parseScaled("90071992547409.92", 2)).toBeNull();
    expect(parseScaled("99999999999999999999999999", 0)).toBeNull();
  });

  it("never show or hold a negative zero", () => {
    expect(formatScaled(-0, 0)).toBe("0");
    expect(formatScaled(-0, 8)).toBe("0");
    for (const text of ["-0", "-0.0", "-0.000"]) expect(Object.is(parseScaled(text, 3), 0)).toBe(true);
    expect(formatBig(-0n, 3)).toBe("0");
  });

  it("accept leading and trailing zeros and a sign, and nothing else", () => {
    expect(parseScaled("+007.50", 2)).toBe(750);
    expect(parseScaled("1.2300000000000000000", 2)).toBe(123);
    for (const text of ["", " ", "1 ", ".5", "5.", "1e3", "0x10", "NaN", "Infinity", "1,000", "--1", "+-1", "1.2.3", "１"]) {
      expect(parseScaled(text, 2), text).toBeNull();
      expect(parseBig(text, 2), text).toBeNull();
      expect(decimalPlaces(text), text).toBeNull();
    }
  });

  it("refuse more digits than the scale has instead of rounding", () => {
    expect(parseScaled("1.005", 2)).toBeNull();
    expect(parseBig("1.005", 2)).toBeNull();
    expect(() => scaledOf("1.005", 2)).toThrow(/"1\.005".*2 places/);
    expect(() => bigOf("x", 2)).toThrow(/"x"/);
  });

  it("know how many places a text needs", () => {
    expect(["5", "5.0", "0.10", "-3.001", "0.000000001"].map(decimalPlaces)).toEqual([0, 0, 1, 3, 9]);
  });

  it("have powers of ten inside their range only", () => {
    expect(pow10(15)).toBe(1e15);
    expect(pow10Big(63)).toBe(10n ** 63n);
    for (const n of [-1, 16, 0.5, Number.NaN]) expect(() => pow10(n)).toThrow(RangeError);
    for (const n of [-1, 64]) expect(() => pow10Big(n)).toThrow(RangeError);
  });
});

describe("balances", () => {
  it("format as decimal.js writes the same number, and read back as themselves", () => {
    fc.assert(
      fc.property(anyBig, anyScale, (value, scale) => {
        const text = formatBig(value, scale);
        expect(text).toBe(new Oracle(value.toString()).div(new Oracle(10).pow(scale)).plus(0).toFixed());
        expect(parseBig(text, scale)).toBe(value);
      }),
      { numRuns: 2000 },
    );
  });

  it("divide half to even as decimal.js does", () => {
    fc.assert(
      fc.property(anyBig, fc.bigInt({ min: 1n, max: 10n ** 20n }), (n, d) => {
        const expected = new Oracle(n.toString()).div(d.toString()).toDecimalPlaces(0).plus(0).toFixed();
        expect(divideHalfEven(n, d).toString()).toBe(expected === "-0" ? "0" : expected);
      }),
      { numRuns: 2000 },
    );
  });

  it("send ties to the even neighbour on both sides of zero", () => {
    const tenths = [5n, 15n, 25n, 35n, -5n, -15n, -25n, -35n, 4n, 6n, -4n, -6n];
    expect(tenths.map((n) => divideHalfEven(n, 10n))).toEqual([0n, 2n, 2n, 4n, 0n, -2n, -2n, -4n, 0n, 1n, 0n, -1n]);
  });

  it("refuse a denominator that is not positive", () => {
    expect(() => divideHalfEven(1n, 0n)).toThrow(RangeError);
    expect(() => divideHalfEven(1n, -1n)).toThrow(RangeError);
  });

  it("move between scales exactly upwards and half-even downwards", () => {
    expect(rescale(125n, 2, 4)).toBe(12_500n);
    expect([rescale(125n, 2, 1), rescale(135n, 2, 1), rescale(-125n, 2, 1)]).toEqual([12n, 14n, -12n]);
  });
});

describe("division of safe integers", () => {
  const near = (n: number): fc.Arbitrary<number> =>
    fc.integer({ min: Math.max(0, n - 50), max: Math.min(Number.MAX_SAFE_INTEGER, n + 50) });
  const sized = fc.oneof(
    fc.maxSafeNat(),
    fc.nat({ max: 10_000 }),
    fc.integer({ min: 0, max: 53 }).chain((bits) => near(bits === 53 ? Number.MAX_SAFE_INTEGER : 2 ** bits)),
  );

  it("rounds as that of BigInt does, to the last unit", () => {
    fc.assert(
      fc.property(sized, sized, fc.boolean(), (n, d, negative) => {
        fc.pre(d > 0);
        const numerator = negative ? 0 - n : n;
        const quotient = divideSafe(numerator, d);
        expect(BigInt(quotient)).toBe(divideHalfEven(BigInt(numerator), BigInt(d)));
        expect(Object.is(quotient, -0)).toBe(false);
      }),
      { numRuns: 5_000 },
    );
  });

  it("of multiples, halves and their neighbours", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 94_906_265 }),
        fc.integer({ min: 0, max: 94_906_264 }),
        fc.integer({ min: -2, max: 2 }),
        (d, q, off) => {
          const n = q * d + Math.floor(d / 2) + off;
          fc.pre(n >= 0);
          expect(BigInt(divideSafe(n, d))).toBe(divideHalfEven(BigInt(n), BigInt(d)));
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it("has no answer where an argument is none, so that nobody takes a rounded one", () => {
    for (const [n, d] of [
      [Number.MAX_SAFE_INTEGER + 1, 3],
      [1, 0],
      [1, -1],
      [1, Number.MAX_SAFE_INTEGER + 1],
      [Number.NaN, 1],
      [Number.POSITIVE_INFINITY, 1],
    ] as const)
      expect(divideSafe(n, d)).toBeNaN();
  });
});
