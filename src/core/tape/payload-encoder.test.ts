import canonicalize from "canonicalize";
import fc from "fast-check";
import type { TSchema } from "typebox";
import * as Type from "typebox";
import { describe, expect, test } from "vitest";
import { runEventDefinitions } from "../engine/run-event-schemas.js";
import { canonicalJson } from "./canonical-json.js";
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

  const encode = compileEncoder(wide);
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
    expect(() => encode(value)).toThrow(PayloadRefused);
    try {
      encode(value);
    } catch (error) {
      expect(error instanceof PayloadRefused && error.field).toBe(field);
    }
  });
});
