import fc from "fast-check";
import { expect, test } from "vitest";
import type { TradeRow } from "./normalise.js";
import { tradeColumns, tradeRows } from "./trade-columns.js";

const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const name = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }).filter((text) => !text.includes("|"));

test("rows come back from columns as they went in, however often a name stands in them", () => {
  const row = fc.record<TradeRow>({ symbol: name, mpid: name, shares: count, trades: count, line: count });
  const few = fc.record<TradeRow>({
    symbol: fc.constantFrom("A", "AA", "BRK.A"),
    mpid: fc.constantFrom("ETRD", "SCHW", "ÜBER BANK"),
    shares: count,
    trades: count,
    line: count,
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(row, few), { maxLength: 40 }), (rows) => {
      expect(tradeRows(tradeColumns(rows))).toEqual(rows);
    }),
  );
});

test("a name that would be taken for two is refused", () => {
  expect(() => tradeColumns([{ symbol: "A|B", mpid: "ETRD", shares: 1, trades: 1, line: 2 }])).toThrow(RangeError);
});
