import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { strategyMath } from "./strategy-math.js";

type Row = readonly [...args: string[], result: string, excess: number];
interface Golden {
  readonly source: string;
  readonly functions: Readonly<Record<string, readonly Row[]>>;
}

const golden: Golden = JSON.parse(readFileSync(new URL("../../../test/golden/elementary-functions.golden.json", import.meta.url), "utf8"));

function fromHex(text: unknown): number {
  return Buffer.from(String(text), "hex").readDoubleBE();
}

function call(name: string, args: readonly number[]): number {
  const method = (strategyMath as unknown as Record<string, (...args: readonly number[]) => number>)[name];
  if (method === undefined) throw new Error(`strategyMath has no ${name}`);
  return method(...args);
}

/** Distance of two finite doubles in units of the last place of the second, exact while they are neighbours. */
function ulpsBetween(actual: number, expected: number): number {
  const bits = (x: number): bigint => {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, x);
    const raw = view.getBigInt64(0);
    return raw < 0n ? -(raw & 0x7fff_ffff_ffff_ffffn) : raw;
  };
  const steps = Number(bits(actual) - bits(expected));
  return steps;
}

describe("the elementary functions against 1400-bit values", () => {
  test.each(Object.entries(golden.functions))("%s is within 0.51 ulp of mpmath's value", (name, rows) => {
    expect(rows.length).toBeGreaterThan(25);
    for (const row of rows) {
      const args = row.slice(0, -2).map(fromHex);
      const expected = fromHex(row.at(-2));
      const excess = Number(row.at(-1));
      const actual = call(name, args);
      expect(
        Math.abs(ulpsBetween(actual, expected) - excess),
        `${name}(${args.join(", ")}) gave ${actual}, expected ${expected}`,
      ).toBeLessThan(0.51);
    }
  });
});

const NATIVE = Math as unknown as Record<string, (...args: readonly number[]) => number>;
const SPECIAL = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2,
  -2,
  3,
  -3,
  1e-320,
  -1e-320,
  5e-324,
  1e-300,
  1e16,
  1e16 + 2,
  2 ** 53,
  1e300,
  -1e300,
  1.7976931348623157e308,
  Infinity,
  -Infinity,
  Number.NaN,
] as const;

/** The special cases are fixed by ECMAScript, so here the engine is the oracle; elsewhere it may be off by a few last places. */
function expectSame(actual: number, expected: number, what: string): void {
  if (Number.isFinite(expected) && expected !== 0 && Math.abs(expected) > 1e-300) {
    expect(Math.abs(actual - expected) <= Math.abs(expected) * 1e-15, `${what} gave ${actual}, expected ${expected}`).toBe(true);
  } else if (Number.isFinite(expected) && expected !== 0) {
    expect(Math.abs(actual - expected), what).toBeLessThanOrEqual(5e-324);
  } else {
    expect(Object.is(actual, expected), `${what} gave ${actual}, expected ${expected}`).toBe(true);
  }
}

describe("special values", () => {
  const unary = "exp expm1 log log1p log2 log10 cbrt sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh sqrt".split(" ");
  test.each(unary)("%s agrees with ECMAScript on zeros, infinities, NaN, subnormal and extreme numbers", (name) => {
    for (const x of SPECIAL) expectSame(call(name, [x]), NATIVE[name]?.(x) ?? Number.NaN, `${name}(${x})`);
  });

  test.each(["pow", "atan2", "hypot"])("%s agrees with ECMAScript on every pair of special values", (name) => {
    for (const a of SPECIAL) {
      for (const b of SPECIAL) expectSame(call(name, [a, b]), NATIVE[name]?.(a, b) ?? Number.NaN, `${name}(${a}, ${b})`);
    }
  });

  test("powers of integers that fit are exact", () => {
    for (let base = -20; base <= 20; base++) {
      for (let exponent = 0; exponent <= 12; exponent++) {
        expect(Object.is(strategyMath.pow(base, exponent), Number(BigInt(base) ** BigInt(exponent)))).toBe(true);
      }
    }
  });

  test("log2 of powers of two and log10 of powers of ten are whole numbers", () => {
    for (let n = -1074; n <= 1023; n++) expect(strategyMath.log2(2 ** n)).toBe(n);
    for (let n = 0; n <= 22; n++) expect(strategyMath.log10(Number(`1e${n}`))).toBe(n);
  });

  test("hypot takes any number of values and prefers infinity over NaN", () => {
    expect(Object.is(strategyMath.hypot(), 0)).toBe(true);
    expect(strategyMath.hypot(3, 4)).toBe(5);
    expect(strategyMath.hypot(1, 2, 2, 4)).toBe(5);
    expect(strategyMath.hypot(Number.NaN, -Infinity)).toBe(Infinity);
    expect(strategyMath.hypot(3 * 2 ** 600, 4 * 2 ** 600)).toBe(5 * 2 ** 600);
  });
});

describe("the object", () => {
  test("is frozen, has no random, and otherwise every name that Math has on Node 20", () => {
    expect(Object.isFrozen(strategyMath)).toBe(true);
    const missing = Object.getOwnPropertyNames(Math).filter((name) => !Object.hasOwn(strategyMath, name));
    expect(missing.filter((name) => !["f16round", "sumPrecise"].includes(name))).toEqual(["random"]);
  });

  // These bits were taken on linux x64, Node 20.20.2. They pin the functions: another machine or engine must give the same, and a change of
  // one bit changes the results of stored runs. Accuracy is proven above, by values from elsewhere.
  test("gives the same bits everywhere", () => {
    const hash = createHash("sha256");
    const bytes = Buffer.alloc(8);
    let seed = 1;
    const next = (): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed / 4_294_967_296;
    };
    for (const name of Object.keys(golden.functions)) {
      for (let i = 0; i < 2000; i++) {
        const spread = [next(), next() * 20 - 10, (next() - 0.5) * 1e6, 1 + next()];
        bytes.writeDoubleBE(call(name, [spread[i % 4] ?? 0, next() * 10 - 5]) + 0);
        if (!Number.isNaN(bytes.readDoubleBE())) hash.update(bytes);
      }
    }
    expect(hash.digest("hex")).toBe("85cd4623d3c2a038bd29fe8a612fce83e6d71306b463f94cfc875c1535c75667");
  });
});
