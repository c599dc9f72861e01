import canonicalize from "canonicalize";
import fc from "fast-check";
import type { TSchema } from "typebox";
import * as Type from "typebox";
import { describe, expect, test } from "vitest";
import { runEventDefinitions } from "../engine/run-event-schemas.js";
import { canonicalJson, MAX_JSON_BYTES, MAX_JSON_DEPTH } from "./canonical-json.js";
import { compileEncoder, PayloadRefused } from "./payload-encoder.js";

const closed = { additionalProperties: false } as const;
const finite = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true, min: -9e15, max: 9e15 }));
const text = fc.string({ unit: "grapheme" }).filter((value) => !value.includes("\0") && canonicalJson(value).ok);

/** Values that fit a schema. */
function valuesOf(schema: TSchema): fc.Arbitrary<unknown> {
  const part: Record<string, unknown> = Object.fromEntries(Object.entries(schema));
  if (Array.isArray(part["anyOf"])) return fc.oneof(...part["anyOf"].map((alternative) => valuesOf(alternative)));
  if (part["const"] !== undefined) return fc.constant(part["const"]);
  switch (part["type"]) {
    case "string":
      return text;
    case "integer":
      return fc.maxSafeInteger();
    case "number":
      return finite;
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "array":
      return fc.array(valuesOf(Object(part["items"])), { maxLength: 4 });
    case "object":
      if (part["properties"] === undefined)
        return fc.dictionary(
          text.filter((key) => key !== "__proto__"),
          fc.oneof(text, finite, fc.boolean()),
        );
      return fc.record(
        Object.fromEntries(Object.entries(Object(part["properties"])).map(([key, member]) => [key, valuesOf(Object(member))])),
        {
          requiredKeys: Array.isArray(part["required"]) ? part["required"] : [],
        },
      );
    default:
      return fc.oneof(text, finite, fc.constant(null));
  }
}

describe("a compiled encoder", () => {
  test.each(runEventDefinitions.map((definition) => [definition.type, definition.schema] as const))(
    "writes %s with the canonical bytes",
    (_, schema) => {
      const encode = compileEncoder(schema);
      fc.assert(
        fc.property(valuesOf(schema), (value) => {
          expect(encode(value)).toBe(canonicalize(value));
        }),
        { numRuns: 300 },
      );
    },
  );

  const wide = Type.Object(
    {
      zulu: Type.Optional(Type.Number()),
      alpha: Type.Optional(Type.String()),
      'quo"ted': Type.Boolean(),
      nested: Type.Object({ z: Type.Null(), a: Type.Optional(Type.Integer()) }, closed),
      list: Type.Array(Type.Object({ k: Type.Union([Type.String(), Type.Null(), Type.Number()]) }, closed)),
      kind: Type.Optional(Type.Union([Type.Literal("x"), Type.Literal(1), Type.Literal(false)])),
      loose: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
      either: Type.Optional(Type.Union([Type.Object({ a: Type.String() }, closed), Type.Object({ b: Type.String() }, closed)])),
    },
    closed,
  );

  test("writes optional fields, unions, lists and open parts with the canonical bytes", () => {
    const encode = compileEncoder(wide);
    fc.assert(
      fc.property(valuesOf(wide), (value) => {
        expect(encode(value)).toBe(canonicalize(value));
      }),
      { numRuns: 2_000 },
    );
  });

  test("writes an object whose fields are all absent", () => {
    expect(compileEncoder(Type.Object({ a: Type.Optional(Type.String()) }, closed))({})).toBe("{}");
    expect(compileEncoder(Type.Object({}, closed))({})).toBe("{}");
  });

  const good = { 'quo"ted': true, nested: { z: null }, list: [] };
  test.each([
    ["a missing field", { nested: { z: null }, list: [] }, '/quo"ted'],
    ["an unknown field", { ...good, stranger: 1 }, ""],
    ["an optional field that is undefined", { ...good, alpha: undefined }, ""],
    ["an unknown field further in", { ...good, nested: { z: null, y: 1 } }, "/nested"],
    ["a text where a number belongs", { ...good, zulu: "1" }, "/zulu"],
    ["NaN", { ...good, zulu: Number.NaN }, "/zulu"],
    ["Infinity", { ...good, zulu: Number.NEGATIVE_INFINITY }, "/zulu"],
    ["2^53", { ...good, zulu: 2 ** 53 }, "/zulu"],
    ["a fraction where an integer belongs", { ...good, nested: { z: null, a: 0.5 } }, "/nested/a"],
    ["a value outside a closed set", { ...good, kind: "y" }, "/kind"],
    ["NUL", { ...good, alpha: "\0" }, "/alpha"],
    ["a lone surrogate", { ...good, alpha: "\udead" }, "/alpha"],
    ["a wrong member of a list", { ...good, list: [{ k: true }] }, "/list/*/k"],
    ["an object where a list belongs", { ...good, list: {} }, "/list"],
    ["a bigint in an open part", { ...good, loose: { deep: [1n] } }, "/loose/deep/0"],
    ["an array as payload", [], ""],
    ["nothing", null, ""],
  ])("refuses %s and names the field", (_, value, field) => {
    const encode = compileEncoder(wide);
    expect(() => encode(value)).toThrow(PayloadRefused);
    try {
      encode(value);
    } catch (error) {
      expect(error instanceof PayloadRefused && error.field).toBe(field);
    }
  });

  const one = (schema: TSchema): ((value: unknown) => string) => {
    const encode = compileEncoder(Type.Object({ a: schema }, closed));
    return (value) => encode({ a: value });
  };

  test.each<[string, TSchema, unknown, string]>([
    ["a text", Type.String(), 1, "/a: 1 is not a string"],
    ["NUL", Type.String(), "x\0", '/a: "x\\u0000" is not text without NUL and lone surrogates'],
    ["a number", Type.Number(), "1", '/a: "1" is not a finite number, exact if integer'],
    ["a large number", Type.Number(), -(2 ** 53), "/a: -9007199254740992 is not a finite number, exact if integer"],
    ["an integer", Type.Integer(), 0.5, "/a: 0.5 is not an integer of at most 2^53-1 in magnitude"],
    ["a boolean", Type.Boolean(), 0, "/a: 0 is not a boolean"],
    ["null", Type.Null(), undefined, "/a: undefined is not null"],
    ["a list", Type.Array(Type.Null()), { length: 0 }, "/a: [object Object] is not an array"],
    ["a member of a list", Type.Array(Type.Null()), [null, 1], "/a/*: 1 is not null"],
    ["a literal", Type.Literal("x"), "y", '/a: "y" is not "x"'],
    ["a closed set", Type.Union([Type.Literal("x"), Type.Literal(1)]), "y", '/a: "y" is not "x" or 1'],
    ["an enum", { enum: ["x", 2] }, 1, '/a: 1 is not "x" or 2'],
    ["alternatives", Type.Union([Type.String(), Type.Null()]), 1, "/a: 1 is not any of its alternatives"],
    ["one of no alternatives", { anyOf: [] }, 1, "/a: 1 is not any of its alternatives"],
    ["an object", Type.Object({ b: Type.Null() }, closed), ["x"], "/a: x is not an object"],
    [
      "known fields",
      Type.Object({ b: Type.Optional(Type.Null()), c: Type.Null() }, closed),
      { c: null, d: 1, b: undefined },
      '/a: unknown or undefined "d", "b"; expected only b, c',
    ],
    ["an open part", {}, { b: 1n }, "/a/b: bigint has no JSON form (at /b)"],
    ["a long text that is none", Type.Number(), "x".repeat(200), `/a: "${"x".repeat(99)} is not a finite number`],
  ])("says what is wrong with what should be %s", (_, schema, value, message) => {
    expect(() => one(schema)(value)).toThrow(
      expect.objectContaining({ name: "PayloadRefused", message: expect.stringContaining(message) }),
    );
  });

  test("speaks of the payload where the fault is at the root", () => {
    expect(() => compileEncoder(Type.Object({}, closed))(7)).toThrow("payload: 7 is not an object");
    expect(() => compileEncoder(Type.Object({}, closed))(null)).toThrow("payload: null is not an object");
  });

  const kinds: readonly (readonly [TSchema, unknown, string])[] = [
    [Type.String(), "x", '"x"'],
    [Type.Number(), 0.5, "0.5"],
    [Type.Integer(), 7, "7"],
    [Type.Boolean(), false, "false"],
    [Type.Boolean(), true, "true"],
    [Type.Null(), null, "null"],
    [Type.Array(Type.Integer()), [1, 2], "[1,2]"],
    [Type.Object({ b: Type.Integer() }, closed), { b: 1 }, '{"b":1}'],
    [Type.Literal("lit"), "lit", '"lit"'],
    [Type.Union([Type.Literal("p"), Type.Literal("q")]), "q", '"q"'],
    [{ enum: ["p", "q"] }, "q", '"q"'],
  ];

  test("tells any two kinds of alternatives apart, in either order, and takes the general road for two of one kind", () => {
    for (const [schema, value, text] of kinds) {
      for (const [other, otherValue, otherText] of kinds) {
        const encode = one({ anyOf: [schema, other] });
        expect(encode(value)).toBe(`{"a":${text}}`);
        expect(encode(otherValue)).toBe(`{"a":${otherText}}`);
      }
    }
  });

  test("takes the general road where a schema leaves a part open", () => {
    const open: readonly TSchema[] = [
      {},
      { type: "object" },
      Type.Object({ b: Type.Null() }),
      Type.Object({ b: Type.Null() }, { additionalProperties: true }),
      { ...Type.Object({ b: Type.Null() }, closed), patternProperties: { "^x": {} } },
      { ...Type.Object({ b: Type.Null() }, closed), allOf: [{}] },
      { const: { z: 1, a: 2 } },
      { enum: [{ z: 1, a: 2 }] },
      { anyOf: [{ const: "x" }, {}] },
      { anyOf: [{ const: "x" }, { const: 1 }, { type: "object" }] },
    ];
    for (const schema of open) expect(one(schema)({ z: 1, a: 2 }), JSON.stringify(schema)).toBe('{"a":{"a":2,"z":1}}');
  });

  test("writes lists of anything", () => {
    expect(one({ type: "array" })([1, "x", { b: [] }])).toBe('{"a":[1,"x",{"b":[]}]}');
    expect(one(Type.Array(Type.Null()))([])).toBe('{"a":[]}');
  });

  test("refuses what is too deep for verification, counted from the payload's root", () => {
    const nest = (depth: number): unknown => (depth === 0 ? 1 : [nest(depth - 1)]);
    expect(one({})(nest(MAX_JSON_DEPTH - 1))).toContain("[1]");
    expect(() => one({})(nest(MAX_JSON_DEPTH))).toThrow(/nesting is deeper than 32/);
  });

  test("refuses text beyond the limit in bytes, counted as UTF-8", () => {
    const room = MAX_JSON_BYTES - '{"a":""}'.length;
    expect(one(Type.String())("x".repeat(room))).toHaveLength(MAX_JSON_BYTES);
    expect(() => one(Type.String())("x".repeat(room + 1))).toThrow("payload: canonical JSON of 1048577 bytes is longer than 1048576");
    expect(one(Type.String())("ü".repeat(room / 2))).toHaveLength(room / 2 + 8);
    expect(() => one(Type.String())("ü".repeat(room / 2 + 1))).toThrow("payload: canonical JSON of 1048578 bytes is longer than 1048576");
  });

  test("refuses a schema with a key that has no canonical form", () => {
    expect(() => compileEncoder(Type.Object({ "x\0": Type.Null() }, closed))).toThrow('payload: the key "x\\u0000" has no canonical form');
  });
});
