import fc from "fast-check";
import { expect, test } from "vitest";
import { sha256 } from "../../../adapters/node-hash/sha256.js";
import { rowSetHash } from "../canonical-rows.js";
import type { TradeRow } from "./normalise.js";
import { tradeRowSet } from "./trade-row-set.js";

const row = (line: number, symbol: string, shares: number): TradeRow => ({ symbol, mpid: "OTCN", shares, trades: 1, line });

test("a week has the hash of its set of rows, in whatever order lines stand as texts", () => {
  const line = fc.oneof(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 20_000_000 }));
  const rows = fc.array(fc.tuple(line, fc.constantFrom("AABB", 'A"B', "\u00e9"), fc.maxSafeNat()), { maxLength: 60 });
  fc.assert(
    fc.property(rows, fc.boolean(), (cells, ascending) => {
      const week = cells.map(([at, symbol, shares]) => row(at, symbol, shares));
      if (ascending) week.sort((a, b) => a.line - b.line);
      expect(tradeRowSet(week, sha256)).toBe(rowSetHash(week, sha256));
    }),
  );
});

test("a week of several blocks has it too", () => {
  const week = Array.from({ length: 12_345 }, (_, at) => row(at + 2, `S${at}`, at));
  expect(tradeRowSet(week, sha256)).toBe(rowSetHash(week, sha256));
  expect(tradeRowSet(week.slice(1), sha256)).not.toBe(tradeRowSet(week, sha256));
});
