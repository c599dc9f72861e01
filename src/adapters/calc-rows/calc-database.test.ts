import { expect, test } from "vitest";
import { inserts } from "./calc-database.js";

const place = (at: number): string => `$${at}`;

test("a cell that all rows share goes to the database once per statement", () => {
  const columns = [
    { name: "a", first: 1, values: [1, 2, 3] },
    { name: "tier", first: "OTC", values: null },
    { name: "b", first: "x", values: ["x", null, "z"] },
  ];
  expect([...inserts("t", columns, 3, { place, most: 5, suffix: "ON CONFLICT DO NOTHING" })]).toEqual([
    {
      sql: 'INSERT INTO "t" ("a", "tier", "b") VALUES ($2, $1, $3), ($4, $1, $5) ON CONFLICT DO NOTHING',
      values: ["OTC", 1, "x", 2, null],
    },
    { sql: 'INSERT INTO "t" ("a", "tier", "b") VALUES ($2, $1, $3) ON CONFLICT DO NOTHING', values: ["OTC", 3, "z"] },
  ]);
});

test("rows that are all the same, and rows wider than a statement, are all inserted", () => {
  const same = [{ name: "a", first: 1, values: null }];
  const [all, ...rest] = [...inserts("t", same, 3, { place, most: 5 })];
  expect(all?.sql.trim()).toBe('INSERT INTO "t" ("a") VALUES ($1), ($1), ($1)');
  expect(rest).toEqual([]);
  const wide = ["a", "b", "c"].map((name) => ({ name, first: 1, values: [1, 2] }));
  expect([...inserts("t", wide, 2, { place, most: 2 })].map(({ values }) => values)).toEqual([
    [1, 1, 1],
    [2, 2, 2],
  ]);
  expect([...inserts("t", wide, 0, { place, most: 2 })]).toEqual([]);
});
