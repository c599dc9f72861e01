import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { philox4x32, RandomDraws, type Words4 } from "./random.js";

describe("Philox4x32-10", () => {
  // Known answers of the authors' Random123 library, file kat_vectors.
  test.each<[Words4, readonly [number, number], readonly number[]]>([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])("of counter %j under key %j is the published block", (counter, key, expected) => {
    const out = new Uint32Array(4);
    philox4x32(counter, key, out);
    expect([...out]).toEqual(expected);
  });

  test("agrees with the same rounds in 64-bit integers for any words", () => {
    const word = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(fc.tuple(word, word, word, word), fc.tuple(word, word), (counter, key) => {
        const out = new Uint32Array(4);
        philox4x32(counter, key, out);
        let [a, b, c, d] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
        let [k0, k1] = key.map(BigInt) as [bigint, bigint];
        const mask = 0xffffffffn;
        for (let round = 0; round < 10; round++) {
          const p0 = 0xd2511f53n * a;
          const p1 = 0xcd9e8d57n * c;
          [a, b, c, d] = [(p1 >> 32n) ^ b ^ k0, p1 & mask, (p0 >> 32n) ^ d ^ k1, p0 & mask];
          k0 = (k0 + 0x9e3779b9n) & mask;
          k1 = (k1 + 0xbb67ae85n) & mask;
        }
        expect([...out]).toEqual([a, b, c, d].map(Number));
      }),
    );
  });
});

describe("draws", () => {
  test("of a place do not depend on what was drawn before", () => {
    const fresh = new RandomDraws(7).at(3, 1_000).word();
    const used = new RandomDraws(7);
    for (let draw = 0; draw < 9; draw++) used.word();
    expect(used.at(3, 1_000).word()).toBe(fresh);
  });

  test("differ by seed, stream and index, beyond 32 bits too", () => {
    const words = [
      new RandomDraws(1).at(0, 0).word(),
      new RandomDraws(2).at(0, 0).word(),
      new RandomDraws(1 + 2 ** 32).at(0, 0).word(),
      new RandomDraws(1).at(1, 0).word(),
      new RandomDraws(1).at(0, 1).word(),
      new RandomDraws(1).at(0, 2 ** 32).word(),
    ];
    expect(new Set(words).size).toBe(words.length);
  });

  test.each([-1, 0.5, Number.NaN, 2 ** 53])("refuse the seed %s", (seed) => {
    expect(() => new RandomDraws(seed)).toThrow(RangeError);
  });

  test("have the moments of their distributions", () => {
    const draws = new RandomDraws(20_240_304);
    const n = 100_000;
    let unitSum = 0;
    let bellSum = 0;
    let bellSquares = 0;
    for (let draw = 0; draw < n; draw++) {
      const unit = draws.unit();
      if (!(unit >= 0 && unit < 1)) expect.fail(`${unit} lies outside [0, 1)`);
      unitSum += unit;
      const bell = draws.bell();
      bellSum += bell;
      bellSquares += bell * bell;
    }
    // Five standard errors: 5 x sqrt(1/12/n), 5 / sqrt(n), 5 x sqrt(1.9/n) (kurtosis of Irwin-Hall 12 is 2.9).
    expect(Math.abs(unitSum / n - 0.5)).toBeLessThan(0.0046);
    expect(Math.abs(bellSum / n)).toBeLessThan(0.016);
    expect(Math.abs(bellSquares / n - 1)).toBeLessThan(0.022);
  });

  test("below a bound reach every number about equally often", () => {
    const draws = new RandomDraws(5);
    const counts = new Float64Array(6);
    for (let draw = 0; draw < 60_000; draw++) {
      const face = draws.below(6);
      counts[face] = (counts[face] ?? 0) + 1;
    }
    const chiSquare = counts.reduce((sum, count) => sum + ((count - 10_000) * (count - 10_000)) / 10_000, 0);
    // 99.9 % of chi-square with 5 degrees of freedom lie below 20.5.
    expect(chiSquare).toBeLessThan(20.5);
  });
});
