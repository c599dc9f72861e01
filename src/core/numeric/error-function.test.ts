import { expect, test } from "vitest";
import { erf, erfc } from "./error-function.js";

// mpmath 50 digits.
test.each([
  [-3, -0.9999779095030014],
  [-0.5, -0.5204998778130465],
  [-0.2, -0.22270258921047847],
  [1e-20, 1.1283791670955125e-20],
  [0.1, 0.1124629160182849],
  [0.499, 0.5196206559894685],
  [0.51, 0.5292436198411704],
  [1, 0.8427007929497149],
  [2.5, 0.999593047982555],
  [6, 1],
])("the error function of %d has fifteen digits", (x, expected) => {
  expect(Math.abs(erf(x) / expected - 1)).toBeLessThan(1e-15);
});

// mpmath 50 digits.
test.each([
  [-4, 1.999999984582742],
  [-0.3, 1.3286267594591274],
  [0, 1],
  [0.2, 0.7772974107895215],
  [0.6, 0.3961439091520741],
  [1, 0.15729920705028513],
  [3, 2.209049699858544e-5],
  [10, 2.088487583762545e-45],
  [25, 8.300172571196523e-274],
  [26.5, 2.2109076642637343e-307],
])("its complement of %d has fifteen digits, however small", (x, expected) => {
  expect(Math.abs(erfc(x) / expected - 1)).toBeLessThan(1e-15);
});

test("both are odd about their middle, and keep what is no number", () => {
  for (let x = 0; x < 7; x += 0.173) {
    expect(erf(-x)).toBe(-erf(x));
    expect(erf(x) + erfc(x)).toBeCloseTo(1, 15);
  }
  expect([erf(Infinity), erf(-Infinity), erfc(Infinity), erfc(-Infinity)]).toEqual([1, -1, 0, 2]);
  expect([erf(Number.NaN), erfc(Number.NaN)]).toEqual([Number.NaN, Number.NaN]);
});
