import fc from "fast-check";
import { Value } from "typebox/value";
import { describe, expect, test } from "vitest";
import { isQuotePayload } from "./quote-structure.js";
import { payloadSchema } from "./risk-command.js";

const text = fc.oneof(
  fc.constantFrom("", "ACME", "EUR/USD", "1.25", "é", "👩‍👩‍👧", "x".repeat(64), "x".repeat(65), "x".repeat(121)),
  fc.string(),
);
const anything = fc.oneof(text, fc.constant(null), fc.integer(), fc.double(), fc.constant(undefined), fc.constant([]));
const sound = fc.oneof(
  fc.record({ kind: fc.constant("spot"), symbol: text, currency: text, price: fc.option(text), dividend_yield: text }),
  fc.record({ kind: fc.constant("fx"), pair: text, rate: text }),
  fc.record({ kind: fc.constant("volatility"), underlying: text, expiry: fc.option(text), strike: fc.option(text), volatility: text }),
);
/** A sound one of which some fields were lost, changed or added. */
const quote = fc
  .tuple(
    sound,
    fc.dictionary(fc.constantFrom("kind", "symbol", "price", "pair", "rate", "expiry", "extra", "__proto__"), anything, { maxKeys: 2 }),
  )
  .chain(([of, changed]) => fc.constantFrom<object>(of, { ...of, ...changed }));
const payload = fc.record(
  {
    ts: fc.oneof(fc.integer(), fc.double(), fc.constantFrom(-62_135_596_800_000, -62_135_596_800_001, 2 ** 47, 2 ** 47 - 1)),
    source: fc.oneof(fc.constantFrom("feed", "a b", "a/b", "", "x".repeat(80), "x".repeat(81)), text),
    sequence: fc.oneof(fc.nat(), fc.integer(), fc.double(), fc.constant("1")),
    quote,
  },
  { requiredKeys: ["ts", "source", "quote"] },
);

describe("the structure of a quote, checked by hand", () => {
  test("passes nothing that the schema refuses", () => {
    let passed = 0;
    fc.assert(
      fc.property(payload, (of) => {
        if (!isQuotePayload(of)) return;
        passed += 1;
        const schema = payloadSchema("INGEST_QUOTE", of);
        expect(schema !== null && Value.Check(schema, of)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
    expect(passed).toBeGreaterThan(20);
  });

  test("passes every plain quote, and leaves curves to the schema", () => {
    const of = (quoted: object) => isQuotePayload({ ts: 0, source: "feed", sequence: 7, quote: quoted });
    expect(of({ kind: "spot", symbol: "ACME", currency: "USD", price: null, dividend_yield: "0" })).toBe(true);
    expect(of({ kind: "fx", pair: "EUR/USD", rate: "1.1" })).toBe(true);
    expect(of({ kind: "volatility", underlying: "ACME", expiry: "2026-06-19", strike: null, volatility: "0.2" })).toBe(true);
    expect(of({ kind: "curve", currency: "USD", nodes: [] })).toBe(false);
  });
});
