import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { curveIdentity, EquityRecorder } from "./equity-curve.js";
import { firstUnsortedRow, type Table, type TableSchema } from "./table.js";
import { tableIdentity } from "./table-identity.js";

const sha256 = (chunks: readonly Uint8Array[]) => {
  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
};

const schema = {
  name: "sample",
  grain: "one row",
  sort_key: ["n"],
  columns: {
    n: { type: "int64", unit: "count", nullable: false, doc: "" },
    at: { type: "timestamp_ms", unit: "UTC", nullable: true, doc: "" },
    x: { type: "float64", unit: null, nullable: true, doc: "" },
    price: { type: "decimal", unit: "price", nullable: true, min_scale: 2, doc: "" },
    name: { type: "text", unit: null, nullable: true, doc: "" },
    yes: { type: "bool", unit: null, nullable: true, doc: "" },
  },
} as const satisfies TableSchema;

const rows: Table["rows"] = [
  { n: -1, at: 1_700_000_000_123, x: 0.1, price: "-12.5", name: "é한", yes: true },
  { n: 9_007_199_254_740_991, at: null, x: null, price: null, name: null, yes: null },
];

describe("the identity of a table", () => {
  // Python 3: hashlib over struct.pack, written from the rule on the reference page and not from this code:
  //   col = lambda valid, vals: sha256(bytes(valid) + b"".join(vals)).hexdigest()
  //   n: pack("<q", -1), pack("<q", 2**53-1); at: pack("<q", 1700000000123), 8 zeros; x: pack("<d", 0.1), 8 zeros
  //   price, name: pack("<I", len(b)) + b; yes: b"\x01", b"\x00"; then sha256 of the JSON text
  test("is what the published rule gives, computed by another program", () => {
    expect(tableIdentity({ schema, rows }, sha256)).toBe("896e7b244b1c2af2e6dd7a65576dfc5b6afd0a6379ac495e45f355510b737b29");
  });

  test("an absent text and an empty one differ, and so do two columns with exchanged names", () => {
    const one = (name: string | null) =>
      tableIdentity({ schema, rows: [{ n: 1, at: null, x: null, price: null, name, yes: null }] }, sha256);
    expect(one(null)).not.toBe(one(""));
    const renamed: TableSchema = { ...schema, columns: { ...schema.columns, yes: { ...schema.columns.yes, unit: "count" } } };
    expect(tableIdentity({ schema: renamed, rows }, sha256)).not.toBe(tableIdentity({ schema, rows }, sha256));
  });

  test("text longer than a chunk and many rows hash as one stream of bytes", () => {
    const long = "x".repeat(200_000);
    const many = Array.from({ length: 20_000 }, (_, i) => ({
      n: i,
      at: i,
      x: i / 3,
      price: String(i),
      name: i === 7 ? long : `row ${i}`,
      yes: i % 2 === 0,
    }));
    const name = Buffer.concat([
      Buffer.alloc(many.length, 1),
      ...many.map((r) => {
        const text = Buffer.from(r.name);
        const size = Buffer.alloc(4);
        size.writeUInt32LE(text.length);
        return Buffer.concat([size, text]);
      }),
    ]);
    const seen: string[] = [];
    tableIdentity({ schema, rows: many }, (chunks) => {
      seen.push(sha256(chunks));
      return seen.at(-1) ?? "";
    });
    expect(seen[4]).toBe(sha256([name]));
  });

  test("refuses a double that is not finite or is negative zero, and an integer beyond the safe range", () => {
    const cell = (changes: object) => () =>
      tableIdentity({ schema, rows: [{ n: 1, at: null, x: null, price: null, name: null, yes: null, ...changes }] }, sha256);
    expect(cell({ x: Number.NaN })).toThrow(RangeError);
    expect(cell({ x: -0 })).toThrow(RangeError);
    expect(cell({ n: 2 ** 53 })).toThrow(RangeError);
  });
});

test("the identity of a curve covers the scale of its money", () => {
  const recorded = (scale: number) => {
    const recorder = new EquityRecorder(scale);
    recorder.add(60_000, { cash: 5n, equity: -7n, gross: 12n, net: -12n });
    return curveIdentity(recorder.finish(), sha256);
  };
  expect(recorded(2)).not.toBe(recorded(3));
  // Python 3, as above, with "scale" after "nullable".
  expect(recorded(2)).toBe("834cbd68262af0f110f3bace7396995054a6d6911e01ad2b970f1f8ff1b008f0");
});

test("an account value beyond 64 bits is refused, not wrapped", () => {
  const recorder = new EquityRecorder(2);
  expect(() => recorder.add(1, { cash: 0n, equity: 2n ** 63n, gross: 0n, net: 0n })).toThrow("does not fit 64 bits");
});

test("rows out of order and rows with equal keys are found", () => {
  const table = (...keys: number[]): Table => ({ schema, rows: keys.map((n) => ({ n })) });
  expect(firstUnsortedRow(table(1, 2, 3))).toBeNull();
  expect(firstUnsortedRow(table(1, 3, 2))).toBe(2);
  expect(firstUnsortedRow(table(1, 1))).toBe(1);
});
