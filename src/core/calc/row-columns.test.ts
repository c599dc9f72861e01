import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyText, sharedKey, stampRows } from "./calculation.js";
import { type CalcRow, type CalcValue, canonicalRow, canonicalRows } from "./canonical-rows.js";
import { type RowColumn, rowColumns } from "./row-columns.js";

const cell = (): fc.Arbitrary<CalcValue> =>
  fc.oneof(
    fc.constantFrom<CalcValue>(null, true, "", "x", 'a"b', "é,\n", 7, 7n),
    fc.bigInt(),
    fc.integer(),
    fc.string({ unit: "grapheme", maxLength: 5 }),
  );

function rowsOf(columns: readonly RowColumn[], count: number): readonly CalcRow[] {
  return Array.from({ length: count }, (_, at) =>
    Object.fromEntries(columns.map(({ name, first, values }) => [name, values === null ? first : (values[at] ?? null)])),
  );
}

describe("columns of rows", () => {
  test("hold every cell of every row, whatever order a row's own columns have", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(cell(), cell(), cell(), fc.boolean()), { minLength: 1, maxLength: 20 }), (cells) => {
        const rows = cells.map(([a, b, c, turned], at): CalcRow => (turned && at > 0 ? { c, b, a } : { a, b, c }));
        const columns = rowColumns(rows) ?? [];
        expect(columns.map(({ name }) => name)).toEqual(["a", "b", "c"]);
        expect(rowsOf(columns, rows.length)).toEqual(cells.map(([a, b, c]) => ({ a, b, c })));
      }),
    );
  });

  test("a value that all rows share is kept once", () => {
    const rows = [
      { tier: "OTC", rank: 1 },
      { tier: "OTC", rank: 2 },
    ];
    expect(rowColumns(rows)).toEqual([
      { name: "tier", first: "OTC", values: null },
      { name: "rank", first: 1, values: [1, 2] },
    ]);
  });

  test("rows with different columns have none", () => {
    expect(rowColumns([{ a: 1 }, { b: 1 }])).toBeNull();
    expect(rowColumns([{ a: 1 }, { a: 1, b: 1 }])).toBeNull();
    expect(rowColumns([{ a: 1, b: 1 }, { a: 1 }])).toBeNull();
    expect(rowColumns([])).toEqual([]);
  });

  test("stamped rows have the columns that turning them gives", () => {
    const identity = { calc_name: "c", calc_version: "v1", capture_id: "x", captured_at: 5, calculated_at: 6 };
    for (const rows of [
      [
        { a: 1, b: "x" },
        { a: 2, b: "x" },
      ],
      [
        { a: 1, captured_at: 1 },
        { a: 2, captured_at: 2 },
      ],
      [],
    ] as const) {
      const stamped = stampRows(rows, identity);
      expect(rowColumns(stamped)).toEqual(rowColumns([...stamped]));
    }
  });
});

test("the texts of a set are those of its rows one by one", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(cell(), cell()), { maxLength: 20 }), (cells) => {
      const rows = cells.map(([b, a], at): CalcRow => ({ b, tier: "OTC", a, calculated_at: at, calc: "c" }));
      expect(canonicalRows(rows)).toEqual(rows.map(canonicalRow).sort());
    }),
  );
});

test("the first key that comes a second time is told, as it is when keys are compared one by one", () => {
  const few = fc.constantFrom<CalcValue>(null, "", "1", 1, 1n, "1:", "a");
  fc.assert(
    fc.property(fc.array(fc.tuple(few, few), { maxLength: 6 }), (cells) => {
      const rows = cells.map(([a, b]): CalcRow => ({ a, b, week: "w" }));
      const columns = ["a", "b", "week", "absent"];
      const seen = new Set<string>();
      let expected: string | null = null;
      for (const row of rows) {
        const key = keyText(row, columns);
        if (seen.has(key)) expected ??= key;
        seen.add(key);
      }
      expect(sharedKey(rows, columns)).toBe(expected);
    }),
  );
});
