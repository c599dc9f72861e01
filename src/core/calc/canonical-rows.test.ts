import { expect, test } from "vitest";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import { AUDIT_FIELDS, canonicalRow, compareRows, rowSetHash } from "./canonical-rows.js";

test("keys ascend, integers are digits whatever holds them, and audit fields are left out", () => {
  expect(canonicalRow({ b: 7n, a: 'x"y', c: null, calculated_at: 5, d: true, e: 7, f: -0 })).toBe(
    '{"a":"x\\"y","b":7,"c":null,"d":true,"e":7,"f":0}',
  );
  const told = ["execution_id", "batch_id"];
  expect(AUDIT_FIELDS).toEqual(["calculated_at", "ingested_at", "normalized_at", "computed_at", "id", "rn", ...told]);
});

test("rows are compared as multisets: order and audit fields say nothing, counts do", () => {
  const a = { k: 1, v: "x", calculated_at: 1, execution_id: "one", batch_id: null };
  const b = { k: 2, v: "y", calculated_at: 1, execution_id: "one", batch_id: null };
  expect(compareRows([a, b], [{ ...b, calculated_at: 9, execution_id: "two", batch_id: "nightly" }, a]).equal).toBe(true);
  expect(compareRows([a, a, b], [a, b, b])).toEqual({
    equal: false,
    only_left: 1,
    only_right: 1,
    left: ['{"k":1,"v":"x"}'],
    right: ['{"k":2,"v":"y"}'],
  });
});

test("the hash of a set of rows follows its content alone", () => {
  const rows = Array.from({ length: 10_000 }, (_, n) => ({ n, text: `row ${n}`, computed_at: n }));
  const hash = rowSetHash(rows, sha256);
  expect(
    rowSetHash(
      rows.toReversed().map((row) => ({ ...row, computed_at: 0 })),
      sha256,
    ),
  ).toBe(hash);
  expect(rowSetHash(rows.slice(1), sha256)).not.toBe(hash);
  expect(
    rowSetHash(
      rows.map((row) => (row.n === 9_999 ? { ...row, text: "another" } : row)),
      sha256,
    ),
  ).not.toBe(hash);
  expect(rowSetHash([{ a: 1 }], sha256)).not.toBe(rowSetHash([{ a: "1" }], sha256));
});

test("rows whose columns differ are each written with their own", () => {
  expect(rowSetHash([{ a: 1 }, { b: 1 }], sha256)).not.toBe(rowSetHash([{ a: 1 }, { a: 1 }], sha256));
});

test("a number that is none is refused", () => {
  expect(() => canonicalRow({ a: Number.NaN })).toThrow(RangeError);
});
