import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { barColumns, flatBars } from "../../../test/support/bar-columns.js";
import { leanMinutes } from "../../../test/support/lean-minutes.js";
import { describeShared } from "../../../test/support/shared-data.js";
import type { Sha256BytesFn } from "../tape/hash.js";
import type { BarColumns } from "./bars.js";
import { calendarById } from "./calendars/registry.js";
import { columnSetId, littleEndianBytes, rowRangeSha256, sessionRanges, sliceColumns } from "./column-set.js";

const hash: Sha256BytesFn = (chunks) => {
  const sha = createHash("sha256");
  for (const chunk of chunks) sha.update(chunk);
  return sha.digest("hex");
};
const sample = barColumns([
  [60_000, 100, 110, 90, 105, 7],
  [120_000, 105, 106, 104, 104, 0],
]);

describe("the identity of a column set", () => {
  test("is the hash of its schema and little-endian bytes, computed here by hand", () => {
    const schema =
      '{"basis":"trade","columns":[{"name":"ts","type":"float64"},{"name":"open","type":"float64"},{"name":"high","type":"float64"},' +
      '{"name":"low","type":"float64"},{"name":"close","type":"float64"},{"name":"volume","type":"float64"}],"has_volume":true,' +
      '"price_mode":"raw","price_scale":2,"rows":2,"symbol":"TEST","timeframe":"1m","volume_scale":0}';
    const numbers = [60_000, 120_000, 100, 105, 110, 106, 90, 104, 105, 104, 7, 0];
    const bytes = Buffer.alloc(numbers.length * 8);
    for (const [index, value] of numbers.entries()) bytes.writeDoubleLE(value, index * 8);
    const expected = createHash("sha256").update(`onetape/column-set/v1\n${schema}\n`).update(bytes).digest("hex");
    expect(columnSetId(sample, hash)).toBe(expected);
    expect(rowRangeSha256(sample, 0, 2, hash)).toBe(createHash("sha256").update(bytes).digest("hex"));
  });

  test.each<[string, Partial<BarColumns>]>([
    ["symbol", { symbol: "TEST2" }],
    ["timeframe", { timeframe: "5m" }],
    ["price mode", { price_mode: "adjusted" }],
    ["basis", { basis: "bid" }],
    ["price scale", { price_scale: 3 }],
    ["volume scale", { volume_scale: 1 }],
    ["lack of volume", { has_volume: false }],
    ["one close time", { ts: Float64Array.of(60_000, 180_000) }],
    ["one price", { low: Float64Array.of(90, 103) }],
    ["one volume", { volume: Float64Array.of(7, 1) }],
    ["two columns that change places", { open: sample.close, close: sample.open }],
  ])("changes with its %s", (_name, change) => {
    expect(columnSetId({ ...sample, ...change }, hash)).not.toBe(columnSetId(sample, hash));
  });

  test("does not depend on the memory the columns lie in", () => {
    const shared = new Float64Array(new SharedArrayBuffer(64), 8, 3);
    shared.set([105, 104, 999]);
    expect(columnSetId({ ...sample, close: shared }, hash)).toBe(columnSetId(sample, hash));
  });

  test.each([Number.NaN, -0, 0.5, 2 ** 53, Number.POSITIVE_INFINITY])("is refused for a column that holds %s", (value) => {
    const broken = { ...sample, volume: Float64Array.of(7, value) };
    expect(() => columnSetId(broken, hash)).toThrow(/column volume, row 1/);
    expect(() => rowRangeSha256(broken, 1, 1, hash)).toThrow(RangeError);
    expect(() => rowRangeSha256(broken, 0, 1, hash)).not.toThrow();
  });

  test("is made of the same bytes on a machine that stores the highest byte first", () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeInteger()), (values) => {
        const column = Float64Array.from(values);
        expect(Buffer.from(littleEndianBytes(column, false))).toEqual(Buffer.from(littleEndianBytes(column, true)));
      }),
    );
  });
});

describe("a part of a column set", () => {
  test("shares memory, and its rows hash as they do in the whole", () => {
    const whole = flatBars([1, 2, 3, 4, 5].map((minute) => minute * 60_000));
    const part = sliceColumns(whole, 1, 3);
    expect(part.rows).toBe(3);
    expect([...part.ts]).toEqual([120_000, 180_000, 240_000]);
    expect(part.ts.buffer).toBe(whole.ts.buffer);
    expect(rowRangeSha256(part, 1, 2, hash)).toBe(rowRangeSha256(whole, 2, 2, hash));
    expect(rowRangeSha256(whole, 2, 2, hash)).not.toBe(rowRangeSha256(whole, 1, 2, hash));
  });

  test.each([
    [-1, 1],
    [0, 3],
    [2, 1],
    [0.5, 1],
    [0, Number.NaN],
  ])("from row %s with %s rows is refused when it leaves the set", (first, count) => {
    expect(() => sliceColumns(sample, first, count)).toThrow(RangeError);
    expect(() => rowRangeSha256(sample, first, count, hash)).toThrow(RangeError);
  });
});

describe("session ranges", () => {
  const xnys = calendarById("XNYS");
  const times = [
    "2024-11-29T13:00:00Z",
    "2024-11-29T14:31:00Z",
    "2024-11-29T18:00:00Z",
    "2024-11-29T18:01:00Z",
    "2024-11-30T20:00:00Z",
    "2024-12-02T14:30:00Z",
    "2024-12-02T14:31:00Z",
    "2024-12-03T00:30:00Z",
  ];
  const columns = flatBars(times.map((text) => Date.parse(text)));
  const at = (text: string): number => Date.parse(text);

  test("hold regular bars only, with the calendar's hours", () => {
    expect(sessionRanges(columns, xnys, "regular")).toEqual([
      { session: "2024-11-29", open: at("2024-11-29T14:30:00Z"), close: at("2024-11-29T18:00:00Z"), first_row: 1, row_count: 2 },
      { session: "2024-12-02", open: at("2024-12-02T14:30:00Z"), close: at("2024-12-02T21:00:00Z"), first_row: 6, row_count: 1 },
    ]);
  });

  test("hold every bar when extended hours are traded, and a day without a session is the UTC day", () => {
    expect(sessionRanges(columns, xnys, "all")).toEqual([
      { session: "2024-11-29", open: at("2024-11-29T14:30:00Z"), close: at("2024-11-29T18:00:00Z"), first_row: 0, row_count: 4 },
      { session: "2024-11-30", open: at("2024-11-30T00:00:00Z"), close: at("2024-12-01T00:00:00Z"), first_row: 4, row_count: 1 },
      { session: "2024-12-02", open: at("2024-12-02T14:30:00Z"), close: at("2024-12-02T21:00:00Z"), first_row: 5, row_count: 3 },
    ]);
  });

  test("are none for no rows", () => {
    expect(sessionRanges(flatBars([]), xnys, "all")).toEqual([]);
  });

  test("of a prefix are the ranges of the whole, cut off", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: times.length }), fc.constantFrom("regular" as const, "all" as const), (rows, mode) => {
        const whole = sessionRanges(columns, xnys, mode).filter((range) => range.first_row < rows);
        const cut = whole.map((range) => ({ ...range, row_count: Math.min(range.row_count, rows - range.first_row) }));
        expect(sessionRanges(sliceColumns(columns, 0, rows), xnys, mode)).toEqual(cut);
      }),
    );
  });
});

describeShared("session ranges of real data", () => {
  test("the half day keeps its 210 minutes and the days around it the rest", () => {
    const columns = leanMinutes("goog", ["2015-12-23", "2015-12-24", "2015-12-28"]);
    const ranges = sessionRanges(columns, calendarById("XNAS"), "regular");
    expect(ranges.map((range) => [range.session, range.row_count])).toEqual([
      ["2015-12-23", 390],
      ["2015-12-24", 210],
      ["2015-12-28", 382],
    ]);
  });
});
