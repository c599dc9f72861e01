import canonicalize from "canonicalize";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, canonicalPayload, MAX_JSON_BYTES, MAX_JSON_DEPTH, MAX_REFUSALS, quoteJson, utf8Length } from "./canonical-json.js";

function codes(value: unknown): readonly string[] {
  const result = canonicalJson(value);
  return result.ok ? [] : result.violations.map(({ code, field }) => `${code} ${field}`);
}

describe("canonical JSON", () => {
  test("the example of RFC 8785, 3.2.2 has the bytes that the RFC gives", () => {
    const printed = String.raw`{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}`;
    // 1E30 is an integer beyond 2^53-1, which the tape refuses; everything else is as printed there.
    expect(codes(JSON.parse(printed))).toEqual(["JSON_UNSAFE_INTEGER /numbers/1"]);
    const value: unknown = JSON.parse(printed.replace(" 1E30,", ""));
    expect(canonicalJson(value)).toEqual({
      ok: true,
      text: '{"literals":[null,true,false],"numbers":[333333333.3333333,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    });
  });

  test("keys are sorted by UTF-16 units as in RFC 8785, 3.2.3", () => {
    const value = { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, "\u00f6": 7 };
    const result = canonicalJson(value);
    expect(result.ok && [...result.text.matchAll(/:(\d)/g)].map((match) => match[1])).toEqual(["2", "4", "6", "7", "1", "5", "3"]);
  });

  test("any JSON value has the bytes of an independent implementation", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const result = canonicalJson(value);
        fc.pre(result.ok);
        expect(result.ok && result.text).toBe(canonicalize(value));
      }),
      { numRuns: 2_000 },
    );
  });

  test("what was written parses back to the same canonical text", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const once = canonicalJson(value);
        fc.pre(once.ok);
        expect(canonicalJson(JSON.parse(once.ok ? once.text : "null"))).toEqual(once);
      }),
      { numRuns: 1_000 },
    );
  });

  test("the largest exact integers, and every character that needs no escape, are written as they are", () => {
    expect(canonicalJson([Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER])).toEqual({
      ok: true,
      text: "[9007199254740991,-9007199254740991]",
    });
    const plain = Array.from({ length: 0x7f - 0x20 }, (_, i) => String.fromCharCode(0x20 + i)).join("");
    expect(quoteJson(plain.replace(/["\\]/g, ""))).toBe(`"${plain.replace(/["\\]/g, "")}"`);
    expect(quoteJson('"\\\u001f\u007f\u0080')).toBe(JSON.stringify('"\\\u001f\u007f\u0080'));
    expect([quoteJson("a\0"), quoteJson("a\udc00"), quoteJson("\ud83d\ude00")]).toEqual([null, null, '"\ud83d\ude00"']);
  });

  test("negative zero is zero", () => {
    expect(canonicalJson(-0)).toEqual({ ok: true, text: "0" });
  });
});

describe("canonical JSON refuses", () => {
  test.each([
    ["undefined", { a: undefined }, "JSON_UNDEFINED /a"],
    ["a function", { a: () => 1 }, "JSON_FUNCTION /a"],
    ["a symbol", { a: Symbol("s") }, "JSON_SYMBOL /a"],
    ["a bigint", { a: 1n }, "JSON_BIGINT /a"],
    ["a Date", { a: new Date(0) }, "JSON_NOT_PLAIN /a"],
    ["a Map", { a: new Map() }, "JSON_NOT_PLAIN /a"],
    ["a typed array", { a: new Uint8Array(2) }, "JSON_NOT_PLAIN /a"],
    ["a boxed string", { a: Object("x") }, "JSON_NOT_PLAIN /a"],
    ["NaN", { a: Number.NaN }, "JSON_NOT_FINITE /a"],
    ["Infinity", { a: Number.POSITIVE_INFINITY }, "JSON_NOT_FINITE /a"],
    ["2^53", { a: 2 ** 53 }, "JSON_UNSAFE_INTEGER /a"],
    ["-2^53", { a: -(2 ** 53) }, "JSON_UNSAFE_INTEGER /a"],
    ["NUL in a text", { a: "x\0" }, "JSON_NUL /a"],
    ["NUL in a key", { "x\0": 1 }, "JSON_NUL /x\0"],
    ["a high surrogate alone", { a: "\ud800" }, "JSON_LONE_SURROGATE /a"],
    ["a low surrogate alone", { a: "\udc00x" }, "JSON_LONE_SURROGATE /a"],
    ["a hole in an array", { a: new Array(1) }, "JSON_UNDEFINED /a/0"],
    ["a symbol as key", { a: { [Symbol("s")]: 1 } }, "JSON_SYMBOL_KEY /a"],
    ["the key __proto__", JSON.parse('{"a":{"__proto__":1}}'), "JSON_PROTO_KEY /a/__proto__"],
  ])("%s", (_, value, expected) => {
    expect(codes(value)).toEqual([expected]);
  });

  test("everything at once, each with its pointer", () => {
    expect(codes({ a: 1n, b: [Number.NaN, { "c/d": undefined }], e: "fine" })).toEqual([
      "JSON_BIGINT /a",
      "JSON_NOT_FINITE /b/0",
      "JSON_UNDEFINED /b/1/c~1d",
    ]);
  });

  test("nesting beyond the limit, and not one level before", () => {
    const nest = (depth: number): unknown => (depth === 1 ? {} : { a: nest(depth - 1) });
    expect(canonicalJson(nest(MAX_JSON_DEPTH)).ok).toBe(true);
    expect(codes(nest(MAX_JSON_DEPTH + 1))).toEqual([`JSON_TOO_DEEP ${"/a".repeat(MAX_JSON_DEPTH)}`]);
  });

  test("a value that holds itself, without running on", () => {
    const loop: Record<string, unknown> = {};
    loop["a"] = loop;
    loop["b"] = loop;
    expect(codes(loop).length).toBe(MAX_REFUSALS);
  });

  test("text beyond the limit in bytes, counted as UTF-8", () => {
    const room = MAX_JSON_BYTES - '{"a":""}'.length;
    expect(canonicalJson({ a: "x".repeat(room) }).ok).toBe(true);
    expect(codes({ a: "x".repeat(room + 1) })).toEqual(["JSON_TOO_LARGE "]);
    expect(canonicalJson({ a: "ü".repeat(room / 2) }).ok).toBe(true);
    expect(codes({ a: "ü".repeat(room / 2 + 1) })).toEqual(["JSON_TOO_LARGE "]);
  });

  test.each([
    [[1], "array"],
    ["text", "string"],
    [1, "number"],
    [null, "null"],
    [undefined, "undefined"],
  ])("a payload that is no object: %j", (value, kind) => {
    const message = `a payload must be a JSON object, not ${kind}`;
    expect(canonicalPayload(value)).toEqual({
      ok: false,
      violations: [{ code: "JSON_NOT_AN_OBJECT", message, field: "", expected: "object" }],
    });
  });

  test("with a message that names the value, its place and what was expected", () => {
    const deep = Array.from({ length: MAX_JSON_DEPTH }, () => "a").reduce<unknown>((inner, key) => ({ [key]: inner }), {});
    const long = "x".repeat(300);
    expect(
      [
        { a: undefined },
        { a: 1n },
        [Symbol("s")],
        "\0",
        { "a~/b": "\ud800" },
        2 ** 53,
        Number.NEGATIVE_INFINITY,
        deep,
        new Map(),
        { a: { [Symbol("s")]: 1 } },
        JSON.parse('{"__proto__":1}'),
        `${long}\0`,
        "x".repeat(MAX_JSON_BYTES),
      ].map((value) => {
        const result = canonicalJson(value);
        return result.ok ? null : result.violations.map((v) => [v.message, v.value, v.expected]);
      }),
    ).toEqual([
      [["undefined has no JSON form (at /a)", "undefined", "string, number, boolean, null, array or object"]],
      [["bigint has no JSON form (at /a)", "1", "string, number, boolean, null, array or object"]],
      [["symbol has no JSON form (at /0)", "Symbol(s)", "string, number, boolean, null, array or object"]],
      [["a string holds the NUL character (at the root)", '"\\u0000"', "text without U+0000"]],
      [["a string holds a surrogate without its partner (at /a~0~1b)", '"\\ud800"', "well-formed Unicode"]],
      [
        [
          "9007199254740992 is beyond the integers that a number holds exactly (at the root)",
          "9007199254740992",
          "at most 2^53-1 in magnitude; larger ones as decimal text",
        ],
      ],
      [["-Infinity is not a number that JSON can hold (at the root)", "-Infinity", "a finite number"]],
      [[`nesting is deeper than 32 (at ${"/a".repeat(32)})`, "depth 33", "depth <= 32"]],
      [["only plain objects and arrays have a JSON form (at the root)", "[object Map]", "a plain object, or text made from it"]],
      [["an object has a key that is a symbol (at /a)", "[object Object]", "string keys only"]],
      [["the key __proto__ is refused (at /__proto__)", "__proto__", "another key"]],
      [["a string holds the NUL character (at the root)", `"${"x".repeat(199)}`, "text without U+0000"]],
      [["canonical JSON of 1048578 bytes is longer than 1048576", "1048578", "<= 1048576 bytes"]],
    ]);
  });

  test("an object of another kind by its kind", () => {
    expect(canonicalJson([new Date(0), new Uint8Array(1)])).toMatchObject({
      violations: [{ value: "[object Date]" }, { value: "[object Uint8Array]" }],
    });
  });

  test("depth in lists as in objects", () => {
    const nest = (depth: number): unknown => (depth === 1 ? [] : [nest(depth - 1)]);
    expect(canonicalJson(nest(MAX_JSON_DEPTH)).ok).toBe(true);
    expect(codes(nest(MAX_JSON_DEPTH + 1))).toEqual([`JSON_TOO_DEEP ${"/0".repeat(MAX_JSON_DEPTH)}`]);
    expect(canonicalJson([], MAX_JSON_DEPTH).ok).toBe(true);
    expect(canonicalJson([], MAX_JSON_DEPTH + 1).ok).toBe(false);
  });

  test("not more than 64 things, and no more work than that", () => {
    let reads = 0;
    const bad = (): object =>
      Object.defineProperty({}, "a", {
        enumerable: true,
        get: () => {
          reads += 1;
          return 1n;
        },
      });
    expect(codes(Array.from({ length: 1_000 }, bad))).toHaveLength(MAX_REFUSALS);
    expect(reads).toBe(MAX_REFUSALS);
    expect(codes(Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`k${i}`, 1n])))).toHaveLength(MAX_REFUSALS);
  });

  test("work on lists and texts far beyond the limit", () => {
    let reads = 0;
    const counted = (text: string): object =>
      Object.defineProperty({}, "a", {
        enumerable: true,
        get: () => {
          reads += 1;
          return text;
        },
      });
    // A key and its text are 1,001 characters and the list's step one more: 2 MiB are passed with the 2,093rd.
    canonicalJson(Array.from({ length: 5_000 }, () => counted("x".repeat(1_000))));
    expect(reads).toBe(2_093);
  });
});

test.each([
  ["\u007f", 1],
  ["\u0080", 2],
  ["\u07ff", 2],
  ["\u0800", 3],
  ["\ud7ff", 3],
  ["\ue000", 3],
  ["\uffff", 3],
  ["\ud800\udc00", 4],
  ["\udbff\udfff", 4],
  ["\ud800", 3],
  ["\udfff", 3],
  ["\ud800x", 4],
  ["\ud800\ue000", 6],
  ["\ud800\udbff", 6],
  ["\ud800\ud800\udc00", 7],
  ["\ue000\udc00", 6],
  ["\udc00\udc00", 6],
])("the length in UTF-8 of %j is %i", (text, bytes) => {
  expect(utf8Length(text)).toBe(bytes);
});

test("the length in UTF-8 is that of an encoder", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0xffff })), (units) => {
      const text = String.fromCharCode(...units);
      expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
    }),
  );
});
