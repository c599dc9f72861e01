import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalPayload } from "./canonical-json.js";
import { isSurelyCanonical } from "./canonical-text.js";

/** What the slow way says: parse, write again, compare. */
function isCanonical(text: string): boolean {
  try {
    const canonical = canonicalPayload(JSON.parse(text));
    return canonical.ok && canonical.text === text;
  } catch {
    return false;
  }
}

const key = fc.oneof(
  fc.constantFrom("a", "b", "ab", "B", "", "a ", "a!", '"', "\\", "\n", "é", "__proto__", "__proto_", "price", "qty"),
  fc.string({ maxLength: 3 }),
);
const leaf = fc.oneof(
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.string({ maxLength: 8 }),
  fc.constantFrom('"', "\\", "\n", "\t", "\b", "\f", "\r", "\u001f", "\u007f", "\u2028", "한국", "😀", "/"),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1e21, 1e-7, 0.1, 2 ** 53 - 1, 2 ** 53, 1e15, 1e14, 123456789012345),
  fc.boolean(),
  fc.constant(null),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof({ depthSize: "small" }, leaf, fc.array(tie("any"), { maxLength: 4 }), tie("object")),
  object: fc.dictionary(key, tie("any"), { maxKeys: 5 }),
}));

describe("isSurelyCanonical", () => {
  it.each([
    "{}",
    '{"a":1}',
    '{"a":"x","b":[1,-2,0.5,true,false,null,{}],"c":{"d":[]}}',
    '{"a":"\\"\\\\\\n"}',
    '{"B":1,"a":2,"é":"한국"}',
    '{"a":1e+21,"b":2}'.replace("1e+21", "1e-7"),
  ])("takes %s", (text) => {
    expect(isSurelyCanonical(text)).toBe(true);
    expect(isCanonical(text)).toBe(true);
  });

  it.each([
    "",
    "1",
    "[]",
    '"a"',
    "{",
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":"1',
    '{"a":"\\',
    '{"a":[1',
    '{"a":1}}',
    '{"a":1} ',
    ' {"a":1}',
    '{"a": 1}',
    '{"a":1,}',
    '{,"a":1}',
    '{"b":1,"a":2}',
    '{"a":1,"a":2}',
    '{"ab":1,"a":2}',
    '{"a":01}',
    '{"a":-0}',
    '{"a":1.0}',
    '{"a":+1}',
    '{"a":1e2}',
    '{"a":9007199254740993}',
    '{"a":1e400}',
    '{"a":NaN}',
    '{"a":tru}',
    '{"a":"\\/"}',
    '{"a":"\\u0041"}',
    '{"a":"\t"}',
    '{"__proto__":1}',
    "{'a':1}",
    `{"a":${"[".repeat(40)}${"]".repeat(40)}}`,
  ])("does not take %s", (text) => {
    expect(isSurelyCanonical(text)).toBe(false);
    expect(isCanonical(text)).toBe(false);
  });

  it("is as deep as a payload may be", () => {
    const nested = (depth: number): string => `{"a":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;
    expect([isSurelyCanonical(nested(32)), isCanonical(nested(32))]).toEqual([true, true]);
    expect([isSurelyCanonical(nested(33)), isCanonical(nested(33))]).toEqual([false, false]);
  });

  it("never takes a text that parsing and writing again would change, and takes nearly every canonical one", () => {
    let canonical = 0;
    let taken = 0;
    const damage = fc.record({ at: fc.nat(), text: fc.constantFrom("", " ", '"', ",", "0", "-", "}", "]", "\\", "a", "\\u0041", ":1") });
    fc.assert(
      fc.property(value["object"], fc.array(damage, { maxLength: 2 }), (payload, damages) => {
        const whole = canonicalPayload(payload);
        if (!whole.ok) return;
        canonical += 1;
        if (isSurelyCanonical(whole.text)) taken += 1;
        else expect(whole.text).toMatch(/\\|[^ -~]|[\ud800-\udfff]/);
        let text = whole.text;
        for (const { at, text: piece } of damages) {
          const cut = at % (text.length + 1);
          text = text.slice(0, cut) + piece + text.slice(cut + (at % 2));
        }
        if (isSurelyCanonical(text)) expect(isCanonical(text)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
    expect(taken).toBeGreaterThan(canonical / 2);
  });
});
